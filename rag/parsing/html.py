"""HTML: the text that a page shows, by blocks: headings, lists with their numbers, forms, tables.

selectolax (lexbor) builds the tree the way browsers do; the walk keeps its own stack, so a hostile
depth costs no recursion. Nothing is loaded. Menus are left out and noted, and so is what is hidden.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from selectolax.lexbor import LexborNode

from rag.parsing.builder import LINE, PARAGRAPH, TextBuilder, finish
from rag.parsing.characters import clean_line, decode
from rag.parsing.drawings import alternative_text
from rag.parsing.file import Beat, File
from rag.parsing.html_hidden import visible_page
from rag.parsing.html_parts import (
    BLOCKS,
    EDGES,
    children_of,
    edge_words,
    is_contents,
    leave_out,
    outermost,
    roots,
    words_of,
)
from rag.parsing.html_site import earlier_pages
from rag.parsing.html_tables import add_html_table
from rag.parsing.numerals import numeral
from rag.schema import DocumentBlockKind, NoteKind, ParsedDocument

_SILENT = "script, style, template, noscript, iframe, object, dialog:not([open])"
_MENUS = "nav, [role=navigation], [role=search], a[hreflang]"
_STRUCK = "del, s, strike"
_LISTS = frozenset({"ol", "ul", "menu"})
_STYLES = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_CONTENT = frozenset({"article", "main", "section", "blockquote"})
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_KINDS = {"figcaption": DocumentBlockKind.CAPTION, "caption": DocumentBlockKind.TABLE_TITLE}
_BOXED = frozenset({"button", "progress", "meter", "output"})  # parted from the words around
_NO_VALUE = frozenset({"hidden", "submit", "button", "reset", "image", "password", "file"})
_MARKS = {True: "☒", False: "☐"}
_BOXES = " ☒☐"
_CHARSET = re.compile(rb"""<(?:meta|\?xml)[^>]*?(?:charset|encoding)\s*=\s*["']?([\w-]+)""", re.I)
_TELLING = 2  # spaces in the text of a picture that says more than its name
_SPACES = re.compile(r"\s+")


def parse_html(file: File, beat: Beat) -> ParsedDocument:
    """Reads an HTML file. Raises FileProblem(NO_TEXT)."""
    data = file.read_bytes()
    declared = _CHARSET.search(data[:4096])
    builder = TextBuilder()
    markup = decode(data, declared[1].decode("ascii") if declared else "")
    shared = {words for page in earlier_pages(file) for words in edge_words(page)}
    return finish(file, builder, add_html(markup, builder, beat, shared))


def add_html(
    markup: str,
    builder: TextBuilder,
    beat: Beat | None = None,
    shared: Collection[str] = (),
) -> str:
    """Appends the text that a page shows to `builder`; returns the title that its head has.

    Edges of the page (header, footer, aside) with `shared` words are left out and noted.
    """
    tree, hidden = visible_page(markup)
    if hidden:
        builder.note(NoteKind.HIDDEN_TEXT, count=len(hidden), text=max(hidden, key=len))
    named = tree.css_first("head > title")
    title = named.text() if named is not None else ""
    for node in outermost(tree, _SILENT):
        node.decompose()
    leave_out(tree, _MENUS, builder, "menu", lambda menu: not is_contents(menu))
    struck = [words for node in outermost(tree, _STRUCK) if (words := _taken(node))]
    if struck:
        builder.note(NoteKind.DELETED_TEXT, count=len(struck), text=struck[0])
    edges = ", ".join(EDGES)
    leave_out(tree, edges, builder, "edge of the page", lambda edge: words_of(edge) in shared)
    walk = _Walk(builder, beat or Beat())
    beside: list[str] = []
    for root in roots(tree, beside):
        walk.run(root)
    if beside:
        builder.note(NoteKind.REPEATED, "around the main part", len(beside), beside[0])
    return title


class _Walk:
    """Collects inline text until a block begins or ends, then hands it to the builder."""

    def __init__(self, builder: TextBuilder, beat: Beat) -> None:
        self._builder = builder
        self._beat = beat
        self._inline: list[str] = []
        self._open: list[str] = []  # the blocks that the inline text lies in
        self._lists: list[tuple[str, int] | None] = []  # style and next number; None for bullets
        self._item = ""  # the mark of the list item that begins; " " for a bullet, which is no text
        self._term = ""  # what the next definitions are of
        self._due = False  # it is still to be written
        self._field = False  # the inline text holds the value of a form
        self._filled = 0  # parts of the inline text, up to the last value
        self._close = False  # the next block of a list follows closely

    def run(self, root: LexborNode) -> None:
        """Appends the text of an element."""
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
                stack.extend((child, False) for child in reversed(list(children_of(node))))

    def _whole(self, node: LexborNode, tag: str) -> bool:
        """Handles elements that are taken as one; False for those to walk into."""
        if tag in _HEADINGS:
            self._flush()
            self._builder.heading(words_of(node), _HEADINGS[tag])
        elif tag == "svg":  # of a drawing, what is written in it
            words = filter(None, (clean_line(text.text()) for text in node.css("text")))
            self._builder.add(" ".join(words), kind=DocumentBlockKind.CAPTION)
        elif tag == "img":
            shown = alternative_text(node.attributes.get("alt") or "")
            if shown.count(" ") >= _TELLING:
                self._flush()
                self._builder.add(shown, kind=DocumentBlockKind.CAPTION)
        elif tag == "pre":
            self._flush()
            self._builder.code(node.text())
        elif tag in ("input", "select", "textarea"):
            self._control(node, tag)
        elif tag == "table":
            self._flush()
            if not add_html_table(self._builder, node, words_of):
                return False
            self._close = False
        else:
            return False
        return True

    def _control(self, node: LexborNode, tag: str) -> None:
        """Adds what a control of a form shows behind the label before it."""
        kind = (node.attributes.get("type") or "text").lower()
        if tag == "input" and kind in ("checkbox", "radio"):
            self._inline.append(f" {_MARKS['checked' in node.attributes]} ")
            self._field = True
            return
        value = _value(node, tag) if kind not in _NO_VALUE else ""
        if value:
            if self._field:  # what comes after the last value is the label of this one
                following = self._inline[self._filled :]
                del self._inline[self._filled :]
                self._flush()
                self._inline = following
            label = "".join(self._inline).strip()
            self._inline = [label, "" if not label else " " if label.endswith(":") else ": ", value]
            self._field = True
        self._filled = len(self._inline)
        self._inline.append(" ")

    def _enter(self, node: LexborNode, tag: str) -> None:
        if tag == "label" and self._field:
            self._flush()
        if tag in _BOXED:
            self._inline.append(" ")
        if tag not in BLOCKS:
            return
        self._flush()
        if tag == "footer" and not _CONTENT.intersection(self._open):
            self._builder.open(1, "")  # it is under no heading of the page
        self._open.append(tag)
        self._due = self._due or (tag == "dd" and bool(self._term))
        attributes = node.attributes
        if tag in _LISTS:
            start = _number(attributes.get("start"), 1)
            self._lists.append((attributes.get("type") or "1", start) if tag == "ol" else None)
        elif tag == "li":
            numbered = self._lists[-1] if self._lists else None
            self._item = " "
            if numbered is not None:
                number = _number(attributes.get("value"), numbered[1])
                self._item = f"{numeral(number, _STYLES.get(numbered[0], numbered[0]))}. "
                self._lists[-1] = (numbered[0], number + 1)

    def _leave(self, tag: str) -> None:
        if tag in _BOXED:
            self._inline.append(" ")
        if tag == "label" and self._field:
            self._flush()
        if tag not in BLOCKS:
            return
        self._flush()
        if tag == "dl":
            self._end_term()
        self._open.pop()
        if tag in _LISTS:
            self._lists.pop()

    def _end_term(self) -> None:
        """Appends a term that has no definition."""
        term, self._term = self._term, ""
        if self._due:
            self._due = False
            self._inline.append(term)
            self._flush()

    def _flush(self) -> None:
        """Appends the inline text as the block that it is in."""
        self._beat()
        text = "".join(self._inline).strip()
        self._inline.clear()
        inside = self._open[-1] if self._open else ""
        if not text.strip(_BOXES):
            return
        if inside == "dt":
            self._term = f"{self._term} / {text}" if self._due else text
            self._due = True
            return
        listed = bool(self._lists) or "dl" in self._open
        kind = _KINDS.get(inside)
        if self._field or self._due:
            kind = DocumentBlockKind.FIELD
        elif self._item:
            kind = DocumentBlockKind.LIST_ITEM
        term = f"{self._term.rstrip(': ')}: " if self._due else ""
        level = len(self._lists) if kind is DocumentBlockKind.LIST_ITEM else 0
        separator = LINE if listed and self._close else PARAGRAPH
        self._builder.add(self._item.lstrip() + term + text, separator, kind, level)
        self._item, self._field, self._close, self._due = "", False, listed, False
        self._filled = 0


def _taken(node: LexborNode) -> str:
    """The words of an element, which is taken out of the page."""
    words = words_of(node)
    node.decompose()
    return words


def _number(value: str | None, otherwise: int) -> int:
    return int(value) if value and value.isdecimal() and len(value) < 9 else otherwise


def _value(node: LexborNode, tag: str) -> str:
    """What a control shows: the text typed, or the option chosen."""
    if tag == "input":
        return clean_line(node.attributes.get("value") or "")
    if tag == "textarea":
        return clean_line(node.text())
    chosen = node.css("option[selected]") or node.css("option")[:1]
    return ", ".join(clean_line(option.text()) for option in chosen)
