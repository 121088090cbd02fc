"""Uploaded files on the disk: `uploads/` inside the library's folder, under their own names.

The browser's name is a stranger's word: only its last part is used, without signs that mean
something to a file system.
"""

from __future__ import annotations

import contextlib
import lzma
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from rag.errors import RagError, UsageError
from rag.jobs import Job, Jobs
from rag.library import Library
from rag.parsing.archive import open_archive
from rag.parsing.builder import unreadable
from rag.parsing.file import InnerFile
from rag.schema import FAILURES, UPLOADS, Outcome
from rag.system import private_files

ARCHIVE = ".zip"
_ZIP = b"PK"
_MAC_NOTES = "__MACOSX/"
_MAX_SUFFIX = 10  # of a member whose name is not usable
_DAMAGES = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, EOFError, OSError)
_MAX_BYTES = 180  # of a name; file systems take 255, and « (2)» must still fit
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069]')
_USELESS = frozenset({*FAILURES, Outcome.DUPLICATE})


def folder_of(library: Library) -> Path:
    """Returns where uploads of this library are kept."""
    return library.settings.library.resolve() / UPLOADS


def safe_name(name: str) -> str:
    """Returns the last part of a browser's file name, fit for any file system.

    Raises UsageError.
    """
    last = re.split(r"[/\\]", name)[-1]
    clean = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", last)).strip().lstrip(".~")
    stem, dot, suffix = clean.rpartition(".")
    if not dot:
        stem, suffix = clean, ""
    room = _MAX_BYTES - len((dot + suffix).encode())
    stem = stem.encode()[: max(room, 1)].decode("utf-8", "ignore").strip()
    if not stem or len(suffix) > _MAX_BYTES // 2:
        raise UsageError(f"«{name}» is not a usable file name", "rename the file")
    return f"{stem}{dot}{suffix}"


def save(library: Library, name: str, content: bytes) -> Path:
    """Writes an upload and returns where; a name taken by other content gets « (2)»."""
    folder = folder_of(library)
    path = folder / safe_name(name)
    try:
        private_files.make_folder(folder)
        stem, number = path.stem, 2
        while path.exists() and path.read_bytes() != content:
            path = path.with_stem(f"{stem} ({number})")
            number += 1
        private_files.write(path, content)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", "free some room") from error
    return path


def save_all(library: Library, name: str, content: bytes) -> list[Path]:
    """Writes an upload, or all files of one that is a ZIP archive; returns where they lie.

    The folders of an archive are not kept. Raises UsageError as `save` does, and FileProblem for
    an archive that is damaged, has a password or would unpack to too much: nothing of it stays.
    """
    if not (name.lower().endswith(ARCHIVE) and content.startswith(_ZIP)):
        return [save(library, name, content)]
    packed = InnerFile(name, content)
    saved: list[Path] = []
    try:
        with open_archive(packed) as archive:
            members = [item for item in archive.infolist() if _is_wanted(item)]
            for number, member in enumerate(members, 1):
                saved.append(_save_member(library, number, member.filename, archive.read(member)))
    except _DAMAGES as error:
        _delete(library, saved)
        raise unreadable(packed, f"the archive is damaged ({error})") from error
    except BaseException:
        _delete(library, saved)
        raise
    if not saved:
        raise UsageError(f"«{name}» holds no files", "add another file")
    return list(dict.fromkeys(saved))


def _is_wanted(member: zipfile.ZipInfo) -> bool:
    """Tells whether a member is a file of a person, and not what a Mac notes beside it."""
    return not member.is_dir() and not member.filename.startswith(_MAC_NOTES)


def _save_member(library: Library, number: int, name: str, content: bytes) -> Path:
    try:
        return save(library, safe_name(name), content)
    except UsageError:  # a name of signs alone; a full disk raises once more
        return save(library, f"{number}{PurePosixPath(name).suffix[:_MAX_SUFFIX]}", content)


def _delete(library: Library, paths: Sequence[Path]) -> None:
    """Deletes copies that no document has been read from."""
    known = {file.source for file in library.files()}
    for path in paths:
        if str(path) not in known:
            path.unlink(missing_ok=True)


def unread(library: Library) -> list[Path]:
    """Returns the uploaded files that no ingest has come to, sorted."""
    folder, known = folder_of(library), {file.source for file in library.files()}
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and not path.name.startswith(".") and str(path) not in known
    )


def read(library: Library, jobs: Jobs, paths: Sequence[Path]) -> Job:
    """Begins to ingest uploads; those that give nothing are deleted at the end."""
    return jobs.submit(paths, finish=lambda done, job: tidy(library, done, job))


def tidy(library: Library, paths: Sequence[Path], job: Job) -> None:
    """Deletes the uploads that gave nothing: unreadable ones, and copies of known files."""
    for path in paths:
        row = job.rows.get(path.name)
        if row is not None and row.outcome in _USELESS:
            _forget(library, path)
            path.unlink(missing_ok=True)


def _forget(library: Library, path: Path) -> None:
    with contextlib.suppress(RagError):  # it may never have reached the ledger
        library.remove([path])
