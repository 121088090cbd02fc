"""Questions before ingest, on the same cores and the same models.

A thread that works for nobody who waits steps back: the system gives it the time that others leave
(Linux knows priorities of threads), and it begins nothing while somebody's question is in hand.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator

PRIORITY = 10  # of 19; other programs of the same machine come first too
PATIENCE = 0.3
"""Seconds, at most, that a step waits for questions: where they never end, an ingest still does."""

_changed = threading.Condition()
_in_hand = 0
_this_thread = threading.local()


def step_back() -> None:
    """Makes this thread, and what it starts, give way to questions from now on."""
    _this_thread.behind = True
    if sys.platform == "linux":  # elsewhere a priority is that of the whole process
        priority = max(PRIORITY, os.getpriority(os.PRIO_PROCESS, 0))
        with contextlib.suppress(OSError):  # a sandbox may forbid it
            os.setpriority(os.PRIO_PROCESS, 0, priority)


def stepped_back() -> bool:
    """Tells whether this thread gives way."""
    return getattr(_this_thread, "behind", False)


@contextlib.contextmanager
def asking() -> Iterator[None]:
    """Marks that a question is in hand, for which the threads that have stepped back wait.

    The question of a thread that has stepped back is nobody's: it waits as they do.
    """
    global _in_hand
    if stepped_back():
        yield
        return
    with _changed:
        _in_hand += 1
    try:
        yield
    finally:
        with _changed:
            _in_hand -= 1
            _changed.notify_all()


def give_way() -> None:
    """Waits in a thread that has stepped back until no question is in hand or patience is out."""
    with _changed:
        _changed.wait_for(lambda: not (stepped_back() and _in_hand), PATIENCE)


class PassQueue:
    """Lets one forward pass of a model run at a time; those of questions overtake the others."""

    def __init__(self) -> None:
        self._free = threading.Condition()
        self._taken = False
        self._urgent = 0  # that wait

    @contextlib.contextmanager
    def take(self) -> Iterator[None]:
        """Holds the model inside the `with` block; a thread that has stepped back comes last."""
        give_way()
        urgent = not stepped_back()
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
