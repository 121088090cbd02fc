"""Dates, amounts and names in a sentence, by regular expressions of both languages.

The kind of thing that a question asks for decides the rule; of several finds the one nearest to the
question's words, or that counts the thing asked for. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.answering.question_types import kind_of
from rag.answering.table_rows import row_label
from rag.schema import Sentence, Span

_MONTHS = (
    "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|"
    "diciembre|january|february|march|april|may|june|july|august|september|october|november|december"
)
_DAY = (
    rf"\b\d{{1,2}}(?:º|\.º)? de (?:{_MONTHS})(?: (?:de|del) \d{{4}})?\b"
    rf"|\b(?:{_MONTHS})(?: (?:de|del))? \d{{4}}\b"
    rf"|\b(?:{_MONTHS}) \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?\b"
    rf"|\b\d{{1,2}} (?:{_MONTHS})(?: \d{{4}})?\b"
)
_DATE = re.compile(
    rf"{_DAY}"
    r"|\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}/\d{1,2}/\d{2,4}\b"
    r"|\b(?:siglo [IVXL]+|(?:\d{1,2}(?:st|nd|rd|th)|\w+teenth) century)\b"
    r"|\b(?:1\d{3}|20\d{2})\b",
    re.IGNORECASE,
)
_DATED = re.compile(_DAY, re.IGNORECASE)
_NUMBER = (
    r"[-−]?\d[\d.,]*(?<![.,])|un millón|(?:dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|"
    r"doce|quince|veinte|treinta|cuarenta|cincuenta|cien|mil|two|three|four|five|six|seven|eight|"
    r"nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|hundred|thousand)\b"
)
_UNIT = (
    r"\s?(?:%|€|\$|por ciento|percent|per cent)"
    r"|(?:\s(?:mil|millones|miles|million|billion|thousand|hundred)\b)?"
    r"(?:\s(?:de\s)?(?!(?:de|del|la|las|los|el|su|sus|que|en|y|o|a|por|con|of|the|to|and|or|in|on|"
    r"at|for|that|by|is|are|was|were|has|had|it|but|not|se|al|no|ni|ya|lo|le|les|es|son|fue|era|"
    r"ha|han|hay)\b)[^\W\d_]+)?"
)
_AMOUNT = re.compile(rf"(?:[$€£]\s?)?\b(?:{_NUMBER})(?:{_UNIT})?", re.IGNORECASE)
_MONEY = re.compile(
    rf"[$€£]\s?\d[\d.,]*(?<![.,])(?:\s(?:million|billion|thousand))?"
    rf"|\b(?:{_NUMBER})(?:\s(?:mil|millones|million|billion|thousand))?(?:\sde)?"
    r"\s?(?:€|\$|euros?\b|eur\b|dólares\b|dollars?\b|céntimos\b|cents?\b|usd\b)",
    re.IGNORECASE,
)
_TIME = re.compile(
    rf"(?:\b(?:cada|every)\s)?\b(?:{_NUMBER})(?:\s(?:y media|and a half))?\s?"
    r"(?:milisegundos?|segundos?|minutos?|horas?|días?|semanas?|mes(?:es)?|años?|"
    r"milliseconds?|seconds?|minutes?|hours?|days?|weeks?|months?|years?|ms|s|min|h)\b",
    re.IGNORECASE,
)
_PERCENT = re.compile(rf"\b(?:{_NUMBER})\s?(?:%|por ciento|percent|per cent)", re.IGNORECASE)
_SIZE = re.compile(rf"\b(?:{_NUMBER})\s?(?:[kmgt]i?b|bytes?|[mgt]egas?|gigas?)\b", re.IGNORECASE)
_CAPITAL = r"[A-ZÁÉÍÓÚÑ][\w’'.-]*(?<![.'’-])"
_NAME = re.compile(
    rf"\b{_CAPITAL}(?:\s(?:(?:de|del|la|las|los|of|the|von|van|y|and|&)\s)*{_CAPITAL})*"
)
_COLUMN = re.compile(r"(?:^|; )[^:;]+: ")
_WORD = re.compile(r"[^\W_]+")
_OPENERS = frozenset(  # capital letters that only begin a sentence
    """el la los las lo un una unos unas en de del al a por para con sin según tras ante entre desde
    hasta cada este esta estos estas ese esa su sus se si no ya y o pero como cuando donde quien
    que todo toda todos todas the an in on at of for from with by to after before each every all
    this that these those it its he she they we you i if when where who and or but as no not there
    """.split()
)

_COUNTED = re.compile(r"\b(?:cu[aá]nt[oa]s|how many)\s+([^\W\d_]{3,})", re.IGNORECASE)
_SHARED_LETTERS = 5  # of «documentos» and «documento»: enough to know the thing counted

_RULES = {
    "date": _DATE,
    "percent": _PERCENT,
    "money": _MONEY,
    "time": _TIME,
    "size": _SIZE,
    "amount": _AMOUNT,
    "name": _NAME,
    "place": _NAME,
}


def rule_span(question: str, sentence: Sentence) -> Span | None:
    """Span of the sentence by the rules, in document characters, or None."""
    kind = kind_of(question)
    if kind is None:
        return None
    asked = words(question)
    spans = list(_candidates(_RULES[kind.name], sentence.text, asked))
    taken = [] if _RULES[kind.name] is _DATE else _dates_and_columns(sentence.text)
    spans = [each for each in spans if not any(a < each[1] and each[0] < b for a, b in taken)]
    if not spans:
        return None
    anchors = [m.start() for m in _WORD.finditer(sentence.text) if _matches(m.group(), asked)]
    counted = _COUNTED.search(question)
    thing = counted.group(1)[:_SHARED_LETTERS].casefold() if counted else ""
    start, end = min(
        spans,
        key=lambda span: (
            bool(thing) and thing not in sentence.text[slice(*span)].casefold(),
            _distance(span, anchors),
        ),
    )
    return sentence.start + start, sentence.start + end


def _dates_and_columns(text: str) -> list[Span]:
    """The numbers of a date count nothing, and the name of a column is nobody's."""
    dates = [match.span() for match in _DATED.finditer(text)]
    columns = _COLUMN.finditer(text) if row_label(text) is not None else ()
    return dates + [match.span() for match in columns]


def _candidates(rule: re.Pattern[str], text: str, asked: set[str]) -> Iterator[Span]:
    for match in rule.finditer(text):
        if says_new(match.group(), asked):
            yield match.span()


def says_new(text: str, asked: set[str]) -> bool:
    """What the question says itself is not its answer."""
    return not words(text) <= asked | _OPENERS


def words(text: str) -> set[str]:
    """Words and numbers, in small letters."""
    return {word.casefold() for word in _WORD.findall(text)}


def _matches(word: str, asked: set[str]) -> bool:
    return len(word) > 3 and word.casefold() in asked


def _distance(span: Span, anchors: Sequence[int]) -> float:
    """Mean distance in characters from the span to the question's words in the sentence."""
    if not anchors:
        return float(span[0])
    return sum(abs(anchor - span[0]) for anchor in anchors) / len(anchors)
