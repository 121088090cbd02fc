"""Questions before ingest, on the same cores.

A thread that works for nobody who waits steps back: the system gives it the time that others leave
(Linux knows priorities of threads), and it begins nothing while somebody's question is in hand.
Knows nothing about questions, models or documents.
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
    """From now on this thread, and what it starts, gives way to questions; for good."""
    _this_thread.behind = True
    if sys.platform == "linux":  # elsewhere a priority is that of the whole process
        priority = max(PRIORITY, os.getpriority(os.PRIO_PROCESS, 0))
        with contextlib.suppress(OSError):  # a sandbox may forbid it
            os.setpriority(os.PRIO_PROCESS, 0, priority)


def stepped_back() -> bool:
    """Whether this thread gives way."""
    return getattr(_this_thread, "behind", False)


@contextlib.contextmanager
def asking() -> Iterator[None]:
    """A question is in hand inside the `with` block, where this thread gives way to nobody."""
    global _in_hand
    behind, _this_thread.behind = stepped_back(), False
    with _changed:
        _in_hand += 1
    try:
        yield
    finally:
        _this_thread.behind = behind
        with _changed:
            _in_hand -= 1
            _changed.notify_all()


def give_way() -> None:
    """In a thread that has stepped back, waits until no question is in hand or patience is out."""
    with _changed:
        _changed.wait_for(lambda: not (stepped_back() and _in_hand), PATIENCE)
