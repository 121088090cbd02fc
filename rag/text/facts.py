"""What a text states that must agree to the letter: numbers with units, months, names, negation.

A claim may say a passage in other words, but not with another figure, another name or a «not» too
many. Spanish and English, also across: «3,5 millones» is «3.5 million», «mayo» is «May». Pure, and
knows nothing about passages.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:['’]t\b)?")
_DIGITS = re.compile(r"(?<![\w.,])[-−]?\d[\d.,]*(?<![.,])")
_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_SCALES = {
    "thousand": 1e3, "mil": 1e3, "million": 1e6, "millions": 1e6, "millon": 1e6, "millones": 1e6,
    "billion": 1e9, "billions": 1e9,
}  # fmt: skip
_NUMERALS = {
    word: float(value)
    for value, words in {
        2: "two dos", 3: "three tres", 4: "four cuatro", 5: "five cinco", 6: "six seis",
        7: "seven siete", 8: "eight ocho", 9: "nine nueve", 10: "ten diez", 11: "eleven once",
        12: "twelve doce", 13: "thirteen trece", 14: "fourteen catorce", 15: "fifteen quince",
        16: "sixteen dieciseis", 17: "seventeen diecisiete", 18: "eighteen dieciocho",
        19: "nineteen diecinueve", 20: "twenty veinte", 30: "thirty treinta",
        40: "forty cuarenta", 50: "fifty cincuenta", 60: "sixty sesenta", 70: "seventy setenta",
        80: "eighty ochenta", 90: "ninety noventa", 100: "hundred cien ciento",
        1000: "thousand mil",
    }.items()
    for word in words.split()
}  # fmt: skip
_UNITS = {
    word: unit
    for unit, words in {
        "%": "% percent porcentaje", "eur": "€ euro euros eur", "usd": "$ dollar dollars dolares",
        "second": "s second seconds segundo segundos", "ms": "ms millisecond milliseconds "
        "milisegundo milisegundos", "minute": "min minute minutes minuto minutos",
        "hour": "h hour hours hora horas", "day": "day days dia dias",
        "week": "week weeks semana semanas", "month": "month months mes meses",
        "year": "year years año años ano anos", "km": "km kilometres kilometers kilometros",
        "m": "m metres meters metros", "kg": "kg kilograms kilogramos kilos",
        "gb": "gb", "mb": "mb",
        "bit": "bit bits", "token": "token tokens", "person": "people persons personas persona",
    }.items()
    for word in words.split()
}  # fmt: skip
_MONTHS = {
    name: number
    for number, names in enumerate(
        """enero january;febrero february;marzo march;abril april;mayo;junio june;julio july
        ;agosto august;septiembre setiembre september;octubre october;noviembre november
        ;diciembre december""".split(";"),
        1,
    )
    for name in names.split()
}
_MAY = re.compile(r"(?:\bMay(?=,? \d)|\d(?:st|nd|rd|th)? (?:of )?May\b|\b(?:in|In) May\b)")
_NEGATION = re.compile(
    r"\b(?:no|not|never|none|neither|nor|without|cannot|nobody|nothing|lacks?|fails? to|\w+n['’]t|"
    r"nunca|jam[aá]s|ning[uú]n[oa]?s?|nadie|nada|tampoco|sin|ni|carecen? de)\b",
    re.IGNORECASE,
)
_OPPOSITES = tuple(
    tuple(re.compile(rf"\b(?:{side})", re.IGNORECASE) for side in pair)
    for pair in (
        (
            r"increas|ris(?:e|es|ing)\b|rose\b|grow|grew\b|higher\b|greater\b|more\b|larger\b|"
            r"elevat|enhanc|promot|stimulat|activat|upregul|improv|induc|"
            r"aument|crec|sub(?:e|en|ió|ieron)\b|mayor|más\b|mejor|increment|eleva|activ",
            r"decreas|reduc|declin|drop|fall|fell\b|lower|less\b|fewer\b|smaller\b|diminish|"
            r"inhibit|suppress|prevent|block|downregul|worsen|impair|attenuat|"
            r"disminu|baj(?:a|an|ó|aron)\b|menor|menos\b|empeor|inhib|imp(?:ide|iden)\b",
        ),
        (r"before\b|prior to|antes\b", r"after\b|following\b|después\b|tras\b"),
        (r"first\b|primer", r"last\b|últim|final\b"),
        (r"always\b|siempre\b", r"never\b|nunca\b|jamás\b"),
        (
            r"allow|permit|may\b|puede|autoriz|permite",
            r"forbid|forbidden|prohibit|must not|may not|prohíb|prohib|no puede",
        ),
        (r"includ|inclu[iy]", r"exclud|excl[uú]|except|excepto|salvo"),
        (r"min(?:imum|imal|\b)|at least|mínim|al menos", r"max(?:imum|imal|\b)|at most|máxim"),
        (
            r"beg[aiu]n|start|empe[zc]|empiez|comen[zc]|comienz|inici",
            r"end(?:s|ed)?\b|finish|termin|acab|finaliz",
        ),
        (r"positive|positiv", r"negative|negativ"),
        (r"presence|present\b|presencia", r"absence|absent\b|ausencia"),
        (r"required|mandatory|must\b|obligatori|deben?\b", r"optional|opcional|need not"),
        (r"north|norte", r"south|\bsur\b"),
        (r"\beast|\beste\b", r"\bwest|\boeste\b"),
    )
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number with all it may mean: «1.028» is a thousand or one and a bit; unit «» if none."""

    readings: frozenset[float]
    unit: str = ""
    said: str = field(default="", compare=False)

    def agrees(self, other: Number) -> bool:
        """Some reading is shared, and the units are, where both have one."""
        same_unit = self.unit == other.unit or not (self.unit and other.unit)
        return same_unit and not self.readings.isdisjoint(other.readings)


@dataclass(frozen=True, slots=True)
class Facts:
    """What of a text must agree."""

    numbers: tuple[Number, ...]
    months: frozenset[int]
    names: frozenset[str]  # folded
    words: frozenset[str]  # all words, folded: a name may stand in any of them
    negated: bool
    leanings: tuple[tuple[bool, bool], ...]  # per pair of opposites, which sides occur

    def opposes(self, other: Facts) -> bool:
        """Whether this text takes one side only of a pair of which the other takes the other."""
        return any(
            (one[0] and not one[1] and two[1] and not two[0])
            or (one[1] and not one[0] and two[0] and not two[1])
            for one, two in zip(self.leanings, other.leanings, strict=True)
        )


@lru_cache(maxsize=2048)
def facts_of(text: str) -> Facts:
    """The facts of a text; kept for the next call, for claims meet the same sentences often."""
    words = frozenset(fold(word) for word in _WORD.findall(text))
    months = {_MONTHS[word] for word in words if word in _MONTHS}
    if _MAY.search(text):
        months.add(5)
    return Facts(
        tuple(_numbers(text)),
        frozenset(months),
        frozenset(_names(text)),
        words,
        _NEGATION.search(text) is not None,
        tuple((a.search(text) is not None, b.search(text) is not None) for a, b in _OPPOSITES),
    )


def missing_numbers(claim: Facts, source: Facts) -> int:
    """How many of the claim's numbers and months the source does not state."""
    absent = sum(
        not any(number.agrees(other) for other in source.numbers) for number in claim.numbers
    )
    return absent + len(claim.months - source.months)


def missing_names(claim: Facts, source: Facts, across: bool = False) -> float:
    """How much of the claim's names the source lacks, in names.

    `across` languages a name may be spelled otherwise («Londres»): its first letters are enough.
    """
    starts = {word[:4] for word in source.words if len(word) > 4} if across else set()
    return sum(
        name not in source.words and not (len(name) > 4 and name[:4] in starts)
        for name in claim.names
    )


def fold(text: str) -> str:
    """Lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _numbers(text: str) -> list[Number]:
    found = []
    for match in _DIGITS.finditer(text):
        scale, unit = _after(text[match.end() : match.end() + 30])
        if text[match.start() - 1 : match.start()] in ("$", "€"):
            unit = _UNITS[text[match.start() - 1]]
        readings = _readings(match.group().lstrip("-−"))
        scaled = frozenset(each * scale for each in readings)
        found.append(Number(scaled, unit, match.group()))
    for match in _WORD.finditer(text):
        value = _NUMERALS.get(fold(match.group()))
        if value is not None and not _is_scale(text, match):
            scale, unit = _after(text[match.end() : match.end() + 30])
            found.append(Number(frozenset({value * scale}), unit, match.group()))
    return found


def _is_scale(text: str, match: re.Match[str]) -> bool:
    """«mil» after a figure belongs to it, and so does «por ciento»."""
    before = text[: match.start()].rstrip()
    return before.endswith((" por", "per")) or (
        fold(match.group()) in _SCALES and before[-1:].isdigit()
    )


def _readings(digits: str) -> set[float]:
    """All a figure may mean, with points and commas either for thousands or for decimals."""
    readings = set()
    if _GROUPED.fullmatch(digits):
        readings.add(float(re.sub(r"[.,]", "", digits)))
    head, separator, tail = digits.replace(",", ".").rpartition(".")
    plain = f"{head.replace('.', '')}.{tail}" if separator else tail
    readings.add(float(plain))
    return readings


def _after(text: str) -> tuple[float, str]:
    """What the words behind a figure multiply it by, and its unit."""
    words = re.findall(r"[%€$]|[^\W\d_]+", fold(text))[:4]
    scale = 1.0
    for word in words:
        if word in _SCALES:
            scale *= _SCALES[word]
        elif word in _UNITS:
            return scale, _UNITS[word]
        elif word == "por" and "ciento" in words:
            return scale, "%"
        elif word not in ("de", "of"):
            break
    return scale, ""


def _names(text: str) -> set[str]:
    """Words with a capital inside a sentence, and codes: «ARB-77» by its parts."""
    names = set()
    for match in _WORD.finditer(text):
        word, before = match.group(), text[: match.start()].rstrip(" \t\"'«“(¿¡")
        if word.isdigit() or fold(word) in _MONTHS:
            continue
        opens = not before or before[-1] in ".!?…:\n"
        is_code = any(char.isdigit() for char in word) or (len(word) > 1 and word.isupper())
        if is_code or (word[0].isupper() and not opens and len(word) > 1):
            names.add(fold(word))
    return names
