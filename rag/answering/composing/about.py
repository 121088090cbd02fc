"""Whether pieces are about what a question names, and hold the kind of thing it asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from rag.answering.candidates import things
from rag.answering.composing.material import Material, Piece, under_headings
from rag.answering.question_subject import counted_thing, named_things
from rag.schema import AnswerType, BlockKind, Passage, Question
from rag.text import fold, query_terms
from rag.text.computing import days_in
from rag.text.entities import TIMES, months_in
from rag.text.facts import NEGATION
from rag.text.languages import DATA
from rag.text.numbers import UNITS
from rag.text.spelling import sounds

_YEAR = re.compile(r"(?:1\d|20)\d\d")
_SHORT_SECTION = 1200  # characters: in so few all is about one thing
_REACH = 3  # words behind a «not» that it may count
_IN_FIGURES = re.compile(
    r"\b(?:\d{1,2}/\d{1,4}|\d{4}-\d{2}|\d{1,2}[.-]\d{1,2}[.-]\d{2,4}|[QT][1-4])\b"
)
_WORD = re.compile(r"[^\W_]+")
_LONG_WORD = re.compile(r"\w{5,}")
_BEGINNING = 5  # letters that the forms of a word share: «directora» is a «director»
_FOREIGN = 0.5  # what it counts in another language: not all words are translated
_FIGURES = (AnswerType.AMOUNT, AnswerType.MONEY, AnswerType.PERCENT)


def may_answer(material: Material, pieces: Sequence[Piece]) -> tuple[bool, float]:
    """Returns whether pieces may answer, and the share of the question that they leave unsaid.

    They may where they are about nothing else, and hold the figure and what it counts. The share
    is the weight of what is named and not said, in [0, 1]; the title, the path and the headings
    count as said, and so does the section, or the paragraph of prose in a long one.
    """
    if not pieces:
        return True, 0.0
    said = _Said(material, pieces)
    figured = _holds_a_figure(material, pieces) and _holds_a_time(material, pieces)
    may = figured and said.counts(material.question) and not said.another()
    return may, said.unsaid()


class _Said:
    """The words of pieces with what stands around and above them."""

    def __init__(self, material: Material, pieces: Sequence[Piece]) -> None:
        self._material, self._pieces = material, pieces
        passages = [material.passages[piece.passage] for piece in pieces]
        texts = [_around(material, piece) for piece in pieces]
        self._known = _terms(material, texts, passages)
        self._of_rows = all(piece.kind is BlockKind.ROW for piece in pieces)
        self._whole = " ".join((*texts, *(passage.chunk.text for passage in passages)))
        self._words = {word for text in texts for word in _WORD.findall(text)}
        self._begin = _beginnings(texts)
        language = material.question.language
        self._weight = _FOREIGN if all(one.chunk.language != language for one in passages) else 1.0

    def unsaid(self) -> float:
        """Returns the weight of what is named and not said, as a share of the question's."""
        question, terms = self._material.question, self._material.topic
        weights = {
            group[0]: weight for group, weight in zip(terms.groups, terms.weights, strict=True)
        }
        unsaid = 0.0
        for run in named_things(question.query, question.language):
            for word in run:
                if not self._has(word) and not self._may_be_unsaid(word):
                    unsaid += weights.pop(self._stem(word), 0.0)
        return unsaid / (sum(terms.weights) or 1.0) * self._weight

    def another(self) -> bool:
        """Tells whether pieces are about another year, or rows about another month or day."""
        years = map(str, self._material.question.subject.years)
        return not self._words.issuperset(years) or (self._of_rows and self._at_another_time())

    def _at_another_time(self) -> bool:
        """Tells whether a table holds none of the months or of the days of the week asked for.

        A table without a day of the week may be of every day, and a date in figures of any month.
        """
        query = self._material.question.query
        days = days_in(query)
        if days and (held := days_in(self._whole)) and days.isdisjoint(held):
            return True
        months = set(months_in(query))
        if not months or _IN_FIGURES.search(self._whole):
            return False
        return months.isdisjoint(months_in(self._whole))

    def counts(self, question: Question) -> bool:
        """Tells whether what is counted is said in the paragraph: «hijos» of «¿Cuántos hijos?»."""
        word = counted_thing(question)
        if word is None or self._weight < 1:
            return True
        material = self._material
        passages = [material.passages[piece.passage] for piece in self._pieces]
        beside = [_around(material, piece, beside=True) for piece in self._pieces]
        return self._has(word, _terms(material, beside, passages), _beginnings(beside))

    def _may_be_unsaid(self, word: str) -> bool:
        language = self._material.question.language
        parts = DATA[language].may_be_unsaid.split()
        return fold(word) in {*parts, *UNITS} or self._stem(word) in self._material.asking

    def _has(self, word: str, known: Set[str] | None = None, begin: Set[str] | None = None) -> bool:
        known, begin = known or self._known, begin or self._begin
        stem, asked = self._stem(word), self._material.question.terms.groups
        groups = [group for group in asked if group[0] == stem]
        said = any(not known.isdisjoint(group) for group in groups)  # dates by their value
        return said or _beginning(word) in begin

    def _stem(self, word: str) -> str:
        return query_terms(word, self._material.question.language)[0][0]


def _terms(material: Material, texts: Sequence[str], passages: Sequence[Passage]) -> set[str]:
    terms = (material.terms(text, one.chunk) for text, one in zip(texts, passages, strict=True))
    return set().union(*terms)


def _beginnings(texts: Sequence[str]) -> set[str]:
    return {_beginning(word) for text in texts for word in _LONG_WORD.findall(text)}


def _beginning(word: str) -> str:
    """Returns how the first letters sound: typing errors are met too."""
    return sounds(fold(word))[:_BEGINNING]


def _holds_a_figure(material: Material, pieces: Sequence[Piece]) -> bool:
    """Tells whether a figure of the kind that is asked for is there, if one is; none is one too."""
    kind = material.question.answer_type
    if kind not in _FIGURES:
        return True
    for piece in pieces:
        text = _text(material, piece)
        row = piece.kind is BlockKind.ROW
        counted = counted_thing(material.question) is not None and not row
        found = (one.group() for one in things(kind, text, row))
        figures = [one for one in found if not (counted and _measures(one))]
        if piece.kind is BlockKind.LIST or figures or _none(material, text):
            return True
    return False


def _holds_a_time(material: Material, pieces: Sequence[Piece]) -> bool:
    """Tells whether a time is said where one is counted: «¿Cuántos días?» takes weeks as well."""
    question = material.question
    if question.answer_type is not AnswerType.TIME or TIMES.isdisjoint(question.subject.units):
        return True
    for piece in pieces:
        layout, text = material.layout(piece.passage), _text(material, piece)
        names = [layout.of(name) for cell in piece.cells for name in cell.headers] if layout else []
        words = _WORD.findall(fold(" ".join((text, *names))))
        if any(UNITS.get(word) in TIMES for word in words) or _none(material, text):
            return True
    return False


def _text(material: Material, piece: Piece) -> str:
    """Returns what a piece says; its whole passage where the document is not at hand."""
    layout = material.layout(piece.passage)
    return layout.of(piece.span) if layout else material.passages[piece.passage].chunk.text


def _measures(figure: str) -> bool:
    """Tells whether a figure counts no things: a year, or so many minutes."""
    return _YEAR.fullmatch(figure) is not None or fold(figure.split()[-1]) in UNITS


def _none(material: Material, text: str) -> bool:
    """Tells whether a text says that there is none of what is counted: «no tuvo hijos»."""
    counted = counted_thing(material.question)
    if counted is None:
        return False
    behind = (" ".join(_WORD.findall(text[m.end() :])[:_REACH]) for m in NEGATION.finditer(text))
    return any(fold(counted)[:_BEGINNING] in fold(words) for words in behind)


def _around(material: Material, piece: Piece, beside: bool = False) -> str:
    """Returns a piece with what stands around and above it; `beside`: in its own paragraph."""
    passage = material.passages[piece.passage]
    layout = material.layout(piece.passage)
    if layout is None:
        return under_headings(passage, passage.chunk.text)
    span = layout.paragraph(piece.span[0])
    section = layout.section_at(piece.span[0])
    if section is not None and (not beside or piece.kind is BlockKind.ROW):
        whole = section.start, section.end
        short = whole[1] - whole[0] <= _SHORT_SECTION and whole[0] <= span[0]
        span = whole if piece.kind is BlockKind.ROW or short else span
    names = (layout.of(name) for cell in piece.cells for name in cell.headers)
    path = re.sub(r"[-_./]", " ", passage.path)
    headings = layout.document.headings_at(piece.span[0])  # a list may stand in another section
    text = " ".join((layout.of(piece.span), layout.of(span), path, *headings, *names))
    return under_headings(passage, text)
