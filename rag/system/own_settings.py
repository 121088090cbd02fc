"""Writes the person's own file of settings: what it says besides, and its comments, stay."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rag.errors import UsageError
from rag.system import private_files

Value = str | int | float | bool


def write(path: Path, values: Mapping[str, Value]) -> None:
    """Sets `values` in the TOML file at `path`, which is made if need be. Raises UsageError."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        private_files.make_folder(path.parent)
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        document = tomlkit.parse(before)
        document.update(values)
        private_files.write(path, tomlkit.dumps(document).encode())
    except (OSError, ValueError, TOMLKitError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{path} cannot be written: {reason}", "correct the file") from error
