"""SQLite, the only truth: documents, chunks, vectors, keyword index, ledger of files.

`Store` is one library folder. Rooms: `database` (connections, transactions, the write lock),
`documents` (documents, chunks and their vectors), `keywords` (FTS5), `ledger` (what is known of
each file), `generations` (which FAISS file is current), `purging` (removed text leaves the disk;
`scrub`, `holders`). Knows nothing about models or FAISS; texts
come in with their search terms, vectors as arrays.
"""

from rag.store.faults import of_system
from rag.store.generations import Generation
from rag.store.ledger import FileRecord
from rag.store.store import Entry, Store

__all__ = ["Entry", "FileRecord", "Generation", "Store", "of_system"]
