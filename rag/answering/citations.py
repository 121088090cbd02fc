"""Answer text + passages -> verified citations and marked sentences, while the text is written.

Every [n] of a draft must name a passage that was shown, and every quote must stand in its document
letter by letter. Each sentence is held to what it cites, or to what it could have cited: marks that
prove nothing go, proofs that were not cited are added, and sentences without any are marked. One
with a figure or a name from nowhere, or that a passage denies, is struck, and counted.
Nothing is given out before what is written says what the verbatim answer quotes: a writer that
answers with something else, or with half of it, has missed what answers best.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.answering.agreeing import Agreement
from rag.answering.draft import MARK, complete_length, sentences_with_marks, trailing_space
from rag.answering.prompts import refuses
from rag.answering.support import Attribution, Attributor, invents
from rag.schema import (
    Block,
    BlockKind,
    Citation,
    Document,
    Passage,
    Question,
    Span,
    Support,
    rendered,
)
from rag.text import sanitize

_COMPLETE = re.compile(r"[.!?…\]\n][\"'»”’)*]*\s*$")
_GONE = "\0"  # stands for a removed mark until the end, so that «[[9]1]» cannot become «[1]»
_GAP = re.compile(r"[ \t]*\0[\0 \t]*(?P<before>[.,;:!?\n]|$)?")
_WORD = re.compile(r"[^\W_]")

GetDocument = Callable[[int], Document | None]


@dataclass(frozen=True, slots=True)
class CheckedAnswer:
    """The blocks of an answer with renumbered marks, and what the marks point to."""

    blocks: tuple[Block, ...]
    citations: tuple[Citation, ...]

    @property
    def text(self) -> str:
        """Returns the blocks as one text."""
        return rendered(self.blocks)


@dataclass(frozen=True, slots=True)
class _Part:
    """Words of a sentence up to its next marks; what claims nothing is not held to passages."""

    text: str
    held: Attribution | None = None

    @property
    def denied(self) -> bool:
        """Tells whether a passage says the opposite."""
        return self.held is not None and self.held.denied


class Verifier:
    """Checks a draft while it is written; marks [n] count `passages` from 1.

    What has been given out stays as it is, however the draft goes on and wherever it is cut.
    """

    def __init__(
        self,
        passages: Sequence[Passage],
        attributor: Attributor,
        get_document: GetDocument,
        question: Question,
        verbatim: Sequence[Citation] = (),
    ) -> None:
        """`verbatim`: what the verbatim answer quotes; without any the first proof is enough."""
        self._agreement = Agreement(question, passages, verbatim)
        self._verbatim = bool(verbatim)
        self._agreed = False
        self._passages = passages
        self._question = question
        self._attributor = attributor
        self._get_document = get_document
        self._pending = ""
        self._waiting: list[tuple[str, Support | None, float]] = []  # before it agrees
        self._gap = ""  # white space after what has been given out
        self._numbers: dict[tuple[int, Span], int] = {}
        self._citations: list[Citation] = []
        self._blocks: list[Block] = []
        self.struck = 0
        """Sentences that are not shown: they state what no passage does, or what one denies."""

    @property
    def withheld(self) -> bool:
        """Tells whether sentences were written that are not shown."""
        return bool(self.struck or self._waiting)

    @property
    def checked(self) -> CheckedAnswer:
        """Returns what has been given out so far; empty until a sentence agrees."""
        citations = self._citations if self._blocks else ()
        return CheckedAnswer(tuple(self._blocks), tuple(citations))

    def add(self, delta: str) -> str:
        """Takes more of the draft; returns what can be shown of it by now, often nothing."""
        self._pending += delta.replace(_GONE, "")
        ready = complete_length(self._pending)
        pieces = sentences_with_marks(self._pending[:ready])
        self._pending = self._pending[ready:]
        return "".join([self._release(piece) for piece in pieces])

    def finish(self, cut: bool = False) -> str:
        """Returns the rest; of a draft that was cut short only its complete sentences."""
        pieces = list(sentences_with_marks(self._pending))
        if cut and pieces and not _COMPLETE.search(pieces[-1]):
            del pieces[-1]
        self._pending = ""
        return "".join([self._release(piece) for piece in pieces])

    def _release(self, piece: str) -> str:
        """Checks one sentence; returns what can be shown after it."""
        body = self._flattened(piece.rstrip())
        words = MARK.sub("", body)
        if not _WORD.search(words):  # a mark that numbers what follows: «[1]. It opens at nine.»
            return ""
        if refuses(words) or self._agreement.only_a_title(words):
            return ""
        parts = self._parts(body)
        if self._invents(body) or any(part.denied for part in parts):
            self.struck += 1
            return ""
        checked, support, score = self._marked(parts)
        self._waiting.append((checked + trailing_space(piece), support, score))
        if not self._agrees(checked, support):
            return ""
        released, self._waiting = self._waiting, []
        return "".join([self._append(*sentence) for sentence in released])

    def _agrees(self, checked: str, support: Support | None) -> bool:
        """Tells whether what has been written says what the verbatim answer says.

        What is proved in part, or by the figure of another thing, does not.
        """
        if not self._agreed:
            proved = support is Support.SUPPORTED or not self._verbatim
            numbers = {int(number) for number in MARK.findall(checked) if proved}
            proofs = [citation for citation in self._citations if citation.number in numbers]
            self._agreed = self._agreement.with_verbatim(MARK.sub("", checked), proofs)
        return self._agreed

    def _invents(self, body: str) -> bool:
        numbers = {int(number) for number in MARK.findall(body)}
        cited = [passage for at, passage in enumerate(self._passages, 1) if at in numbers]
        words, asked = MARK.sub("", body), self._question
        return invents(words, asked.language, asked.standalone, cited, self._passages)

    def _append(self, piece: str, support: Support | None, score: float) -> str:
        """Adds a block; returns its text with the white space before it."""
        body = piece.strip()
        if not body:
            return ""
        gap = self._gap + piece[: len(piece) - len(piece.lstrip())]
        self._gap = trailing_space(piece)
        numbers = tuple(dict.fromkeys(int(number) for number in MARK.findall(body)))
        block = Block(BlockKind.SENTENCE, body, numbers, support, score, gap)
        first = not self._blocks
        self._blocks.append(block)
        return block.text if first else block.gap + block.text

    def _flattened(self, text: str) -> str:
        """Returns images and links as plain words; an address that a passage holds stays."""
        texts = [passage.chunk.text for passage in self._passages]
        return sanitize.flattened(text, lambda address: any(address in known for known in texts))

    def _parts(self, body: str) -> list[_Part]:
        """Returns what stands between the marks of a sentence, held to the passages."""
        parts = MARK.split(body)[::2]
        cited: dict[int, list[int]] = {
            index: []
            for index, part in enumerate(parts)
            if self._attributor.is_claim(part) and not self._agreement.announces(part)
        }
        for mark, number in enumerate(MARK.findall(body)):
            passage, claim = int(number) - 1, _marked_part(mark, list(cited))
            if claim is not None and 0 <= passage < len(self._passages):
                cited[claim].append(passage)
        return [
            _Part(part, self._attributor.attribute(part.strip(), cited[index]))
            if index in cited
            else _Part(part)
            for index, part in enumerate(parts)
        ]

    def _marked(self, parts: Sequence[_Part]) -> tuple[str, Support | None, float]:
        """Returns the sentence with marks for what is proved, how far it is, and how surely."""
        text, supports, scores = "", [], []
        for index, part in enumerate(parts):
            text += (_GONE if index else "") + part.text
            if part.held is not None:
                numbers, support, score = self._prove(part.held)
                marks = "".join(f" [{number}]" for number in numbers)
                text = text.rstrip() + marks + trailing_space(part.text)
                supports.append(support)
                scores.append(score)
        text = _GAP.sub(_close_gap, text)
        return text, _overall(supports), min(scores, default=0.0)

    def _prove(self, attribution: Attribution) -> tuple[list[int], Support, float]:
        """Returns the numbers of the citations that prove the words, and how far they do."""
        numbers = [
            number
            for index, span in attribution.spans
            if (number := self._cite(self._passages[index], span)) is not None
        ]
        if not numbers:
            return [], Support.NOT_FOUND, 0.0 if attribution.spans else attribution.score
        return list(dict.fromkeys(numbers)), attribution.support, attribution.score

    def _cite(self, passage: Passage, span: Span) -> int | None:
        """Returns the number of the citation of this span; None when its document lacks it."""
        key = passage.chunk.document_id, span
        if key not in self._numbers:
            number = len(self._citations) + 1
            citation = verified_citation(number, passage, span, self._get_document)
            if citation is None:
                return None
            self._numbers[key] = number
            self._citations.append(citation)
        return self._numbers[key]


def stands(citation: Citation, get_document: GetDocument) -> bool:
    """Tells whether the quote stands in its document at its offset: a citation's one promise."""
    document = get_document(citation.passage.chunk.document_id)
    return document is not None and document.text[citation.start : citation.end] == citation.quote


def _marked_part(mark: int, parts: Sequence[int]) -> int | None:
    """Returns the part that a mark stands for: the last before it, else the first after it."""
    before = [part for part in parts if part <= mark]
    return before[-1] if before else next(iter(parts), None)


def _overall(supports: Sequence[Support]) -> Support | None:
    """Returns the support of a sentence by that of its parts; None if it claims nothing."""
    if not supports:
        return None
    return supports[0] if len(set(supports)) == 1 else Support.PARTLY


def _close_gap(gap: re.Match[str]) -> str:
    return " " if gap["before"] is None else gap["before"]


def verified_citation(
    number: int, passage: Passage, span: Span, get_document: GetDocument
) -> Citation | None:
    """Returns the citation of a span of the passage's document, which may reach beyond the passage.

    None where the document does not hold the passage, because it is gone or has been read again.
    """
    document = get_document(passage.chunk.document_id)
    chunk, (start, end) = passage.chunk, span
    if document is None or document.text[chunk.start : chunk.end] != chunk.text or start >= end:
        return None
    return Citation(
        number=number,
        passage=passage,
        start=start,
        end=end,
        quote=document.text[start:end],
        page=document.page_at(start),
        headings=document.headings_at(start),
    )
