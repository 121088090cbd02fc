"""Two sources that say the same of the same thing, but with another number, date or name.

Careful rather than complete: a conflict is shown only where the two sentences agree in most of what
is no figure and no name. Pure; which sentences are worth comparing is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from rag.text import fold
from rag.text.facts import Facts, facts_of
from rag.text.numbers import Number

_WORD = re.compile(r"[^\W_]+")
_ALIKE = 0.5  # share of the shorter sentence's words, figures and names apart, that both have
_SLOT = 4  # words that a name which stands for another may take
_CONTEXT = 2  # equal words on one side of such a name
_FEWEST_SHARED = 3


@dataclass(frozen=True, slots=True)
class Clash:
    """What one source says, and what the other says in its place."""

    said: str
    other: str


def clash(one: str, other: str) -> Clash | None:
    """The first number, date or name in which two sentences about the same thing differ."""
    here, there = facts_of(one), facts_of(other)
    if here.negated != there.negated or not _alike(one, other, here, there):
        return None
    return _numbers(here, there) or _names(one, other, here, there)


def _alike(one: str, other: str, here: Facts, there: Facts) -> bool:
    apart = here.names | there.names
    words = [
        {word for word in facts.words if len(word) > 3 and word not in apart}
        for facts in (here, there)
    ]
    shared = words[0] & words[1]
    named = here.names & there.names
    enough = len(shared) + len(named) >= _FEWEST_SHARED
    return enough and len(shared) >= _ALIKE * min(map(len, words))


def _numbers(here: Facts, there: Facts) -> Clash | None:
    """Figures of one unit, or years, of which the two have one each, and not the same."""
    for kind in {_kind(number) for number in here.numbers} - {""}:
        ours = [number for number in here.numbers if _kind(number) == kind]
        theirs = [number for number in there.numbers if _kind(number) == kind]
        single = len(ours) == len(theirs) == 1
        if single and not ours[0].agrees(theirs[0]):
            return Clash(ours[0].text, theirs[0].text)
    return None


def _kind(number: Number) -> str:
    if number.unit:
        return number.unit
    return "a year" if any(1000 <= each <= 2100 for each in number.readings) else ""


def _names(one: str, other: str, here: Facts, there: Facts) -> Clash | None:
    """A few words that hold a name, in place of others that do, between words that are equal."""
    ours, theirs = _words(one), _words(other)
    left, right = ([fold(word) for word in words] for words in (ours, theirs))
    blocks = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    for place, (what, a, b, c, d) in enumerate(blocks):
        if what != "replace" or b - a > _SLOT or d - c > _SLOT:
            continue
        around = [blocks[near] for near in (place - 1, place + 1) if 0 <= near < len(blocks)]
        held = any(each[0] == "equal" and each[2] - each[1] >= _CONTEXT for each in around)
        mine, yours = set(left[a:b]), set(right[c:d])
        named = mine & here.names and yours & there.names
        if held and named and not (mine & there.words or yours & here.words):
            return Clash(" ".join(ours[a:b]), " ".join(theirs[c:d]))
    return None


def _words(text: str) -> Sequence[str]:
    return _WORD.findall(text)
