"""What all recipes share: the data folder, the record of a run, the folder that a run leaves.

`recipe.json` in a run's folder holds the settings, the versions, the SHA-256 of every file that the
run learnt from, and at the end the seconds it took. It is written first, so that a run that was
killed goes on only with the settings that it began with. Knows nothing of what is learnt.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from rag.errors import RagError, UsageError

RECORD = "recipe.json"
ENCODER_FILES = ("config.json", "model.safetensors", "tokenizer.json")
_VERSIONED = ("torch", "transformers", "tokenizers", "accelerate", "numpy", "bm25s", "wordfreq")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run left: its folder, and the seconds of the last start of it."""

    folder: Path
    seconds: float


class Run:
    """The record of one run in its folder. Raises UsageError where another run has begun."""

    def __init__(
        self, folder: Path, recipe: str, settings: Mapping[str, Any], data: Sequence[Path]
    ) -> None:
        self.folder = folder
        self._began = time.monotonic()
        self._record = {
            "recipe": recipe,
            "settings": dict(settings),
            "data": {path.name: sha256(path) for path in sorted(data)},
        }
        before = _read(folder / RECORD)
        _same(folder, before, self._record)
        self._done = Outcome(folder, 0.0) if "seconds" in before else None
        if self._done is None:
            folder.mkdir(parents=True, exist_ok=True)
            self._write(self._record | {"versions": _versions()})

    @property
    def done(self) -> Outcome | None:
        """The outcome, where this very run has come to its end before."""
        return self._done

    def finish(self) -> Outcome:
        """Marks the run as done: with its seconds in the record it is not run again."""
        seconds = round(time.monotonic() - self._began, 1)
        self._write(self._record | {"versions": _versions(), "seconds": seconds})
        return Outcome(self.folder, seconds)

    def _write(self, record: Mapping[str, Any]) -> None:
        half = self.folder / f"{RECORD}.half"
        half.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        half.replace(self.folder / RECORD)


def need(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """The files of `folder`; each has a reason why. Raises UsageError for the first one missing."""
    for name, reason in files.items():
        if not (folder / name).is_file():
            raise UsageError(
                f"{folder} has no {name}: {reason}",
                "give the folder that holds it: rag train --help",
            )
    return [folder / name for name in files]


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Turns what a torn or foreign data file raises into RagError."""
    try:
        yield
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise RagError(
            f"the data in {folder} cannot be read: {type(error).__name__}: {error}",
            "compare the files with their checksums: sha256sum -c SHA256SUMS",
        ) from error


def load_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of a model folder, which cuts and pads nothing. Raises UsageError."""
    need(folder, dict.fromkeys(ENCODER_FILES, "no encoder to start from"))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def sha256(path: Path) -> str:
    """Hexadecimal digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _same(folder: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    for part in now if before else ():
        if before[part] != now[part]:
            raise UsageError(
                f"{folder} holds a run with other {part}: {before[part]}, and now {now[part]}",
                "give another --out, or delete that folder",
            )


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return dict(record) if {"recipe", "settings", "data"} <= set(record) else {}
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(f"{path} is not the record of a run: {error}", "give another --out") from (
            error
        )


def _versions() -> dict[str, str]:
    python = ".".join(map(str, sys.version_info[:3]))
    return {"python": python} | {name: metadata.version(name) for name in _VERSIONED}
