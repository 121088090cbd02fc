"""A library in one file, and back: what cannot be made again, with a checksum of each part.

The database is copied as of one moment, also while others write to it. The FAISS file is left out:
it is made anew from the stored vectors.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import IO

from rag.conversations.file import NAME as CONVERSATIONS
from rag.errors import LibraryDamaged, UsageError
from rag.schema import UPLOADS
from rag.storage.database import FILE_NAME as DATABASE
from rag.system import private_files

_MANIFEST = "manifest.json"
_FORMAT = 1
_DATABASES = (DATABASE, CONVERSATIONS)
_FILES = ("tokens.json", "access.json", "audit.jsonl")  # of the server
_BLOCK = 1 << 20  # bytes
_AGAIN = "make another backup: rag backup FILE"


def backup(library: Path, out: Path) -> int:
    """Writes the library in a folder to a new file; returns how many parts it has.

    Raises UsageError where there is no library, or where the file is there or cannot be written.
    """
    if not (library / DATABASE).is_file():
        raise UsageError(f"{library} holds no library", "rag ingest FOLDER")
    if out.exists():
        raise UsageError(f"{out} is there already", "name another file")
    half = out.with_name(f".{os.getpid()}-{out.name}")
    try:
        with private_files.create(half) as stream:
            count = _write(library, stream, out.absolute().parent)
        half.replace(out)
    except OSError as error:
        raise UsageError(
            f"{out} cannot be written: {error.strerror}", "name another file"
        ) from error
    finally:
        half.unlink(missing_ok=True)
    return count


def restore(archive: Path, library: Path) -> int:
    """Puts a backup into a folder that is empty or not there; returns how many parts it has.

    The folder is there whole or not at all. Raises UsageError for a folder that holds something,
    and LibraryDamaged for a backup that is not as it was written.
    """
    if library.exists() and (not library.is_dir() or any(library.iterdir())):
        raise UsageError(f"{library} is not empty", "name another folder with --library")
    private_files.make_folder(library.absolute().parent)
    half = Path(tempfile.mkdtemp(prefix=".restoring-", dir=library.absolute().parent))
    try:
        with zipfile.ZipFile(archive) as parts:
            sums = _sums(archive, parts)
            for name, expected in sums.items():
                _extract(archive, parts, name, expected, half / name)
        if library.exists():
            library.rmdir()
        half.replace(library)
    except (OSError, zipfile.BadZipFile, zlib.error, RuntimeError) as error:
        raise LibraryDamaged(f"{archive} cannot be read: {error}", _AGAIN) from error
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return len(sums)


def _write(library: Path, stream: IO[bytes], beside: Path) -> int:
    sums = {}
    with (
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as parts,
        tempfile.TemporaryDirectory(prefix=".backup-", dir=beside) as temporary,
    ):
        for name, path in _parts(library, Path(temporary)):
            with path.open("rb") as source, parts.open(name, "w", force_zip64=True) as target:
                sums[name] = _copy(source, target)
        parts.writestr(_MANIFEST, json.dumps({"format": _FORMAT, "sha256": sums}))
    return len(sums)


def _parts(library: Path, temporary: Path) -> Iterator[tuple[str, Path]]:
    """Gives the parts by name, and where each can be read; databases as of one moment."""
    for name in _DATABASES:
        if (library / name).is_file():
            yield name, _snapshot(library / name, temporary / name)
    for name in _FILES:
        if (library / name).is_file():
            yield name, library / name
    uploads = library / UPLOADS
    for path in sorted(uploads.iterdir()) if uploads.is_dir() else ():
        if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
            yield f"{UPLOADS}/{path.name}", path


def _snapshot(database: Path, copy: Path) -> Path:
    private_files.touch(copy)
    source = sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)
    target = sqlite3.connect(copy)
    try:
        source.backup(target)
    except sqlite3.Error as error:
        raise LibraryDamaged(f"{database} cannot be copied: {error}", "rag doctor") from error
    finally:
        source.close()
        target.close()
    return copy


def _sums(archive: Path, parts: zipfile.ZipFile) -> dict[str, str]:
    """Returns the checksums by the names of the parts; names lead nowhere else."""
    try:
        manifest = json.loads(parts.read(_MANIFEST))
        sums = {str(name): str(value) for name, value in manifest["sha256"].items()}
        known = manifest["format"] == _FORMAT and DATABASE in sums
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise LibraryDamaged(f"{archive} is no backup of Fuente", _AGAIN) from error
    if not known or not all(map(_harmless, sums)):
        raise LibraryDamaged(f"{archive} is no backup that this version can read", _AGAIN)
    return sums


def _harmless(name: str) -> bool:
    folder, _, file = name.rpartition("/")
    if folder == UPLOADS:
        return bool(file) and not file.startswith(".") and Path(file).name == file
    return name in (*_DATABASES, *_FILES)


def _extract(archive: Path, parts: zipfile.ZipFile, name: str, expected: str, path: Path) -> None:
    private_files.make_folder(path.parent)
    try:
        with parts.open(name) as source, private_files.create(path) as target:
            found = _copy(source, target)
            target.flush()
            os.fsync(target.fileno())
    except KeyError as error:
        raise LibraryDamaged(f"{archive} lacks its part {name}", _AGAIN) from error
    if found != expected:
        raise LibraryDamaged(f"{archive}: {name} is not as it was written", _AGAIN)


def _copy(source: IO[bytes], target: IO[bytes]) -> str:
    """Copies a stream; returns the checksum of what it held."""
    total = sha256()
    while block := source.read(_BLOCK):
        total.update(block)
        target.write(block)
    return total.hexdigest()
