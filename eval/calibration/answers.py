"""Fits the models of `rag/answering/calibration.json` on labelled questions, thresholds included.

    python -m eval.calibration.answers --articles DATA/rag/xquad-articles.shared --library LIB \
        --samples eval/questions.jsonl --sample-library SAMPLES \
        [--qa-model off] [--without near] [--write rag/answering/calibration.json]

Where a QA model is installed, the models for read passages are fitted («read», «short»); with
`--qa-model off`, or where there is none, those for unread ones («models»). The others stay as they
are in the file: run it both ways. A feature done `--without` may then not be computed at all: take
the models out of the file before it is fitted again.

The confidence is fitted on right against wrong answers: right is what was composed and holds a gold
answer, for both languages alike. A cosine is among its signals: fit it again for a new embedder.

LIB holds every second article of `docs` in both languages, SAMPLES holds `corpus/documents`. A
question about an article that LIB lacks is one whose answer is truly not in the documents; SQuAD
2.0's unanswerable ones are near misses, and so are answerable ones that name something else.
Figures are cross-validated over articles. Needs the development data, which is not part of the
repository.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval import metrics
from eval.calibration.cases import Case, article_cases, exchanged, sample_cases, sampled
from eval.calibration.logistic import Model, area, fitted, folds, linear
from eval.calibration.short_answers import fit_short
from rag.answering.answer_span import prediction
from rag.answering.calibration import log_odds
from rag.answering.composing import Material, compose
from rag.answering.evidence import (
    ANSWER_FEATURES,
    QA_FEATURES,
    READING_FEATURES,
    SENTENCE_FEATURES,
    Evidence,
    as_read,
)
from rag.answering.layout import layouts
from rag.config import load
from rag.library import Library
from rag.schema import Intent, Passage

LEFT_OUT = {
    "same": {"rarest", "near"},  # vectors are compared across languages only: a forward pass each
    "cross": {"rarest", "with_neighbours", "with_headings", "passage"},  # words seldom meet there
}
"""Features that a model of sentences does without, by its name."""

AGAIN = (*READING_FEATURES, "near", "span", "label", "binds", "right_kind")
"""Features of a sentence that was read again: few, so that few cases are enough."""

KEPT_ANSWERS = 0.93  # share of the right answers that the threshold lets through
WORTH = 0.5  # F1 from which the QA model's words are a right short answer
_PART = 20  # characters of a sentence that may stand for the quote it is part of


@dataclass(frozen=True)
class Weighed:
    """A case with the features of its sentences, their labels, and the answer's signals."""

    case: Case
    features: Sequence[Mapping[str, float]]
    labels: NDArray[np.bool_]
    signals: Mapping[str, float]
    crossed: bool
    right: bool = False  # what was composed holds a gold answer
    short: tuple[Mapping[str, float], bool] | None = None  # of the QA model's words; are they right


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
        chosen = list(sampled(article_cases(flags.articles, present), flags.limit))
        cases = list(weigh_all(library, [*chosen, *exchanged(chosen)]))
    with _open(flags.sample_library, flags.qa_model) as library:
        cases += weigh_all(library, sample_cases(flags.samples))
    embedder = library.embedder.fingerprint
    near = round(float(np.mean([case.signals["near"] for case in cases])), 4)
    models = {"embedder": embedder, "usual_near": near, **fit(cases, flags.without)}
    print(json.dumps(models, indent=2))
    if flags.write:
        write(models, flags.write)


def _open(path: Path, qa_model: str | None) -> Library:
    return Library.open(settings=load({"library": path, "qa_model": qa_model}))


def write(models: Mapping[str, object], path: Path) -> None:
    """What was fitted takes its place in the file; what was not stays."""
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    path.write_text(json.dumps({**before, **models}, indent=2) + "\n", encoding="utf-8")


def weigh_all(library: Library, cases: Iterable[Case]) -> Iterator[Weighed]:
    """Asks for the evidence of each case."""
    for number, case in enumerate(cases, start=1):
        passages, evidence = library.score_evidence(case.question, case.filters)
        labels = [
            passages[sentence.passage].path == case.document and _holds(sentence.text, case.gold)
            for sentence in evidence.sentences
        ]
        unsaid, right, short = _composed(library, case, passages, evidence)
        signals = {**evidence.signals, "unsaid": unsaid}
        crossed = bool(case.filters.languages)
        labelled = np.array(labels, bool)
        yield Weighed(case, evidence.features, labelled, signals, crossed, right, short)
        if number % 500 == 0:
            print(f"{number} weighed", file=sys.stderr)


def _composed(
    library: Library, case: Case, passages: Sequence[Passage], evidence: Evidence
) -> tuple[float, bool, tuple[Mapping[str, float], bool] | None]:
    """Returns what the answer leaves unsaid, whether it is right, its short answer's signals."""
    layout_of = layouts(library.document)
    material = Material(evidence.question, evidence.sentences, passages, layout_of)
    composition = compose(material)
    right = False
    for piece in composition.pieces:
        layout = layout_of(passages[piece.passage].chunk.document_id)
        there = passages[piece.passage].path == case.document
        right |= there and layout is not None and _holds(layout.of(piece.span), case.gold)
    factual = evidence.question.intent in (Intent.FACT, Intent.TABLE)
    found = prediction(material, composition.pieces[0]) if composition.pieces and factual else None
    if found is None:
        return composition.unsaid, right, None
    short, signals = found
    return (
        composition.unsaid,
        right,
        (signals, right and metrics.f1(short.text, case.gold, case.language) >= WORTH),
    )


def fit(cases: Sequence[Weighed], without: Collection[str] = ()) -> dict[str, object]:
    """The part of the file that these cases can say, with cross-validated figures on stdout."""
    read = any(feature["read_answers"] for case in cases for feature in case.features)
    unused = {*without, *(() if read else (*QA_FEATURES, "span"))}
    names = {kind: sentence_features(kind, unused) for kind in LEFT_OUT}
    models = fit_models(cases, names, [name for name in ANSWER_FEATURES if name not in unused])
    if not read:
        return {"models": models}
    shorts = [(case.case.group, *case.short) for case in cases if case.short]
    return {"read": models, **fit_short(shorts)}


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
    if "answerable" in answer:
        for name in sentence:
            models["again" if name == "same" else "again-cross"] = fit_again(
                cases, name == "cross", models[name]
            )
    for name, crossed in (("answer", False), ("answer-cross", True)):
        chosen = [case for case in cases if bool(case.signals["foreign"]) == crossed]
        rescored = [_with_best(case, models) for case in chosen]
        report_answers(name, answer, chosen, rescored)
        models[name] = fit_answers(answer, chosen, rescored)
    return models


def fit_again(cases: Sequence[Weighed], crossed: bool, first: Model) -> Model:
    """Probability that a sentence answers after the QA model has read it by itself."""
    rows, labels = [], []
    for case in cases:
        if case.crossed != crossed or not case.labels.any():
            continue
        for values, label in zip(case.features, case.labels, strict=True):
            if values["read_answers"]:
                before = float(1 / (1 + np.exp(-linear(first, values))))
                weighed = as_read({**values, "first": before})
                rows.append([weighed[name] for name in AGAIN])
                labels.append(label)
    return fitted(AGAIN, np.array(rows), np.array(labels, bool))


def fit_sentences(names: Sequence[str], cases: Sequence[Weighed]) -> Model:
    """Probability that a sentence holds the answer, given that one of them does."""
    rows = np.array(
        [[feature[name] for name in names] for case in cases for feature in case.features]
    )
    return fitted(names, rows, np.concatenate([case.labels for case in cases]))


def fit_answers(
    names: Sequence[str], cases: Sequence[Weighed], signals: Sequence[Mapping[str, float]]
) -> Model:
    """Probability that the answer is right; 0.5 is put where KEPT_ANSWERS of those pass."""
    rows = np.array([[row[name] for name in names] for row in signals])
    right = np.array([case.right for case in cases])
    model = fitted(names, rows, right)
    odds = [linear(model, row) for row in signals]
    cut = float(np.quantile(np.array(odds)[right], 1 - KEPT_ANSWERS))
    model["intercept"] = round(model["intercept"] - cut, 4)
    return model


def report_sentences(name: str, names: Sequence[str], cases: Sequence[Weighed]) -> None:
    """How often the best, and one of the three best sentences, holds the answer."""
    first: list[bool] = []
    third: list[bool] = []
    for train, test in folds([case.case.group for case in cases]):
        model = fit_sentences(names, [cases[i] for i in train])
        for case in (cases[i] for i in test):
            order = np.argsort([-linear(model, feature) for feature in case.features])
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
    """Answered of the right, and of the others by kind; area under the curve; cross-validated."""
    passed: dict[str, list[bool]] = {}
    odds: dict[str, list[float]] = {}
    labels: dict[str, list[bool]] = {}
    for train, test in folds([case.case.group for case in cases]):
        model = fit_answers(names, [cases[i] for i in train], [signals[i] for i in train])
        for i in test:
            language, right = cases[i].case.language, cases[i].right
            kind = "right" if right else f"wrong, {cases[i].case.kind}"
            odds.setdefault(language, []).append(linear(model, signals[i]))
            labels.setdefault(language, []).append(right)
            passed.setdefault(f"{language} {kind}", []).append(odds[language][-1] >= 0)
    for kind, values in sorted(passed.items()):
        print(f"{name} {kind}: {len(values)} questions, answered {np.mean(values):.3f}")
    for language in sorted(odds):
        print(
            f"{name} {language}: area under the curve {area(odds[language], labels[language]):.3f}"
        )


def _with_best(case: Weighed, models: Mapping[str, Model]) -> dict[str, float]:
    """The signals, with the score of the best sentence as the new models give it."""
    cross = bool(case.signals["foreign"])
    first = models["cross" if cross else "same"]
    again = models.get("again-cross" if cross else "again")
    scores = [_score(values, first, again) for values in case.features]
    return {**case.signals, "best": log_odds(max(scores, default=0.0))}


def _score(values: Mapping[str, float], first: Model, again: Model | None) -> float:
    before = float(1 / (1 + np.exp(-linear(first, values))))
    if again is None or not values["read_answers"]:
        return before if again is None else 0.0
    return float(1 / (1 + np.exp(-linear(again, as_read({**values, "first": before})))))


def _holds(text: str, gold: Sequence[str]) -> bool:
    """Whether the sentence holds an answer, or is the greater part of a longer one."""
    return any(
        metrics.contains(text, answer) or (len(text) > _PART and metrics.contains(answer, text))
        for answer in gold
    )


if __name__ == "__main__":
    main()
