"""A database, the only truth: documents, chunks, vectors, keyword index, ledger of files.

`Store` is one library: an `engine` (connections, transactions, the write lock), which is a SQLite
file (`database`) or, for teams, a PostgreSQL database (`postgres`), with its
`documents` (documents, chunks and their vectors), `keywords` (FTS5), `ledger` (what is known of
each file), `generations` (which FAISS file is current), `pending` (the vectors of a reindex under
way) and `purging` (removed text leaves the disk, with `scrub`). Texts come in with their search
terms, vectors as arrays.
"""

from rag.storage.documents import Entry as Entry
from rag.storage.generations import Generation as Generation
from rag.storage.ledger import FileRecord as FileRecord
from rag.storage.sqlite_errors import of_system as of_system
from rag.storage.store import Store as Store
