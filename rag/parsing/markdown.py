"""Markdown: rendered by markdown-it-py (CommonMark with tables), then read as a page."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml

from rag.parsing.builder import TextBuilder, finish
from rag.parsing.characters import decode
from rag.parsing.file import Beat, File
from rag.parsing.html import add_html
from rag.schema import ParsedDocument

_FRONT_MATTER = re.compile(
    r"\A\s*(---|\+\+\+)[ \t]*\n(.*?)\n(?:\1|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL
)
_TITLE = re.compile(r"""^title\s*[:=]\s*(["']?)(.+?)\1\s*$""", re.MULTILINE | re.IGNORECASE)


def parse_markdown(file: File, beat: Beat) -> ParsedDocument:
    """Reads a Markdown file. Raises FileProblem(NO_TEXT)."""
    text = decode(file.read_bytes()).replace("\r\n", "\n").replace("\r", "\n").rstrip("\x00")
    title = ""
    if matter := _FRONT_MATTER.match(text):
        if named := _TITLE.search(matter[2]):
            title = named[2]
        text = text[matter.end() :]
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    # A picture is shown by the words that stand for it.
    parser.add_render_rule("image", lambda self, tokens, at, *_: escapeHtml(tokens[at].content))
    beat()
    builder = TextBuilder()
    add_html(parser.render(text), builder, beat)
    return finish(file, builder, title)
