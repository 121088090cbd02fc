"""ODT, ODS and ODP: texts with their headings, lists and notes; sheets and slides as pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rag.parsing.builder import TextBuilder, finish
from rag.parsing.characters import clean_line
from rag.parsing.file import Beat, File
from rag.parsing.items import Item, ItemWriter
from rag.parsing.odf import DRAW, PRESENTATION, STYLE, TABLE, TEXT, OpenDocument, Styles
from rag.parsing.odf_body import Body
from rag.parsing.odf_tables import table_rows
from rag.parsing.sheet_tables import add_sheet
from rag.parsing.titles import sensible_title
from rag.schema import DocumentBlockKind, NoteKind, ParsedDocument


def parse_odt(file: File, beat: Beat) -> ParsedDocument:
    """Reads an ODT file. Raises FileProblem: encrypted, bomb, unreadable or no_text."""
    with OpenDocument(file, "text") as package:
        builder = TextBuilder()
        writer = ItemWriter(builder)
        body = Body(package, package.styles, beat)
        pages = Body(package, Styles(package.named), beat)
        writer.write_page_parts(pages.items(_page_parts(package, "header")))
        headings = next(package.body.iter(f"{TEXT}h"), None) is not None
        writer.write(body.items(package.body), bold_headings=not headings)
        builder.open(1, "")  # the feet belong to no section
        writer.write_page_parts(pages.items(_page_parts(package, "footer")))
        body.hidden += pages.hidden
        _say_what_is_left_out(package, writer, body)
        return finish(file, builder, writer.title or package.title(), package.damages())


def parse_odp(file: File, beat: Beat) -> ParsedDocument:
    """Reads an ODP file. Raises FileProblem: encrypted, bomb, unreadable or no_text."""
    with OpenDocument(file, "presentation") as package:
        builder = TextBuilder()
        writer = ItemWriter(builder)
        body = Body(package, package.styles, beat)
        behind = Body(package, Styles(package.named), beat)
        for page in package.body.iterfind(f"{DRAW}page"):
            builder.page()
            titles = page.findall(f".//*[@{PRESENTATION}class='title']")
            words = " ".join(item.line for item in body.items(titles))
            builder.heading(words, 1)
            writer.write(body.items(shape for shape in page if shape not in titles))
            notes = page.findall(f"{PRESENTATION}notes/{DRAW}frame")
            for item in body.items(notes):
                builder.add(item.line, kind=DocumentBlockKind.NOTE)
            writer.write_page_parts(behind.items(_master_shapes(package, page)))
            writer.write_page_parts(_running_lines(package, page))
        _say_what_is_left_out(package, writer, body)
        title = sensible_title(package.title()) or builder.opening_heading()
        return finish(file, builder, title, package.damages())


def parse_ods(file: File, beat: Beat) -> ParsedDocument:
    """Reads an ODS file. Raises FileProblem: encrypted, bomb, unreadable or no_text."""
    with OpenDocument(file, "spreadsheet") as package:
        builder = TextBuilder()
        writer = ItemWriter(builder)
        body = Body(package, package.styles, beat)
        for table in package.body.iterfind(f"{TABLE}table"):
            name = clean_line(table.get(f"{TABLE}name", ""))
            hidden = not package.styles.is_shown("table", table.get(f"{TABLE}style-name"))
            words = " ".join(table.itertext()) if hidden else ""
            if builder.sheet(name, hidden, beat.hidden_sheets, words):
                _write_sheet(table, name, writer, body, beat)
        _say_what_is_left_out(package, writer, body)
        return finish(file, builder, package.title(), package.damages())


def _write_sheet(table: Any, name: str, writer: ItemWriter, body: Body, beat: Beat) -> None:
    notes: list[Item] = []
    hidden: list[str] = []
    add_sheet(
        writer.builder, table_rows(table, lambda cell: body.cell(cell, notes), hidden), beat, name
    )
    writer.write(body.items(table.iterfind(f"{TABLE}shapes/{DRAW}frame")))
    writer.write(notes)
    writer.left_out(NoteKind.HIDDEN_ROWS, hidden, name)


def _page_parts(package: OpenDocument, kind: str) -> Iterator[Any]:
    """The heads or feet («header», «footer») of the pages that the text uses."""
    if package.named is None:
        return
    used = {
        node.get(f"{STYLE}master-page-name")
        for root in (package.content, package.named)
        for node in root.iter(f"{STYLE}style")
    }
    masters = list(package.named.iter(f"{STYLE}master-page"))
    for master in masters:
        if master is masters[0] or master.get(f"{STYLE}name") in used:
            for place in ("", "-first", "-left"):
                for node in master.iterfind(f"{STYLE}{kind}{place}"):
                    if node.get(f"{STYLE}display") != "false":
                        yield from node


def _master_shapes(package: OpenDocument, page: Any) -> Iterator[Any]:
    """What the master of a slide shows on it besides placeholders."""
    name = page.get(f"{DRAW}master-page-name")
    for master in () if package.named is None else package.named.iter(f"{STYLE}master-page"):
        if master.get(f"{STYLE}name") == name:
            for shape in master.iterchildren(f"{DRAW}*"):
                if shape.get(f"{PRESENTATION}class") is None:
                    yield shape


def _running_lines(package: OpenDocument, page: Any) -> Iterator[Item]:
    """The head, the foot and the date that a slide takes from the list of them."""
    for kind in ("header", "footer", "date-time"):
        name = page.get(f"{PRESENTATION}use-{kind}-name")
        for node in package.body.iterfind(f"{PRESENTATION}{kind}-decl"):
            if node.get(f"{PRESENTATION}name") == name and node.text:
                yield Item(node.text)


def _say_what_is_left_out(package: OpenDocument, writer: ItemWriter, body: Body) -> None:
    deletions = package.body.iter(f"{TEXT}deletion", f"{TABLE}deletion")
    writer.left_out(NoteKind.HIDDEN_TEXT, body.hidden)
    writer.left_out(
        NoteKind.DELETED_TEXT,
        [
            " ".join("".join(p.itertext()) for p in d.iter(f"{TEXT}p", f"{TEXT}h"))
            for d in deletions
        ],
    )
    writer.left_out(NoteKind.EMBEDDED_FILE, body.embedded)
    writer.left_out(NoteKind.PICTURE, [""] * body.pictures)
    writer.left_out(NoteKind.UNREADABLE_PART, package.unreadable_parts)
