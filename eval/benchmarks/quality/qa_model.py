"""How well the QA model reads by itself, the paragraph given.

    python -m eval.benchmarks.quality.qa_model DATA [--model FOLDER] [--fold K/N]
        [--questions 600]

XQuAD development questions, F1 and exact match of the best span for the four pairs of languages
(question → paragraph). SQuAD 2.0 and SQuAD-es 2.0: F1 of the questions that the paragraph answers
(a refused one counts 0) and the share of the others that is refused, by the threshold where the sum
of both is greatest, chosen on one half of the articles and measured on the other, both ways; then
the share refused where .85 of the answerable questions are answered. `--fold` measures only the
articles that `rag train qa --fold K/N` has not seen. Needs the development data.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval import metrics
from rag.models import BundledQAModel, bundled_folder, load_artefact
from rag.protocols import QAModel
from rag.training.articles import Article, left_out, load_articles, retitled

LANGUAGES = ("en", "es")
ANSWERED = 0.85  # of the answerable questions: a user accepts that few refusals
XQUAD = "xquad.dev.{}.json"
SQUAD2 = {"en": "squad-v2.0-dev.shared.en.json.gz", "es": "squad-es-v2.0-dev-small.shared.json.gz"}


@dataclass(frozen=True)
class Item:
    """A question with a paragraph; no answers where the paragraph gives none."""

    id: str
    title: str
    question: str
    passage: str
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Read:
    """How sure the QA model is that there is an answer, and what its span is worth."""

    item: Item
    sure: float
    f1: float
    exact: float


def main() -> None:
    """Prints one line a pair of languages, then one a language."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of the development data")
    parser.add_argument("--model", type=Path, help="an artefact; the bundled one if left out")
    parser.add_argument("--fold", help="K/N: only the articles that this fold left out")
    parser.add_argument("--questions", type=int, default=600, help="of each set")
    flags = parser.parse_args()
    folder = flags.data / "qa"
    if not folder.is_dir():
        sys.exit(f"{flags.data} holds no qa/: this measurement needs the development data")
    model = BundledQAModel(load_artefact(flags.model or bundled_folder("reader")))
    sets = {lang: load_articles(folder / XQUAD.format(lang)) for lang in LANGUAGES}
    titles = {item.title for item in sets["en"]}
    chosen = left_out(titles, flags.fold, ()) if flags.fold else titles
    for line in spans(model, sets, chosen, flags.questions):
        print(line, flush=True)
    for language, name in SQUAD2.items():
        articles = retitled(load_articles(folder / name), sets["en"])
        items = sampled(items_of(articles, chosen), flags.questions)
        print(refusals(language, [*read(model, items, language)]), flush=True)


def spans(
    model: QAModel,
    sets: dict[str, list[Article]],
    titles: Iterable[str],
    limit: int,
) -> Iterator[str]:
    """Gives one line per pair of languages: question → paragraph."""
    wanted = set(titles)
    items = {lang: {item.id: item for item in items_of(sets[lang], wanted)} for lang in LANGUAGES}
    both = [item for key, item in items["en"].items() if key in items["es"]]
    keys = [item.id for item in sampled(both, limit)]
    for asked in LANGUAGES:
        for shown in LANGUAGES:
            pairs = [(items[asked][key].question, items[shown][key]) for key in keys]
            rows = [
                Item(item.id, item.title, question, item.passage, item.answers)
                for question, item in pairs
            ]
            found = list(read(model, rows, shown))
            f1, exact = _mean([item.f1 for item in found]), _mean([item.exact for item in found])
            yield f"XQuAD {asked}→{shown}  F1 {f1:.3f}  EM {exact:.3f}  ({len(found)} questions)"


def read(model: QAModel, items: Iterable[Item], language: str) -> Iterator[Read]:
    """Gives the QA model's best span of each paragraph against the answers."""
    for item in items:
        [verdict] = model.read(item.question, [item.passage])
        words = item.passage[verdict.start : verdict.end]
        yield Read(
            item,
            verdict.answerable,
            metrics.f1(words, item.answers, language) if item.answers else 0.0,
            float(metrics.exact_match(words, item.answers, language)) if item.answers else 0.0,
        )


def refusals(language: str, found: Sequence[Read]) -> str:
    """Returns F1 where there is an answer, refusals where there is none, across halves."""
    titles = sorted({read.item.title for read in found})
    halves = [[r for r in found if titles.index(r.item.title) % 2 == half] for half in (0, 1)]
    has, none = list[float](), list[float]()
    for fitted, measured in (halves, halves[::-1]):
        threshold = balanced(fitted)
        has += [r.f1 * (r.sure >= threshold) for r in measured if r.item.answers]
        none += [float(r.sure < threshold) for r in measured if not r.item.answers]
    return (
        f"SQuAD 2 {language}  HasAns F1 {_mean(has):.3f}  NoAns {_mean(none):.3f}  "
        f"refused {refused(found):.3f} where {ANSWERED} are answered  "
        f"({len(has)} + {len(none)} questions)"
    )


def refused(found: Sequence[Read]) -> float:
    """The share of the unanswerable questions below the threshold that answers `ANSWERED`."""
    sure = [r.sure for r in found if r.item.answers]
    threshold = float(np.quantile(sure, 1 - ANSWERED)) if sure else 0.0
    return _mean([float(r.sure < threshold) for r in found if not r.item.answers])


def balanced(found: Sequence[Read]) -> float:
    """Returns the threshold with the greatest mean of HasAns F1 and NoAns accuracy."""
    candidates = sorted({item.sure for item in found}) or [0.0]

    def worth(threshold: float) -> float:
        has = [r.f1 * (r.sure >= threshold) for r in found if r.item.answers]
        none = [float(r.sure < threshold) for r in found if not r.item.answers]
        return _mean(has) + _mean(none)

    return max(candidates, key=worth)


def items_of(articles: Iterable[Article], titles: Iterable[str]) -> list[Item]:
    """Returns the questions about some articles."""
    wanted = set(titles)
    return [
        Item(asked.id, article.title, asked.question, part.context, asked.answers)
        for article in articles
        if article.title in wanted
        for part in article.paragraphs
        for asked in part.questions
    ]


def sampled(items: Sequence[Item], limit: int) -> list[Item]:
    """Returns at most so many, the same ones each time."""
    return random.Random(1).sample(list(items), min(limit, len(items)))


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0


if __name__ == "__main__":
    main()
