"""What a survey found, grouped by document: doubles joined, every passage cited."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rag.answering.everything.reading import Found
from rag.answering.everything.request import Request
from rag.answering.prepared import Citations, Prepared
from rag.schema import (
    AnswerType,
    Block,
    BlockKind,
    Document,
    DocumentInfo,
    Question,
    Span,
    Support,
)
from rag.text import fold
from rag.text.everything import EVERYTHING, EverythingData

GetDocument = Callable[[int], Document | None]
_SHOWN = 3  # passages of each document, where documents are asked for
_MOST = 200  # passages that are shown, of all documents together
_LONGEST = 300  # characters of a passage in the list: its citation holds all of it
_SURE = 0.95  # of the number that may be missing at most
_CONTACTS = (AnswerType.PHONE, AnswerType.EMAIL)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found in which documents, how much was read, and what may be missing."""

    found: Sequence[Found]
    infos: Sequence[DocumentInfo]
    read: int
    total: int
    expected: float | None
    """How many passages may be missing; None where that was not estimated."""

    @property
    def most(self) -> int:
        """Returns how many may be missing at most: what one of twenty libraries exceeds (Poisson).

        Missed passages are rare, and one hardly depends on another.
        """
        expected = self.expected or 0.0
        number, share = 0, math.exp(-expected)
        total = share
        while total < _SURE:
            number += 1
            share *= expected / number
            total += share
        return number


@dataclass(slots=True)
class _Item:
    """A passage, with the others that say it in the same words."""

    found: list[Found] = field(default_factory=list)


def worded(
    request: Request, question: Question, outcome: Outcome, get_document: GetDocument
) -> Prepared:
    """Returns the answer: the numbers, the passages by document, and how sure that is all."""
    words = EVERYTHING[question.language]
    groups = _grouped(outcome.found, request)
    if request.without:
        return _without(request, words, outcome, groups, get_document)
    holding = {one.passage.chunk.document_id for one in outcome.found}
    count = len({id(item) for items in groups.values() for item in items})
    documents = _number(words.number_of_documents, len(holding))
    passages = _number(words.number_of_passages, count)
    topic = request.label
    if not groups:
        return Prepared((_note(words.none.format(topic=topic)), *_notes(words, outcome)))
    lead = words.lead.format(documents=documents, passages=passages, topic=topic)
    citations, blocks = Citations(), [_note(lead)]
    left = _MOST
    for document, items in groups.items():
        shown = items[: min(left, _SHOWN if request.documents else left)]
        left -= len(shown)
        alone = document if request.documents else None
        further = words.further.format(count=len(items) - len(shown)) if shown != items else ""
        name = next(one for one in items[0].found if one.passage.chunk.document_id == document)
        title = f"{name.passage.title} ({len(items)}):"
        blocks.append(_listed(title, shown, further, citations, get_document, alone))
    number = documents if request.documents else passages
    short = number if request.counts else None
    return Prepared((*blocks, *_notes(words, outcome)), tuple(citations.made), short)


def _grouped(found: Sequence[Found], request: Request) -> dict[int, list[_Item]]:
    """Returns the items of each document, in its order; the document with the most comes first.

    What several documents say in the same words is an item of the first of them. A heading counts
    where its document says it nowhere else.
    """
    spoken = {one.passage.chunk.document_id for one in found if not one.heading}
    items: dict[str, _Item] = {}
    for one in sorted(found, key=lambda one: (one.passage.path, one.span)):
        if not (one.heading and one.passage.chunk.document_id in spoken):
            items.setdefault(_key(one, request), _Item()).found.append(one)
    groups: dict[int, list[_Item]] = {}
    for item in items.values():
        for document in dict.fromkeys(one.passage.chunk.document_id for one in item.found):
            if request.documents or item.found[0].passage.chunk.document_id == document:
                groups.setdefault(document, []).append(item)
    return dict(sorted(groups.items(), key=lambda entry: -len(entry[1])))


def _key(one: Found, request: Request) -> str:
    if request.kind in _CONTACTS:
        return "".join(char for char in one.value.casefold() if char.isalnum() or char == "@")
    return " ".join(fold(one.text).split())


def _listed(
    title: str,
    shown: Sequence[_Item],
    further: str,
    citations: Citations,
    get_document: GetDocument,
    alone: int | None,
) -> Block:
    """Returns passages as a list under the title of their document.

    With `alone` only what that document says is cited, else every document that says the same.
    """
    lines, numbers = [], []
    for item in shown:
        cited = [
            one for one in item.found if alone is None or one.passage.chunk.document_id == alone
        ]
        marks = []
        for one in cited:
            document = get_document(one.passage.chunk.document_id)
            if document is not None and document.text[slice(*one.span)] == one.text:
                marks.append(citations.number(document, one.span, one.words))
        numbers += marks
        lines.append(f"{_line(cited[0])} {''.join(f'[{number}]' for number in marks)}")
    text = "\n".join((title, *(f"• {line}" for line in lines), *filter(None, (further,))))
    return Block(BlockKind.LIST, text, tuple(dict.fromkeys(numbers)), Support.SUPPORTED, 1.0, "\n")


def _line(one: Found) -> str:
    text = " ".join(one.text.split())
    return text if len(text) <= _LONGEST else text[:_LONGEST].rsplit(" ", 1)[0] + "…"


def _without(
    request: Request,
    words: EverythingData,
    outcome: Outcome,
    groups: dict[int, list[_Item]],
    get_document: GetDocument,
) -> Prepared:
    """Returns the documents in which nothing was found, each cited by how it begins."""
    citations, lines = Citations(), []
    for info in outcome.infos:
        document = get_document(info.id) if info.id not in groups else None
        if document is not None and document.text.strip():
            lines.append(f"• {info.title} [{citations.number(document, _opening(document))}]")
    number = _number(words.number_of_documents, len(lines))
    lead = words.lead_negated.format(documents=number, topic=request.label)
    numbers = tuple(range(1, len(lines) + 1))
    text = "\n".join((lead, *lines))
    block = Block(BlockKind.LIST, text, numbers, Support.SUPPORTED, 1.0)
    short = number if request.counts else None
    return Prepared((block, *_notes(words, outcome)), tuple(citations.made), short)


def _opening(document: Document) -> Span:
    """Returns the span of the first line of a document."""
    start = len(document.text) - len(document.text.lstrip())
    end = document.text.find("\n", start)
    return start, len(document.text) if end < 0 else end


def _notes(words: EverythingData, outcome: Outcome) -> list[Block]:
    """Returns how much was read, and what may be missing; of a part that was read no estimate."""
    counts = {"read": outcome.read, "total": outcome.total}
    if outcome.read < outcome.total:
        return [_note(words.stopped.format(**counts))]
    notes = [_note(words.read.format(**counts))]
    if outcome.expected is not None:
        estimate = words.missing.format(count=round(outcome.expected), most=outcome.most)
        notes.append(_note(estimate if outcome.most else words.complete))
    return notes


def _number(forms: tuple[str, str], count: int) -> str:
    one, many = forms
    return one if count == 1 else many.format(count=count)


def _note(text: str) -> Block:
    return Block(BlockKind.REPLY, text, gap="\n")
