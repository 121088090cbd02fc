"""An answer made of the documents' own sentences, so that every word of it can be verified.

Takes the best sentence, then others that add something: for a question that wants an explanation up
to `max_sentences`, for one that wants a fact only when the short answer is not in the first. Knows
nothing about how sentences were found and scored, nor how to tell such questions apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from rag.protocols import Stop
from rag.schema import Passage, Prompt, Sentence

_RELATIVE = 0.55  # a further sentence must score at least this share of the best one
_EXPLAINING = 0.14  # and this, where an explanation is wanted: what explains repeats few words
_SAME = 0.6  # of two sentences that share this much of their words, one says enough
# What a sentence is worth next to those chosen: its score as a share of the best one's, less what
# it repeats, more where it comes from elsewhere. A nudge: it decides between scores that are near.
_REPEATED, _NEW_PASSAGE, _NEW_DOCUMENT = 0.3, 0.06, 0.06
_WORD = re.compile(r"[^\W_]{3,}")
_REFERENCE = re.compile(r"\[(\d{1,3})\]")  # a paper's own «[3]» is no mark of ours
_WINDOW = 1_000_000  # no model reads the prompt: nothing limits it


class ExtractiveGenerator:
    """Quotes; deterministic, instant, in the language of the documents."""

    name = "extractive"
    context_window = _WINDOW

    def __init__(
        self, max_sentences: int = 4, explains: Callable[[str], bool] | None = None
    ) -> None:
        """`explains` tells whether a question wants an explanation; without it none does."""
        self._max_sentences = max_sentences
        self._explains = explains or (lambda question: False)

    def count_tokens(self, text: str) -> int:
        """Words: nothing here has tokens."""
        return len(text.split())

    def stream(self, prompt: Prompt, stop: Stop) -> Iterator[str]:
        """One sentence with its mark a delta."""
        for place, sentence in enumerate(self._choose(prompt)):
            if stop():
                return
            words = _REFERENCE.sub(r"(\1)", _one_line(sentence.text))
            yield f"{' ' if place else ''}{words} [{sentence.passage + 1}]"

    def _choose(self, prompt: Prompt) -> list[Sentence]:
        shown = [each for each in prompt.evidence if each.passage < len(prompt.passages)]
        if not shown:
            return []
        explains = self._explains(prompt.question)
        limit = self._max_sentences if explains else 2
        if prompt.short is not None:
            limit = 1
        least = _EXPLAINING if explains else _RELATIVE
        return _in_reading_order(complementary(shown, prompt.passages, limit, least))


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
