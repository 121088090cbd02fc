"""BM25 over stemmed terms, in SQLite's FTS5: it commits with the chunks and can never disagree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate

from rag.storage.engine import Engine
from rag.storage.purging import mark
from rag.text.spelling import sounds

SCORED = 20_000  # chunks; a question whose words are in more is held to its rarer ones
VOCABULARY = 300_000  # words that a misspelt one is looked for among: some tens of milliseconds
_FEWEST_LETTERS = 4  # of a word that may be misspelt: shorter ones are too near to others
SHORTEST = _FEWEST_LETTERS - 1  # of the words among which it is looked for
_SPELT_OTHERWISE = 2  # letters more that may differ where the sound does not
_LONG = 8  # letters of a word that may have two letters wrong
_REMEMBERED = 50_000  # terms whose counts are kept


class Keywords:
    """The inverted index. Rows are chunk ids; terms arrive already stemmed and folded."""

    def __init__(self, database: Engine) -> None:
        self._database = database
        self._counted: tuple[int, dict[str, int]] = (-1, {})
        self._words: tuple[int, list[str]] = (-1, [])

    def add(self, rows: Iterable[tuple[int, Sequence[str]]]) -> None:
        """Indexes rows of (chunk id, terms)."""
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
            mark(connection)

    def replace(self, rows: Iterable[tuple[int, Sequence[str]]]) -> None:
        """Indexes (chunk id, terms) of chunks that are indexed already, by other terms."""
        replaced = list(rows)
        with self._database.transaction():
            self.remove(chunk_id for chunk_id, _ in replaced)
            self.add(replaced)

    def search(
        self, groups: Sequence[Sequence[str]], k: int, allowed: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """Returns (chunk id, BM25 score > 0), best first, of chunks that hold any of the terms.

        Where that would be very many chunks, of those that hold one of the rarest terms: one with
        common words alone scores too little to come in front. `allowed` restricts it to these
        chunks, inside the search, and to any of the terms.
        """
        terms = list(dict.fromkeys(term for group in groups for term in group))
        # of the chunks that are allowed none need hold a rare word
        rare = self._rarest(terms) if allowed is None and terms else terms
        return self._score(terms, rare, k, allowed) if terms else []

    def _score(
        self, terms: list[str], rare: list[str], k: int, allowed: Sequence[int] | None
    ) -> list[tuple[int, float]]:
        """Returns the k best of the chunks that hold any of the `rare` terms, scored by all."""
        expression, times = _any(terms), 1
        if len(rare) < len(terms):
            # BM25 adds up all that the expression names: every term twice, and half of the sum
            common = [term for term in terms if term not in rare]
            expression = f"({_any(rare)}) AND ({_any([*rare, *common, *common])})"
            times = 2
        where, values = _within(allowed)
        query = f"""SELECT rowid, -bm25(keywords) AS score FROM keywords
            WHERE keywords MATCH ? {where} ORDER BY bm25(keywords), rowid LIMIT ?"""  # noqa: S608
        rows = self._database.connection().execute(query, (expression, *values, k))
        return [(int(row[0]), float(row[1]) / times) for row in rows]

    def terms(self, ids: Sequence[int]) -> dict[int, list[str]]:
        """Returns the terms of chunks by their ids, in any order."""
        query = """SELECT rowid, terms FROM keywords
            WHERE rowid IN (SELECT value FROM json_each(?))"""
        rows = self._database.connection().execute(query, (list(ids),))
        return {row[0]: row[1].split() for row in rows}

    def holding(self, terms: Sequence[str], allowed: Sequence[int] | None = None) -> list[int]:
        """Returns the ids of all chunks that hold any of the terms, however many they are."""
        where, values = _within(allowed)
        query = f"SELECT rowid FROM keywords WHERE keywords MATCH ? {where}"  # noqa: S608
        rows = self._database.connection().execute(query, (_any(terms), *values))
        return [int(row[0]) for row in rows]

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """Returns in how many chunks the terms occur; absent terms are left out.

        A term is counted once a revision: FTS5 counts by walking all chunks that hold it.
        """
        if self._database.connection().in_transaction:  # what is seen may yet be rolled back
            return self._count(terms)
        with self._database.snapshot():
            revision = self._database.revision()
            if self._counted[0] != revision or len(self._counted[1]) > _REMEMBERED:
                self._counted = revision, {}
            counts = self._counted[1]
            new = [term for term in dict.fromkeys(terms) if term not in counts]
            counts |= dict.fromkeys(new, 0) | self._count(new)
        return {term: counts[term] for term in terms if counts[term]}

    def similar(self, term: str) -> str | None:
        """Returns the word of the library that sounds most like `term`, the commonest of equals.

        One sound may be wrong, missing or too many, two in a long word.
        """
        if len(term) < _FEWEST_LETTERS:
            return None
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        wrong, heard = 2 if len(term) >= _LONG else 1, sounds(term)
        alike = process.extract(
            term,
            self._vocabulary(),
            scorer=OSA.distance,
            score_cutoff=wrong + _SPELT_OTHERWISE,
            limit=None,
        )
        spoken = {word: sounds(word) for word, _, _ in alike}
        distances = {  # who misspells a word still knows how it begins
            word: OSA.distance(heard, sound)
            for word, sound in spoken.items()
            if sound[:1] == heard[:1]
        }
        least = min(distances.values(), default=wrong + 1)
        if least > wrong:
            return None
        nearest = [word for word, distance in distances.items() if distance == least]
        counts = self.frequencies(nearest)
        return max(nearest, key=lambda word: counts.get(word, 0))

    def _vocabulary(self) -> list[str]:
        """Returns the words of the library without figures, read once a revision."""
        with self._database.snapshot():
            revision = self._database.revision()
            if self._words[0] != revision:
                self._words = revision, self._read_vocabulary()
        return self._words[1]

    def _read_vocabulary(self) -> list[str]:
        query = """SELECT term FROM keyword_counts
            WHERE length(term) >= ? AND term NOT GLOB '*[0-9]*' LIMIT ?"""
        rows = self._database.connection().execute(query, (SHORTEST, VOCABULARY))
        return [str(row[0]) for row in rows]

    def _count(self, terms: Sequence[str]) -> dict[str, int]:
        query = """SELECT term, doc FROM keyword_counts
            WHERE term IN (SELECT value FROM json_each(?))"""
        rows = self._database.connection().execute(query, (list(terms),))
        return {str(row[0]): int(row[1]) for row in rows}

    def _rarest(self, terms: list[str]) -> list[str]:
        """Returns the rarest terms, in at most SCORED chunks together, but at least one.

        Where there are few chunks these are all of them.
        """
        last = self._database.connection().execute("SELECT max(id) FROM chunks").fetchone()[0]
        if (last or 0) <= SCORED:
            return terms
        counts = self.frequencies(terms)
        known = sorted((term for term in terms if term in counts), key=counts.__getitem__)
        totals = accumulate(counts[term] for term in known)
        rare = [term for term, total in zip(known, totals, strict=True) if total <= SCORED]
        return rare or known[:1] or terms


def _within(allowed: Sequence[int] | None) -> tuple[str, list[object]]:
    """Returns the condition that a row is one of the allowed chunks, with its value.

    The plus keeps SQLite from running the whole match once for each of them.
    """
    if allowed is None:
        return "", []
    return "AND +rowid IN (SELECT value FROM json_each(?))", [list(allowed)]


def _any(terms: Sequence[str]) -> str:
    # Quoted, a term is a string to FTS5 and never an operator.
    return " OR ".join('"' + term.replace('"', '""') + '"' for term in terms)
