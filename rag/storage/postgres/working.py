"""A process that takes jobs of a queue one after the other, and those of workers that have died.

procrastinate calls a task in a thread, while its own loop gives signs of life.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import procrastinate
import psycopg
from procrastinate import exceptions, retry
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job

from rag.errors import (
    LibraryDamaged,
    ModelMismatch,
    ModelMissing,
    RagError,
    UsageError,
    cause_of,
)
from rag.protocols import Stop
from rag.storage.postgres.queue import HEARTBEAT, QUEUE, STALLED, TASK

_LOOK_SECONDS = 0.2  # between two looks whether to stop
_AGAIN_SECONDS = 5  # until a job, or the database, is tried once more
_CONNECTIONS = 3  # one listens, one gives signs of life, one takes jobs

_LASTING = (ModelMismatch, ModelMissing, UsageError, LibraryDamaged)

Do = Callable[[int, Mapping[str, Any]], None]
"""Does a job, by its id and values. Raises PutBack and Withdrawn, and RagError where it cannot."""

log = logging.getLogger(__name__)


class PutBack(Exception):
    """The rest of a job is for another time, or another worker."""

    def __init__(self, seconds: int = 0) -> None:
        """`seconds`: how long it is to wait at least."""
        super().__init__(seconds)
        self.seconds = seconds


class _Retry(retry.BaseRetryStrategy):
    """Says which jobs are tried again, and when."""

    def get_retry_decision(
        self, *, exception: BaseException, job: Job
    ) -> retry.RetryDecision | None:
        """Returns None where another attempt would end as this one did."""
        if isinstance(exception, PutBack):
            return retry.RetryDecision(retry_in={"seconds": exception.seconds})
        if isinstance(exception, RagError) and not is_final(exception):
            return retry.RetryDecision(retry_in={"seconds": _AGAIN_SECONDS})
        return None


class Withdrawn(exceptions.JobAborted):
    """Whoever put the job into the queue does not want it any more."""


def is_final(error: RagError) -> bool:
    """Tells whether a job that ended so is given up: what may pass is tried again."""
    return isinstance(error, _LASTING)


def work(address: str, do: Do, stop: Stop, once: bool = False) -> None:
    """Does jobs until `stop()`; with `once` until none is left. Outlives a restart of the server.

    A job that is in hand then is ended by `do`, which is to ask `stop` itself.
    """
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)  # its lines hold names of files
    while not stop():
        try:
            asyncio.run(_work(_app(address, do), stop, once))
            if once:
                return
        except (exceptions.ConnectorException, psycopg.Error, OSError) as error:
            log.warning("the database does not answer, trying again: %s", cause_of(error))
            _sleep(stop)


def _sleep(stop: Stop) -> None:
    async def wait() -> None:
        for _ in range(int(_AGAIN_SECONDS / _LOOK_SECONDS)):
            if not stop():
                await asyncio.sleep(_LOOK_SECONDS)

    asyncio.run(wait())


def _app(address: str, do: Do) -> procrastinate.App:
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(
            conninfo=address,
            min_size=1,
            max_size=_CONNECTIONS,
            kwargs={"application_name": f"fuente worker {socket.gethostname()} {os.getpid()}"},
        )
    )

    @app.task(name=TASK, queue=QUEUE, pass_context=True, retry=_Retry())
    def ingest(context: JobContext, /, **values: Any) -> None:
        assert context.job.id is not None  # noqa: S101 - it comes from the table
        try:
            do(context.job.id, values)
        except (PutBack, Withdrawn):
            raise
        except RagError as error:
            log.warning("job %s: %s", context.job.id, error)
            raise
        except Exception:
            log.exception("job %s is given up", context.job.id)
            raise

    return app


async def _work(app: procrastinate.App, stop: Stop, once: bool) -> None:
    # what is noted of a job that has become another worker's meanwhile is refused: no fault
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: log.info("%s", context.get("exception", context["message"]))
    )
    async with app.open_async():
        await _take_over(app)
        working = asyncio.create_task(
            app.run_worker_async(
                queues=[QUEUE],
                wait=not once,
                delete_jobs="successful",
                install_signal_handlers=False,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=STALLED,
            )
        )
        looking = asyncio.create_task(_look(app))
        while not (stop() or working.done()):
            await asyncio.wait({working}, timeout=_LOOK_SECONDS)
        looking.cancel()
        working.cancel()  # waits for the job in hand
        with contextlib.suppress(asyncio.CancelledError):
            await working


async def _look(app: procrastinate.App) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT)
        await _take_over(app)


async def _take_over(app: procrastinate.App) -> None:
    """Puts the jobs of workers without a sign of life back."""
    manager = app.job_manager
    with contextlib.suppress(exceptions.ConnectorException):  # another worker was faster
        for job in await manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=STALLED):
            log.warning("job %s of a worker that has died is taken over", job.id)
            await manager.retry_job(job, retry_at=datetime.now(UTC))
