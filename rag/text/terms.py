"""Which language a text is in, and the terms to search it by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from rag.text.languages import DATA, LANGUAGES, STOP_WORDS
from rag.text.lexicon import translations

_SHARED = frozenset.intersection(*STOP_WORDS.values())
_LETTERS = {code: re.compile(data.letters, re.IGNORECASE) for code, data in DATA.items()}

_WORD = re.compile(r"[^\W_]+(?:[-./'’_][^\W_]+)*")
_PART = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Returns lower case without accents: «Indemnización» and «indemnizacion» are one word."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


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
    «garantias» stem differently, and «interés» has its plural only by the stem with accents.
    """
    found: list[str] = []
    for word, is_code in _words(text):
        if is_code:
            found.append(word)
        else:
            found.extend(_stems(word, language))
    return found


def query_terms(text: str, language: str, translate: bool = True) -> list[tuple[str, ...]]:
    """Returns one group of alternatives for each word of a question, without repeats.

    The stem of the question's own `language` comes first in its group.

    A document is stemmed in its own language, so a name met in a text of the other language is
    found only by that language's stem, and what is no name by its translations. Stems are those of
    the bare form, which every document has however it writes the word: accents decide nothing, and
    no word counts twice. Without `translate` names alone cross the languages; as many groups.
    """
    stop = STOP_WORDS.get(language, frozenset())
    order = (language, *(other for other in LANGUAGES if other != language))
    groups: dict[tuple[str, ...], tuple[str, ...]] = {}
    for word, is_code in _words(text):
        if is_code:
            groups[(word,)] = (word,)
        elif (bare := fold(word)) not in stop:
            stems = tuple(dict.fromkeys(stem(bare, other) for other in order))
            others = translations(stems[0], language) if translate else ()
            groups[stems] = tuple(dict.fromkeys([*stems, *others]))
    return list(groups.values())


def _words(text: str) -> Iterator[tuple[str, bool]]:
    """Yields (word, False) for plain words, (folded code, True) for anything with a digit."""
    # NFC: a question typed with separate accents would fall apart at each of them
    for match in _WORD.finditer(unicodedata.normalize("NFC", text)):
        parts = _PART.findall(match.group())
        if not any(char.isdigit() for char in match.group()):
            yield from ((part, False) for part in parts)
            continue
        yield fold(match.group()), True
        if len(parts) > 1:
            yield from ((fold(part), True) for part in parts)


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
