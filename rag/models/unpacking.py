"""A model's folder out of an archive, with a limit on all that an archive can do.

Taken are plain files of the kinds a model has. Links, devices, names that lead out, encrypted or
sparse entries, code and pickles refuse the archive; so do more bytes than it declares, than the
disk has room for, or than anything honest packs into so few. Knows nothing about models but the
names of their files.
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

from rag import private
from rag.errors import ModelRefused
from rag.models.configs import is_inside
from rag.models.files import MOST_FILES, MOST_LEVELS, BadFile, write
from rag.models.folders import OWN_WEIGHTS, is_taken, runs_code
from rag.schema import Outcome

ARCHIVES = (".tar", ".tar.gz", ".tgz", ".zip")
MOST_BYTES = 1_000_000_000_000
MOST_RATIO = 20
RATIO_FREE = 100_000_000
"""Below this many bytes the ratio says nothing. Trained weights hardly pack at all."""

KEPT_FREE = 200_000_000  # bytes of the disk that a model does not get
_MOST_HEADERS = 16_000_000  # bytes of a tar file that are no data: names and extensions
_MOST_DIRECTORY = 4_000_000  # bytes of a zip that list its files
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Budget:
    """What may be written: by the room on the disk, and by the size of what it comes from."""

    def __init__(self, room: int, packed: int = 0) -> None:
        """`packed`: bytes of the archive; 0 for a folder."""
        self._room = max(room, 0)
        self._packed = packed
        self._entries = 0
        self._spent = 0
        self._declared = 0

    def count(self, entries: int = 1) -> None:
        """Of an archive. Raises BadFile."""
        self._entries += entries
        if self._entries > MOST_FILES:
            raise BadFile(f"has more than {MOST_FILES} files", Outcome.TOO_LARGE)

    def declare(self, count: int) -> None:
        """Bytes that are said to come. Raises BadFile where they are too many."""
        self._declared += max(count, 0)
        self._check(self._declared)

    def spend(self, count: int) -> None:
        """Bytes that do come. Raises BadFile where they are too many."""
        self._spent += count
        self._check(self._spent)

    def _check(self, count: int) -> None:
        if self._packed and count > RATIO_FREE and count > MOST_RATIO * self._packed:
            reason = f"unpacks to {count // self._packed} times its size and more"
            raise BadFile(reason, Outcome.BOMB)
        if count > MOST_BYTES:
            raise BadFile(f"has more than {MOST_BYTES // 10**9} GB", Outcome.TOO_LARGE)
        if count > self._room:
            said = f"takes {count / 1e9:.1f} GB and more, there is room for {self._room / 1e9:.1f}"
            raise BadFile(said, Outcome.TOO_LARGE)


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    size: int
    open: Callable[[], IO[bytes]]


def unpack(archive: Path, target: Path, room: int) -> tuple[Path, list[str]]:
    """The model's folder below `target`, which is made; and the names of what was not taken.

    `room`: bytes that may be written. Raises ModelRefused, which says why.
    """
    left_out: list[str] = []
    private.make_folder(target)
    try:
        budget = Budget(room, archive.stat().st_size)
        for entry in _zip(archive, budget) if archive.suffix == ".zip" else _tar(archive, budget):
            _check_name(entry.name)
            if not is_taken(entry.name):
                left_out.append(entry.name)
                continue
            with entry.open() as stream:
                count = _written(cast(BinaryIO, stream), target / entry.name, entry.name, budget)
            if count != entry.size:
                raise BadFile(f"{entry.name} has {count} bytes, {entry.size} were declared")
    except BadFile as error:
        message = f"archive {archive} is refused: {error}"
        raise ModelRefused(error.outcome, message, "use a plain archive of the folder") from error
    except Exception as error:  # the readers of archives raise anything at all on damaged ones
        cause = (str(error).splitlines() or [""])[0][:200] or type(error).__name__
        message = f"{archive} cannot be unpacked: {cause}"
        raise ModelRefused(Outcome.UNREADABLE, message, "pack it again") from error
    found = sorted(target.rglob("config.json"), key=lambda path: (len(path.parts), path))
    return (found[0].parent if found else target), left_out


def _written(stream: BinaryIO, target: Path, name: str, budget: Budget) -> int:
    try:
        return write(stream, target, budget)
    except (FileExistsError, NotADirectoryError) as error:  # a file, or the folder of one
        raise BadFile(f"{name} is in it twice") from error


def _check_name(name: str) -> None:
    parts = name.split("/")
    if not is_inside(name):
        raise BadFile(f"{name!r:.80} leads out of it", Outcome.OUTSIDE)
    if len(parts) > MOST_LEVELS or any(len(os.fsencode(part)) > 255 for part in parts):
        raise BadFile(f"{name!r:.80} is too long a name", Outcome.TOO_LARGE)
    if runs_code(name) and parts[-1] != OWN_WEIGHTS:
        raise BadFile(f"holds {name}; only safetensors and JSON are loaded", Outcome.UNSUPPORTED)


def _zip(archive: Path, budget: Budget) -> Iterator[_Entry]:
    with archive.open("rb") as raw:
        ending = zipfile._EndRecData(raw)  # type: ignore[attr-defined]
        if ending and ending[5] > _MOST_DIRECTORY:  # before a list is made of it
            raise BadFile(f"has more than {MOST_FILES} files", Outcome.TOO_LARGE)
        with zipfile.ZipFile(raw) as opened:
            entries = opened.infolist()
            budget.count(len(entries))
            budget.declare(sum(each.file_size for each in entries))
            for each in entries:
                _check_zipped(each)
                if not each.is_dir():
                    yield _Entry(each.filename, each.file_size, partial(opened.open, each))


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
            for each in opened:
                budget.count()
                if each.isdir():
                    continue
                if not each.isreg() or each.issparse():
                    cause = f"{each.name} is a link or no regular file"
                    raise BadFile(cause, Outcome.UNSUPPORTED)
                budget.declare(each.size)
                yield _Entry(each.name, each.size, partial(stream.data, opened, each))
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
        """One file's data, to be read to its end before the next header is."""
        self.reading = True
        return cast(IO[bytes], opened.extractfile(entry))

    def read(self, count: int = -1) -> bytes:
        """As of any stream."""
        if not self.reading:
            self._left -= max(count, 0)
        if self._left < 0 or count < 0:
            raise BadFile("has more names and extensions than a model needs", Outcome.BOMB)
        return self._raw.read(count)

    def seek(self, offset: int, whence: int = 0) -> int:
        """To a header, whose bytes count again."""
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        """As of any stream."""
        return self._raw.tell()
