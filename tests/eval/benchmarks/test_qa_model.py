"""The QA model's own figures, on sets small enough to reckon by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from eval.benchmarks.quality.qa_model import (
    Item,
    Read,
    balanced,
    items_of,
    read,
    refusals,
    refused,
    spans,
)
from rag.protocols import SpanPrediction
from rag.training.articles import Article, Asked, Paragraph


class First:
    """Answers with the first word, and is sure where the passage has a question's first word."""

    name = "first"

    def read(self, question: str, texts: Sequence[str]) -> list[SpanPrediction]:
        sure = question.split()[0]
        return [SpanPrediction(0.0, 1.0 if sure in text else -1.0, 0, len(text.split()[0]), 0.0)
                for text in texts]  # fmt: skip


def article(title: str, *questions: Asked) -> Article:
    return Article(title, (Paragraph("Smiljan es un pueblo.", questions),))


ARTICLES = [
    article("A", Asked("1", "pueblo natal", ("Smiljan",), 0), Asked("2", "rey", (), -1)),
    article("B", Asked("3", "pueblo grande", ("un pueblo",), 11), Asked("4", "mar", (), -1)),
]


def test_a_span_is_worth_its_words() -> None:
    found = list(read(First(), items_of(ARTICLES, "AB"), "es"))
    assert [(entry.item.id, entry.f1, entry.exact) for entry in found] == [
        ("1", 1.0, 1.0), ("2", 0.0, 0.0), ("3", 0.0, 0.0), ("4", 0.0, 0.0)]  # fmt: skip


def test_thresholds_come_from_the_other_half() -> None:
    line = refusals("es", list(read(First(), items_of(ARTICLES, "AB"), "es")))
    assert line == (
        "SQuAD 2 es  HasAns F1 0.500  NoAns 1.000  refused 1.000 where 0.85 are answered  "
        "(2 + 2 questions)"
    )


def test_a_model_that_cannot_tell_refuses_as_many_of_both() -> None:
    answered, unanswered = Item("1", "A", "", "", ("x",)), Item("2", "A", "", "", ())
    rows = [
        Read(item, float(sure), 1.0, 1.0) for sure in range(100) for item in (answered, unanswered)
    ]
    assert refused(rows) == pytest.approx(0.15)


@pytest.mark.parametrize(("sure", "expected"), [((3.0, 1.0), 3.0), ((1.0, 3.0), 1.0)])
def test_the_threshold_serves_both(sure: tuple[float, float], expected: float) -> None:
    answered = Item("1", "A", "", "", ("x",))
    rows = [Read(answered, sure[0], 1.0, 1.0), Read(Item("2", "A", "", "", ()), sure[1], 0.0, 0.0)]
    assert balanced(rows) == expected


def test_only_the_articles_asked_for_count() -> None:
    sets = {"en": ARTICLES, "es": ARTICLES}
    lines = list(spans(First(), sets, ["B"], 10))
    assert [line.split("  ")[-1] for line in lines] == ["(2 questions)"] * 4
