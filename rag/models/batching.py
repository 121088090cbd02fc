"""Texts as models take them: in batches of like length, of characters that tokenizers accept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


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
