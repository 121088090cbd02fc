"""DOCX: what Word shows, with its headings, numbers of lists, tables and notes.

The package is walked here rather than with python-docx, which opens no Strict files, fails as a
whole at one missing part, and leaves out content controls, text boxes, notes and numbers. A DOCX
has no pages until a program lays it out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rag.parsing.builder import TextBuilder, finish, unreadable
from rag.parsing.docx_body import Body
from rag.parsing.file import Beat, File
from rag.parsing.items import Item, ItemWriter
from rag.parsing.ooxml import Package, R, W, is_on
from rag.schema import NoteKind, ParsedDocument


def parse_docx(file: File, beat: Beat) -> ParsedDocument:
    """Reads a DOCX file. Raises FileProblem: unreadable or no_text."""
    with Package(file) as package:
        main, root = package.main()
        if root.find(f"{W}body") is None:
            raise unreadable(file, "it is no complete Word document")
        body = Body(package, main, beat)
        builder = TextBuilder()
        writer = ItemWriter(builder)
        writer.write_page_parts(_page_parts(package, main, root, body, "header"))
        writer.write(body.part(main, root), bold_headings=not body.has_headings(root))
        builder.open(1, "")  # the feet belong to no section
        writer.write_page_parts(_page_parts(package, main, root, body, "footer"))
        writer.left_out(NoteKind.HIDDEN_TEXT, [*body.reader.hidden, *body.notes_left()])
        writer.left_out(NoteKind.DELETED_TEXT, body.reader.deleted)
        writer.left_out(NoteKind.EMBEDDED_FILE, body.embedded)
        writer.left_out(NoteKind.PICTURE, [""] * body.pictures)
        writer.left_out(NoteKind.UNREADABLE_PART, package.unreadable_parts)
        return finish(file, builder, writer.title or package.title(), package.damages())


def _page_parts(package: Package, main: str, root: Any, body: Body, kind: str) -> Iterator[Item]:
    """What stands at the head or the foot of the pages of any section («header», «footer»)."""
    for part in dict.fromkeys(_shown_parts(package, main, root, kind)):
        node = package.xml(part)
        yield from () if node is None else body.part(part, node)


def _shown_parts(package: Package, main: str, root: Any, kind: str) -> Iterator[str]:
    """The parts of a kind that some page shows; a first page or even ones may have their own."""
    settings = package.one(main, "settings")
    even = settings is not None and is_on(settings.find(f"{W}evenAndOddHeaders"))
    for section in root.iter(f"{W}sectPr"):
        first = is_on(section.find(f"{W}titlePg"))
        for reference in section.iterfind(f"{W}{kind}Reference"):
            pages = reference.get(f"{W}type", "default")
            if pages == "default" or (first if pages == "first" else even):
                yield package.target(main, reference.get(f"{R}id"))
