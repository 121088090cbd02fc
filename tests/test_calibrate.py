"""The fitting of `rag/calibration.json`, on made-up evidence where the truth is known."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

from eval.calibrate import (
    ANSWER,
    KEPT_ANSWERS,
    SENTENCE,
    Case,
    Weighed,
    article_cases,
    fit_answers,
    fit_sentences,
    sampled,
)
from rag.schema import Filters

NAMES = SENTENCE["same"]


def case(kind: str, group: str = "a") -> Case:
    return Case("¿Qué?", "es", group, kind, (), "", Filters())


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
        cases.append(Weighed(case(kind, str(number % 7)), features, labels, signals, False))
    return cases


def score(model: dict[str, float], values: dict[str, float]) -> float:
    return model["intercept"] + sum(model[name] * value for name, value in values.items())


def test_the_sentence_model_finds_what_tells_the_good_sentence() -> None:
    answerable = [each for each in made_up(200) if each.labels.any()]
    model = fit_sentences(NAMES, answerable)
    assert max(NAMES, key=lambda name: model[name]) == "covers"
    for each in answerable:
        scores = [score(model, dict(values)) for values in each.features]
        assert int(np.argmax(scores)) == 2


def test_the_threshold_lets_the_wanted_share_of_answers_through() -> None:
    cases = made_up(400)
    model = fit_answers(cases, [each.signals for each in cases])
    passed = {"answerable": 0, "elsewhere": 0}
    for each in cases:
        passed[each.case.kind] += score(model, dict(each.signals)) >= 0
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
    assert [each.kind for each in there] == ["answerable"] * 4 + ["near-miss"]
    assert {each.kind for each in article_cases(tmp_path, ())} == {"elsewhere"}


def test_sampling_counts_each_language_and_kind_apart() -> None:
    cases = [case("answerable")] * 9 + [case("elsewhere")] * 2
    kinds = [each.kind for each in sampled(iter(cases), 3)]
    assert sorted(kinds) == ["answerable"] * 3 + ["elsewhere"] * 2
