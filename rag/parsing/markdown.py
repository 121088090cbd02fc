"""Markdown: markup removed, headings to sections, tables as rows that explain themselves.

markdown-it-py parses CommonMark with tables; what is written here is the clean text that a
person sees.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag.parsing.builder import LINE, PARAGRAPH, TextBuilder, finish
from rag.parsing.characters import decode
from rag.parsing.file import Beat, File
from rag.parsing.html import add_html
from rag.parsing.table_rows import row_lines
from rag.schema import ParsedDocument

_FRONT_MATTER = re.compile(
    r"\A\s*(---|\+\+\+)[ \t]*\n(.*?)\n(?:\1|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL
)
_TITLE = re.compile(r"""^title\s*[:=]\s*(["']?)(.+?)\1\s*$""", re.MULTILINE | re.IGNORECASE)


def parse_markdown(file: File, beat: Beat) -> ParsedDocument:
    """Read a Markdown file. Raises FileProblem(NO_TEXT)."""
    text = decode(file.read_bytes()).replace("\r\n", "\n").replace("\r", "\n")
    title = ""
    if matter := _FRONT_MATTER.match(text):
        if named := _TITLE.search(matter[2]):
            title = named[2]
        text = text[matter.end() :]
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    beat()
    builder = TextBuilder()
    _Writer(builder).write(parser.parse(text))
    return finish(file, builder, title)


class _Writer:
    """Walks the flat list of block tokens."""

    def __init__(self, builder: TextBuilder) -> None:
        self._builder = builder
        self._heading = 0
        self._numbers: list[int | None] = []  # of the open lists; None for bullets
        self._prefix = ""
        self._after_item = False
        self._rows: list[list[str]] | None = None

    def write(self, tokens: list[Token]) -> None:
        for token in tokens:
            if token.type == "inline":
                self._inline(token)
            elif token.type in ("fence", "code_block"):
                self._builder.code(token.content)
                self._after_item = False
            elif token.type == "html_block":
                add_html(token.content, self._builder)
            else:
                self._structure(token)

    def _structure(self, token: Token) -> None:
        kind = token.type
        if kind == "heading_open":
            self._heading = int(token.tag[1])
        elif kind in ("ordered_list_open", "bullet_list_open"):
            start = int(token.attrs.get("start", 1))
            self._numbers.append(start if kind.startswith("ordered") else None)
        elif kind in ("ordered_list_close", "bullet_list_close"):
            self._numbers.pop()
        elif kind == "list_item_open" and self._numbers and self._numbers[-1] is not None:
            self._prefix = f"{self._numbers[-1]}. "
            self._numbers[-1] += 1
        elif kind == "table_open":
            self._rows = []
        elif kind == "tr_open" and self._rows is not None:
            self._rows.append([])
        elif kind == "table_close":
            self._table()

    def _inline(self, token: Token) -> None:
        text = _words(token.children or [])
        if self._rows is not None:
            self._rows[-1].append(" ".join(text.split()))
        elif self._heading:
            self._builder.heading(text, self._heading)
            self._heading, self._after_item = 0, False
        elif text.strip():
            item = bool(self._numbers)
            close = item and self._after_item
            self._builder.add(self._prefix + text, LINE if close else PARAGRAPH)
            self._prefix, self._after_item = "", item

    def _table(self) -> None:
        for index, line in enumerate(row_lines(self._rows or [], header=True)):
            self._builder.add(line, PARAGRAPH if index == 0 else LINE)
        self._rows, self._after_item = None, False


def _words(children: list[Token]) -> str:
    parts: list[str] = []
    for child in children:
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type == "softbreak":
            parts.append(" ")
        elif child.type == "hardbreak":
            parts.append("\n")
        elif child.type == "image":
            parts.append(_words(child.children or []))
        elif child.type == "html_inline" and child.content.lower().startswith("<br"):
            parts.append("\n")
    return "".join(parts)
