"""A library's own model: a linear map over the vectors of an embedder, kept in the library.

A generation is a folder `LIBRARY/models/embedder-N` of `map.npy` and `model.json`, its manifest
with size and sha256, the embedder it stands on, the model before it and the figures by which it was
accepted. The embedder itself is not copied and not changed.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import ModelMissing
from rag.models.artefacts import FORMAT, MANIFEST, checked, read_manifest
from rag.models.batching import unit
from rag.models.files import sync
from rag.protocols import Vectors
from rag.system import private_files

FOLDER, MATRIX = "models", "map.npy"
ROLLBACK = "rag train rollback"


@dataclass(frozen=True, slots=True)
class Adaptation:
    """A map (dimension, dimension) over the unit vectors of the embedder `base`."""

    name: str
    base: str
    """Fingerprint of the embedder."""
    before: str | None
    """Fingerprint of the generation that this one took the place of; None: the plain embedder."""
    matrix: Vectors
    record: Mapping[str, Any]
    """Figures and settings, as `model.json` keeps them."""

    @property
    def fingerprint(self) -> str:
        """Embedder, generation and content: vectors of two fingerprints never mix."""
        return f"{self.base}+{self.name}:{hashlib.sha256(_bytes(self.matrix)).hexdigest()[:16]}"

    def apply(self, rows: Vectors) -> Vectors:
        """Returns the unit vectors (n, dimension) of the embedder as those of this model."""
        return unit(rows @ self.matrix.T)


def base_of(fingerprint: str) -> str:
    """Returns the fingerprint of the embedder that this one's model stands on."""
    return fingerprint.rpartition("+")[0]


def next_name(library: Path) -> str:
    """Returns a name that no generation of the library has had."""
    numbers = [
        int(path.name.rpartition("-")[2])
        for path in (library / FOLDER).glob("embedder-*")
        if path.name.rpartition("-")[2].isdigit()
    ]
    return f"embedder-{max(numbers, default=0) + 1}"


def save_adaptation(library: Path, adaptation: Adaptation) -> Path:
    """Writes the generation's folder, whole or not at all, and returns it. Raises OSError."""
    target = library / FOLDER / adaptation.name
    half = target.with_name(f".{adaptation.name}.{os.getpid()}.tmp")
    shutil.rmtree(half, ignore_errors=True)
    private_files.make_folder(half)
    content = _bytes(adaptation.matrix)
    manifest = {
        "format": FORMAT,
        "name": adaptation.name,
        "base": adaptation.base,
        "before": adaptation.before,
        "files": {MATRIX: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}},
        **adaptation.record,
    }
    try:
        private_files.write(half / MATRIX, content)
        text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
        private_files.write(half / MANIFEST, text.encode())
        sync(half)
        half.replace(target)
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return target


def load_adaptation(library: Path, fingerprint: str) -> Adaptation:
    """Returns the generation with this fingerprint. Raises ModelMissing for other content."""
    folder = library / FOLDER / _name(fingerprint)
    try:
        manifest = dict(read_manifest(folder))
        content = checked(folder / MATRIX, manifest.pop("files")[MATRIX])
        found = Adaptation(
            str(manifest.pop("name")),
            str(manifest.pop("base")),
            manifest.pop("before"),
            np.load(io.BytesIO(content), allow_pickle=False),
            {name: value for name, value in manifest.items() if name != "format"},
        )
    except ModelMissing as error:
        raise ModelMissing(error.message, ROLLBACK) from error
    except (KeyError, TypeError, ValueError) as error:
        raise ModelMissing(f"{folder} is no model of a library ({error!r})", ROLLBACK) from error
    if found.fingerprint != fingerprint:
        raise ModelMissing(f"{folder} is not the model that the library is searched with", ROLLBACK)
    return found


def before(library: Path, fingerprint: str) -> str | None:
    """Returns what the generation took the place of, as a fingerprint; None where unknown."""
    try:
        found = read_manifest(library / FOLDER / _name(fingerprint)).get("before")
    except ModelMissing:
        return None
    same = isinstance(found, str) and base_of(found) == base_of(fingerprint)
    return found if same else None


def _name(fingerprint: str) -> str:
    return fingerprint.rpartition("+")[2].partition(":")[0]


def _bytes(matrix: Vectors) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(matrix, dtype="<f4"), allow_pickle=False)
    return buffer.getvalue()
