"""The cells of a sheet as rows of text: merged cells spread over what they cover, hidden ones out.

What is left out is counted; the counts become the notes of the document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from rag.parsing.builder import TextBuilder
from rag.parsing.characters import clean_line
from rag.parsing.table_looks import Covered
from rag.schema import NoteKind

MAX_COLUMNS = 1_000
"""Of the 16,384 that a row may have."""


@dataclass(frozen=True, slots=True)
class Merge:
    """The first and last row and column of a merged cell, from 1 and both included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class LeftOut:
    """What a sheet holds and does not show: how much of each kind, and the first words."""

    counts: dict[NoteKind, int] = field(default_factory=dict)
    words: dict[NoteKind, str] = field(default_factory=dict)

    def add(self, kind: NoteKind, words: str) -> None:
        """Counts one more."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        self.words.setdefault(kind, words)

    def note(self, builder: TextBuilder, where: str) -> None:
        """Says so in the notes of the document."""
        for kind, count in self.counts.items():
            builder.note(kind, where, count, self.words[kind])


def comment_line(cell: str, author: str, words: str) -> str:
    """Returns a comment as «B2 (author): words»; programs put the author before the words too."""
    author = clean_line(author)
    words = clean_line(words).removeprefix(f"{author}:").strip()
    return f"{cell}{f' ({author})' if author else ''}: {words}" if words else ""


CellRow = tuple[int, bool, Mapping[int, str]]
"""The number of a row from 1, whether it is hidden, and its filled cells by column from 1."""


def grid(
    rows: Iterable[CellRow],
    merges: Iterable[Merge],
    hidden_columns: set[int],
    left_out: LeftOut,
) -> Iterator[list[str]]:
    """Yields the rows as a person sees them; one empty row stands for any number of them."""
    waiting = sorted(merges, key=lambda merge: merge.top, reverse=True)
    open_merges: list[tuple[Merge, str]] = []
    columns_left_out: set[int] = set()
    before = 0
    for number, hidden, cells in rows:
        if number > before + 1:
            yield []
        before = number
        if cells and max(cells) > MAX_COLUMNS:
            far = {column for column in cells if column > MAX_COLUMNS}
            left_out.add(NoteKind.CUT, " | ".join(cells[column] for column in sorted(far)))
            cells = {column: cells[column] for column in cells.keys() - far}
        while waiting and waiting[-1].top <= number:
            merge = waiting.pop()
            open_merges.append((merge, cells.get(merge.left, "") if merge.top == number else ""))
        open_merges = [(merge, text) for merge, text in open_merges if merge.bottom >= number]
        if not cells:
            if not any(text for _, text in open_merges):
                yield []
        elif hidden:
            left_out.add(NoteKind.HIDDEN_ROWS, " | ".join(cells.values()))
        else:
            for column in cells.keys() & hidden_columns - columns_left_out:
                columns_left_out.add(column)
                left_out.add(NoteKind.HIDDEN_COLUMNS, cells[column])
            yield _row(cells, open_merges, hidden_columns)


def _row(
    cells: Mapping[int, str], merges: Iterable[tuple[Merge, str]], hidden: set[int]
) -> list[str]:
    spread = dict(cells)
    for merge, text in merges:
        for column in range(merge.left, min(merge.right, MAX_COLUMNS) + 1):
            # A merged cell shows where its first column that is not hidden stands.
            begins = not any(at not in hidden for at in range(merge.left, column))
            spread[column] = text if begins else Covered(text)
    last = min(max(spread), MAX_COLUMNS)
    return [spread.get(column, "") for column in range(1, last + 1) if column not in hidden]
