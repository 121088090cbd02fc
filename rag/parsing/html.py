"""HTML: visible text by blocks, headings to sections, tables as rows that explain themselves.

selectolax (lexbor) builds the tree the way browsers do; the walk keeps its own stack, so a hostile
depth costs no recursion. Knows nothing about where the page came from and loads nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from rag.parsing.builder import LINE, PARAGRAPH, TextBuilder, finish
from rag.parsing.characters import clean_line, decode
from rag.parsing.file import Beat, File
from rag.parsing.table_rows import row_lines
from rag.schema import ParsedDocument

_DROPPED = (
    "script, style, template, noscript, nav, svg, iframe, object, button, select, dialog, "
    "a[hreflang], [hidden], [aria-hidden=true], [role=navigation], [role=search]"
)
_FRAME = "footer, aside"  # of a page of the web; in a book they hold its notes
_HIDING_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_BLOCKS = frozenset(
    "address article blockquote body caption center dd details div dl dt fieldset figcaption "
    "figure form header hr legend li main menu ol p section summary table tbody td tfoot th thead "
    "tr ul".split()
)
_LIST_LIKE = frozenset({"li", "dt", "dd"})
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LAYOUT = "table table, table h1, table h2, table h3, table h4, table pre"
_MAX_CELL = 600  # characters: longer cells, or those with what is above, only arrange the page
_CHARSET = re.compile(rb"""<(?:meta|\?xml)[^>]*?(?:charset|encoding)\s*=\s*["']?([\w-]+)""", re.I)
_MAX_SPAN = 24  # rows or columns that one cell may cover
_SPACES = re.compile(r"\s+")


def parse_html(file: File, beat: Beat) -> ParsedDocument:
    """Read an HTML file. Raises FileProblem(NO_TEXT)."""
    data = file.read_bytes()
    declared = _CHARSET.search(data[:4096])
    tree = LexborHTMLParser(decode(data, declared[1].decode("ascii") if declared else ""))
    builder = TextBuilder()
    found = tree.css_first("head > title")
    title = found.text() if found is not None else ""
    beat()
    add_html(tree, builder, beat)
    return finish(file, builder, title)


def add_html(
    tree: LexborHTMLParser, builder: TextBuilder, beat: Beat | None = None, notes: bool = False
) -> None:
    """Append the visible text of a parsed page to `builder`; `notes`: what is aside as well."""
    for node in tree.css(_DROPPED if notes else f"{_DROPPED}, {_FRAME}"):
        node.decompose()
    for node in tree.css("[style]"):
        if _HIDING_STYLE.search(node.attributes.get("style") or ""):
            node.decompose()
    root = _main(tree) or tree.body
    if root is not None:
        _Walk(builder, beat or Beat()).run(root)


def _main(tree: LexborHTMLParser) -> LexborNode | None:
    """What the page itself calls its main part, if that is most of it."""
    marked = tree.css("main, [role=main]")
    if tree.body is None or not marked:
        return None
    return marked[0] if 2 * len(marked[0].text()) > len(tree.body.text()) else None


class _Walk:
    """Collects inline text until a block begins or ends, then hands it to the builder."""

    def __init__(self, builder: TextBuilder, beat: Beat) -> None:
        self._builder = builder
        self._beat = beat
        self._inline: list[str] = []
        self._after_item = False  # the last block was a list item: the next one follows closely
        self._prefix = ""
        self._numbers: list[int | None] = []  # of the open lists; None for bullets

    def run(self, root: LexborNode) -> None:
        stack: list[tuple[LexborNode, bool]] = [(root, False)]
        while stack:
            node, leaving = stack.pop()
            tag = node.tag or ""
            if leaving:
                self._leave(tag)
            elif node.is_text_node:
                self._inline.append(_SPACES.sub(" ", node.text_content or ""))
            elif tag == "br":
                self._inline.append("\n")
            elif not self._whole(node, tag):
                self._enter(node, tag)
                stack.append((node, True))
                stack.extend((child, False) for child in reversed(list(_children(node))))

    def _whole(self, node: LexborNode, tag: str) -> bool:
        """Handle elements that are taken as one; False for those to walk into."""
        if tag in _HEADINGS:
            self._flush("")
            self._builder.heading(_words(node), _HEADINGS[tag])
        elif tag == "pre":
            self._flush("")
            self._builder.code(node.text())
        elif tag == "table":
            return self._table(node)
        else:
            return False
        return True

    def _enter(self, node: LexborNode, tag: str) -> None:
        if tag not in _BLOCKS:
            return
        self._flush(tag)
        if tag in ("ol", "ul", "menu"):
            start = node.attributes.get("start") or "1"
            self._numbers.append((int(start) if start.isdigit() else 1) if tag == "ol" else None)
        elif tag == "li" and self._numbers and self._numbers[-1] is not None:
            self._prefix = f"{self._numbers[-1]}. "
            self._numbers[-1] += 1

    def _leave(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._flush(tag)
        if tag in ("ol", "ul", "menu") and self._numbers:
            self._numbers.pop()

    def _flush(self, tag: str) -> None:
        self._beat()
        text = "".join(self._inline).strip()
        self._inline.clear()
        if text:
            item = bool(self._numbers) or tag in _LIST_LIKE
            close = item and self._after_item
            self._builder.add(self._prefix + text, LINE if close else PARAGRAPH)
            self._prefix, self._after_item = "", item

    def _table(self, table: LexborNode) -> bool:
        if table.css_first(_LAYOUT) is not None:
            return False
        rows, header = _rows(table)
        if max((len(row) for row in rows), default=0) <= 1:
            return False  # one column: a frame around text
        if max(len(cell) for row in rows for cell in row) > _MAX_CELL:
            return False
        self._flush("")
        caption = table.css_first("caption")
        if caption is not None:
            self._builder.add(_words(caption))
        for index, line in enumerate(row_lines(rows, header)):
            self._builder.add(line, PARAGRAPH if index == 0 else LINE)
        self._after_item = False
        return True


def _rows(table: LexborNode) -> tuple[list[list[str]], bool | None]:
    """The cells of each row, spans filled in, and whether the first row is marked as a header."""
    rows: list[list[str]] = []
    pending: dict[int, tuple[int, str]] = {}  # column -> rows still covered from above, text
    header: bool | None = None
    for element in table.css("tr"):
        cells: list[str] = []
        tags = set()
        for cell in element.css("td, th"):
            _fill(cells, pending)
            text = _cell_text(cell)
            tags.add(cell.tag)
            down = _span(cell, "rowspan")
            for _ in range(across := _span(cell, "colspan")):
                if down > 1:
                    pending[len(cells)] = (down - 1, text if across == 1 else "")
                cells.append(text if cells[-1:] != [text] or not rows else "")
        _fill(cells, pending)
        if not rows and tags:
            header = True if tags == {"th"} else None
        if tags == {"th", "td"} and len(cells) == 2 and all(cells):  # a fact and its name
            cells = [f"{cells[0].rstrip(':')}: {cells[1]}", ""]
        rows.append(cells)
    return rows, header


def _cell_text(cell: LexborNode) -> str:
    items = [_words(item) for item in cell.css("li")]
    return ", ".join(items) if items else _words(cell)


def _words(node: LexborNode) -> str:
    """The text of an element on one line; only blocks and line breaks part words."""
    parts: list[str] = []
    for part in node.traverse(include_text=True):
        if part.is_text_node:
            parts.append(part.text_content or "")
        elif part.tag == "br" or part.tag in _BLOCKS:
            parts.append(" ")
    return clean_line("".join(parts))


def _fill(cells: list[str], pending: dict[int, tuple[int, str]]) -> None:
    while len(cells) in pending:
        left, text = pending.pop(len(cells))
        if left > 1:
            pending[len(cells)] = (left - 1, text)
        cells.append(text)


def _span(cell: LexborNode, name: str) -> int:
    value = cell.attributes.get(name) or "1"
    return max(1, min(int(value), _MAX_SPAN)) if value.isdecimal() else 1


def _children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.first_child
    while child is not None:
        if not child.is_comment_node:
            yield child
        child = child.next
