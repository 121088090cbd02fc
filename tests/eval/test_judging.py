"""What one answer is worth, metric by metric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from eval import facts, judging
from eval.datasets import Evidence, Question
from rag.schema import Answer, Passage
from tests.helpers.fakes import make_block
from tests.helpers.judged import GUIDE, WITHHELD, answered, cite, passage, question


def judge(
    asked: Question, passages: Sequence[Passage], answer: Answer
) -> Mapping[str, float | None]:
    values = judging.judge(asked, passages, answer, 0.5)
    assert tuple(values) == judging.NAMES
    return values


def test_a_perfect_answer_scores_one_everywhere() -> None:
    right = passage("guia.pdf", GUIDE, page=2)
    values = judge(
        question("1"), [right], answered("Ana Ruiz [1].", "Ana Ruiz", [cite(right, GUIDE)])
    )
    nothing = {"abstention_precision", "abstention_recall", "latency", *facts.NAMES}
    ones = set(judging.NAMES) - nothing
    assert {name for name, value in values.items() if value == 1.0} == ones
    assert values["latency"] == 0.5
    assert values["abstention_precision"] is values["abstention_recall"] is None


def test_em_and_f1_take_the_short_answer_and_else_the_text_without_marks() -> None:
    long = "Lo diseñó Ana Ruiz [1], en 1910 [2, 3]."
    short = judge(question("1"), [], answered(long, "Ana Ruiz"))
    assert short["em"] == short["f1"] == short["f1_short"] == 1.0
    text = judge(question("1"), [], answered(long, None))
    assert text["em"] == 0.0
    assert text["f1"] == text["f1_short"] == text["f1_text"] == short["f1_text"]
    assert text["f1_text"] == pytest.approx(2 * 2 / (2 + 5))  # «lo» is an article


def test_a_withheld_answer_scores_nothing_even_if_its_text_is_right() -> None:
    right = passage("es/guia.pdf", GUIDE, page=2)
    values = judge(
        question("1"),
        [right],
        replace(WITHHELD, blocks=(make_block("Ana Ruiz"),), citations=(cite(right, GUIDE),)),
    )
    assert values["em"] == values["f1"] == values["f1_text"] == 0.0
    assert values["citation_recall"] == 0.0
    assert values["citation_precision"] is values["right_document_cited"] is None
    assert values["abstention_precision"] == 0.0
    assert values["answered"] == 0.0
    assert values["recall@1"] == 1.0  # the search did find it


@pytest.mark.parametrize(("answer", "right"), [(WITHHELD, 1.0), (answered("Sí."), 0.0)])
def test_unanswerable_is_right_exactly_when_withheld(answer: Answer, right: float) -> None:
    asked = question("1", answers=(), evidence=(), unanswerable=True)
    values = judge(asked, [passage("x", "y")], answer)
    assert values["em"] == values["f1"] == values["abstention_recall"] == right
    assert values["abstention_precision"] == (1.0 if right else None)
    assert values["recall@1"] is values["f1_short"] is values["citation_precision"] is None


@pytest.mark.parametrize(
    ("path", "page", "quote", "right"),
    [
        ("docs/es/guia.pdf", 2, "Lo diseñó Ana Ruiz.", 1.0),
        ("es/guia.pdf", 2, "fue ana  ruiz quien", 1.0),  # holds a gold answer
        ("es/guia.pdf", 2, "El puente se abrió en 1910.", 0.0),  # bears on something else
        ("es/guia.pdf", 3, "Lo diseñó Ana Ruiz.", 0.0),  # another page
        ("es/guia.pdf", None, "Lo diseñó Ana Ruiz.", 0.0),  # the page is part of the claim
        ("en/guia.pdf", 2, "Lo diseñó Ana Ruiz.", 0.0),  # another document
    ],
)
def test_what_makes_a_citation_right(path: str, page: int | None, quote: str, right: float) -> None:
    citation = cite(passage(path, GUIDE, page), quote)
    values = judge(question("1"), [], answered("x", None, [citation]))
    assert values["citation_precision"] == values["citation_recall"] == right
    assert values["right_document_cited"] == float(path.endswith("es/guia.pdf"))


def test_citation_precision_and_recall_are_shares() -> None:
    evidence = (
        Evidence("a.md", quote="uno dos tres cuatro"),
        Evidence("b.md", quote="cinco seis siete"),
    )
    right, wrong = passage("a.md", "uno dos tres cuatro"), passage("c.md", "nada")
    citations = [cite(right, "uno dos tres cuatro"), cite(wrong, "nada"), cite(wrong, "nada")]
    values = judge(question("1", answers=(), evidence=evidence), [], answered("x", None, citations))
    assert values["citation_precision"] == pytest.approx(1 / 3)
    assert values["citation_recall"] == 0.5
    assert values["f1"] is None  # no gold answers to compare with


def test_a_passage_counts_when_it_shows_the_evidence() -> None:
    evidence = Evidence("es/guia.pdf", 2, "Lo diseñó Ana Ruiz.")
    assert judging.relevant(passage("guia.pdf", GUIDE, 2), evidence)
    assert not judging.relevant(passage("guia.pdf", GUIDE, 1), evidence)
    assert not judging.relevant(passage("guia.pdf", "Otra cosa que no es eso", 2), evidence)
    assert judging.relevant(passage("guia.pdf", "Otra cosa", 7), Evidence("es/guia.pdf"))


def test_a_set_of_whole_documents_ranks_documents() -> None:
    found = [passage("b.txt", "x", start=i) for i in range(3)] + [passage("a.txt", "y")]
    by_document = judge(question("1", answers=(), evidence=(Evidence("a.txt"),)), found, WITHHELD)
    assert by_document["mrr"] == 0.5
    by_quote = judge(question("1", evidence=(Evidence("a.txt", quote="y"),)), found, WITHHELD)
    assert by_quote["mrr"] == 0.25


def test_answer_in_top5_wants_the_right_document() -> None:
    wrong, right = passage("otra.pdf", GUIDE, 2), passage("guia.pdf", GUIDE, 9)
    assert judge(question("1"), [wrong], WITHHELD)["answer_in_top5"] == 0.0
    assert judge(question("1"), [wrong, right], WITHHELD)["answer_in_top5"] == 1.0
    assert judge(question("1"), [*[wrong] * 5, right], WITHHELD)["answer_in_top5"] == 0.0
