"""Answer text + passages -> verified citations. Pure.

Every [n] of a draft must name a passage that was shown, and every quote must stand in its document
letter by letter: a mark that fails is taken out before anyone sees it, and so is a sentence that is
left without one. Marks are renumbered in the order in which they first appear.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.schema import Citation, Document, Passage, Sentence, Span

MARK = re.compile(r"\[(\d{1,3})\]")
_ANY_MARK = re.compile(r"\[\d{1,3}\]")
_LEADING_MARKS = re.compile(r"(?:\s*\[\d{1,3}\])*")
# What ends a stretch of text: a mark, a line, a sentence whose stop stands before white space.
_ENDED = re.compile(r".*(?:\]|\n|[.!?…](?=\s))", re.DOTALL)
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W_]+")
_GONE = "\0"  # stands for a removed mark until the end, so that «[[9]1]» cannot become «[1]»
_GAP = re.compile(r"[ \t]*\0[\0 \t]*(?P<before>[.,;:!?\n]|$)?")

GetDocument = Callable[[int], Document | None]
FindSentences = Callable[[str], Sequence[Span]]


@dataclass(frozen=True, slots=True)
class Cited:
    """A checked answer: its text with renumbered marks, and the citations the marks point to."""

    text: str
    citations: tuple[Citation, ...]


def verify(
    draft: str,
    passages: Sequence[Passage],
    evidence: Sequence[Sentence],
    get_document: GetDocument,
    sentences: FindSentences,
) -> Cited:
    """Checks a draft whose marks [n] count `passages` from 1.

    Each mark becomes one citation of the sentence of its passage that the marked sentence rests
    on. Marks of unknown passages, and of quotes that are not in their document, are removed, and
    the sentences of the draft that have no other.
    """
    numbers: dict[Span, int] = {}
    citations: list[Citation] = []

    def replace(match: re.Match[str]) -> str:
        number = int(match.group(1))
        if not 1 <= number <= len(passages):
            return _GONE
        claim = _claim(match.string, match.span())
        span = _support(claim, number - 1, passages[number - 1], evidence)
        key = (passages[number - 1].chunk.document_id, span[0])
        if key not in numbers:
            citation = _citation(len(citations) + 1, passages[number - 1], span, get_document)
            if citation is None:
                return _GONE
            numbers[key] = citation.number
            citations.append(citation)
        return f"[{numbers[key]}]"

    checked = (MARK.sub(replace, piece) for piece in _pieces(draft, sentences))
    text = "".join(piece for piece in checked if MARK.search(piece))
    return Cited(_GAP.sub(_close_gap, text).strip(), tuple(citations))


def settled(draft: str, sentences: FindSentences) -> int:
    """Length of the part of an unfinished draft that can be checked and shown.

    `verify` of that part is the beginning of `verify` of the draft, however it goes on. For this
    `sentences` has to end a sentence at every line break.
    """
    ended = _ENDED.match(draft)
    if ended is None:
        return 0
    *_, last = _pieces(ended.group(), sentences)
    return ended.end() - (len(last) if _waits(last) else 0)


def quoted(citation: Citation, documents: Mapping[int, Document] | GetDocument) -> bool:
    """Whether the quote stands in its document at its place: the one promise of a citation."""
    get = documents if callable(documents) else documents.get
    document = get(citation.passage.chunk.document_id)
    return document is not None and document.text[citation.start : citation.end] == citation.quote


def _pieces(draft: str, sentences: FindSentences) -> Iterator[str]:
    """The draft cut into sentences, each with its marks, which may stand after its full stop."""
    start = 0
    for at, end in sentences(draft)[1:]:
        marks = _LEADING_MARKS.match(draft, at)
        cut = marks.end() if marks else at
        piece = draft[start:cut]
        # «1.» before an item of a list is no sentence
        if cut < end and (_LETTER.search(piece) or MARK.search(piece)):
            yield piece
            start = cut
    yield draft[start:]


def _claim(piece: str, mark: Span) -> str:
    """What a mark stands behind: the words since the mark before, else those up to the next one.

    Of several marks in a row all stand behind the same words.
    """
    before = _parts(piece[: mark[0]])
    after = _parts(piece[mark[1] :])
    return before[-1] if before else after[0] if after else ""


def _parts(piece: str) -> list[str]:
    """What stands between marks and has a word."""
    return [part for part in _ANY_MARK.split(piece) if _WORD.search(part)]


def _waits(piece: str) -> bool:
    """Whether a mark stands before its words, and these may still go on."""
    *marked, _ = _ANY_MARK.split(piece)
    return bool(marked) and not any(map(_WORD.search, marked)) and not piece.endswith("\n")


def _close_gap(gap: re.Match[str]) -> str:
    return " " if gap["before"] is None else gap["before"]


def _support(claim: str, index: int, passage: Passage, evidence: Sequence[Sentence]) -> Span:
    """The span of the passage that shares most with the claim; the whole passage if none does."""
    own = [sentence for sentence in evidence if sentence.passage == index]
    if not own:
        return passage.chunk.start, passage.chunk.end
    words = _words(claim)
    best = max(own, key=lambda sentence: (_overlap(words, sentence.text), sentence.score))
    return best.start, best.end


def _overlap(words: frozenset[str], text: str) -> float:
    other = _words(text)
    return len(words & other) / len(words | other) if words and other else 0.0


def _words(text: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in _WORD.findall(text))


def _citation(
    number: int, passage: Passage, span: Span, get_document: GetDocument
) -> Citation | None:
    document = get_document(passage.chunk.document_id)
    if document is None:
        return None
    start, end = span
    citation = Citation(
        number=number,
        passage=passage,
        start=start,
        end=end,
        quote=_slice(passage, span),
        page=document.page_at(start),
        headings=document.headings_at(start),
    )
    return citation if citation.quote and quoted(citation, lambda _: document) else None


def _slice(passage: Passage, span: Span) -> str:
    offset = passage.chunk.start
    return passage.chunk.text[span[0] - offset : span[1] - offset]
