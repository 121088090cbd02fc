"""What all models share: texts in batches of like length, texts that tokenizers take, unit rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from rag.protocols import Vectors


def batches_by_length(lengths: Sequence[int], room: int) -> Iterator[list[int]]:
    """Yields the indices of texts of like length, longest first: little is spent on padding.

    A batch takes at most `room` once all its texts are padded to its longest, or is one text.
    """
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda index: -lengths[index]):
        # the first text of a batch is its longest: all are padded to it
        if batch and (len(batch) + 1) * lengths[batch[0]] > room:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def without_surrogates(text: str) -> str:
    """Returns the text with «?» for lone surrogates, as broken JSON holds: tokenizers refuse them.

    It is as long as before, character by character: offsets hold for the original too.
    """
    return text.encode("utf-8", "replace").decode("utf-8")


def unit(rows: Vectors) -> Vectors:
    """Returns the rows (n, dimension) at length 1."""
    norms = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(norms, 1e-12), dtype=np.float32)
