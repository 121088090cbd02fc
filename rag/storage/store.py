"""One library: its tables, each by its own class, over one engine."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from rag.schema import UPLOADS, Chunk
from rag.storage.collections import Collections
from rag.storage.documents import Documents, Entry
from rag.storage.engines import open_engine
from rag.storage.generations import Generations
from rag.storage.integrity import check
from rag.storage.ledger import FileRecord, Ledger
from rag.storage.pending import PendingVectors
from rag.storage.purging import mark

if TYPE_CHECKING:
    from rag.storage.postgres import Database
    from rag.storage.postgres.shared_jobs import SharedJobs


class Store:
    """Documents, keywords, ledger of files, collections, generations and purge of a library.

    `index` searches the vectors where the engine does so itself; None where they are searched in a
    file that is made of them.
    """

    def __init__(self, folder: Path, address: str = "") -> None:
        """Opens or creates a library in a folder, or in the PostgreSQL database at `address`.

        The folder then holds what is no text: uploads, tokens, rules. Raises LibraryDamaged for a
        file that is no library of this format, and RagError for a database that cannot be used.
        """
        engine, self.keywords, self.purging, self.index = open_engine(folder, address)
        self.engine, self.folder, self.address = engine, folder, address
        self.connection, self.transaction = engine.connection, engine.transaction
        self.snapshot, self.writing, self.close = engine.snapshot, engine.writing, engine.close
        self.meta, self.revision = engine.meta, engine.revision
        self.documents = Documents(engine)
        self.ledger = Ledger(engine)
        self.collections = Collections(engine)
        self.generations = Generations(engine)
        self.pending = PendingVectors(engine)

    @property
    def database(self) -> Database | None:
        """Returns the engine of a library in a database; None for one in a folder."""
        return cast("Database", self.engine) if self.address else None

    def shared_jobs(self) -> SharedJobs | None:
        """Returns the uploads of all servers of a library in a database; None for a folder."""
        if self.database is None:
            return None
        from rag.storage.postgres.shared_jobs import SharedJobs  # its driver is an extra

        return SharedJobs(self.database)

    @property
    def writable(self) -> bool:
        """Tells whether the library may be changed at all."""
        return self.engine.writable

    def add(self, entry: Entry) -> int:
        """Stores a document and its file's record in one transaction; returns the document's id.

        A document that this file held before goes, unless another file still holds it.
        """
        with self.transaction():
            self._drop([entry.record.source])
            document_id, ids = self.documents.add(entry)
            self.keywords.add(zip(ids, entry.terms, strict=True))
            self.record(entry.record, document_id)
        return document_id

    def record(self, record: FileRecord, document_id: int | None) -> None:
        """Notes what became of a file. The document it held before goes with its last file."""
        with self.transaction():
            before = self.ledger.get(record.source)
            self.ledger.put(replace(record, document_id=document_id))
            if before and before.document_id not in (None, document_id):
                self._collect([before.document_id])

    def forget(self, sources: Sequence[str]) -> int:
        """Removes files, and the documents that no file holds any more; returns their number."""
        with self.transaction():
            self.collections.forget(sources)
            return self._drop(sources)

    def remove(self, sources: Sequence[str]) -> list[str]:
        """Removes files, and remembers that a person wanted them out.

        Files in the folder of uploads are deleted by the purge, and returned: they are copies that
        only the library has. A file elsewhere is its owner's and stays.
        """
        with self.transaction() as connection:
            copies = {source: path for source in sources if (path := self._copy_of(source))}
            known = [self.ledger.get(source) for source in sources if source not in copies]
            self.forget(sources)
            for record in filter(None, known):
                held = self.documents.find(record.content_hash) is not None  # by another file
                self.ledger.note_removed(record.source, "" if held else record.bytes_hash)
            mark(connection, list(copies.values()))
        return list(copies)

    def _copy_of(self, source: str) -> Path | None:
        """Returns the file among the uploads that this path stands for, if there is one."""
        upload = self.folder.resolve() / UPLOADS / Path(source).name
        if upload == Path(source) or not upload.is_file():
            return upload if upload.is_file() else None
        # the library has been moved or copied since: its records name the folder of before
        record = self.ledger.get(source)
        if Path(source).parent.name != UPLOADS or record is None or self.ledger.get(str(upload)):
            return None
        with upload.open("rb") as stream:
            same = hashlib.file_digest(stream, "sha256").hexdigest() == record.bytes_hash
        return upload if same else None

    def rename(self, document_id: int, title: str, terms: Callable[[Chunk], list[str]]) -> None:
        """Gives a document another title, and its chunks the search terms that go with it."""
        with self.transaction():
            self.documents.retitle(document_id, title)
            chunks = self.documents.chunks(self.documents.chunk_ids(document_id))
            self.keywords.replace((key, terms(chunk)) for key, (chunk, _, _) in chunks.items())

    def check(self) -> list[str]:
        """Returns what is wrong inside, in words."""
        return [*self.engine.damage(), *check(self.connection())]

    def _drop(self, sources: Sequence[str]) -> int:
        known = [self.ledger.get(source) for source in sources]
        self.ledger.forget(sources)
        return self._collect([record.document_id for record in known if record])

    def _collect(self, document_ids: Sequence[int | None]) -> int:
        orphans = {
            document_id
            for document_id in document_ids
            if document_id is not None and not self.ledger.of_document(document_id)
        }
        for document_id in orphans:
            self.keywords.remove(self.documents.remove(document_id))
        return len(orphans)
