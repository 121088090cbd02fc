"""Work on a connection that ends when somebody no longer waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from rag.protocols import Stop

_POLL = 0.05  # seconds between two looks at whether to stop


def run_unless(stop: Stop, work: Coroutine[Any, Any, None]) -> None:
    """Runs `work` to its end, or gives it up once `stop()` is True."""
    asyncio.run(_run_unless(stop, work))


async def _run_unless(stop: Stop, work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.ensure_future(work)
    while not task.done():
        await asyncio.wait({task}, timeout=_POLL)
        if not task.done() and stop():
            task.cancel()
            await asyncio.wait({task})
            return
    task.result()
