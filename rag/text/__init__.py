"""Spanish and English text, as plain strings and without a model.

`es` and `en` hold the words of each language as data, `language` says which. `terms` tells the
languages apart and stems, `lexicon` translates stems, `sentences` finds where sentences end,
`query_normalization` takes greeting and thanks off a question. `numbers`, `entities` and `facts`
find what two texts must agree in, `values` what is the same however it is written. `sanitize` makes
the text of others harmless.
"""

from rag.text.languages import LANGUAGES, STOP_WORDS, fold
from rag.text.lexicon import translations
from rag.text.query_normalization import normalize_query
from rag.text.sentences import split_sentences
from rag.text.terms import detect_language, is_word, query_terms, search_terms, stem

__all__ = [
    "LANGUAGES",
    "STOP_WORDS",
    "detect_language",
    "fold",
    "is_word",
    "normalize_query",
    "query_terms",
    "search_terms",
    "split_sentences",
    "stem",
    "translations",
]
