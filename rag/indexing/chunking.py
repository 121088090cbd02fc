"""Document -> Chunks: sections first, sentences inside, spans exact.

llama-index's `SentenceSplitter` cuts one section at a time; over several sections at once its own
offsets are mostly wrong, inside one they follow from a cursor.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from rag.schema import Chunk, Document, Section, Span
from rag.text import split_sentences

CountTokens = Callable[[str], int]

LONGEST = 1_000_000  # characters of a section that are cut at once
_CHARACTERS_A_TOKEN = 16  # at most: some tokenizers count one token for a word of any length
_SOLID = re.compile(r"\S")
_LONGEST_LETTER = 32  # code points that are kept together
_JOINER = "\u200d"
_JOINS = frozenset([_JOINER, *map(chr, range(0x1F3FB, 0x1F400))])  # and the tones of skin
_LONG_WORD = re.compile(r"\S{1000}")


class Chunker:
    """Cuts documents into chunks of at most `size` tokens that share up to `overlap` tokens."""

    def __init__(self, count_tokens: CountTokens, size: int, overlap: int) -> None:
        self.size = size
        self._splitter = _sentence_splitter(count_tokens, size, min(overlap, size // 2))

    def split(self, document: Document) -> list[Chunk]:
        """Returns the chunks in order; `document.text[chunk.start:chunk.end] == chunk.text`."""
        return [
            _chunk(document, section, span)
            for whole in _cover(document)
            for section in _parts(document.text, whole)
            for span in self._spans(document.text, section)
        ]

    def _spans(self, text: str, section: Section) -> Iterator[Span]:
        body = text[section.start : section.end]
        spans = _outermost(_locate(body, self._pieces(body)))
        for start, end in _outermost((_edge(body, a, -1), _edge(body, b, 1)) for a, b in spans):
            yield section.start + start, section.start + end

    def _pieces(self, body: str) -> list[str]:
        if not body.strip():
            return []
        try:
            return list(self._splitter.split_text(body))
        except ValueError:
            # One indivisible unit longer than the limit: cut by characters, never drop text.
            pieces = (body[at : at + self.size] for at in range(0, len(body), self.size))
            return [stripped for piece in pieces if (stripped := piece.strip())]


def _cover(document: Document) -> Iterator[Section]:
    """Gives the document's sections by start, and nameless ones for what lies between them."""
    at = 0
    for section in sorted(document.sections, key=lambda section: section.start):
        if section.start > at:
            yield Section(at, section.start, ())
        yield section
        at = max(at, section.end)
    if at < len(document.text):
        yield Section(at, len(document.text), ())


def _parts(text: str, section: Section) -> Iterator[Section]:
    """Gives the section in parts of at most LONGEST characters that end at white space if they can.

    The splitter takes twenty times the size of what it is given.
    """
    start = section.start
    while section.end - start > LONGEST:
        space = max(text.rfind(mark, start, start + LONGEST) for mark in (" ", "\n"))
        end = space + 1 if space > start else start + LONGEST
        yield replace(section, start=start, end=end)
        start = end
    yield replace(section, start=start)


def _outermost(spans: Iterable[Span]) -> Iterator[Span]:
    """Gives the spans that lie within no other one, in order: what they cover stays covered.

    An overlap can be all of its neighbour but white space, and white space is stripped: then one
    of the two says nothing of its own.
    """
    reached = 0
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if end > reached:
            yield start, end
            reached = end


def _locate(body: str, pieces: Sequence[str]) -> Iterator[Span]:
    """Gives where the pieces lie: with no text between one and the next, and to the end.

    Where text repeats itself a piece fits at several offsets. Backwards, it gets the last one that
    is not after that of the next piece; forwards, the last one up to there without a gap. So no
    piece ends before the offset that the splitter meant, and the next one is in reach.
    """
    last: list[int] = []
    bound = len(body)
    for piece in reversed(pieces):
        bound = _last_start(body, piece, bound)
        last.append(bound)
    end = 0
    for piece in pieces:
        solid = _SOLID.search(body, end)
        start = _last_start(body, piece, min(last.pop(), solid.start() if solid else end))
        end = start + len(piece)
        yield start, end


def _last_start(body: str, piece: str, bound: int) -> int:
    """Returns the start of the last occurrence of `piece` that starts at `bound` or before."""
    found = body.rfind(piece, 0, bound + len(piece))
    if found < 0:  # a splitter that edits text would break the one invariant
        raise AssertionError(f"chunk not found in its section: {piece[:80]!r}")
    return found


def _edge(text: str, at: int, step: int) -> int:
    """Returns `at`, or the nearest offset in that direction that cuts no letter in two."""
    for offset in range(at, at + step * _LONGEST_LETTER, step):
        if not 0 < offset < len(text) or not _is_joined(text, offset):
            return offset
    return at  # thousands of marks on one letter: no reader sees more than a blot


def _is_joined(text: str, at: int) -> bool:
    """Tells whether what stands before and after `at` is one letter: accents, emoji families."""
    return (
        unicodedata.category(text[at]) in ("Mn", "Mc", "Me")
        or text[at] in _JOINS
        or text[at - 1] == _JOINER
    )


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


def _sentence_splitter(count_tokens: CountTokens, size: int, overlap: int) -> Any:
    from llama_index.core.node_parser import SentenceSplitter

    def pieces(text: str) -> list[str]:
        """Returns sentences with the white space after them: they join to the whole text."""
        starts = {0, *(start for start, _ in split_sentences(text)[1:]), len(text)}
        starts.update(match.end() for match in _LONG_WORD.finditer(text))
        return [text[a:b] for a, b in itertools.pairwise(sorted(starts))]

    return SentenceSplitter(
        chunk_size=size,
        chunk_overlap=overlap,
        # llama-index only takes the length of what its tokenizer returns
        tokenizer=lambda text: range(max(count_tokens(text), len(text) // _CHARACTERS_A_TOKEN)),
        chunking_tokenizer_fn=pieces,
        paragraph_separator="\n\n",
    )
