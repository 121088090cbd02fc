"""The cells of the sample documents' tables, typed by hand from what they show, are read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from rag.parsing import parse

ROOT = Path(__file__).parents[2]
TABLES = [json.loads(line) for line in (ROOT / "tests/data/tables.jsonl").read_text().splitlines()]
ENOUGH = 0.98  # of the cells; all of them when it was written


@cache
def read(file: str) -> frozenset[tuple[str, str, str]]:
    """Returns the label of the row, the name of the column and the text of each cell of a file."""
    document = parse(ROOT / "corpus/documents" / file).document
    text = document.text
    return frozenset(
        (
            text[block.cells[0].start : block.cells[0].end],
            " ".join(text[start:end] for start, end in cell.headers),
            text[cell.start : cell.end],
        )
        for block in document.blocks
        for cell in block.cells
    )


def typed() -> Iterator[tuple[str, tuple[str, str, str]]]:
    for table in TABLES:
        for row in table["rows"]:
            for name, value in zip(table["names"], row, strict=True):
                yield table["file"], (row[0], name, value)


def test_the_cells_of_forty_tables_stand_under_their_names() -> None:
    cells = list(typed())
    missed = [(file, cell) for file, cell in cells if cell not in read(file)]
    assert len(TABLES) >= 40
    assert len({file.rsplit(".", 1)[-1] for file, _ in cells}) >= 4
    assert len(missed) <= (1 - ENOUGH) * len(cells), missed
