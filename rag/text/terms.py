"""Which of the two languages a text is in, and the terms to search it by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from rag.text.lexicon import translations

LANGUAGES = ("es", "en")

# Function words that mark a language and carry no topic. One list serves detection and search.
STOP_WORDS = {
    "es": frozenset(
        """a al algo algun alguna algunas alguno algunos ante antes aquel aquella aquellas aquellos
        aqui asi aun aunque cada como con contra cual cuales cualquier cuando cuanta cuantas cuanto
        cuantos de del desde donde dos durante e el ella ellas ello ellos en entre era eran es esa
        esas ese eso esos esta estaba estan estar estas este esto estos fue fueron ha haber
        habia han hasta hay la las le les lo los mas me mi mientras mis mismo mucho muchos muy nada
        ni no nos nosotros o os otra otras otro otros para pero poco por porque pues que quien
        quienes se sea segun ser si sido sin sobre son su sus tal tambien tampoco tan tanto te
        tenia tiene tienen toda todas todo todos tras tu tus u un una unas uno unos usted ustedes
        y ya yo""".split()
    ),
    "en": frozenset(
        """a about above after again against all also am an and any are as at be because been before
        being below between both but by can could did do does doing down during each few for from
        further had has have having he her here hers him his how i if in into is it its itself just
        me more most my no nor not of off on once only or other our out over own same she should so
        some such than that the their them then there these they this those through to too under
        until up very was we were what when where which while who whom whose why will with would
        you your""".split()
    ),
}
_SHARED = STOP_WORDS["es"] & STOP_WORDS["en"]

_WORD = re.compile(r"[^\W_]+(?:[-./'’_][^\W_]+)*")
_PART = re.compile(r"[^\W_]+")
_SPANISH_MARKS = re.compile(r"[¿¡ñáéíóú]", re.IGNORECASE)


def fold(text: str) -> str:
    """Lower case without accents: «Indemnización» and «indemnizacion» are one word."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def detect_language(text: str, default: str = "en") -> str:
    """`es` or `en` by function words, with Spanish letters as half a vote each."""
    sample = unicodedata.normalize("NFC", text[:20_000])
    words = [fold(word) for word in _PART.findall(sample)]
    votes = {
        language: sum(word in STOP_WORDS[language] and word not in _SHARED for word in words)
        for language in LANGUAGES
    }
    spanish = votes["es"] + len(_SPANISH_MARKS.findall(sample)) / 2
    if spanish == votes["en"]:
        return default
    return "es" if spanish > votes["en"] else "en"


def search_terms(text: str, language: str) -> list[str]:
    """Search terms in order of occurrence, with repetitions.

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
    """One group of alternatives a word of a question, own language first, without repeats.

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
            stems = tuple(dict.fromkeys(stem(bare, each) for each in order))
            others = translations(stems[0], language) if translate else ()
            groups[stems] = tuple(dict.fromkeys([*stems, *others]))
    return list(groups.values())


def _words(text: str) -> Iterator[tuple[str, bool]]:
    """(word, False) for plain words, (folded code, True) for anything with a digit."""
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

    return Stemmer.Stemmer("spanish" if language == "es" else "english")


@lru_cache(maxsize=1 << 16)  # words repeat: this is most of the time of a search otherwise
def _stems(word: str, language: str) -> tuple[str, ...]:
    """The stem, and that of the word typed without accents where it is another.

    Empty for a function word.
    """
    bare = fold(word)
    if bare in STOP_WORDS.get(language, ()):
        return ()
    return tuple(dict.fromkeys((stem(word, language), stem(bare, language))))


def stem(word: str, language: str) -> str:
    """Folded; a word with accents and its bare form may have two."""
    # Stem first: the Spanish stemmer needs the accents to know an ending.
    return fold(str(_stemmer(language).stemWord(word.casefold())))
