"""A library in PostgreSQL with pgvector: for more than one machine can hold or fill.

The tables and what is done with them are those of SQLite. Here is what differs: the `database`
with its `connection`s and errors, the types of the `tables`, search by words (`keywords`), search
by vectors (`vector_index`), and how removed text leaves the disk (`purging`).
"""

from rag.storage.postgres.database import Database as Database
from rag.storage.postgres.keywords import Keywords as Keywords
from rag.storage.postgres.purging import Purging as Purging
from rag.storage.postgres.vector_index import VectorIndex as VectorIndex
