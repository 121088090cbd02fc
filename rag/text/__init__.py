"""Spanish and English text: which of the two, where sentences end, and the terms to search by.

Knows nothing about documents or models. Everything works on plain strings and is deterministic.
`words` tells languages apart and stems, `lexicon` translates stems, `sentences` cuts, `manners`
takes greeting and thanks off a question.
"""

from rag.text.lexicon import translations
from rag.text.query_normalization import normalize_query
from rag.text.sentences import split_sentences
from rag.text.terms import (
    LANGUAGES,
    STOP_WORDS,
    detect_language,
    fold,
    query_terms,
    search_terms,
    stem,
)

__all__ = [
    "LANGUAGES",
    "STOP_WORDS",
    "detect_language",
    "fold",
    "normalize_query",
    "query_terms",
    "split_sentences",
    "stem",
    "search_terms",
    "translations",
]
