"""How truly PDFs are read: words kept, their order, rows and cells; Fuente beside three libraries.

    python -m eval.benchmarks.quality.pdf_fidelity [--pages 200] [--seed 7]

The pages are made here, so that what they say is known: prose with words broken at line ends,
prose in two columns (drawn column by column, or row by row), tables with and without rules. `words`
is the share of words that were read; `order` that of neighbours in prose that are still neighbours;
`rows` that of values on a line with the label of their row; `cells` that of values whose column is
known as well, by readers that know columns. Needs reportlab and, for its row, pdfplumber.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

from rag.parsing import parse

SYLLABLES = "ba ce di fo gu la me ni po ru sa te vi zo cha lle que tra ble con par den".split()
Cells = set[tuple[str, str, str]]
"""Label of the row, name of the column, value."""


@dataclass(slots=True)
class Truth:
    """What a page says: its words in the order of reading, and the cells of its tables."""

    words: list[str] = field(default_factory=list)
    cells: Cells = field(default_factory=set)


@dataclass(slots=True)
class Read:
    """What a reader made of a page; `cells` is None where it knows no columns."""

    text: str
    cells: Cells | None = None


def main() -> int:
    """Prints a table of all readers; exit code 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    flags = parser.parse_args()
    readers: dict[str, Callable[[Path], Read]] = {
        "fuente": fuente,
        "pypdf": pypdf,
        "pdfium": pdfium,
    }
    if find_spec("pdfplumber"):
        readers["pdfplumber"] = pdfplumber
    with tempfile.TemporaryDirectory() as folder:
        pages = list(_pages(Path(folder), flags.pages, random.Random(flags.seed)))
        print(
            "| reader | words | order | rows | cells | pages a second |",
            "| --- " * 6 + "|",
            sep="\n",
        )
        for name, reader in readers.items():
            start = time.process_time()
            reads = [reader(path) for path, _ in pages]
            speed = len(pages) / (time.process_time() - start)
            scores = _scores([truth for _, truth in pages], reads)
            print(f"| {name} | {' | '.join(scores)} | {speed:.0f} |")
    return 0


def fuente(path: Path) -> Read:
    """Returns the pages as an ingest reads them."""
    document = parse(path).document
    text = document.text
    cells: Cells = set()
    for block in document.blocks:
        for cell in block.cells[1:]:
            name = " ".join(text[a:b] for a, b in cell.headers)
            first = block.cells[0]
            cells.add((text[first.start : first.end], name, text[cell.start : cell.end]))
    return Read(text, cells)


def pypdf(path: Path) -> Read:
    """Returns the pages as pypdf extracts them."""
    from pypdf import PdfReader

    return Read(PdfReader(path).pages[0].extract_text())


def pdfium(path: Path) -> Read:
    """Returns the pages as pdfium extracts them."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        return Read(document[0].get_textpage().get_text_bounded())
    finally:
        document.close()


def pdfplumber(path: Path) -> Read:
    """Returns text and tables as pdfplumber finds more of them, by rules or by text."""
    import pdfplumber as library

    by_text = {"vertical_strategy": "text", "horizontal_strategy": "text"}
    with library.open(path) as document:
        page = document.pages[0]
        tables = page.extract_tables() or page.extract_tables(by_text)
        cells: Cells = set()
        for names, *rows in (table for table in tables if table):
            for row in rows:
                plain = [" ".join((cell or "").split()) for cell in row]
                cells |= {
                    (plain[0], name or "", value)
                    for name, value in zip(names[1:], plain[1:], strict=True)
                }
        return Read(page.extract_text(), cells)


def _scores(truths: list[Truth], reads: list[Read]) -> list[str]:
    words, order, rows, cells = Counter[bool](), Counter[bool](), Counter[bool](), Counter[bool]()
    for truth, read in zip(truths, reads, strict=True):
        found = _words(read.text)
        left = Counter(found)
        for word in truth.words:
            left[word] -= 1
            words[left[word] >= 0] += 1
        pairs = set(pairwise(found))
        if not truth.cells:
            order.update(pair in pairs for pair in pairwise(truth.words))
        lines = [_words(line) for line in read.text.split("\n")]
        for label, name, value in truth.cells:
            rows[any({*_words(label), value} <= set(line) for line in lines)] += 1
            cells[read.cells is not None and (label, name, value) in read.cells] += 1
    known = any(read.cells is not None for read in reads)
    return [*map(_share, (words, order, rows)), _share(cells) if known else "-"]


def _share(counts: Counter[bool]) -> str:
    return f"{counts[True] / max(counts.total(), 1):.3f}"


def _words(text: str) -> list[str]:
    return re.findall(r"[\w.]*\w", text)


def _pages(folder: Path, count: int, chance: random.Random) -> Iterator[tuple[Path, Truth]]:
    from reportlab.pdfgen.canvas import Canvas

    kinds = (_prose, _columns, _columns_by_rows, _table, _ruled_table)
    for number in range(count):
        path = folder / f"{number}.pdf"
        canvas = Canvas(str(path))
        canvas.setFont("Helvetica", 10)
        truth = kinds[number % len(kinds)](canvas, chance)
        canvas.save()
        yield path, truth


def _word(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=chance.randint(1, 4)))


def _lines(chance: random.Random, truth: Truth, count: int, width: float) -> list[str]:
    """Returns lines of prose of `width`; a word that does not fit is broken at a syllable."""
    lines: list[str] = []
    line = ""
    while len(lines) < count:
        word = _word(chance)
        truth.words.append(word)
        if (len(line) + len(word) + 1) * 5 <= width:
            line = f"{line} {word}".strip()
            continue
        cut = len(word) // 2 if len(word) > 6 and chance.random() < 0.4 else 0
        lines.append(f"{line} {word[:cut]}-" if cut else line)
        line = word[cut:]
    last = f"{line} {_word(chance)}"
    truth.words.append(last.split()[-1])
    return [*lines, last]


def _prose(canvas: Any, chance: random.Random) -> Truth:
    truth = Truth()
    for number, line in enumerate(_lines(chance, truth, 30, 430)):
        canvas.drawString(72, 760 - 13 * number, line)
    return truth


def _columns(canvas: Any, chance: random.Random, by_rows: bool = False) -> Truth:
    truth = Truth()
    left, right = (_lines(chance, truth, 24, 200) for _ in range(2))
    drawn = [(72, n, line) for n, line in enumerate(left)]
    drawn += [(320, n, line) for n, line in enumerate(right)]
    if by_rows:
        drawn.sort(key=lambda item: (item[1], item[0]))
    for start, number, line in drawn:
        canvas.drawString(start, 760 - 13 * number, line)
    return truth


def _columns_by_rows(canvas: Any, chance: random.Random) -> Truth:
    return _columns(canvas, chance, by_rows=True)


def _table(canvas: Any, chance: random.Random, ruled: bool = False) -> Truth:
    """Returns a table of figures under names; a label of some rows is of two lines."""
    truth = Truth()
    names = [f"{_word(chance)} {2020 + column}" for column in range(chance.randint(2, 4))]
    edges = [240 + 85 * column for column in range(len(names))]
    height = 740.0
    for edge, name in zip(edges, names, strict=True):
        canvas.drawRightString(edge + 60, height, name)
    rules = [height + 14, height - 6]
    for _ in range(chance.randint(6, 14)):
        height -= 20
        label = [_word(chance).capitalize() + _word(chance), _word(chance)]
        wrapped = chance.random() < 0.3
        canvas.drawString(72, height, label[0] if wrapped else " ".join(label))
        for edge, name in zip(edges, names, strict=True):
            value = f"{chance.randint(1, 99)}.{chance.randint(100, 999)}"
            canvas.drawRightString(edge + 60, height, value)
            truth.cells.add((" ".join(label), name, value))
            truth.words.append(value)
        if wrapped:
            height -= 11
            canvas.drawString(72, height, label[1])
        truth.words += label
        rules.append(height - 6)
    truth.words += [word for name in names for word in name.split()]
    for rule in rules if ruled else ():
        canvas.line(68, rule, edges[-1] + 64, rule)
    if ruled:
        for edge in (68, *(edge - 15 for edge in edges), edges[-1] + 64):
            canvas.line(edge, rules[0], edge, rules[-1])
    return truth


def _ruled_table(canvas: Any, chance: random.Random) -> Truth:
    return _table(canvas, chance, ruled=True)


if __name__ == "__main__":
    sys.exit(main())
