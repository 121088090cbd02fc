"""What an answer is composed of: scored sentences, their passages, and what stands around them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from rag.answering.layout import Layout, LayoutOf
from rag.answering.polarity import asks_whether
from rag.protocols import Compare
from rag.schema import (
    BlockKind,
    Cell,
    Chunk,
    Passage,
    Question,
    Sentence,
    Span,
    WeightedTerms,
)
from rag.text import fold, search_terms
from rag.text.languages import DATA

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a document that an answer quotes, and the parts of it that are shown.

    `lines` are the lead-in and the items of a list, `cells` those of a row; `asked` is the index of
    the cell that answers.
    """

    passage: int
    span: Span
    kind: BlockKind = BlockKind.SENTENCE
    lines: tuple[Span, ...] = ()
    cells: tuple[Cell, ...] = ()
    asked: int | None = None


@dataclass(frozen=True)
class Material:
    """Everything that composing looks at. `sentences` are best first, none from elsewhere."""

    question: Question
    sentences: Sequence[Sentence]
    passages: Sequence[Passage]
    layout_of: LayoutOf
    most: int = 4
    """Sentences of an answer that is made of several."""
    compare: Compare | None = None
    """Returns how near texts are to answering the question; None where no selector says so."""

    def layout(self, passage: int) -> Layout | None:
        """Returns the layout of the document of a passage; None where it changed meanwhile."""
        chunk = self.passages[passage].chunk
        layout = self.layout_of(chunk.document_id)
        unchanged = layout is not None and layout.text[chunk.start : chunk.end] == chunk.text
        return layout if unchanged else None

    def terms(self, text: str, chunk: Chunk) -> set[str]:
        """Returns the search terms of a text in the language of the chunk."""
        return set(search_terms(text, chunk.language))

    def covered(self, text: str, chunk: Chunk) -> float:
        """Returns the share of the topic's information that a text holds, in [0, 1]."""
        return self.topic.covered(self.terms(text, chunk))

    def adds(self, text: str, passage: Passage) -> float:
        """Returns how much a text holds of what the title and headings above it leave open."""
        above = self.covered(under_headings(passage, ""), passage.chunk)
        together = self.covered(under_headings(passage, text), passage.chunk)
        return (together - above) / (1 - above) if above < 1 else 1.0

    @cached_property
    def asking(self) -> frozenset[str]:
        """Returns the stems of words that only ask for several things, or name a document."""
        language = self.question.language
        return frozenset(search_terms(DATA[language].asking_words, language))

    @cached_property
    def topic(self) -> WeightedTerms:
        """Returns the question's terms without the words that only ask for several things."""
        return self.question.terms.without(self.asking.__contains__)

    @cached_property
    def whether(self) -> bool:
        """Tells whether yes or no would answer the question."""
        return asks_whether(self.question)

    @cached_property
    def nearest(self) -> Sequence[int]:
        """Returns the passages in the language of the best sentence, in the order found."""
        if not self.sentences:
            return ()
        language = self.passages[self.sentences[0].passage].chunk.language
        return [
            index
            for index, passage in enumerate(self.passages)
            if passage.chunk.language == language
        ]


def under_headings(passage: Passage, text: str) -> str:
    """Returns a text under the title and headings of its passage."""
    return f"{' '.join((passage.title, *passage.chunk.headings))}\n {text}"


def words_in(text: str) -> int:
    """Returns the number of words."""
    return len(_WORD.findall(text))


def akin(text: str, other: str) -> bool:
    """Tells whether two texts share a word in any form: «cumplió» and «cumplido» begin alike."""
    return not _beginnings(text).isdisjoint(_beginnings(other))


def _beginnings(text: str) -> set[str]:
    words = _WORD.findall(fold(text))
    return {word[:_BEGINNING] for word in words if len(word) >= _BEGINNING}


_BEGINNING = 5  # letters that the forms of a word share
