"""Whether figures computed from tables are right: questions made by a script, with known results.

    python -m eval.benchmarks.quality.computations --library LIB... [--tables 40] [--each 5]
        [--search] [--show]

Tables with three rows of figures or more are drawn, half of them Spanish if there are so many, and
questions asked of each by the names of its rows and columns, in the language of its document. The
results are worked out here, from the cells' characters. Without `--search` the document itself and
four others are what was found; with it, what `rag ask` finds. Right: the result's value is in the
short answer, with its sign; of what cannot be added (euros and hours), that nothing is. Asked back:
two tables are shown. A wrong unit: the result lacks the cells' unit, or the scale of the table.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from rag.answering import QuestionAnalyzer
from rag.answering.layout import Layout, layouts
from rag.answering.prepared import Prepared
from rag.answering.tables import computed
from rag.config import Settings
from rag.library import Library
from rag.schema import Chunk, Document, DocumentBlock, DocumentBlockKind, Passage

_NUMBER = re.compile(r"[-−+(]?[$€£]?\(?\d(?:[\d.,]*\d)?")
_UNIT = re.compile(r"[€$£%]|[^\W\d_]{1,3}$")
_SCALE = re.compile(r"\b(?:in|en) (thousand|million|billion|miles|mill)", re.IGNORECASE)
_SCALED = {"thousand": "thousand", "million": "million", "billion": "billion"}
_SCALED |= {"miles": "miles", "mill": "mill"}
_SHARES = re.compile(
    r"\b(?:shares?|diluti\w+|RSUs?)\b", re.IGNORECASE
)  # beside money, in one column
_ABOVE = 300  # characters above a table that may say its scale
_OTHERS = 4  # documents beside the table's own
_TOTAL = re.compile(r"(?:sub)?total|conjunto|overall|suma", re.IGNORECASE)
_LONGEST = 45  # characters of a name that a question says
_ROUND = Decimal("0.1")  # of a share
_GOOD = ("right", "asked back")

_TEMPLATES: dict[str, dict[str, tuple[str, ...]]] = {
    "es": {
        "lookup": ("¿Cuál es el valor de {col} de {row}?", "¿Qué {col} tiene {row}?"),
        "sum": ("¿Cuánto suman {row} y {other} en {col}?",),
        "difference": (
            "¿Qué diferencia de {col} hay entre {row} y {other}?",
            "¿Cuánto más {col} tiene {row} que {other}?",
        ),
        "average": ("¿Cuál es la media de {col} de {row} y {other}?",),
        "share": ("¿Qué porcentaje de {col} de {other} representa {row}?",),
        "largest": (
            "¿Qué {label} tiene el mayor {col}?",
            "¿Cuál es el {col} más alto por {label}?",
        ),
        "smallest": ("¿Qué {label} tiene el menor {col}?",),
        "count": ("¿Cuántos {label} tienen más de {least} de {col}?",),
        "filter": ("¿Qué {label} tienen menos de {least} de {col}?",),
        "mixed": ("¿Cuánto suman {col} y {second} de {row}?",),
    },
    "en": {
        "lookup": ("What is the {col} of {row}?", "What {col} does {row} have?"),
        "sum": ("What is the sum of {col} of {row} and {other}?",),
        "difference": (
            "What is the difference in {col} between {row} and {other}?",
            "How much more {col} does {row} have than {other}?",
        ),
        "average": ("What is the average {col} of {row} and {other}?",),
        "share": ("What percentage of {col} of {other} is {row}?",),
        "largest": ("Which {label} has the highest {col}?",),
        "smallest": ("Which {label} has the lowest {col}?",),
        "count": ("How many {label} have more than {least} {col}?",),
        "filter": ("Which {label} have less than {least} {col}?",),
        "mixed": ("What is the sum of {col} and {second} of {row}?",),
    },
}
_BY_LABEL = ("largest", "smallest", "count", "filter")  # name the rows by the head of their column


@dataclass(frozen=True, slots=True)
class Figure:
    """A cell: the name of its row, its value, and its characters."""

    row: str
    value: Decimal
    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of figures of one unit, by rows; `scale` is what its table says of millions."""

    document: Document
    label: str
    name: str
    unit: str
    scale: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A question of a table, and its result: a figure, the names of rows, or neither."""

    document: Document
    question: str
    kind: str
    value: Decimal | None = None
    names: tuple[str, ...] = ()
    unit: str = ""
    scale: str = ""


def main() -> None:
    """Reads the flags; prints the shares, and each question that was not answered right."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--library", type=Path, required=True, nargs="+")
    parser.add_argument("--tables", type=int, default=40)
    parser.add_argument("--each", type=int, default=5)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--search", action="store_true")
    parser.add_argument("--show", action="store_true", help="print what was answered right, too")
    flags = parser.parse_args()
    chance, tally = random.Random(flags.seed), Counter[str]()
    folders: Sequence[Path] = flags.library
    drawn = _drawn(folders, flags.tables, chance)
    for folder in folders:
        with Library.open(settings=Settings(library=folder)) as library:
            known = [d for info in library.documents() if (d := library.document(info.id))]
            answer = _searching(library) if flags.search else _reading(library, known, chance)
            for columns in drawn[folder]:
                for case in _cases(columns, chance, flags.each):
                    _tell(case, answer(case), tally, flags.show)
    whole = sum(tally[f"{case}, all"] for case in _TEMPLATES["es"])
    for name, count in sorted(tally.items()):
        print(f"{name:24} {count}")
    good = sum(tally[name] for name in _GOOD)
    tables = sum(map(len, drawn.values()))
    print(f"{whole} questions over {tables} tables: right or asked back {good / whole:.3f}")


def _drawn(
    folders: Sequence[Path], count: int, chance: random.Random
) -> dict[Path, list[list[Column]]]:
    """Returns the tables that are asked about: half of them Spanish, as far as there are any."""
    found: dict[str, list[tuple[Path, list[Column]]]] = {"es": [], "en": []}
    for folder in folders:
        with Library.open(settings=Settings(library=folder)) as library:
            for info in library.documents():
                document = library.document(info.id)
                for columns in _tables(document) if document else ():
                    found[columns[0].document.language].append((folder, columns))
    for tables in found.values():
        chance.shuffle(tables)
    half = min(count // 2, len(found["es"]))
    chosen = found["es"][: max(half, count - len(found["en"]))] + found["en"][: count - half]
    drawn: dict[Path, list[list[Column]]] = {folder: [] for folder in folders}
    for folder, columns in chosen:
        drawn[folder].append(columns)
    return drawn


def _tell(case: Case, answer: Prepared | None, tally: Counter[str], show: bool) -> None:
    verdict = _judged(case, answer)
    tally.update((verdict, f"{case.kind}, all", f"{case.kind}, {verdict}"))
    tally.update({f"{case.document.language}, {verdict}": 1})
    if show or verdict not in _GOOD:
        short = answer.short if answer else None
        wanted = f"{case.value} {case.unit} {case.scale} {', '.join(case.names)}"
        print(f"{verdict}: {case.question} ({case.document.path}) {short} → {wanted}")


def _tables(document: Document) -> Iterator[list[Column]]:
    layout = Layout(document)
    for blocks in layout.tables:
        columns = [column for column in _columns(layout, blocks) if len(column.name) < 60]
        if columns:
            yield columns


def _columns(layout: Layout, blocks: Sequence[DocumentBlock]) -> Iterator[Column]:
    rows = [block for block in blocks if block.kind is DocumentBlockKind.ROW and block.cells]
    document, label = layout.document, ""
    above = _SCALE.search(layout.text[max(0, blocks[0].start - _ABOVE) : blocks[0].start])
    found: dict[str, list[Figure]] = {}
    for row in rows:
        name = _words(layout, row.cells[0].start, row.cells[0].end)
        if _TOTAL.match(name) or not name[:1].isalpha() or _SHARES.search(name):
            continue
        label = " ".join(layout.of(span) for span in row.cells[0].headers)
        for cell in row.cells[1:]:
            text = _words(layout, cell.start, cell.end)
            value = _value(text, document.language)
            column = " ".join(dict.fromkeys(_words(layout, *span) for span in cell.headers))
            if value is not None and column:
                found.setdefault(column, []).append(Figure(name, value, text))
    for column, figures in found.items():
        names = {figure.row for figure in figures}
        units = {_unit(figure.text) for figure in figures}
        money = units & set("$€£")  # a statement writes the sign beside the first figure alone
        if len(names) == len(figures) > 2 and (len(units) == 1 or units == {"", *money}):
            said = _SCALE.search(column) or above
            scale = _SCALED[said[1].lower()] if said and money else ""
            yield Column(document, label, column, max(units), scale, tuple(figures))


def _words(layout: Layout, start: int, end: int) -> str:
    return " ".join(layout.of((start, end)).split())


def _value(text: str, language: str) -> Decimal | None:
    """Returns the lone figure of a cell, read by the language of its document."""
    bare = text.strip("€$£% ").strip()
    digits = re.fullmatch(
        r"([-−+(]?)\s?[$€£]?\s?([-−(]?)\s?(\d[\d.,]*)\)?(?:\s?[^\W\d_/]{1,3}| ?GB/s)?", bare
    )
    if digits is None:
        return None
    figure = digits[3]
    comma, point = ("," if language == "es" else "."), ("." if language == "es" else ",")
    grouped = rf"\d{{1,3}}(?:{re.escape(point)}\d{{3}})*(?:{re.escape(comma)}\d+)?"
    if not re.fullmatch(rf"{grouped}|\d+(?:{re.escape(comma)}\d+)?", figure):
        return None
    value = Decimal(figure.replace(point, "").replace(comma, "."))
    return -value if {digits[1], digits[2]} & set("-−(") else value


def _unit(text: str) -> str:
    found = _UNIT.findall(text.strip("() "))
    return found[-1] if found else ""


def _cases(columns: Sequence[Column], chance: random.Random, count: int) -> Iterator[Case]:
    column = chance.choice(columns)
    kinds = [kind for kind in _TEMPLATES["es"] if column.label or kind not in _BY_LABEL]
    chance.shuffle(kinds)
    for kind in kinds:
        case = _case(kind, column, columns, chance) if count else None
        if case is not None:
            count -= 1
            yield case


def _case(
    kind: str, column: Column, columns: Sequence[Column], chance: random.Random
) -> Case | None:
    """Returns a question of this kind; None where the table allows none."""
    short = [figure for figure in column.figures if len(figure.row) <= _LONGEST]
    if len(short) < 2:
        return None
    one, other = chance.sample(short, 2)
    if kind == "difference" and one.value < other.value:
        one, other = other, one
    seconds = [c for c in columns if c.unit and column.unit and c.unit != column.unit]
    if kind == "mixed" and not any(f.row == one.row for c in seconds for f in c.figures):
        return None
    if kind == "share" and (column.unit == "%" or one.value <= 0 or other.value <= 0):
        return None
    language = column.document.language
    least = sorted(figure.value for figure in column.figures)[len(column.figures) // 2]
    if kind in ("count", "filter") and (least <= 0 or column.scale):
        return None
    question = chance.choice(_TEMPLATES[language][kind]).format(
        col=column.name,
        row=one.row,
        other=other.row,
        label=column.label,
        second=seconds[0].name if seconds else "",
        least=f"{least}".replace(".", "," if language == "es" else "."),
    )
    value, names = _result(kind, column, one, other, least)
    unit = {"count": "", "filter": "", "share": "%"}.get(kind, column.unit)
    scale = "" if kind in ("count", "filter", "share") else column.scale
    return Case(column.document, question, kind, value, names, unit, scale)


def _result(
    kind: str, column: Column, one: Figure, other: Figure, least: Decimal
) -> tuple[Decimal | None, tuple[str, ...]]:
    values = [figure.value for figure in column.figures]
    if kind in ("largest", "smallest"):
        best = max(values) if kind == "largest" else min(values)
        return best, tuple(figure.row for figure in column.figures if figure.value == best)
    if kind == "filter":
        return None, tuple(figure.row for figure in column.figures if figure.value < least)
    if kind == "mixed":
        return None, ()
    results: dict[str, Decimal] = {
        "lookup": one.value,
        "sum": one.value + other.value,
        "difference": one.value - other.value,
        "average": (one.value + other.value) / 2,
        "share": one.value / other.value * 100 if other.value else Decimal(0),
        "count": Decimal(sum(value > least for value in values)),
    }
    return results[kind], ()


def _reading(
    library: Library, known: Sequence[Document], chance: random.Random
) -> Callable[[Case], Prepared | None]:
    analyzer: QuestionAnalyzer = library._parts()[0]
    layout_of = layouts(library.document)

    def answer(case: Case) -> Prepared | None:
        others = [document for document in known if document.id != case.document.id]
        found = [case.document, *chance.sample(others, min(_OTHERS, len(others)))]
        passages = [Passage(Chunk(d.id, 0, 1, d.text[:1]), d.title, d.path, 1.0) for d in found]
        return computed(analyzer.analyze(case.question), passages, layout_of)

    return answer


def _searching(library: Library) -> Callable[[Case], Prepared | None]:
    def answer(case: Case) -> Prepared | None:
        given = library.ask(case.question).answer
        return Prepared(given.blocks, given.citations, given.short) if given.found else None

    return answer


def _judged(case: Case, answer: Prepared | None) -> str:
    computes = answer is not None and (answer.short or len(answer.blocks) > 2)
    if case.kind == "mixed":
        adds = computes and answer and any(" + " in block.text for block in answer.blocks)
        return "wrong unit" if adds else "right"
    if answer is None:
        return "none"
    if answer.short is None and len(answer.blocks) > 2:
        return "asked back"
    short = answer.short or ""
    if case.kind == "filter":
        listed = f"{short} {' '.join(block.text for block in answer.blocks)}"
        return "right" if all(name in listed for name in case.names) else "wrong"
    if case.names and not any(name in short for name in case.names):
        return "wrong"
    values = [_value(text.lstrip("+"), case.document.language) for text in _NUMBER.findall(short)]
    if not any(_same(case.value, value) for value in values if value is not None):
        return "wrong"
    return "right" if case.unit in short and case.scale in short.lower() else "wrong unit"


def _same(wanted: Decimal | None, value: Decimal) -> bool:
    if wanted is None:
        return False
    places = max(0, -int(value.as_tuple().exponent))
    return wanted == value or (places > 0 and _rounded(wanted, places) == value)


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


if __name__ == "__main__":
    main()
