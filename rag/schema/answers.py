"""What is found and what is answered: passages, citations, blocks of an answer, the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from rag.schema.documents import Chunk, Span
from rag.schema.questions import Question


@dataclass(frozen=True, slots=True)
class Signals:
    """What a passage's score was made of. None: that stage did not look at the passage."""

    dense: float = 0.0  # cosine of question and chunk
    keyword: float = 0.0  # BM25
    fused: float = 0.0
    rerank: float | None = None  # raw score of the reranker
    unread: float | None = None  # the score before the QA model read the passage
    relevance: float | None = None  # probabilities that the QA model gives
    answerable: float | None = None
    span: float | None = None

    def as_dict(self) -> dict[str, float]:
        """Returns the known signals by name."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved chunk with its score in [0, 1] and the signals that made it."""

    chunk: Chunk
    title: str
    path: str
    score: float
    signals: Signals = field(default_factory=Signals)
    answer_span: Span | None = None

    @property
    def page(self) -> int | None:
        """Returns the page on which the passage begins."""
        return self.chunk.page_first


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a passage, addressed in the document, with how well it answers in [0, 1]."""

    passage: int  # index into the passages it came from
    start: int
    end: int
    text: str
    score: float = 0.0
    words: Span | None = None
    """Where the QA model points when it reads the sentence by itself, in the document."""
    answers: float = 0.0  # probability that it answers, read by itself
    span_score: float = 0.0  # and that `words` are the answer
    affirms: float | None = None
    """Probability that it says yes to a question that yes or no answers; None where unasked."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A verified quote. Invariant, checked before it is shown: `quote == text[start:end]`."""

    number: int
    passage: Passage
    start: int
    end: int
    quote: str
    page: int | None
    headings: tuple[str, ...] = ()

    @property
    def address(self) -> tuple[int, int]:
        """Returns the document and the offset at which the quote begins."""
        return self.passage.chunk.document_id, self.start

    @property
    def answer_span(self) -> Span | None:
        """Returns the characters of the quote that answer, if they are fewer than all of it."""
        if self.passage.answer_span is None:
            return None
        start = max(0, self.passage.answer_span[0] - self.start)
        end = min(len(self.quote), self.passage.answer_span[1] - self.start)
        return (start, end) if 0 < end - start < len(self.quote) else None


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message for a language model; `role` is system, user or assistant."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a language model is given: the messages, and the passages that they show."""

    messages: tuple[Message, ...]
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class SurveyProgress:
    """How many of the passages that an answer needs have been read."""

    read: int
    total: int


class Support(StrEnum):
    """How far the documents bear a sentence out."""

    SUPPORTED = "supported"
    PARTLY = "partly"
    NOT_FOUND = "not_found"


class BlockKind(StrEnum):
    """What a stretch of an answer is."""

    SENTENCE = "sentence"
    LIST = "list"
    ROW = "row"  # of a table
    COMPUTED = "computed"
    REFUSAL = "refusal"
    REPLY = "reply"  # to small talk, or about the library itself: it rests on no document


@dataclass(frozen=True, slots=True)
class AnswerCell:
    """A cell of a quoted row as it is shown, under the name of its column; «» where it has none."""

    header: str
    text: str
    asked: bool = False
    """Whether the question asks for this cell."""


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of an answer with what proves it; its text carries the marks [n].

    `support` is None where the words claim nothing, as in a lead-in or a refusal.
    """

    kind: BlockKind
    text: str
    citations: tuple[int, ...] = ()  # numbers of the answer's citations
    support: Support | None = None
    score: float = 0.0  # probability that the cited spans say it, in [0, 1]
    gap: str = " "  # white space before it, unless it is the first one
    cells: tuple[AnswerCell, ...] = ()  # of a ROW

    def renumbered(self, numbers: Mapping[int, int]) -> Block:
        """Returns the block with other numbers for its citations; those not named stay."""
        text = self.text
        for number in self.citations:  # in two steps, so that no new number meets an old one
            text = text.replace(f"[{number}]", f"[\0{number}]")
        for number in self.citations:
            text = text.replace(f"[\0{number}]", f"[{numbers.get(number, number)}]")
        cited = tuple(numbers.get(number, number) for number in self.citations)
        return replace(self, text=text, citations=cited)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two sources that say the same thing with another number, date or name."""

    citation: int  # number of the answer's citation that says `said`
    said: str
    passage: int  # index into the answer's passages, of the one that says `other`
    start: int  # of its sentence, in its document
    end: int
    quote: str
    other: str


class Fallback(StrEnum):
    """Why the verbatim answer stands in the place of one that a language model was to write."""

    STOPPED = "stopped"  # by a person, before anything of it could be shown
    NO_ROOM = "no_room"  # not one passage fits into what the model reads at a time
    SILENT = "silent"  # it wrote nothing, or that the passages do not hold the answer
    UNPROVED = "unproved"  # nothing that it wrote rests on what is quoted


@dataclass(frozen=True)
class Answer:
    """The finished answer. `found` is False when the documents do not hold it."""

    question: Question
    blocks: tuple[Block, ...]
    short: str | None
    citations: tuple[Citation, ...]
    passages: tuple[Passage, ...]
    found: bool
    confidence: float
    model: str
    signals: Mapping[str, float] = field(default_factory=dict)
    """What the confidence was made of."""
    seconds: Mapping[str, float] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()
    used: int = 0  # passages that the language model was shown, the first ones of `passages`
    fallback: Fallback | None = None
    unwritten: str = ""  # the language model that was not asked to write, for such a question
    struck: int = 0  # sentences of the language model, made up or denied, that are not shown
    flagged: tuple[int, ...] = ()  # passages (indices) with hidden or forged characters
    hidden: tuple[str, ...] = ()
    """Paths of cited documents that hold text which nobody sees who looks at them."""
    nearest: tuple[Citation, ...] = ()
    """Where nothing was found, the passages that come nearest, as verified quotes."""
    extractive: Answer | None = None
    """The verbatim answer that came before a written one; its numbers continue this one's."""

    @property
    def proofs(self) -> tuple[Citation, ...]:
        """Returns the citations, then those that only the verbatim answer has."""
        numbers = {citation.number for citation in self.citations}
        verbatim = self.extractive.citations if self.extractive is not None else ()
        further = (citation for citation in verbatim if citation.number not in numbers)
        return (*self.citations, *further)

    @property
    def is_extractive(self) -> bool:
        """Tells whether the verbatim answer stands because the model wrote nothing that holds."""
        return self.extractive is not None and self.model == self.extractive.model

    @cached_property
    def text(self) -> str:
        """Returns the blocks as one text."""
        return rendered(self.blocks)

    def renumbered(self, numbers: Mapping[int, int]) -> Answer:
        """Returns the answer with other numbers for its citations; those not named stay."""
        return replace(
            self,
            blocks=tuple(block.renumbered(numbers) for block in self.blocks),
            citations=tuple(
                replace(citation, number=numbers.get(citation.number, citation.number))
                for citation in self.citations
            ),
        )


def rendered(blocks: tuple[Block, ...]) -> str:
    """Returns the text of blocks, each after its gap."""
    return "".join((block.gap if index else "") + block.text for index, block in enumerate(blocks))


def shared_numbers(first: Answer, second: Answer) -> dict[int, int]:
    """Returns numbers for the citations of `second` that continue those of `first`.

    A citation that both have keeps the number it has in `first`.
    """
    known = {citation.address: citation.number for citation in first.citations}
    numbers: dict[int, int] = {}
    following = len(first.citations) + 1
    for citation in second.citations:
        if citation.address in known:
            numbers[citation.number] = known[citation.address]
        else:
            numbers[citation.number] = following
            following += 1
    return numbers
