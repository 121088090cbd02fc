"""Looks over this machine and says what works and what to do about the rest."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import sys
from importlib import metadata
from pathlib import Path

from rag.cli import privacy
from rag.cli.privacy import Check
from rag.config import OIDC_VARIABLE, Settings, oidc_secret
from rag.errors import ModelMissing, RagError
from rag.system.machine import int8_arithmetic

_PACKAGES = ("onnxruntime", "tokenizers", "faiss-cpu", "pypdf", "pypdfium2")
_EXTRAS = {
    "streamlit": ("chat", "the web app"),
    "sentence-transformers": ("hf", "models by name or folder"),
    "onnx": ("train", "training"),
    "rapidocr": ("ocr", "scanned pages and images"),
    "fastapi": ("server", "other programs and agents"),
    "authlib": ("oidc", "signing in at a provider of identities"),
    "opentelemetry-sdk": ("traces", "traces of requests"),
    "python-stdnum": ("privacy", "a report of personal data"),
    "psycopg": ("postgres", "a library in PostgreSQL"),
}
_SAFE_SQLITE = (3, 51, 3)  # before it two connections that write could damage a file in WAL mode
_MIN_FREE = 1_000_000_000  # bytes: a rebuilt index is written beside the old one


def examine(settings: Settings) -> list[Check]:
    """Returns the checks of this machine and library; no model is loaded for them."""
    return [
        ("python", sys.version_info >= (3, 11), platform.python_version()),
        ("processor", True, f"{os.cpu_count()} cores, {platform.machine()}"),
        ("int8", True, int8_arithmetic()),
        *(_package(name) for name in _PACKAGES),
        _sqlite(),
        *(_extra(name, *use) for name, use in _EXTRAS.items()),
        _model("embedder"),
        _disk(settings.library),
        *_library(settings),
        *_server(settings.library),
        *_signing_in(settings),
        *privacy.examine(settings),
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


def _extra(name: str, extra: str, use: str) -> Check:
    """Returns a check that passes either way: an extra is not needed until it is asked for."""
    _, installed, detail = _package(name)
    return name, True, detail if installed else f'for {use}: pip install "fuente[{extra}]"'


def _model(kind: str) -> Check:
    from rag.library import describe_bundled

    try:
        return kind, True, describe_bundled(kind)
    except ModelMissing as error:
        return kind, False, str(error)


def _disk(folder: Path) -> Check:
    present = next(
        path for path in (folder.absolute(), *folder.absolute().parents) if path.exists()
    )
    free = shutil.disk_usage(present).free
    return "disk", free > _MIN_FREE, f"{free / 1e9:.1f} GB free at {present}"


def _library(settings: Settings) -> list[Check]:
    from rag.library import Library

    if not settings.database and not (settings.library / "library.sqlite").exists():
        return [("library", True, f"{settings.library} is empty; rag ingest FOLDER")]
    try:
        with Library.open(settings=settings) as library:
            status = library.status()
    except RagError as error:
        return [("library", False, str(error))]
    detail = f"{status.documents} documents, {status.chunks} passages"
    cure = "its owner must open it, on a disk that keeps permissions"
    return [
        *([("database", True, status.engine)] if settings.database else []),
        ("library", status.consistent, "; ".join((detail, *status.problems))),
        privacy.permissions("library", settings.library, status.private, cure),
    ]


def _signing_in(settings: Settings) -> list[Check]:
    """Returns whether people can sign in, where a provider of identities is set."""
    if not settings.oidc_issuer:
        return []
    lacks = [
        *([] if settings.oidc_client else ["RAG_OIDC_CLIENT"]),
        *([] if oidc_secret() else [OIDC_VARIABLE]),
    ]
    if lacks:
        return [("signing in", False, f"export {' and '.join(lacks)}")]
    return [("signing in", True, f"as {settings.oidc_client}, for {settings.session_hours:g} h")]


def _server(library: Path) -> list[Check]:
    """Returns the checks of who may ask the library over HTTP, and of the log of it."""
    from rag.server.access import Access
    from rag.server.audit import Audit
    from rag.server.tokens import Tokens

    try:
        tokens, rules = Tokens(library).all(), Access(library).rules()
        audit = Audit(library)
        problem = audit.verify() if audit.on else ""
    except RagError as error:
        return [("server", False, str(error))]
    reads = "those whom a rule opens it" if rules.opened else "all of it, for there are no rules"
    log = (problem or f"whole, {audit.head()[0]} entries") if audit.on else "off; rag audit start"
    return [
        ("access", True, f"{len(tokens)} tokens; they read {reads}"),
        ("audit log", not problem, log),
    ]
