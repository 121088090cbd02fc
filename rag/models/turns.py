"""Who runs a model next, and on which texts at a time. Knows nothing about what a model is."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence

from rag import scheduling


class Turns:
    """One forward pass at a time; a question's waits for the pass at hand, not for the queue."""

    def __init__(self) -> None:
        self._free = threading.Condition()
        self._taken = False
        self._urgent = 0  # that wait

    @property
    def waiting(self) -> int:
        """Number of passes that wait, but those of threads that have stepped back."""
        return self._urgent

    @contextlib.contextmanager
    def take(self) -> Iterator[None]:
        """Holds the turn inside the `with` block; a thread that has stepped back comes last."""
        scheduling.give_way()
        urgent = not scheduling.stepped_back()
        with self._free:
            self._urgent += urgent
            try:
                self._free.wait_for(lambda: not self._taken and (urgent or not self._urgent))
            finally:
                self._urgent -= urgent
            self._taken = True
        try:
            yield
        finally:
            with self._free:
                self._taken = False
                self._free.notify_all()


def alike(lengths: Sequence[int], room: int) -> Iterator[list[int]]:
    """Places of texts of like length, longest first: little is spent on padding.

    A batch takes at most `room` once each of its texts is padded to its longest, or is one text.
    """
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lambda place: -lengths[place]):
        # the first text of a batch is its longest: all are padded to it
        if batch and (len(batch) + 1) * lengths[batch[0]] > room:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def whole(texts: Sequence[str]) -> list[str]:
    """Half characters, as broken JSON files hold them, as «?»: tokenizers refuse them.

    As long as before, character by character: offsets hold for the original too.
    """
    return [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
