"""Which names of rows and columns a question says, by words, stems and translations."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rag.schema import Question, Span
from rag.text import STOP_WORDS, fold, query_terms, search_terms
from rag.text.computing import COMPUTING
from rag.text.computing.accounts import line_of, lines_in
from rag.text.languages import DATA

_WORD = re.compile(r"[^\W\d_]{1,2}[&+][^\W\d_](?!\w)|\d+(?:[.,]\d+)*[^\W\d_]*|[^\W_]+|%")
_POSSESSIVE = re.compile(r"['’]s\b")
_NAMED = frozenset().union(*(data.tells_apart.split() for data in COMPUTING.values()))
_BEGINNING = 5  # letters that forms of one word share: «presupuestado», «presupuesto»
_ALIKE = 0.8  # what such a word counts
_PHRASE = 1.25  # what a name counts more whose words stand together in the question
_OPENS = re.compile(r"(?:^|[.?!:])\W*$")  # what stands before the first word of a sentence
_IN_UNITS = re.compile(  # «in USD millions» says how to answer
    r"\b(?:in|en) (?:(?:us )?(?:usd|eur|gbp|dollars?|euros?|d[oó]lares)\b(?: (?:thousand|million|"
    r"billion|mill[oó]n)\w*)?|(?:thousand|million|billion)s?\b|millones\b|miles\b)",
    re.IGNORECASE,
)
_NOTE = re.compile(r"\(\d\)")  # «Deferred revenue (2)»
_RATE = re.compile(r"\w.*\d\s?%")  # «IVA (21 %)», «VAT at 20%»
_OTHERWISE = 0.995  # share of a name that is called otherwise: below that of its own words
_TOLD = 0.02  # of a name's share, what its words count that something else has taken


@dataclass(frozen=True, slots=True)
class AskedWord:
    """A word of a question, with all by which it may be met, and the information it carries."""

    start: int
    end: int
    text: str
    alternatives: frozenset[str]
    weight: float
    idle: bool
    """Whether it names nothing: a question word, a word that asks for a computation."""
    line: int | None = None
    """The line of accounts that it names with the words beside it."""

    @property
    def is_figure(self) -> bool:
        """Tells whether it holds a digit, so that no other will do."""
        return any(map(str.isdigit, self.text))


@dataclass(frozen=True, slots=True)
class Match:
    """A name that a question says: its index, the words used, and the share of it that is said."""

    index: int
    used: frozenset[int]
    share: float
    score: float
    phrase: bool = False
    """Whether the question says its words one after another."""

    @property
    def whole(self) -> bool:
        """Tells whether the whole name is said."""
        return self.share > 0.99


def asked_words(question: Question) -> tuple[AskedWord, ...]:
    """Returns the words of a question that may name something, in order."""
    language = question.language
    weights = {
        group[0]: weight
        for group, weight in zip(question.terms.groups, question.terms.weights, strict=True)
    }
    idle, (start, end) = _idle(language), _asking(question.query, language)
    lines = list(lines_in(question.query))
    units = [match.span() for match in _IN_UNITS.finditer(question.query)]
    found = []
    query = _NOTE.sub("   ", _POSSESSIVE.sub("  ", question.query))
    for match in _WORD.finditer(query):
        word = fold(match.group())
        line = next((line for s, e, line in lines if s <= match.start() < e), None)
        groups = query_terms(match.group(), language)
        if not groups and word not in _NAMED and word != "%" and line is None:
            continue
        alternatives = frozenset(term for group in groups for term in group) | {word}
        weight = max((weights.get(group[0], 1.0) for group in groups), default=1.0)
        opens = _OPENS.search(question.query[: match.start()]) is not None
        names = (match.group()[:1].isupper() and not opens) or any(map(str.isdigit, word))
        outside = match.start() >= end or (match.start() < start and not names)
        of_units = any(s <= match.start() < e for s, e in units)
        empty = word in idle or outside or of_units
        found.append(AskedWord(*match.span(), word, alternatives, weight, empty, line))
    return tuple(found)


def _asking(query: str, language: str) -> Span:
    """Returns the question itself, without «Using the balance sheet,» or «In millions, please.»."""
    end = query.find("?") + 1 or len(query)
    start = re.search(rf"(?:^|[,.:;]\s+)[¿\s]*(?={DATA[language].asks_again})", query[:end], re.I)
    return (start.start() if start else 0), end


@lru_cache(maxsize=4)
def _idle(language: str) -> frozenset[str]:
    asking = fold(DATA[language].asking_words).split()
    return frozenset(fold(COMPUTING[language].idle).split()) | frozenset(asking)


def bare_name(name: str) -> str:
    """Returns a name by its words alone, folded: «® (1) iPhone» is «iphone»."""
    return " ".join(fold(match.group()) for match in _WORD.finditer(_NOTE.sub(" ", name)))


@lru_cache(maxsize=1 << 14)  # labels repeat from table to table of a document
def name_words(name: str, language: str) -> tuple[frozenset[str], ...]:
    """Returns for each content word of a name the stems and spellings by which it is met."""
    words = []
    for match in _WORD.finditer(_NOTE.sub(" ", name)):
        word = fold(match.group())
        if word in STOP_WORDS.get(language, ()) and word not in _NAMED:
            continue
        stems = frozenset(search_terms(match.group(), language)) | {word}
        words.append(stems)
    return tuple(words)


def said(
    name: str, language: str, asked: Sequence[AskedWord], taken: Collection[int] = ()
) -> tuple[frozenset[int], float]:
    """Returns which words of the question a name holds, and the share of the name they are.

    Words that are `taken` by something else do not count.
    """
    words = name_words(name, language)
    used: set[int] = set()
    total, count = 0.0, len(words)
    rates = _RATE.search(name)
    for word in words:
        hits = [(_met(one, word), index) for index, one in enumerate(asked) if index not in taken]
        strength = max((hit for hit, _ in hits), default=0.0)
        total += strength
        used |= {index for hit, index in hits if hit and hit == strength}
        count -= not strength and rates is not None and _of_rate(word)
    share = total / count if count else 0.0
    if share < 1.0 and (line := line_of(name)) is not None:
        named = {i for i, word in enumerate(asked) if word.line == line and i not in taken}
        used, share = (used | named, _OTHERWISE) if named else (used, share)
    return frozenset(used), share


def _of_rate(word: frozenset[str]) -> bool:
    """Tells whether a word of a name is a figure or its «%»: nobody says «IVA (21 %)» whole."""
    return all(form == "%" or form[:1].isdigit() for form in word)


def _met(asked: AskedWord, word: frozenset[str]) -> float:
    if not asked.alternatives.isdisjoint(word):
        return 1.0
    if asked.is_figure:
        return 0.0
    start = asked.text[:_BEGINNING]
    alike = len(start) == _BEGINNING and any(form.startswith(start) for form in word)
    return _ALIKE if alike else 0.0


def phrase(
    name: str, language: str, asked: Sequence[AskedWord], taken: Collection[int] = ()
) -> frozenset[int]:
    """Returns where the question says the words of a name one after another, none of them taken."""
    words = name_words(name, language)
    for start in range(len(asked) - len(words) + 1 if words else 0):
        found = range(start, start + len(words))
        if all(
            i not in taken and _met(asked[i], word) == 1.0
            for i, word in zip(found, words, strict=True)
        ):
            return frozenset(found)
    return frozenset()


def _match(
    name: tuple[int, str], language: str, asked: Sequence[AskedWord], taken: Collection[int]
) -> Match:
    """Returns how a name is said: as a phrase, else by words that nothing else has taken."""
    index, text = name
    if found := phrase(text, language, asked, taken):
        return Match(index, found, 1.0, 0.0, phrase=True)
    used, share = said(text, language, asked, taken)
    if taken and share:  # of two that the rest says alike the one that taken words say as well
        share = min(share, 1 - _TOLD) + _TOLD * said(text, language, asked)[1]
    return Match(index, used, share, 0.0)


def pick(
    names: Sequence[tuple[int, str]],
    language: str,
    asked: Sequence[AskedWord],
    least: float,
    taken: Collection[int] = (),
) -> list[Match]:
    """Returns the names that the question says, best first, each by words that none before uses.

    Names are (index, name). A word that few of them hold says more. Of two that are said by the
    same words neither is better: both come, the latter with nothing of its own.
    """
    found = [_match(name, language, asked, taken) for name in names]
    held = [match.used for match in found]
    spread = {
        word: math.log(1 + len(names) / sum(word in used for used in held))
        for word in frozenset().union(*held)
    }
    matches = []
    for match in found:
        words = {asked[i].text: spread[i] * (0.3 if asked[i].idle else 1.0) for i in match.used}
        own = sum(words.values())
        if match.used and match.share >= least:
            score = own * (0.5 + 0.5 * match.share) * (_PHRASE if match.phrase else 1.0)
            matches.append(replace(match, score=score))
    chosen: list[Match] = []
    texts, left = dict(names), set(taken)
    while matches:
        best = max(matches, key=lambda match: (_fresh(match, left, spread), match.share))
        if not best.phrase:  # «Other, net» goes before «Other income, net» in scattered words
            inside = (m for m in matches if m.phrase and m.used < best.used)
            best = max(inside, key=lambda match: match.score, default=best)
        if not best.used - left:
            break
        same = [m for m in matches if m.used == best.used and abs(m.share - best.share) < 0.01]
        chosen += [best, *(match for match in same if match is not best)]
        left |= best.used
        matches = [match for match in matches if match not in same and match is not best]
        # «X of Intel» and «X» are both said where «X» stands once more
        matches = [
            replace(match, used=phrase(texts[match.index], language, asked, left) or match.used)
            if match.phrase and match.used & best.used
            else match
            for match in matches
        ]
    return chosen


def _fresh(match: Match, left: Collection[int], spread: dict[int, float]) -> float:
    fresh = sum(spread.get(word, 1.0) for word in match.used if word not in left)
    total = sum(spread.get(word, 1.0) for word in match.used)
    return match.score * fresh / total if total else 0.0


def explained(asked: Sequence[AskedWord], used: Iterable[int]) -> float:
    """Returns the share of the question's information that the used words carry."""
    content = {index for index, word in enumerate(asked) if not word.idle}
    total = sum(asked[index].weight for index in content)
    known = content.intersection(used)
    return sum(asked[index].weight for index in known) / total if total else 1.0
