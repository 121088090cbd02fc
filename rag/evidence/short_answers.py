"""The shortest verbatim span of a sentence that answers.

The cell of a table whose row and column are asked for; else a reader's span where there is one that
is sure enough; else by rules, for a date, an amount or a name. A question that wants an explanation
has no short answer. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rag.evidence.questions import explains, kind_of
from rag.evidence.rows import named_cells
from rag.schema import Passage, Sentence, Span

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
    r"|(?:\s(?:mil|millones|miles|million|billion|thousand|hundred))?"
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
_TRIED = 3  # sentences, best first, that the rules look at

_PAIRS = dict(zip("«“([{", "»”)]}", strict=True))
_BEFORE = " \t\n\r\u00a0,;:!?…·•–—|"  # what no answer begins or ends with
_AFTER = _BEFORE + ".-¿¡"


_AS_SURE = 0.9


def short_answer(
    question: str, sentences: Sequence[Sentence], passages: Sequence[Passage], least: float
) -> tuple[Sentence, Span] | None:
    """The sentence that holds the short answer, and its span in document characters, or None.

    `sentences` are those of `passages`, best first. A reader's span counts when the passage answers
    with a probability of at least `least`.
    """
    if explains(question):
        return None
    if not sentences:
        return None
    cell = _cell(question, sentences[0])
    if cell is not None:
        return sentences[0], cell
    read = _read(question, sentences, passages, least)
    if read is not None:
        return read
    ruled = ((sentence, rule_span(question, sentence)) for sentence in sentences[:_TRIED])
    return next(((sentence, span) for sentence, span in ruled if span is not None), None)


def _cell(question: str, row: Sentence) -> Span | None:
    """Of a table's row the cell whose column the question names, where it names just one."""
    asked = _words(question)
    cells = [span for name, span in named_cells(row.text) if _words(name) and _words(name) <= asked]
    if len(cells) != 1:
        return None
    start, end = cells[0]
    return row.start + start, row.start + end


def _read(
    question: str, sentences: Sequence[Sentence], passages: Sequence[Passage], least: float
) -> tuple[Sentence, Span] | None:
    found = _reading(passages, passages[sentences[0].passage].chunk.language, least)
    if found is None:
        return None
    best, (start, end) = found.passage, found.span
    own = [
        sentence
        for sentence in sentences
        if passages[sentence.passage].chunk.document_id == best.chunk.document_id
        and min(end, sentence.end) > max(start, sentence.start)
    ]
    if not own:  # in a heading, or a scrap that is not quoted
        return None
    sentence = max(own, key=lambda each: min(end, each.end) - max(start, each.start))
    place = max(start, sentence.start) - sentence.start, min(end, sentence.end) - sentence.start
    first, last = trimmed(sentence.text, *place)
    if not _says_new(sentence.text[first:last], _words(question)):
        return None
    return sentence, (sentence.start + first, sentence.start + last)


class _Reading(NamedTuple):
    passage: Passage
    span: Span
    sure: float
    """Probability that the passage answers."""
    worth: float


def _reading(passages: Sequence[Passage], language: str, least: float) -> _Reading | None:
    """Of readings that are about as sure as the surest, that of the passage found first.

    Where a text and its translation both answer, the reader is often surer of one by a hair:
    `language`, that of the best sentence, decides, and there `least` need not be reached again.
    """
    read = [
        _Reading(each, each.answer_span, *_verdict(each)) for each in passages if each.answer_span
    ]
    surest = max((each.worth for each in read if each.sure >= least), default=None)
    if surest is None:
        return None
    level = [each for each in read if each.worth >= _AS_SURE * surest]
    level.sort(key=lambda each: each.sure < least)
    spoken = (each for each in level if each.passage.chunk.language == language)
    return next(spoken, None)


def _verdict(passage: Passage) -> tuple[float, float]:
    sure = passage.signals.get("answerable", 0.0)
    return sure, sure * passage.signals.get("relevance", 1.0)


def trimmed(text: str, start: int, end: int) -> Span:
    """The span without marks and lone quotes or brackets at its edges.

    A bracket or quote that the span opens, and that closes right after it, is taken in.
    """
    for opens, closes in _PAIRS.items():
        inside = text[start:end]
        if inside.count(opens) == inside.count(closes) + 1 and text[end : end + 1] == closes:
            end += 1
    before = -1, -1
    while before != (start, end):
        before = start, end
        start, end = _shaved(text, start, end)
    return start, end


def _shaved(text: str, start: int, end: int) -> Span:
    """One round of trimming."""
    inside = text[start:end].lstrip(_BEFORE)
    if inside[:1] in tuple(".-¿¡") and not inside[1:2].isalnum():  # but «-5», «.NET»
        inside = inside[1:]
    start = end - len(inside)
    bare = inside.rstrip(_AFTER)
    if inside[len(bare) :].startswith(".") and "." in bare.rsplit(" ", 1)[-1].lstrip("."):
        bare += "."  # «U.S.»
    if bare and _lone(bare[0], bare):
        return start + 1, start + len(bare)
    if bare and _lone(bare[-1], bare):
        return start, start + len(bare) - 1
    return start, start + len(bare)


def _lone(mark: str, text: str) -> bool:
    """Whether a quote or bracket has no partner in the text."""
    if mark == '"':
        return text.count(mark) % 2 == 1
    pair = next(((a, b) for a, b in _PAIRS.items() if mark in (a, b)), None)
    return pair is not None and text.count(pair[0]) != text.count(pair[1])


def rule_span(question: str, sentence: Sentence) -> Span | None:
    """Span of the sentence by the rules, in document characters, or None."""
    kind = kind_of(question)
    if kind is None:
        return None
    asked = _words(question)
    spans = list(_candidates(_RULES[kind.name], sentence.text, asked))
    if _RULES[kind.name] is not _DATE:  # the numbers of a date count nothing
        dates = [match.span() for match in _DATED.finditer(sentence.text)]
        spans = [each for each in spans if not any(a < each[1] and each[0] < b for a, b in dates)]
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


def _candidates(rule: re.Pattern[str], text: str, asked: set[str]) -> Iterator[Span]:
    for match in rule.finditer(text):
        if _says_new(match.group(), asked):
            yield match.span()


def _says_new(text: str, asked: set[str]) -> bool:
    """What the question says itself is not its answer."""
    return not _words(text) <= asked | _OPENERS


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)}


def _matches(word: str, asked: set[str]) -> bool:
    return len(word) > 3 and word.casefold() in asked


def _distance(span: Span, anchors: Sequence[int]) -> float:
    """Mean distance in characters from the span to the question's words in the sentence."""
    if not anchors:
        return float(span[0])
    return sum(abs(anchor - span[0]) for anchor in anchors) / len(anchors)
