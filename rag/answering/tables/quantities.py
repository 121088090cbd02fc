"""What a cell says as a quantity: its value, unit and scale, and how such a quantity is written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from rag.text import fold
from rag.text.computing import COMPUTING
from rag.text.numbers import UNITS
from rag.text.values import values_in

DAYS, MINUTES = "date", "h:min"
_CURRENCY = r"[$€£¥]|(?:US|C|A)\$|USD|EUR|GBP"
_FIGURE = re.compile(
    rf"[~≈]?(?P<open>\()?(?P<sign>[-−–+])?\s?(?P<prefix>{_CURRENCY})?\s?(?P<minus>[-−–])?(?P<late>\()?"
    r"(?P<digits>\d[\d.,]*(?:[  \u202f]\d{3})*(?:,\d+)?|\.\d+)\s?(?P<near>%)?\)?"
    r"(?P<suffix>(?:\s?[^\W\d_%€$£/][^\W\d_]*+\.?|\s?[%€$£/·³²°])*)\)?(?:\s?\(\d\)|[*†‡])*"
)
_LONGEST_SUFFIX = 3  # words behind a figure: what has more is a sentence
_DURATION = re.compile(
    r"(\d+)\s*h(?:oras?|ours?|rs?)?\.?\s*(?:y |and )?(?:(\d+)\s*m(?:in\w*)?\.?)?"
)
_GROUPED = re.compile(r"\d{1,3}([.,])\d{3}(?:\1\d{3})*")
_SPACES = re.compile(r"[\s\u202f]")
_SCALES = {word: scale for data in COMPUTING.values() for word, scale in data.scales.items()}
_WORDS = re.compile(r"[^\W\d_]+|[%€$£¥]")
_SYMBOLS = {
    "€": "eur",
    "$": "usd",
    "£": "gbp",
    "¥": "jpy",
    "eur": "eur",
    "usd": "usd",
    "gbp": "gbp",
}
_SIGNS = {unit: sign for sign, unit in _SYMBOLS.items() if not sign.isalpha()}
_KNOWN = frozenset((*UNITS.values(), *_SYMBOLS.values()))


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value with its unit, and how it was written: only what has the same unit is added.

    `unit` is canonical («eur», «%», «minute») and carries the scale, «usd*1000000»; days count as
    `DAYS` with the ordinal of the date, «2 h 15 min» as `MINUTES`. `comma` says whether the comma
    is the decimal mark, `decimals` how many digits follow it.
    """

    value: Decimal
    unit: str = ""
    prefix: str = ""
    suffix: str = ""
    decimals: int = 0
    comma: bool = False
    grouped: bool = True

    def like(self, value: Decimal, decimals: int | None = None) -> Quantity:
        """Returns another value that is written in the same way."""
        places = self.decimals if decimals is None else decimals
        return replace(self, value=value, decimals=places)

    def written(self, signed: bool = False) -> str:
        """Returns it as text, with a plus before what is more than nothing if `signed`."""
        sign = "-" if self.value < 0 else "+" if signed and self.value > 0 else ""
        if self.unit == MINUTES:
            hours, minutes = divmod(int(abs(self.value)), 60)
            parts = [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes or not hours)
            return sign + " ".join(parts)
        figure = number(abs(self.value), self.decimals, self.comma, self.grouped)
        return f"{sign}{self.prefix}{figure}{self.suffix}"


def number(value: Decimal, decimals: int, comma: bool, grouped: bool = True) -> str:
    """Returns a figure of so many decimals, rounded half up, with its marks for thousands."""
    rounded = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    text = f"{rounded:,f}" if grouped else f"{rounded:f}"
    return text.translate(str.maketrans(",.", ".,")) if comma else text


def writes_comma(texts: Iterable[str], language: str) -> bool:
    """Tells whether figures have a decimal comma; that of the language where none shows it."""
    votes = 0
    for text in texts:
        match = _FIGURE.fullmatch(text.strip())
        digits = _SPACES.sub("", match["digits"]).rstrip(".,") if match else ""
        marks = re.findall(r"[.,]", digits)
        if len(set(marks)) == 2:
            votes += 3 if marks[-1] == "," else -3
        elif len(marks) > 1:
            votes += 3 if marks[0] == "." else -3
        elif marks and not _GROUPED.fullmatch(digits):
            votes += 2 if marks[0] == "," else -2
        elif marks and (digits.startswith("0") or (marks[0] == "," and language == "en")):
            votes += 0 if digits.startswith("0") else -1
    return votes > 0 or (votes == 0 and language == "es")


def quantity(text: str, comma: bool, language: str, unit: str = "") -> Quantity | None:
    """Returns what a cell says; None where it is no lone quantity.

    `unit` is that of the column, as `named_unit` gives it.
    """
    text = text.strip()
    if made := _duration(text):
        return made
    values = values_in(text, language)
    if (
        values
        and not values[0].is_code
        and values[0].text == text
        and values[0].tokens[0].count("-") == 2
    ):
        return Quantity(Decimal(date.fromisoformat(values[0].tokens[0]).toordinal()), DAYS)
    match = _FIGURE.fullmatch(text)
    if match is None or len(match["suffix"].split()) > _LONGEST_SUFFIX:
        return None
    value, decimals = _value(_SPACES.sub("", match["digits"]), comma)
    if value is None:
        return None
    negative = (
        bool(match["open"] or match["late"]) or (match["sign"] or match["minus"] or "+") != "+"
    )
    prefix = match["prefix"] or ""
    suffix = (("%" if match["near"] else "") + match["suffix"]).rstrip()
    if match["near"]:  # with the space that stood before it
        suffix = text[match.end("digits") : match.end("near")] + match["suffix"].rstrip()
    elif suffix:
        suffix = text[match.end("digits") : match.end("suffix")].rstrip()
    suffix = suffix.strip("()") if suffix.strip("() ") else ""
    own = _joined_units(named_unit(f"{prefix} {suffix}", loose=True), unit)
    grouped = value < 1000 or bool(re.search(r"\d[.,\s]\d{3}", match["digits"]))
    return Quantity(-value if negative else value, own, prefix, suffix, decimals, comma, grouped)


def _duration(text: str) -> Quantity | None:
    folded = fold(text)
    if match := _DURATION.fullmatch(folded):
        if match[2] is None:
            return None  # «3 h» is a figure with its unit
        return Quantity(Decimal(int(match[1]) * 60 + int(match[2])), MINUTES)
    return None


def as_minutes(one: Quantity) -> Quantity:
    """Returns a time in hours or minutes as `MINUTES`, anything else as it is."""
    factor = {"minute": 1, "hour": 60}.get(one.unit)
    if factor is None or (one.value * factor) % 1:
        return one
    return Quantity(one.value * factor, MINUTES)


def _value(digits: str, comma: bool) -> tuple[Decimal | None, int]:
    digits = digits.rstrip(".,")
    decimal, thousands = (",", ".") if comma else (".", ",")
    grouped = _GROUPED.fullmatch(digits)
    if grouped and not digits.startswith("0") and grouped[1] == thousands:
        return Decimal(digits.replace(thousands, "")), 0
    head, mark, tail = digits.partition(decimal)
    if thousands in tail or decimal in tail:
        if len(re.findall(r"[.,]", digits)) == 1:
            return None, 0
        return (
            (Decimal(digits.replace(decimal, "")), 0) if _grouped_by(digits, decimal) else (None, 0)
        )
    if thousands in head and not _GROUPED.fullmatch(head):
        # the other mark, once and not before three digits: decimals all the same
        if mark or head.count(thousands) > 1:
            return None, 0
        whole, _, rest = head.partition(thousands)
        return Decimal(f"{whole or 0}.{rest}"), len(rest)
    whole = head.replace(thousands, "") or "0"
    return Decimal(f"{whole}.{tail}" if tail else whole), len(tail)


def _grouped_by(digits: str, mark: str) -> bool:
    match = _GROUPED.fullmatch(digits)
    return match is not None and match[1] == mark


def named_unit(text: str, loose: bool = False) -> str:
    """Returns the unit that a text names, with its scale; «» for none.

    In the name of a column it stands in brackets, behind a comma or after «in»; `loose` texts are
    nothing but a unit.
    """
    parts = [text] if loose else _unit_parts(text)
    for part in parts:
        words = [fold(word) for word in _WORDS.findall(part)]
        scale = max((_SCALES.get(word, 1) for word in words), default=1)
        units = [_SYMBOLS.get(word) or UNITS.get(word) for word in words]
        unit = next(filter(None, units), "")
        rest = [word for word in words if word not in _SCALES]
        if not unit and rest and (loose or _SYMBOL.fullmatch(part)):
            unit = " ".join(rest)
        elif loose and "/" in part and len(rest) > 1:
            unit = "/".join(rest)
        if unit or scale > 1:
            return unit + (f"*{scale}" if scale > 1 else "")
    return ""


def with_sign(one: Quantity, language: str) -> Quantity:
    """Returns an amount whose currency stands above it alone with the sign of that currency."""
    sign = _SIGNS.get(one.unit.partition("*")[0], "")
    behind = sign == "€" and language == "es"
    return replace(one, suffix=f" {sign}") if behind else replace(one, prefix=sign)


def is_known(unit: str) -> bool:
    """Tells whether it is a currency, a share or a measure that everybody knows, in any scale."""
    return unit.partition("*")[0] in _KNOWN


def is_money(unit: str) -> bool:
    """Tells whether it is a currency, in any scale."""
    return unit.partition("*")[0] in _SIGNS


def general_unit(text: str) -> str:
    """Returns the unit or scale that a title says of all figures below it; «» for none.

    Only what is known as one: «(Loss)» or «(Olivo)» in a title is none.
    """
    unit = named_unit(_EXCEPT.split(text)[0])  # «in millions, except shares in thousands»
    scale = unit.partition("*")[2]
    return unit if is_known(unit) else scale and f"*{scale}"


_EXCEPT = re.compile(r"\b(?:except|excepto|salvo)\b", re.IGNORECASE)
_BRACKETED = re.compile(r"[(\[]([^()\[\]]{1,60})[)\]]|,\s*([€$£%]|[^\W\d_]{1,3})$|^\s*([€$£%])\s*$")
# «ha», «kWh», «m²»: no word of a sentence, and no «(Loss)»
_SYMBOL = re.compile(r"(?![A-Z][a-z]{3})(?:[^\W\d_]|[/²³]){1,6}")
_IN = re.compile(r"\b(?:in|en)\s+((?:\S+\s*){1,4})$", re.IGNORECASE)


def _unit_parts(text: str) -> list[str]:
    found = [next(filter(None, match.groups())) for match in _BRACKETED.finditer(text)]
    if match := _IN.search(text):
        found.append(match[1])
    return found


def _joined_units(own: str, other: str) -> str:
    """Returns the unit of a cell with what its column says besides: «$» and «in millions»."""
    unit, _, scale = own.partition("*")
    column, _, further = other.partition("*")
    if unit == "%":  # among millions of dollars a share is a share
        return unit
    unit, scale = unit or column, scale or further
    return unit + (f"*{scale}" if scale else "")
