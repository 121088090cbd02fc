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
    """Returns the best sentence and up to `limit` - 1 more that add to it, in order of choice.

    `least` is the share of the best one's score that the others must have. All are in the language
    of the best: in another they would say the same again.

    Greedy by maximal marginal relevance (Carbonell, Goldstein 1998): relevance less the greatest
    overlap with what is chosen. `evidence` is sorted by score, best first; of equals, the first.
    """
    best = evidence[0]
    chosen = [best]
    language = passages[best.passage].chunk.language
    left = [
        sentence
        for sentence in evidence[1:]
        if sentence.score >= least * best.score
        and passages[sentence.passage].chunk.language == language
    ]

    def worth(sentence: Sentence) -> float:
        chunk = passages[sentence.passage].chunk
        quoted = [passages[other.passage].chunk for other in chosen]
        return (
            sentence.score / max(best.score, 1e-9)
            - _REPEATED * repeated(sentence)
            + _NEW_PASSAGE * (chunk not in quoted)
            + _NEW_DOCUMENT * (chunk.document_id not in {other.document_id for other in quoted})
        )

    def repeated(sentence: Sentence) -> float:
        return max(_overlap(sentence, other) for other in chosen)

    while len(chosen) < limit:
        left = [sentence for sentence in left if repeated(sentence) < _SAME]
        if not left:
            break
        following = max(left, key=worth)
        chosen.append(following)
        left.remove(following)
    return chosen


def _one_line(text: str) -> str:
    """Returns white space collapsed; the cells of a table row, parted by tabs, stay apart."""
    return " │ ".join(" ".join(cell.split()) for cell in text.split("\t"))


def _overlap(one: Sentence, other: Sentence) -> float:
    """Returns the shared words as a share of the shorter sentence's."""
    left, right = _words(one.text), _words(other.text)
    return len(left & right) / (min(len(left), len(right)) or 1)


@lru_cache(maxsize=512)
def _words(text: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in _WORD.findall(text))


def _in_reading_order(chosen: Sequence[Sentence]) -> list[Sentence]:
    """Returns the best sentence, then the others by passage and offset."""
    others = sorted(chosen[1:], key=lambda sentence: (sentence.passage, sentence.start))
    return [chosen[0], *others]
