"""A person's words -> the one `Question` that search, evidence and support share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.answering.conversation import about_the_library, plausible, small_talk
from rag.answering.question_intent import intents_of
from rag.answering.question_parts import parts_of
from rag.answering.question_subject import answer_type, subject_of
from rag.answering.question_types import question_word
from rag.protocols import Embedder, Vectors
from rag.retrieval import weighted_terms
from rag.schema import Filters, Intent, Question, Turn, WeightedTerms
from rag.storage import Store
from rag.text import detect_language, normalize_query, query_terms


class QuestionAnalyzer:
    """Reads questions against one library, whose word frequencies give the weights."""

    def __init__(
        self, store: Store, default_language: str, embedder: Embedder | None = None
    ) -> None:
        """`default_language` is taken where a text shows no language.

        With `embedder` a question carries its vector, and its intent is told by it too.
        """
        self._store = store
        self._default_language = default_language
        self._embedder = embedder

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
    ) -> Question:
        """Returns the question as it is searched.

        `standalone` is its form freed of the conversation, and `language` its language, where these
        are known already.
        """
        standalone = standalone or text
        language = language or self.language(text)
        whole = self._understood(text, standalone, language, filters or Filters())
        parts = tuple(
            self._understood(part, part, language, whole.filters)
            for part in parts_of(whole.query, language)
        )
        return replace(whole, parts=parts)

    def _understood(self, text: str, standalone: str, language: str, filters: Filters) -> Question:
        query = normalize_query(standalone)
        vector = None if self._embedder is None else self._embedder.encode_queries([query])[0]
        question = Question(
            text,
            standalone,
            query,
            language,
            self._terms(query, language),
            filters,
            answer_type=answer_type(query),
            subject=subject_of(query, language, self._occurs),
            follow_up=standalone != text,
            vector=vector,
        )
        intents = self._intents(text, query, language, vector)
        ranked = (replace(question, intent=intent) for intent in intents)
        return next(filter(plausible, ranked))

    def _intents(
        self, text: str, query: str, language: str, vector: Vectors | None
    ) -> list[Intent]:
        """Returns what may be wanted, likeliest first; «¿Y en junio?» wants what was wanted before.

        The words that a follow-up was given from the conversation ask for nothing themselves.
        """
        own = normalize_query(text)
        if own == query or question_word(own) is None:
            fingerprint = "" if self._embedder is None else self._embedder.fingerprint
            return intents_of(query, language, vector, fingerprint)
        return intents_of(own, language)

    def _occurs(self, terms: Sequence[str]) -> bool:
        """Tells whether the library holds any of these terms; one with spaces is a phrase."""
        return bool(self._store.keywords.search([terms], 1))

    def reply(self, question: Question) -> str | None:
        """Returns what is said to small talk and about the library itself; None to the rest."""
        return small_talk(question) or about_the_library(question, self._store)

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
        words = [term for group in groups for term in group]
        frequencies = self._store.keywords.frequencies(words)
        return weighted_terms(groups, untranslated, frequencies, self._store.documents.counts()[1])
