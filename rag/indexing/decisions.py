"""What a file needs: nothing, a note in the ledger, or to be read.

A file is known by the hash of its bytes; size and date only save looking at them.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Sequence
from importlib import metadata, util
from pathlib import Path
from typing import BinaryIO

from rag.config import Settings
from rag.errors import FileProblem
from rag.indexing.sources import Source
from rag.personal_data import KINDS, chosen as chosen
from rag.schema import FAILURES, Outcome
from rag.storage import FileRecord

ATTEMPTS = 3  # a file that failed this often is not read again until something changes
SETTLED_NS = 2_000_000_000  # a date this close to the last look may hide a later change
_BLOCK = 1 << 20
_OCR = " ocr"  # at the end of the limits, where pictures can be read
_BY_CHANCE = frozenset({Outcome.TIMEOUT, Outcome.MEMORY, Outcome.CRASHED, Outcome.UNREADABLE})
"""Failures that another attempt may end otherwise, for the machine may have been busy."""


def limits_of(settings: Settings) -> str:
    """Returns what a parser is granted and able to do.

    Other limits are a reason to read a file again that failed.
    """
    able = _OCR if util.find_spec("rapidocr") else ""
    try:
        version = metadata.version("fuente")
    except metadata.PackageNotFoundError:  # run from a folder that was never installed
        version = ""
    return f"{version} {settings.read_timeout:g} s {settings.reader_memory_mb} MB{able}"


def unreadable(kinds: Sequence[str], known: FileRecord | None) -> tuple[str, ...]:
    """Returns the kinds of personal data to make unreadable in a file: what once was so stays."""
    before = known.redacted if known else ()
    return tuple(kind for kind in KINDS if kind in (*kinds, *before))


def unchanged_since_scan(known: FileRecord, source: Source) -> bool:
    """Tells whether size and date alone say that the file is as it was."""
    same = (known.size, known.modified_ns) == (source.size, source.modified_ns)
    return same and known.seen_ns - known.modified_ns > SETTLED_NS


def worth_reading(known: FileRecord, limits: str, asked: bool = False) -> bool:
    """Tells whether a file that failed is to be read again though its bytes are the same.

    It always is where a person has `asked` for it. So is one that was read in part, and once
    pictures can be read that could not.
    """
    if known.outcome == Outcome.PARTIAL:
        return asked or (limits.endswith(_OCR) and not known.limits.endswith(_OCR))
    if known.outcome not in FAILURES:
        return False
    if asked or known.limits != limits or not known.content_hash:
        # without a hash its bytes were never seen: too large, or not permitted; that may change
        return True
    return known.outcome in _BY_CHANCE and known.attempts < ATTEMPTS


def record_of(
    source: Source, digest: str, known: FileRecord | None, limits: str = ""
) -> FileRecord:
    """Returns a record of the file as it is now.

    Its attempts are counted on while bytes and limits stay.
    """
    same = known is not None and known.content_hash == digest and known.limits == limits
    return FileRecord(
        source=source.key,
        path=source.path,
        size=source.size,
        modified_ns=source.modified_ns,
        seen_ns=time.time_ns(),
        content_hash=digest,
        outcome=Outcome.OK,
        attempts=known.attempts + 1 if known and same else 1,
        limits=limits,
    )


def hash_of(source: Source, most_mb: int) -> str:
    """Returns the SHA-256 of the file's bytes.

    Raises FileProblem when they are too many or cannot be read. `hashlib.file_digest` would read a
    file that grows for ever.
    """
    most = most_mb * 1_000_000
    if source.size > most:
        raise _too_large(source.size, most_mb)
    hasher, size = hashlib.sha256(), 0
    try:
        with _open_regular(source.location) as stream:
            while block := stream.read(_BLOCK):
                hasher.update(block)
                size += len(block)
                if size > most:  # it grows, or the system said less than there is
                    raise _too_large(size, most_mb)
    except OSError as error:
        raise FileProblem(
            Outcome.UNREADABLE, f"cannot be opened: {error.strerror}", "check its permissions"
        ) from error
    return hasher.hexdigest()


def _open_regular(location: Path) -> BinaryIO:
    """Opens a file; does not wait for a pipe, should it have become one since it was met."""
    handle = os.open(
        location, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    )
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise FileProblem(Outcome.UNSUPPORTED, "it is no regular file any more", "remove it")
    return os.fdopen(handle, "rb")


def _too_large(size: int, most_mb: int) -> FileProblem:
    reason = f"{size // 1_000_000} MB, the limit is {most_mb} MB"
    return FileProblem(Outcome.TOO_LARGE, reason, "raise max_file_mb, or split the file")
