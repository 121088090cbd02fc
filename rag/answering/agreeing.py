"""Whether a written sentence says what the verbatim answer says, beyond what was asked.

A small model likes to repeat the question, or the title of the document, and both are proved by any
passage: such a sentence answers nothing. It also likes to stop early: half of a list, or one side
of a comparison, is less than what is quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.schema import Citation, Intent, Passage, Question
from rag.text import search_terms

_ITEM = re.compile(r"^\W*\d{1,3}[.)]\s")  # the number that a writer gives to an item of a list
_LISTED = (Intent.LIST, Intent.STEPS)
_FEWEST_LINES = 3  # of a quote that is a list


class Agreement:
    """What is asked, the titles and headings that are shown, and what is quoted verbatim.

    Remembers what has been written: a list agrees with its last item, a comparison when all is
    named that is compared.
    """

    def __init__(
        self, question: Question, passages: Sequence[Passage], verbatim: Sequence[Citation]
    ) -> None:
        """Without `verbatim` any proof will do."""
        self._question = question
        self._verbatim = verbatim
        self._asked = self._terms(question.standalone)
        titles = {title for one in passages for title in (one.title, *one.chunk.headings)}
        self._titles = [self._terms(title) for title in titles]
        self._answers = False  # whether a sentence has said something that was quoted
        self._resting = 0  # sentences that rest on a quote, less those that do not
        self._items = list(_items(verbatim)) if question.intent in _LISTED else []
        compares = question.intent is Intent.COMPARISON
        self._unnamed = self._asked & self._quoted_terms() if compares else set[str]()

    def only_a_title(self, words: str) -> bool:
        """Tells whether a sentence has no words but those of a title or heading that is shown."""
        said = self._terms(_ITEM.sub("", words))
        return bool(said) and any(said <= title for title in self._titles)

    def announces(self, words: str) -> bool:
        """Tells whether words only say, in the question's own, that an answer follows: «… are:»."""
        return words.rstrip().endswith(":") and self._terms(words) <= self._asked

    def with_verbatim(self, words: str, proofs: Sequence[Citation]) -> bool:
        """Tells whether, with this sentence, what has been written says what is quoted.

        A sentence must rest on a quote and share a word that was not asked with the part that
        proves it. A quote in another language shares no words, and yes or no may take those of the
        question. Besides, half of the sentences must rest on quotes, and all items of a list that
        is quoted must have been named, and both sides of a comparison.
        """
        if not self._verbatim:
            return bool(proofs)
        said = self._terms(words)
        new = said.difference(self._asked, *self._titles)
        under = [mine for mine in proofs if any(_overlap(mine, q) for q in self._verbatim)]
        self._answers |= any(self._shares(new, mine) for mine in under)
        self._resting += 1 if under else -1
        self._unnamed -= said
        self._items = [item for item in self._items if not any(map(item.holds, proofs))]
        whole = not self._unnamed and not self._items
        return self._answers and whole and self._resting >= 0

    def _quoted_terms(self) -> set[str]:
        """Returns the terms of the quotes in the language of the question."""
        language = self._question.language
        quotes = [q.quote for q in self._verbatim if q.passage.chunk.language == language]
        return self._terms("\n".join(quotes))

    def _shares(self, new: set[str], quoted: Citation) -> bool:
        asked = self._question
        if asked.intent is Intent.YES_NO or quoted.passage.chunk.language != asked.language:
            return True
        return bool(new & self._terms(quoted.quote))

    def _terms(self, text: str) -> set[str]:
        return set(search_terms(text, self._question.language))


@dataclass(frozen=True, slots=True)
class _Item:
    """A line of a list that is quoted, by its characters in the document."""

    document_id: int
    start: int
    end: int

    def holds(self, proof: Citation) -> bool:
        """Tells whether the proof of a sentence stands in this line."""
        same = proof.passage.chunk.document_id == self.document_id
        return same and proof.start < self.end and self.start < proof.end


def _items(quotes: Sequence[Citation]) -> Iterator[_Item]:
    """Yields the lines of quotes that are lists, without those that announce them."""
    for quote in quotes:
        lines = quote.quote.splitlines(keepends=True)
        start = quote.start
        for line in lines if len(lines) >= _FEWEST_LINES else ():
            if line.strip() and not line.rstrip().endswith(":"):
                yield _Item(quote.passage.chunk.document_id, start, start + len(line.rstrip()))
            start += len(line)


def _overlap(one: Citation, other: Citation) -> bool:
    same = one.passage.chunk.document_id == other.passage.chunk.document_id
    return same and one.start < other.end and other.start < one.end
