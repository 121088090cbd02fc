"""Answers that are complete before anything is written: computed, counted, summed up, or a reply.

They cite spans of documents directly, whether a search found them or not.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rag.schema import Block, BlockKind, Chunk, Citation, Document, Passage, Span


@dataclass(frozen=True, slots=True)
class Prepared:
    """The blocks of an answer, their citations and the short answer.

    A language model does not write it anew: what was computed stays as it was computed.
    """

    blocks: tuple[Block, ...]
    citations: tuple[Citation, ...] = ()
    short: str | None = None
    confidence: float = 1.0
    found: bool = True
    """Whether it answers; False where it says why nothing is computed."""


def reply(text: str) -> Prepared:
    """Returns what rests on no document: small talk, or what there is none of."""
    return Prepared((Block(BlockKind.REPLY, text),))


@dataclass(slots=True)
class Citations:
    """Numbers the cited spans of documents in the order in which they are first named."""

    made: list[Citation] = field(default_factory=list)
    _numbers: dict[tuple[int, Span], int] = field(default_factory=dict)

    def number(self, document: Document, span: Span, answers: Span | None = None) -> int:
        """Returns the number of a span; `answers` are the characters in it that count."""
        key = document.id, span
        if key not in self._numbers:
            self._numbers[key] = len(self.made) + 1
            self.made.append(_citation(self._numbers[key], document, span, answers))
        return self._numbers[key]


def _citation(number: int, document: Document, span: Span, answers: Span | None) -> Citation:
    start, end = span
    headings, page = document.headings_at(start), document.page_at(start)
    chunk = Chunk(
        document.id, start, end, document.text[start:end], page, page, headings, document.language
    )
    passage = Passage(chunk, document.title, document.path, 1.0, answer_span=answers)
    return Citation(number, passage, start, end, chunk.text, page, headings)
