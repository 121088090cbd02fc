"""Question sets of three layouts as one shape: our JSON lines, SQuAD JSON, BEIR folders.

Every file may be gzip-compressed. SQuAD and BEIR bring their own documents: `write_corpus` puts
them into a folder as text files, and the evidence of their questions names those files. This
module knows nothing about libraries or scores.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote as percent_encode

from rag.errors import UsageError
from rag.schema import Turn

Corpus = Callable[[], Iterator[tuple[str, str]]]
"""Gives (relative path, text) of each document anew at every call, one at a time."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where an answer stands. `page` is 1-based; an empty `quote` means: anywhere in there."""

    path: str
    page: int | None = None
    quote: str = ""
    grade: int = 1


@dataclass(frozen=True, slots=True)
class Question:
    """One question with all answers that count as right, none where it is unanswerable."""

    id: str
    text: str
    answers: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    unanswerable: bool
    language: str
    kind: str = ""
    history: tuple[Turn, ...] = ()
    facts: tuple[tuple[str, ...], ...] | None = None
    """What a right answer states, the spellings of each fact; None where that is not known."""
    wrong: tuple[str, ...] = ()
    """Values that mislead: the neighbouring cell, another year, another person."""
    starts: tuple[str, ...] = ()
    """First words of an answer to a yes-or-no question."""
    max_words: int | None = None


@dataclass(frozen=True, slots=True)
class Dataset:
    """A named question set; `corpus` is None where the questions are about an existing library."""

    name: str
    questions: tuple[Question, ...]
    corpus: Corpus | None = None


def load(path: Path) -> Dataset:
    """Reads a question set, by what it is rather than by its name.

    Raises UsageError when it cannot be read, holds no question or repeats an id.
    """
    try:
        dataset = _load(path)
    except (OSError, UnicodeDecodeError, EOFError) as error:
        raise UsageError(f"{path} cannot be read: {error}", "check the path") from error
    if not dataset.questions:
        raise UsageError(f"{path} holds no question", "see «rag eval --help» for the layouts")
    seen: set[str] = set()
    for question in dataset.questions:
        if question.id in seen:
            raise UsageError(f"{path} holds the id «{question.id}» twice", "give each its own id")
        seen.add(question.id)
    return dataset


def from_rows(name: str, rows: Iterable[Mapping[str, Any]]) -> Dataset:
    """Returns the set of rows that have the form of our JSON lines."""
    text = "\n".join(json.dumps(row) for row in rows)
    return Dataset(name, tuple(_our_format(Path(name), text)))


def write_corpus(dataset: Dataset, folder: Path) -> int:
    """Writes the set's own documents as UTF-8 text below `folder`; returns how many there were."""
    count = 0
    for relative, text in dataset.corpus() if dataset.corpus else ():
        target = folder / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        count += 1
    return count


def guess_language(texts: Iterable[str]) -> str:
    """Returns `es` or `en`, by counting words that only one of them has; `en` on a tie."""
    words = re.findall(r"\w+", " ".join(texts).casefold())
    spanish = sum(word in _SPANISH for word in words)
    return "es" if spanish > sum(word in _ENGLISH for word in words) else "en"


_SPANISH = frozenset(
    "el la los las un una de del al que qué en es por para con se su cuál cuáles quién cómo "
    "cuándo dónde cuánto cuántos según y o más fue son está como".split()
)
_ENGLISH = frozenset(
    "the an of to in is are was were what which who whom how when where why did does do with "
    "for and or by on from that this many much it has have had been".split()
)


def _load(path: Path) -> Dataset:
    if path.is_dir():
        return _beir(path)
    text = _read(path)
    try:
        whole = json.loads(text)
    except json.JSONDecodeError:
        whole = None
    if isinstance(whole, dict) and isinstance(whole.get("data"), list):
        return _squad(path, whole["data"])
    return Dataset(_stem(path), tuple(_our_format(path, text)))


# ---------------------------------------------------------------- our own JSON lines


def _our_format(path: Path, text: str) -> Iterator[Question]:
    for number, row in _rows(path, text):
        try:
            answers = tuple(str(answer) for answer in row.get("answers") or ())
            yield Question(
                id=str(row.get("id", number)),
                text=str(row["question"]),
                answers=answers,
                evidence=tuple(
                    Evidence(str(item["path"]), item.get("page"), item.get("quote") or "")
                    for item in row.get("evidence") or ()
                ),
                unanswerable=bool(row.get("unanswerable", not row.get("answerable", True))),
                language=row.get("language") or guess_language([row["question"]]),
                kind=row.get("kind") or row.get("type") or "",
                history=tuple(
                    Turn(turn["question"], turn["answer"]) for turn in row.get("history") or ()
                ),
                facts=_facts(row.get("facts")),
                wrong=tuple(map(str, row.get("wrong") or ())),
                starts=tuple(map(str, row.get("starts") or ())),
                max_words=row.get("max_words"),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise UsageError(
                f"{path}, line {number}: {type(error).__name__} {error}",
                'a line is {"id", "question", "answers", "unanswerable", "evidence", "language"}',
            ) from error


def _facts(rows: Sequence[Sequence[str]] | None) -> tuple[tuple[str, ...], ...] | None:
    return None if rows is None else tuple(tuple(map(str, spellings)) for spellings in rows)


# ---------------------------------------------------------------- SQuAD


def _squad(path: Path, articles: list[dict[str, Any]]) -> Dataset:
    """Reads SQuAD 1.1 and 2.0: a document per paragraph; the evidence is its sentence."""
    language = guess_language(q["question"] for _, p, _ in _paragraphs(articles) for q in p["qas"])
    questions = []
    for name, paragraph, _ in _paragraphs(articles):
        for row in paragraph["qas"]:
            answers = [answer for answer in row.get("answers", ()) if answer["text"]]
            impossible = bool(row.get("is_impossible", not answers))
            quotes = {_sentence(paragraph["context"], answer) for answer in answers[:1]} or {""}
            evidence = () if impossible else tuple(Evidence(name, quote=q) for q in quotes)
            golds = () if impossible else tuple(dict.fromkeys(a["text"] for a in answers))
            questions.append(
                Question(str(row["id"]), row["question"], golds, evidence, impossible, language)
            )

    def corpus() -> Iterator[tuple[str, str]]:
        for name, paragraph, title in _paragraphs(articles):
            yield name, f"{title}\n\n{paragraph['context']}\n"

    return Dataset(_stem(path), tuple(questions), corpus)


def _paragraphs(articles: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Gives (path, paragraph, title of its article)."""
    for position, article in enumerate(articles, start=1):
        title = (article.get("title") or "").replace("_", " ").strip()
        folder = f"{position:03}-{_file_name(title)}"
        for number, paragraph in enumerate(article["paragraphs"], start=1):
            yield f"{folder}/{number:03}.txt", paragraph, title


_SENTENCE_END = re.compile(r"[.!?…][»”\"')\]]*\s+|\n\s*\n")


def _sentence(context: str, answer: Mapping[str, Any]) -> str:
    """Returns the sentence around `answer_start`, or around the first occurrence without one."""
    start = answer.get("answer_start", -1)
    if start < 0:
        start = max(context.find(answer["text"]), 0)
    ends = [0, *(match.end() for match in _SENTENCE_END.finditer(context))]
    end = start + len(answer["text"])
    first = max(e for e in ends if e <= start)
    last = min((e for e in ends if e >= end), default=len(context))
    return context[first:last].strip()


# ---------------------------------------------------------------- BEIR


def _beir(folder: Path) -> Dataset:
    """Reads BEIR: `corpus.jsonl`, `queries.jsonl`, `qrels/test.tsv` (or the only other one)."""
    corpus_file = _only(folder, ("corpus.jsonl", "corpus.*jsonl"))
    queries = _only(folder, ("queries.jsonl", "queries.*jsonl"))
    judged = _qrels(_only(folder, ("qrels/test.tsv", "qrels/*.tsv", "qrels.tsv", "qrels.*tsv")))
    rows = [row for _, row in _rows(queries, _read(queries)) if row["_id"] in judged]
    language = guess_language(row["text"] for row in rows)

    def corpus() -> Iterator[tuple[str, str]]:
        for line in _open(corpus_file):
            row = json.loads(line)
            title = f"{row['title']}\n\n" if row.get("title") else ""
            yield f"{_file_name(row['_id'])}.txt", f"{title}{row['text']}\n"

    questions = tuple(
        Question(row["_id"], row["text"], (), judged[row["_id"]], False, language) for row in rows
    )
    return Dataset(folder.resolve().name, questions, corpus)


def _only(folder: Path, patterns: tuple[str, ...]) -> Path:
    """Returns the file of the first pattern that fits, compressed or not; a choice is refused."""
    for pattern in patterns:
        found = sorted({*folder.glob(pattern), *folder.glob(f"{pattern}.gz")})
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(path.name for path in found)
            raise UsageError(f"{folder} holds several: {names}", f"keep one as {patterns[0]}")
    raise UsageError(f"{folder} has no {patterns[0]}", "a BEIR folder needs corpus, queries, qrels")


def _qrels(path: Path) -> dict[str, tuple[Evidence, ...]]:
    """Returns positive judgements by query id, of lines with query, document and grade."""
    judged: dict[str, tuple[Evidence, ...]] = {}
    for number, line in enumerate(_read(path).splitlines(), start=1):
        columns = line.split()
        if number == 1 and columns and not columns[-1].lstrip("-").isdigit():
            continue
        if len(columns) not in (3, 4):
            raise UsageError(f"{path}, line {number}: not «query document grade»", "correct it")
        query, document, grade = columns[0], columns[-2], int(columns[-1])
        if grade > 0:
            evidence = Evidence(f"{_file_name(document)}.txt", grade=grade)
            judged[query] = (*judged.get(query, ()), evidence)
    return judged


# ---------------------------------------------------------------- files


def _open(path: Path) -> Iterator[str]:
    opener: Any = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as stream:
        yield from stream


def _read(path: Path) -> str:
    return "".join(_open(path))


def _rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    # split("\n"), not splitlines(): JSON strings may hold U+2028 and its kind.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except json.JSONDecodeError as error:
                raise UsageError(f"{path}, line {number} is not JSON: {error}", "fix it") from error


def _file_name(name: str) -> str:
    """Returns the name with what a file system may refuse percent-encoded: two names never meet."""
    return "".join(c if c.isalnum() or c in " .-_()" else percent_encode(c, "") for c in name)


def _stem(path: Path) -> str:
    return path.name.removesuffix(".gz").rsplit(".", 1)[0]
