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
├── EmbedderFailed        the server that embeds passages gives no vectors
├── ServerRefused         the server whose library is used gives no answer, or lets nobody in
│   └── SignedOut         whoever asks has to sign in again
└── EmptyLibrary          a question before any ingest
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager


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


class EmbedderFailed(RagError):
    """The server that embeds passages does not answer, or gives no vectors."""


class ServerRefused(RagError):
    """The server whose library is used does not answer, or does not allow what was asked of it."""


class SignedOut(ServerRefused):
    """The token is unknown to the server, or the session has ended."""


class EmptyLibrary(RagError):
    """There is nothing to search yet."""


def cause_of(error: BaseException) -> str:
    """Returns the first line of what an error says, cut short; its kind where it says nothing."""
    return (str(error).splitlines() or [""])[0][:300] or type(error).__name__


@contextmanager
def stated(attempt: str, advice: str) -> Iterator[None]:
    """Makes a ModelMissing of whatever goes wrong inside; `attempt` names the model and the deed.

    Libraries raise anything at all on a stranger's files, those in Rust even past `Exception`.
    """
    try:
        yield
    except (RagError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            advice = "make room on the disk"
        raise ModelMissing(f"{attempt}: {cause_of(error)}", advice) from error


@contextmanager
def needing(extra: str, subject: str) -> Iterator[None]:
    """Makes a ModelMissing of a failed import inside: `subject` needs that extra of Fuente."""
    try:
        yield
    except ImportError as error:
        raise ModelMissing(
            f"{subject} needs the extra «{extra}», which is not installed ({error})",
            f'pip install "fuente[{extra}]"',
        ) from error
