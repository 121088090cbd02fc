"""Questions that a document seems to answer, read off its headings and tables.

They are only worded here: whether they are answered is for the library to say (`ui.suggestions`).
A question is in the language of its document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.schema import Document, DocumentBlock, DocumentBlockKind, Section
from ui import i18n
from ui.i18n.questions import MARKS

_LONGEST = 90  # characters of a question: more is not read at a glance
_NAME = 45  # characters of a column or of what a row is about
_NUMBERING = re.compile(r"^(?:\d+(?:\.\d+)*|[ivxIVX]{1,5}|[a-zA-Z])[.)]\s+")
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_SENTENCE_END = re.compile(r"[.;:!?]")
_PARAGRAPH = DocumentBlockKind.PARAGRAPH
_ROW_WORDS = 5  # of what a row is about: a sentence does not stand in a question
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
            if text and len(text) <= _LONGEST:
                yield Candidate(text, kind, document.id, section.start, section.end)
    for block in document.blocks:
        if block.kind is DocumentBlockKind.ROW:
            text = _of_row(document, block)
            if text and len(text) <= _LONGEST:
                yield Candidate(text, "cell", document.id, block.start, block.end)
    title = _clean(document.title)
    text = i18n.questions(document.language).whole_document.format(title=title)
    if _LETTERS.search(title) and len(text) <= _LONGEST:
        yield Candidate(text, "about", document.id, 0, len(document.text))


def _of_heading(document: Document, section: Section) -> tuple[str, str]:
    """Returns a question and its kind; an empty one where the heading gives none."""
    asked = i18n.questions(document.language)
    heading = _clean(section.headings[-1])
    plain = heading.strip(MARKS).strip()
    if not _LETTERS.search(plain):
        return "", ""
    if heading.endswith("?") or (asked.asks.match(plain) and len(plain.split()) >= _LEAST_WORDS):
        return "asked", asked.whole.format(heading=plain)
    subject = _defined(document, plain, section.start, section.end)
    if subject:
        return "asked", asked.definition.format(subject=subject)
    if " " not in plain or _SENTENCE_END.search(plain) or asked.question_word.match(plain):
        return "", ""
    return "about", asked.about.format(heading=_lowered(document.text, plain))


def _defined(document: Document, heading: str, start: int, end: int) -> str:
    """Returns what the first sentence below a heading says the meaning of; "" where it does not."""
    asked = i18n.questions(document.language)
    below = (item for item in document.stretches(start, end) if item.kind is _PARAGRAPH)
    first = next(below, None)
    match = asked.defines.match(document.text, first.start, first.end) if first else None
    if match is None or i18n.folded(match["name"]) not in i18n.folded(heading):
        return ""
    subject = match["subject"]
    return subject[0].lower() + subject[1:] if match["article"] else subject


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
    worded = asked.cells if asked.many.search(column) else asked.cell
    return worded.format(column=_small(column), row=about)


def _clean(text: str) -> str:
    return _NUMBERING.sub("", " ".join(text.split())).rstrip(" .:")


def _lowered(text: str, heading: str) -> str:
    """Returns a heading with a small first letter, unless its first word is a name."""
    small = _small(heading.split()[0])
    known = re.search(rf"\b{re.escape(small)}\b", text)
    return small + heading[len(small) :] if known else heading


def _small(name: str) -> str:
    """Returns a name with a small first letter, unless it is written in capitals."""
    return name if name[1:2].isupper() else name[0].lower() + name[1:]
