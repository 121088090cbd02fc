"""Questions that a document seems to answer, read off its headings and tables.

They are only worded here: whether they are answered is for the library to say (`ui.suggestions`).
A question is in the language of its document, and names the document where it says nothing of what
its title says: «¿Por qué se hizo?» is no question to somebody who does not have the text open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.schema import Document, DocumentBlock, DocumentBlockKind, Section
from ui import i18n
from ui.i18n.questions import MARKS

LONGEST = 130
"""Characters of a question: more is not read at a glance."""

_SHORT_TITLE, _LONG_TITLE = 40, 60  # characters; between them what stands before a colon
_NAME = 45  # characters of a column or of what a row is about
_NUMBERING = re.compile(r"^(?:\d+(?:\.\d+)*|[ivxIVX]{1,5}|[a-zA-Z])[.)]\s+")
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_SENTENCE_END = re.compile(r"[.;:!?]")
_PLAIN = re.compile(r"[\w -]+")
_PARAGRAPH = DocumentBlockKind.PARAGRAPH
_ROW_WORDS = 5  # of what a row is about: a sentence does not stand in a question
_LONG_WORD = 5  # letters, from which on a word is seldom «what» or «para»
_LEAST_WORDS = 4  # of a question that a heading asks: «¿Cómo elegir?» says nothing by itself

KINDS = ("asked", "cell", "about")
"""From where a question is: a heading that asks or whose text defines it, a table, a heading."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question, and where in a document its answer should stand: [start, end)."""

    text: str
    kind: str  # of `KINDS`
    document: int
    start: int
    end: int


def of_document(document: Document) -> Iterator[Candidate]:
    """Gives the questions of a document, those of its headings before those of its tables."""
    for section in document.sections:
        if section.headings:
            kind, text = _of_heading(document, section)
            if text and len(text) <= LONGEST:
                yield Candidate(text, kind, document.id, section.start, section.end)
    for block in document.blocks:
        if block.kind is DocumentBlockKind.ROW:
            text = _of_row(document, block)
            if text and len(text) <= LONGEST:
                yield Candidate(text, "cell", document.id, block.start, block.end)
    title = _clean(document.title)
    text = i18n.questions(document.language).whole_document.format(title=title)
    if _LETTERS.search(title) and len(text) <= LONGEST:
        yield Candidate(text, "about", document.id, 0, len(document.text))


def _of_heading(document: Document, section: Section) -> tuple[str, str]:
    """Returns a question and its kind; an empty one where the heading gives none."""
    asked = i18n.questions(document.language)
    heading = _clean(section.headings[-1])
    plain = heading.strip(MARKS).strip()
    if not _LETTERS.search(plain):
        return "", ""
    if heading.endswith("?") or (asked.asks.match(plain) and len(plain.split()) >= _LEAST_WORDS):
        return "asked", _named(document, asked.whole.format(heading=plain))
    subject = _defined(document, plain, section.start, section.end)
    if subject:
        return "asked", asked.definition.format(subject=subject)
    if " " not in plain or _SENTENCE_END.search(plain) or asked.question_word.match(plain):
        return "", ""
    title = _short_title(document)
    if not title:
        return "", ""
    return "about", asked.about.format(title=title, heading=_lowered(document.text, plain))


def _short_title(document: Document) -> str:
    """Returns a name of the document that fits into a question; "" where it has none."""
    title = _clean(document.title)
    if len(title) > _SHORT_TITLE:
        title = title.partition(":")[0]
    return title if _LETTERS.search(title) and len(title) <= _LONG_TITLE else ""


def _named(document: Document, question: str) -> str:
    """Returns a question that is understood alone: it says a word of the title, or the title."""
    known = _long_words(question) & _long_words(document.title)
    return question if known else _within(document, question)


def _within(document: Document, question: str) -> str:
    """Returns a question with the document's title before it; "" where it has none."""
    title, bare = _short_title(document), question.strip(MARKS)
    if not title:
        return ""
    return i18n.questions(document.language).within.format(title=title, question=_small(bare))


def _long_words(text: str) -> set[str]:
    """Returns the longer words of a text, of one and several the same, and its abbreviations."""
    return {
        i18n.folded(word).rstrip("s")
        for word in re.findall(r"\w+", text)
        if len(word) >= _LONG_WORD or (len(word) > 1 and word.isupper())
    }


def _defined(document: Document, heading: str, start: int, end: int) -> str:
    """Returns what the first sentence below a heading says the meaning of; "" where it does not."""
    asked = i18n.questions(document.language)
    below = (item for item in document.stretches(start, end) if item.kind is _PARAGRAPH)
    first = next(below, None)
    match = asked.defines.match(document.text, first.start, first.end) if first else None
    if match is None or i18n.folded(match["name"]) not in i18n.folded(heading):
        return ""
    subject = match["subject"]
    return subject[0].lower() + subject[1:] if match["article"] else _as_within(document, subject)


def _of_row(document: Document, row: DocumentBlock) -> str:
    """Returns a question for the second cell of a row, by its column and what the row is about."""
    if len(row.cells) < 2 or not row.cells[1].headers:
        return ""
    asked = i18n.questions(document.language)
    start, end = row.cells[1].headers[-1]
    about = _clean(document.text[row.cells[0].start : row.cells[0].end])
    column = _clean(document.text[start:end])
    if any(len(name) > _NAME or not _LETTERS.search(name) for name in (about, column)):
        return ""
    if asked.question_word.match(column) or len(about.split()) > _ROW_WORDS:
        return ""
    if asked.weak.match(column) or asked.many.search(column) or not _PLAIN.fullmatch(column):
        return ""  # «the per month», «what answers has “Above 0.90”»
    if " " not in about + column:  # «the idea of “Flat”»
        return ""
    return _within(document, asked.cell.format(column=_small(column), row=about))


def _clean(text: str) -> str:
    return _NUMBERING.sub("", " ".join(text.split())).rstrip(" .:")


def _as_within(document: Document, subject: str) -> str:
    """Returns what a sentence opens with, with a small letter where the document writes it so."""
    small = _small(subject)
    return small if re.search(rf"\b{re.escape(small)}\b", document.text) else subject


def _lowered(text: str, heading: str) -> str:
    """Returns a heading with a small first letter, unless its first word is a name."""
    first = heading.split()[0]
    small = _small(first)
    is_small = re.search(rf"\b{re.escape(small)}\b", text)
    is_name = re.search(rf"[^\W\d_,] {re.escape(first)}\b", text)  # within a sentence
    return heading if is_name and not is_small else small + heading[len(small) :]


def _small(name: str) -> str:
    """Returns a name with a small first letter, unless it is written in capitals."""
    return name if name[1:2].isupper() else name[0].lower() + name[1:]
