"""The fitting of `rag/answering/calibration.json`, on made-up evidence where the truth is known."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eval.calibration.answers import (
    KEPT_ANSWERS,
    Weighed,
    fit,
    fit_answers,
    fit_sentences,
    weigh_all,
    write,
)
from eval.calibration.cases import Case, article_cases, everyday_cases, exchanged, sampled
from eval.calibration.short_answers import PRECISION, fit_short
from rag.answering.answer_span import SHORT_FEATURES
from rag.answering.evidence import (
    ANSWER_FEATURES,
    NEAR,
    QA_FEATURES,
    READING_FEATURES,
    SENTENCE_FEATURES,
)
from rag.schema import Filters
from tests.helpers.answering import open_library, write_files
from tests.helpers.fakes import FakeQAModel

NAMES = [name for name in SENTENCE_FEATURES if name not in {"span", "relevant", "answerable"}]
ANSWER = [name for name in ANSWER_FEATURES if name not in QA_FEATURES]


def case(kind: str, group: str = "a") -> Case:
    return Case("¿Qué?", "es", group, kind, (), frozenset(), Filters())


def made_up(count: int, seed: int = 1) -> list[Weighed]:
    """Every second case is answerable: one sentence covers more, and its signals are higher."""
    dice = random.Random(seed)
    cases = []
    for number in range(count):
        answerable = number % 2 == 0
        features = [{name: dice.random() * 0.4 for name in NAMES} for _ in range(4)]
        labels = np.zeros(4, dtype=bool)
        if answerable:
            features[2]["covers"] += 0.6
            labels[2] = True
        signals = {name: dice.gauss(0.7 if answerable else 0.3, 0.1) for name in ANSWER}
        kind = "answerable" if answerable else "elsewhere"
        cases.append(Weighed(case(kind, str(number % 7)), features, labels, signals, answerable))
    return cases


def score(model: dict[str, float], values: dict[str, float]) -> float:
    return model["intercept"] + sum(model[name] * value for name, value in values.items())


def test_the_sentence_model_finds_what_tells_the_good_sentence() -> None:
    answerable = [case for case in made_up(200) if case.labels.any()]
    model = fit_sentences(NAMES, answerable)
    assert max(NAMES, key=lambda name: model[name]) == "covers"
    for case in answerable:
        scores = [score(model, dict(values)) for values in case.features]
        assert int(np.argmax(scores)) == 2


def test_the_threshold_lets_the_wanted_share_of_answers_through() -> None:
    cases = made_up(400)
    model = fit_answers(ANSWER, cases, [case.signals for case in cases])
    passed = {"answerable": 0, "elsewhere": 0}
    for item in cases:
        passed[item.case.kind] += score(model, dict(item.signals)) >= 0
    assert passed["answerable"] / 200 == pytest.approx(KEPT_ANSWERS, abs=0.02)
    assert passed["elsewhere"] / 200 < 0.1


def test_a_question_is_elsewhere_when_its_article_is_not_there(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"id": "1", "lang": lang, "question": "q", "answers": ["a"], "doc": f"docs/{lang}/A.md",
         "answerable": True} for lang in ("es", "en")
    ]  # fmt: skip
    rows.append({"id": "2", "lang": "es", "question": "q", "answers": [], "doc": None,
                 "topic": "A", "answerable": False})  # fmt: skip
    (tmp_path / "questions.jsonl").write_text("\n".join(map(json.dumps, rows)))
    there = list(article_cases(tmp_path, {"es/A.md", "en/A.md"}))
    assert [case.kind for case in there] == ["answerable"] * 4 + ["near-miss"]
    assert {case.kind for case in article_cases(tmp_path, ())} == {"elsewhere"}


def test_sampling_counts_each_language_and_kind_apart() -> None:
    cases = [case("answerable")] * 9 + [case("elsewhere")] * 2
    kinds = [case.kind for case in sampled(iter(cases), 3)]
    assert sorted(kinds) == ["answerable"] * 3 + ["elsewhere"] * 2


# --- with a reader -------------------------------------------------------------------------------


def read_by(cases: list[Weighed], seed: int = 2) -> list[Weighed]:
    """The same, as a reader sees them that nearly always knows whether there is an answer."""
    dice = random.Random(seed)
    read = []
    for item in cases:
        answerable = item.case.kind == "answerable"
        sure = dice.gauss(0.85 if answerable else 0.15, 0.05)
        features = [
            {
                **dict.fromkeys((*SENTENCE_FEATURES, NEAR), 0.5),
                **dict.fromkeys(READING_FEATURES, 0.5),
                **values,
                "read_answers": 0.2 + 0.7 * float(label) * sure,
                "span": sure * float(label),
            }
            for values, label in zip(item.features, item.labels, strict=True)
        ]
        signals = {**item.signals, "answerable": sure, "answers": 0.0, "foreign": 0}
        short = ({**dict.fromkeys(SHORT_FEATURES, 0.5), "agrees": sure}, answerable)
        read.append(replace(item, features=features, signals=signals, short=short))
    return read


def of_all_situations() -> list[Weighed]:
    cases = read_by(made_up(120))
    english = [replace(item, case=replace(item.case, language="en")) for item in cases]
    signals = [{**case.signals, "foreign": 1.0} for case in cases]
    across = [replace(c, signals=s) for c, s in zip(cases, signals, strict=True)]
    return [*cases, *english, *across]


def test_with_a_reader_its_models_are_fitted_and_what_never_changes_weighs_nothing() -> None:
    fitted = fit(of_all_situations())
    assert set(fitted) == {"read", "short", "short_from"}
    models = fitted["read"]
    assert isinstance(models, dict)
    answers = {"answer", "answer-cross"}
    assert set(models) == {"sentence", "compared", *answers}
    assert max(QA_FEATURES, key=lambda name: models["answer"][name]) == "answerable"
    assert models["answer"]["answers"] == 0
    assert models["sentence"]["span"] > 0
    assert models["compared"]["near"] == 0


def test_without_one_the_others_are() -> None:
    unread = [
        replace(case, features=[{**f, "read_answers": 0.0} for f in case.features], short=None)
        for case in of_all_situations()
    ]
    fitted = fit(unread, without=["binds"])
    assert set(fitted) == {"models"}
    models = fitted["models"]
    assert isinstance(models, dict)
    assert set(models["answer"]) == {"intercept", *ANSWER} - {"binds"}
    assert "binds" not in models["sentence"]


def shorts(right: int, wrong: int, agrees: float = 0.9) -> list[tuple[str, dict[str, float], bool]]:
    """Short answers; those that are right have their words twice."""
    alike = dict.fromkeys(SHORT_FEATURES, 0.5)
    cases = [(True, agrees)] * right + [(False, 0.1)] * wrong
    return [
        (str(number % 7), {**alike, "agrees": value, "length": number % 5 / 5}, label)
        for number, (label, value) in enumerate(cases)
    ]


def test_short_answers_are_shown_from_where_they_are_mostly_right() -> None:
    fitted = fit_short(shorts(40, 40))
    model, least = fitted["short"], fitted["short_from"]
    assert isinstance(model, dict)
    assert isinstance(least, float)
    kept = [
        label
        for _, signals, label in shorts(40, 40)
        if 1 / (1 + np.exp(-score(model, signals))) >= least
    ]
    assert len(kept) >= 30
    assert sum(kept) / len(kept) >= PRECISION
    assert fit_short(shorts(30, 50, agrees=0.1))["short_from"] == 1.0, "never, if nothing tells"


def test_what_is_not_fitted_stays_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    write({"models": {"same": {"intercept": 1.0}}}, path)
    write({"read": {}, "short_from": 0.7}, path)
    assert json.loads(path.read_text()) == {
        "models": {"same": {"intercept": 1.0}},
        "read": {},
        "short_from": 0.7,
    }


def test_cases_are_weighed_by_the_library_itself(tmp_path: Path) -> None:
    text = "El ascensor admite ocho personas. Se revisa cada mes.\n"
    write_files(tmp_path / "docs", {"a.md": text})
    asked = Case("¿Cuántas personas admite el ascensor?", "es", "a", "answerable",
                 ("ocho",), frozenset({"a.md"}), Filters())  # fmt: skip
    elsewhere = replace(asked, kind="elsewhere", gold=(), documents=frozenset())
    facts = replace(asked, gold=(text.split(".")[0],), facts=(("ocho", "eight"), ("personas",)))
    lacking = replace(facts, facts=(("nueve",),))
    with open_library(tmp_path / "library", qa_model=FakeQAModel()) as library:
        library.ingest([tmp_path / "docs"])
        right, wrong, stated, unstated = weigh_all(
            library, iter([asked, elsewhere, facts, lacking])
        )
    assert right.labels.tolist() == [True, False]
    assert wrong.labels.tolist() == [False, False]
    assert right.signals["answerable"] > 0.5
    assert (right.right, wrong.right) == (True, False)
    assert (stated.labels.tolist(), stated.right, unstated.right) == ([True, False], True, False)


def test_an_exchanged_question_names_a_thing_of_another_article() -> None:
    asked = Case("¿Quién dirige el museo?", "es", "a", "answerable", ("Ana",), frozenset({"a.md"}),
                 Filters())  # fmt: skip
    other = replace(
        asked, question="¿Cuándo abre la piscina?", group="b", documents=frozenset({"b.md"})
    )
    english = replace(asked, question="Who runs the harbour?", language="en", group="c")
    made = list(exchanged([asked, other, english, replace(asked, kind="elsewhere")]))
    assert [one.question for one in made] == ["¿Quién dirige el piscina?", "¿Cuándo abre la museo?"]
    assert {(one.kind, one.gold, one.documents) for one in made} == {("exchanged", (), frozenset())}


def test_everyday_questions_are_right_by_their_facts() -> None:
    folder = Path(__file__).parents[3] / "eval" / "everyday"
    cases = list(everyday_cases([folder / "questions.jsonl"], "N"))
    kinds = {case.kind for case in cases}
    assert kinds == {"answerable", "near-miss"}
    assert all(bool(case.facts) == (case.kind == "answerable") for case in cases)
    documents = {path for case in cases for path in case.documents}
    assert all((folder / "documents" / path).is_file() for path in documents)
    unread = {p for case in everyday_cases([folder / "unread.jsonl"], "N") for p in case.documents}
    assert documents.isdisjoint(unread), "what is measured on is not fitted on"
    assert not list(everyday_cases([folder / "questions.jsonl"], "A"))
