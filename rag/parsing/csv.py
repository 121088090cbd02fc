"""CSV and its kin: each row a line that carries its header; delimiter and encoding found.

Cells are text and stay as they are, those that look like formulas too: nothing is ever computed.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Literal

from rag.parsing.builder import TextBuilder, finish
from rag.parsing.characters import clean_line, encoding_of
from rag.parsing.file import Beat, File
from rag.parsing.sheet_tables import add_sheet
from rag.parsing.txt import parse_txt
from rag.schema import ParsedDocument

_DELIMITERS = (
    ";\t|^~,"  # commas last: they also part the decimals of a table with another delimiter
)
_SAMPLE = 200  # lines
_SAMPLE_CHARACTERS = 500_000
_MAX_CELL = 5_000_000  # characters: beyond that a quotation mark was never closed
_HINT = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)  # Excel's own, on the first line
_LITERAL = re.compile(r'="(.*)"')  # by which programs keep the zeros of «00123» in Excel
_RULE = re.compile(r"[\s|:+=-]*-{3}[\s|:+=-]*")  # below the names of a table in Markdown
_DECIMAL = re.compile(r"\d$")  # a comma behind it parts the decimals of a figure
_Quoting = Literal[0, 3]  # csv.QUOTE_MINIMAL, csv.QUOTE_NONE


def parse_csv(file: File, beat: Beat) -> ParsedDocument:
    """Reads separated values, or prose under such a name. Raises FileProblem(NO_TEXT)."""
    csv.field_size_limit(_MAX_CELL)
    with file.open("rb") as binary:
        encoding = encoding_of(binary)
        text = io.TextIOWrapper(binary, encoding, errors="replace", newline="")
        sample = _sample(text)
        delimiter = _delimiter(sample)
        if not delimiter:
            return parse_txt(file, beat)
        quote, escape = _quotes(sample, delimiter)
        spaced = 3 * sum(not line.strip() for line in sample) > len(sample)
        quotings: tuple[_Quoting, ...] = (csv.QUOTE_MINIMAL, csv.QUOTE_NONE)
        for quoting in quotings:
            text.seek(0)
            builder = TextBuilder()
            rows = csv.reader(
                (
                    line
                    for at, line in enumerate(text)
                    if not _RULE.fullmatch(line) and (at or not _HINT.fullmatch(line))
                ),
                delimiter=delimiter,
                quotechar=quote,
                escapechar=escape,
                quoting=quoting,
                skipinitialspace=True,
            )
            kept = _kept(rows, delimiter, spaced)
            try:
                add_sheet(builder, ([_shown(cell) for cell in row] for row in kept), beat)
                break
            except csv.Error:  # a stray quotation mark swallowed the rest: take them as letters
                continue
    return finish(file, builder)


def _shown(cell: str) -> str:
    literal = _LITERAL.fullmatch(cell)
    return clean_line(literal[1] if literal else cell)


def _kept(rows: Iterable[list[str]], delimiter: str, spaced: bool) -> Iterator[list[str]]:
    """The rows, without the empty ones where they stand between all others.

    Raises csv.Error where a quotation mark that was never closed swallowed the last rows.
    """
    last: list[str] = []
    for row in rows:
        if row or not spaced:
            yield row
        last = row
    if any(delimiter in cell.partition("\n")[2] for cell in last[-1:]):
        raise csv.Error("a quotation mark is not closed")


def _sample(text: io.TextIOWrapper) -> list[str]:
    return text.read(_SAMPLE_CHARACTERS).splitlines(keepends=True)[:_SAMPLE]


def _delimiter(sample: Sequence[str]) -> str:
    """The sign that cuts most rows into the same number of cells; "" where none cuts any."""
    if sample and (hint := _HINT.fullmatch(sample[0])):
        return hint[1]
    scores = {sign: _evenness(sample, sign) for sign in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda sign: scores[sign])
    return best if scores[best] > 0 else ""


def _quotes(sample: Sequence[str], delimiter: str) -> tuple[str, str | None]:
    """The sign around cells, and the one before a quotation mark that belongs to its cell."""
    text = "".join(sample)
    sign = re.escape(delimiter)
    double, single = (
        len(re.findall(rf"(?:^|{sign}){mark}[^{mark}\n]*{mark}(?={sign}|\r?$)", text, re.MULTILINE))
        for mark in ('"', "'")
    )
    escaped = re.search(rf'\\"(?!\s*(?:$|{sign}))|\\""', text, re.MULTILINE)
    return "'" if single > double else '"', "\\" if escaped else None


def _evenness(sample: Sequence[str], sign: str) -> float:
    """Share of the rows that have the usual number of cells; 0 where that is one."""
    try:
        rows = list(islice(csv.reader(sample, delimiter=sign, skipinitialspace=True), _SAMPLE))
    except csv.Error:
        return 0.0
    widths = Counter(len(row) for row in rows if row)
    if not widths:
        return 0.0
    usual, count = widths.most_common(1)[0]
    if sign == "," and usual == 2 and all(_DECIMAL.search(row[0]) for row in rows if len(row) > 1):
        return 0.0
    return count / sum(widths.values()) if usual > 1 else 0.0
