"""What the QA model learns from: questions with passages, passages without the answer, weights.

The base is everything in the data folder: search questions over encyclopaedia passages and their
Spanish translations, within a language and across, stories, manuals, medicine, single sentences
among others. The articles are an encyclopaedia's, which people asked about in both languages.
Passages without the answer are the best ones by BM25 that lack it. Knows nothing of tensors.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rag.training.articles import (
    Article,
    by_id,
    left_out,
    load_articles,
    originals,
    questions_of,
    retitled,
)
from rag.training.near_misses import names_of
from rag.training.qa_batches import Task, capped, composed
from rag.training.rows import Question
from rag.training.translation import SEARCHED

NEGATIVES = 6  # kept a question, of the best LOOK by BM25
LOOK = 12
LONGEST = 200  # characters: a longer «answer» of the extra sets is a paragraph
EXTRA = {"zsre": ("zsre.en.json.gz", 3_000), "covidqa": ("covidqa.en.json.gz", 1_400)}
SETS = {  # file: (language, source); the first file that has a question gives it
    "xquad.dev.en.json": ("en", "xquad"),
    "xquad.dev.es.json": ("es", "xquad"),
    "squad-v1.1-dev.shared.en.json.gz": ("en", "squad"),
    "squad-v2.0-dev.shared.en.json.gz": ("en", "squad"),
    "squad-es-v1.1-dev-small.shared.json.gz": ("es", "squad-es"),
    "squad-es-v2.0-dev-small.shared.json.gz": ("es", "squad-es"),
}
# How often a row of a source is drawn, relative to the others. Human questions over passages most;
# rule-made Spanish and everything far from an encyclopaedia less.
WEIGHTS = {
    "qed-nq": 1.0,
    "nq-open-oracle": 1.0,
    "qed-nq-mt": 1.1,
    "nq-open-oracle-mt": 1.1,
    "across/es>en": 0.2,
    "across/en>es": 0.2,
    "fairytaleqa": 0.15,
    "doqa-first-turn": 0.5,
    "casimedicos-squad": 0.6,
    "nq-bm25-negative": 0.5,
    "qamr": 0.3,
    "zsre": 0.1,
    "covidqa": 0.3,
    "xquad/en": 3.0,  # written by people in both languages: the only such Spanish there is
    "xquad/es": 3.0,
    "xquad/en>es": 1.5,
    "xquad/es>en": 1.5,
    "squad/en": 0.8,
    "squad-es/es": 1.0,
    "claims/parallel": 0.4,
    "claims/answers": 0.5,
    "claims/scifact": 6.0,  # under a thousand; the only contradictions that people wrote
    "squad-es/en>es": 0.3,
    "squad-es/es>en": 0.3,
    "squad-es/en>es-null": 0.2,
    "squad-es/es>en-null": 0.2,
}
OTHER_WEIGHT = 0.5
_INDEXED = re.compile(r"\w\w")  # a word as BM25 counts them


def weight_of(source: str) -> float:
    """Returns how often a row of the source is drawn, relative to those of other sources."""
    return WEIGHTS.get(source, OTHER_WEIGHT)


def negatives(
    rows: Sequence[Question], language: str, original: Mapping[str, str] | None = None
) -> list[tuple[str, ...]]:
    """Returns for each row up to six of all passages, which look right and lack its answer.

    Passages of one `original` say the same in other words: none is a miss for the others.
    """
    import bm25s
    import Stemmer

    stemmer = Stemmer.Stemmer("spanish" if language == "es" else "english")
    passages = sorted({row.context for row in rows if _INDEXED.search(row.context)})
    if not passages:
        return [() for _ in rows]

    def tokens(texts: Sequence[str]) -> object:
        return bm25s.tokenize(texts, stemmer=stemmer, stopwords=None, show_progress=False)

    index = bm25s.BM25()
    index.index(tokens(passages), show_progress=False)
    found, _ = index.retrieve(
        tokens([row.question for row in rows]), k=min(LOOK, len(passages)), show_progress=False
    )
    folded = [_folded(text) for text in passages]
    origin = original or {}
    return [
        tuple(
            passages[i]
            for i in map(int, best)
            if origin.get(passages[i], passages[i]) != origin.get(row.context, row.context)
            and not _says(passages[i], folded[i], row.answer)
        )[:NEGATIVES]
        for row, best in zip(rows, found, strict=True)
    ]


def _says(passage: str, folded: str, answer: str | None) -> bool:
    """Tells whether the answer stands there, case and punctuation aside; in doubt it does."""
    return answer is not None and (answer in passage or _folded(answer).strip() in folded)


def _folded(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower())


def base_tasks(
    questions: Sequence[Question],
    translated: Sequence[Question | None],
    extra: Path | None,
    seed: int,
) -> list[Task]:
    """Returns the base mixture. `translated` goes with the search questions of `questions`."""
    draw = random.Random(seed)  # noqa: S311 - no secret is drawn
    groups: dict[str, list[Question]] = defaultdict(list)
    for row in questions:
        groups[row.source].append(row)
    tasks = _searched([row for row in questions if row.source in SEARCHED], translated)
    for source, rows in groups.items():
        if source == "qamr":
            tasks += [Task(row) for row in composed(capped(rows, draw), draw, 4)]
        elif source.endswith("-negative"):
            tasks += [Task(row) for row in rows]
        elif source not in SEARCHED:
            tasks += _with_misses(rows)
    return tasks + [Task(row) for row in _extra(extra, draw)]


def _searched(rows: Sequence[Question], translated: Sequence[Question | None]) -> list[Task]:
    """Returns English rows, Spanish ones, and both ways across, with negatives of like index."""
    spanish_of = {
        row.context: other.context
        for row, other in zip(rows, translated, strict=False)
        if other is not None
    }
    tasks = []
    for i, (row, misses) in enumerate(zip(rows, negatives(rows, "en"), strict=True)):
        tasks.append(Task(row, misses, names_of(misses)))
        other = translated[i] if i < len(translated) else None
        if other is None:
            continue
        spanish = tuple(spanish_of[text] for text in misses if text in spanish_of)
        tasks += [
            Task(other, spanish, names_of(spanish)),
            Task(replace(row, question=other.question, source="across/es>en"), misses),
            Task(replace(other, question=row.question, source="across/en>es"), spanish),
        ]
    return tasks


def _with_misses(rows: Sequence[Question]) -> list[Task]:
    languages = sorted({row.language for row in rows})
    parts = {name: [row for row in rows if row.language == name] for name in languages}
    return [
        Task(row, misses)
        for name, part in parts.items()
        for row, misses in zip(part, negatives(part, name), strict=True)
    ]


def _extra(folder: Path | None, draw: random.Random) -> list[Question]:
    chosen: list[Question] = []
    for source, (name, most) in EXTRA.items():
        if folder is not None and (folder / name).exists():
            rows = questions_of(load_articles(folder / name), "en", source)
            draw.shuffle(rows)
            chosen += [row for row in rows[:most] if len(row.answer or "") < LONGEST]
    return chosen


def article_tasks(folder: Path, fold: str | None, without: Sequence[str]) -> list[Task]:
    """Returns rows of the sets in `folder`; passages without the answer are of their article.

    Raises UsageError (see `left_out`), OSError, ValueError, KeyError.
    """
    sets = _sets(folder)
    titles = {article.title for articles in sets.values() for article in articles}
    absent = left_out(titles, fold, without)
    rows: dict[tuple[str, str], dict[str, Question]] = defaultdict(dict)
    for name, articles in sets.items():
        language, source = SETS[name]
        for article in articles:
            if article.title not in absent:
                new = by_id([article], language, f"{source}/{language}")
                rows[article.title, language] = new | rows[article.title, language]
    original = originals(article for articles in sets.values() for article in articles)
    return [task for key in sorted(rows) for task in _of_article(rows, key, original)]


def _sets(folder: Path) -> dict[str, list[Article]]:
    """Reads all sets that there are, under English titles."""
    there = {name: load_articles(folder / name) for name in SETS if (folder / name).exists()}
    english = [article for name in there if SETS[name][0] == "en" for article in there[name]]
    return {name: retitled(articles, english) for name, articles in there.items()}


def _of_article(
    rows: Mapping[tuple[str, str], Mapping[str, Question]],
    key: tuple[str, str],
    original: Mapping[str, str],
) -> Iterable[Task]:
    """Yields tasks over the passages of one article in one language, asked in either."""
    title, language = key
    own = rows[key]
    asked = "es" if language == "en" else "en"
    others = rows.get((title, asked), {})
    names = names_of(dict.fromkeys(row.context for row in own.values()))
    for (name, row), misses in zip(
        own.items(), negatives(list(own.values()), language, original), strict=True
    ):
        yield Task(row, misses, names)
        if name in others and (row.answer is None) == (others[name].answer is None):
            human = row.source.startswith("xquad") and others[name].source.startswith("xquad")
            source = f"{'xquad' if human else 'squad-es'}/{asked}>{language}"
            source += "-null" if row.answer is None else ""
            yield Task(replace(row, question=others[name].question, source=source), misses, names)


def mixed(parts: Sequence[tuple[Sequence[Task], float]]) -> tuple[list[Task], list[float]]:
    """Returns several mixtures in one, with the weights of the tasks.

    `parts` gives each mixture with its share of what is drawn; the shares are relative.
    """
    tasks, weights = list[Task](), list[float]()
    for part, share in parts:
        sources = [weight_of(task.row.source) for task in part]
        tasks += part
        weights += [share * weight / sum(sources) for weight in sources]
    return tasks, weights
