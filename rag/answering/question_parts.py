"""The questions that one question joins: «¿Qué es X y cuánto cuesta?» asks two."""

from __future__ import annotations

import re
from functools import cache

from rag.answering.follow_ups import with_topic
from rag.text.languages import DATA

_MOST = 3  # parts: what asks more is one long sentence rather
_ENDS = re.compile(r"(?<=\?)\s+(?=[¿\w])")


def parts_of(question: str, language: str) -> tuple[str, ...]:
    """Returns the questions that it joins, each standing alone; none where it asks one thing."""
    sentences = [text for text in _ENDS.split(question.strip()) if any(map(str.isalnum, text))]
    instructs = re.compile(DATA[language].instructs, re.IGNORECASE)
    # «Round to two decimals.» behind a question asks nothing
    sentences[1:] = [text for text in sentences[1:] if not instructs.match(text.lstrip("¿¡ "))]
    pieces = [piece for sentence in sentences for piece in _split(sentence, language)]
    if not 1 < len(pieces) <= _MOST:
        return ()
    asked = [_as_question(piece, language) for piece in pieces]
    return (asked[0], *(with_topic(piece, asked[0], language) for piece in asked[1:]))


def _split(sentence: str, language: str) -> list[str]:
    """Returns the pieces of one sentence; the sentence alone where nothing is joined."""
    opening, twofold, joint = _patterns(language)
    if not opening.match(sentence):
        return [sentence]
    shared = twofold.match(sentence)
    if shared is not None:  # «¿Cuándo y de qué murió?»
        first, second, rest = shared.groups()
        return [f"{first} {rest}", f"{second} {rest}"]
    return joint.split(sentence)


@cache
def _patterns(language: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Returns what opens a question, what opens two at once, and what joins two."""
    words = DATA[language]
    asks, tells = words.asks_again, words.tells_again
    joins = rf"(?:{words.joins})"
    return (
        re.compile(rf"[\W]*(?:{asks}|{tells}|{words.question_opening})", re.IGNORECASE),
        re.compile(rf"\W*({asks})\s+{joins}\s+({asks})\s+(.+)", re.IGNORECASE | re.DOTALL),
        re.compile(rf"[,;]?\s+{joins}\s+(?=¿?(?:{asks}|{tells})\s)", re.IGNORECASE),
    )


def _as_question(piece: str, language: str) -> str:
    bare = piece.strip("¿?¡!.,; \t\n")
    if re.match(DATA[language].tells_again, bare, re.IGNORECASE):
        return bare[:1].upper() + bare[1:]
    return DATA[language].question_format.format(bare[:1].upper() + bare[1:])
