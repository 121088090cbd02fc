"""SQLite, the only truth: documents, chunks, vectors, keyword index, ledger of files.

`Store` is one library folder. Rooms: `database` (connections, transactions, the write lock),
`documents` (documents, chunks and their vectors), `keywords` (FTS5), `ledger` (what is known of
each file), `generations` (which FAISS file is current), `pending` (the vectors of a reindex under
way), `purging` (removed text leaves the disk; `scrub`, `holders`). Texts come in with their search
terms, vectors as arrays.
"""

from rag.storage.documents import Entry
from rag.storage.generations import Generation
from rag.storage.ledger import FileRecord
from rag.storage.sqlite_errors import of_system
from rag.storage.store import Store

__all__ = ["Entry", "FileRecord", "Generation", "Store", "of_system"]
