"""Models that Ollama and LM Studio keep on this machine: they are shared, not copied.

Ollama keeps a manifest a model and files named by their sha256, LM Studio folders OWNER/MODEL of
GGUF files. A hard link gives such a file a second name, so it takes no room twice and stays when
the other program lets it go.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from rag.errors import ModelMissing, UsageError, stated
from rag.llms.installed import KEPT_FREE, Installed, Models, settle
from rag.models.files import BadFile, Budget, load_json, opened, write
from rag.models.gguf import SUFFIX, parts_of, read_header
from rag.system import private_files

PREFIX = "ollama:"
LM_STUDIO = "lmstudio:"
_LM_STUDIO_FOLDERS = (".lmstudio/models", ".cache/lm-studio/models")  # of today and before
_WEIGHTS = "application/vnd.ollama.image.model"
_LICENCE = "application/vnd.ollama.image.license"
_REGISTRY = "registry.ollama.ai"
_SYSTEM = Path("/usr/share/ollama/.ollama/models")  # of the service that its installer sets up
_MOST_LICENCE = 200  # characters of its first line


def elsewhere() -> list[tuple[str, int]]:
    """Returns (name to import, bytes) of the models of other programs, sorted; none unreadable."""
    found = {}
    for store in _stores():
        for manifest in (store / "manifests" / _REGISTRY).glob("*/*/*"):
            owner, model, tag = manifest.parts[-3:]
            name = f"{model}:{tag}" if owner == "library" else f"{owner}/{model}:{tag}"
            with contextlib.suppress(BadFile, OSError, ValueError, KeyError, TypeError):
                weights = _layer(store, load_json(manifest)["layers"], _WEIGHTS)
                if weights is not None:
                    found[f"{PREFIX}{name}"] = weights.stat().st_size
    for folder in _lm_studio_folders():
        for path in folder.glob(f"*/*/*{SUFFIX}"):
            with contextlib.suppress(BadFile, OSError):
                size = sum(part.stat().st_size for part in parts_of(path))
                found[f"{LM_STUDIO}{path.relative_to(folder).as_posix()}"] = size
    return sorted(found.items())


def bring_from_lm_studio(models: Models, name: str, called: str = "") -> Installed:
    """Brings in `lmstudio:OWNER/MODEL/FILE.gguf`. Raises UsageError and ModelMissing."""
    known = [stored for stored, _ in elsewhere() if stored.startswith(LM_STUDIO)]
    if name not in known:
        raise UsageError(
            f"LM Studio has no «{name}»: there are {', '.join(known) or 'none'}", "rag models list"
        )
    inside = name.removeprefix(LM_STUDIO)
    path = next(f / inside for f in _lm_studio_folders() if (f / inside).is_file())
    target = models.new_folder(called or path.stem)
    with models.scratch() as half, stated(f"«{name}» could not be brought in", "rag models list"):
        folder = private_files.make_folder(half / "model")
        for part in parts_of(path):
            read_header(part)
            _share(part, folder / part.name)
        return settle(folder, target, Path(name), {"source": name})


def _lm_studio_folders() -> list[Path]:
    folders = [Path.home() / folder for folder in _LM_STUDIO_FOLDERS]
    return [folder for folder in folders if folder.is_dir()]


def bring_from_ollama(models: Models, name: str, called: str = "") -> Installed:
    """Brings in `ollama:NAME` or `ollama:NAME:TAG`. Raises UsageError and ModelMissing."""
    model, _, tag = name.removeprefix(PREFIX).partition(":")
    store, manifest = _manifest(model, tag or "latest")
    with stated(f"the manifest of «{name}» cannot be read", "ollama pull it again"):
        layers = load_json(manifest)["layers"]
        weights = _layer(store, layers, _WEIGHTS)
        licence = _layer(store, layers, _LICENCE)
    if weights is None:
        raise ModelMissing(f"Ollama has no weights of «{name}»", f"ollama pull {model}")
    target = models.new_folder(called or f"{model.replace('/', '-')}-{tag or 'latest'}")
    with models.scratch() as half, stated(f"«{name}» could not be brought in", "rag models list"):
        read_header(weights)
        folder = private_files.make_folder(half / "model")
        _share(weights, folder / f"{target.name}{SUFFIX}")
        facts = {"source": name, "licence": _first_line(licence)}
        return settle(folder, target, Path(name), facts)


def _manifest(model: str, tag: str) -> tuple[Path, Path]:
    """Returns the store that has the model, and its manifest there."""
    parts = model.split("/")
    if not all(part and part not in (".", "..") for part in (*parts, tag)) or "/" in tag:
        raise UsageError(f"«{model}» is no name of Ollama's", "ollama list")
    stores = _stores()
    for store in stores:
        owner = "library" if len(parts) == 1 else ""
        manifest = store / "manifests" / _REGISTRY / owner / model / tag
        if manifest.is_file():
            return store, manifest
    looked = ", ".join(map(str, stores))
    raise UsageError(f"Ollama has no «{model}:{tag}» in {looked}", "ollama list")


def _stores() -> list[Path]:
    own = os.environ.get("OLLAMA_MODELS")
    stores = [Path(own)] if own else [Path.home() / ".ollama" / "models"]
    return [*stores, _SYSTEM] if sys.platform == "linux" else stores


def _layer(store: Path, layers: Any, kind: str) -> Path | None:
    """Returns the file of the layer of a kind; None where there is none."""
    for layer in layers:
        if layer["mediaType"] == kind:
            scheme, _, digest = str(layer["digest"]).partition(":")
            if scheme != "sha256" or not digest.isalnum():
                raise BadFile("its manifest names a file in an unknown way")
            return store / "blobs" / f"sha256-{digest}"
    return None


def _share(source: Path, target: Path) -> None:
    """Gives a file a second name; copies it where the disk or its owner does not allow that."""
    try:
        target.hardlink_to(source)
    except OSError:
        with opened(source) as stream:
            write(stream, target, Budget(shutil.disk_usage(target.parent).free - KEPT_FREE))


def _first_line(licence: Path | None) -> str:
    if licence is None or not licence.is_file():
        return "not stated"
    with opened(licence) as stream:
        lines = stream.read(10_000).decode("utf-8", "replace").split("\n")
    named = [line.strip() for line in lines if line.strip()]
    return " ".join(named[:2])[:_MOST_LICENCE] or "not stated"
