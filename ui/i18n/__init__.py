"""Which words a person sees: the language, and words that depend on a number or a citation.

All words are in `ui.i18n.es` and `ui.i18n.en`; no other file of `ui/` holds any. Knows nothing
about Streamlit.
"""

from __future__ import annotations

from rag.schema import Citation, Passage
from ui.i18n.en import EN
from ui.i18n.es import ES
from ui.i18n.labels import Words

__all__ = ["EN", "ES", "LANGUAGES", "Words", "choose", "number", "place", "words"]

LANGUAGES = ("es", "en")

_ALL = {"es": ES, "en": EN}


def words(language: str) -> Words:
    """The interface in a language of `LANGUAGES`; Spanish for any other."""
    return _ALL.get(language, ES)


def choose(locale: str | None, fallback: str) -> str:
    """The interface language for a browser's locale such as «es-MX»."""
    wanted = (locale or "").replace("_", "-").split("-")[0].lower()
    return next((each for each in (wanted, fallback) if each in LANGUAGES), LANGUAGES[0])


def number(words: Words, value: float) -> str:
    """A number of seconds with the language's decimal sign."""
    return f"{value:.1f}".replace(".", words.decimal)


def place(words: Words, cited: Citation | Passage) -> str:
    """«file · page», or the file alone where there are no pages."""
    path = cited.path if isinstance(cited, Passage) else cited.passage.path
    file = path.rsplit("/", 1)[-1]
    if cited.page is None:
        return file
    return words.place.format(file=file, page=words.page.format(page=cited.page))
