"""How the pieces of an answer are shown and cited."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rag.answering.composing import Composition, Piece
from rag.answering.extractive_answer import as_blocks, plain
from rag.schema import AnswerCell, Block, BlockKind, Cell, Document, Span
from tests.helpers.fakes import make_passage

ROW = "Partida\tGasto\nFormación\t2.950 €"


def blocks_of(text: str, *pieces: Piece, yes: bool | None = None) -> tuple[Block, ...]:
    document = Document("g", "g", text, id=1)
    composition = Composition(pieces, yes)
    blocks, citations = as_blocks(composition, [make_passage(text)], {1: document}.get, "es")
    assert [citation.quote for citation in citations] == [text[slice(*p.span)] for p in pieces]
    return blocks


def whole(text: str) -> Piece:
    return Piece(0, (0, len(text)))


def test_a_references_own_brackets_are_no_marks() -> None:
    text = "Lo demuestran Ruiz [3] y Gil [12]."
    assert blocks_of(text, whole(text))[0].text == "Lo demuestran Ruiz (3) y Gil (12). [1]"


def test_each_piece_cites_its_own_place() -> None:
    text = "Se revisa cada mes. Uno. Se revisa cada mes."
    spans: Sequence[Span] = [(0, 19), (25, 44)]
    blocks = blocks_of(text, *(Piece(0, span) for span in spans))
    assert [block.citations for block in blocks] == [(1,), (2,)]


def test_what_its_document_does_not_hold_is_left_out() -> None:
    text = "Se revisa cada mes."
    changed = Document("g", "g", f"¡Nuevo! {text}", id=1)
    composition = Composition((whole(text),))
    for get_document in ({1: changed}.get, lambda _: None):
        assert as_blocks(composition, [make_passage(text)], get_document, "es") == ((), ())


def test_a_row_keeps_its_cells_under_their_names_and_marks_the_asked_one() -> None:
    cells = (Cell(14, 23, ((0, 7),)), Cell(24, 31, ((8, 13),)))
    (block,) = blocks_of(ROW, Piece(0, (14, 31), BlockKind.ROW, cells=cells, asked=1))
    assert block.kind is BlockKind.ROW
    assert block.text == "Formación – Gasto: 2.950 € [1]"
    assert block.cells == (
        AnswerCell("Partida", "Formación"),
        AnswerCell("Gasto", "2.950 €", asked=True),
    )


def test_yes_or_no_opens_the_answer_and_cites_nothing() -> None:
    text = "Nunca se indexan."
    word, quote = blocks_of(text, whole(text), yes=False)
    assert (word.text, word.citations, word.support) == ("No.", (), None)
    assert quote.gap == "\n"
    assert blocks_of(text, whole(text), yes=True)[0].text == "Sí."


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("**Papel.** Quién responde", "Papel. Quién responde"),
        ("▶ Adelante", "Adelante"),
        ("| celda | otra |", "celda otra"),
        ("## Título", "Título"),
        ("un *énfasis* y `código`", "un énfasis y código"),
        ("2 * 3 = 6 y C# o #olivo-ops", "2 * 3 = 6 y C# o #olivo-ops"),
        ("dos\nlíneas", "dos líneas"),
    ],
)
def test_marks_of_markdown_never_reach_an_answer(written: str, shown: str) -> None:
    assert plain(written) == shown
