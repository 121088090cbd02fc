"""Read one corpus source: its front matter and its Markdown, as a short list of plain blocks.

It leans on markdown-it-py for the grammar and only narrows the result to the few block kinds the
renderers draw. It knows nothing about PDF, Word or HTML.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

FORMATS = ("pdf", "docx", "html", "md")
LANGUAGES = ("es", "en")
PAGE_BREAK = "\\newpage"
FIGURE_SCHEME = "figure:"


@dataclass(frozen=True)
class Span:
    """A run of text that shares one set of styles."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False


Inline = tuple[Span, ...]


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is the document's title."""

    level: int
    content: Inline


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of running text."""

    content: Inline


@dataclass(frozen=True)
class ItemList:
    """A flat list, numbered or bulleted."""

    ordered: bool
    items: tuple[Inline, ...]


@dataclass(frozen=True)
class Table:
    """A table with one header row; `right_aligned` says which columns hold numbers."""

    header: tuple[Inline, ...]
    rows: tuple[tuple[Inline, ...], ...]
    right_aligned: tuple[bool, ...]


@dataclass(frozen=True)
class Code:
    """A block of text shown as it stands, in a fixed-width face."""

    text: str


@dataclass(frozen=True)
class Figure:
    """A drawing, by its name in the language's figures, and its caption."""

    name: str
    caption: str


@dataclass(frozen=True)
class PageBreak:
    """A new page, where the format has pages."""


Block = Heading | Paragraph | ItemList | Table | Code | Figure | PageBreak


@dataclass(frozen=True)
class Source:
    """One source file: what the front matter says, and its Markdown body."""

    path: Path
    title: str
    language: str
    format: str
    topic: str
    body: str

    @property
    def blocks(self) -> list[Block]:
        """The body as blocks, parsed anew on each call."""
        return parse_blocks(self.body)


def plain(content: Inline) -> str:
    """The text of a line without its styles."""
    return "".join(span.text for span in content)


def read_source(path: Path) -> Source:
    """One source file, its front matter checked."""
    _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
    pairs = (line.partition(":") for line in head.splitlines() if line.strip())
    fields = {key.strip(): value.strip().strip('"') for key, _, value in pairs}
    missing = {"title", "language", "format", "topic"} - fields.keys()
    if missing:
        raise ValueError(f"{path}: the front matter lacks {', '.join(sorted(missing))}")
    if fields["format"] not in FORMATS or fields["language"] not in LANGUAGES:
        raise ValueError(f"{path}: format is one of {FORMATS} and language one of {LANGUAGES}")
    return Source(
        path, fields["title"], fields["language"], fields["format"], fields["topic"], body.lstrip()
    )


def parse_blocks(text: str) -> list[Block]:
    """The blocks of a Markdown text; a construct no renderer draws is an error."""
    parser = MarkdownIt("commonmark").enable("table")
    return [_block(node) for node in SyntaxTreeNode(parser.parse(text)).children]


def _block(node: SyntaxTreeNode) -> Block:
    if node.type == "heading":
        return Heading(int(node.tag[1]), _inline(node))
    if node.type == "paragraph":
        return _paragraph(node)
    if node.type in ("bullet_list", "ordered_list"):
        return ItemList(node.type == "ordered_list", tuple(_item(item) for item in node.children))
    if node.type == "table":
        return _table(node)
    if node.type == "fence":
        return Code(node.content.rstrip("\n"))
    raise ValueError(f"no renderer draws a {node.type!r} block: {node.pretty()}")


def _paragraph(node: SyntaxTreeNode) -> Block:
    inline = node.children[0]
    if inline.content.strip() == PAGE_BREAK:
        return PageBreak()
    image = inline.children[0]
    if len(inline.children) == 1 and image.type == "image":
        return Figure(str(image.attrs["src"]).removeprefix(FIGURE_SCHEME), image.content)
    return Paragraph(_inline(node))


def _item(node: SyntaxTreeNode) -> Inline:
    if [child.type for child in node.children] != ["paragraph"]:
        raise ValueError(f"a list item is one paragraph, with no list inside: {node.pretty()}")
    return _inline(node.children[0])


def _table(node: SyntaxTreeNode) -> Table:
    head = node.children[0].children[0]
    body = node.children[1].children if len(node.children) > 1 else []
    right = tuple("right" in str(cell.attrs.get("style", "")) for cell in head.children)
    rows = tuple(tuple(_inline(cell) for cell in row.children) for row in body)
    return Table(tuple(_inline(cell) for cell in head.children), rows, right)


def _inline(node: SyntaxTreeNode) -> Inline:
    """The spans of a block that holds one inline node (a cell left empty holds none)."""
    spans: list[Span] = []
    for inline in node.children:
        for child in inline.children:
            spans.extend(_spans(child, Span("")))
    return tuple(spans)


def _spans(node: SyntaxTreeNode, style: Span) -> list[Span]:
    if node.type == "text":
        return [replace(style, text=node.content)]
    if node.type == "code_inline":
        return [replace(style, text=node.content, code=True)]
    if node.type in ("softbreak", "hardbreak"):
        return [replace(style, text=" ")]
    if node.type == "strong":
        style = replace(style, bold=True)
    elif node.type == "em":
        style = replace(style, italic=True)
    else:
        raise ValueError(f"no renderer draws {node.type!r} inside a line")
    return [span for child in node.children for span in _spans(child, style)]
