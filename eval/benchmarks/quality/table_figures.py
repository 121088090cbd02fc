"""Whether figures of filings are found by the label of their row and the period of their column.

    rag ingest FOLDER --library LIB
    python -m eval.benchmarks.quality.table_figures FOLDER --library LIB [--seed 7] [--each 3]

From each PDF of the folder that the library holds, figures are drawn by where pdfium's characters
stand, not by what the parser made of them: the words to the left on the same base line are the
label, a month and a year above the column its period. `line` is the share of figures that stand
with their label and period on one line of their page's text; `passage` that of those for which one
of the ten passages that `rag search` finds in the file, asked for label and period, holds such a
line; `first` that of those whose first passage does.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.config import Settings
from rag.library import Library
from rag.schema import Document, Filters

_FIGURE = re.compile(r"\(?\d{1,3}(?:,\d{3})*(?:\.\d+)?\)?")
_YEAR = re.compile(r"20[12]\d")
_MONTH = re.compile("(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*")
_FIRST_PAGE, _LAST_PAGE = 2, 40  # covers and contents come before, exhibits after
_MANY = 12  # figures of four digits on a page that holds a table
_LEVEL = 2.0  # points between the base lines of one row
_WORD_GAP = 1.5  # points
_COLUMN = 4.0  # points between the right edges of one column
_STEP = 32.0  # points from a row of a column to the next; further up is another table
_HEAD = 45.0  # points of names above a column
_ASIDE = 22.0  # points that a name stands out over its column
_LABEL_GAP = 60.0  # points, at least, from where a label begins to its figure
_CELL_GAP = 12.0  # points between a label and the cell after it
_MOST_WORDS = 12  # of a label


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a table: where it stands, and what names it."""

    file: str
    page: int
    label: str
    period: tuple[str, ...]
    value: str

    @property
    def question(self) -> str:
        """Returns what a person would type who looks for it."""
        return " ".join([self.label, *self.period])


@dataclass(slots=True)
class _Word:
    text: str
    left: float
    bottom: float
    right: float


def main() -> None:
    """Reads the flags; prints the shares, and each figure that was not found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--each", type=int, default=3)
    flags = parser.parse_args()
    chance, tally = random.Random(flags.seed), Counter[str]()
    with Library.open(settings=Settings(library=flags.library)) as library:
        held = {document.path: document.id for document in library.documents()}
        for path in sorted(flags.folder.glob("*.pdf")):
            for figure in drawn(path, chance, flags.each):
                document = library.document(held.get(path.name, 0))
                if document is not None:
                    tally += _judged(library, document, figure)
    total = tally["figures"]
    for what in ("line", "passage", "first"):
        print(f"{what:8} {tally[what]} of {total}, {tally[what] / max(total, 1):.3f}")


def _judged(library: Library, document: Document, figure: Figure) -> Counter[str]:
    ends = [*document.pages, len(document.text)]
    page = document.text[ends[figure.page - 1] : ends[figure.page]]
    found = library.search(figure.question, 10, Filters(paths=(figure.file,)))
    hits = [says(figure, passage.chunk.text) for passage in found]
    result = {"line": says(figure, page), "passage": any(hits), "first": hits[:1] == [True]}
    if not all(result.values()):
        missed = ", ".join(what for what, right in result.items() if not right)
        print(f"no {missed}: {figure.file} p. {figure.page}: {figure.question} = {figure.value}")
    return Counter({"figures": 1, **result})


def says(figure: Figure, text: str) -> bool:
    """Tells whether a line of a text holds the figure, its label and its period."""
    label = _plain(figure.label)
    return any(
        figure.value in line and label in _plain(line) and all(p in line for p in figure.period)
        for line in text.split("\n")
    )


def drawn(path: Path, chance: random.Random, most: int) -> list[Figure]:
    """Returns figures of a PDF, one a page."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        pages = list(range(_FIRST_PAGE, min(len(document), _LAST_PAGE)))
        chance.shuffle(pages)
        figures: list[Figure] = []
        for number in pages:
            if len(figures) < most:
                words = list(_words(document[number]))
                figures += _one(path.name, number + 1, words, chance)
        return figures
    finally:
        document.close()


def _words(page: Any) -> Iterator[_Word]:
    import pypdfium2.raw as pdfium

    textpage = page.get_textpage()
    word: _Word | None = None
    for at in range(textpage.count_chars()):
        letter = chr(pdfium.FPDFText_GetUnicode(textpage, at))
        left, bottom, right, _ = textpage.get_charbox(at, loose=True)
        close = word and abs(bottom - word.bottom) < _LEVEL and left - word.right < _WORD_GAP
        if word and (letter.isspace() or right <= left or not close):
            yield word
            word = None
        if letter.isspace() or right <= left:
            continue
        if word is None:
            word = _Word(letter, left, bottom, right)
        else:
            word.text, word.right = word.text + letter, right
    if word:
        yield word


def _one(file: str, page: int, words: Sequence[_Word], chance: random.Random) -> list[Figure]:
    """Returns a figure of a table on a page, with what names it: a list of one at most."""
    figures = [word for word in words if "," in word.text and _FIGURE.fullmatch(word.text)]
    if len(figures) < _MANY:
        return []
    for figure in chance.sample(figures, 6):
        label, period = _label(figure, words), _period(figure, words)
        if label and period:
            return [Figure(file, page, label, period, figure.text.strip("()"))]
    return []


def _label(figure: _Word, words: Sequence[_Word]) -> str:
    row = [word for word in words if abs(word.bottom - figure.bottom) < _LEVEL]
    row = sorted((word for word in row if word.right < figure.left), key=lambda word: word.left)
    label: list[_Word] = []
    for word in row:
        apart = label and word.left - label[-1].right > _CELL_GAP
        if _FIGURE.fullmatch(word.text) or word.text in "$—" or apart:
            break
        label.append(word)
    near = row and row[0].left > figure.left - _LABEL_GAP
    return "" if near or len(label) > _MOST_WORDS else " ".join(word.text for word in label)


def _period(figure: _Word, words: Sequence[_Word]) -> tuple[str, ...]:
    """Returns the month, if any, and the year above the column; none where there are several."""
    below = [word for word in words if abs(word.right - figure.right) < _COLUMN]
    column = [word for word in below if _FIGURE.fullmatch(word.text)]
    top = figure.bottom
    for word in sorted(column, key=lambda word: word.bottom):
        if top < word.bottom < top + _STEP:
            top = word.bottom
    head = [
        word.text
        for word in words
        if top + _COLUMN < word.bottom < top + _HEAD
        and word.left < figure.right + _ASIDE
        and word.right > figure.left - _ASIDE
    ]
    years = {text for text in head if _YEAR.fullmatch(text)}
    months = {text for text in head if _MONTH.fullmatch(text)}
    return (*months, *years) if len(years) == 1 >= len(months) else ()


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.casefold()))


if __name__ == "__main__":
    main()
