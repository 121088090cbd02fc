"""The answer that only quotes: which sentences it takes, and how it cites them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.answering.extractive_answer import as_blocks, complementary, compose
from rag.schema import BlockKind, Document, Passage, Sentence
from rag.text import split_sentences
from tests.helpers.fakes import make_passage, make_question

FACT, EXPLAIN = "¿Cuánto dura la garantía?", "¿Cómo funciona la garantía?"
TEXTS = (
    "La garantía dura dos años. Cubre todas las piezas. Excluye averías por agua.",
    "Hay que enviar el recibo. Conviene llamar antes del martes.",
)


@dataclass(frozen=True)
class Found:
    """Passages with all their sentences as evidence, best first."""

    passages: tuple[Passage, ...]
    evidence: tuple[Sentence, ...]

    def said(self, question: str, short: bool = False, max_sentences: int = 4) -> str:
        chosen = compose(
            make_question(question), self.evidence, self.passages, short, max_sentences
        )
        return " ".join(f"{each.text} [{each.passage + 1}]" for each in chosen)

    def chosen(self, limit: int = 2) -> list[str]:
        return [each.text for each in complementary(self.evidence, self.passages, limit)]

    def shown(self) -> list[str]:
        documents = {
            index: Document("g", "g", passage.chunk.text, id=index)
            for index, passage in enumerate(self.passages, start=1)
        }
        blocks, citations = as_blocks(self.evidence, self.passages, documents.get)
        assert [block.citations for block in blocks] == [(each.number,) for each in citations]
        return [block.text for block in blocks]


def found(*texts: str, scores: Sequence[float] | None = None) -> Found:
    passages = tuple(make_passage(text, number=i) for i, text in enumerate(texts, start=1))
    sentences = [
        Sentence(index, a, b, text[a:b], 0.9)
        for index, text in enumerate(texts)
        for a, b in split_sentences(text)
    ]
    if scores is not None:
        pairs = zip(sentences, scores, strict=True)
        sentences = [replace(each, score=score) for each, score in pairs]
    return Found(passages, tuple(sorted(sentences, key=lambda each: -each.score)))


def test_without_evidence_it_says_nothing() -> None:
    assert Found((make_passage("La garantía dura dos años."),), ()).said(FACT) == ""


def test_an_answer_keeps_to_the_language_of_its_first_sentence() -> None:
    both = found("La garantía dura dos años.", "The warranty lasts two years.")
    assert both.said(EXPLAIN).count("[") == 2
    spanish, english = both.passages
    other = replace(english, chunk=replace(english.chunk, language="en"))
    mixed = replace(both, passages=(spanish, other))
    assert mixed.said(EXPLAIN) == "La garantía dura dos años. [1]"


def test_a_short_answer_needs_one_sentence() -> None:
    assert found(*TEXTS).said(FACT, short=True) == "La garantía dura dos años. [1]"


def test_a_fact_takes_two_and_an_explanation_more() -> None:
    assert found(*TEXTS).said(FACT).count("[") == 2
    assert found(*TEXTS).said(EXPLAIN).count("[") == 4
    assert found(*TEXTS).said(EXPLAIN, max_sentences=3).count("[") == 3


def test_the_best_leads_and_the_others_follow_the_text() -> None:
    assert found(*TEXTS, scores=[0.6, 0.9, 0.7, 0.65, 0.8]).said(EXPLAIN) == (
        "Cubre todas las piezas. [1] Excluye averías por agua. [1] "
        "Hay que enviar el recibo. [2] Conviene llamar antes del martes. [2]"
    )


def test_weak_sentences_are_left_out() -> None:
    expected = "La garantía dura dos años. [1] Conviene llamar antes del martes. [2]"
    assert found(*TEXTS, scores=[0.9, 0.1, 0.12, 0.1, 0.8]).said(EXPLAIN) == expected
    assert found(*TEXTS, scores=[0.9, 0.4, 0.4, 0.4, 0.8]).said(FACT) == expected


def test_an_explanation_takes_what_repeats_few_words_of_the_question() -> None:
    said = found(*TEXTS, scores=[0.9, 0.1, 0.2, 0.1, 0.8]).said(EXPLAIN)
    assert "Excluye averías por agua. [1]" in said


def test_what_is_said_twice_is_quoted_once() -> None:
    said = found(TEXTS[0], "La garantía dura siempre dos años.").said(EXPLAIN)
    assert said.count("garantía") == 1


def test_of_near_scores_the_sentence_from_elsewhere_is_taken() -> None:
    texts = ("Dura dos años. Cubre las piezas.", "Excluye el agua.")
    near = found(*texts, scores=[0.9, 0.8, 0.78])
    assert near.chosen() == ["Dura dos años.", "Excluye el agua."]
    far = found(*texts, scores=[0.9, 0.8, 0.6])
    assert far.chosen() == ["Dura dos años.", "Cubre las piezas."]


def test_of_near_scores_the_sentence_that_repeats_less_is_taken() -> None:
    text = "La garantía dura dos años. La garantía cubre las piezas. El agua queda fuera."
    assert found(text, scores=[0.9, 0.8, 0.78]).chosen() == [
        "La garantía dura dos años.",
        "El agua queda fuera.",
    ]


def test_of_equals_the_first_wins_and_nothing_is_taken_twice() -> None:
    three = found("Uno calla. Dos cantan. Tres bailan.")
    assert three.chosen(9) == ["Uno calla.", "Dos cantan.", "Tres bailan."]


# --- blocks --------------------------------------------------------------------------------------


def test_a_references_own_brackets_are_no_marks() -> None:
    shown = found("Lo demuestran Ruiz [3] y Gil [12].").shown()
    assert shown == ["Lo demuestran Ruiz (3) y Gil (12). [1]"]


def test_a_row_of_a_table_is_a_block_of_its_own_kind() -> None:
    row = found("Umbral de rechazo\t24 horas\tpor encima del 25 %")
    assert row.shown() == ["Umbral de rechazo │ 24 horas │ por encima del 25 % [1]"]
    document = Document("g", "g", row.passages[0].chunk.text, id=1)
    blocks, _ = as_blocks(row.evidence, row.passages, {1: document}.get)
    assert [block.kind for block in blocks] == [BlockKind.ROW]


def test_each_sentence_cites_its_own_place() -> None:
    twice = found("Se revisa cada mes. Uno. Se revisa cada mes.")
    document = Document("g", "g", twice.passages[0].chunk.text, id=1)
    _, citations = as_blocks(twice.evidence, twice.passages, {1: document}.get)
    places = [(each.start, each.end) for each in citations]
    assert places == [(each.start, each.end) for each in twice.evidence]


def test_what_its_document_does_not_hold_is_left_out() -> None:
    one = found("Se revisa cada mes.")
    changed = Document("g", "g", "¡Nuevo! Se revisa cada mes.", id=1)
    assert as_blocks(one.evidence, one.passages, {1: changed}.get) == ((), ())
    assert as_blocks(one.evidence, one.passages, lambda _: None) == ((), ())
