"""Fits the models of `rag/answering/calibration.json` on labelled questions, thresholds included.

    python -m eval.calibration.answers --articles DATA/rag/xquad-articles.shared --library LIB \
        --samples eval/questions.jsonl --sample-library SAMPLES --everyday-library EVERY \
        --everyday eval/everyday/{questions,samples,yes_no,near_misses}.jsonl \
        [--qa-model off] [--without near] [--write rag/answering/calibration.json]

Where a QA model is installed, the models for read passages are fitted («read», «short»); with
`--qa-model off`, or where there is none, those for unread ones («models»). The others stay as they
are in the file: run it both ways. A feature done `--without` may then not be computed at all: take
the models out of the file before it is fitted again.

The confidence is fitted on right against wrong answers: right is what was composed and holds a gold
answer, for both languages alike. A cosine is among its signals: fit it again for a new embedder.

LIB holds every second article of `docs` in both languages, SAMPLES holds `corpus/documents`, EVERY
holds `eval/everyday/documents`. Sentences are compared and composed as the file has it before: run
it twice. A question about an article that LIB lacks is one whose answer is truly not in the
documents; SQuAD
2.0's unanswerable ones are near misses, and so are answerable ones that name something else.
Figures are cross-validated over articles. Needs the development data, which is not part of the
repository.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval import metrics
from eval.calibration.cases import (
    Case,
    article_cases,
    everyday_cases,
    exchanged,
    sample_cases,
    sampled,
)
from eval.calibration.logistic import Model, area, fitted, fitted_lists, folds, linear
from eval.calibration.short_answers import fit_short
from eval.facts import states
from rag import factory
from rag.answering.answer_span import prediction
from rag.answering.composing import Material, compose
from rag.answering.evidence import (
    ANSWER_FEATURES,
    NEAR,
    QA_FEATURES,
    SENTENCE_FEATURES,
    Evidence,
)
from rag.answering.layout import layouts
from rag.config import load
from rag.library import Library
from rag.schema import Intent, Passage
from rag.text import fold

KEPT_ANSWERS = 0.9  # share of the right answers that the threshold lets through
WORTH = 0.5  # F1 from which the QA model's words are a right short answer
_SHARED, _FEWEST = 0.6, 4  # share of words by which a sentence is part of a quote; words


@dataclass(frozen=True)
class Weighed:
    """A case with the features of its sentences, their labels, and the answer's signals."""

    case: Case
    features: Sequence[Mapping[str, float]]
    labels: NDArray[np.bool_]
    signals: Mapping[str, float]
    right: bool = False  # what was composed holds a gold answer
    short: tuple[Mapping[str, float], bool] | None = None  # of the QA model's words; are they right


def main() -> None:
    """Reads the flags, fits, prints the figures, writes the file when asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--articles", type=Path, required=True)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--samples", type=Path, required=True)
    parser.add_argument("--sample-library", type=Path, required=True)
    parser.add_argument("--everyday", type=Path, nargs="+", required=True)
    parser.add_argument("--everyday-library", type=Path, required=True)
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
        cases += weigh_all(library, everyday_cases(flags.everyday, "A"))
    with _open(flags.everyday_library, flags.qa_model) as library:
        cases += weigh_all(library, everyday_cases(flags.everyday, "N"))
    models = {**_compared_by(library, cases), **fit(cases, flags.without)}
    print(json.dumps(models, indent=2))
    if flags.write:
        write(models, flags.write)


def _compared_by(library: Library, cases: Sequence[Weighed]) -> dict[str, object]:
    """Returns which models the cosines are of, and the mean of those of sentences."""
    near = round(float(np.mean([case.signals["near"] for case in cases])), 4)
    selector = factory.make_selector(library.settings)
    compared = {"selector": selector.fingerprint} if selector else {}
    name = "usual_selected" if selector else "usual_near"
    return {"embedder": library.embedder.fingerprint, **compared, name: near}


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
            passages[sentence.passage].path in case.documents and _holds(sentence.text, case.gold)
            for sentence in evidence.sentences
        ]
        unsaid, right, short = _composed(library, case, passages, evidence)
        signals = {**evidence.signals, "unsaid": unsaid}
        yield Weighed(case, evidence.features, np.array(labels, bool), signals, right, short)
        if number % 500 == 0:
            print(f"{number} weighed", file=sys.stderr)


def _composed(
    library: Library, case: Case, passages: Sequence[Passage], evidence: Evidence
) -> tuple[float, bool, tuple[Mapping[str, float], bool] | None]:
    """Returns what the answer leaves unsaid, whether it is right, its short answer's signals."""
    layout_of = layouts(library.document)
    material = Material(evidence.question, evidence.sentences, passages, layout_of)
    composition = compose(material)
    texts = []
    for piece in composition.pieces:
        layout = layout_of(passages[piece.passage].chunk.document_id)
        if passages[piece.passage].path in case.documents and layout is not None:
            texts.append(layout.of(piece.span))
    right = composition.yes in (None, case.yes) and _is_right(case, texts)
    factual = evidence.question.intent in (Intent.FACT, Intent.TABLE) and not case.facts
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
    unused = {*without, *(() if read else (*QA_FEATURES, "span", "relevant"))}
    sentence = [name for name in SENTENCE_FEATURES if name not in unused]
    models = fit_models(cases, sentence, [name for name in ANSWER_FEATURES if name not in unused])
    if not read:
        return {"models": models}
    shorts = [(case.case.group, *case.short) for case in cases if case.short]
    return {"read": models, **fit_short(shorts)}


def fit_models(
    cases: Sequence[Weighed], sentence: Sequence[str], answer: Sequence[str]
) -> dict[str, Model]:
    """Returns the models on these features of sentences and of answers."""
    models: dict[str, Model] = {}
    known = [case for case in cases if case.labels.any()]
    near = [compared for case in known if (compared := _compared(case)).labels.any()]
    for name, names, chosen in (
        ("sentence", sentence, known),
        ("compared", [*sentence, NEAR], near),
    ):
        report_sentences(name, names, chosen)
        models[name] = fit_sentences(names, chosen)
    for name, crossed in (("answer", False), ("answer-cross", True)):
        chosen = [case for case in cases if bool(case.signals["foreign"]) == crossed]
        signals = [case.signals for case in chosen]
        report_answers(name, answer, chosen, signals)
        models[name] = fit_answers(answer, chosen, signals)
    return models


def _compared(case: Weighed) -> Weighed:
    """Returns the case with those of its sentences that were compared by their vectors."""
    chosen = np.array([bool(values[NEAR]) for values in case.features], bool)
    features = [values for values, kept in zip(case.features, chosen, strict=True) if kept]
    return replace(case, features=features, labels=case.labels[chosen])


def fit_sentences(names: Sequence[str], cases: Sequence[Weighed]) -> Model:
    """Returns the probability that a sentence holds the answer, given that one of them does."""
    lists = [np.array([[f[name] for name in names] for f in case.features]) for case in cases]
    return fitted_lists(names, lists, [case.labels for case in cases])


def fit_answers(
    names: Sequence[str], cases: Sequence[Weighed], signals: Sequence[Mapping[str, float]]
) -> Model:
    """Returns the probability of a right answer; 0.5 is put where KEPT_ANSWERS of those pass."""
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


def _is_right(case: Case, texts: Sequence[str]) -> bool:
    """Tells whether what was composed states every fact, or holds a gold answer."""
    if case.facts:
        return bool(texts) and all(states("\n".join(texts), fact) for fact in case.facts)
    return any(_holds(text, case.gold) for text in texts)


def _holds(text: str, gold: Sequence[str]) -> bool:
    """Tells whether the text holds an answer, or shares most of its words with a quote."""
    return any(metrics.contains(text, answer) or _overlap(text, answer) for answer in gold)


def _overlap(text: str, quote: str) -> bool:
    """Tells whether most words of the shorter one are in the other, a few words left out."""
    ours, theirs = (set(re.findall(r"\w+", fold(one))) for one in (text, quote))
    shorter = min(len(ours), len(theirs))
    return shorter >= _FEWEST and len(ours & theirs) >= _SHARED * shorter


if __name__ == "__main__":
    main()
