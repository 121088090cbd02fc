"""The language models of this machine: a folder of them, each with its sha256 sums.

Brings models in from folders and archives, and out for machines without a network. Nothing is kept
that has not been looked over. Knows nothing about the hub or about running a model.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag import private
from rag.errors import ModelMissing, UsageError
from rag.models.folders import cache_bytes, check_folder, files_of, is_ctranslate2, weight_bytes

MANIFEST = "fuente.json"
CONTEXT = 4096  # tokens for which memory is counted
_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".zip")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}\Z")
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Installed:
    """A model of the folder. `memory`: bytes to run it with a context of 4096 tokens."""

    name: str
    folder: Path
    generator: str
    size: int
    memory: int
    licence: str
    source: str
    revision: str


class Models:
    """The models below one folder, which need not be there yet."""

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser()

    def all(self) -> list[Installed]:
        """By name."""
        folders = sorted(self.root.iterdir()) if self.root.is_dir() else []
        return [describe(each) for each in folders if (each / MANIFEST).is_file()]

    def find(self, name: str) -> Installed | None:
        """By its name here, or by the one that it was pulled by."""
        return next((each for each in self.all() if name in (each.name, each.source)), None)

    def get(self, name: str) -> Installed:
        """As `find`; raises UsageError, with the names there are."""
        found = self.find(name)
        if found is None:
            names = ", ".join(each.name for each in self.all()) or "none"
            raise UsageError(f"no model «{name}» in {self.root}: there are {names}", _LIST)
        return found

    def place(self, name: str) -> Path:
        """Where a model of this name goes. Raises UsageError for no name, or one that is taken."""
        if not _NAME.match(name):
            raise UsageError(f"«{name}» is no name for a model", "take letters, digits, . _ and -")
        if (self.root / name).exists():
            raise UsageError(f"there is a model «{name}» already", f"rag models remove {name}")
        private.make_folder(self.root)
        return self.root / name

    def add(self, source: Path, name: str = "", told: Mapping[str, Any] | None = None) -> Installed:
        """Copies a model folder, or the one in an archive, once it has been checked.

        Files of an export are held against their sums; `told` says where others come from. Raises
        UsageError, and ModelMissing for what is no model or may not be loaded.
        """
        if source.is_dir():
            return self._copy(source, name or source.resolve().name, told)
        if not source.name.endswith(_ARCHIVES) or not source.is_file():
            raise UsageError(f"{source} is no model folder and no {', '.join(_ARCHIVES)}", _ADVICE)
        with tempfile.TemporaryDirectory() as scratch:
            folder = unpack(source, Path(scratch))
            return self._copy(folder, name or _stem(source), told)

    def export(self, name: str, to: Path) -> Path:
        """Copies a model with its sums to `to`/name, for `add` on another machine."""
        found = self.get(name)
        target = to / found.name
        if target.exists():
            raise UsageError(f"{target} is there already", "name another folder")
        verify(found.folder)
        shutil.copytree(found.folder, target, ignore=shutil.ignore_patterns(".*"))
        return target

    def remove(self, name: str) -> Installed:
        """Deletes a model from the disk."""
        found = self.get(name)
        shutil.rmtree(found.folder)
        return found

    def _copy(self, source: Path, name: str, told: Mapping[str, Any] | None) -> Installed:
        check_folder(source)
        require_model(source)
        verify(source)
        target = self.place(name)
        with tempfile.TemporaryDirectory(dir=self.root) as scratch:
            half = Path(scratch) / "model"
            private.copy_folder(source, half)
            came = {"source": str(source), **manifest_of(source), **(told or {}), "name": name}
            seal(half, came)
            half.rename(target)  # whole or not at all
        return describe(target)


def seal(folder: Path, told: Mapping[str, Any]) -> None:
    """Writes the manifest: what is told of the model, and size and sha256 of each file."""
    files = {
        path.relative_to(folder).as_posix(): {
            "bytes": path.stat().st_size,
            "sha256": sha256(path),
        }
        for path in files_of(folder)
        if path.name != MANIFEST
    }
    content = {**told, "files": files}
    private.touch(folder / MANIFEST)
    (folder / MANIFEST).write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")


def verify(folder: Path) -> None:
    """Holds the files against the manifest, where there is one. Raises ModelMissing."""
    listed: Mapping[str, Any] = manifest_of(folder).get("files") or {}
    for name, wanted in listed.items():
        path = folder / name
        if not path.is_file():
            raise _damaged(folder, f"{name} is missing")
        if path.stat().st_size != wanted["bytes"] or sha256(path) != wanted["sha256"]:
            raise _damaged(folder, f"{name} is not the file that was exported: its sha256 differs")


def describe(folder: Path) -> Installed:
    """What the folder says of itself."""
    told = manifest_of(folder)
    size = weight_bytes(folder)
    return Installed(
        name=folder.name,
        folder=folder,
        generator="ctranslate2" if is_ctranslate2(folder) else "transformers",
        size=sum(path.stat().st_size for path in files_of(folder)),
        memory=int(1.1 * size) + cache_bytes(folder, CONTEXT),
        licence=str(told.get("licence") or "not stated"),
        source=str(told.get("source") or folder),
        revision=str(told.get("revision") or ""),
    )


def require_model(folder: Path) -> None:
    """Raises ModelMissing where weights, configuration or tokenizer are missing."""
    missing = [n for n in ("config.json", "tokenizer.json") if not (folder / n).is_file()]
    if not weight_bytes(folder):
        missing.append("*.safetensors")
    if missing:
        raise ModelMissing(f"{folder} is no model: it has no {' and no '.join(missing)}", _ADVICE)


def unpack(archive: Path, scratch: Path) -> Path:
    """The model folder in an archive; nothing is written outside of `scratch`."""
    try:
        if archive.suffix == ".zip":
            with zipfile.ZipFile(archive) as opened:
                opened.extractall(scratch)  # noqa: S202 - leaves no folder: `..` is taken out
        else:
            with tarfile.open(archive) as bundle:
                bundle.extractall(scratch, filter="data")
    except (tarfile.TarError, zipfile.BadZipFile, OSError) as error:
        raise ModelMissing(f"{archive} cannot be unpacked: {error}", _ADVICE) from error
    found = sorted(scratch.rglob("config.json"), key=lambda path: len(path.parts))
    return found[0].parent if found else scratch


def sha256(path: Path, progress: Callable[[int], None] | None = None) -> str:
    """Hex digest of a file of any size."""
    hasher = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            hasher.update(piece)
            if progress:
                progress(len(piece))
    return hasher.hexdigest()


def manifest_of(folder: Path) -> dict[str, Any]:
    """What was kept of a model when it came in; {} for a folder from elsewhere."""
    try:
        found = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _stem(path: Path) -> str:
    return path.name.split(".tar")[0].removesuffix(".zip").removesuffix(".tgz")


def _damaged(folder: Path, cause: str) -> ModelMissing:
    return ModelMissing(f"model {folder} is damaged: {cause}", "export it again")


_LIST = "rag models list"
_ADVICE = "give a folder with config.json, tokenizer.json and *.safetensors; a GGUF file is for \
a server: llama-server -m FILE, and base_url"
