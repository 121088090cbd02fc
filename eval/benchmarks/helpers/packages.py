"""Good documents of each format that is a ZIP container, as their members, and ZIP files by hand.

For the benches that then break them. `written_by_hand` writes whatever sizes, flags and places it
is told, true or not; the standard library writes true ones only.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass

Members = dict[str, bytes]
"""Content by name."""

MAIN = {
    "docx": "word/document.xml",
    "xlsx": "xl/worksheets/sheet1.xml",
    "pptx": "ppt/slides/slide1.xml",
    "odt": "content.xml",
    "ods": "content.xml",
    "epub": "OEBPS/one.xhtml",
}
"""The member that holds the text."""

SENTENCE = "El pozo se limpia en mayo."
_OPENDOCUMENT = "application/vnd.oasis.opendocument."
_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "table")
)
_BOOK = """<package xmlns="http://www.idpf.org/2007/opf"><metadata/><manifest>
<item id="a" href="one.xhtml" media-type="application/xhtml+xml"/></manifest>
<spine><itemref idref="a"/></spine></package>"""


def packages() -> dict[str, Members]:
    """Returns a good document of each kind, with SENTENCE in it."""
    return {
        "docx": _docx(),
        "xlsx": _xlsx(),
        "pptx": _pptx(),
        "odt": _opendocument("text", f"<text:p>{SENTENCE}</text:p>"),
        "ods": _opendocument(
            "spreadsheet",
            "<table:table><table:table-row><table:table-cell>"
            f"<text:p>{SENTENCE}</text:p></table:table-cell></table:table-row></table:table>",
        ),
        "epub": _epub(),
    }


def packed(members: Members, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Returns a ZIP file as it should be."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def unpacked(data: bytes) -> Members:
    """Returns its members."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _docx() -> Members:
    import docx

    document, stream = docx.Document(), io.BytesIO()
    document.add_paragraph(SENTENCE)
    document.save(stream)
    return unpacked(stream.getvalue())


def _xlsx() -> Members:
    import openpyxl

    book, stream = openpyxl.Workbook(), io.BytesIO()
    book.active.append([SENTENCE, 40])
    book.save(stream)
    return unpacked(stream.getvalue())


def _pptx() -> Members:
    import pptx

    show, stream = pptx.Presentation(), io.BytesIO()
    slide = show.slides.add_slide(show.slide_layouts[0])
    slide.shapes.title.text = SENTENCE
    show.save(stream)
    return unpacked(stream.getvalue())


def _opendocument(kind: str, body: str) -> Members:
    content = (
        f"<office:document-content {_SPACES}><office:body><office:{kind}>{body}"
        f"</office:{kind}></office:body></office:document-content>"
    )
    return {
        "mimetype": f"{_OPENDOCUMENT}{kind}".encode(),
        "content.xml": content.encode(),
        "META-INF/manifest.xml": b"<manifest/>",
    }


def _epub() -> Members:
    container = '<c xmlns="urn:x"><rootfile full-path="OEBPS/book.opf"/></c>'
    page = f"<html><head><title>t</title></head><body><p>{SENTENCE}</p></body></html>"
    return {
        "mimetype": b"application/epub+zip",
        "META-INF/container.xml": container.encode(),
        "OEBPS/book.opf": _BOOK.encode(),
        "OEBPS/one.xhtml": page.encode(),
    }


# --- ZIP files by hand ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """One member as its headers are to say; None: as it is."""

    name: str
    data: bytes = b""
    size: int | None = None
    packed_size: int | None = None
    method: int = zipfile.ZIP_DEFLATED
    flags: int = 0
    attributes: int = 0
    copies: int = 1
    """Entries of the directory that lead to this one place."""


def written_by_hand(parts: list[Part], shift: int = 0) -> bytes:
    """Returns a ZIP file of these parts; `shift` is added to where its directory is said to be."""
    body, directory, entries = bytearray(), bytearray(), 0
    for part in parts:
        offset = len(body)
        deflated = part.data
        if part.method != zipfile.ZIP_STORED:
            packer = zlib.compressobj(1, wbits=-15)
            deflated = packer.compress(part.data) + packer.flush()
        facts = (
            zlib.crc32(part.data),
            len(deflated) if part.packed_size is None else part.packed_size,
            len(part.data) if part.size is None else part.size,
        )
        body += _local(part, facts) + deflated
        for number in range(part.copies):
            directory += _central(part, f"{part.name}{number or ''}", facts, offset)
            entries += 1
    most = min(entries, 0xFFFF)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, most, most, len(directory), len(body) + shift, 0)
    return bytes(body + directory + end)


def _local(part: Part, facts: tuple[int, int, int]) -> bytes:
    name = part.name.encode()
    head = (b"PK\3\4", 20, part.flags, part.method, 0, 33, *facts, len(name), 0)
    return struct.pack("<4s5H3L2H", *head) + name


def _central(part: Part, name: str, facts: tuple[int, int, int], offset: int) -> bytes:
    raw = name.encode()
    head = (b"PK\1\2", 788, 20, part.flags, part.method, 0, 33, *facts, len(raw), 0, 0, 0, 0)
    return struct.pack("<4s6H3L5H2L", *head, part.attributes, offset) + raw
