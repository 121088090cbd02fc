"""What stands around an offset of a document: its paragraph, its list, its row and its table.

All spans are characters of the document, so what is chosen here is quoted by its offset.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property

from rag.answering.inferred_blocks import inferred_blocks
from rag.schema import Document, DocumentBlock, DocumentBlockKind, Section, Span
from rag.text import split_sentences

LayoutOf = Callable[[int], "Layout | None"]
"""Document -> its layout; None where it is gone."""

_BOXES = tuple("☐☑☒□■")
ROWS = (DocumentBlockKind.HEADER_ROW, DocumentBlockKind.ROW)


@dataclass(frozen=True, slots=True)
class Listing:
    """A whole list: its items, and the sentence that introduces it where there is one."""

    items: tuple[DocumentBlock, ...]
    lead: Span | None

    @property
    def span(self) -> Span:
        """Returns the stretch from the lead-in to the end of the last item."""
        start = self.items[0].start if self.lead is None else self.lead[0]
        return start, self.items[-1].end


class Layout:
    """The blocks of one document: those it was stored with, and between them those its lines show.

    Plain text has no blocks, and a parser may know the headings of a format and not its lists.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        added = [
            block
            for block in inferred_blocks(document)
            if not document.blocks_between(block.start, block.end)
        ]
        self.blocks = tuple(sorted((*document.blocks, *added), key=lambda block: block.start))

    @property
    def text(self) -> str:
        """Returns the text of the document."""
        return self.document.text

    def of(self, span: Span) -> str:
        """Returns the characters of a span."""
        return self.text[span[0] : span[1]]

    def block_at(self, offset: int) -> DocumentBlock | None:
        """Returns the block that holds the offset; None in a paragraph without one."""
        index = self._index(offset)
        if index < 0 or offset >= self.blocks[index].end:
            return None
        return self.blocks[index]

    def paragraph(self, offset: int) -> Span:
        """Returns the block at the offset, or the line between the blocks around it."""
        block = self.block_at(offset)
        if block is not None:
            return block.start, block.end
        index = self._index(offset)
        floor = self.blocks[index].end if index >= 0 else 0
        ceiling = self.blocks[index + 1].start if index + 1 < len(self.blocks) else len(self.text)
        start = max(floor, self.text.rfind("\n", 0, offset) + 1)
        end = self.text.find("\n", offset)
        end = ceiling if end < 0 else min(end, ceiling)
        return self._trimmed(start, end)

    def sentences(self, span: Span) -> list[Span]:
        """Returns the spans of the sentences of a stretch."""
        return [(span[0] + start, span[0] + end) for start, end in split_sentences(self.of(span))]

    def section_at(self, offset: int) -> Section | None:
        """Returns the stretch under one path of headings that holds the offset."""
        sections = self.document.sections
        index = bisect_right(sections, offset, key=lambda section: section.start) - 1
        return sections[index] if index >= 0 and offset < sections[index].end else None

    def listing_at(self, offset: int) -> Listing | None:
        """Returns the list whose item, or whose lead-in, holds the offset."""
        for listing in self.listings:
            start, end = listing.span
            if start <= offset < end:
                return listing
        return None

    @cached_property
    def listings(self) -> tuple[Listing, ...]:
        """Returns all lists of two items or more, in order; the boxes of a form are one too."""
        runs = self._runs(lambda block: block.kind is DocumentBlockKind.LIST_ITEM)
        boxes = self._runs(lambda block: self.text.startswith(_BOXES, block.start))
        found = [*runs, *(run for run in boxes if run[0].kind is DocumentBlockKind.FIELD)]
        found.sort(key=lambda run: run[0].start)
        return tuple(Listing(run, self._lead(run[0].start)) for run in found if len(run) > 1)

    @cached_property
    def tables(self) -> tuple[tuple[DocumentBlock, ...], ...]:
        """Returns the rows of each table, in order."""
        return tuple(self._runs(lambda block: block.kind in ROWS))

    def _runs(
        self, belongs: Callable[[DocumentBlock], bool]
    ) -> Iterator[tuple[DocumentBlock, ...]]:
        """Yields neighbouring blocks that belong, with nothing but white space between."""
        run: list[DocumentBlock] = []
        for block in self.blocks:
            if run and (
                not belongs(block)
                or self.text[run[-1].end : block.start].strip()
                or (block.kind is DocumentBlockKind.HEADER_ROW and run[-1].kind is not block.kind)
            ):
                yield tuple(run)
                run = []
            if belongs(block):
                run.append(block)
        if run:
            yield tuple(run)

    def _lead(self, start: int) -> Span | None:
        """Returns the sentence before a list that introduces it: it ends with a colon."""
        before = self.text[:start].rstrip()
        if not before.endswith(":"):
            return None
        paragraph = self.paragraph(len(before) - 1)
        return self.sentences(paragraph)[-1]

    def _index(self, offset: int) -> int:
        return bisect_right(self.blocks, offset, key=lambda block: block.start) - 1

    def _trimmed(self, start: int, end: int) -> Span:
        stretch = self.text[start:end]
        start += len(stretch) - len(stretch.lstrip())
        return start, start + len(stretch.strip())


def layouts(get_document: Callable[[int], Document | None]) -> LayoutOf:
    """Returns what gives the layout of a document, made at most once."""

    @cache
    def layout(document_id: int) -> Layout | None:
        document = get_document(document_id)
        return None if document is None else Layout(document)

    return layout
