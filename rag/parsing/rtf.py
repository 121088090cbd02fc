"""RTF: paragraphs, headings, list items and rows of tables; striprtf spells the text out.

striprtf gives plain text and leaves footnotes, headers and comments out. Before it runs, what it
would lose is marked with characters that no text has, and notes are moved to the end.
"""

from __future__ import annotations

import re
from typing import Any

from rag.parsing.builder import LINE, PARAGRAPH, TextBuilder, finish
from rag.parsing.characters import clean_line
from rag.parsing.file import Beat, File
from rag.parsing.table_rows import add_table
from rag.schema import DocumentBlockKind, NoteKind, ParsedDocument

_ROW, _CELL, _ROW_END, _HEADING = "\ue001", "\ue002", "\ue003", 0xE010  # private characters
_MARKS = (
    (re.compile(r"\\trowd(?![a-z])"), rf"{_ROW}\\trowd"),
    (re.compile(r"\\(?:nest)?cell(?![a-z]) ?"), _CELL),
    (re.compile(r"\\row(?![a-z]) ?"), _ROW_END),
    (re.compile(r"\\outlinelevel([0-8])(?!\d) ?"), lambda level: chr(_HEADING + int(level[1]))),
    (re.compile(r"\\pntext(?![a-z])"), ""),  # the number or bullet of an item, which is shown
    (re.compile(r"HYPERLINK"), "LINK"),  # striprtf would write out where a link leads
)
_ASIDE = "footnote|annotation|header[lrf]?|footer[lrf]?|shptxt"
_UNSEEN = {"v": NoteKind.HIDDEN_TEXT, "deleted": NoteKind.DELETED_TEXT}
_GROUP = re.compile(rf"\\[\\{{}}]|([{{}}])|\\({_ASIDE}|stylesheet|(?:v|deleted)0?)(?![a-z0-9])")
_DESTINATION = re.compile(rf"(?:\\\*)?\\(?:{_ASIDE}|v|deleted)(?![a-z0-9])")
_BOX = re.compile(
    r"\{\\field(?:(?!\\field).){0,80}?(FORMCHECKBOX)(?:(?!\\field\b).){0,600}?\\ffres(\d+)"
    r"(?:(?:(?!\\field\b).){0,80}?\\ffdefres(\d+))?",
    re.DOTALL,
)
_PREAMBLE = 50_000  # characters in which the table of fonts stands
_PRIVATE = re.compile("[\ue001-\ue003\ue010-\ue018]")
_TABLE = re.compile(rf"{_ROW}([^{_ROW_END}]*){_ROW_END}")
_LEVEL = re.compile(rf"[{chr(_HEADING)}-{chr(_HEADING + 8)}]")
_ITEM = re.compile(r"(?:[\u2022\u00b7\u25aa\u25cf\u2013-]|\(?[\w.]{1,8}[.)])\t")


def parse_rtf(file: File, beat: Beat) -> ParsedDocument:
    """Reads an RTF file. Raises FileProblem(NO_TEXT)."""
    builder = TextBuilder()
    add_rtf(builder, file.read_bytes(), beat)
    return finish(file, builder)


def add_rtf(builder: TextBuilder, data: bytes, beat: Beat) -> None:
    """Appends the text of an RTF document to `builder`."""
    body, groups = _parted(data.decode("latin-1"))
    beat()
    outer = (_spelled(text) for kind, text in groups if kind.startswith(("header", "footer")))
    for text in dict.fromkeys(outer):  # each section of a document repeats them
        _add_lines(builder, text)
    _add_blocks(builder, _spelled(body))
    for kind, text in groups:
        if kind in ("footnote", "annotation"):
            builder.add(_spelled(text), kind=DocumentBlockKind.NOTE)
        elif kind == "shptxt":
            _add_lines(builder, _spelled(text))
    for name, note in _UNSEEN.items():
        unseen = [t for kind, text in groups if kind == name and (t := _spelled(text).strip())]
        if unseen:
            builder.note(note, count=len(unseen), text=unseen[0])


def _spelled(rtf: str) -> str:
    from striprtf.striprtf import rtf_to_text

    rtf = _BOX.sub(_with_state, rtf)
    for pattern, mark in _MARKS:
        rtf = pattern.sub(mark, rtf)
    return str(rtf_to_text(rtf, errors="replace"))


def _with_state(field: re.Match[str]) -> str:
    """A check box with its state before it, which striprtf does not write."""
    state = int(field[2]) if int(field[2]) < 2 else int(field[3] or 0)  # 25: as it was at first
    return f"\\u{ord('☒' if state else '☐')}?{field[0]}"


def _parted(rtf: str) -> tuple[str, list[tuple[str, str]]]:
    """The text without what does not belong into its course, and that by kind, each as RTF."""
    head = _preamble(rtf)
    kept: list[str] = []
    groups: list[tuple[str, str]] = []
    stack: list[list[Any]] = []  # kind, its first part among the `kept`, whether it has braces

    def close() -> None:
        kind, first, _ = stack.pop()
        if kind:
            groups.append((kind, head + _DESTINATION.sub("", "".join(kept[first:])) + "}"))
            del kept[first:]

    done = 0
    for found in _GROUP.finditer(rtf):
        kept.append(rtf[done : found.start()])
        done = found.start()
        brace, word = found.groups()
        if brace == "{":
            stack.append(["", len(kept), True])
        elif brace or word in ("v0", "deleted0"):
            while stack and not stack[-1][2]:
                close()
            if brace and stack:
                kept.append("}")
                done = found.end()
                close()
        elif word in _UNSEEN and [kind for kind, *_ in stack[1:2]] != ["stylesheet"]:
            stack.append([word, len(kept), False])
        elif word and word not in _UNSEEN and len(stack) > 1 and stack[-1][2]:
            stack[-1][0] = word
    kept.append(rtf[done:])
    return "".join(kept), groups


def _preamble(rtf: str) -> str:
    """The start of a document: its code page and its fonts, by which a part is spelled out."""
    from striprtf.striprtf import font_table_group

    start = re.match(r"\{(?:\\[a-z]+-?\d*\s?)*", rtf)
    return f"{start[0] if start else '{'}{font_table_group(rtf[:_PREAMBLE])}"


def _add_blocks(builder: TextBuilder, text: str) -> None:
    """Appends paragraphs and the tables between them."""
    done = 0
    rows: list[list[str]] = []
    for found in _TABLE.finditer(text):
        if text[done : found.start()].strip():
            add_table(builder, rows)
            rows = []
            _add_lines(builder, text[done : found.start()])
        *cells, _ = re.split(_CELL, found[1])
        rows.append([clean_line(_PRIVATE.sub("", cell)) for cell in cells])
        done = found.end()
    add_table(builder, rows)
    _add_lines(builder, text[done:])


def _add_lines(builder: TextBuilder, text: str) -> None:
    item = False
    for line in text.split("\n"):
        words = _PRIVATE.sub("", line).strip()
        level = _LEVEL.match(line.lstrip())
        if not words:
            continue
        if level:
            builder.heading(words, ord(level[0]) - _HEADING + 1)
            item = False
            continue
        listed = _ITEM.match(words) is not None
        kind = DocumentBlockKind.LIST_ITEM if listed else None
        builder.add(words, LINE if listed and item else PARAGRAPH, kind, int(listed))
        item = listed
