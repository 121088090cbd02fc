"""What is noted of files that are not read, that could not be read, or that go."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from rag.conversations import Conversations
from rag.errors import FileProblem, UsageError
from rag.indexing.batch_writer import chunk_terms
from rag.indexing.progress import ProgressReporter
from rag.indexing.sources import Source, gone, key_of, root_of
from rag.parsing.titles import title_from_name
from rag.schema import FAILURES, FileReport, Outcome
from rag.storage import FileRecord, Store


class LedgerUpdater:
    """The ledger's side of one ingest.

    `present`: keys of the files that the ingest has found. `below`: how those of files begin that
    are believed to be gone where none is met; elsewhere a folder may not be shared with a worker.
    """

    def __init__(self, store: Store, reporter: ProgressReporter) -> None:
        self._store = store
        self._reporter = reporter
        self.present: frozenset[str] = frozenset()
        self.below = ""

    def report_unchanged(self, source: Source, known: FileRecord) -> None:
        """Reports what is known of a file that has not changed."""
        failed = known.outcome in FAILURES
        outcome = Outcome(known.outcome) if failed else Outcome.UNCHANGED
        self._reporter.report_file(FileReport(source.path, outcome, known.reason))

    def update_dates(self, source: Source, known: FileRecord, record: FileRecord) -> None:
        """Notes a new date of bytes that are known."""
        dates = {"modified_ns": record.modified_ns, "seen_ns": record.seen_ns}
        self._store.record(replace(known, **dates), known.document_id)  # type: ignore[arg-type]
        self.report_unchanged(source, known)

    def keeps_out(self, source: Source, restored: bool) -> bool:
        """Tells, and reports, whether a file stays out because a person removed it.

        One that is `restored` is forgotten to have been removed.
        """
        if not self._store.ledger.is_removed(source.key):
            return False
        if restored:
            self._store.ledger.forget_removed(source.key)
        else:
            self._report_kept_out(source, "it was removed from the library")
        return not restored

    def keep_out(self, source: Source, content_hash: str) -> None:
        """Notes and reports a file with the bytes of one that a person removed."""
        self._store.ledger.note_removed(source.key, content_hash)
        self._report_kept_out(source, "a file with these bytes was removed from the library")

    def _report_kept_out(self, source: Source, reason: str) -> None:
        advice = f"rag ingest {shlex.quote(source.key)} brings it back"
        outcome = Outcome.STAYS_REMOVED
        text = str(FileProblem(outcome, reason, advice))
        self._reporter.report_file(FileReport(source.path, outcome, text))

    def record_failure(self, source: Source, record: FileRecord, problem: FileProblem) -> None:
        """Notes why a file gave no document, and drops the one that it gave before.

        Not one of the same bytes: what was once read of them stays.
        """
        known = self._store.ledger.get(source.key)
        if known and known.document_id and known.content_hash == record.content_hash:
            self.report_unchanged(source, known)
            return
        noted = replace(record, outcome=problem.outcome, reason=str(problem))
        self._store.record(noted, None)
        self._reporter.report_file(FileReport(source.path, Outcome(problem.outcome), str(problem)))

    def link_to_stored(self, source: Source, record: FileRecord) -> bool:
        """Notes and reports the path if the library holds these bytes; tells whether it does."""
        document_id = self._store.documents.find(record.content_hash)
        if document_id is None:
            return False
        before = self._store.ledger.of_document(document_id)
        vanished = [
            file.source
            for file in before
            if file.source not in self.present
            and file.source.startswith(self.below)
            and gone(file.source)
        ]
        with self._store.transaction():
            self._store.record(record, document_id)
            self._store.collections.move(vanished, record.source)
            self._store.ledger.forget(vanished)
            if vanished:
                self._retitle(document_id, before[0].path, record.path)
        outcome = Outcome.RENAMED if vanished else Outcome.DUPLICATE
        self._reporter.report_file(
            FileReport(source.path, outcome, f"same bytes as {before[0].path}")
        )
        return True

    def remove_missing(self, paths: Sequence[Path]) -> None:
        """Removes files that are gone, only below the ingested paths."""
        below = [file for path in paths for file in self._store.ledger.below(key_of(root_of(path)))]
        # what is there but was not walked (uploads inside the library, say) is not gone
        lost = {
            file.source: file.path
            for file in below
            if file.source not in self.present and gone(file.source)
        }
        if lost:
            self._store.forget(list(lost))
        for path in lost.values():
            self._reporter.report_file(FileReport(path, Outcome.REMOVED, "no longer there"))

    def _retitle(self, document_id: int, old: str, new: str) -> None:
        """Gives a document titled after its file the new name; its vectors keep the old one."""
        document = self._store.documents.get(document_id)
        title = title_from_name(new)
        if document is None or document.title != title_from_name(old) or title == document.title:
            return
        self._store.rename(
            document_id, title, lambda chunk: chunk_terms(chunk, title, document.language)
        )


def remove(
    store: Store, paths: Sequence[Path], conversations: Conversations
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Removes files, or all files below a folder; call inside the write lock.

    A path is one on disk or one as the library shows it. Answers that hold text of what goes are
    erased from the conversations first. Returns the paths of all that was removed, and of the
    uploaded copies among them, sorted. Raises UsageError for an unknown path.
    """
    shown = {file.source: file.path for path in paths for file in _files(store, path)}
    conversations.forget_documents(_held_by_none_but(store, shown))
    copies = store.remove(list(shown))
    return tuple(sorted(shown.values())), tuple(sorted(shown[source] for source in copies))


def _held_by_none_but(store: Store, sources: Collection[str]) -> set[int]:
    """Returns the documents that go with these files."""
    records = [record for source in sources if (record := store.ledger.get(source))]
    ids = {record.document_id for record in records if record.document_id is not None}
    return {
        document_id
        for document_id in ids
        if all(file.source in sources for file in store.ledger.of_document(document_id))
    }


def _files(store: Store, path: Path) -> list[FileRecord]:
    found = store.ledger.below(key_of(root_of(path))) or store.ledger.named(path.as_posix())
    if not found:
        raise UsageError(f"{path} is not in the library", "rag status --verbose lists the files")
    return found
