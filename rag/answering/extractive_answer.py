"""An answer made of the documents' own sentences: nothing in it is written by a model.

What is chosen by offset is cited by offset; no sentence is looked for again by its words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rag.answering.citations import GetDocument, verified_citation
from rag.answering.question_types import wants_explanation
from rag.answering.table_rows import row_label
from rag.schema import Block, BlockKind, Citation, Passage, Question, Sentence, Support

_RELATIVE = 0.55  # a further sentence must score at least this share of the best one
_EXPLAINING = 0.14  # and this, where an explanation is wanted: what explains repeats few words
_SAME = 0.6  # of two sentences that share this much of their words, one says enough
# What a sentence is worth next to those chosen: its score as a share of the best one's, less what
# it repeats, more where it comes from elsewhere. A nudge: it decides between scores that are near.
_REPEATED, _NEW_PASSAGE, _NEW_DOCUMENT = 0.3, 0.06, 0.06
_WORD = re.compile(r"[^\W_]{3,}")
_REFERENCE = re.compile(r"\[(\d{1,3})\]")  # a paper's own «[3]» is no mark of ours
NAME = "extractive"


def compose(
    question: Question,
    evidence: Sequence[Sentence],
    passages: Sequence[Passage],
    has_short_answer: bool,
    max_sentences: int,
) -> list[Sentence]:
    """Returns the sentences that make the answer, in reading order; `evidence` is best first.

    The best sentence comes first, then others that add something: up to `max_sentences` for a
    question that wants an explanation; for one that wants a fact one more, and none where the short
    answer stands in the first.
    """
    if not evidence:
        return []
    explains = wants_explanation(question.standalone)
    limit = max_sentences if explains else 2
    if has_short_answer:
        limit = 1
    least = _EXPLAINING if explains else _RELATIVE
    return _in_reading_order(complementary(evidence, passages, limit, least))


def as_blocks(
    sentences: Sequence[Sentence], passages: Sequence[Passage], get_document: GetDocument
) -> tuple[tuple[Block, ...], tuple[Citation, ...]]:
    """Returns sentences as blocks, each with its own citation by offset.

    A sentence that its document does not hold at its place is left out.
    """
    blocks: list[Block] = []
    citations: list[Citation] = []
    for sentence in sentences:
        number = len(citations) + 1
        span = sentence.start, sentence.end
        citation = verified_citation(number, passages[sentence.passage], span, get_document)
        if citation is None:
            continue
        citations.append(citation)
        words = _REFERENCE.sub(r"(\1)", _one_line(sentence.text))
        text = f"{words} [{number}]"
        kind = BlockKind.SENTENCE if row_label(sentence.text) is None else BlockKind.ROW
        blocks.append(Block(kind, text, (number,), Support.SUPPORTED, 1.0))
    return tuple(blocks), tuple(citations)


def complementary(
    evidence: Sequence[Sentence],
    passages: Sequence[Passage],
    limit: int,
    least: float = _RELATIVE,
) -> list[Sentence]:
    """The best sentence and up to `limit` - 1 more that add to it, in the order of choice.

    `least`: share of the best one's score that the others must have. All are in the language of the
    best: in another they would say the same again.

    Greedy by maximal marginal relevance (Carbonell, Goldstein 1998): relevance less the greatest
    overlap with what is chosen. `evidence` is sorted by score, best first; of equals, the first.
    """
    best = evidence[0]
    chosen = [best]
    left = [
        each
        for each in evidence[1:]
        if each.score >= least * best.score
        and passages[each.passage].chunk.language == passages[best.passage].chunk.language
    ]

    def worth(sentence: Sentence) -> float:
        own = passages[sentence.passage].chunk
        taken = [passages[each.passage].chunk for each in chosen]
        return (
            sentence.score / max(best.score, 1e-9)
            - _REPEATED * max(_overlap(sentence, each) for each in chosen)
            + _NEW_PASSAGE * (own not in taken)
            + _NEW_DOCUMENT * (own.document_id not in {each.document_id for each in taken})
        )

    while len(chosen) < limit:
        left = [each for each in left if max(_overlap(each, o) for o in chosen) < _SAME]
        if not left:
            break
        following = max(left, key=worth)
        chosen.append(following)
        left.remove(following)
    return chosen


def _one_line(text: str) -> str:
    """White space collapsed; the cells of a table row, parted by tabs, stay apart."""
    return " │ ".join(" ".join(cell.split()) for cell in text.split("\t"))


def _overlap(one: Sentence, other: Sentence) -> float:
    """Shared words, as a share of the shorter sentence's."""
    here, there = _words(one.text), _words(other.text)
    return len(here & there) / (min(len(here), len(there)) or 1)


@lru_cache(maxsize=512)
def _words(text: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in _WORD.findall(text))


def _in_reading_order(chosen: Sequence[Sentence]) -> list[Sentence]:
    """The best sentence first; further ones of its passage in the order of the text."""
    best = chosen[0]
    return [best, *sorted(chosen[1:], key=lambda each: (each.passage, each.start))]
