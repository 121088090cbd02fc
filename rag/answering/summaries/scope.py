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
_OWN = 0.16  # what the language of the question adds: of a text and its translation it decides
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
    def of_section(self) -> bool:
        """Tells whether a section is asked for, and not a document."""
        words = SUMMARISING[self.question.language]
        return re.search(words.section, fold(self.question.query)) is not None

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
    said = SUMMARISING[question.language]
    idle, length = set(fold(said.idle).split()), re.search(said.length, fold(question.query))
    start, end = length.span() if length else (0, 0)
    words = (word for word in asked_words(question) if word.text not in idle)
    return Wish(question, tuple(word for word in words if not start <= word.start < end))


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
        own = _OWN * (info.language == wish.question.language)
        score = share + _FULL * whole + _RANKED * ranked.get(info.id, 0.0) + own
        scored.append((score, share, info.id))
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


def section_of(
    wish: Wish, passages: Sequence[Passage], documents: Sequence[Document]
) -> Scope | None:
    """Returns the section that is asked for: by its heading, else by all that it says.

    `documents` are those of the passages, which are best first. Those whose title the question
    says go before.
    """
    titles = {document.id: _title(wish, document) for document in documents}
    ranked = sorted(documents, key=lambda document: -explained(wish.asked, titles[document.id]))
    for document in ranked:
        if (stretch := section_in(wish, document)) is not None:
            return Scope(document.id, stretch)
    for document in ranked:
        starts = [p.chunk.start for p in passages if p.chunk.document_id == document.id]
        for section in document.sections:
            if not any(section.start <= start < section.end for start in starts):
                continue
            text = document.text[section.start : section.end]
            used = said(text, document.language, wish.asked)[0] | titles[document.id]
            if explained(wish.asked, used) > _WHOLE:
                return Scope(document.id, (section.start, section.end))
    return None


def _title(wish: Wish, document: Document) -> frozenset[int]:
    return said(f"{document.title} {document.path}", document.language, wish.asked)[0]


def section_in(wish: Wish, document: Document) -> Span | None:
    """Returns the section whose heading says what the document's title does not; None for all."""
    title = _title(wish, document)
    left = 1 - explained(wish.asked, title) if wish.of_section else 1.0
    best: tuple[float, int, Span] | None = None
    for section in document.sections:
        if len(section.headings) < 1 or section.headings[-1] == document.title:
            continue
        used, share = said(section.headings[-1], document.language, wish.asked)
        if used - title and share > 0:
            score = explained(wish.asked, used - title) / (left or 1.0) + share
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
