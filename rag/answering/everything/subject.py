"""The words of a subject, and whether a sentence names it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.schema import Question, WeightedTerms
from rag.text import fold, is_word, query_terms, search_terms
from rag.text.entities import WORD
from rag.text.languages import LANGUAGES
from rag.text.lexicon import translations
from rag.text.spelling import sounds

WHOLE = 0.999  # share of a subject's weight that is all of it, sums of floats being what they are
_PAUSE = re.compile(r"[,;:()]\s|\s[(–—]")  # what is said together has none of these in it
_STRESSED = re.compile(r"[áéíóú]n$", re.IGNORECASE)  # «carbón»: «carbono» is another word
_ALIKE = 2  # first letters that a name shares with its form in the other language
_INFLECTED = ("", "es", "a", "as")

_Words = Sequence[tuple[str, set[str]]]
"""The words of a clause, each with its search terms; those without any are left out."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The words of a subject, or of another name for it."""

    topic: Question
    own: WeightedTerms  # without translations: in a Spanish text «staff» is no «personal»
    translated: WeightedTerms
    spelt: tuple[str, ...]
    """The word that each group of terms is made of, as it is written; «» where it is none."""

    @classmethod
    def of(cls, topic: Question, text: str, translate: bool = True) -> Wanted:
        """Returns the words of a subject that was read as a question, and of its text as written.

        A name of which the other forms are known is not translated word by word.
        """
        language, weights = topic.language, topic.terms.weights
        groups = query_terms(topic.query, language, translate=False)
        words = {
            tuple(group): word
            for word in (*map(str.lower, WORD.findall(topic.query)), *WORD.findall(text))
            for group in query_terms(word, language, translate=False)
        }
        spelt = tuple(words.get(tuple(group), "") for group in groups)
        others = [
            _translated(group, language, _is_name(word)) if translate else group
            for group, word in zip(groups, spelt, strict=True)
        ]
        return cls(topic, WeightedTerms(groups, weights), WeightedTerms(others, weights), spelt)

    def terms(self, language: str) -> WeightedTerms:
        """Returns the words as a text in this language may say them."""
        return self.own if language == self.topic.language else self.translated

    def named_in(self, text: str, language: str, whole: bool) -> bool:
        """Tells whether a sentence says the words together, in their order in their own language.

        Function words may stand between them, and of a long subject some others. `whole`: its
        search terms hold the subject; what no single word of it says is then a value or a phrase.
        """
        clauses = [
            [(word, terms) for word in WORD.findall(part) if (terms := _terms(word, language))]
            for part in _PAUSE.split(text)
        ]
        indices = list(range(len(self.spelt)))
        if whole:
            indices = [i for i in indices if any(self._says(i, c, language) for c in clauses)]
            if not indices:
                return not any(self.spelt)
        width = len(indices) + max(0, len(indices) - 2)
        ordered = language == self.topic.language
        for clause in clauses:
            for first in range(len(clause)):
                window = clause[first : first + width]
                begins = not ordered or self._says(indices[0], window[:1], language)
                if begins and all(self._says(index, window, language) for index in indices):
                    return True
        return False

    def _says(self, index: int, words: _Words, language: str) -> bool:
        return any(self._fits(index, word, terms, language) for word, terms in words)

    def _fits(self, index: int, word: str, terms: set[str], language: str) -> bool:
        """Tells whether a word of a text is a word of the subject.

        A name is written the same, or has a capital and sounds alike: «Olivo» is no «olivar».
        """
        own, spelt = language == self.topic.language, self.spelt[index]
        held = not terms.isdisjoint(self.terms(language).groups[index])
        if _is_name(spelt) and (len(self.spelt) == 1 or not is_word(spelt)):
            if fold(word).removesuffix("s") == fold(spelt).removesuffix("s"):
                return True
            if not own and not terms.isdisjoint(self.own.groups[index]):
                return True
            return word[:1].isupper() and (_alike(word, spelt) or (held and not own))
        if held and own and _STRESSED.search(spelt):
            return fold(word) in {fold(spelt) + ending for ending in _INFLECTED}
        return held


def _is_name(word: str) -> bool:
    return word[:1].isupper()


def _alike(word: str, name: str) -> bool:
    return sounds(fold(name)) in (sounds(fold(word)), sounds(fold(word).removesuffix("s")))


def _terms(word: str, language: str) -> set[str]:
    return set(search_terms(word, language))


def _translated(group: Sequence[str], language: str, name: bool) -> Sequence[str]:
    """Returns a word with its surest translations: the first, and those that mean it before all.

    The first of a name only where it begins alike, «Polonia»: names of several words («Países
    Bajos») are in the lexicon word by word.
    """
    other = next(code for code in LANGUAGES if code != language)
    sure = (
        term
        for rank, term in enumerate(translations(group[0], language))
        if translations(term, other)[:1] == [group[0]]
        or (rank == 0 and (not name or term[:_ALIKE] == group[0][:_ALIKE]))
    )
    return tuple(dict.fromkeys((*group, *sure)))
