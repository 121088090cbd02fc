"""How far a sentence, with what stands around it, is about what the question is about."""

from __future__ import annotations

import re
from functools import lru_cache

from rag.schema import Subject
from rag.text import fold, is_word
from rag.text.entities import NAME, OPENERS
from rag.text.languages import pattern
from rag.text.values import values_in

_WORD = re.compile(r"[^\W_]+")
_YEAR = re.compile(r"(?<![\w.,/-])(?:1[5-9]|20)\d{2}(?![\w/-]|[.,]\d)")
_BETWEEN = r"\w{0,2}\W{1,4}(?:n\W{0,3}[oº]?\W{0,2})?"  # «pólizas», «póliza n.º»
_LETTERS = re.compile(r"[^\W\d_]+")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_PART = pattern(lambda language: language.numbered_parts)
_OTHER_YEAR = 0.3  # a sentence about another year may still name the thing asked for
_FEWEST_LETTERS = 4  # of a name that may stand in another form: «Tesla’s», «Londres»


def binding(
    subject: Subject, language: str, sentence: str, header: str = "", before: str = ""
) -> float:
    """Returns in [0, 1] how much of the subject the sentence or its surroundings name.

    `language` is that of the text, `header` holds the title and headings above the sentence, and
    `before` the sentence before it. A question without a subject binds anything. 0 where a code or
    a day that is asked for is not there, or the sentence itself names another; less where it names
    another year.
    """
    if names_another(subject, language, sentence, header):
        return 0.0
    around = "\n".join((header, before, sentence))
    tokens, words = _tokens(around, language), _words(around)
    if any(not _has_code(code, tokens, around) for code in subject.codes):
        return 0.0
    if subject.dates and tokens.isdisjoint(subject.dates):
        return 0.0
    named = [_has_name(name, words) for name in subject.names]
    share = sum(named) / len(named) if named else 1.0
    return share * _same_years(subject, sentence, around)


def is_exact(subject: Subject) -> bool:
    """Tells whether it names a code, a numbered thing or a day: no other will do."""
    return bool(subject.codes or subject.dates)


def names_another(subject: Subject, language: str, sentence: str, header: str = "") -> bool:
    """Tells whether the sentence names another code, day or name like one that is asked for.

    `header` holds the title above it, which may have a name whole.
    """
    tokens = _tokens(sentence, language)
    if any(_has_code(code, tokens, sentence) for code in subject.codes):
        return False
    if subject.dates and not tokens.isdisjoint(subject.dates):
        return False
    days = any(_DAY.fullmatch(token) for token in tokens) and bool(subject.dates)
    return (
        days
        or any(_names_like(code, tokens, sentence) for code in subject.codes)
        or any(_another_name(name, sentence) for name in subject.names)
        or any(_namesake(name, sentence, header) for name in subject.names)
        or any(_another_thing(thing, name, sentence) for thing, name in subject.things)
    )


def _another_name(name: str, sentence: str) -> bool:
    """Tells whether the sentence names one that shares a word with the name and has another.

    «Ana Gómez» is not «Ana Ruiz»; «Ana» may be either.
    """
    asked = _name_words(name)
    if asked <= _words(sentence):
        return False
    named = [_name_words(match.group()) for match in NAME.finditer(sentence)]
    return any(asked & words and asked - words and words - asked for words in named)


def _namesake(name: str, sentence: str, header: str) -> bool:
    """Tells whether the sentence names only a namesake of who is above it: a father, a sister.

    In a text about «Nikola Tesla», «Tesla» and «Dr. Tesla» are he, and «Milutin Tesla» is not.
    """
    asked = _name_words(name)
    names = (match.group() for match in NAME.finditer(header))
    whole = next((_name_words(one) for one in names if _family_name(one) in asked), asked)
    if not asked < whole:
        return False
    spoken_of = [one for one in NAME.findall(sentence) if whole & _name_words(one)]
    return bool(spoken_of) and all(
        _family_name(one) in asked and not all(map(is_word, _name_words(one) - whole))
        for one in spoken_of
    )


def _family_name(name: str) -> str:
    return fold(_WORD.findall(name)[-1])


def _another_thing(thing: str, name: str, sentence: str) -> bool:
    """Tells whether the sentence names another such thing: «finca El Soto», not «La Vega»."""
    if _name_words(name) <= _words(sentence):
        return False
    before = re.compile(rf"(?<!\w){re.escape(thing)}\w{{0,2}} $")
    return any(
        before.search(fold(sentence[: match.start()]))
        and not _has_name(name, _words(match.group()))
        for match in NAME.finditer(sentence)
    )


def _name_words(name: str) -> frozenset[str]:
    return frozenset(map(fold, _WORD.findall(name))) - OPENERS


def _names_like(code: str, tokens: frozenset[str], text: str) -> bool:
    """Tells whether the text names a code with the same letters, or the thing with a number."""
    thing, _, number = code.partition(" ")
    if number:
        return re.search(rf"(?<!\w){re.escape(thing)}{_BETWEEN}\d", fold(text)) is not None
    letters = _LETTERS.match(code)
    return letters is not None and any(
        re.fullmatch(rf"{letters.group()}\d.*", token) for token in tokens
    )


def _has_code(code: str, tokens: frozenset[str], text: str) -> bool:
    """Tells whether the text names a code by value, or a thing with its number: «poliza 9999»."""
    thing, _, number = code.partition(" ")
    if not number:
        return code in tokens
    # not «9999 €», and in a table the number may stand behind «Póliza: »
    beside = rf"(?<!\w){re.escape(thing)}{_BETWEEN}{re.escape(number)}(?![\w.,]*\d)"
    if _PART.fullmatch(thing):  # what is numbered by itself begins with its number alone
        beside += rf"|^\W*{re.escape(number)}(?![\w.,]*\d)"
    return re.search(beside, fold(text), re.MULTILINE) is not None


def _has_name(name: str, words: frozenset[str]) -> bool:
    """Tells whether some long word of a name is there; a person may be named by one of two."""
    parts = [fold(part) for part in _WORD.findall(name)]
    long = [part for part in parts if len(part) >= _FEWEST_LETTERS] or parts
    return any(part in words for part in long)


def _same_years(subject: Subject, sentence: str, around: str) -> float:
    if not subject.years:
        return 1.0
    found = set(map(int, _YEAR.findall(around)))
    if found & set(subject.years):
        return 1.0
    return _OTHER_YEAR if _YEAR.search(sentence) else 1.0


@lru_cache(maxsize=512)  # many sentences of a passage stand under the same header
def _tokens(text: str, language: str) -> frozenset[str]:
    return frozenset(token for value in values_in(text, language) for token in value.tokens)


@lru_cache(maxsize=512)
def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(fold(text)))
