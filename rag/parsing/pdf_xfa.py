"""The words of forms that a PDF holds as XFA, which only few programs draw: labels with values.

The pages of such a file say no more than «Please wait». The template has the labels and the fixed
text, the data set what was filled in.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from typing import Any

import pypdfium2.raw as pdfium

from rag.parsing.archive import parse_xml
from rag.parsing.characters import clean_line
from rag.parsing.file import File
from rag.parsing.pdf_fields import CHECKED, UNCHECKED

_MAX_PACKET = 20_000_000  # bytes


def xfa_texts(file: File, document: Any) -> list[str]:
    """Returns the fixed texts and the «label: value» of a pdfium document's form, in order.

    Raises FileProblem(BOMB) for a form that declares entities.
    """
    from lxml import etree

    if document.get_formtype() != pdfium.FORMTYPE_XFA_FULL:
        return []
    packets = dict(_packets(document))
    try:
        template, data = (
            parse_xml(file, packets[name]) if packets.get(name) else None
            for name in ("template", "datasets")
        )
    except etree.XMLSyntaxError:
        return []
    return list(_texts(template, _values(data)))


def _packets(document: Any) -> Iterator[tuple[str, bytes]]:
    for index in range(max(pdfium.FPDF_GetXFAPacketCount(document), 0)):
        name = _bytes(pdfium.FPDF_GetXFAPacketName, document, index)
        yield (
            name.rstrip(b"\0").decode("latin-1"),
            _bytes(pdfium.FPDF_GetXFAPacketContent, document, index),
        )


def _bytes(get: Callable[..., int], document: Any, index: int) -> bytes:
    """What a function of pdfium writes into a buffer; it returns the length, or tells it."""
    told = ctypes.c_ulong()
    tells = [told] if get is pdfium.FPDF_GetXFAPacketContent else []
    length = get(document, index, None, 0, *tells)
    length = min(told.value if tells else length, _MAX_PACKET)
    buffer = ctypes.create_string_buffer(length)
    get(document, index, buffer, length, *tells)
    return buffer.raw


def _values(data: Any) -> dict[str, list[str]]:
    """What was filled in, by the names of the fields; a name may come several times."""
    values: dict[str, list[str]] = {}
    for node in () if data is None else data.iter("*"):
        if not len(node) and (words := clean_line(node.text or "")):
            values.setdefault(_name(node.tag), []).append(words)
    return values


def _texts(template: Any, values: dict[str, list[str]]) -> Iterator[str]:
    for node in () if template is None else template.iter("{*}draw", "{*}field"):
        if node.get("presence") in ("hidden", "invisible"):
            continue
        words = _words(node.find("{*}value"))
        if _name(node.tag) == "draw":
            yield from [words] if words else []
            continue
        label = _words(node.find("{*}caption")) or node.get("name", "")
        filled = values.get(node.get("name", ""), [])
        words = filled.pop(0) if filled else words
        if node.find("{*}ui/{*}checkButton") is not None:
            on = node.findtext("{*}items/{*}*")
            yield f"{CHECKED if words and words == (on or '1') else UNCHECKED} {label}"
        elif words:
            yield f"{label.rstrip(': ')}: {words}"
    yield from (f"{name}: {words}" for name, left in values.items() for words in left)


def _words(node: Any) -> str:
    return "" if node is None else clean_line(" ".join(node.itertext()))


def _name(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]
