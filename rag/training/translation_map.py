"""A linear map under which a text lies nearer to its translation; the last step of the embedder.

A text and its translation mean the same: what their vectors differ in is language and wording, and
the directions along which they differ most are shrunk (`linear_map`). Learnt in a minute from
translated questions and passages, it gains in every pair of languages (`eval/LOG.md`).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import nn

from rag.training.encoding import Texts
from rag.training.evaluation import encode
from rag.training.linear_map import whitening
from rag.training.rows import Parallel

FILE = "map.npy"  # beside the encoder that it belongs to
STRENGTH = 2.0  # of the identity, in mean eigenvalues
PAIRS = 5_000  # of each kind: some thirteen a dimension
TOKENS = 256

Floats = NDArray[np.float32]


def learn(
    model: nn.Module, tokenizer: Tokenizer, kinds: Sequence[Sequence[Parallel]], seed: int
) -> Floats:
    """The map (dimension, dimension) from parallel texts; each kind of text counts alike."""
    texts = Texts(tokenizer, TOKENS)
    draw = random.Random(seed)  # noqa: S311 - no secret is drawn
    covariance = np.zeros(())
    for rows in kinds:
        chosen = draw.sample(list(rows), min(PAIRS, len(rows)))
        english = encode(model, texts, [row.en for row in chosen])
        spanish = encode(model, texts, [row.es for row in chosen])
        covariance = covariance + _spread(english - spanish)
    return next(whitening(covariance, [STRENGTH]))


def _spread(differences: NDArray[np.float64]) -> NDArray[np.float64]:
    """Their covariance about zero, its trace 1."""
    spread = differences.T @ differences
    return np.asarray(spread / np.trace(spread))


def save(matrix: Floats, folder: Path) -> None:
    """Whole or not at all."""
    half = folder / f"half.{FILE}"
    np.save(half, matrix)
    half.replace(folder / FILE)


def load(folder: Path) -> Floats | None:
    """The map of the encoder in `folder`; None where it has none."""
    path = folder / FILE
    return np.load(path).astype(np.float32) if path.exists() else None
