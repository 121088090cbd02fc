"""What a question asks for: a date, an amount, a name, a definition, an explanation.

The features of sentences (`holds_kind`, `defines`), the rules for short answers (`kind_of`) and the
number of sentences of an answer (`wants_explanation`) look at the same words that ask.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.text.languages import CAPITALS, either, pattern


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing: the words that ask for it, and what a sentence that may hold one shows."""

    name: str
    asks: re.Pattern[str]
    holds: re.Pattern[str] | None = None  # None: any sentence may


_DIGITS = re.compile(r"\d")
# the common numerals; «once» would be found in every other English text
_NUMERALS = either(
    lambda language: [w for w, n in language.numerals.items() if n <= 10 or n in (100, 1000)]
)
_AMOUNTS = re.compile(
    rf"\d|\b(?:{_NUMERALS}|{either(lambda language: language.amounts)})\b", re.IGNORECASE
)
_DATES = re.compile(rf"\d|\b{either(lambda language: language.century)}\b", re.IGNORECASE)
_NAMES = re.compile(rf"(?<=\W)[{CAPITALS}]\w+")

_HOLDS = {
    "date": _DATES,
    "percent": _AMOUNTS,
    "money": _AMOUNTS,
    "time": _AMOUNTS,
    "size": _DIGITS,
    "amount": _AMOUNTS,
    "name": _NAMES,
    "place": None,
}


def _asks_for(name: str) -> re.Pattern[str]:
    return pattern(lambda language: language.asks_for[name])


# The first that fits decides: money, time and size are amounts too, asked for by more words.
KINDS = tuple(Kind(name, _asks_for(name), holds) for name, holds in _HOLDS.items())

_QUESTION_WORDS = re.compile(
    rf"\b{either(lambda language: language.question_words)}\b", re.IGNORECASE
)


def question_word(question: str) -> re.Match[str] | None:
    """Returns the first word that asks: in «¿Qué pasa cuando…?» the second one does not.

    What stands before an opening mark only sets the scene.
    """
    return _QUESTION_WORDS.search(question, question.rfind("¿") + 1)


def kind_of(question: str) -> Kind | None:
    """Returns the kind of thing asked for; None where the question names none."""
    first = question_word(question)
    if first is None:
        return None
    return next((kind for kind in KINDS if kind.asks.match(question, first.start())), None)


def holds_kind(question: str, sentence: str) -> bool:
    """Tells whether the sentence may hold the kind of thing the question asks for."""
    kind = kind_of(question)
    return kind is None or kind.holds is None or kind.holds.search(sentence) is not None


_ASKS_DEFINITION = pattern(lambda language: language.asks_definition)
_ASKS_WHAT_IS = pattern(lambda language: language.asks_what_is)
_TOPIC_WORDS = 5  # a longer topic asks about something more particular than a definition
_ARTICLE = rf"(?:{either(lambda language: language.articles)} )?"
_STATES = rf"{either(lambda language: language.states)}\b"
_CALLS = either(lambda language: language.calls)


def defines(question: str, sentence: str) -> float:
    """Returns 1 where the question asks what something is and the sentence says it.

    0.5 where the sentence says something of it, else 0.
    """
    topic = _topic(_ASKS_DEFINITION.search(question))
    if not topic or len(topic.split()) > _TOPIC_WORDS:
        return 0.0
    name = re.escape(topic)
    opens = rf"\W*{_ARTICLE}{name}\w{{0,3}}(?:,? ?\([^()]*\)|, [^,.;]{{1,60}},)? {_STATES}"
    called = rf".{{0,120}}?\b{_CALLS} {_ARTICLE}[«“\"]?{name}\b"
    if re.match(f"{opens}|{called}", sentence, re.IGNORECASE):
        return 1.0
    mentions = rf".{{0,200}}?\b{name}\w{{0,3}}\b[^.;]{{0,60}}?\b{_STATES}"
    return 0.5 if re.match(mentions, sentence, re.IGNORECASE) else 0.0


def _topic(match: re.Match[str] | None) -> str:
    return next((group for group in match.groups() if group), "").strip() if match else ""


_ASKS_EXPLANATION = pattern(lambda language: language.asks_explanation)
_TELLS = re.compile(
    rf"[¿¡\s]*(?:{either(lambda language: language.greetings)}\b[\s,.!¿¡]*)?"
    rf"(?:{either(lambda language: language.please)},? )?"
    rf"(?:{either(lambda language: language.can_you)} )?{either(lambda language: language.tells)}",
    re.IGNORECASE,
)


def wants_explanation(question: str) -> bool:
    """Tells whether the question wants an explanation, which no few words give.

    «Qué es X» does, «what is the X of Y» asks for a fact; «cómo se llama» asks for a name.
    """
    if _TELLS.match(question):
        return True
    first = question_word(question)
    if first is None:
        return False
    # «por», «para» stand before the word that asks
    before = question.rfind(" ", 0, max(0, first.start() - 1))
    start = max(before, question.rfind("¿", 0, first.start())) + 1
    if any(_ASKS_EXPLANATION.match(question, offset) for offset in (start, first.start())):
        return True
    topic = _topic(_ASKS_WHAT_IS.match(question, first.start()))
    return 0 < len(topic.split()) <= _TOPIC_WORDS
