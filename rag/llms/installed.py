"""The language models of this machine: a folder of them, each with its sha256 sums.

Brings models in from folders and archives, and out for machines without a network. A model is in as
a whole or not at all: it is copied or unpacked beside, looked over, held against its sums, brought
down to the disk and then renamed.
"""

from __future__ import annotations

import contextlib
import re
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from rag.errors import LibraryBusy, ModelMissing, UsageError, stated
from rag.models.copying import copy, copy_file
from rag.models.files import BadFile, members, sync, sync_one, wipe
from rag.models.folders import (
    cache_bytes,
    check_folder,
    gguf_of,
    weight_bytes,
)
from rag.models.gguf import SUFFIX as GGUF, parts_of, read_header
from rag.models.manifests import MANIFEST, manifest_of, origin_of, seal, sums_of, verify
from rag.models.unpacking import ARCHIVES, unpack
from rag.system import private_files

CONTEXT = 4096  # tokens for which memory is counted
KEPT_FREE = 200_000_000  # bytes of the disk that a model does not get
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}\Z")
_HALF = ".import-"
_PATIENCE = 10.0  # seconds that one import waits for another
_LIST = "rag models list"
_ADVICE = "give a GGUF file, or a folder with config.json, tokenizer.json and *.safetensors"


@dataclass(frozen=True, slots=True)
class Installed:
    """A model of the folder. `memory`: bytes to run it with a context of 4096 tokens.

    `broken` says why it cannot be used, where it cannot; `left_out` names what came with it and is
    no part of a model.
    """

    name: str
    folder: Path
    generator: str
    size: int
    memory: int
    licence: str
    source: str
    revision: str
    broken: str = ""
    left_out: tuple[str, ...] = ()

    @property
    def remedy(self) -> str:
        """Returns the command that takes it away."""
        return f"rag models remove {shlex.quote(self.name)}"

    def required(self) -> Installed:
        """Returns itself; raises ModelMissing where it is broken."""
        if self.broken:
            raise ModelMissing(f"model «{self.name}» is broken: {self.broken}", self.remedy)
        return self


class Models:
    """The models below one folder, which need not be there yet."""

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser()

    def all(self) -> list[Installed]:
        """Lists all by name, broken ones too. Raises ModelMissing for a folder that is locked."""
        with stated(f"the folder of models {self.root} cannot be read", "check its permissions"):
            folders = sorted(self.root.iterdir()) if self.root.exists() else []
        return [describe(folder) for folder in folders if not folder.name.startswith(".")]

    def arriving(self) -> int:
        """Returns the bytes that have come of what is being brought in."""
        halves = [path for path in self.root.glob(".*-*") if path.is_dir()]
        found = 0
        for path in (path for half in halves for path in half.rglob("*")):
            with contextlib.suppress(OSError):  # it is renamed or removed meanwhile
                found += path.stat().st_size if path.is_file() else 0
        return found

    def find(self, name: str) -> Installed | None:
        """Finds a model by its name here, or else by the one that it was pulled by."""
        here = self.all()
        named = [model for model in here if model.name == name]
        return next(iter(named or [model for model in here if model.source == name]), None)

    def get(self, name: str) -> Installed:
        """Does as `find`; raises UsageError, with the names there are."""
        found = self.find(name)
        if found is None:
            names = ", ".join(model.name for model in self.all()) or "none"
            raise UsageError(f"no model «{name}» in {self.root}: there are {names}", _LIST)
        return found

    def sound(self, name: str) -> Installed | None:
        """Does as `find`; raises ModelMissing for one that is broken."""
        found = self.find(name)
        return found and found.required()

    def new_folder(self, name: str) -> Path:
        """Returns where a new model goes. Raises UsageError for no name, or one that is taken."""
        if not _NAME.match(name):
            raise UsageError(f"«{name}» is no name for a model", "take letters, digits, . _ and -")
        target = self.root / name
        if target.exists() or target.is_symlink():
            raise UsageError(f"there is a model «{name}» already", f"rag models remove {name}")
        with stated(f"{self.root} cannot be written", "set models to another folder"):
            private_files.make_folder(self.root)
        return target

    def add(self, source: Path, name: str = "") -> Installed:
        """Copies a GGUF file, a model folder, or the one in an archive, once it has been checked.

        Files of an export are held against their sums. Raises UsageError, and ModelMissing for what
        is no model or may not be loaded.
        """
        if source.is_dir():
            check_folder(source)
            require_model(source)
            name = name or source.resolve().name
        elif not source.name.endswith((GGUF, *ARCHIVES)) or not source.is_file():
            kinds = ", ".join((GGUF, *ARCHIVES))
            raise UsageError(f"{source} is no model folder and no {kinds}", _ADVICE)
        suffixes = r"\.(gguf|tar|tar\.gz|tgz|zip)$"
        target = self.new_folder(name or re.sub(suffixes, "", source.name))
        with self.scratch() as half, stated(f"{source} could not be brought in", _ADVICE):
            room = shutil.disk_usage(half).free - KEPT_FREE
            folder = half / "model"
            if source.is_dir():
                left_out = copy(source, folder, room)
            elif source.name.endswith(GGUF):
                left_out = copy_file(source, folder, room)
            else:
                folder, left_out = unpack(source, folder, room)
            return settle(folder, target, source, left_out=left_out)

    def export(self, name: str, to: Path) -> Path:
        """Copies a model with its sums to `to`/name, for `add` on another machine."""
        found = self.get(name).required()
        target = to / found.name
        if target.exists():
            raise UsageError(f"{target} is there already", "name another folder")
        verify(found.folder, sums_of(found.folder), found.folder)
        with stated(f"«{name}» could not be copied to {to}", "check the path"):
            to.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=to, prefix=_HALF) as half:
                copy(found.folder, Path(half) / "model", shutil.disk_usage(to).free)
                sync(Path(half))
                (Path(half) / "model").rename(target)
        return target

    def remove(self, name: str) -> Installed:
        """Deletes a model from the disk, a broken one too."""
        found = self.get(name)
        with self.scratch() as half, stated(f"«{name}» cannot be removed", "check permissions"):
            found.folder.rename(half / "model")  # gone at once, or not at all
        return found

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Makes a folder beside the models, gone afterwards, and removes what a killed import left.

        Raises LibraryBusy while another process brings a model in.
        """
        with stated(f"{self.root} cannot be written", "set models to another folder"):
            private_files.make_folder(self.root)
            lock = FileLock(self.root / ".lock", timeout=_PATIENCE, mode=private_files.FILE_MODE)
            try:
                lock.acquire()
            except Timeout as error:
                busy = f"another process brings a model into {self.root}"
                raise LibraryBusy(busy, "wait until it is done") from error
        try:
            with stated(f"{self.root} cannot be written", "set models to another folder"):
                for left in list(self.root.glob(f"{_HALF}*")):
                    wipe(left)
                half = Path(tempfile.mkdtemp(dir=self.root, prefix=_HALF))
            try:
                yield half
            finally:
                wipe(half)
        finally:
            lock.release()


def settle(
    folder: Path,
    target: Path,
    source: Path,
    facts: Mapping[str, Any] | None = None,
    left_out: Sequence[str] = (),
) -> Installed:
    """Looks a folder beside `target` over and makes it `target`, sealed. Raises ModelMissing.

    `source`: where it came from, its name in messages.
    """
    check_folder(folder, called=source)
    require_model(folder, source)
    sums = sums_of(folder)
    verify(folder, sums, source)
    gguf = gguf_of(folder)
    stated_in_it = {"licence": gguf and read_header(gguf).licence}
    origin = {"source": str(source), **stated_in_it, **origin_of(folder)}
    kept = {**origin, **(facts or {}), "name": target.name}
    seal(folder, kept, sums, left_out)
    private_files.close(folder)  # converters and the hub's client give modes of their own
    sync(folder)
    folder.rename(target)
    sync_one(target.parent)
    return describe(target)


def describe(folder: Path) -> Installed:
    """Returns what the folder says of itself, or why it cannot be used."""
    facts: Mapping[str, Any] = {}
    size = memory = 0
    broken = ""
    try:
        if folder.is_symlink() or not folder.is_dir():
            raise BadFile("it is no folder")
        size = sum(member.size for member in members(folder))
        facts = manifest_of(folder)
        require_model(folder)
        memory = int(1.1 * weight_bytes(folder)) + cache_bytes(folder, CONTEXT)
        if not facts:
            raise BadFile(f"it has no {MANIFEST}: nobody has checked it")
    except (BadFile, ModelMissing, OSError) as error:
        broken = error.message if isinstance(error, ModelMissing) else str(error)
    return Installed(
        name=folder.name,
        folder=folder,
        generator=generator_of(folder),
        size=size,
        memory=memory,
        licence=str(facts.get("licence") or "not stated"),
        source=str(facts.get("source") or folder),
        revision=str(facts.get("revision") or ""),
        broken=broken,
        left_out=tuple(map(str, facts.get("left_out") or ())),
    )


def generator_of(folder: Path) -> str:
    """Returns the generator that a model's folder is made for."""
    return "llama.cpp" if gguf_of(folder) else "transformers"


def require_model(folder: Path, called: object = None) -> None:
    """Raises ModelMissing where weights, configuration or tokenizer are missing."""
    if gguf := gguf_of(folder):  # it holds all that the others have in files
        others = {*folder.glob(f"*{GGUF}")} - {*parts_of(gguf)}
        if others:
            raise ModelMissing(
                f"{called or folder} holds several models: {gguf.name}, {others.pop().name}",
                f"bring one of them in: rag models import {folder / gguf.name}",
            )
        return
    missing = [n for n in ("config.json", "tokenizer.json") if not (folder / n).is_file()]
    if not weight_bytes(folder):
        missing.append("*.safetensors")
    if missing:
        missed = " and no ".join(missing)
        raise ModelMissing(f"{called or folder} is no model: it has no {missed}", _ADVICE)
