"""Fits the models of `rag/answering/calibration.json` on labelled questions, thresholds included.

    python -m eval.calibration.answers --articles DATA/rag/xquad-articles.shared --library LIB \
        --samples eval/questions.jsonl --sample-library SAMPLES \
        [--qa-model off] [--without near] [--write rag/answering/calibration.json]

Where a QA model is installed, the models for read passages are fitted («read», «short_from»); with
`--qa-model off`, or where there is none, those for unread ones («models»). The others stay as they
are in the file: run it both ways. A feature done `--without` may then not be computed at all: take
the models out of the file before it is fitted again.

LIB holds every second article of `docs` in both languages, SAMPLES holds `corpus/documents`. A
question about an article that LIB lacks is one whose answer is truly not in the documents; SQuAD
2.0's unanswerable ones are near misses. Figures are cross-validated over articles. Needs the
development data, which is not part of the repository.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval import metrics
from eval.calibration.cases import Case, article_cases, sample_cases, sampled
from rag.answering.evidence import ANSWER_FEATURES, QA_SIGNALS, SENTENCE_FEATURES
from rag.config import load
from rag.library import Library
from rag.schema import Passage

LEFT_OUT = {
    "same": {"rarest", "near"},  # vectors are compared across languages only: a forward pass each
    "cross": {"rarest", "with_neighbours", "with_headings", "passage"},  # words seldom meet there
}
"""Features that a model of sentences does without, by its name."""

FOLDS = 5
KEPT_ANSWERS = 0.93  # share of the answerable questions that the threshold lets through

WORTH = 0.5  # F1 from which showing a QA model's words as the short answer is better than not
_PART = 20  # characters of a sentence that may stand for the quote it is part of

Model = dict[str, float]


@dataclass(frozen=True)
class Weighed:
    """A case with the features of its sentences, their labels, and the answer's signals."""

    case: Case
    features: Sequence[Mapping[str, float]]
    labels: NDArray[np.bool_]
    signals: Mapping[str, float]
    crossed: bool
    short: tuple[float, float] | None = None  # how sure a QA model is of its words, and their F1


def main() -> None:
    """Reads the flags, fits, prints the figures, writes the file when asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--articles", type=Path, required=True)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--samples", type=Path, required=True)
    parser.add_argument("--sample-library", type=Path, required=True)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--limit", type=int, default=250, help="cases a kind and language")
    parser.add_argument("--qa-model", choices=("bundled", "off"))
    parser.add_argument("--without", nargs="+", default=[], help="features to do without")
    flags = parser.parse_args()
    if not flags.articles.is_dir():
        sys.exit(f"{flags.articles} is not there: calibration needs the development data")
    with _open(flags.library, flags.qa_model) as library:
        present = {document.path for document in library.documents()}
        chosen = sampled(article_cases(flags.articles, present), flags.limit)
        cases = list(weigh_all(library, chosen))
    with _open(flags.sample_library, flags.qa_model) as library:
        cases += weigh_all(library, sample_cases(flags.samples))
    fitted = fit(cases, flags.without)
    print(json.dumps(fitted, indent=2))
    if flags.write:
        write(fitted, flags.write)


def _open(path: Path, qa_model: str | None) -> Library:
    return Library.open(settings=load({"library": path, "qa_model": qa_model}))


def write(fitted: Mapping[str, object], path: Path) -> None:
    """What was fitted takes its place in the file; what was not stays."""
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    path.write_text(json.dumps({**before, **fitted}, indent=2) + "\n", encoding="utf-8")


def weigh_all(library: Library, cases: Iterator[Case]) -> Iterator[Weighed]:
    """Asks for the evidence of each case."""
    for number, case in enumerate(cases, start=1):
        passages, evidence = library.score_evidence(case.question, case.filters)
        labels = [
            passages[sentence.passage].path == case.document and _holds(sentence.text, case.gold)
            for sentence in evidence.sentences
        ]
        yield Weighed(
            case,
            evidence.features,
            np.array(labels, bool),
            evidence.signals,
            bool(case.filters.languages),
            _short(case, passages),
        )
        if number % 500 == 0:
            print(f"{number} weighed", file=sys.stderr)


def _short(case: Case, passages: Sequence[Passage]) -> tuple[float, float] | None:
    """The words of the surest reading; right is what overlaps a gold answer, nothing elsewhere."""
    read = [
        passage
        for passage in passages
        if passage.answer_span and passage.signals.answerable is not None
    ]
    if not read:
        return None
    best = max(
        read, key=lambda each: (each.signals.answerable or 0.0) * (each.signals.relevance or 0.0)
    )
    start, end = (place - best.chunk.start for place in best.answer_span or (0, 0))
    right = metrics.f1(best.chunk.text[start:end], case.gold, case.language)
    return best.signals.answerable or 0.0, right if case.kind == "answerable" else 0.0


def fit(cases: Sequence[Weighed], without: Collection[str] = ()) -> dict[str, object]:
    """The part of the file that these cases can say, with cross-validated figures on stdout."""
    read = any("answerable" in case.signals and case.signals["answerable"] for case in cases)
    unused = {*without, *(() if read else QA_SIGNALS)}
    names = {kind: sentence_features(kind, unused) for kind in LEFT_OUT}
    models = fit_models(cases, names, [name for name in ANSWER_FEATURES if name not in unused])
    if not read:
        return {"models": models}
    return {"read": models, "short_from": fit_short([case.short for case in cases if case.short])}


def sentence_features(kind: str, without: Collection[str] = ()) -> list[str]:
    """Returns the names of the features that the sentence model `kind` weighs."""
    return [name for name in SENTENCE_FEATURES if name not in {*LEFT_OUT[kind], *without}]


def fit_models(
    cases: Sequence[Weighed], sentence: Mapping[str, Sequence[str]], answer: Sequence[str]
) -> dict[str, Model]:
    """The models on these features of sentences and of answers."""
    models: dict[str, Model] = {}
    for name, names in sentence.items():
        chosen = [case for case in cases if case.labels.any() and case.crossed == (name == "cross")]
        report_sentences(name, names, chosen)
        models[name] = fit_sentences(names, chosen)
    for name in ("es", "en", "cross"):
        chosen = [case for case in cases if _situation(case) == name]
        rescored = [_with_best(case, models) for case in chosen]
        report_answers(name, answer, chosen, rescored)
        models[f"answer-{name}"] = fit_answers(answer, chosen, rescored)
    models["answer"] = models["answer-en"]
    return models


def fit_short(readings: Sequence[tuple[float, float]]) -> float:
    """Least certainty at which a QA model's words are shown.

    The threshold that gains most, where showing words of F1 f gains f - WORTH and keeping them
    back gains nothing. Of equals the highest, so that no more is shown than is worth it.
    """
    ordered = sorted(readings, reverse=True)
    gains = np.cumsum([right - WORTH for _, right in ordered])
    if gains.max() <= 0:
        return 1.0
    least = ordered[int(gains.argmax())][0]
    shown = [right for sure, right in ordered if sure >= least]
    print(f"short: from {least:.3f}, {len(shown)} of {len(ordered)}, F1 {np.mean(shown):.3f}")
    return float(np.floor(least * 1e4) / 1e4)


def fit_sentences(names: Sequence[str], cases: Sequence[Weighed]) -> Model:
    """Probability that a sentence holds the answer, given that one of them does."""
    rows = np.array(
        [[feature[name] for name in names] for case in cases for feature in case.features]
    )
    return _fit(names, rows, np.concatenate([case.labels for case in cases]))


def fit_answers(
    names: Sequence[str], cases: Sequence[Weighed], signals: Sequence[Mapping[str, float]]
) -> Model:
    """Probability that the documents hold the answer; 0.5 is put where KEPT_ANSWERS pass."""
    rows = np.array([[signal[name] for name in names] for signal in signals])
    answerable = np.array([case.case.kind == "answerable" for case in cases])
    model = _fit(names, rows, answerable)
    odds = [_linear(model, signal) for signal in signals]
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
            order = np.argsort([-_linear(model, feature) for feature in case.features])
            first.append(bool(case.labels[order[0]]))
            third.append(bool(case.labels[order[:3]].any()))
    print(f"{name}: {len(cases)} questions, best sentence {np.mean(first):.3f}", end=" ")
    print(f"one of three {np.mean(third):.3f}")


def report_answers(
    name: str,
    names: Sequence[str],
    cases: Sequence[Weighed],
    signals: Sequence[Mapping[str, float]],
) -> None:
    """Coverage of the answerable, and refusals of the others by kind, cross-validated."""
    passed: dict[str, list[bool]] = {}
    for train, test in _folds([case.case.group for case in cases]):
        model = fit_answers(names, [cases[i] for i in train], [signals[i] for i in train])
        for i in test:
            passed.setdefault(cases[i].case.kind, []).append(_linear(model, signals[i]) >= 0)
    for kind, values in sorted(passed.items()):
        print(f"{name} {kind}: {len(values)} questions, answered {np.mean(values):.3f}")


def _situation(case: Weighed) -> str:
    """The answer model that will judge this case: as `EvidenceScorer` chooses it."""
    return "cross" if case.signals["foreign"] else case.case.language


def _with_best(case: Weighed, models: Mapping[str, Model]) -> dict[str, float]:
    model = models["cross" if case.signals["foreign"] else "same"]
    best = max((_linear(model, feature) for feature in case.features), default=-9.0)
    return {**case.signals, "best": float(1 / (1 + np.exp(-best)))}


def _fit(names: Sequence[str], rows: NDArray[np.float64], labels: NDArray[np.bool_]) -> Model:
    """Weights of 0 for what never changes: it tells nothing, and would pass for an intercept."""
    from sklearn.linear_model import LogisticRegression

    varies = np.ptp(rows, axis=0) > 0
    model = LogisticRegression(C=1.0, max_iter=1000).fit(rows[:, varies], labels)
    weights = np.zeros(len(names))
    weights[varies] = model.coef_[0]
    pairs = (("intercept", model.intercept_[0]), *zip(names, weights, strict=True))
    return {name: round(float(value), 4) for name, value in pairs}


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
    """Whether the sentence holds an answer, or is the greater part of a longer one."""
    return any(
        metrics.contains(text, answer) or (len(text) > _PART and metrics.contains(answer, text))
        for answer in gold
    )


if __name__ == "__main__":
    main()
