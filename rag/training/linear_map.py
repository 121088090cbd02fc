"""A linear map under which questions lie nearer to their passages: closed form, in numpy.

Questions and passages that belong together differ along some directions more than along others:
how a question is worded, how long a passage is. Those are shrunk, as within-class covariance
normalisation does for voices (Hatch et al. 2006, «Within-class covariance normalization for
SVM-based speaker recognition») and relevant component analysis for pictures (Shental et al. 2002):
W = (C + s t I)^(-1/2), with C the covariance of question minus passage, t its mean eigenvalue and
the strength s that holds W near a multiple of the identity. Knows nothing about texts or files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.models.batching import unit

Floats = NDArray[np.float32]
Places = NDArray[np.intp]
RANKED = 10  # a passage further down counts as not found
_ROWS = 256  # questions that are compared with all passages at once


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions over passages, as unit vectors.

    questions (n, d), passages (m, d); `gold` the places of the passages that answer each question;
    `questions_of`, `passages_of` a small integer for the language of each.
    """

    questions: Floats
    passages: Floats
    gold: Sequence[Sequence[int]]
    questions_of: Places
    passages_of: Places


def spread(asked: Asked, places: Places) -> NDArray[np.float64]:
    """Covariance (d, d) about zero of question minus passage, for the questions at `places`."""
    golds = np.stack([asked.passages[asked.gold[i]].mean(axis=0) for i in places])
    difference = (asked.questions[places] - golds).astype(np.float64)
    return np.asarray(difference.T @ difference / len(places))


def whitening(covariance: NDArray[np.float64], strengths: Sequence[float]) -> Iterator[Floats]:
    """The map (d, d) for each strength; its scale does not matter to unit vectors."""
    values, directions = np.linalg.eigh(covariance)
    values = np.maximum(values, 0) / values.mean()
    for strength in strengths:
        root = np.sqrt((1 + strength) / (values + strength))
        yield ((directions * root) @ directions.T).astype(np.float32)


def gains(asked: Asked, places: Places, matrix: Floats | None) -> Floats:
    """Reciprocal rank of the best gold passage, 0 beyond the tenth, shape (places,).

    Only passages in the question's language are ranked: the other language's version of a text
    answers too, and no rule knows where it stands.
    """
    passages, questions = asked.passages, asked.questions[places]
    if matrix is not None:
        passages, questions = unit(passages @ matrix.T), unit(questions @ matrix.T)
    found = []
    for start in range(0, len(places), _ROWS):
        batch = places[start : start + _ROWS]
        scores = questions[start : start + _ROWS] @ passages.T
        scores[asked.questions_of[batch][:, None] != asked.passages_of] = -np.inf
        best = np.array([row[asked.gold[i]].max() for i, row in zip(batch, scores, strict=True)])
        found.append((scores > best[:, None]).sum(axis=1))
    ranks = np.concatenate(found) if found else np.empty(0, dtype=np.intp)
    return np.where(ranks < RANKED, 1 / (1 + ranks), 0).astype(np.float32)
