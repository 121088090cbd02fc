"""Nearest neighbours by pgvector: exactly in a library of some size, by HNSW in a larger one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.errors import RagError
from rag.protocols import Vectors
from rag.storage.postgres.database import Database

LARGE = 50_000  # vectors, from which on looking at all of them takes longer than a question has
_NAME = "vectors_hnsw"
_EF_SEARCH = 400  # neighbours that are held while the graph is walked: table in `docs/scale.md`
_NODE_BYTES, _MOST_MEMORY = 900, 2 << 30
"""In memory, while the graph is made: beside a vector, and of all. What does not fit takes minutes
longer, for it goes to the disk node by node."""

_MORE = 4  # times as many as are wanted come from the graph, in half precision, and are compared


class VectorIndex:
    """Inner-product search over (chunk id, unit vector), always as of the last commit."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def count(self) -> int:
        """Returns the number of vectors."""
        query = "SELECT count(*) FROM vectors"
        return int(self._database.connection().native(query).fetchone()[0])

    def search(
        self, query: Vectors, k: int, allowed: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """Returns (chunk id, cosine), best first, for one query (dimension,)."""
        row = np.asarray(query, dtype=np.float32).reshape(-1)
        if allowed is not None and len(allowed) < LARGE:
            among, values = "vectors WHERE chunk_id = ANY(%s)", [list(allowed)]
        elif self._has_graph():
            return self._walk(row, k, allowed)
        else:
            among, values = "vectors", []
        return self._nearest(among, values, row, k)

    def _nearest(
        self, among: str, values: Sequence[object], row: Vectors, k: int
    ) -> list[tuple[int, float]]:
        found = self._database.connection().native(
            f"""SELECT chunk_id, -(vector <#> %s) AS score FROM {among}
            ORDER BY score DESC, chunk_id LIMIT %s""",  # noqa: S608
            (row, *values, k),
        )
        return [(int(key), float(score)) for key, score in found]

    def _walk(self, row: Vectors, k: int, allowed: Sequence[int] | None) -> list[tuple[int, float]]:
        where = "" if allowed is None else "WHERE chunk_id = ANY(%s)"
        kind = f"halfvec({len(row)})"
        among = f"""(SELECT * FROM vectors {where}
            ORDER BY (vector::{kind}) <#> %s::{kind} LIMIT %s) AS near"""  # noqa: S608
        values = [*([] if allowed is None else [list(allowed)]), row, _MORE * k]
        with self._database.snapshot():
            connection = self._database.connection()
            connection.native(f"SET LOCAL hnsw.ef_search = {_EF_SEARCH}")
            connection.native("SET LOCAL hnsw.iterative_scan = strict_order")
            return self._nearest(among, values, row, k)

    def _has_graph(self) -> bool:
        query = "SELECT to_regclass(%s) IS NOT NULL"
        return bool(self._database.connection().native(query, (_NAME,)).fetchone()[0])

    def health(self) -> str:
        """Says how many vectors there are, and how they are searched."""
        query = "SELECT pg_relation_size(to_regclass(%s))"
        size = self._database.connection().native(query, (_NAME,)).fetchone()[0]
        if size is not None:
            return f"{self.count} vectors in an HNSW graph of {size / 1e6:.1f} MB"
        due = "; the next ingest makes their HNSW graph" if self.count >= LARGE else ""
        return f"{self.count} vectors, compared exactly{due}"

    def renew(self) -> None:
        """Makes the graph of a library that has become large. Call inside the write lock."""
        if self._has_graph() or self.count < LARGE:
            return
        connection = self._database.connection()
        query = "SELECT vector_dims(vector) FROM vectors LIMIT 1"
        dimension = int(connection.native(query).fetchone()[0])
        create = f"""CREATE INDEX {_NAME} ON vectors
            USING hnsw ((vector::halfvec({dimension})) halfvec_ip_ops)"""
        try:
            self._allow(self.count * (2 * dimension + _NODE_BYTES))
            try:
                connection.native(create)
            except RagError:  # no room in /dev/shm, as in a container: one process needs none
                connection.native("SET max_parallel_maintenance_workers = 0")
                connection.native(create)
        finally:
            if not connection.closed:
                for setting in ("maintenance_work_mem", "max_parallel_maintenance_workers"):
                    connection.native(f"RESET {setting}")

    def _allow(self, needed: int) -> None:
        """Lets the graph be made in memory, where the server does not allow as much anyway."""
        self._database.connection().native(
            """SELECT set_config('maintenance_work_mem', greatest(setting::bigint, %s)::text, false)
            FROM pg_settings WHERE name = 'maintenance_work_mem'""",
            (min(needed, _MOST_MEMORY) // 1024,),
        )
