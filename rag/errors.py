"""Everything Fuente says when it cannot go on.

RagError                  one message: the thing, the cause, the next command
├── UsageError            wrong flags, paths or values: exit code 2
├── FileProblem           one file could not be read: carries the typed outcome
├── LibraryBusy           another process is writing
├── LibraryDamaged        the database fails its checks
├── ModelMismatch         the library was built with another embedder
├── ModelMissing          weights or an extra are not installed
│   └── ModelRefused      a folder or archive that may not come in: carries the typed outcome
├── GeneratorBusy         too many questions wait for the language model
├── GeneratorFailed       the language model or its server gave no answer
└── EmptyLibrary          a question before any ingest

This module knows nothing about how a message is shown.
"""

from __future__ import annotations


class RagError(Exception):
    """Base of every stated failure. `next_command` is what to run or do about it."""

    def __init__(self, message: str, next_command: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.next_command = next_command

    def __str__(self) -> str:
        return f"{self.message} → {self.next_command}" if self.next_command else self.message


class UsageError(RagError):
    """The call itself is wrong; nothing was done."""


class FileProblem(RagError):
    """One file gave no document. `outcome` is a value of `schema.Outcome`; the batch goes on."""

    def __init__(self, outcome: str, reason: str, next_command: str = "") -> None:
        super().__init__(reason, next_command)
        self.outcome = outcome


class LibraryBusy(RagError):
    """Another process holds the write lock."""


class LibraryDamaged(RagError):
    """The database or a derived file failed its checks and could not be rebuilt."""


class ModelMismatch(RagError):
    """The vectors on disk come from another embedder than the configured one."""


class ModelMissing(RagError):
    """A model or an optional package is not on this machine."""


class ModelRefused(ModelMissing):
    """What is offered as a model may not come in or be loaded. `outcome` is as of a file."""

    def __init__(self, outcome: str, message: str, next_command: str = "") -> None:
        super().__init__(message, next_command)
        self.outcome = outcome


class GeneratorBusy(RagError):
    """More questions wait for the language model than may; nothing was begun."""


class GeneratorFailed(RagError):
    """The language model, or the server that runs it, gave no answer or no whole one."""


class EmptyLibrary(RagError):
    """There is nothing to search yet."""
