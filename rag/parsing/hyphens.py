"""Words broken at the end of a line: which hyphens are of the word, which of the break."""

from __future__ import annotations

import re

from rag.text import is_word

_TAIL = re.compile(r"[^\W\d_]+$")
_HEAD = re.compile(r"[^\W\d_]+")
_SHORT = 4  # letters: «-dad», «-do» and the like end words more often than they are words
# What begins words far more often than it stands before a hyphen.
_NO_HALVES = frozenset(
    "al an ante anti auto be bio con contra de del des desde electro en entre es euro for foto "
    "hiper hydro hyper in info inter intra la las lo los mal mega meta micro mono multi neo neuro "
    "nitro on out over para per pero photo poli poly por pos post pre pro proto re se semi sin "
    "sobre sub super supra tele trans tri ultra un una under up".split()
)


def before_break(text: str, after: str, hyphen: bool, known: set[str]) -> str:
    """The text of a line as it stands before `after`, that of the next line: with a space, or
    without its hyphen where a word was broken.

    `hyphen` tells of one that is no more in the text; `known` are the document's own words.
    """
    dashed = text.endswith(("-", "\u2010")) and text[-2:-1].isalnum()
    if not hyphen and not dashed:
        return f"{text} "
    stem = text[:-1] if dashed else text
    if not (stem[-1:].islower() and after[:1].islower()):
        return f"{stem}-"
    start, end = _TAIL.search(stem), _HEAD.match(after)
    first, second = (half[0].lower() if half else "" for half in (start, end))
    return f"{stem}-" if _is_compound(first, second, known) else stem


def _is_compound(first: str, second: str, known: set[str]) -> bool:
    """Whether the hyphen between two halves belongs to the word: «teórico-práctico».

    The document's own words decide, then those that the lexicon knows.
    """
    if first + second in known:
        return False
    if f"{first}-{second}" in known:
        return True
    if is_word(first + second) or len(second) < _SHORT or first in _NO_HALVES:
        return False
    return (first in known or is_word(first) or first == "ex") and is_word(second)
