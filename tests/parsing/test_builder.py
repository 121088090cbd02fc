"""What the builder says of the text it collects: blocks and notes, at the right offsets."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from unittest.mock import patch

import pytest

from rag.parsing import builder as module
from rag.parsing.builder import LINE, TextBuilder, finish
from rag.parsing.sandbox.sandbox import _reading as from_json
from rag.schema import Cell, Document, DocumentBlockKind, Note, NoteKind

LIST_ITEM, ROW = DocumentBlockKind.LIST_ITEM, DocumentBlockKind.ROW


def _row(builder: TextBuilder, *cells: str) -> None:
    start = builder.append("; ".join(cells), LINE)
    spans = []
    for cell in cells:
        name, _, value = cell.partition(": ")
        spans.append(Cell(start + len(name) + 2, start + len(cell), ((start, start + len(name)),)))
        assert value
        start += len(cell) + 2
    builder.block(spans[0].headers[0][0], builder.length, ROW, cells=spans)


@pytest.fixture
def document() -> Document:
    builder = TextBuilder()
    builder.heading("Tarifas", 1)
    builder.add("Hay dos:")
    builder.add("1. La primera", LINE, LIST_ITEM, 1)
    builder.add("a) con su parte", LINE, LIST_ITEM, 2)
    _row(builder, "Plan: Básico", "Precio: 12 €")
    builder.note(NoteKind.HIDDEN_TEXT, "page 2", 3, "blanco\nsobre blanco")
    return finish(Path("a.md"), builder).document


def _words(document: Document, start: int, end: int) -> str:
    return document.text[start:end]


def test_blocks_are_where_the_text_is(document: Document) -> None:
    found = [
        (block.kind.value, block.level, _words(document, block.start, block.end))
        for block in document.blocks
    ]
    assert found == [
        ("heading", 1, "Tarifas"),
        ("list_item", 1, "1. La primera"),
        ("list_item", 2, "a) con su parte"),
        ("row", 0, "Plan: Básico; Precio: 12 €"),
    ]
    price = document.blocks[-1].cells[1]
    assert _words(document, price.start, price.end) == "12 €"
    assert [_words(document, *header) for header in price.headers] == ["Precio"]
    assert document.notes == (Note(NoteKind.HIDDEN_TEXT, "page 2", 3, "blanco sobre blanco"),)


def test_blocks_between_two_offsets(document: Document) -> None:
    start = document.text.index("primera")
    assert [block.level for block in document.blocks_between(start, start + 1)] == [1]
    end = document.text.index("con su")
    assert [block.level for block in document.blocks_between(start, end)] == [1, 2]
    lead = document.text.index("Hay dos")
    assert document.blocks_between(lead, lead + 8) == ()


def test_an_embedded_document_brings_its_blocks_and_notes(document: Document) -> None:
    builder = TextBuilder()
    builder.add("Adjunto:")
    builder.embed(document, 2)
    whole = finish(Path("b.eml"), builder).document
    assert [_words(whole, block.start, block.end) for block in whole.blocks] == [
        _words(document, block.start, block.end) for block in document.blocks
    ]
    price = whole.blocks[-1].cells[1]
    assert _words(whole, price.start, price.end) == "12 €"
    assert [_words(whole, *header) for header in price.headers] == ["Precio"]
    assert whole.notes == document.notes


def test_what_is_cut_off_is_no_block() -> None:
    builder = TextBuilder()
    with patch.object(module, "MAX_CHARACTERS", 10):
        builder.add("1. uno", LINE, LIST_ITEM, 1)
        builder.add("2. dos y más", LINE, LIST_ITEM, 1)
        builder.add("3. tres", LINE, LIST_ITEM, 1)
    assert builder.text() == "1. uno\n2. "
    assert [(block.start, block.end) for block in builder.blocks] == [(0, 6), (7, 10)]


def test_of_two_blocks_that_overlap_the_first_stays() -> None:
    builder = TextBuilder()
    builder.add("una fila larga")
    builder.block(4, 14, ROW)
    builder.block(0, 8, LIST_ITEM)
    assert [block.kind for block in builder.blocks] == [LIST_ITEM]


def test_blocks_and_notes_come_whole_out_of_the_child(document: Document) -> None:
    reading = {"document": asdict(document), "outcome": "ok", "reason": ""}
    assert from_json(reading).document == document


@pytest.mark.parametrize("fault", ["cell", "header", "overlap", "kind"])
def test_blocks_that_cannot_be_are_refused(document: Document, fault: str) -> None:
    reading = {"document": asdict(document), "outcome": "ok", "reason": ""}
    blocks = list(reading["document"]["blocks"])  # type: ignore[index]
    row = blocks[-1]
    if fault == "cell":
        row["cells"][0]["end"] = 10_000
    elif fault == "header":
        row["cells"][0]["headers"] = ((-1, 2),)
    elif fault == "overlap":
        blocks.append(row)
    else:
        row["kind"] = "poem"
    reading["document"]["blocks"] = blocks  # type: ignore[index]
    with pytest.raises(ValueError, match=r"offset|overlap|poem"):
        from_json(reading)
