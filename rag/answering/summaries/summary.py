"""A summary: the lead, then the sentence that carries each section, in the document's order."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from rag.answering.composing.prose import points_back
from rag.answering.extractive_answer import plain
from rag.answering.layout import Layout, LayoutOf
from rag.answering.prepared import Citations, Prepared
from rag.answering.summaries.scope import Wish, folder_of, scope_of, section_in, section_of, wish_of
from rag.protocols import Embedder
from rag.schema import (
    Block,
    BlockKind,
    DocumentBlockKind,
    DocumentInfo,
    Filters,
    Passage,
    Question,
    Span,
    Support,
)
from rag.text import fold
from rag.text.summarising import SUMMARISING

_FEWEST, _MOST = 6, 50  # words of a sentence that can stand alone
_COMPARED = 72  # sentences of a document that are embedded: a second on two cores
_PER_PART = 6  # the first ones of a section
_FIRST = 0.08  # what standing first in its section adds to a sentence's cosines
_LEAD = 4  # sentences of the section that sums up
_WORD = re.compile(r"\w+")
_ENDS = re.compile(r"[.!?…][)\"”»]*$")
_LABELLED = re.compile(r"[^\W\d_][\w ]{0,30}: ")  # «Autora: …»: says who made it, not what of
_LABELLED_WORDS = 12
_SHORT_TEXT = 24  # sentences of a text without sections that are compared all together
_MOST_PARTS, _FEWEST_APART = 8, 2  # of a longer one, and sentences of a part
_TITLE = 3  # words of a title that opens a paragraph
_PROSE = (DocumentBlockKind.PARAGRAPH, DocumentBlockKind.LIST_ITEM)
_DOCUMENTS = 20  # that are summed up together, a sentence each


@dataclass(slots=True)
class _Sentence:
    span: Span
    text: str
    part: int
    place: int
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class _Part:
    """A section of what is summed up, with its sentences; `lead` if it sums up the rest."""

    heading: str
    sentences: list[_Sentence]
    lead: bool


class Summariser:
    """Sums up documents of one library in their own sentences."""

    def __init__(
        self, infos: Callable[[Filters], Sequence[DocumentInfo]], embedder: Embedder | None
    ) -> None:
        """Without `embedder` the position of a sentence decides."""
        self._infos, self._embedder = infos, embedder

    def summary(
        self, question: Question, passages: Sequence[Passage], layout_of: LayoutOf
    ) -> Prepared | None:
        """Returns the summary that is asked for; None where it is not known of what."""
        wish = wish_of(question)
        infos = self._infos(question.filters)
        ids = dict.fromkeys(passage.chunk.document_id for passage in passages)
        found = [layout.document for key in ids if (layout := layout_of(key)) is not None]
        if (folder := folder_of(wish, infos)) is not None:
            each = max(1, wish.sentences // max(1, len(folder)))
            return self._all(wish, folder, layout_of, each)
        if wish.everything and not wish.asked:
            return self._all(wish, infos, layout_of, 1)
        if wish.of_section:
            scope = section_of(wish, passages, found)
        else:
            scope = scope_of(wish, infos, passages, found)
        layout = layout_of(scope.document) if scope else None
        if scope is None or layout is None:
            return None
        whole = 0, len(layout.text)
        stretch = scope.stretch or section_in(wish, layout.document) or whole
        return self._of(wish, layout, stretch)

    def _of(self, wish: Wish, layout: Layout, stretch: Span) -> Prepared | None:
        parts = _parts(layout, stretch)
        if not any(part.sentences for part in parts):
            return None
        if len(parts) == 1 and len(parts[0].sentences) > _SHORT_TEXT:
            parts = _parted(parts[0].sentences)
        headed = any(part.heading for part in parts)
        self._score(parts, wish.question)
        chosen = _chosen(parts, wish.sentences, wish.words)
        citations, blocks = Citations(), []
        for index, sentence in enumerate(chosen):
            number = citations.number(layout.document, sentence.span)
            follows = index and (not headed or chosen[index - 1].part == sentence.part)
            heading = "" if follows else _bare(parts[sentence.part].heading)
            text = f"{heading}{plain(sentence.text)} [{number}]"
            gap = " " if follows else "\n"
            blocks.append(Block(BlockKind.SENTENCE, text, (number,), Support.SUPPORTED, 1.0, gap))
        if headed:
            shown = len({sentence.part for sentence in chosen})
            words = SUMMARISING[wish.question.language].sections
            blocks.append(_note(words.format(shown=shown, all=len(parts))))
        return Prepared(tuple(blocks), tuple(citations.made))

    def _all(
        self, wish: Wish, infos: Sequence[DocumentInfo], layout_of: LayoutOf, each: int
    ) -> Prepared | None:
        """Returns under the title of each document the sentences that carry it, `each` of them."""
        citations, blocks = Citations(), []
        for info in infos[:_DOCUMENTS]:
            layout = layout_of(info.id)
            parts = _parts(layout, (0, len(layout.text))) if layout else []
            parts = [part for part in parts if part.sentences]
            if layout is None or not parts:
                continue
            lead = next((part for part in parts if part.lead), parts[0])
            chosen = lead.sentences[:1]
            if each > 1:
                self._score(parts, wish.question)
                chosen = _chosen(parts, each, wish.words // len(infos))
            numbers = [citations.number(layout.document, sentence.span) for sentence in chosen]
            texts = (f"{plain(s.text)} [{n}]" for s, n in zip(chosen, numbers, strict=True))
            text = f"{info.title}: {' '.join(texts)}"
            made = Block(BlockKind.LIST, text, tuple(numbers), Support.SUPPORTED, 1.0, "\n")
            blocks.append(made)
        if not blocks:
            return None
        words = SUMMARISING[wish.question.language].documents
        blocks.append(_note(words.format(shown=len(blocks), all=len(infos))))
        return Prepared(tuple(blocks), tuple(citations.made))

    def _score(self, parts: Sequence[_Part], question: Question) -> None:
        """Scores the sentences: near their section's middle, the whole's, and the question."""
        per_part = max(2, min(_PER_PART, _COMPARED // len(parts)))
        for part in parts:
            del part.sentences[_SHORT_TEXT if len(parts) == 1 else per_part * (1 + part.lead) :]
        sentences = [sentence for part in parts for sentence in part.sentences][:_COMPARED]
        if self._embedder is None:
            for sentence in sentences:
                sentence.score = -sentence.place * _FIRST
            return
        vectors = self._embedder.encode_documents([plain(s.text) for s in sentences])
        middle = vectors.mean(axis=0)
        asked = question.vector
        for number in {sentence.part for sentence in sentences}:
            rows = [i for i, sentence in enumerate(sentences) if sentence.part == number]
            own = vectors[rows].mean(axis=0)
            for row in rows:
                near = float(np.dot(vectors[row], own) + np.dot(vectors[row], middle)) / 2
                if asked is not None:
                    near += 0.2 * float(np.dot(vectors[row], asked))
                sentences[row].score = near + (_FIRST if sentences[row].place == 0 else 0.0)


def _bare(heading: str) -> str:
    """Returns a heading without its number, as what follows is introduced by it."""
    words = plain(heading).lstrip("0123456789. ").rstrip(" .:")
    return f"{words}: " if words else ""


def _note(text: str) -> Block:
    return Block(BlockKind.REPLY, text, gap="\n")


def _parts(layout: Layout, stretch: Span) -> list[_Part]:
    """Returns the sections of a stretch, by the outermost headings that part it."""
    document = layout.document
    inside = [s for s in document.sections if stretch[0] <= s.start < stretch[1]]
    depth = _depth([section.headings for section in inside])
    spans: list[tuple[str, Span]] = []
    for section in inside:
        heading = section.headings[depth - 1] if len(section.headings) >= depth else ""
        end = min(section.end, stretch[1])
        if spans and spans[-1][0] == heading:
            spans[-1] = heading, (spans[-1][1][0], end)
        else:
            spans.append((heading, (section.start, end)))
    if not spans:
        spans = [("", stretch)]
    language = document.language
    parts: list[_Part] = []
    for heading, span in spans:
        bare = fold(heading).strip(" .0123456789")
        lead = re.fullmatch(SUMMARISING[language].sums_up, bare) is not None
        sentences = _sentences(layout, span, len(parts), heading, lead)
        if sentences:
            parts.append(_Part(heading, sentences, lead))
    return parts


def _parted(sentences: Sequence[_Sentence]) -> list[_Part]:
    """Returns the sentences of a text without sections: the first, then parts of like length.

    A summary then holds something of its beginning, its middle and its end.
    """
    first, *others = sentences
    each = max(_FEWEST_APART, math.ceil(len(others) / _MOST_PARTS))
    runs = [[first], *(others[start : start + each] for start in range(0, len(others), each))]
    for number, run in enumerate(runs):
        for place, sentence in enumerate(run):
            sentence.part, sentence.place = number, place
    return [_Part("", run, lead=run[0] is first) for run in runs]


def _depth(headings: Sequence[tuple[str, ...]]) -> int:
    """Returns the least depth at which there are two headings or more."""
    deepest = max(map(len, headings), default=1)
    for depth in range(1, deepest + 1):
        if len({names[:depth] for names in headings if len(names) >= depth}) > 1:
            return depth
    return max(deepest, 1)


def _sentences(layout: Layout, span: Span, part: int, heading: str, lead: bool) -> list[_Sentence]:
    """Returns the sentences of a section that can stand alone."""
    found: list[_Sentence] = []
    for block in layout.document.stretches(*span):
        if block.kind not in _PROSE or layout.text.find("\t", block.start, block.end) >= 0:
            continue
        title: int | None = None  # of a paragraph, in its first line: «Query drift. Each week …»
        for start, end in layout.sentences((block.start, block.end)):
            if start == block.start and len(_WORD.findall(layout.text[start:end])) <= _TITLE:
                title = start
                continue
            start, title = (start if title is None else title), None
            text = layout.text[start:end].strip()
            if _stands_alone(text, heading, layout.document.language, bool(found) and lead):
                found.append(_Sentence((start, end), text, part, len(found)))
    return found


def _stands_alone(text: str, heading: str, language: str, follows: bool) -> bool:
    count = len(_WORD.findall(text))
    if not _FEWEST <= count <= _MOST or not _ENDS.search(text):
        return False
    if count <= _LABELLED_WORDS and _LABELLED.match(text):
        return False
    return text != heading and (follows or not points_back(text, language))


def _chosen(parts: Sequence[_Part], wanted: int, words: int) -> list[_Sentence]:
    """Returns the sentences of a summary in their order: the lead first, then every section.

    What comes first is kept where there are more than so many `words`; 0 is any number.
    """
    lead = next((part for part in parts if part.lead), None)
    chosen: list[_Sentence] = []
    if lead is not None:
        chosen += lead.sentences[: min(_LEAD, max(1, wanted // 2))]
    best = [
        max(part.sentences, key=lambda sentence: sentence.score)
        for part in parts
        if part is not lead
    ]
    best.sort(key=lambda sentence: -sentence.score)
    chosen += best[: max(0, wanted - len(chosen))]
    rest = [s for part in parts for s in part.sentences if s not in chosen]
    rest.sort(key=lambda sentence: -sentence.score)
    chosen += rest[: max(0, wanted - len(chosen))]
    kept, spoken = chosen[:1], len(chosen[0].text.split())
    for sentence in chosen[1:]:
        spoken += len(sentence.text.split())
        if not words or spoken <= words:
            kept.append(sentence)
    return sorted(kept, key=lambda sentence: sentence.span)
