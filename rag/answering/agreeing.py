"""Whether a written sentence says what the verbatim answer says, beyond what was asked.

A small model likes to repeat the question, or the title of the document, and both are proved by any
passage: such a sentence answers nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.schema import Citation, Intent, Passage, Question
from rag.text import search_terms

_ITEM = re.compile(r"^\W*\d{1,3}[.)]\s")  # the number that a writer gives to an item of a list


class Agreement:
    """What is asked, the titles and headings that are shown, and what is quoted verbatim."""

    def __init__(
        self, question: Question, passages: Sequence[Passage], verbatim: Sequence[Citation]
    ) -> None:
        """Without `verbatim` any proof will do."""
        self._question = question
        self._verbatim = verbatim
        self._asked = self._terms(question.standalone)
        titles = {title for one in passages for title in (one.title, *one.chunk.headings)}
        self._titles = [self._terms(title) for title in titles]

    def only_a_title(self, words: str) -> bool:
        """Tells whether a sentence has no words but those of a title or heading that is shown."""
        said = self._terms(_ITEM.sub("", words))
        return bool(said) and any(said <= title for title in self._titles)

    def with_verbatim(self, words: str, proofs: Sequence[Citation]) -> bool:
        """Tells whether a sentence rests on a quote and shares a word that was not asked with it.

        A quote in another language shares no words, and yes or no may take those of the question.
        """
        if not self._verbatim:
            return bool(proofs)
        new = self._terms(words).difference(self._asked, *self._titles)
        return any(
            self._shares(new, quoted)
            for quoted in self._verbatim
            if any(_overlap(mine, quoted) for mine in proofs)
        )

    def _shares(self, new: set[str], quoted: Citation) -> bool:
        asked = self._question
        if asked.intent is Intent.YES_NO or quoted.passage.chunk.language != asked.language:
            return True
        return bool(new & self._terms(quoted.quote))

    def _terms(self, text: str) -> set[str]:
        return set(search_terms(text, self._question.language))


def _overlap(one: Citation, other: Citation) -> bool:
    same = one.passage.chunk.document_id == other.passage.chunk.document_id
    return same and one.start < other.end and other.start < one.end
