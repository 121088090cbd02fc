"""Which file of settings is believed, and what one that is not may still say.

A `rag.toml` comes along with a folder that others filled. It may not choose where passages and the
key are sent, what is loaded as a model, or which library is opened, until the person has trusted
it: by its path and the sha256 of its content, kept in their configuration folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path

from rag.errors import UsageError
from rag.system import private_files

RECORD = "trusted.json"
COMMAND = "rag config --trust"
LONGEST = 1_000_000  # bytes of a file of settings

NEEDS_TRUST = frozenset(
    """library database queue models base_url embed_at embed_model embedder reranker generator
    generator_model folder_roots server oidc_issuer oidc_client oidc_user oidc_groups app_url
    traces_url redact notice_url notice_minutes notice_slow_seconds notice_refused_share
    notice_bad_share notice_memory_gb notice_disk_gb notice_failed_files keep_conversations_days
    keep_questions_days keep_audit_days""".split()
)
"""Addresses, what is opened or loaded from a place that the value names, and what is kept."""

FREE = frozenset(
    """qa_model precision generator_precision generator_device written_answers language
    read_hidden_sheets short_answers theme""".split()
)
"""A choice among a few words, none of which does harm."""

BOUNDS: Mapping[str, tuple[float, float]] = {
    "qa_chars": (1, 4000),
    "context_tokens": (0, 131_072),
    "max_tokens": (1, 8192),
    "temperature": (0, 2),
    "top_p": (0, 1),
    "top_k": (0, 1000),
    "seed": (0, 2**31 - 1),
    "answer_timeout": (1, 3600),
    "answers_at_once": (1, 16),
    "waiting_questions": (0, 64),
    "threads": (0, 64),
    "chunk_tokens": (16, 2048),
    "chunk_overlap": (0, 1024),
    "candidates": (1, 1000),
    "rerank_depth": (1, 200),
    "passages": (1, 50),
    "max_sentences": (1, 50),
    "min_confidence": (0, 1),
    "batch_chunks": (1, 1024),
    # what guards this machine against a document: to be lowered, not to be raised
    "max_file_mb": (1, 200),
    "read_timeout": (1, 60),
    "reader_memory_mb": (256, 2048),
    "session_hours": (0.1, 8),
}
"""Least and most that a file which is not trusted may ask for.

Of all origins, a least of 0 allows nothing negative, and a larger one nothing but positive values.
"""


def objection(name: str, value: object) -> str:
    """Returns why a file that is not trusted may not set this; "" where it may."""
    if name in FREE:
        return ""
    if name in NEEDS_TRUST:
        return "the file is not trusted"
    low, high = BOUNDS[name]
    if isinstance(value, int | float) and low <= value <= high:
        return ""
    return f"a file that is not trusted may ask for {low} to {high}"


def folder(environment: Mapping[str, str]) -> Path | None:
    """Returns the person's configuration folder; None where the environment names no home."""
    named = environment.get("XDG_CONFIG_HOME", "")
    home = environment.get("HOME") or environment.get("USERPROFILE", "")
    for base in (Path(named), Path(home, ".config")):
        if base.is_absolute():  # a relative one would lie in the folder that others filled
            return base / "fuente"
    return None


def digest(content: bytes) -> str:
    """Returns the sha256 of a file's content in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def is_trusted(path: Path, content: bytes, home: Path | None) -> bool:
    """Tells whether this content at this absolute path has been recorded in the folder `home`."""
    return home is not None and _recorded(home).get(str(path)) == digest(content)


def record(path: Path, content: bytes, home: Path | None) -> Path:
    """Keeps that this content at this absolute path is trusted; returns the file of the record.

    Raises UsageError where there is no configuration folder, or none that can be written.
    """
    if home is None:
        raise UsageError("there is no home folder to keep the trust in", "export HOME=…")
    kept = home / RECORD
    files = {**_recorded(home), str(path): digest(content)}
    try:
        private_files.make_folder(home)
        private_files.write(kept, json.dumps({"files": files}, indent=1).encode())
    except OSError as error:
        raise UsageError(f"{kept} cannot be written: {error.strerror}", COMMAND) from error
    return kept


def read(path: Path) -> tuple[bytes, os.stat_result] | None:
    """Returns a file's content and its facts; None where there is none.

    Never waits, as for a pipe. Raises OSError for what is no file, or too long.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except (FileNotFoundError, NotADirectoryError):
        return None
    with os.fdopen(descriptor, "rb") as stream:
        facts = os.fstat(stream.fileno())
        if not stat.S_ISREG(facts.st_mode):
            raise OSError("it is no file")
        content = stream.read(LONGEST + 1)
    if len(content) > LONGEST:
        raise OSError(f"it is longer than {LONGEST} bytes")
    return content, facts


def is_own(path: Path, facts: os.stat_result) -> bool:
    """Tells whether only this user can have written the file, and its folder."""
    if os.name != "posix":
        return True
    return all(
        status.st_uid == os.geteuid() and not status.st_mode & 0o022
        for status in (facts, path.parent.stat())
    )


def _recorded(home: Path) -> dict[str, str]:
    """Returns sha256 by path; nothing of a record that is broken or that others could write."""
    try:
        found = read(home / RECORD)
        if found is None or not is_own(home / RECORD, found[1]):
            return {}
        files = json.loads(found[0])["files"]
        return {str(path): str(value) for path, value in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
