"""A small JSON file in a library's folder that its owner alone can read, changed under a lock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock

from rag.errors import LibraryDamaged
from rag.system import private_files


class KeptJson:
    """A JSON file that is read anew at each look: what has changed counts at once."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Any:
        """Returns the content; None where there is no file. Raises LibraryDamaged."""
        try:
            return json.loads(self.path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise self.damaged(error) from error

    def damaged(self, error: Exception) -> LibraryDamaged:
        """Returns what is raised for a content of another form."""
        return LibraryDamaged(
            f"{self.path} cannot be read: {error}", f"rm {self.path}, and enter all of it anew"
        )

    def write(self, content: Any) -> None:
        """Puts `content` in its place; only within `locked`. Raises OSError."""
        private_files.write(self.path, json.dumps(content, indent=1).encode())

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lets one process at a time change the file."""
        private_files.make_folder(self.path.parent)
        lock = self.path.with_name(f".{self.path.name}.lock")
        with FileLock(lock, mode=private_files.FILE_MODE):
            yield
