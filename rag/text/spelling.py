"""How words sound, so that one that is written by ear is met: «makina», «almasara», «wen»."""

from __future__ import annotations

import re

from rag.text.languages import STOP_WORDS, fold

# Spanish spells these sounds in two ways, and English leaves out the same letters when in haste.
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"qu(?=[ei])", "k"),
        (r"ph", "f"),
        (r"c(?=[ei])|z", "s"),
        (r"c(?!h)", "k"),
        (r"g(?=[ei])", "j"),
        (r"v", "b"),
        (r"ll", "y"),
        (r"(?<!c)h", ""),
        (r"(.)\1", r"\1"),
    )
)


def sounds(word: str) -> str:
    """Returns a folded word by its sounds: the same for words that are told apart only by sight."""
    for pattern, sound in _SOUNDS:
        word = pattern.sub(sound, word)
    return word


def function_word(word: str, language: str) -> str | None:
    """Returns the function word that sounds like this one, which is none itself."""
    bare = fold(word)
    heard = sounds(bare)
    words = (known for known in sorted(STOP_WORDS[language]) if sounds(known) == heard)
    return None if bare in STOP_WORDS[language] else next(words, None)
