"""FAISS: a checksummed, derived generation of the vectors. The only faiss import.

Ids are the store's chunk ids, so a stale file can miss a chunk but never name a wrong one. A file
is written beside, synced, renamed; it is read only after its size and hash agree with the record,
and is never written again. The search is exact at any size, for a million vectors take less time
than a question has; large indexes hold them in half precision (table in `eval/LOG.md`).
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import LibraryDamaged
from rag.protocols import Vectors
from rag.storage.generations import Generation
from rag.system import private_files

SUFFIX = ".faiss"
ASIDE = ".corrupt"
LARGE = 200_000  # vectors, from which on they are held in half precision
_FULL = 1 << 20  # bytes free, below which a failed write is put down to a full disk


class FaissIndex:
    """Exact inner-product search over (id, unit vector). Not changed once others search it."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def empty(cls, dimension: int, expected: int = 0) -> FaissIndex:
        """Makes an index for about `expected` vectors, which decides their precision."""
        import faiss

        kind = "SQfp16" if expected >= LARGE else "Flat"
        plain = faiss.index_factory(dimension, kind, faiss.METRIC_INNER_PRODUCT)
        return cls(faiss.IndexIDMap2(plain))

    def fits(self, expected: int) -> bool:
        """Tells whether so many vectors would be held in the precision of these."""
        return (self.count >= LARGE) == (expected >= LARGE)

    def add(self, ids: NDArray[np.int64], vectors: Vectors) -> None:
        """Adds ids (n,), above all that are there, and their vectors (n, dimension)."""
        if len(ids):
            self._index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), ids)

    def remove(self, ids: NDArray[np.int64]) -> None:
        """Removes these ids (n,); the others keep their order."""
        import faiss

        if len(ids):
            self._index.remove_ids(faiss.IDSelectorBatch(np.ascontiguousarray(ids)))

    @property
    def count(self) -> int:
        """Returns the number of vectors."""
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Returns the length of a vector."""
        return int(self._index.d)

    def search(
        self, query: Vectors, k: int, allowed: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """Returns (chunk id, cosine), best first, for one query (dimension,)."""
        import faiss

        if not self.count or (allowed is not None and not len(allowed)):
            return []
        parameters = None
        if allowed is not None:
            selector = faiss.IDSelectorBatch(np.asarray(allowed, dtype=np.int64))
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        row = np.ascontiguousarray(query, dtype=np.float32).reshape(1, -1)
        scores, ids = self._index.search(row, min(k, self.count), params=parameters)
        # FAISS pads with -1 where fewer than k ids were allowed
        return [
            (int(i), float(score)) for i, score in zip(ids[0], scores[0], strict=True) if i >= 0
        ]

    def ids(self) -> NDArray[np.int64]:
        """Returns all ids (n,), in storage order."""
        import faiss

        return np.asarray(faiss.vector_to_array(self._index.id_map), dtype=np.int64)

    def write(self, folder: Path, name: str) -> Generation:
        """Writes `folder/name-HASH.faiss` so that it is there whole or not at all.

        Returns the facts of the file, of no model and revision yet. Raises OSError; nothing is
        left behind then.
        """
        import faiss

        temporary = folder / f".{name}.{os.getpid()}.tmp"
        try:
            temporary.unlink(missing_ok=True)
            private_files.touch(temporary)  # FAISS keeps the mode of a file that is there
            try:
                faiss.write_index(self._index, str(temporary))
            except RuntimeError as error:  # of C++, with the reason in words only
                raise OSError(_reason(folder), str(error).splitlines()[0]) from error
            sha256, size = _sha256(temporary), temporary.stat().st_size
            final = folder / f"{name}-{sha256[:12]}{SUFFIX}"
            _sync(temporary)
            temporary.replace(final)
            _sync(folder)
        finally:
            temporary.unlink(missing_ok=True)
        ids = self.ids()
        first, last = (int(ids[0]), int(ids[-1])) if len(ids) else (0, 0)
        return Generation(
            file=final.name,
            sha256=sha256,
            bytes=size,
            count=self.count,
            dimension=self.dimension,
            first_id=first,
            last_id=last,
        )

    @classmethod
    def read(cls, folder: Path, expected: Generation) -> FaissIndex:
        """Reads the file of a generation.

        Raises LibraryDamaged for any file but the recorded one, before FAISS sees a byte.
        """
        import faiss

        path = folder / expected.file
        if not path.is_file():
            raise LibraryDamaged(f"index file {path} is missing")
        if (path.stat().st_size, _sha256(path)) != (expected.bytes, expected.sha256):
            raise LibraryDamaged(f"index file {path} has changed since it was written")
        try:
            index = cls(faiss.read_index(str(path)))
        except (RuntimeError, MemoryError) as error:  # as written, but not as this FAISS reads
            raise LibraryDamaged(f"index file {path} cannot be read") from error
        ids = index.ids()
        facts = (index.count, index.dimension, *((ids[0], ids[-1]) if len(ids) else (0, 0)))
        if facts != (expected.count, expected.dimension, expected.first_id, expected.last_id):
            raise LibraryDamaged(f"index file {path} is not what its record says")
        return index


def set_aside(folder: Path, name: str) -> None:
    """Renames a file that failed its checks to NAME.corrupt, for a later look."""
    path = folder / name
    if path.exists():
        path.replace(path.with_suffix(ASIDE))


def sweep(folder: Path, keep: str, set_aside: bool = False) -> None:
    """Deletes index files other than `keep`, and unfinished ones; those `set_aside` too if asked.

    Raises OSError.
    """
    aside = folder.glob(f"*{ASIDE}") if set_aside else ()
    for path in (*folder.glob(f"*{SUFFIX}"), *folder.glob(".*.tmp"), *aside):
        if path.name != keep:
            path.unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _reason(folder: Path) -> int:
    """Returns the errno of what kept FAISS from writing, which it does not say itself."""
    if not folder.is_dir():
        return errno.ENOENT
    return errno.ENOSPC if shutil.disk_usage(folder).free < _FULL else errno.EIO


def _sync(path: Path) -> None:
    # A rename is durable only once the directory itself is on the disk.
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
