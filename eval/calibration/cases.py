"""Labelled questions for calibration: answerable, near misses, and about what is not there.

A near miss is one of SQuAD 2.0, or an answerable question about something else («exchanged»).

Reads the development articles, the questions over the sample corpus, and sets of everyday
questions, which are asked in other words than the text's; asks nothing.
"""

from __future__ import annotations

import json
import random
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eval import datasets
from rag.answering.question_subject import named_things
from rag.schema import Filters

_NOWHERE = frozenset[str]()


@dataclass(frozen=True)
class Case:
    """A question with what the search may see, and where its answer stands («»: nowhere)."""

    question: str
    language: str
    group: str  # article or document: never split between fitting and measuring
    kind: str  # answerable | near-miss | exchanged | elsewhere
    gold: tuple[str, ...]
    documents: frozenset[str]
    filters: Filters
    facts: tuple[tuple[str, ...], ...] = ()
    """What a right answer states, the spellings of each fact; empty: one of `gold`."""
    yes: bool | None = None


def article_cases(folder: Path, present: Collection[str]) -> Iterator[Case]:
    """Yields each question over the whole library, and over the other language's documents alone.

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
                yield Case(row["question"], language, article, "near-miss", (), _NOWHERE, Filters())
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
        frozenset({document}) if there else _NOWHERE,
        filters,
    )


def sampled(cases: Iterator[Case], limit: int, seed: int = 1) -> Iterator[Case]:
    """Yields at most `limit` cases of each language and kind, across languages counted apart."""
    shuffled = list(cases)
    random.Random(seed).shuffle(shuffled)
    taken: dict[tuple[str, str, tuple[str, ...]], int] = {}
    for case in shuffled:
        key = (case.language, case.kind, case.filters.languages)
        taken[key] = taken.get(key, 0) + 1
        if taken[key] <= limit:
            yield case


def exchanged(cases: Sequence[Case], seed: int = 1) -> Iterator[Case]:
    """Yields each answerable question with one of the things it names exchanged.

    «¿Quién dirige el museo de Jaén?» asks for «el museo de los mongoles», whom another article's
    question names: no document answers that.
    """
    chance = random.Random(seed)
    named = [(case, run) for case in cases for run in named_things(case.question, case.language)]
    for case in cases:
        others = [run for other, run in named if _may_lend(other, case)]
        own = [" ".join(run) for run in named_things(case.question, case.language)]
        there = [words for words in own if words in case.question]
        if case.kind == "answerable" and not case.filters.languages and there and others:
            question = case.question.replace(
                chance.choice(there), " ".join(chance.choice(others)), 1
            )
            yield replace(case, question=question, kind="exchanged", gold=(), documents=_NOWHERE)


def _may_lend(other: Case, case: Case) -> bool:
    return other.language == case.language and other.group != case.group


def sample_cases(path: Path) -> Iterator[Case]:
    """Yields the questions over the sample corpus, follow-ups left out."""
    for line in _lines(path):
        row = json.loads(line)
        if row.get("history"):
            continue
        kind = "near-miss" if row["unanswerable"] else "answerable"
        gold = (*row["answers"], *(evidence["quote"] for evidence in row["evidence"]))
        documents = frozenset(evidence["path"] for evidence in row["evidence"])
        group = f"sample/{min(documents, default=row['id'])}"
        yield Case(row["question"], row["language"], group, kind, gold, documents, Filters())


def everyday_cases(paths: Iterable[Path], library: str) -> Iterator[Case]:
    """Yields the questions of sets with facts that are about one library, «A» or «N»."""
    for row in (json.loads(line) for path in paths for line in _lines(path)):
        if row["library"] == library:
            yield _everyday(next(iter(datasets.from_rows("everyday", [row]).questions)))


def _everyday(question: datasets.Question) -> Case:
    documents = frozenset(evidence.path for evidence in question.evidence)
    return Case(
        question.text,
        question.language,
        f"everyday/{min(documents, default=question.id)}",
        "near-miss" if question.unanswerable else "answerable",
        tuple(evidence.quote for evidence in question.evidence),
        documents,
        Filters(),
        question.facts or (),
        bool({"Yes", "Sí"}.intersection(question.starts)) if question.starts else None,
    )


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()
