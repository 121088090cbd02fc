"""Which language a text is in, and the terms to search it by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from rag.text.languages import DATA, LANGUAGES, STOP_WORDS, fold
from rag.text.lexicon import translations
from rag.text.values import Value, values_in

_SHARED = frozenset.intersection(*STOP_WORDS.values())
_LETTERS = {code: re.compile(data.letters, re.IGNORECASE) for code, data in DATA.items()}

_WORD = re.compile(r"[^\W_]+(?:[-./'’_][^\W_]+)*")
_PART = re.compile(r"[^\W_]+")
_DAY = len("2025-05-05")


def detect_language(text: str, default: str = "en") -> str:
    """Returns the language of most function words; letters of one language are half a vote each.

    The `default` is taken where no language has more than the others.
    """
    sample = unicodedata.normalize("NFC", text[:20_000])
    words = [fold(word) for word in _PART.findall(sample)]
    votes = {
        language: sum(word in STOP_WORDS[language] and word not in _SHARED for word in words)
        + len(_LETTERS[language].findall(sample)) / 2
        for language in LANGUAGES
    }
    most = max(votes.values())
    winners = [language for language, count in votes.items() if count == most]
    return winners[0] if len(winners) == 1 else default


def search_terms(text: str, language: str) -> list[str]:
    """Returns the search terms in order of occurrence, with repetitions.

    Words become folded stems of their language, function words are left out; anything with a digit
    («ARB-77», «GPT-4», «3.5») is kept raw, whole and in parts, because a stem would lose it. A word
    with accents also gives the stem of its bare form, by which it is asked for: «garantías» and
    «garantias» stem differently, and «interés» has its plural only by the stem with accents. Codes,
    dates and figures follow by value, where they are written otherwise.
    """
    found: list[str] = []
    for _, word, is_code in _words(text):
        if is_code:
            found.append(word)
        else:
            found.extend(_stems(word, language))
    known = set(found)
    values = (token for value in values_in(text, language) for token in value.tokens)
    return [*found, *(token for token in dict.fromkeys(values) if token not in known)]


def query_terms(text: str, language: str, translate: bool = True) -> list[tuple[str, ...]]:
    """Returns one group of alternatives for each word of a question, without repeats.

    The stem of the question's own `language` comes first in its group.

    A document is stemmed in its own language, so a name met in a text of the other language is
    found only by that language's stem, and what is no name by its translations. Stems are those of
    the bare form, which every document has however it writes the word: accents decide nothing, and
    no word counts twice. Without `translate` names alone cross the languages; as many groups. What
    is part of a code, date or figure may also be met by its value, and an irregular verb by the
    stems of its other forms: «pide», «pedir».
    """
    text = unicodedata.normalize("NFC", text)
    values = values_in(text, language)
    stop = STOP_WORDS.get(language, frozenset())
    order = (language, *(other for other in LANGUAGES if other != language))
    groups: dict[tuple[str, ...], tuple[str, ...]] = {}
    for at, word, is_code in _words(text):
        value = next((value for value in values if value.start <= at < value.end), None)
        if is_code:
            groups[(word,)] = tuple(dict.fromkeys([word, *_by_value(value)]))
        elif (bare := fold(word)) not in stop:
            stems = tuple(dict.fromkeys(stem(bare, other) for other in order))
            others = translations(stems[0], language) if translate else ()
            forms = _irregular(language).get(stems[0], ())
            groups[stems] = tuple(dict.fromkeys([*stems, *forms, *others, *_by_value(value)]))
    return list(groups.values())


def _by_value(value: Value | None) -> tuple[str, ...]:
    """Returns what a word of this value is also met by; the day of a date, not the whole month."""
    if value is None:
        return ()
    if value.is_code:  # as a phrase too: «ISO 27001» is two words
        return (*value.tokens, value.words)
    days = tuple(token for token in value.tokens if len(token) == _DAY)
    return days or value.tokens


def _words(text: str) -> Iterator[tuple[int, str, bool]]:
    """Yields (start, word, False) for plain words, (start, folded code, True) with a digit."""
    # NFC: a question typed with separate accents would fall apart at each of them
    for match in _WORD.finditer(unicodedata.normalize("NFC", text)):
        parts = _PART.findall(match.group())
        if not any(char.isdigit() for char in match.group()):
            yield from ((match.start(), part, False) for part in parts)
            continue
        yield match.start(), fold(match.group()), True
        if len(parts) > 1:
            yield from ((match.start(), fold(part), True) for part in parts)


@cache
def _irregular(language: str) -> Mapping[str, tuple[str, ...]]:
    """Returns the stems of a verb by each of them, where there are several."""
    found: dict[str, tuple[str, ...]] = {}
    for forms in DATA[language].irregular_forms if language in DATA else ():
        stems = dict.fromkeys(stem(fold(form), language) for form in forms.split())
        for root in stems:
            found[root] = tuple(dict.fromkeys((*found.get(root, ()), *stems)))
    return found


@cache
def _stemmer(language: str) -> Any:
    import Stemmer

    return Stemmer.Stemmer(DATA[language].stemmer)


@lru_cache(maxsize=1 << 16)  # words repeat: this is most of the time of a search otherwise
def _stems(word: str, language: str) -> tuple[str, ...]:
    """Returns the stem, and that of the word without accents where it is another one.

    A function word has none.
    """
    bare = fold(word)
    if bare in STOP_WORDS.get(language, ()):
        return ()
    return tuple(dict.fromkeys((stem(word, language), stem(bare, language))))


def stem(word: str, language: str) -> str:
    """Returns the folded stem; a word with accents and its bare form may have two."""
    # Stem first: the Spanish stemmer needs the accents to know an ending.
    return fold(str(_stemmer(language).stemWord(word.casefold())))


def is_word(word: str) -> bool:
    """Tells whether the lexicon knows the word in a language, by a stem of four letters."""
    stems = ((stem(word, language), language) for language in LANGUAGES)
    return any(len(root) > 3 and translations(root, language) for root, language in stems)
