"""Question sets in SQuAD's layout: articles, their paragraphs, the questions about each.

One article may stand in several files and in two languages, under two titles; its questions have
the same ids everywhere. What is left out of training is left out by article, so that what is
measured on it is honest. Knows nothing of models.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.errors import UsageError
from rag.training.rows import Question


@dataclass(frozen=True, slots=True)
class Asked:
    """One question; `start` is that of the first answer, -1 where the paragraph does not say."""

    id: str
    question: str
    answers: tuple[str, ...]
    start: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A passage and its questions."""

    context: str
    questions: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Article:
    """The paragraphs under one title."""

    title: str
    paragraphs: tuple[Paragraph, ...]


def load_articles(path: Path) -> list[Article]:
    """Reads a SQuAD 1.1 or 2.0 file, gzipped or not. Raises OSError, ValueError, KeyError."""
    raw = path.read_bytes()
    data = json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)["data"]
    return [
        Article(
            article.get("title", ""),
            tuple(
                Paragraph(part["context"], tuple(_asked(part["context"], part["qas"])))
                for part in article["paragraphs"]
            ),
        )
        for article in data
    ]


def _asked(context: str, rows: Iterable[Mapping[str, Any]]) -> Iterator[Asked]:
    """Yields the questions whose answer stands where it should, or in one place alone."""
    for row in rows:
        answers = row.get("answers") or []
        key, question = str(row.get("id", "")), row["question"].strip()
        if row.get("is_impossible") or not answers:
            yield Asked(key, question, (), -1)
            continue
        text, start = answers[0]["text"], answers[0]["answer_start"]
        if answers[0].get("start_inferred") and context.count(text) > 1:
            continue
        if context[start : start + len(text)] != text:
            start = context.find(text)
        if text and start >= 0:
            yield Asked(key, question, tuple(answer["text"] for answer in answers), start)


def questions_of(articles: Iterable[Article], language: str, source: str) -> list[Question]:
    """Returns training rows; those without an answer have the source «SOURCE-null»."""
    return [_row(part, asked, language, source) for _, part, asked in _walk(articles)]


def by_id(articles: Iterable[Article], language: str, source: str) -> dict[str, Question]:
    """Returns the same rows by the id of the question."""
    return {asked.id: _row(part, asked, language, source) for _, part, asked in _walk(articles)}


def _row(part: Paragraph, asked: Asked, language: str, source: str) -> Question:
    answer = asked.answers[0] if asked.answers else None
    name = source if asked.answers else f"{source}-null"
    return Question(asked.question, part.context, answer, asked.start, language, name)


def _walk(articles: Iterable[Article]) -> Iterator[tuple[Article, Paragraph, Asked]]:
    for article in articles:
        for part in article.paragraphs:
            for asked in part.questions:
                yield article, part, asked


def retitled(articles: Sequence[Article], models: Sequence[Article]) -> list[Article]:
    """Returns the articles under the titles that `models` have for their questions' ids.

    «Economic_inequality» is «Desigualdad económica» in the Spanish file: one article all the same.
    """
    title_of = {asked.id: article.title for article, _, asked in _walk(models)}
    renamed = []
    for article in articles:
        titles = Counter(
            title_of[asked.id] for _, _, asked in _walk([article]) if asked.id in title_of
        )
        common = titles.most_common(1)
        renamed.append(replace(article, title=common[0][0]) if common else article)
    return renamed


def originals(articles: Iterable[Article]) -> dict[str, str]:
    """Maps each paragraph to the first that has a question of the same id: what it translates."""
    first: dict[str, str] = {}
    original: dict[str, str] = {}
    for article in articles:
        for part in article.paragraphs:
            known = [first[asked.id] for asked in part.questions if asked.id in first]
            original.setdefault(part.context, known[0] if known else part.context)
            for asked in part.questions:
                first.setdefault(asked.id, original[part.context])
    return original


def left_out(titles: Collection[str], fold: str | None, without: Sequence[str]) -> set[str]:
    """Returns the titles that must not be trained on: those named, and every N-th for «K/N».

    Raises UsageError for a title that is not there and for a fold of another form.
    """
    unknown = sorted(set(without) - set(titles))
    if unknown:
        raise UsageError(
            f"no article is called {', '.join(unknown)}; there are {', '.join(sorted(titles))}",
            "name articles by their titles",
        )
    if fold is None:
        return set(without)
    part, _, parts = fold.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts) >= 2):
        raise UsageError(f"--fold {fold} is no part of a whole", "--fold 1/4 is the first of four")
    return set(without) | set(sorted(titles)[int(part) - 1 :: int(parts)])
