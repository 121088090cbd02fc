"""An ingest that is left to workers: its files are put into a queue, and followed to their end.

Whoever asked may go away: what is in the queue is read all the same.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

from rag import errors
from rag.config import Settings
from rag.indexing.decisions import (
    chosen,
    limits_of,
    unchanged_since_scan,
    unreadable,
    worth_reading,
)
from rag.indexing.ledger_updater import LedgerUpdater
from rag.indexing.progress import OnProgress, ProgressReporter
from rag.indexing.sources import Found, Source, discover, listed
from rag.protocols import Stop
from rag.schema import FileReport, IngestReport, Outcome
from rag.storage import Store

if TYPE_CHECKING:
    from rag.storage.postgres.queue import File, Queue

MOST_FILES, MOST_BYTES = 32, 4_000_000
"""Of a job: enough to fill a batch of the model's, and little to do again after a kill."""

_GIVEN_BACK = ("cancelled", "aborted")  # states of a job that nobody wanted any more
_LOOK_SECONDS = 0.5  # between two looks at the queue
_PATIENCE_SECONDS = 10.0  # without a worker at work, after which that is said

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Portion:
    """The files of one job: names below one root, and how they are to be taken."""

    root: Path
    names: tuple[Path, ...]
    retry: bool
    restored: bool  # what a person removed comes back
    redact: str  # kinds of personal data to make unreadable, whatever the worker's settings say

    def values(self) -> dict[str, Any]:
        """Returns it as JSON: a name need not be valid UTF-8."""
        names = [_quoted(name) for name in self.names]
        return {**asdict(self), "root": _quoted(self.root), "names": names}

    def found(self, leave_out: Path, done: Collection[str]) -> Found:
        """Returns the files as they are now, but for those that are `done` already."""
        found = listed(self.root, self.names, leave_out)
        return replace(
            found,
            sources=[source for source in found.sources if source.path not in done],
            left_out=[report for report in found.left_out if report.path not in done],
        )

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Portion:
        """Returns the portion of a job's values."""
        names = tuple(map(_unquoted, values["names"]))
        rest = {name: values[name] for name in ("retry", "restored", "redact")}
        return cls(_unquoted(values["root"]), names, **rest)


def _quoted(path: Path) -> str:
    return quote_from_bytes(os.fsencode(path))


def _unquoted(text: str) -> Path:
    return Path(os.fsdecode(unquote_to_bytes(text)))


@dataclass(slots=True)
class _Job:
    """A job that is followed: its files by their paths, and those of which the end is known."""

    sources: dict[str, Source]
    known: set[str] = field(default_factory=set)
    stages: dict[str, tuple[str, int, int]] = field(default_factory=dict)


class Queued:
    """One ingest by workers. Use once."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        progress: OnProgress | None = None,
        stop: Stop | None = None,
    ) -> None:
        """Raises UsageError for a library in a folder, which has no queue."""
        self._queue = queue_of(store)
        self._store, self._settings = store, settings
        self._stop = stop or (lambda: False)
        self._reporter = ProgressReporter(progress or (lambda _: None))
        self._ledger = LedgerUpdater(store, self._reporter)

    def run(
        self,
        paths: Sequence[Path],
        prune: bool = False,
        retry: bool = False,
        again: bool = False,
        named: bool = True,
    ) -> IngestReport:
        """Does what `Ingest.run` does, by workers. Raises what ends their jobs all alike."""
        reporter = self._reporter
        with reporter.measure("total"):
            found = discover(paths, self._store.folder)
            self._ledger.present = frozenset(source.key for source in found.sources)
            reporter.total = len(found.sources) + len(found.left_out)
            for report in found.left_out:
                reporter.report_file(report)
            jobs = self._put(
                [s for s in found.sources if self._is_news(s, retry)], retry, again, named
            )
            stopped = self._follow(jobs)
            if prune and not stopped and found.whole:
                self._ledger.remove_missing(paths)
        return reporter.result(stopped)

    def _is_news(self, source: Source, retry: bool) -> bool:
        """Tells whether a worker has to look at a file; reports one of which all is known."""
        known = self._store.ledger.get(source.key)
        if (
            known is None
            or worth_reading(known, limits_of(self._settings), retry)
            or known.redacted != unreadable(chosen(self._settings.redact), known)
            or not unchanged_since_scan(known, source)
        ):
            return True
        self._ledger.report_unchanged(source, known)
        return False

    def _put(
        self, sources: Sequence[Source], retry: bool, again: bool, named: bool
    ) -> dict[int, _Job]:
        cut = []
        for root, by_name, part in portions(sources):
            names = tuple(source.location.relative_to(root) for source in part)
            restored = again or (named and by_name)
            cut.append((Portion(root, names, retry, restored, self._settings.redact), part))
        ids = self._queue.put([portion.values() for portion, _ in cut]) if cut else []
        for source in sources:
            self._reporter.report_stage(source.path, "queued")
        return {
            key: _Job({source.path: source for source in part})
            for key, (_, part) in zip(ids, cut, strict=True)
        }

    def _follow(self, jobs: dict[int, _Job]) -> bool:
        """Reports what becomes of the files; returns whether a stop has left some unread."""
        stopped, left, begun, told = False, False, time.monotonic(), False
        while jobs:
            if not stopped and self._stop():
                stopped = True
                self._queue.withdraw(list(jobs))
            states = self._queue.states(list(jobs))  # before the files: what has ended says all
            for file in self._queue.files(list(jobs)):
                self._take(file, jobs)
            for key in [key for key in jobs if states.get(key) not in ("todo", "doing")]:
                left |= self._end(jobs.pop(key), stopped or states.get(key) in _GIVEN_BACK)
                self._queue.forget([key])
            told = told or self._say_if_nobody_works(begun)
            if jobs:
                time.sleep(_LOOK_SECONDS)
        return left

    def _take(self, file: File, jobs: dict[int, _Job]) -> None:
        job = jobs[file.job]
        if not file.path and file.report:
            self._queue.withdraw([key for key in jobs if key != file.job])
            self._queue.forget(list(jobs))
            raise error_of(file.report)
        if file.path in job.known or file.path not in job.sources:
            return
        if file.report:
            job.known.add(file.path)
            self._reporter.report_file(self._report(file, job.sources[file.path]))
        elif job.stages.get(file.path) != file[2:5]:
            job.stages[file.path] = file[2:5]
            self._reporter.report_stage(file.path, *file[2:5])

    def _report(self, file: File, source: Source) -> FileReport:
        """Returns a worker's report; what was left out of the text is read from the library."""
        record = self._store.ledger.get(source.key)
        key = record.document_id if record else None
        report = report_of(file.report)
        if key is None or report.outcome not in (Outcome.OK, Outcome.PARTIAL):
            return report
        return replace(report, notes=self._store.documents.notes([key]).get(key, ()))

    def _end(self, job: _Job, stopped: bool) -> bool:
        """Reports the files that a job has left; returns whether a stop was the cause."""
        unread = [path for path in job.sources if path not in job.known]
        if stopped:
            return bool(unread)
        for path in unread:
            reason = "every worker that began to read it has died → rag ingest reads it here"
            self._reporter.report_file(FileReport(path, Outcome.CRASHED, reason))
        return False

    def _say_if_nobody_works(self, begun: float) -> bool:
        if time.monotonic() - begun < _PATIENCE_SECONDS or self._queue.workers():
            return False
        name = self._store.engine.name
        log.warning("files wait for a worker, and none is at work → rag worker --library %s", name)
        return True


def queue_of(store: Store) -> Queue:
    """Returns the queue of a library. Raises UsageError for one in a folder."""
    if store.database is None:
        raise errors.UsageError(
            f"{store.engine.name} is a folder, which one process fills; workers need a database",
            f"rag copy {store.engine.name} postgresql://…",
        )
    from rag.storage.postgres.queue import Queue  # its driver is an extra

    return Queue(store.database)


def portions(sources: Sequence[Source]) -> Iterator[tuple[Path, bool, list[Source]]]:
    """Gives root, whether a person named the files, and some of them, until all are given."""

    def kind(source: Source) -> tuple[Path, bool]:
        return source.location.parents[source.path.count("/")], source.named

    for (root, named), group in groupby(sorted(sources, key=kind), kind):
        part: list[Source] = []
        size = 0
        for source in group:
            if part and (len(part) == MOST_FILES or size + source.size > MOST_BYTES):
                yield root, named, part
                part, size = [], 0
            part.append(source)
            size += source.size
        yield root, named, part


def written(report: FileReport) -> str:
    """Returns a report as JSON, without what was left out: that is text of the document."""
    return json.dumps(asdict(replace(report, notes=())))


def report_of(text: str) -> FileReport:
    """Returns the report that `written` made JSON of."""
    values = json.loads(text)
    return FileReport(**{**values, "outcome": Outcome(values["outcome"]), "notes": ()})


def written_error(error: errors.RagError) -> str:
    """Returns a failure as JSON."""
    return json.dumps([type(error).__name__, error.message, error.next_command])


def error_of(text: str) -> errors.RagError:
    """Returns the failure that `written_error` made JSON of."""
    kind, message, advice = json.loads(text)
    known = (errors.ModelMismatch, errors.ModelMissing, errors.UsageError, errors.LibraryDamaged)
    named: dict[str, type[errors.RagError]] = {found.__name__: found for found in known}
    return named.get(kind, errors.RagError)(message, advice)
