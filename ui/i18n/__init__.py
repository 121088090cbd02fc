"""Which words a person sees: the language, and words that depend on a number or a citation.

All words are in `ui.i18n.es` and `ui.i18n.en`; no other file of `ui/` holds any.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from rag.schema import Citation, Note, Passage
from ui.i18n.en import EN
from ui.i18n.es import ES
from ui.i18n.labels import Words
from ui.i18n.questions import BY_LANGUAGE, QuestionWords

__all__ = [
    "EN",
    "ES",
    "LANGUAGES",
    "Words",
    "choose",
    "folded",
    "note",
    "note_summary",
    "number",
    "questions",
    "source_name",
    "words",
]

_PAGE = re.compile(r"page (\d+)")  # as the parsers write it
_PAGES = re.compile(r"pages ([\d, -]+)")

LANGUAGES = ("es", "en")

_OF_SPAIN = frozenset(("ca", "gl", "eu", "ast", "an", "oc"))
_ALL = {"es": ES, "en": EN}


def words(language: str) -> Words:
    """Returns the interface in a language of `LANGUAGES`; Spanish for any other."""
    return _ALL.get(language, ES)


def questions(language: str) -> QuestionWords:
    """Returns how questions about a document of that language are worded."""
    return BY_LANGUAGE.get(language, BY_LANGUAGE["en"])


def choose(locale: str | None, fallback: str) -> str:
    """Returns the interface language for a browser's locale such as «es-MX».

    Who reads neither language reads English, but in Spain Spanish; the fallback is for a browser
    that does not say.
    """
    wanted = (locale or "").replace("_", "-").split("-")[0].lower()
    if wanted in LANGUAGES:
        return wanted
    if wanted:
        return "es" if wanted in _OF_SPAIN else "en"
    return fallback if fallback in LANGUAGES else LANGUAGES[0]


def folded(text: str) -> str:
    """Returns lower case without accents, so that «pagina» finds «Página»."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def number(words: Words, value: float) -> str:
    """Returns a number of seconds as text, with the language's decimal sign."""
    return f"{value:.1f}".replace(".", words.decimal)


def source_name(words: Words, cited: Citation | Passage) -> str:
    """Returns «file · page», or the file alone where there are no pages."""
    path = cited.path if isinstance(cited, Passage) else cited.passage.path
    file = path.rsplit("/", 1)[-1]
    if cited.page is None:
        return file
    return words.source_name.format(file=file, page=words.page.format(page=cited.page))


def note(words: Words, note: Note) -> str:
    """Returns what was left out of a document: how much, of what kind, where, and how it begins."""
    where = note.where
    if number := _PAGE.fullmatch(where):
        where = words.page.format(page=number[1])
    elif numbers := _PAGES.fullmatch(where):
        where = words.documents_page.pages_short.format(pages=numbers[1])
    text = words.quote.format(quote=note.text) if note.text else ""
    return f"{note.count} · " + " · ".join(filter(None, (words.notes[note.kind], where, text)))


def note_summary(words: Words, notes: Iterable[Note]) -> str:
    """Returns the kinds of what was left out, each with its number."""
    counts = Counter[str]()
    for note in notes:
        counts[words.notes[note.kind]] += note.count
    return ", ".join(f"{kind} ({count})" for kind, count in counts.items())
