"""A person's words -> the one `Question` that search, evidence and support share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from rag.answering.conversation import Reply, plausible, replied
from rag.answering.leaning import Leaning
from rag.answering.question_intent import intents_of
from rag.answering.question_parts import parts_of
from rag.answering.question_subject import subject_of
from rag.answering.question_types import answer_type, question_word
from rag.protocols import Embedder, Vectors
from rag.retrieval import weighted_terms
from rag.schema import DocumentInfo, Filters, Intent, Question, Turn, WeightedTerms
from rag.storage import Store
from rag.text import detect_language, fold, is_word, normalize_query, query_terms
from rag.text.spelling import function_word, sounds

_WORD = re.compile(r"(?<![\w.@/-])[^\W\d_]{2,}(?![\w@/-]|\.\w)")


class QuestionAnalyzer:
    """Reads questions against one library, whose word frequencies give the weights."""

    def __init__(
        self, store: Store, default_language: str, embedder: Embedder | None = None
    ) -> None:
        """`default_language` is taken where a text shows no language.

        With `embedder` a question carries its vector, and its intent is told by it too, as is
        whether it leans on the chat (`leans`).
        """
        self._store = store
        self._default_language = default_language
        self._embedder = embedder
        self.leans = Leaning(embedder)

    def language(self, text: str, history: Sequence[Turn] = ()) -> str:
        """Returns `es` or `en`; a text that shows neither is in the language of the chat."""
        default = self._default_language
        for turn in history:
            default = detect_language(turn.question, default)
        return detect_language(text, default)

    def analyze(
        self,
        text: str,
        filters: Filters | None = None,
        *,
        standalone: str | None = None,
        language: str | None = None,
        before: str = "",
    ) -> Question:
        """Returns the question as it is searched.

        `standalone` is its form freed of the conversation, and `language` its language, where these
        are known already; `before` is the question that it follows up.
        """
        standalone = standalone or text
        language = language or self.language(text)
        whole = self._understood(text, standalone, language, filters or Filters(), before)
        parts = tuple(
            self._understood(part, part, language, whole.filters)
            for part in parts_of(whole.query, language)
        )
        return replace(whole, parts=parts)

    def _understood(
        self, text: str, standalone: str, language: str, filters: Filters, before: str = ""
    ) -> Question:
        query = normalize_query(self._spelt(standalone, language, filters))
        leans = standalone != text
        asked = self._asked(text, before) if leans else query
        vector = None if self._embedder is None else self._embedder.encode_queries([query])[0]
        question = Question(
            text,
            standalone,
            query,
            language,
            self._terms(query, language),
            filters,
            answer_type=answer_type(asked),
            subject=subject_of(query, language, partial(self._occurs, filters)),
            named=self._named(text, language) if leans else frozenset(),
            follow_up=leans,
            vector=vector,
        )
        intents = self._intents(asked, language, None if leans else vector)
        ranked = (replace(question, intent=intent) for intent in intents)
        return next(filter(plausible, ranked))

    def _named(self, text: str, language: str) -> frozenset[str]:
        """Returns the terms of a fragment; none of a text that asks something by itself."""
        if question_word(text):
            return frozenset()
        return frozenset(term for group in query_terms(text, language) for term in group)

    def _asked(self, text: str, before: str) -> str:
        """Returns the words that show what a follow-up wants; «¿Y en junio?» wants as before."""
        own = normalize_query(text)
        return normalize_query(before) if before and question_word(own) is None else own

    def _intents(self, asked: str, language: str, vector: Vectors | None) -> list[Intent]:
        """Returns what may be wanted, likeliest first."""
        fingerprint = "" if self._embedder is None else self._embedder.fingerprint
        return intents_of(asked, language, vector, fingerprint)

    def _occurs(self, filters: Filters, terms: Sequence[str]) -> bool:
        """Tells whether what one may read holds any of these terms; one with spaces is a phrase."""
        readable = filters.readable
        limited = readable is not None
        allowed = self._store.documents.allowed(Filters(readable=readable)) if limited else None
        return bool(self._store.keywords.search([terms], 1, allowed))

    def documents(self, filters: Filters) -> list[DocumentInfo]:
        """Returns what the library holds that passes the filters, by path."""
        return self._store.documents.infos(filters)

    def reply(self, question: Question) -> Reply:
        """Returns what is said to small talk and about the library itself; None to the rest."""
        return replied(question, self._store)

    def claim_terms(self, sentence: str) -> tuple[str, WeightedTerms]:
        """Returns the language of a sentence of an answer, and its terms.

        They are not translated: a claim is held to its source strictly, and where translations
        count, another name passes for the one.
        """
        language = self.language(sentence)
        return language, self._terms(normalize_query(sentence), language, translate=False)

    def _terms(self, text: str, language: str, translate: bool = True) -> WeightedTerms:
        groups = query_terms(text, language, translate)
        untranslated = query_terms(text, language, translate=False) if translate else groups
        frequencies = self._store.keywords.frequencies([term for group in groups for term in group])
        return weighted_terms(groups, untranslated, frequencies, self._store.documents.counts()[1])

    def _spelt(self, text: str, language: str, filters: Filters) -> str:
        """Returns the text with words of the library for those that nobody knows.

        A word is known where the library or the lexicon has it. A name may only be one that sounds
        the same: somebody else may be called alike. No word comes from what one may not read.
        """
        return _WORD.sub(lambda match: self._word(match, language, filters), text)

    def _word(self, match: re.Match[str], language: str, filters: Filters) -> str:
        word = match.group()
        groups = query_terms(word, language)
        if not groups or self._store.keywords.frequencies(groups[0]) or is_word(word):
            return word
        if (plain := function_word(word, language)) is not None:
            return plain
        root = groups[0][0]
        found = self._store.keywords.similar(root)
        name = word[0].isupper() and match.start() > 1
        if found is None or (name and sounds(found) != sounds(root)):
            return word
        if filters.readable is not None and not self._occurs(filters, [found]):
            return word
        ending = fold(word).removeprefix(root)
        whole = found if ending == fold(word) else found + ending
        return whole.capitalize() if word[0].isupper() else whole
