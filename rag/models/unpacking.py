"""A model's folder out of an archive, with a limit on all that an archive can do.

Taken are plain files of the kinds a model has. Links, devices, names that lead out, encrypted or
sparse entries, code and pickles refuse the archive; so do more bytes than it declares, than the
disk has room for, or than anything honest packs into so few.
"""

from __future__ import annotations

import gzip
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO, cast

from rag.errors import ModelRefused, cause_of
from rag.models.configs import is_inside
from rag.models.files import MOST_FILES, MOST_LEVELS, BadFile, Budget, write
from rag.models.folders import is_taken, runs_code
from rag.schema import Outcome
from rag.system import private_files

ARCHIVES = (".tar", ".tar.gz", ".tgz", ".zip")
_MOST_HEADERS = 16_000_000  # bytes of a tar file that are no data: names and extensions
_MOST_DIRECTORY = 4_000_000  # bytes of a zip that list its files
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    size: int
    open: Callable[[], IO[bytes]]


def unpack(archive: Path, target: Path, room: int) -> tuple[Path, list[str]]:
    """Returns the model's folder below `target`, and the names of what was not taken.

    `room`: bytes that may be written. Raises ModelRefused, which says why.
    """
    left_out: list[str] = []
    private_files.make_folder(target)
    try:
        budget = Budget(room, archive.stat().st_size)
        for entry in _zip(archive, budget) if archive.suffix == ".zip" else _tar(archive, budget):
            _check_name(entry.name)
            if not is_taken(entry.name):
                left_out.append(entry.name)
                continue
            with entry.open() as stream:
                try:
                    count = write(cast(BinaryIO, stream), target / entry.name, budget)
                except (FileExistsError, NotADirectoryError) as error:  # a file, or one's folder
                    raise BadFile(f"{entry.name} is in it twice") from error
            if count != entry.size:
                raise BadFile(f"{entry.name} has {count} bytes, {entry.size} were declared")
    except BadFile as error:
        message = f"archive {archive} is refused: {error}"
        raise ModelRefused(error.outcome, message, "use a plain archive of the folder") from error
    except Exception as error:  # the readers of archives raise anything at all on damaged ones
        message = f"{archive} cannot be unpacked: {cause_of(error)}"
        raise ModelRefused(Outcome.UNREADABLE, message, "pack it again") from error
    found = sorted(target.rglob("config.json"), key=lambda path: (len(path.parts), path))
    return (found[0].parent if found else target), left_out


def _check_name(name: str) -> None:
    parts = name.split("/")
    if not is_inside(name):
        raise BadFile(f"{name!r:.80} leads out of it", Outcome.OUTSIDE)
    if len(parts) > MOST_LEVELS or any(len(os.fsencode(part)) > 255 for part in parts):
        raise BadFile(f"{name!r:.80} is too long a name", Outcome.TOO_LARGE)
    if runs_code(name):
        raise BadFile(f"holds {name}; only safetensors and JSON are loaded", Outcome.UNSUPPORTED)


def _zip(archive: Path, budget: Budget) -> Iterator[_Entry]:
    with archive.open("rb") as raw:
        ending = zipfile._EndRecData(raw)  # type: ignore[attr-defined]
        if ending and ending[5] > _MOST_DIRECTORY:  # before a list is made of it
            raise BadFile(f"has more than {MOST_FILES} files", Outcome.TOO_LARGE)
        with zipfile.ZipFile(raw) as opened:
            entries = opened.infolist()
            budget.count(len(entries))
            budget.declare(sum(entry.file_size for entry in entries))
            for entry in entries:
                _check_zipped(entry)
                if not entry.is_dir():
                    yield _Entry(entry.filename, entry.file_size, partial(opened.open, entry))


def _check_zipped(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & 1:
        raise BadFile(f"{entry.filename} is encrypted", Outcome.ENCRYPTED)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise BadFile(f"{entry.filename} is a link or no regular file", Outcome.UNSUPPORTED)
    if entry.compress_type not in _PACKINGS:
        raise BadFile(f"{entry.filename} is packed in an unusual way", Outcome.UNSUPPORTED)


def _tar(archive: Path, budget: Budget) -> Iterator[_Entry]:
    plain = archive.suffix == ".tar"
    with archive.open("rb") if plain else gzip.open(archive) as raw:
        stream = _Headers(cast(BinaryIO, raw))
        with tarfile.open(fileobj=stream, mode="r:") as opened:  # type: ignore[call-overload]
            for entry in opened:
                budget.count()
                if entry.isdir():
                    continue
                if not entry.isreg() or entry.issparse():
                    cause = f"{entry.name} is a link or no regular file"
                    raise BadFile(cause, Outcome.UNSUPPORTED)
                budget.declare(entry.size)
                yield _Entry(entry.name, entry.size, partial(stream.data, opened, entry))
                stream.reading = False


class _Headers:
    """A tar file's stream that limits what is read of it beside the data of its files.

    Names and extensions are read as a whole by tarfile, however long a header says they are.
    """

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._left = _MOST_HEADERS
        self.reading = False  # of data

    def data(self, opened: tarfile.TarFile, entry: tarfile.TarInfo) -> IO[bytes]:
        """Opens one file's data, to be read to its end before the next header is."""
        self.reading = True
        return cast(IO[bytes], opened.extractfile(entry))

    def read(self, count: int = -1) -> bytes:
        """Reads as any stream does, and refuses too many bytes of headers."""
        if not self.reading:
            self._left -= max(count, 0)
        if self._left < 0 or count < 0:
            raise BadFile("has more names and extensions than a model needs", Outcome.BOMB)
        return self._raw.read(count)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Goes to a header, whose bytes count again."""
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        """Returns the position in the stream."""
        return self._raw.tell()
