"""The text that a spreadsheet shows for a value, by the number format of its cell.

`xlfmt` knows the formats. Three things differ from what a program draws: thousands are not grouped,
because «1.234» means different numbers in different countries; dates whose order the reader's
machine chooses are written as in ISO 8601; and the names of months follow the format's language.
"""

from __future__ import annotations

import datetime
import re
from functools import lru_cache

from rag.parsing.characters import clean_line
from rag.text import es

_PLAIN = frozenset({"", "general", "standard", "estándar", "@"})
Value = float | str | bool | datetime.datetime | datetime.date | datetime.time | datetime.timedelta

_GROUPS = re.compile(r"(?<=[0#?]),(?=[0#?])")
_DURATION = re.compile(r"\[[hms]+\]", re.IGNORECASE)
_FRACTION = re.compile(r"[?#0]+/[?#0-9]+")
_LOCAL = {  # formats that stand for the order of the reader's machine
    "mm-dd-yy": "yyyy-mm-dd",
    "m/d/yy h:mm": "yyyy-mm-dd hh:mm",
    "[$-F800]": "yyyy-mm-dd",
    "[$-F400]": "h:mm:ss",
    "[$-x-sysdate]": "yyyy-mm-dd",
    "[$-x-systime]": "h:mm:ss",
}
# A language code, or «d "de" mmmm».
_SPANISH = re.compile(r'\[\$-(?:[0-9A-F]*0A|es\b[^\]]*)\]|["\\ ]de["\\ ]', re.IGNORECASE)
_ENGLISH_NAMES = (
    "January February March April May June July August September October November December Monday "
    "Tuesday Wednesday Thursday Friday Saturday Sunday".split()
)
_SPANISH_NAMES = [
    *(names[0] for names in es.SPANISH.months),
    *"lunes martes miércoles jueves viernes sábado domingo".split(),
]
_NAMES = {
    name[:length]: spanish[:length]
    for name, spanish in zip(_ENGLISH_NAMES, _SPANISH_NAMES, strict=True)
    for length in (3, None)
}
_NAME = re.compile(rf"\b({'|'.join(sorted(_NAMES, key=len, reverse=True))})\b")


def shown(value: Value, number_format: str, mac_dates: bool = False) -> str:
    """Returns the text of a value, "" where its format hides it.

    `mac_dates`: days are counted from 1904. Text stays as it is unless its format adds to it.
    """
    plain = number_format.lower() in _PLAIN
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if plain and isinstance(value, str):
        return clean_line(value)
    if plain and isinstance(value, int | float):
        return format(value, ".15G") if isinstance(value, float) else str(value)
    return _formatted(value, number_format, mac_dates)


@lru_cache(maxsize=1024, typed=True)
def _formatted(value: Value, number_format: str, mac_dates: bool) -> str:
    from xlfmt import format_value

    if isinstance(value, datetime.timedelta):
        value = value / datetime.timedelta(days=1)
    if _FRACTION.fullmatch(number_format):  # the library forgets the whole part
        number_format = f"# {number_format}"
    local = next((own for code, own in _LOCAL.items() if number_format.startswith(code)), "")
    try:
        text = format_value(value, local or _GROUPS.sub("", number_format), mac_dates)
    except (ValueError, ArithmeticError, LookupError, TypeError):  # no number format at all
        text = str(value)
    if isinstance(value, int | float) and value < 0 and _DURATION.search(number_format):
        return f"-{_formatted(-value, number_format, mac_dates)}"  # Excel shows «####» alone
    if _SPANISH.search(number_format):
        text = _NAME.sub(lambda name: _NAMES[name[0]], text)
    return clean_line(text)
