"""BM25 over stemmed terms, in SQLite's FTS5: it commits with the chunks and can never disagree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rag.schema import Filters
from rag.store.database import Database
from rag.store.documents import condition_of


class Keywords:
    """The inverted index. Rows are chunk ids; terms arrive already stemmed and folded."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, rows: Iterable[tuple[int, Sequence[str]]]) -> None:
        """Indexes (chunk id, terms)."""
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT INTO keywords (rowid, terms) VALUES (?, ?)",
                ((chunk_id, " ".join(terms)) for chunk_id, terms in rows),
            )

    def remove(self, ids: Iterable[int]) -> None:
        """Forgets these chunks."""
        with self._database.transaction() as connection:
            connection.executemany(
                "DELETE FROM keywords WHERE rowid = ?", ((chunk_id,) for chunk_id in ids)
            )

    def search(
        self, groups: Sequence[Sequence[str]], k: int, filters: Filters | None = None
    ) -> list[tuple[int, float]]:
        """(chunk id, BM25 score > 0), best first, of chunks that hold any of the terms."""
        terms = dict.fromkeys(term for group in groups for term in group)
        if not terms:
            return []
        expression = " OR ".join(_quoted(term) for term in terms)
        where = ""
        values: list[str] = []
        if filters:
            condition, values = condition_of(filters)
            where = f"AND rowid IN (SELECT id FROM chunks WHERE {condition})"  # noqa: S608
        query = f"""SELECT rowid, -bm25(keywords) AS score FROM keywords
            WHERE keywords MATCH ? {where} ORDER BY bm25(keywords), rowid LIMIT ?"""  # noqa: S608
        rows = self._database.connection().execute(query, (expression, *values, k))
        return [(int(row[0]), float(row[1])) for row in rows]

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """In how many chunks each term occurs; absent terms are left out."""
        marks = ",".join("?" * len(terms))
        query = f"SELECT term, doc FROM keyword_counts WHERE term IN ({marks})"  # noqa: S608
        rows = self._database.connection().execute(query, list(terms))
        return {str(row[0]): int(row[1]) for row in rows}


def _quoted(term: str) -> str:
    # Quoted, a term is a string to FTS5 and never an operator.
    return '"' + term.replace('"', '""') + '"'
