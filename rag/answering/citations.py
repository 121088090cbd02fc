"""Answer text + passages -> verified citations and marked sentences, while the text is written.

Every [n] of a draft must name a passage that was shown, and every quote must stand in its document
letter by letter. Each sentence is held to what it cites, or to what could have been cited, by a
judge: marks that prove nothing go, proofs that were not cited are added, and sentences without any
are marked. Nothing is given out before the first sentence with a proof. Knows nothing about how a
judge decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.answering.prompts import refuses
from rag.answering.support import Attributor
from rag.schema import Block, BlockKind, Citation, Document, Passage, Span, Support, rendered
from rag.text import sanitize, split_sentences

MARK = re.compile(r"\[(\d{1,3})\]")
_ANY_MARK = re.compile(r"\[\d{1,3}\]")
_UNFINISHED_MARK = re.compile(r"\[\d{0,3}$")
_LEADING_MARKS = re.compile(r"[^\S\n]*(?:\[\d{1,3}\][^\S\n]*)+")
_LINE_OF_MARKS = re.compile(_LEADING_MARKS.pattern + r"(?=\n|$)")
_COMPLETE = re.compile(r"[.!?…\]\n][\"'»”’)*]*\s*$")
_WORD = re.compile(r"[^\W_]")
_LETTER = re.compile(r"[^\W\d_]")
_GONE = "\0"  # stands for a removed mark until the end, so that «[[9]1]» cannot become «[1]»
_GAP = re.compile(r"[ \t]*\0[\0 \t]*(?P<before>[.,;:!?\n]|$)?")

GetDocument = Callable[[int], Document | None]


@dataclass(frozen=True, slots=True)
class Cited:
    """A checked answer: its blocks with renumbered marks, and what the marks point to."""

    blocks: tuple[Block, ...]
    citations: tuple[Citation, ...]

    @property
    def text(self) -> str:
        """The blocks as one text."""
        return rendered(self.blocks)


class Verifier:
    """Checks a draft while it is written; marks [n] count `passages` from 1.

    What has been given out stays as it is, however the draft goes on and wherever it is cut.
    """

    def __init__(
        self,
        passages: Sequence[Passage],
        attributor: Attributor,
        get_document: GetDocument,
    ) -> None:
        self._passages = passages
        self._attributor = attributor
        self._get_document = get_document
        self._pending = ""
        self._waiting: list[tuple[str, Support | None, float]] = []  # before the first proof
        self._gap = ""  # white space after what has been given out
        self._numbers: dict[tuple[int, Span], int] = {}
        self._citations: list[Citation] = []
        self._blocks: list[Block] = []
        self.refused = False
        """Whether the model said that it found nothing."""

    @property
    def cited(self) -> Cited:
        """What has been given out so far; empty until something is proved."""
        return Cited(tuple(self._blocks), tuple(self._citations))

    def add(self, delta: str) -> str:
        """Takes more of the draft; returns what can be shown of it by now, often nothing."""
        self._pending += delta.replace(_GONE, "")
        ready = settled(self._pending)
        pieces = pieces_of(self._pending[:ready])
        self._pending = self._pending[ready:]
        return "".join([self._give(piece) for piece in pieces])

    def finish(self, cut: bool = False) -> str:
        """The rest; of a draft that was cut short only its complete sentences."""
        pieces = list(pieces_of(self._pending))
        if cut and pieces and not _COMPLETE.search(pieces[-1]):
            del pieces[-1]
        self._pending = ""
        return "".join([self._give(piece) for piece in pieces])

    def _give(self, piece: str) -> str:
        """Checks one sentence; what it adds to the text."""
        body = self._flattened(piece.rstrip())
        if not body.strip():
            return ""
        if refuses(MARK.sub("", body)):
            self.refused = True
            return ""
        checked, support, score = self._check(body)
        self._waiting.append((checked + _tail(piece), support, score))
        if not self._citations:
            return ""
        given, self._waiting = self._waiting, []
        return "".join([self._append(*each) for each in given])

    def _append(self, piece: str, support: Support | None, score: float) -> str:
        body = piece.strip()
        if not body:
            return ""
        gap = self._gap + piece[: len(piece) - len(piece.lstrip())]
        self._gap = piece[len(piece.rstrip()) :]
        numbers = tuple(dict.fromkeys(int(number) for number in MARK.findall(body)))
        block = Block(BlockKind.SENTENCE, body, numbers, support, score, gap)
        first = not self._blocks
        self._blocks.append(block)
        return block.text if first else block.gap + block.text

    def _flattened(self, text: str) -> str:
        """Images and links as plain words; an address that a passage holds stays."""
        texts = [passage.chunk.text for passage in self._passages]
        return sanitize.flattened(text, lambda address: any(address in each for each in texts))

    def _check(self, body: str) -> tuple[str, Support | None, float]:
        """The sentence with marks for what is proved, how far it is, and how surely."""
        words = _ANY_MARK.split(body)
        cited: dict[int, list[int]] = {
            place: [] for place, part in enumerate(words) if self._attributor.says_something(part)
        }
        for place, number in enumerate(MARK.findall(body)):
            index, behind = int(number) - 1, _behind(place, list(cited))
            if behind is not None and 0 <= index < len(self._passages):
                cited[behind].append(index)
        text, marks, scores = "", [], []
        for place, part in enumerate(words):
            text += (_GONE if place else "") + part
            if place in cited:
                numbers, support, score = self._prove(part, cited[place])
                text = text.rstrip() + "".join(f" [{number}]" for number in numbers) + _tail(part)
                marks.append(support)
                scores.append(score)
        text = _GAP.sub(_close_gap, text)
        return text, _overall(marks), min(scores, default=0.0)

    def _prove(self, part: str, cited: Sequence[int]) -> tuple[list[int], Support, float]:
        """Numbers of the citations that prove the words, their mark and its score."""
        held = self._attributor.judge(part.strip(), cited)
        numbers = [
            number
            for index, span in held.spans
            if (number := self._cite(self._passages[index], span)) is not None
        ]
        if not numbers:
            return [], Support.NOT_FOUND, 0.0 if held.spans else held.score
        return list(dict.fromkeys(numbers)), held.support, held.score

    def _cite(self, passage: Passage, span: Span) -> int | None:
        """The number of the citation of this span; None when it is not in its document."""
        key = passage.chunk.document_id, span
        if key not in self._numbers:
            number = len(self._citations) + 1
            citation = verified_citation(number, passage, span, self._get_document)
            if citation is None:
                return None
            self._numbers[key] = number
            self._citations.append(citation)
        return self._numbers[key]


def settled(draft: str) -> int:
    """Length of the part of an unfinished draft that is complete sentences with all their marks.

    The last sentence never is: its marks may follow, and so may words that change where it ends.
    """
    *before, last = ["", *pieces_of(draft)]
    open_words = _UNFINISHED_MARK.sub("", _ANY_MARK.sub("", last))
    if not _WORD.search(open_words):
        return max(0, len(draft) - len(last) - len(before[-1])) if before else 0
    return len(draft) - len(last)


def pieces_of(draft: str) -> Iterator[str]:
    """The draft cut into sentences, each with its marks, which may stand after its full stop."""
    start = 0
    for at, end in split_sentences(draft)[1:]:
        own_line = "\n" in draft[start:at][len(draft[start:at].rstrip()) :]
        marks = (_LINE_OF_MARKS if own_line else _LEADING_MARKS).match(draft, at)
        cut = marks.end() if marks else at
        piece = draft[start:cut]
        # «1.» before an item of a list is no sentence, and marks alone belong to what is before
        if cut < end and (_LETTER.search(piece) or MARK.search(piece)):
            yield piece
            start = cut
    yield draft[start:]


def quoted(citation: Citation, documents: Mapping[int, Document] | GetDocument) -> bool:
    """Whether the quote stands in its document at its place: the one promise of a citation."""
    get = documents if callable(documents) else documents.get
    document = get(citation.passage.chunk.document_id)
    return document is not None and document.text[citation.start : citation.end] == citation.quote


def _behind(mark: int, parts: Sequence[int]) -> int | None:
    """The part that a mark stands for: the last one before it, else the first one after it."""
    before = [place for place in parts if place <= mark]
    return before[-1] if before else next(iter(parts), None)


def _overall(marks: Sequence[Support]) -> Support | None:
    """The mark of a sentence by those of its parts; None for one that claims nothing."""
    if not marks:
        return None
    return marks[0] if len(set(marks)) == 1 else Support.PARTLY


def _tail(part: str) -> str:
    return part[len(part.rstrip()) :]


def _close_gap(gap: re.Match[str]) -> str:
    return " " if gap["before"] is None else gap["before"]


def verified_citation(
    number: int, passage: Passage, span: Span, get_document: GetDocument
) -> Citation | None:
    """Returns the citation of a span of the passage; None when its document does not hold it."""
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
