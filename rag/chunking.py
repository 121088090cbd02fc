"""Document -> Chunks: sections first, sentences inside, spans exact.

llama-index's `SentenceSplitter` cuts one section at a time; over several sections at once its own
offsets are mostly wrong, inside one they follow from a cursor. Lengths are measured, and sentences
found, by the functions it is given. Knows nothing about models or languages.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rag.schema import Chunk, Document, Section, Span

CountTokens = Callable[[str], int]
FindSentences = Callable[[str], Sequence[Span]]


class Chunker:
    """Cuts documents into chunks of at most `size` tokens that share up to `overlap` tokens."""

    def __init__(
        self, count_tokens: CountTokens, sentences: FindSentences, size: int, overlap: int
    ) -> None:
        self.size = size
        self._splitter = _sentence_splitter(count_tokens, sentences, size, min(overlap, size // 2))

    def split(self, document: Document) -> list[Chunk]:
        """Chunks in order. For each: `document.text[chunk.start:chunk.end] == chunk.text`."""
        sections = document.sections or (Section(0, len(document.text), ()),)
        return [
            _chunk(document, section, span)
            for section in sections
            for span in self._spans(document.text, section)
        ]

    def _spans(self, text: str, section: Section) -> Iterator[Span]:
        body = text[section.start : section.end]
        cursor = 0
        for piece in self._pieces(body):
            found = body.find(piece, cursor)
            if found < 0:  # a splitter that edits text would break the one invariant
                raise AssertionError(f"chunk not found in its section: {piece[:80]!r}")
            yield section.start + found, section.start + found + len(piece)
            cursor = found + 1

    def _pieces(self, body: str) -> list[str]:
        if not body.strip():
            return []
        try:
            return list(self._splitter.split_text(body))
        except ValueError:
            # One indivisible unit longer than the limit: cut by characters, never drop text.
            pieces = (body[at : at + self.size] for at in range(0, len(body), self.size))
            return [stripped for piece in pieces if (stripped := piece.strip())]


def _chunk(document: Document, section: Section, span: Span) -> Chunk:
    start, end = span
    return Chunk(
        document_id=document.id,
        start=start,
        end=end,
        text=document.text[start:end],
        page_first=document.page_at(start),
        page_last=document.page_at(end - 1),
        headings=section.headings,
        language=document.language,
    )


def _sentence_splitter(
    count_tokens: CountTokens, sentences: FindSentences, size: int, overlap: int
) -> Any:
    from llama_index.core.node_parser import SentenceSplitter

    def pieces(text: str) -> list[str]:
        """Sentences with the white space after them, so that they join to the whole text."""
        starts = [0, *(start for start, _ in list(sentences(text))[1:]), len(text)]
        return [text[a:b] for a, b in itertools.pairwise(starts) if b > a]

    return SentenceSplitter(
        chunk_size=size,
        chunk_overlap=overlap,
        # llama-index only takes the length of what its tokenizer returns
        tokenizer=lambda text: range(count_tokens(text)),
        chunking_tokenizer_fn=pieces,
        paragraph_separator="\n\n",
    )
