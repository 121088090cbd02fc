"""The shortest verbatim span of a sentence that answers: a date, an amount, a name.

Rules by the question's words; a question that asks for none of these gets no short answer. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.schema import Sentence, Span

_MONTHS = (
    "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|"
    "diciembre|january|february|march|april|may|june|july|august|september|october|november|december"
)
_DATE = re.compile(
    rf"\b\d{{1,2}}(?:º|\.º)? de (?:{_MONTHS})(?: (?:de|del) \d{{4}})?\b"
    rf"|\b(?:{_MONTHS})(?: (?:de|del))? \d{{4}}\b"
    rf"|\b(?:{_MONTHS}) \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?\b"
    rf"|\b\d{{1,2}} (?:{_MONTHS})(?: \d{{4}})?\b"
    r"|\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}/\d{1,2}/\d{2,4}\b"
    r"|\b(?:siglo [IVXL]+|(?:\d{1,2}(?:st|nd|rd|th)|\w+teenth) century)\b"
    r"|\b(?:1\d{3}|20\d{2})\b",
    re.IGNORECASE,
)
_NUMBER = (
    r"[-−]?\d[\d.,]*(?<![.,])|un millón|(?:dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|"
    r"doce|quince|veinte|treinta|cuarenta|cincuenta|cien|mil|two|three|four|five|six|seven|eight|"
    r"nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|hundred|thousand)\b"
)
_UNIT = (
    r"\s?(?:%|€|\$|por ciento|percent|per cent)"
    r"|(?:\s(?:mil|millones|miles|million|billion|thousand|hundred))?"
    r"(?:\s(?:de\s)?(?!(?:de|del|la|las|los|el|su|sus|que|en|y|o|a|por|con|of|the|to|and|or|in|on|"
    r"at|for|that|by|is|are|was|were)\b)[^\W\d_]+)?"
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
_CAPITAL = r"[A-ZÁÉÍÓÚÑ][\w’'.-]*(?<![.'’-])"
_NAME = re.compile(
    rf"\b{_CAPITAL}(?:\s(?:(?:de|del|la|las|los|of|the|von|van|y|and|&)\s)*{_CAPITAL})*"
)
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

_ASKS = re.compile(
    r"\b(?:qué|cu[aá]l(?:es)?|c[oó]mo|cu[aá]ndo|cu[aá]nt[oa]s?|qui[eé]n(?:es)?|d[oó]nde|"
    r"what|which|why|how|when|who|whom|whose|where)\b",
    re.IGNORECASE,
)
_RULES: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (
        re.compile(
            r"\b(?:cu[aá]ndo|qué (?:año|fecha|día|mes|siglo)|when|"
            r"(?:what|which) (?:year|date|day|month|century))\b",
            re.IGNORECASE,
        ),
        _DATE,
    ),
    (re.compile(r"qué porcentaje|what percent|which percent", re.IGNORECASE), _PERCENT),
    (
        re.compile(
            r"(?:cu[aá]nto|qué (?:coste|precio|importe)|how much|"
            r"what (?:is|was) the (?:cost|price))"
            r"(?=.*\b(?:cuest|cost|vale|gast|preci|presup|pag|cobr|inv[ie]rt|spen|pric|budget|pa[iy]))",
            re.IGNORECASE,
        ),
        _MONEY,
    ),
    (
        re.compile(
            r"cu[aá]nto(?: tiempo|(?=.*\b(?:dur|tard)))|cada cu[aá]nto|how (?:long|often)",
            re.IGNORECASE,
        ),
        _TIME,
    ),
    (
        re.compile(
            r"\b(?:cu[aá]nt[oa]s?|qué (?:cantidad|número|proporción)|how (?:many|much|"
            r"old|far|tall|large|big|high|fast)|what (?:number|amount|share|proportion))\b",
            re.IGNORECASE,
        ),
        _AMOUNT,
    ),
    (
        re.compile(r"\b(?:qui[eé]n(?:es)?|who|whom|whose|d[oó]nde|where)\b", re.IGNORECASE),
        _NAME,
    ),
)


def short_answer(question: str, sentence: Sentence) -> Span | None:
    """Span of the sentence, in document characters, or None."""
    rule = _rule(question)
    if rule is None:
        return None
    asked = {word.casefold() for word in _WORD.findall(question)}
    spans = list(_candidates(rule, sentence.text, asked))
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


def _rule(question: str) -> re.Pattern[str] | None:
    """By the first word that asks: in «¿Qué pasa cuando…?» the second one does not."""
    first = _ASKS.search(question, question.rfind("¿") + 1)
    if first is None:
        return None
    return next((holds for asks, holds in _RULES if asks.match(question, first.start())), None)


def _candidates(rule: re.Pattern[str], text: str, asked: set[str]) -> Iterator[Span]:
    for match in rule.finditer(text):
        words = {word.casefold() for word in _WORD.findall(match.group())}
        # what the question says itself is not its answer
        if not words <= asked | _OPENERS:
            yield match.span()


def _matches(word: str, asked: set[str]) -> bool:
    return len(word) > 3 and word.casefold() in asked


def _distance(span: Span, anchors: Sequence[int]) -> float:
    """Mean distance in characters from the span to the question's words in the sentence."""
    if not anchors:
        return float(span[0])
    return sum(abs(anchor - span[0]) for anchor in anchors) / len(anchors)
