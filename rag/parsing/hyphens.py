"""Words and codes broken at the end of a line: which hyphens are of the word, which of the break,
and where no space belongs between the halves."""

from __future__ import annotations

import re

from rag.text import is_word

_TAIL = re.compile(r"[^\W\d_]+$")
_HEAD = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"\S*(?:://|@)\S*|www\.\S*")
_CODE = re.compile(r"\S*\d\S*[-/:+.]\S*[:+]|\S*\d\+")  # «3-7:2004+A1:»
_ACCENT = re.compile("[áéíóú]")
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
    dashed = _is_dashed(text)
    if not hyphen and not dashed:
        return text if runs_on(text, after) else f"{text} "
    stem = text[:-1] if dashed else text
    word = stem.rsplit(None, 1)[-1] if stem else ""
    if not (stem[-1:].islower() and after[:1].islower()) or _ADDRESS.fullmatch(word):
        return f"{stem}-"
    start, end = _TAIL.search(stem), _HEAD.match(after)
    first, second = (half[0].lower() if half else "" for half in (start, end))
    return f"{stem}-" if _is_compound(first, second, "-" in word, known) else stem


def runs_on(text: str, after: str) -> bool:
    """Tells whether a word, a code or an address that begins in one line ends in the next one."""
    if _is_dashed(text):
        return True
    last = text.rsplit(None, 1)[-1] if text else ""
    if not last or not after[:1].isalnum():
        return after[:1] == "@" and after[1:2].isalnum() and last[-1:].isalnum()
    if last[-1] in "/@":
        return len(last) > 1
    if _ADDRESS.fullmatch(last):
        return last[-1] in "_=&?#%" or (last[-1] == "." and after[0].islower())
    return after[0].isdigit() and _CODE.fullmatch(last) is not None


def _is_dashed(text: str) -> bool:
    return text.endswith(("-", "\u2010")) and text[-2:-1].isalnum()


def _is_compound(first: str, second: str, chained: bool, known: set[str]) -> bool:
    """Whether the hyphen between two halves belongs to the word: «teórico-práctico».

    The document's own words decide, then spelling, then the words that the lexicon knows. `chained`
    tells of another hyphen in the same word: «state-of-the-».
    """
    if first + second in known:
        return False
    if f"{first}-{second}" in known:
        return True
    # No word is parted after its first letter, and none has two accents.
    if len(first) == 1 or (_ACCENT.search(first) and _ACCENT.search(second)):
        return True
    if is_word(first + second):
        return False
    if chained:
        return True
    if len(second) < _SHORT or first in _NO_HALVES:
        return False
    return (first in known or is_word(first) or first == "ex") and is_word(second)
