"""Spanish and English text: which of the two, where sentences end, and the terms to search by.

Knows nothing about documents or models. Everything works on plain strings and is deterministic.
`words` tells languages apart and stems, `lexicon` translates stems, `sentences` cuts, `manners`
takes greeting and thanks off a question.
"""

from rag.languages.lexicon import translations
from rag.languages.manners import plain
from rag.languages.sentences import sentences
from rag.languages.words import (
    LANGUAGES,
    STOP_WORDS,
    detect,
    fold,
    query_terms,
    stem,
    terms,
)

__all__ = [
    "LANGUAGES",
    "STOP_WORDS",
    "detect",
    "fold",
    "plain",
    "query_terms",
    "sentences",
    "stem",
    "terms",
    "translations",
]
