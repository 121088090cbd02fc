"""Two sources that say the same of the same thing, but with another number, date or name.

Careful rather than complete: a conflict is shown only where the two sentences agree in most of what
is no figure and no name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from rag.text import fold
from rag.text.facts import Facts, facts_of
from rag.text.numbers import Number
from rag.text.sentences import split_sentences

_WORD = re.compile(r"[^\W_]+")
_ALIKE = 0.5  # share of the shorter sentence's words, figures and names apart, that both have
_LONGEST_NAME = 4  # words that a name which stands for another may take
_CONTEXT = 2  # equal words on one side of such a name
_FEWEST_SHARED = 3
_FEWEST_OF_ALL = 2  # where no other word differs: «Directed by …»
_YEARS = 1000, 2100


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What one sentence says, and what the other says in its place."""

    value: str
    other_value: str


def contradiction(quote: str, other: str) -> Contradiction | None:
    """Returns the first number, date or name in which a quote's sentence and another differ.

    The quote may be several sentences; each is compared by itself, since only sentences about the
    same thing can disagree.
    """
    sentences = (quote[start:end] for start, end in split_sentences(quote))
    return next(filter(None, (_difference(sentence, other) for sentence in sentences)), None)


def _difference(one: str, other: str) -> Contradiction | None:
    facts, other_facts = facts_of(one), facts_of(other)
    if facts.negated != other_facts.negated or not _alike(facts, other_facts):
        return None
    return _numbers(facts, other_facts) or _names(one, other, facts, other_facts)


def _alike(one: Facts, other: Facts) -> bool:
    names = one.names | other.names
    left, right = (
        {word for word in facts.words if len(word) > 3 and word not in names}
        for facts in (one, other)
    )
    shared = left & right
    fewest = _FEWEST_SHARED if left != right else _FEWEST_OF_ALL
    enough = len(shared) + len(one.names & other.names) >= fewest
    return enough and len(shared) >= _ALIKE * min(len(left), len(right))


def _numbers(one: Facts, other: Facts) -> Contradiction | None:
    """Compares figures of one unit, or years, of which each sentence has one."""
    for kind in {_kind(number) for number in one.numbers} - {""}:
        left, right = (
            [number for number in facts.numbers if _kind(number) == kind] for facts in (one, other)
        )
        if len(left) == len(right) == 1 and not left[0].agrees(right[0]):
            return Contradiction(left[0].text, right[0].text)
    return None


def _kind(number: Number) -> str:
    if number.unit:
        return number.unit
    first, last = _YEARS
    return "a year" if any(first <= reading <= last for reading in number.readings) else ""


def _names(one: str, other: str, facts: Facts, other_facts: Facts) -> Contradiction | None:
    """Compares a few words that hold a name with those between the same words of the other."""
    words, other_words = _WORD.findall(one), _WORD.findall(other)
    left, right = ([fold(word) for word in found] for found in (words, other_words))
    blocks = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    for index, (operation, a, b, c, d) in enumerate(blocks):
        if operation != "replace" or b - a > _LONGEST_NAME or d - c > _LONGEST_NAME:
            continue
        if not _between_equal_words(blocks, index):
            continue
        removed, added = set(left[a:b]), set(right[c:d])
        named = removed & facts.names and added & other_facts.names
        if named and not (removed & other_facts.words or added & facts.words):
            return Contradiction(" ".join(words[a:b]), " ".join(other_words[c:d]))
    return None


def _between_equal_words(blocks: Sequence[tuple[str, int, int, int, int]], index: int) -> bool:
    neighbours = blocks[max(0, index - 1) : index + 2]
    return any(
        operation == "equal" and end - start >= _CONTEXT
        for operation, start, end, _, _ in neighbours
    )
