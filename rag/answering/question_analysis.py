"""A person's words -> the one `Question` that search, evidence and support share."""

from __future__ import annotations

from rag.answering.question_intent import intent_of, parts_of
from rag.answering.question_subject import answer_type, subject_of
from rag.retrieval import weighted_terms
from rag.schema import Filters, Question, WeightedTerms
from rag.storage import Store
from rag.text import detect_language, normalize_query, query_terms


class QuestionAnalyzer:
    """Reads questions against one library, whose word frequencies give the weights."""

    def __init__(self, store: Store, default_language: str) -> None:
        """`default_language` is taken where a text shows no language."""
        self._store = store
        self._default_language = default_language

    def language(self, text: str) -> str:
        """Returns `es` or `en`."""
        return detect_language(text, self._default_language)

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
        query = normalize_query(standalone)
        terms = self._terms(query, language)
        return Question(
            text,
            standalone,
            query,
            language,
            terms,
            filters or Filters(),
            intent=intent_of(query),
            answer_type=answer_type(query),
            subject=subject_of(query),
            parts=tuple(self.analyze(part, filters) for part in parts_of(query, language)),
            follow_up=standalone != text,
        )

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
