"""JSON and JSON Lines: inner record a line that names its keys; nested keys as paths.

Numbers stay as they are written. The keys of the outer objects are headings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from rag.parsing.builder import LINE, PARAGRAPH, TextBuilder, finish
from rag.parsing.characters import clean_line, clean_text, decode
from rag.parsing.file import Beat, File
from rag.parsing.titles import choose_title
from rag.parsing.txt import parse_txt
from rag.schema import Cell, DocumentBlockKind, Outcome, ParsedDocument

_LINE = re.compile(r"[^\r\n]*\S[^\r\n]*")
_LONG = 300  # characters of a value that stands on lines of its own
_MAX_LINE = 1_000  # characters after which the fields of a record go on in another line
_MAX_HEADINGS = 3
_RECORDS_A_SECTION = 200
_NEXT = "; "
_KIND = DocumentBlockKind.ROW
_TITLES = ("title", "name", "titulo", "título", "nombre")

Leaf = tuple[str, str]
"""The path of a value inside its record («author.name», «tags[2]»), and the value as text."""


def parse_json(file: File, beat: Beat) -> ParsedDocument:
    """Reads JSON or JSON Lines; what is neither is read as text. Raises FileProblem(NO_TEXT)."""
    text = decode(file.read_bytes()).lstrip("\ufeff").rstrip("\x00")
    builder = TextBuilder()
    writer = _Writer(builder, beat)
    try:
        value = _parse(text)
    except ValueError as error:
        broken = writer.lines(text)
        if broken is None:
            reading = parse_txt(file, beat)
            reason = f"it is no valid JSON ({clean_line(str(error))}): read as plain text"
            return ParsedDocument(reading.document, Outcome.PARTIAL, reason)
        lacks = [f"{broken} lines are no valid JSON"] if broken else []
        return finish(file, builder, lacks=lacks)
    writer.value(value, ())
    title = next((value[key] for key in _TITLES if key in value), "") if _is_object(value) else ""
    # Its headings are keys, of which none names the whole.
    return finish(file, builder, choose_title(file, title if isinstance(title, str) else ""))


class _Writer:
    """Writes values to the builder: outer objects as headings, records as lines."""

    def __init__(self, builder: TextBuilder, beat: Beat) -> None:
        self._builder = builder
        self._beat = beat

    def lines(self, text: str) -> int | None:
        """Writes JSON Lines; returns how many are broken, None where it is something else."""
        broken = good = 0
        for match in _LINE.finditer(text):
            if self._builder.overflow:
                break
            try:
                value = _parse(match[0])
            except ValueError:
                broken += 1
                continue
            if not isinstance(value, dict | list):
                return None
            self._record(value, good, "")
            good += 1
        return broken if good > broken else None

    def value(self, value: Any, path: tuple[str, ...]) -> None:
        """Writes what stands under a path of keys."""
        if isinstance(value, list) and any(isinstance(inner, dict | list) for inner in value):
            for number, inner in enumerate(value):
                self._record(inner, number, path[-1] if path else "")
        elif _is_object(value):
            self._object(value, path)
        else:
            self._record(value, 0, "")

    def _object(self, value: dict[str, Any], path: tuple[str, ...]) -> None:
        outer = len(path) < _MAX_HEADINGS
        nested = {key: inner for key, inner in value.items() if outer and _holds_more(inner)}
        self._record({key: inner for key, inner in value.items() if key not in nested}, 0, "")
        for key, inner in nested.items():
            self._builder.heading(key, len(path) + 1)
            self.value(inner, (*path, key))

    def _record(self, value: Any, number: int, heading: str) -> None:
        self._beat()
        lines = list(_lines(_leaves(value, "")))
        for index, line in enumerate(lines):
            close = number > 0 and len(lines) == 1
            offset = self._line(line, LINE if close or index else PARAGRAPH)
            if index == 0 and number and number % _RECORDS_A_SECTION == 0:
                self._builder.mark(offset, _MAX_HEADINGS + 1, heading)

    def _line(self, fields: list[Leaf], separator: str) -> int:
        """Appends fields side by side, a row whose cells are under their own names."""
        texts = [f"{path}: {value}" if path else value for path, value in fields]
        start = self._builder.append(_NEXT.join(texts), separator)
        at = start
        cells = []
        for (path, value), text in zip(fields, texts, strict=True):
            end = at + len(text)
            cells.append(Cell(end - len(value), end, ((at, at + len(path)),) if path else ()))
            at = end + len(_NEXT)
        end = self._builder.length
        self._builder.block(start, end, _KIND, cells=cells)
        return start


def _parse(text: str) -> Any:
    return json.loads(text, parse_int=str, parse_float=str)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _holds_more(value: Any) -> bool:
    """Tells whether it is an object or a list of such, that deserves a heading."""
    if isinstance(value, list):
        return any(isinstance(inner, dict | list) for inner in value)
    return _is_object(value) and bool(value)


def _leaves(value: Any, path: str) -> Iterator[Leaf]:
    if isinstance(value, dict):
        for key, inner in value.items():
            name = clean_line(key)
            yield from _leaves(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and any(isinstance(inner, dict | list) for inner in value):
        for number, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{number}]")
    elif isinstance(value, list):
        yield path, ", ".join(filter(None, map(_text, value)))
    else:
        yield path, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else clean_text(str(value))


def _lines(leaves: Iterator[Leaf]) -> Iterator[list[Leaf]]:
    """Fields that stand side by side; a long value, or one of several lines, stands alone."""
    line: list[Leaf] = []
    length = 0
    for path, value in leaves:
        if not value.strip():
            continue
        alone = len(value) > _LONG or "\n" in value
        if line and (alone or length + len(path) + len(value) > _MAX_LINE):
            yield line
            line, length = [], 0
        if alone:
            yield [(path, value)]
        else:
            line.append((path, value))
            length += len(path) + len(value)
    if line:
        yield line
