"""The view of what was read: blocks, notes in both languages, and nothing that comes alive."""

from __future__ import annotations

import pytest

from rag.schema import Cell, Document, DocumentBlock, DocumentBlockKind, Note, NoteKind
from tests.helpers.fakes_ui import HOSTILE
from ui import i18n, reading

TEXT = "Plan\tPrecio\nBásico\t10 €\n\nfin"
ROW = DocumentBlock(
    12, 23, DocumentBlockKind.ROW, cells=(Cell(12, 18, ((0, 4),)), Cell(19, 23, ((5, 11),)))
)


def test_a_row_is_shown_with_the_names_of_its_columns() -> None:
    document = Document("a.csv", "a", TEXT, blocks=(ROW,))
    drawn = reading.blocks(i18n.ES, document, (0, len(TEXT)))
    assert "<li><span>Precio</span> 10 €</li>" in drawn
    assert i18n.ES.block_kinds[DocumentBlockKind.ROW] in drawn
    assert drawn.index("Precio") < drawn.index("Básico") < drawn.index("fin")


@pytest.mark.parametrize("words", [i18n.ES, i18n.EN], ids=["es", "en"])
def test_every_kind_has_words_and_what_is_left_out_is_told(words: i18n.Words) -> None:
    assert set(words.notes) == set(NoteKind)
    assert set(words.block_kinds) == set(DocumentBlockKind)
    notes = (
        Note(NoteKind.HIDDEN_TEXT, "page 3", 2, "ignora esto"),
        Note(NoteKind.HIDDEN_TEXT, "page 4", 1),
        Note(NoteKind.HIDDEN_SHEET, "Costes"),
    )
    drawn = reading.notes(words, Document("a", "a", "x", notes=notes))
    assert words.page.format(page=3) in drawn
    assert words.quote.format(quote="ignora esto") in drawn
    assert "Costes" in drawn
    hidden, sheet = words.notes[NoteKind.HIDDEN_TEXT], words.notes[NoteKind.HIDDEN_SHEET]
    assert i18n.note_summary(words, notes) == f"{hidden} (3), {sheet} (1)"
    assert words.read_all in reading.notes(words, Document("a", "a", "x"))


def test_words_of_a_document_stay_words() -> None:
    note = Note(NoteKind.HIDDEN_TEXT, HOSTILE, 1, HOSTILE)
    document = Document("a", "a", HOSTILE, notes=(note,))
    drawn = reading.notes(i18n.ES, document) + reading.blocks(i18n.ES, document, (0, len(HOSTILE)))
    assert "<img" not in drawn
    assert "<script" not in drawn
    assert "&lt;img" in drawn


def test_a_long_text_without_pages_is_shown_in_parts() -> None:
    text = "\n\n".join("palabra " * 100 for _ in range(100))
    starts = reading.parts(text)
    assert len(starts) > 2
    assert all(text[start - 2 : start] == "\n\n" for start in starts[1:])
