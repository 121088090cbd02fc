"""EPUB: the chapters in the order of the spine, each read as the web page that it is.

The files of a book are cut by size as often as by chapter, so they are no pages; a chapter without
a heading of its own gets its name from the table of contents.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
import zipfile
from typing import Any
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser

from rag.parsing.archive import open_archive, parse_xml
from rag.parsing.builder import TextBuilder, encrypted, finish, unreadable
from rag.parsing.characters import clean_line, decode
from rag.parsing.file import Beat, File
from rag.parsing.html import add_html
from rag.schema import ParsedDocument

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_NCX = "application/x-dtbncx+xml"
_PAGES = frozenset({"application/xhtml+xml", "text/html", "application/x-dtbook+xml"})
# Browsers that read XHTML as HTML take the rest of the file for the content of such an element.
_CLOSED = re.compile(r"<(title|script|style|textarea|iframe|noscript)\b([^<>]*)/>", re.IGNORECASE)


def parse_epub(file: File, beat: Beat) -> ParsedDocument:
    """Reads an EPUB file. Raises FileProblem: encrypted, bomb, unreadable or no_text."""
    from lxml import etree

    with open_archive(file) as archive:
        try:
            book = _Book(file, archive)
        except (KeyError, etree.XMLSyntaxError, StopIteration) as error:
            raise unreadable(file, "it is no complete EPUB book") from error
        builder = TextBuilder()
        missing = []
        members = frozenset(archive.namelist())
        for name in book.chapters:
            beat()
            if name not in members:
                missing.append(name)
            elif name in book.locked:
                raise encrypted(file)
            else:
                _add_chapter(builder, archive.read(name), book.names.get(name, ""), beat)
        lacks = [f"{len(missing)} chapters are missing"] if missing else []
        return finish(file, builder, book.title, lacks)


def _add_chapter(builder: TextBuilder, data: bytes, name: str, beat: Beat) -> None:
    markup = _page(data)
    if name and LexborHTMLParser(markup).css_first("h1, h2, h3, h4, h5, h6") is None:
        builder.open(1, name)
    add_html(markup, builder, beat)


class _Book:
    """What the package file says: title, chapters in order, their names, which are locked."""

    def __init__(self, file: File, archive: zipfile.ZipFile) -> None:
        self._file = file
        self._archive = archive
        self._members = frozenset(archive.namelist())
        self._spelled = {_spelling(name): name for name in archive.namelist()}
        container = self._xml(_CONTAINER)
        self._package = self._member(next(_all(container, "rootfile")).get("full-path", ""), "")
        root = self._xml(self._package)
        self.title = next((element.text or "" for element in _all(root, "title")), "")
        items = {item.get("id"): item for item in _all(root, "item")}
        order = [reference.get("idref") for reference in _all(root, "itemref")]
        spine = [items[name] for name in order if name in items]
        self.chapters = [
            self._member(item.get("href", ""), self._package)
            for item in spine
            if item.get("media-type") in _PAGES and "nav" not in item.get("properties", "").split()
        ]
        self.names = self._names(items.values())
        self.locked = self._locked()

    def _xml(self, name: str) -> Any:
        return parse_xml(self._file, self._archive.read(name))

    def _member(self, target: str, base: str) -> str:
        """Returns the member that a link in the member `base` leads to.

        Links are percent-encoded; some programs encode the names of the members as well, or write
        accents in another form.
        """
        raw = posixpath.join(posixpath.dirname(base), target.split("#")[0])
        plain = posixpath.normpath(unquote(raw))
        for name in (plain, posixpath.normpath(raw)):
            if name in self._members:
                return name
        return self._spelled.get(_spelling(plain), plain)

    def _names(self, items: Any) -> dict[str, str]:
        """The entry of the table of contents that leads to the start of each chapter."""
        names: dict[str, str] = {}
        for item in items:
            member = self._member(item.get("href", ""), self._package)
            if member not in self._members:
                continue
            if "nav" in item.get("properties", "").split():
                links = LexborHTMLParser(_page(self._archive.read(member))).css("nav a[href]")
                entries = [(link.attributes["href"] or "", link.text()) for link in links]
            elif item.get("media-type") == _NCX:
                entries = [_ncx_entry(point) for point in _all(self._xml(member), "navPoint")]
            else:
                continue
            for target, words in entries:
                names.setdefault(self._member(target, member), clean_line(words))
        return names

    def _locked(self) -> set[str]:
        """Members that a shop has encrypted; fonts often are in books that can be read."""
        if _ENCRYPTION not in self._members:
            return set()
        links = _all(self._xml(_ENCRYPTION), "CipherReference")
        return {self._member(link.get("URI", ""), "") for link in links}


def _page(data: bytes) -> str:
    return _CLOSED.sub(r"<\1\2></\1>", decode(data))


def _spelling(name: str) -> str:
    """A name without what programs write in several ways: percent signs, forms of accents, case."""
    return unicodedata.normalize("NFC", unquote(name)).casefold()


def _ncx_entry(point: Any) -> tuple[str, str]:
    target = next((link.get("src", "") for link in _all(point, "content")), "")
    return target, next((element.text or "" for element in _all(point, "text")), "")


def _all(root: Any, name: str) -> Any:
    """All elements below `root` of that name, whatever their namespace."""
    return root.iter(f"{{*}}{name}")
