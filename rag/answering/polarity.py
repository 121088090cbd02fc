"""Whether a sentence says yes or no to a question: which of both answers its vector is nearer to.

The question is put as it would be affirmed and as it would be denied, in several wordings, and a
sentence is compared with both: what it says is nearer. That tells «no» where no word denies («the
council rejected it»), which lists of words do not. One wording tells with an area under the curve
of .84 to .89, the mean of five with .91 (`eval/calibration/polarity.py`).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.answering.calibration import LogisticModel, logistic
from rag.protocols import Embedder
from rag.schema import Intent, Question
from rag.text.languages import DATA

_CLAUSES = re.compile(r"[,;:]\s+|\s[–—-]\s")
_CLAUSE_WORDS = 3  # fewest: «however» says nothing
_CLAUSE_COUNTS = 0.5  # beside the whole sentence
LEANS = "leans"
"""The feature: how much nearer to the affirmed question than to the denied one."""


def asks_whether(question: Question) -> bool:
    """Tells whether yes or no would answer, whatever else it may want."""
    asks = re.compile(DATA[question.language].asks_whether, re.IGNORECASE)
    return question.intent is Intent.YES_NO or asks.match(question.query) is not None


def affirmed(
    question: Question, sentences: Sequence[str], embedder: Embedder, model: LogisticModel
) -> list[float]:
    """Returns for each sentence the probability that it says yes."""
    leans = leanings(question.query, question.language, sentences, embedder)
    return [logistic(model, {LEANS: float(lean)}) for lean in leans]


def leanings(
    query: str, language: str, sentences: Sequence[str], embedder: Embedder
) -> NDArray[np.float32]:
    """Returns shape (n,): the mean difference of the cosines to both answers, affirmed first.

    The clause that is nearest to the question counts too: a «not» in another is about other things.
    """
    wordings = DATA[language].affirmations
    statement = query.strip("¿?¡! ").lower()
    texts = [form.format(statement) for forms in zip(*wordings, strict=True) for form in forms]
    parts = [(sentence, *clauses(sentence)) for sentence in sentences]
    vectors = embedder.encode_documents([*texts, *itertools.chain(*parts)])
    yes, no = (rows.mean(axis=0) for rows in np.split(vectors[: len(texts)], 2))
    leans, start = [], len(texts)
    for part in parts:
        rows = vectors[start : start + len(part)]
        start += len(part)
        nearest = rows[1:][(rows[1:] @ (yes + no)).argmax()]
        leans.append((rows[0] + _CLAUSE_COUNTS * nearest) @ (yes - no) / (1 + _CLAUSE_COUNTS))
    return np.array(leans, dtype=np.float32)


def clauses(sentence: str) -> list[str]:
    """Returns the clauses of a sentence; the whole one where it has none of some words."""
    parts = _CLAUSES.split(sentence)
    return [part for part in parts if len(part.split()) >= _CLAUSE_WORDS] or [sentence]
