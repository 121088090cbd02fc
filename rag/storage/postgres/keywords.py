"""BM25 over stemmed terms in PostgreSQL, by the formula and the constants of SQLite's FTS5.

A row holds how often each term occurs in a chunk; a GIN index finds the rows with a term. In how
many chunks a term is, and how long they are together, is counted as they come and go.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from rag.storage import keywords
from rag.storage.postgres.database import Database
from rag.storage.purging import mark

_K1, _B = 1.2, 0.75  # as FTS5 has them
_LEAST_WEIGHT = 1e-6  # of a term that is in more than half of the chunks, as in FTS5


class Keywords(keywords.Keywords):
    """The inverted index. Rows are chunk ids; terms arrive already stemmed and folded."""

    _database: Database

    def add(self, rows: Iterable[tuple[int, Sequence[str]]]) -> None:
        """Indexes rows of (chunk id, terms)."""
        from psycopg.types.json import Jsonb

        counted = [(key, len(terms), Counter(map(_storable, terms))) for key, terms in rows]
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT INTO keywords VALUES (?, ?, ?)",
                [(key, length, Jsonb(counts)) for key, length, counts in counted],
            )
            self._change_counts([(length, counts) for _, length, counts in counted], 1)

    def remove(self, ids: Iterable[int]) -> None:
        """Forgets these chunks."""
        query = "DELETE FROM keywords WHERE rowid = ANY(%s) RETURNING length, terms"
        with self._database.transaction() as connection:
            self._change_counts(list(connection.native(query, (list(ids),))), -1)
            mark(connection)

    def _change_counts(self, rows: Sequence[tuple[int, dict[str, int]]], by: int) -> None:
        """Adds rows of (length, terms) to the counts, or takes them out."""
        chunks = Counter(term for _, counts in rows for term in counts)
        terms = sorted(chunks)
        connection = self._database.connection()
        connection.native(
            """INSERT INTO keyword_counts SELECT * FROM unnest(%s::text[], %s::bigint[])
            ON CONFLICT (term) DO UPDATE SET doc = keyword_counts.doc + excluded.doc""",
            (terms, [by * chunks[term] for term in terms]),
        )
        if by < 0:
            query = "DELETE FROM keyword_counts WHERE term = ANY(%s) AND doc <= 0"
            connection.native(query, (terms,))
        changes = {"keyword_rows": len(rows), "keyword_tokens": sum(length for length, _ in rows)}
        for key, change in changes.items():
            query = "UPDATE meta SET value = (value::bigint + %s)::text WHERE key = %s"
            connection.native(query, (by * change, key))

    def _score(
        self, terms: list[str], rare: list[str], k: int, allowed: Sequence[int] | None
    ) -> list[tuple[int, float]]:
        counts = self.frequencies(terms)
        known = sorted(counts)
        rows = int(self._database.meta("keyword_rows"))
        if not known or not rows:
            return []
        weights = [_weight(rows, counts[term]) for term in known]
        average = int(self._database.meta("keyword_tokens")) / rows
        where, values = _within(allowed)
        query = f"""SELECT k.rowid, s.score FROM keywords k CROSS JOIN LATERAL (
                SELECT sum(q.weight * n * {_K1 + 1}
                    / (n + {_K1} * ({1 - _B} + {_B} * k.length / %s::float8))) AS score
                FROM unnest(%s::text[], %s::float8[]) AS q(term, weight)
                CROSS JOIN LATERAL (SELECT (k.terms -> q.term)::float8 AS n) AS found
            ) AS s WHERE k.terms ?| %s {where} ORDER BY s.score DESC, k.rowid LIMIT %s"""  # noqa: S608
        found = self._database.connection().native(
            query, (average or 1.0, known, weights, rare, *values, k)
        )
        return [(int(key), float(score)) for key, score in found]

    def terms(self, ids: Sequence[int]) -> dict[int, list[str]]:
        """Returns the terms of chunks by their ids, in any order."""
        query = "SELECT rowid, terms FROM keywords WHERE rowid = ANY(%s)"
        rows = self._database.connection().native(query, (list(ids),))
        return {row[0]: list(Counter(row[1]).elements()) for row in rows}

    def holding(self, terms: Sequence[str], allowed: Sequence[int] | None = None) -> list[int]:
        """Returns the ids of all chunks that hold any of the terms, however many they are."""
        where, values = _within(allowed)
        query = f"SELECT k.rowid FROM keywords k WHERE k.terms ?| %s {where}"  # noqa: S608
        found = self._database.connection().native(query, (list(terms), *values))
        return [int(row[0]) for row in found]

    def _read_vocabulary(self) -> list[str]:
        query = """SELECT term FROM keyword_counts
            WHERE length(term) >= %s AND term !~ '[0-9]' ORDER BY term LIMIT %s"""
        least, most = keywords.SHORTEST, keywords.VOCABULARY
        return [str(row[0]) for row in self._database.connection().native(query, (least, most))]


def _weight(rows: int, holding: int) -> float:
    """Returns a term's inverse document frequency."""
    return max(math.log((rows - holding + 0.5) / (holding + 0.5)), _LEAST_WEIGHT)


def _within(allowed: Sequence[int] | None) -> tuple[str, list[Any]]:
    return ("", []) if allowed is None else ("AND k.rowid = ANY(%s)", [list(allowed)])


def _storable(term: str) -> str:
    return term.replace("\0", "")  # PostgreSQL's texts hold any other sign
