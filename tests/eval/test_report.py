"""The page that shows a run."""

from __future__ import annotations

import re
from collections.abc import Sequence

from eval import report, runs
from eval.datasets import Evidence, Question
from eval.judging import judge
from eval.metrics import Estimate
from rag.schema import Answer, Chunk, Citation, Passage
from tests.helpers.fakes import make_block, make_question

EVIL = "<script>alert(1)</script>"
FOUND = Passage(Chunk(1, 0, 9, "Ana Ruiz."), "title", "a.md", 0.9)
CITED = (Citation(1, FOUND, 0, 9, "Ana Ruiz.", None),)


def row(number: int, language: str, short: str | None, gold: str | None = "Ana Ruiz") -> runs.Row:
    """One question: `short` None is a withheld answer, `gold` None an unanswerable question."""
    answers, evidence = ((gold,), (Evidence("a.md"),)) if gold else ((), ())
    question = Question(f"q{number}", "¿Quién?", answers, evidence, gold is None, language)
    confidence = 0.3 if short is None else 0.8
    found = short is not None
    asked = make_question("¿Quién?", language)
    blocks = (make_block("x"),)
    answer = Answer(asked, blocks, short, CITED, (), found, confidence, EVIL)
    return runs.Row(question, (FOUND,), answer, judge(question, [FOUND], answer, 0.5 + number))


def a_run(rows: Sequence[runs.Row], name: str = "set") -> runs.Run:
    figures = {group: runs.estimates(part) for group, part in runs.groups(rows).items()}
    return runs.Run(name, "2026-11-21T00:00:00+00:00", 1.0, figures, tuple(rows))


THREE = (row(1, "es", "Ana Ruiz"), row(2, "en", EVIL), row(3, "es", None, gold=None))


def test_the_report_is_self_contained_and_escapes() -> None:
    html = report.page(a_run(THREE, EVIL), {})
    assert "<script" not in html
    assert html.count("&lt;script&gt;alert") == 4  # title, heading, model, answer
    # Nothing is loaded from elsewhere: pictures are data, and there is no other reference.
    assert set(re.findall(r'(?:src|href)="([a-z]+:[a-z/+]+)', html)) == {"data:image/svg+xml"}
    assert html.count("<img") == 5
    assert "withheld" in html


def test_the_worst_question_comes_first() -> None:
    html = report.page(a_run(THREE), {})
    shown = re.findall(r"<small>(q\d)", html)
    assert shown[0] == "q2"
    assert sorted(shown) == ["q1", "q2", "q3"]


def test_the_report_marks_clear_differences() -> None:
    differences = {
        "f1": Estimate(0.1, 0.05, 0.15, 9),
        "em": Estimate(0.1, -0.05, 0.25, 9),
        "latency_p50": Estimate(0.3, 0.2, 0.4, 9),
    }
    html = report.page(a_run(THREE), differences)
    cells = dict(re.findall(r"<tr><td>([\w@]+)</td>(<td.*?</td>)", html))
    assert 'class="n better"' in cells["f1"]
    assert 'class="n"' in cells["em"]
    assert 'class="n worse"' in cells["latency_p50"]


def test_the_report_does_with_the_least() -> None:
    html = report.page(a_run([row(1, "es", None)]), {})
    assert html.count("<img") == 2  # the bars and the latency; no curve has its questions
