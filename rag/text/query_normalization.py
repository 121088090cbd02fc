"""A question without its manners: «Hola, me puedes decir qué es un token? Gracias» asks «¿Qué es un
token?».

No document says «explícame»: as a search term it would be the rarest of all and weigh the most
(`eval/LOG.md`, «Manners»).
"""

from __future__ import annotations

import re

from rag.text.languages import DATA, either

_GREETINGS = either(lambda language: f"{language.greetings}|{language.please}")
_REQUESTS = either(lambda language: language.requests)
_OPENING = re.compile(
    rf"[\s¿¡?!.,;:—-]*(?:{_GREETINGS}\b|{_REQUESTS})[\s,.:;!?¿¡—-]*", re.IGNORECASE
)
_CLOSING = re.compile(
    rf"(?:(?<=[?!.,;:])\s*{either(lambda language: language.thanks)}|"
    rf"[\s,.;:]+{either(lambda language: language.please)})[\s.!?]*$",
    re.IGNORECASE,
)
_ANSWER_SO = re.compile(
    rf"(?<=\?)\s+{either(lambda language: language.answer_so)}[^?¿]*$", re.IGNORECASE
)
_FISCAL_YEAR = re.compile(r"\bFY ?(?=(?:19|20)\d\d\b)", re.IGNORECASE)
_LONGEST = 80  # characters of thanks: a long run of spaces is not searched again from each of them
_LOOSE = " \t\n,;:—-"
_QUESTIONS = [
    (re.compile(language.question_opening, re.IGNORECASE), language.question_format)
    for language in DATA.values()
]


def normalize_query(question: str) -> str:
    """Returns the question without greeting, request and thanks, unless nothing else is left.

    «que es un token» and «dime cuánto costó» get the marks of a question: models know those best.
    How the answer is to be given («Round to two decimals.») names nothing either, and «FY2019» is
    the year that documents write.
    """
    left = _FISCAL_YEAR.sub("", _ANSWER_SO.sub("", question))
    while (opening := _OPENING.match(left)) is not None and opening.end() < len(left):
        left = left[opening.end() :]
    while (closing := _CLOSING.search(left, max(1, len(left) - _LONGEST))) is not None:
        left = left[: closing.start()].rstrip(_LOOSE)
    return _as_question(left if any(char.isalnum() for char in left) else question)


def _as_question(text: str) -> str:
    """Returns the text with a capital and the marks of a question, if it begins like one."""
    bare = text.strip("¿?. \n")
    for opening, question_format in _QUESTIONS:
        if opening.match(bare):
            return question_format.format(bare[:1].upper() + bare[1:])
    return text
