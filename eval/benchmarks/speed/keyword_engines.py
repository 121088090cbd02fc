"""Keyword indexes under one set of verbs, so that a benchmark can treat them alike.

Every engine gets tokens that are already stemmed and folded; it only counts and ranks. An engine
keeps its files in the folder it was given, and `add` and `delete` return once the change is on
disk. This module knows nothing about languages or corpora.
"""

# ruff: noqa: D102  # the protocol says what the verbs do
from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

Rows = Sequence[tuple[int, list[str]]]
"""(id, tokens) of each text."""

BATCH = 256
"""Texts committed together."""


class Engine(Protocol):
    """What the benchmark asks of an index."""

    def build(self, rows: Rows) -> None:
        """Make the index from nothing."""

    def open(self) -> None:
        """What a new process does before its first query."""

    def add(self, rows: Rows) -> None:
        """Put texts with new ids into a built index."""

    def delete(self, ids: Sequence[int]) -> None:
        """Take texts out of a built index."""

    def search(self, tokens: Sequence[str], k: int) -> list[int]:
        """At most k ids of texts that hold any of the tokens, best first."""


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


class Fts5:
    """SQLite FTS5 with its fixed BM25 (k1 = 1.2, b = 0.75); rowid is the id.

    `prune` below 1 leaves out query terms that stand in more than that share of the texts, unless
    none would remain. `options` go into the CREATE statement, as in "detail=none". Commits every
    BATCH texts, as an ingest does.
    """

    def __init__(
        self, folder: Path, options: str = "", prune: float = 1.0, order: str = "bm25(t)"
    ) -> None:
        self.path = folder / "fts5.db"
        self.options = f", {options}" if options else ""
        self.prune, self.order = prune, order
        self.frequencies: Counter[str] = Counter()  # stands for a df table kept by the store
        self.count = 0
        self.added: dict[int, str] = {}  # an index without content must be told what to delete

    def open(self) -> None:
        self.connection = _connect(self.path)
        self.connection.execute("SELECT count(*) FROM t WHERE t MATCH 'a'").fetchone()

    def build(self, rows: Rows) -> None:
        self.connection = _connect(self.path)
        self.connection.execute(
            "CREATE VIRTUAL TABLE t USING fts5(tokens, "
            f"tokenize='unicode61 remove_diacritics 0'{self.options})"
        )
        for start in range(0, len(rows), BATCH):
            self.add(rows[start : start + BATCH])
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def add(self, rows: Rows) -> None:
        if self.prune < 1:
            self.count += len(rows)
            for _, tokens in rows:
                self.frequencies.update(set(tokens))
        self.added = {key: " ".join(tokens) for key, tokens in rows}
        with self.connection:
            self.connection.executemany(
                "INSERT INTO t(rowid, tokens) VALUES (?, ?)", self.added.items()
            )

    def delete(self, ids: Sequence[int]) -> None:
        with self.connection:
            if "content=''" in self.options:
                self.connection.executemany(
                    "INSERT INTO t(t, rowid, tokens) VALUES ('delete', ?, ?)",
                    ((key, self.added[key]) for key in ids),
                )
            else:
                self.connection.executemany("DELETE FROM t WHERE rowid = ?", ((i,) for i in ids))

    def search(self, tokens: Sequence[str], k: int) -> list[int]:
        kept = [t for t in tokens if self.frequencies[t] <= self.prune * self.count] or tokens
        query = " OR ".join(f'"{token}"' for token in dict.fromkeys(kept))
        found = self.connection.execute(
            f"SELECT rowid FROM t WHERE t MATCH ? ORDER BY {self.order} LIMIT ?", (query, k)
        )
        return [row[0] for row in found]


class Tantivy:
    """tantivy with its fixed BM25 (k1 = 1.2, b = 0.75); one writer thread, no positions."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _schema(self) -> Any:
        import tantivy

        builder = tantivy.SchemaBuilder()
        builder.add_integer_field("id", indexed=True, fast=True)
        builder.add_text_field("tokens", tokenizer_name="whitespace", index_option="freq")
        return builder.build()

    def open(self) -> None:
        import tantivy

        self.schema = self._schema()
        self.index = tantivy.Index(self.schema, path=str(self.folder), reuse=True)
        self.searcher = self.index.searcher()

    def build(self, rows: Rows) -> None:
        self.open()
        self.add(rows)

    def add(self, rows: Rows) -> None:
        import tantivy

        writer = self.index.writer(num_threads=1)
        for key, tokens in rows:
            document = tantivy.Document()
            document.add_integer("id", key)
            document.add_text("tokens", " ".join(tokens))
            writer.add_document(document)
        self._commit(writer)

    def delete(self, ids: Sequence[int]) -> None:
        writer = self.index.writer(num_threads=1)
        for key in ids:
            writer.delete_documents_by_term("id", key)
        self._commit(writer)

    def _commit(self, writer: Any) -> None:
        writer.commit()
        writer.wait_merging_threads()
        self.index.reload()
        self.searcher = self.index.searcher()

    def search(self, tokens: Sequence[str], k: int) -> list[int]:
        import tantivy

        terms = [
            (tantivy.Occur.Should, tantivy.Query.term_query(self.schema, "tokens", token, "freq"))
            for token in dict.fromkeys(tokens)
        ]
        query = tantivy.Query.boolean_query(terms)
        hits = self.searcher.search(query, k, count=False).hits
        ids: list[int] = self.searcher.fast_field_values("id", [address for _, address in hits])
        return ids


class Bm25s:
    """bm25s, memory-mapped. It cannot change an index: `add` and `delete` build it again."""

    def __init__(self, folder: Path, k1: float = 0.9, b: float = 0.4) -> None:
        self.folder = folder
        self.k1, self.b = k1, b
        self.rows: dict[int, list[str]] = {}

    def open(self) -> None:
        import bm25s

        self.index = bm25s.BM25.load(self.folder, mmap=True, show_progress=False)
        self.ids = np.load(self.folder / "ids.npy")

    def build(self, rows: Rows) -> None:
        import bm25s

        self.rows.update(rows)
        index = bm25s.BM25(method="lucene", k1=self.k1, b=self.b)
        index.index(list(self.rows.values()), show_progress=False)
        index.save(self.folder, show_progress=False)
        np.save(self.folder / "ids.npy", np.fromiter(self.rows, dtype=np.int64))
        self.open()

    def add(self, rows: Rows) -> None:
        self.build(rows)

    def delete(self, ids: Sequence[int]) -> None:
        for key in ids:
            del self.rows[key]
        self.build([])

    def search(self, tokens: Sequence[str], k: int) -> list[int]:
        known = [token for token in dict.fromkeys(tokens) if token in self.index.vocab_dict]
        if not known:
            return []
        scores = self.index.get_scores(known)
        return [int(self.ids[i]) for i in _best(scores, k)]


class Postings:
    """Our own BM25 in numpy over postings kept as BLOBs in SQLite, one segment a commit.

    A row holds for one term and segment the ids (int32), term counts (uint8) and text lengths
    (uint16), so that a query reads only its own terms. Deleted ids stand in a table of their own.
    BM25 with the idf of Lucene: log(1 + (N - n + 0.5) / (n + 0.5)).
    """

    def __init__(self, folder: Path, k1: float = 0.9, b: float = 0.4) -> None:
        self.path = folder / "postings.db"
        self.k1, self.b = k1, b

    def open(self) -> None:
        self.connection = _connect(self.path)
        row = self.connection.execute("SELECT sum(n), sum(total), max(top) FROM segments")
        self.count, self.total, self.top = row.fetchone()
        dead = self.connection.execute("SELECT id FROM dead")
        self.dead = np.array([key for (key,) in dead], dtype=np.int64)

    def build(self, rows: Rows) -> None:
        self.connection = _connect(self.path)
        self.connection.executescript(
            "CREATE TABLE segments(id INTEGER PRIMARY KEY, n INTEGER, total INTEGER, top INTEGER);"
            "CREATE TABLE dead(id INTEGER PRIMARY KEY);"
            "CREATE TABLE postings(term TEXT, ids BLOB, counts BLOB, lengths BLOB);"
            "CREATE INDEX postings_term ON postings(term);"
        )
        self.add(rows)
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def add(self, rows: Rows) -> None:
        lists: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        for key, tokens in rows:
            for term, count in Counter(tokens).items():
                lists[term].append((key, min(count, 255), min(len(tokens), 65535)))
        with self.connection:
            self.connection.executemany(
                "INSERT INTO postings VALUES (?, ?, ?, ?)",
                ((term, *_columns(entries)) for term, entries in sorted(lists.items())),
            )
            self.connection.execute(
                "INSERT INTO segments(n, total, top) VALUES (?, ?, ?)",
                (len(rows), sum(len(tokens) for _, tokens in rows), max(key for key, _ in rows)),
            )
        self.open()

    def delete(self, ids: Sequence[int]) -> None:
        with self.connection:
            self.connection.executemany("INSERT INTO dead VALUES (?)", ((key,) for key in ids))
        self.open()

    def search(self, tokens: Sequence[str], k: int) -> list[int]:
        scores = np.zeros(self.top + 1, dtype=np.float32)
        mean = self.total / self.count
        for term in dict.fromkeys(tokens):
            rows = self.connection.execute(
                "SELECT ids, counts, lengths FROM postings WHERE term = ?", (term,)
            ).fetchall()
            n = sum(len(ids) // 4 for ids, _, _ in rows)
            idf = np.float32(np.log1p((self.count - n + 0.5) / (n + 0.5)))
            for ids, counts, lengths in rows:
                tf = np.frombuffer(counts, np.uint8).astype(np.float32)
                length = np.frombuffer(lengths, np.uint16).astype(np.float32)
                weight = tf / (tf + self.k1 * (1 - self.b + self.b * length / np.float32(mean)))
                scores[np.frombuffer(ids, np.int32)] += idf * weight
        scores[self.dead] = 0
        return [int(i) for i in _best(scores, k)]


def _columns(entries: list[tuple[int, int, int]]) -> tuple[bytes, bytes, bytes]:
    ids, counts, lengths = zip(*entries, strict=True)
    return (
        np.array(ids, np.int32).tobytes(),
        np.array(counts, np.uint8).tobytes(),
        np.array(lengths, np.uint16).tobytes(),
    )


def _best(scores: np.ndarray[Any, Any], k: int) -> list[int]:
    """Positions of the k highest positive scores, best first."""
    # From the low end: numpy's selection is 16 times slower where the end it seeks is all zeros.
    top = np.argpartition(-scores, min(k, len(scores)) - 1)[:k]
    top = top[np.argsort(-scores[top], kind="stable")]
    return [int(i) for i in top if scores[i] > 0]
