"""Collections: names that people give to documents, as many to one as they like.

They hang on files, so that an edited or renamed one keeps them. A change needs no right to write
the library, only a short transaction: they are filled while files are being read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rag.errors import UsageError
from rag.storage.engine import Engine
from rag.storage.purging import mark

LONGEST = 80
"""Characters of a name."""

_IN_DOCUMENTS = "document_id IN (SELECT value FROM json_each(?))"
_IN_SOURCES = "source IN (SELECT value FROM json_each(?))"


class Collections:
    """The collections of one library; capitals do not matter in their names."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def names(self) -> dict[str, int]:
        """Returns the names of all collections with the number of their documents."""
        query = """SELECT c.name, count(DISTINCT f.document_id) FROM collections c
            LEFT JOIN collected k ON k.collection = c.name
            LEFT JOIN files f ON f.source = k.source GROUP BY c.name ORDER BY c.name"""
        return {row[0]: int(row[1]) for row in self._database.connection().execute(query)}

    def of_documents(self) -> dict[int, tuple[str, ...]]:
        """Returns the names of the collections of each document that is in any, by its id."""
        query = """SELECT DISTINCT f.document_id, k.collection FROM collected k
            JOIN files f ON f.source = k.source WHERE f.document_id IS NOT NULL ORDER BY 2"""
        found: dict[int, tuple[str, ...]] = {}
        for document, name in self._database.connection().execute(query):
            found[document] = (*found.get(document, ()), name)
        return found

    def named(self, name: str) -> str:
        """Returns a collection's name as it is written. Raises UsageError where there is none."""
        query = "SELECT name FROM collections WHERE lower(name) = lower(?)"
        row = self._database.connection().execute(query, (_clean(name),)).fetchone()
        if row is None:
            raise UsageError(f"there is no collection «{name}»", "rag collection list")
        return str(row[0])

    def add(self, name: str, documents: Iterable[int] = ()) -> None:
        """Puts documents into a collection, which is made if there is none of that name.

        Raises UsageError for a name that is empty or too long.
        """
        name = _clean(name)
        with self._database.transaction() as connection:
            connection.execute("INSERT INTO collections VALUES (?) ON CONFLICT DO NOTHING", (name,))
            connection.execute(
                f"""INSERT INTO collected
                SELECT (SELECT name FROM collections WHERE lower(name) = lower(?)), source
                FROM files WHERE {_IN_DOCUMENTS} ON CONFLICT DO NOTHING""",  # noqa: S608
                (name, list(documents)),
            )

    def take_out(self, name: str, documents: Iterable[int]) -> None:
        """Takes documents out of a collection; they stay in the library."""
        self._delete(
            f"""lower(collection) = lower(?)
            AND source IN (SELECT source FROM files WHERE {_IN_DOCUMENTS})""",  # noqa: S608
            (name, list(documents)),
        )

    def rename(self, name: str, new: str) -> None:
        """Gives a collection another name. Raises UsageError where that is taken."""
        name, new = self.named(name), _clean(new)
        with self._database.transaction() as connection:
            query = "SELECT 1 FROM collections WHERE lower(name) = lower(?) AND name != ?"
            if connection.execute(query, (new, name)).fetchone():
                raise UsageError(f"there is a collection «{new}» already", "rag collection list")
            connection.execute("UPDATE collections SET name = ? WHERE name = ?", (new, name))
            mark(connection)

    def delete(self, name: str) -> None:
        """Deletes a collection; its documents stay in the library."""
        name = self.named(name)
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM collections WHERE name = ?", (name,))
            mark(connection)

    def forget(self, sources: Sequence[str]) -> None:
        """Takes files that go out of all collections."""
        self._delete(_IN_SOURCES, (list(sources),))

    def move(self, sources: Sequence[str], source: str) -> None:
        """Gives the collections of files that were renamed to the file that they are now."""
        with self._database.transaction() as connection:
            query = f"""INSERT INTO collected SELECT DISTINCT collection, ?
                FROM collected WHERE {_IN_SOURCES} ON CONFLICT DO NOTHING"""  # noqa: S608
            connection.execute(query, (source, list(sources)))
            self.forget(sources)

    def _delete(self, condition: str, values: Sequence[object]) -> None:
        with self._database.transaction() as connection:
            query = f"DELETE FROM collected WHERE {condition}"  # noqa: S608
            if connection.execute(query, tuple(values)).rowcount > 0:
                mark(connection)


def _clean(name: str) -> str:
    clean = " ".join(name.split())
    if not clean or len(clean) > LONGEST:
        raise UsageError(
            f"«{clean[:LONGEST]}» is no name of a collection",
            f"give it 1 to {LONGEST} characters",
        )
    return clean
