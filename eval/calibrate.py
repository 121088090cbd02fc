"""Fits the two models of `rag/calibration.json` on labelled questions, and chooses the threshold.

    python -m eval.calibrate --articles DATA/rag/xquad-articles.shared --library LIB \
        --samples eval/questions.jsonl --sample-library SAMPLES [--write rag/calibration.json]

LIB holds every second article of `docs` in both languages, SAMPLES holds `corpus/documents`. A
question about an article that LIB lacks is one whose answer is truly not in the documents; SQuAD
2.0's unanswerable ones are near misses. Figures are cross-validated over articles. Needs the
development data, which is not part of the repository.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.library import Library
from rag.schema import Filters

SENTENCE = {
    "same": (
        "covers", "with_neighbours", "with_headings", "right_kind", "defines", "rank", "passage",
        "length",
    ),
    "cross": ("covers", "near", "right_kind", "defines", "rank", "length"),
}  # fmt: skip
ANSWER = ("best", "covers", "passage", "rarest", "keyword", "dense", "known")
FOLDS = 5
KEPT_ANSWERS = 0.93  # share of the answerable questions that the threshold lets through

Model = dict[str, float]


@dataclass(frozen=True)
class Case:
    """A question with what the search may see, and where its answer stands («»: nowhere)."""

    question: str
    language: str
    group: str  # article or document: never split between fitting and measuring
    kind: str  # answerable | near-miss | elsewhere
    gold: tuple[str, ...]
    document: str
    filters: Filters


@dataclass(frozen=True)
class Weighed:
    """A case with the features of its sentences, their labels, and the answer's signals."""

    case: Case
    features: Sequence[Mapping[str, float]]
    labels: NDArray[np.bool_]
    signals: Mapping[str, float]
    crossed: bool


def main() -> None:
    """Reads the flags, fits, prints the figures, writes the file when asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--articles", type=Path, required=True)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--samples", type=Path, required=True)
    parser.add_argument("--sample-library", type=Path, required=True)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--limit", type=int, default=250, help="cases a kind and language")
    flags = parser.parse_args()
    if not flags.articles.is_dir():
        sys.exit(f"{flags.articles} is not there: calibration needs the development data")
    with Library.open(flags.library) as library:
        present = {each.path for each in library.documents()}
        chosen = sampled(article_cases(flags.articles, present), flags.limit)
        cases = list(weigh_all(library, chosen))
    with Library.open(flags.sample_library) as library:
        cases += weigh_all(library, sample_cases(flags.samples))
    models = fit(cases)
    print(json.dumps(models, indent=2))
    if flags.write:
        flags.write.write_text(json.dumps({"models": models}, indent=2) + "\n")


def article_cases(folder: Path, present: Collection[str]) -> Iterator[Case]:
    """Each question over the whole library, and over the other language's documents alone.

    A question about an article that is not `present` is one whose answer is nowhere.
    """
    rows = [json.loads(line) for line in _lines(folder / "questions.jsonl")]
    twins = {(row["id"], row["lang"]): row for row in rows}
    for row in rows:
        language = row["lang"]
        article = f"{row.get('topic') or Path(row['doc']).stem}.md"
        own = f"{language}/{article}"
        if not row["answerable"]:
            if own in present:
                yield Case(row["question"], language, article, "near-miss", (), "", Filters())
            continue
        yield _case(row, row, own, article, present, Filters())
        other = "en" if language == "es" else "es"
        twin = twins.get((row["id"], other))
        if twin:
            only = Filters(languages=(other,))
            yield _case(row, twin, f"{other}/{article}", article, present, only)


def _case(
    asked: Mapping[str, Any],
    answered: Mapping[str, Any],
    document: str,
    article: str,
    present: Collection[str],
    filters: Filters,
) -> Case:
    there = document in present
    return Case(
        asked["question"],
        asked["lang"],
        article,
        "answerable" if there else "elsewhere",
        tuple(answered["answers"]) if there else (),
        document if there else "",
        filters,
    )


def sampled(cases: Iterator[Case], limit: int, seed: int = 1) -> Iterator[Case]:
    """At most `limit` cases of each language and kind, across languages counted apart."""
    shuffled = list(cases)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - no secret
    taken: dict[tuple[str, str, tuple[str, ...]], int] = {}
    for case in shuffled:
        key = (case.language, case.kind, case.filters.languages)
        taken[key] = taken.get(key, 0) + 1
        if taken[key] <= limit:
            yield case


def sample_cases(path: Path) -> Iterator[Case]:
    """The questions over the sample corpus, follow-ups left out."""
    for line in _lines(path):
        row = json.loads(line)
        if row.get("history"):
            continue
        kind = "near-miss" if row["unanswerable"] else "answerable"
        document = row["evidence"][0]["path"] if row["evidence"] else ""
        gold = (*row["answers"], *(each["quote"] for each in row["evidence"]))
        group = f"sample/{document or row['id']}"
        yield Case(row["question"], row["language"], group, kind, gold, document, Filters())


def weigh_all(library: Library, cases: Iterator[Case]) -> Iterator[Weighed]:
    """Asks for the evidence of each case."""
    for number, case in enumerate(cases, start=1):
        passages, evidence = library.weigh(case.question, case.filters)
        gold = tuple(_flat(each) for each in case.gold)
        labels = [
            passages[each.passage].path == case.document and _holds(_flat(each.text), gold)
            for each in evidence.sentences
        ]
        crossed = bool(case.filters.languages)
        yield Weighed(case, evidence.features, np.array(labels, bool), evidence.signals, crossed)
        if number % 500 == 0:
            print(f"{number} weighed", file=sys.stderr)


def fit(cases: Sequence[Weighed]) -> dict[str, Model]:
    """The models, with their cross-validated figures on stdout."""
    models: dict[str, Model] = {}
    for name, names in SENTENCE.items():
        chosen = [each for each in cases if each.labels.any() and each.crossed == (name == "cross")]
        report_sentences(name, names, chosen)
        models[name] = fit_sentences(names, chosen)
    for name in ("es", "en", "cross"):
        chosen = [each for each in cases if _situation(each) == name]
        rescored = [_with_best(each, models) for each in chosen]
        report_answers(name, chosen, rescored)
        models[f"answer-{name}"] = fit_answers(chosen, rescored)
    models["answer"] = models["answer-en"]
    return models


def fit_sentences(names: Sequence[str], cases: Sequence[Weighed]) -> Model:
    """Probability that a sentence holds the answer, given that one of them does."""
    rows = np.array([[each[name] for name in names] for case in cases for each in case.features])
    return _fit(names, rows, np.concatenate([case.labels for case in cases]))


def fit_answers(cases: Sequence[Weighed], signals: Sequence[Mapping[str, float]]) -> Model:
    """Probability that the documents hold the answer; 0.5 is put where KEPT_ANSWERS pass."""
    rows = np.array([[each[name] for name in ANSWER] for each in signals])
    answerable = np.array([case.case.kind == "answerable" for case in cases])
    model = _fit(ANSWER, rows, answerable)
    odds = [_linear(model, each) for each in signals]
    cut = float(np.quantile(np.array(odds)[answerable], 1 - KEPT_ANSWERS))
    model["intercept"] = round(model["intercept"] - cut, 4)
    return model


def report_sentences(name: str, names: Sequence[str], cases: Sequence[Weighed]) -> None:
    """How often the best, and one of the three best sentences, holds the answer."""
    first: list[bool] = []
    third: list[bool] = []
    for train, test in _folds([case.case.group for case in cases]):
        model = fit_sentences(names, [cases[i] for i in train])
        for case in (cases[i] for i in test):
            order = np.argsort([-_linear(model, each) for each in case.features])
            first.append(bool(case.labels[order[0]]))
            third.append(bool(case.labels[order[:3]].any()))
    print(f"{name}: {len(cases)} questions, best sentence {np.mean(first):.3f}", end=" ")
    print(f"one of three {np.mean(third):.3f}")


def report_answers(
    name: str, cases: Sequence[Weighed], signals: Sequence[Mapping[str, float]]
) -> None:
    """Coverage of the answerable, and refusals of the others by kind, cross-validated."""
    passed: dict[str, list[bool]] = {}
    for train, test in _folds([case.case.group for case in cases]):
        model = fit_answers([cases[i] for i in train], [signals[i] for i in train])
        for i in test:
            passed.setdefault(cases[i].case.kind, []).append(_linear(model, signals[i]) >= 0)
    for kind, values in sorted(passed.items()):
        print(f"{name} {kind}: {len(values)} questions, answered {np.mean(values):.3f}")


def _situation(case: Weighed) -> str:
    """The answer model that will judge this case: as `EvidenceFinder` chooses it."""
    return "cross" if case.signals["foreign"] else case.case.language


def _with_best(case: Weighed, models: Mapping[str, Model]) -> dict[str, float]:
    model = models["cross" if case.signals["foreign"] else "same"]
    best = max((_linear(model, each) for each in case.features), default=-9.0)
    return {**case.signals, "best": float(1 / (1 + np.exp(-best)))}


def _fit(names: Sequence[str], rows: NDArray[np.float64], labels: NDArray[np.bool_]) -> Model:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1.0, max_iter=1000).fit(rows, labels)
    weights = dict(zip(names, map(float, model.coef_[0]), strict=True))
    return {
        name: round(value, 4)
        for name, value in {"intercept": float(model.intercept_[0]), **weights}.items()
    }


def _linear(model: Model, values: Mapping[str, float]) -> float:
    return model["intercept"] + sum(
        weight * values[name] for name, weight in model.items() if name != "intercept"
    )


def _folds(groups: Sequence[str]) -> Iterator[tuple[list[int], list[int]]]:
    names = sorted(set(groups))
    for fold in range(FOLDS):
        held = set(names[fold::FOLDS])
        test = [i for i, group in enumerate(groups) if group in held]
        train = [i for i, group in enumerate(groups) if group not in held]
        yield train, test


def _holds(text: str, gold: Sequence[str]) -> bool:
    return any(each in text or (len(text) > 20 and text in each) for each in gold)


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _flat(text: str) -> str:
    return " ".join(text.split()).casefold()


if __name__ == "__main__":
    main()
