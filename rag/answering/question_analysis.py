"""A person's words -> the one `Question` that search, evidence and support share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rag.answering.conversation import about_the_library, plausible, small_talk
from rag.answering.question_intent import intents_of
from rag.answering.question_parts import parts_of
from rag.answering.question_subject import subject_of
from rag.answering.question_types import answer_type, question_word
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
        leans = standalone != text
        asked = self._asked(text, before) if leans else query
        intents = self._intents(asked, language, None if leans else vector)
        ranked = (replace(question, intent=intent) for intent in intents)
        return next(filter(plausible, ranked))

    def _asked(self, text: str, before: str) -> str:
        """Returns the words that show what a follow-up wants; «¿Y en junio?» wants as before."""
        own = normalize_query(text)
        return normalize_query(before) if before and question_word(own) is None else own

    def _intents(self, asked: str, language: str, vector: Vectors | None) -> list[Intent]:
        """Returns what may be wanted, likeliest first."""
        fingerprint = "" if self._embedder is None else self._embedder.fingerprint
        return intents_of(asked, language, vector, fingerprint)

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
        keywords = self._store.keywords
        frequencies = keywords.frequencies([term for group in groups for term in group])
        if translate:
            spelt = [
                self._spelt_alike(group, plain, frequencies)
                for group, plain in zip(groups, untranslated, strict=True)
            ]
            groups = [(*group, *words) for group, words in zip(groups, spelt, strict=True)]
            untranslated = [
                (*group, *words) for group, words in zip(untranslated, spelt, strict=True)
            ]
            frequencies |= keywords.frequencies([word for words in spelt for word in words])
        return weighted_terms(groups, untranslated, frequencies, self._store.documents.counts()[1])

    def _spelt_alike(
        self, group: Sequence[str], untranslated: Sequence[str], frequencies: Mapping[str, int]
    ) -> Sequence[str]:
        """Returns words of the library for a word that it lacks and that no language knows."""
        known = any(term in frequencies for term in group)
        translated = len(group) > len(untranslated)
        if known or translated or not untranslated[0].isalpha():
            return ()
        return self._store.keywords.similar(untranslated[0])
