"""The same questions to several documents: a table with a citation in every cell, and what differs.

for cell in ask_each(library, documents, questions): ...
differences(documents, answers)
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from rag.library import Library
from rag.schema import Answer, Citation, DocumentInfo, Filters
from rag.text import fold

NOTHING = "–"
"""What a cell shows where the document does not say it."""

_FORMULA = ("=", "@", "\t", "\r")  # a spreadsheet would obey what begins with these
_SIGNED = ("+", "-")
_ALIKE = 0.5  # share of words that two versions of one sentence have in common
_MARK = re.compile(r" ?\[\d{1,3}\]")
_CLOSING = ".,;:()«»\"'“”"


@dataclass(frozen=True, slots=True)
class Row:
    """A document with its answers, one a question; None where none was asked any more."""

    document: DocumentInfo
    answers: tuple[Answer | None, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a document says otherwise than the first one; both None where only one says anything.

    `changes` are (before, after) where both say it in much the same words; «» for what is missing.
    """

    first: DocumentInfo
    other: DocumentInfo
    before: Citation | None
    after: Citation | None
    changes: tuple[tuple[str, str], ...] = ()

    @property
    def same(self) -> bool:
        """Tells whether both say the same, word by word, or neither says anything."""
        if self.before is None or self.after is None:
            return self.before is self.after
        return not self.changes and _words(self.before.quote) == _words(self.after.quote)


def selected(documents: Sequence[DocumentInfo], paths: Sequence[str]) -> list[DocumentInfo]:
    """Returns the documents of these paths and folders, in the order of the paths; all for none."""
    if not paths:
        return list(documents)
    found = {
        info.id: info
        for path in paths
        for info in documents
        if f"{info.path}/".startswith(f"{path.rstrip('/')}/")
    }
    return list(found.values())


def ask_each(
    library: Library,
    documents: Sequence[DocumentInfo],
    questions: Sequence[str],
    filters: Filters | None = None,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Row]:
    """Asks every document by itself; `progress` gets (answers, all answers) after each of them.

    After `stop()` the answers in hand are returned; the rest of the table is empty.
    """
    rows: list[Row] = []
    total = len(documents) * len(questions)
    for info in documents:
        alone = replace(filters or Filters(), paths=(info.path,))
        answers: list[Answer | None] = []
        for question in questions:
            halted = stop()
            answers.append(None if halted else library.ask(question, (), alone).answer)
            if not halted:
                progress(len(rows) * len(questions) + len(answers), total)
        if not any(answers):
            break
        rows.append(Row(info, tuple(answers)))
    return rows


def said(answer: Answer | None) -> str:
    """Returns the short answer, else the whole one on one line; a dash where nothing is found."""
    if answer is None:
        return ""
    if not answer.found:
        return NOTHING
    return " ".join((answer.short or answer.text).split())


def bare(answer: Answer) -> str:
    """Returns a found answer on one line without the marks of its citations."""
    return _MARK.sub("", said(answer))


def cited(answer: Answer | None) -> tuple[Citation, ...]:
    """Returns the citations that prove a cell; none where nothing is found."""
    return tuple(answer.citations) if answer is not None and answer.found else ()


def source(answer: Answer | None) -> str:
    """Returns the quotes that prove a cell, each with its page."""
    quotes = []
    for citation in cited(answer):
        page = f"p. {citation.page}: " if citation.page else ""
        quotes.append(f"{page}«{' '.join(citation.quote.split())}»")
    return " ".join(quotes)


def differences(rows: Sequence[Row], question: int) -> Iterator[Difference]:
    """Yields what each document says otherwise than the first one, in their order."""
    first, *others = rows
    before = cited(first.answers[question])
    for row in others:
        after = cited(row.answers[question])
        if not before or not after:
            yield Difference(
                first.document, row.document, next(iter(before), None), next(iter(after), None)
            )
            continue
        alike = {(one, two): _ratio(one.quote, two.quote) for one in before for two in after}
        one, two = max(alike, key=lambda pair: alike[pair])
        near = alike[one, two] >= _ALIKE
        changes = _changes(one.quote, two.quote) if near else ()
        yield Difference(first.document, row.document, one, two, changes)


def _words(text: str) -> list[str]:
    return [fold(word).strip(_CLOSING) for word in text.split()]


def _ratio(one: str, two: str) -> float:
    return SequenceMatcher(None, _words(one), _words(two), autojunk=False).ratio()


def _changes(before: str, after: str) -> tuple[tuple[str, str], ...]:
    """Returns the stretches of words that differ, as they are written."""
    one, two = before.split(), after.split()
    matcher = SequenceMatcher(None, _words(before), _words(after), autojunk=False)
    return tuple(
        (" ".join(one[i:j]).strip(_CLOSING), " ".join(two[k:m]).strip(_CLOSING))
        for kind, i, j, k, m in matcher.get_opcodes()
        if kind != "equal"
    )


def as_csv(rows: Sequence[Row], questions: Sequence[str]) -> str:
    """Returns the table as CSV: for each question its answers, and beside them their sources."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    heads = (name for question in questions for name in (question, "source"))
    writer.writerow(["document", *map(harmless, heads)])
    for row in rows:
        cells = (text for answer in row.answers for text in (said(answer), source(answer)))
        writer.writerow(map(harmless, (row.document.path, *cells)))
    return stream.getvalue()


def harmless(text: str) -> str:
    """Returns a cell that no spreadsheet takes for a formula; a signed figure stays as it is."""
    formula = text.startswith(_FORMULA)
    formula = formula or (text.startswith(_SIGNED) and not text[1:2].isdigit())
    return f"'{text}" if formula else text
