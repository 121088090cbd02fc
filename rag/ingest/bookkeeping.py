"""What an ingest notes of files that it does not read, or that could not be read.

Knows nothing about readers and models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rag.errors import FileProblem
from rag.ingest.batches import search_terms
from rag.ingest.decisions import title_from_name
from rag.ingest.telling import Teller
from rag.schema import FAILURES, FileReport, Outcome
from rag.sources import Source, gone, key_of, root_of
from rag.store import FileRecord, Store


class Books:
    """The ledger's side of one ingest. `present`: keys of the files that the ingest has found."""

    def __init__(self, store: Store, tell: Teller) -> None:
        self._store = store
        self._tell = tell
        self.present: frozenset[str] = frozenset()

    def repeat(self, source: Source, known: FileRecord) -> None:
        """Tells again what is known of a file that has not changed."""
        failed = known.outcome in FAILURES
        outcome = Outcome(known.outcome) if failed else Outcome.UNCHANGED
        self._tell.report(FileReport(source.path, outcome, known.reason))

    def touch(self, source: Source, known: FileRecord, record: FileRecord) -> None:
        """Notes a new date of old bytes."""
        dates = {"modified_ns": record.modified_ns, "seen_ns": record.seen_ns}
        self._store.record(replace(known, **dates), known.document_id)  # type: ignore[arg-type]
        self.repeat(source, known)

    def fail(self, source: Source, record: FileRecord, problem: FileProblem) -> None:
        """Notes why a file gave no document; one that it held before goes."""
        noted = replace(record, outcome=problem.outcome, reason=str(problem))
        self._store.record(noted, None)
        self._tell.report(FileReport(source.path, Outcome(problem.outcome), str(problem)))

    def held(self, source: Source, record: FileRecord) -> bool:
        """Whether the library holds these bytes; notes the path and tells it if so."""
        document_id = self._store.documents.find(record.content_hash)
        if document_id is None:
            return False
        before = self._store.ledger.of_document(document_id)
        vanished = [
            each.source for each in before if each.source not in self.present and gone(each.source)
        ]
        with self._store.transaction():
            self._store.record(record, document_id)
            self._store.ledger.forget(vanished)
            if vanished:
                self._retitle(document_id, before[0].path, record.path)
        outcome = Outcome.RENAMED if vanished else Outcome.DUPLICATE
        self._tell.report(FileReport(source.path, outcome, f"same bytes as {before[0].path}"))
        return True

    def prune(self, paths: Sequence[Path]) -> None:
        """Removes files that are gone, only below the ingested paths."""
        below = [each for path in paths for each in self._store.ledger.below(key_of(root_of(path)))]
        # what is there but was not walked (uploads inside the library, say) is not gone
        lost = {
            each.source: each.path
            for each in below
            if each.source not in self.present and gone(each.source)
        }
        if lost:
            self._store.forget(list(lost))
        for path in lost.values():
            self._tell.report(FileReport(path, Outcome.REMOVED, "no longer there"))

    def _retitle(self, document_id: int, old: str, new: str) -> None:
        """A title that was made of the file's name follows it; vectors keep the old one."""
        document = self._store.documents.get(document_id)
        title = title_from_name(new)
        if document is None or document.title != title_from_name(old) or title == document.title:
            return
        self._store.rename(
            document_id, title, lambda chunk: search_terms(chunk, title, document.language)
        )
