"""The sentences and rows of passages that can be quoted, each once, with what is known of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.answering.layout import Layout, LayoutOf
from rag.answering.question_types import contact_terms, defines
from rag.answering.subject_binding import binding
from rag.retrieval.coverage import sentence_terms, with_neighbours
from rag.schema import (
    AnswerType,
    DocumentBlock,
    DocumentBlockKind,
    Passage,
    Question,
    Sentence,
    Span,
)
from rag.text import fold, is_word, search_terms
from rag.text.entities import ENTITIES, OPENERS, WORD

LONGEST_SENTENCE = 40
_FEWEST_WORDS = 3  # that make a sentence worth quoting
_WORD = re.compile(r"[^\W\d_]{2,}|\d[\d.,]*\d|\d")
_UNQUOTED = (
    DocumentBlockKind.HEADER_ROW,
    DocumentBlockKind.HEADING,
    DocumentBlockKind.TABLE_TITLE,
)
_MEASURED = (AnswerType.MONEY, AnswerType.PERCENT, AnswerType.TIME, AnswerType.SIZE)
_MOST_ITEMS = 8  # of a list that are read with the sentence that introduces it
# lines at the top, apart from what follows, that end no sentence and introduce nothing
_TITLE = re.compile(r"\s*(?:[^\n]{1,80}(?<![.,:;!?])\n){1,2}\s*\n")
_ANYTHING = re.compile(r".+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reading:
    """The words by which the QA model reads a sentence or row, under what stands above it.

    `parts` are (start here, length, start in the document) of what is quoted.
    """

    text: str
    parts: tuple[tuple[int, int, int], ...]

    def in_document(self, start: int, end: int) -> Span | None:
        """Returns where a span of the reading stands in the document; None in what is above."""
        for here, length, there in self.parts:
            first, last = max(start, here), min(end, here + length)
            if first < last:
                return there + first - here, there + last - here
        return None


@dataclass(slots=True)
class Candidate:
    """A sentence or row, its features by name, and how the QA model reads it."""

    sentence: Sentence
    features: dict[str, float]
    reading: Reading


def candidates(
    question: Question, passages: Sequence[Passage], layout_of: LayoutOf
) -> list[Candidate]:
    """Returns every sentence of the passages once, though chunks overlap."""
    found: dict[tuple[int, int], Candidate] = {}
    for index, passage in enumerate(passages):
        layout = layout_of(passage.chunk.document_id)
        for candidate in _of_passage(question, index, passage, layout):
            found.setdefault((passage.chunk.document_id, candidate.sentence.start), candidate)
    return list(found.values())


def _of_passage(
    question: Question, index: int, passage: Passage, layout: Layout | None
) -> Iterator[Candidate]:
    """Yields the sentences of one passage that can be quoted."""
    chunk, terms = passage.chunk, question.terms
    spans, terms_of_sentences = sentence_terms(chunk)
    header = set(search_terms(" ".join((passage.title, *chunk.headings)), chunk.language))
    everything = header.union(*terms_of_sentences)
    whole = terms.covered(everything)
    texts = [chunk.text[start:end] for start, end in spans]
    neighbours = with_neighbours(terms_of_sentences)
    title = _end_of_title(layout.text) if layout else 0
    for (before, text), (start, end), (own, around) in zip(
        pairwise(("", *texts)), spans, neighbours, strict=True
    ):
        block = layout.block_at(chunk.start + start) if layout else None
        if not _quotable(text, passage) or (block is not None and block.kind in _UNQUOTED):
            continue
        if chunk.start + end <= title and ":" not in text:
            continue
        row = block if block is not None and block.kind is DocumentBlockKind.ROW else None
        first = chunk.start + start
        above = chunk.headings[-1] if chunk.headings else passage.title
        if layout and row:
            reading = _row(layout, row, above)
            words = _row(layout, row, "").text
            alone = own | set(search_terms(words, chunk.language))
        else:
            items = _items(layout, first) if layout and text.rstrip().endswith(":") else ()
            reading = _prose(above, before, text, first, items)
            words = " ".join((text, *(item for _, item in items)))
            alone = own | set(search_terms(words, chunk.language)) if items else own
        label = set(search_terms(_label(layout, row), chunk.language)) if layout and row else set()
        context = "\n".join(dict.fromkeys((passage.title, *chunk.headings)))
        binds = binding(question.subject, chunk.language, words, context, before)
        held = holds_type(question, words, row is not None)
        alone = alone | _said_by_form(question, binds == 1, held)
        yield Candidate(
            Sentence(index, first, chunk.start + end, text),
            {
                "covers": terms.covered(alone),
                "with_neighbours": terms.covered(alone if row else around),
                "with_headings": terms.covered(alone | header),
                "right_kind": float(held),
                "defines": defines(question.query, text),
                "rank": 1 / (1 + index),
                "passage": whole,
                "rarest_here": terms.rarest(alone | header),
                "length": min(len(alone), LONGEST_SENTENCE) / LONGEST_SENTENCE,
                "label": terms.share_of(label),
                "binds": binds,
                "near": 0.0,
                "span": 0.0,
                "read_answers": 0.0,
            },
            reading,
        )


def _end_of_title(text: str) -> int:
    """Returns where the lines end with which a text opens and that are no sentences."""
    opening = _TITLE.match(text)
    return opening.end() if opening else 0


def _said_by_form(question: Question, bound: bool, held: bool) -> set[str]:
    """Returns the question's terms that a sentence need not say.

    «3.2. …» says no «cláusula», and «949 222 333» no «teléfono».
    """
    numbered = " ".join(question.subject.codes) if bound else ""
    said = set(search_terms(numbered, question.language))
    return said | contact_terms(question) if held else said


def holds_type(question: Question, text: str, row: bool = False) -> bool:
    """Tells whether a text names a thing of the kind asked for that the question does not.

    The unit of a figure in a row may stand in the name of its column.
    """
    kind = question.answer_type
    known = set(WORD.findall(fold(question.query)))
    return any(
        not set(WORD.findall(fold(match.group()))) <= known for match in things(kind, text, row)
    )


def things(kind: AnswerType, text: str, row: bool = False) -> Iterator[re.Match[str]]:
    """Yields where a text names things of a kind; the whole text for TEXT."""
    entity = ENTITIES.get(kind, _ANYTHING)
    if row and kind in _MEASURED:
        entity = ENTITIES[AnswerType.AMOUNT]
    named = kind in (AnswerType.NAME, AnswerType.PLACE)
    return (match for match in entity.finditer(text) if not named or not _only_opens(text, match))


def _only_opens(text: str, match: re.Match[str]) -> bool:
    """Tells whether it is a common word, whose capital says only that a sentence begins."""
    word = match.group()
    begins = not any(map(str.isalnum, text[: match.start()]))
    return begins and (fold(word) in OPENERS or is_word(word))


def _items(layout: Layout, start: int) -> Sequence[tuple[int, str]]:
    """Returns the start and text of the first items of the list that the sentence introduces."""
    listing = layout.listing_at(start)
    if listing is None or listing.lead is None or listing.lead[0] != start:
        return ()
    items = listing.items[:_MOST_ITEMS]
    return [(item.start, layout.of((item.start, item.end))) for item in items]


def _prose(
    above: str, before: str, text: str, start: int, items: Sequence[tuple[int, str]]
) -> Reading:
    """Returns a sentence under its heading, after the sentence before it, with its items."""
    whole = "".join(f"{part}\n" for part in (above, before) if part)
    parts = []
    for there, words in ((start, text), *items):
        parts.append((len(whole), len(words), there))
        whole += f"{words}\n"
    return Reading(whole.rstrip("\n"), tuple(parts))


def _row(layout: Layout, row: DocumentBlock, above: str) -> Reading:
    """Returns a row under its heading as «column: cell; column: cell»."""
    text, parts = f"{above}\n" if above else "", []
    for index, cell in enumerate(row.cells):
        name = " ".join(layout.of(header) for header in cell.headers)
        text += ("; " if index else "") + (f"{name}: " if name else "")
        parts.append((len(text), cell.end - cell.start, cell.start))
        text += layout.of((cell.start, cell.end))
    return Reading(text, tuple(parts))


def _label(layout: Layout, row: DocumentBlock) -> str:
    return layout.of((row.cells[0].start, row.cells[0].end)) if row.cells else ""


def _quotable(text: str, passage: Passage) -> bool:
    """Tells whether a text is a sentence: no heading, lone number or scrap."""
    words = _WORD.findall(text)
    bare = text.strip(" #.:").casefold()
    names = [name.strip(" #.:").casefold() for name in (passage.title, *passage.chunk.headings)]
    # «7. Costes» reads as two sentences: the second is still the heading
    return len(words) >= _FEWEST_WORDS and not any(name.endswith(bare) for name in names)
