"""Whether a quoted sentence or row says yes or no to a question; never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache

from rag.answering.composing.material import Material, Piece, akin, under_headings
from rag.answering.composing.rows import as_piece, header, label_share
from rag.answering.layout import Layout
from rag.answering.question_subject import named_things
from rag.schema import (
    Chunk,
    DocumentBlock,
    DocumentBlockKind,
    Intent,
    Passage,
    Question,
    Sentence,
)
from rag.text import fold, query_terms
from rag.text.facts import NEGATION, facts_of, missing_names
from rag.text.languages import DATA, either

_LOOKED_AT = 24  # sentences, best first
_SHORT = 30  # words of a sentence whose clauses are about one thing
_READ = 5  # of them the QA model has read by themselves: only these can say yes in their own words
_DENIES = 0.6  # share of the question that a clause with «not» must hold, with its surroundings
_SAYS = 0.8  # and one without, to say it
_NEW_DENIED = 0.45  # share of what the headings leave open that the sentence itself must hold
_NEW_SAID = 0.7
_SURE = 0.6  # and to be believed whatever the confidence; or with its headings, if the QA model
# says as surely that it answers
_ALL = 0.95  # of what is asked, if a «not» in the same clause may be said of it in other words
_WRITTEN = 0.15  # a «not» says more than words that only agree, and a cell of its own more still
_CELL = 0.3
_ANSWERS = 0.2  # what the QA model's reading weighs beside the words
_REACH = 4  # words behind «not» among which it stands for one of the question's
_NAMED = 0.5  # share of a row's label that the question says, to mean that row
_YES = re.compile(rf"\W*{either(lambda language: language.yes_cells)}\W*", re.IGNORECASE)
_NO = re.compile(rf"\W*{either(lambda language: language.no_cells)}\W*", re.IGNORECASE)
_WITHOUT = re.compile(rf"\b{either(lambda language: language.without)}\b", re.IGNORECASE)
_LIMITS = re.compile(rf"(?<!-)\b{either(lambda language: language.limits)}\b", re.IGNORECASE)
_FORBIDS = re.compile(rf"\b{either(lambda language: language.forbids)}\b", re.IGNORECASE)
_WHOLE = re.compile(rf"\b{either(lambda language: language.whole)}\b", re.IGNORECASE)
_EXTENTS = re.compile(rf"\b{either(lambda language: language.extents)}\b", re.IGNORECASE)
_CLAUSE = re.compile(r"[,;:]\s+|\s[–—-]\s")
_JOINS = re.compile(rf"\b{either(lambda language: language.adds)}\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_CAPITALS = re.compile(r"\b[A-ZÁÉÍÓÚÑ]{3,}\b")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Yes or no, the piece that says it, and how much of the question that holds."""

    yes: bool
    piece: Piece
    held: float
    sure: bool
    """Whether it says so much of the question that it is believed whatever the confidence."""


def asks_whether(question: Question) -> bool:
    """Tells whether yes or no would answer, whatever else it may want."""
    asks = re.compile(DATA[question.language].asks_whether, re.IGNORECASE)
    return question.intent is Intent.YES_NO or asks.match(question.query) is not None


def verdict(material: Material) -> Verdict | None:
    """Returns what the sentence or row that decides the question says; None where none does."""
    found = [
        decided
        for rank, sentence in enumerate(material.sentences[:_LOOKED_AT])
        if (decided := _of_row(material, sentence) or _of_sentence(material, sentence, rank))
    ]
    return max(found, key=lambda entry: entry.held, default=None)


def _of_row(material: Material, sentence: Sentence) -> Verdict | None:
    layout = material.layout(sentence.passage)
    block = layout.block_at(sentence.start) if layout else None
    if layout is None or block is None or block.kind is not DocumentBlockKind.ROW:
        return None
    passage = material.passages[sentence.passage]
    says = _cell_says(material, layout, block, passage.chunk)
    if says is None:
        return None
    piece = as_piece(material, layout, block, sentence.passage)
    named = label_share(material, layout, block, passage.chunk)
    row = " ".join((layout.of((block.start, block.end)), _columns(layout, block)))
    held = material.covered(under_headings(passage, row), passage.chunk)
    return Verdict(says, piece, max(held, named) + _CELL, named >= _NAMED)


def _columns(layout: Layout, row: DocumentBlock) -> str:
    return " ".join(header(layout, cell) for cell in row.cells)


def _cell_says(material: Material, layout: Layout, row: DocumentBlock, chunk: Chunk) -> bool | None:
    """Returns what the cell says whose column the question asks; None where none answers."""
    for cell in row.cells[1:]:
        text = layout.of((cell.start, cell.end))
        yes, no = _YES.fullmatch(text) is not None, _NO.fullmatch(text) is not None
        if yes != no and _asks(material, header(layout, cell), chunk):
            others = [layout.of((one.start, one.end)) for one in row.cells if one is not cell]
            if material.covered(" ".join(others), chunk) > 0:
                return yes
    return None


def _asks(material: Material, name: str, chunk: Chunk) -> bool:
    """Tells whether the question asks for a column, in whatever form of its words."""
    return material.covered(name, chunk) > 0 or akin(material.question.query, name)


def _of_sentence(material: Material, sentence: Sentence, rank: int) -> Verdict | None:
    """Returns what one sentence says of the question; None where it leaves it open."""
    passage, query = material.passages[sentence.passage], material.question.query
    chunk, text = passage.chunk, sentence.text
    clause = max(_CLAUSE.split(text), key=lambda part: material.covered(part, chunk))
    around = under_headings(passage, _with_shorts(query, _paragraph(material, sentence)))
    across = chunk.language != material.question.language
    asked = facts_of(query)
    if (
        text.rstrip().endswith(("?", ":"))
        or missing_names(asked, facts_of(around), across)
        or (asked.opposes(facts_of(clause)) and not _FORBIDS.search(clause))
    ):
        return None
    text = _with_shorts(query, text)
    said = _with_what_it_is(material, sentence, text)
    whole, own = material.covered(around, chunk), material.covered(said, chunk)
    new = max(own, material.adds(text, passage))
    negated = _negated(material, text, chunk)
    if negated is not None and whole >= _DENIES and new >= _NEW_DENIED:
        yes = negated is _Negated.AS_ASKED
    elif (
        rank < _READ
        and whole >= _SAYS
        and _affirms(material, passage, _with_what_it_is(material, sentence, text), clause)
    ):
        yes = True
    else:
        return None
    held = own + _WRITTEN * (negated is not None) + _ANSWERS * sentence.answers
    piece = Piece(sentence.passage, (sentence.start, sentence.end))
    read = whole >= _SURE and sentence.answers >= _SURE
    return Verdict(yes, piece, held, own >= _SURE or read)


def _affirms(material: Material, passage: Passage, text: str, clause: str) -> bool:
    """Tells whether a sentence that denies nothing of the question says all that it asks.

    Its clause that holds most of the question must do so, or the whole of a short one. A «not»
    must be about something else: no word of the question stands behind it, and the clause leaves
    none open («Fines are not refunded» does not say that they are paid).
    """
    query = material.question.query
    if _WITHOUT.search(query) or _LIMITS.search(clause) or _FORBIDS.search(clause):
        return False
    if not _words(_EXTENTS, query) <= _words(_EXTENTS, clause):
        return False
    short = len(_WORD.findall(text)) <= _SHORT and not _LIMITS.search(text)
    said = text if short else clause
    if not _names_the_same(material, passage, text):
        return False
    denied = list(NEGATION.finditer(clause))
    if denied and material.covered(said, passage.chunk) < _ALL:
        return False
    for negation in denied:
        if material.covered(_JOINS.split(clause[negation.end() :])[0], passage.chunk) > 0:
            return False
    if short and _denied_before(material, passage, text[: text.find(clause)]):
        return False
    asked, stated = facts_of(query), facts_of(text)
    agree = all(any(one.agrees(two) for two in stated.numbers) for one in asked.numbers)
    return agree and material.adds(said, passage) >= _NEW_SAID


def _denied_before(material: Material, passage: Passage, before: str) -> bool:
    """Tells whether the sentence before denies what is asked of the things that are named.

    «No aprende de las visitas. El museo guarda…»; that it names them only says what is meant.
    """
    question = material.question
    runs = named_things(question.query, question.language)
    named = {
        term for run in runs for word in run for term in query_terms(word, question.language)[0]
    }
    behind = (_CLAUSE.split(before[match.end() :])[0] for match in NEGATION.finditer(before))
    denied = {term for words in behind for term in material.terms(words, passage.chunk)}
    return material.topic.covered(denied - named) > 0


def _names_the_same(material: Material, passage: Passage, text: str) -> bool:
    """Tells whether all that the question names is named in a text or above it.

    «La luz la paga la dueña» does not say that «la inquilina» pays it. Only the noun of each thing
    must be there: it stands first in Spanish, last in English.
    """
    question = material.question
    terms = material.terms(under_headings(passage, text), passage.chunk)
    noun = 0 if DATA[question.language].noun_first else -1
    return all(
        not terms.isdisjoint(query_terms(run[noun], question.language)[0])
        for run in named_things(question.query, question.language)
    )


def _words(pattern: re.Pattern[str], text: str) -> set[str]:
    return {fold(word) for word in pattern.findall(text)}


class _Negated(Enum):
    """What a «not» of a text stands for: a word of the question, or one it negates as well."""

    OTHERWISE = auto()
    AS_ASKED = auto()


def _negated(material: Material, text: str, chunk: Chunk) -> _Negated | None:
    """Returns whether a «not» of the text stands for a word of the question; None for none."""
    query = material.question.query
    without = _WITHOUT.search(query)
    spared = material.terms(query[without.end() :], chunk) if without else set()
    members = {term for group in material.question.terms.groups for term in group}
    as_asked = False
    for clause in _CLAUSE.split(text):
        forbids = _FORBIDS.search(clause) and not _LIMITS.search(clause)
        if forbids and (material.terms(clause, chunk) & members) - spared:
            return _Negated.AS_ASKED if _FORBIDS.search(query) else _Negated.OTHERWISE
        for match in NEGATION.finditer(clause) if not _LIMITS.search(clause) else ():
            behind = NEGATION.split(clause[match.end() :])[0]
            if not _WORD.search(behind):  # «the AT-6 cannot» denies what was said before
                behind = clause[: match.start()]
            words = " ".join(_WORD.findall(behind)[:_REACH])
            if _words(_WHOLE, words) - _words(_WHOLE, query):
                continue  # «not all» leaves open whether this one
            near = material.terms(words, chunk) & members
            if near - spared or _words(_EXTENTS, words) & _words(_EXTENTS, query):
                return _Negated.OTHERWISE
            as_asked = as_asked or bool(near)
    return _Negated.AS_ASKED if as_asked else None


def _paragraph(material: Material, sentence: Sentence) -> str:
    layout = material.layout(sentence.passage)
    return sentence.text if layout is None else layout.of(layout.paragraph(sentence.start))


def _with_what_it_is(material: Material, sentence: Sentence, text: str) -> str:
    """Returns a text with the sentence before it, to which a pronoun in it points."""
    layout = material.layout(sentence.passage)
    if layout is None or not _pointer(layout.document.language).search(text):
        return text
    spans = layout.sentences(layout.paragraph(sentence.start))
    before = [layout.of(span) for span in spans if span[1] <= sentence.start]
    return " ".join((*before[-1:], text))


@cache
def _pointer(language: str) -> re.Pattern[str]:
    return re.compile(DATA[language].pointers, re.IGNORECASE)


def _with_shorts(query: str, text: str) -> str:
    """Returns a text with the short forms of the question that it spells: «EU» for a union."""
    initials = "".join(word[0] for word in _WORD.findall(text) if word[0].isupper())
    shorts = (short for short in _CAPITALS.findall(query) if short in initials)
    return " ".join((text, *shorts))
