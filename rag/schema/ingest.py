"""What an ingest reports: outcomes of files, the progress of a run, the state of a library."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from rag.schema.documents import Document, Note, NoteKind
from rag.schema.removals import PURGED, Purge


class Outcome(StrEnum):
    """What became of one file. `FAILURES` lists those that put nothing into the library."""

    OK = "ok"
    PARTIAL = "partial"  # indexed, but some pages could not be read
    UNCHANGED = "unchanged"
    RENAMED = "renamed"
    DUPLICATE = "duplicate"  # same bytes as another file of the library; both paths are known
    REMOVED = "removed"
    STAYS_REMOVED = "stays_removed"  # a person removed it and has not asked for it again
    ENCRYPTED = "encrypted"  # this one and all below: FAILURES
    NO_TEXT = "no_text"
    UNSUPPORTED = "unsupported"
    TOO_LARGE = "too_large"
    BOMB = "bomb"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASHED = "crashed"
    UNREADABLE = "unreadable"
    OUTSIDE = "outside"  # a link that leads out of the ingested folder


FAILURES = frozenset(tuple(Outcome)[tuple(Outcome).index(Outcome.ENCRYPTED) :])


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What was parsed from a file; PARTIAL comes with the `reason`: what is missing."""

    document: Document
    outcome: Outcome = Outcome.OK
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file of an ingest: its path relative to the ingested root, and what became of it."""

    path: str
    outcome: Outcome
    reason: str = ""
    chunks: int = 0
    pages: int = 0  # of formats that have pages
    notes: tuple[Note, ...] = ()  # what was left out of the text, or read with doubt


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of a running ingest. `report` is set when a file has been decided.

    A file that is being read is at page `step` of `steps`, one that is being embedded has so many
    of its passages; both are 0 where that is not known.
    """

    done: int
    total: int
    path: str
    stage: str  # queued | reading | embedding | ready | failed | indexing
    report: FileReport | None = None
    step: int = 0
    steps: int = 0


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest did, file by file, in the order decided."""

    files: tuple[FileReport, ...]
    chunks: int
    seconds: Mapping[str, float] = field(default_factory=dict)
    stopped: bool = False
    purge: Purge = PURGED  # of what was edited or pruned

    @property
    def failed(self) -> tuple[FileReport, ...]:
        """Returns the files that put nothing into the library."""
        return tuple(report for report in self.files if report.outcome in FAILURES)

    def counts(self) -> dict[str, int]:
        """Returns the number of files per outcome, for those that occurred."""
        return dict(Counter[str](report.outcome for report in self.files))

    def redacted(self) -> dict[str, int]:
        """Returns how many pieces of personal data were made unreadable, by their kind."""
        counts = Counter[str]()
        for note in (note for report in self.files for note in report.notes):
            if note.kind is NoteKind.REDACTED:
                counts[note.where] += note.count
        return dict(counts)


@dataclass(frozen=True, slots=True)
class Reindexed:
    """How many of a library's passages have their vector of the new model.

    Until all have it, the library is searched with the old ones.
    """

    done: int
    total: int

    @property
    def finished(self) -> bool:
        """Tells whether the new vectors are in use."""
        return self.done == self.total


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a library, for `rag status` and the web app."""

    documents: int
    chunks: int
    files: Mapping[str, int]
    generation: Mapping[str, object] | None
    consistent: bool
    problems: tuple[str, ...]
    embedder: str
    languages: Mapping[str, int]
    private: bool = True  # no other user of the machine may read or change it
    engine: str = ""  # what holds it, with its version


class SharedJob(NamedTuple):
    """An upload as the server that reads it told it last (JSON); `lost`: silent ever since."""

    id: str
    row: str
    stopping: bool
    lost: bool
