"""What stands around an offset, with stored blocks and without."""

from __future__ import annotations

from rag.answering.layout import Layout
from rag.schema import Cell, Document, DocumentBlock, DocumentBlockKind, Section

TABLE = "Mes\tGasto\nMayo\t11 €\nJunio\t9 €"
NAMED = "Clase | Nota\nClase: Alta; Nota: cara; sin IVA\nClase: Baja; Nota: barata"
LIST = "Normas\n\nHay tres. Se hace así:\n\n1. Abrir.\n\n2. Leer. Y firmar.\n\nFin."


def layout_of(text: str, *blocks: DocumentBlock, sections: tuple[Section, ...] = ()) -> Layout:
    return Layout(Document("g", "g", text, blocks=blocks, sections=sections))


def cells_of(layout: Layout, row: DocumentBlock) -> list[tuple[str, list[str]]]:
    return [
        (layout.of((cell.start, cell.end)), [layout.of(name) for name in cell.headers])
        for cell in row.cells
    ]


def test_a_list_is_found_by_its_lines_with_the_sentence_that_introduces_it() -> None:
    layout = layout_of(LIST)
    listing = layout.listing_at(LIST.index("firmar"))
    assert listing is not None
    assert listing.lead is not None
    assert layout.of(listing.lead) == "Se hace así:"
    assert [layout.of((i.start, i.end)) for i in listing.items] == [
        "1. Abrir.",
        "2. Leer. Y firmar.",
    ]
    assert layout.listing_at(LIST.index("Hay tres")) is None
    assert layout_of("1. Una sola cosa.\n\nFin.").listings == ()
    (steps,) = layout_of("Step 1: open.\nStep 2: read.\n\nStep 2 is often forgotten.").listings
    assert len(steps.items) == 2


def test_the_boxes_of_a_form_are_a_list() -> None:
    text = "Turno elegido:\n\n☐ Mañana\n\n☒ Tarde\n\nPueblo: Brihuega"
    starts = (text.index("☐"), text.index("☒"), text.index("Pueblo"))
    fields = [
        DocumentBlock(start, (text + "\n").index("\n", start), DocumentBlockKind.FIELD)
        for start in starts
    ]
    (listing,) = layout_of(text, *fields).listings
    assert text[slice(*listing.span)] == "Turno elegido:\n\n☐ Mañana\n\n☒ Tarde"


def test_rows_are_found_by_their_lines_under_the_names_of_their_columns() -> None:
    layout = layout_of(TABLE)
    (rows,) = layout.tables
    assert [row.kind for row in rows] == [
        DocumentBlockKind.HEADER_ROW,
        DocumentBlockKind.ROW,
        DocumentBlockKind.ROW,
    ]
    assert cells_of(layout, rows[1]) == [("Mayo", ["Mes"]), ("11 €", ["Gasto"])]


def test_prose_that_holds_both_marks_is_no_row() -> None:
    text = f"Norwich (locally: /i/; abroad: /o/), {'which is an old town, ' * 12}lies on a river."
    assert layout_of(text).tables == ()
    assert layout_of("locally: /i/; abroad: /o/").tables


def test_a_named_cell_may_hold_the_mark_that_parts_cells() -> None:
    layout = layout_of(NAMED)
    (rows,) = layout.tables
    assert cells_of(layout, rows[1]) == [("Alta", ["Clase"]), ("cara; sin IVA", ["Nota"])]


def test_stored_blocks_stand_and_lines_fill_what_they_leave() -> None:
    heading = DocumentBlock(0, 6, DocumentBlockKind.HEADING, 1)
    layout = layout_of(LIST, heading)
    assert layout.blocks[0] is heading
    assert len(layout.listings) == 1
    row = DocumentBlock(0, len(TABLE), DocumentBlockKind.ROW, 0, (Cell(0, 3),))
    assert layout_of(TABLE, row).blocks == (row,)


def test_a_numbered_heading_is_no_list() -> None:
    text = "1. Qué es\n\nUn texto.\n\n2. Para qué\n\nOtro."
    second = text.index("2.")
    sections = (
        Section(0, second, ("1. Qué es",)),
        Section(second, len(text), ("2. Para qué",)),
    )
    assert layout_of(text, sections=sections).listings == ()


def test_a_paragraph_ends_at_its_line() -> None:
    layout = layout_of(LIST)
    assert layout.of(layout.paragraph(LIST.index("Se hace"))) == "Hay tres. Se hace así:"
    assert layout.block_at(LIST.index("Hay")) is None
