"""The languages of Fuente, and patterns built from the words of all of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

from rag.text.en import ENGLISH
from rag.text.es import SPANISH
from rag.text.language import LanguageData

DATA = {language.code: language for language in (SPANISH, ENGLISH)}
LANGUAGES = tuple(DATA)
STOP_WORDS = {code: language.stop_words for code, language in DATA.items()}
CAPITALS = "A-ZÁÉÍÓÚÑ"
"""Capital letters of all languages, for a character class."""


def fold(text: str) -> str:
    """Returns lower case without accents: «Indemnización» and «indemnizacion» are one word."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def either(words: Callable[[LanguageData], str | Iterable[str]]) -> str:
    """Returns the alternatives of all languages as one group of a regular expression."""
    found = (words(language) for language in DATA.values())
    parts = [part if isinstance(part, str) else "|".join(map(re.escape, part)) for part in found]
    return f"(?:{'|'.join(part for part in parts if part)})"


def pattern(words: Callable[[LanguageData], str | Iterable[str]]) -> re.Pattern[str]:
    """Returns the compiled alternatives of all languages, without regard to capitals."""
    return re.compile(either(words), re.IGNORECASE)
