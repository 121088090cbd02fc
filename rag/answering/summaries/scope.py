"""What a summary is wanted of: a document, one of its sections, a folder, or all; and how long."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from rag.answering.tables.matching import AskedWord, asked_words, explained, said
from rag.schema import Document, DocumentInfo, Passage, Question, Section, Span
from rag.text import fold
from rag.text.languages import DATA
from rag.text.summarising import SUMMARISING

_USUAL, _ABOUT, _SHORT, _LONG, _MOST = 12, 5, 3, 24, 40  # sentences
_WORDS, _LONG_WORDS = 170, 400  # of a summary whose length nobody chose
_NAMED = 0.5  # share of the question that a title or heading says, to be meant
_RANKED = 0.15  # what the first passage adds for its document
_WHOLE = 0.99  # share of a folder's name that is all of it
_FULL = 0.34  # what a name that is said whole adds


@dataclass(frozen=True, slots=True)
class Scope:
    """The document or section that is summed up; `stretch` is the section's characters."""

    document: int
    stretch: Span | None = None


@dataclass(frozen=True)
class Wish:
    """What a question for a summary says."""

    question: Question
    asked: tuple[AskedWord, ...] = field(default=())

    @property
    def everything(self) -> bool:
        """Tells whether all documents are meant."""
        words = SUMMARISING[self.question.language]
        return re.search(words.everything, fold(self.question.query)) is not None

    @property
    def words(self) -> int:
        """Returns how many words a summary may have, whatever its sentences; 0 for any number."""
        words, query = SUMMARISING[self.question.language], fold(self.question.query)
        if re.search(words.length, query):
            return 0
        return _LONG_WORDS if re.search(words.long, query) else _WORDS

    @property
    def sentences(self) -> int:
        """Returns how many sentences are wanted."""
        words, query = SUMMARISING[self.question.language], fold(self.question.query)
        if match := re.search(words.length, query):
            numerals = {fold(k): v for k, v in DATA[self.question.language].numerals.items()}
            number = match[1]
            wanted = int(number) if number.isdigit() else int(numerals.get(number, 1))
            return max(1, min(wanted, _MOST))
        if re.search(words.short, query):
            return _SHORT
        if re.search(words.long, query):
            return _LONG
        return _ABOUT if re.search(words.about, query) else _USUAL


def wish_of(question: Question) -> Wish:
    """Returns the question with its words that may name a document or a section."""
    idle = set(fold(SUMMARISING[question.language].idle).split())
    words = tuple(word for word in asked_words(question) if word.text not in idle)
    return Wish(question, words)


def folder_of(wish: Wish, infos: Sequence[DocumentInfo]) -> list[DocumentInfo] | None:
    """Returns the documents of the folder that the question names; None where it names none."""
    language = wish.question.language
    if not re.search(SUMMARISING[language].folder, fold(wish.question.query)):
        return None
    named: dict[str, float] = {}
    for info in infos:
        for folder in PurePosixPath(info.path).parents:
            used, share = said(re.sub(r"[-_]+", " ", folder.name), language, wish.asked)
            if used and share > _WHOLE:
                named[str(folder)] = explained(wish.asked, used)
    best = max(named, key=lambda folder: named[folder], default=None)
    return [info for info in infos if info.path.startswith(f"{best}/")] if best else None


def scope_of(
    wish: Wish,
    infos: Sequence[DocumentInfo],
    passages: Sequence[Passage],
    get: Iterable[Document],
) -> Scope | None:
    """Returns what is to be summed up; None where neither a name nor the search tells it.

    `get` gives the documents of the passages, in the order found.
    """
    ranked = {document.id: 1 / (1 + rank) for rank, document in enumerate(get)}
    scored = []
    for info in infos:
        used, whole = _named(wish, info)
        share = explained(wish.asked, used) if used else 0.0
        scored.append((share + _FULL * whole + _RANKED * ranked.get(info.id, 0.0), share, info.id))
    if not scored:
        return None
    _, share, best = max(scored, default=(0.0, 0.0, 0))
    if share >= _NAMED:
        return Scope(best)
    counts = [passage.chunk.document_id for passage in passages]
    if not counts:
        return None
    return Scope(best if share > 0 and best in counts else counts[0])


def _named(wish: Wish, info: DocumentInfo) -> tuple[frozenset[int], float]:
    """Returns the words that the title or the file's name says, and how much of it they are."""
    file = info.path.rsplit("/", 1)[-1].rsplit(".", 1)[0].replace("-", " ").replace("_", " ")
    title, share = said(info.title, info.language, wish.asked)
    name, named = said(file, info.language, wish.asked)
    return title | name, max(share, named)


def section_in(wish: Wish, document: Document) -> Span | None:
    """Returns the section whose heading says what the document's title does not; None for all."""
    title, _ = said(f"{document.title} {document.path}", document.language, wish.asked)
    best: tuple[float, int, Span] | None = None
    for section in document.sections:
        if len(section.headings) < 1 or section.headings[-1] == document.title:
            continue
        used, share = said(section.headings[-1], document.language, wish.asked)
        if used - title and share > 0:
            score = explained(wish.asked, used - title) + share
            if best is None or score > best[0]:
                best = score, section.start, _whole(document, section)
    rest = frozenset(range(len(wish.asked))) - title
    if best is None or not rest or best[0] < 1:
        return None
    return best[2]


def _whole(document: Document, section: Section) -> Span:
    """Returns a section with those under its heading."""
    end, depth = section.end, len(section.headings)
    for other in document.sections:
        if other.start >= end and other.headings[:depth] == section.headings:
            end = other.end
    return section.start, end
