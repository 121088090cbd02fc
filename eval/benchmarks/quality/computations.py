"""Whether figures computed from tables are right: questions made by a script, with known results.

    python -m eval.benchmarks.quality.computations --library LIB [--tables 40] [--each 5] [--search]

Tables of the library with three rows of figures or more are drawn, and questions asked of each by
the names of its rows and columns, in the language of its document. The results are worked out here,
from the cells' characters. Without `--search` the document itself and four others are what was
found; with it, what `rag ask` finds. Right: the result's value is in the short answer. Asked back:
two tables are shown. A wrong unit: the result has another sign for its unit than the cells.
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
from rag.schema import Chunk, Document, DocumentBlockKind, Passage

_NUMBER = re.compile(r"[-−+]?\d[\d.,]*\d|[-−+]?\d")
_UNIT = re.compile(r"[€$£%]|[^\W\d_]{1,3}$")
_OTHERS = 4  # documents beside the table's own
_TOTAL = re.compile(r"(?:sub)?total|conjunto|overall|suma", re.IGNORECASE)
_LONGEST = 45  # characters of a name that a question says

_TEMPLATES: dict[str, dict[str, tuple[str, ...]]] = {
    "es": {
        "lookup": ("¿Cuál es el valor de {col} de {row}?", "¿Qué {col} tiene {row}?"),
        "pair": ("¿Cuánto suman {row} y {other} en {col}?",),
        "difference": (
            "¿Qué diferencia de {col} hay entre {row} y {other}?",
            "¿Cuánto más {col} tiene {row} que {other}?",
        ),
        "mean": ("¿Cuál es la media de {col} de {row} y {other}?",),
        "largest": (
            "¿Qué {label} tiene el mayor {col}?",
            "¿Cuál es el {col} más alto por {label}?",
        ),
        "smallest": ("¿Qué {label} tiene el menor {col}?",),
        "count": ("¿Cuántos {label} tienen más de {least} de {col}?",),
    },
    "en": {
        "lookup": ("What is the {col} of {row}?", "What {col} does {row} have?"),
        "pair": ("What is the sum of {col} of {row} and {other}?",),
        "difference": (
            "What is the difference in {col} between {row} and {other}?",
            "How much more {col} does {row} have than {other}?",
        ),
        "mean": ("What is the average {col} of {row} and {other}?",),
        "largest": ("Which {label} has the highest {col}?",),
        "smallest": ("Which {label} has the lowest {col}?",),
        "count": ("How many {label} have more than {least} {col}?",),
    },
}


@dataclass(frozen=True, slots=True)
class Case:
    """A question of a table, and its result: a figure, or the name of a row."""

    document: Document
    question: str
    kind: str
    value: Decimal | None
    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of figures: the names, and by row the figure and its characters."""

    document: Document
    title: str
    label: str
    name: str
    figures: tuple[tuple[str, Decimal, str], ...]


def main() -> None:
    """Reads the flags; prints the shares, and each question that was not answered right."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--tables", type=int, default=40)
    parser.add_argument("--each", type=int, default=5)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--search", action="store_true")
    flags = parser.parse_args()
    chance, tally = random.Random(flags.seed), Counter[str]()
    with Library.open(settings=Settings(library=flags.library)) as library:
        documents = [library.document(info.id) for info in library.documents()]
        known = [document for document in documents if document is not None]
        columns = [column for document in known for column in _columns(document)]
        chance.shuffle(columns)
        tables = {(one.document.id, one.title, one.label): one for one in columns}
        chosen = list(tables.values())[: flags.tables]
        answer = _searching(library) if flags.search else _reading(library, known, chance)
        for column in chosen:
            for case in _cases(column, chance, flags.each):
                verdict = _judged(case, answer(case))
                tally[verdict] += 1
                tally[f"{case.kind} {verdict}"] += 1
                if verdict not in ("right", "asked back"):
                    print(f"{verdict}: {case.question} ({case.document.path}) → {_wanted(case)}")
    _print(tally, len(chosen))


def _print(tally: Counter[str], tables: int) -> None:
    whole = sum(tally[name] for name in ("right", "asked back", "none", "wrong", "wrong unit"))
    for name, count in sorted(tally.items()):
        print(f"{name:22} {count}")
    good = tally["right"] + tally["asked back"]
    print(f"{whole} questions over {tables} tables: right or asked back {good / whole:.3f}")


def _columns(document: Document) -> Iterator[Column]:
    layout = Layout(document)
    for blocks in layout.tables:
        rows = [block for block in blocks if block.kind is DocumentBlockKind.ROW and block.cells]
        headings = document.headings_at(blocks[0].start)
        found: dict[str, list[tuple[str, Decimal, str]]] = {}
        label = ""
        for row in rows:
            name = _words(layout, row.cells[0].start, row.cells[0].end)
            if _TOTAL.match(name) or not name[:1].isalpha():
                continue
            label = " ".join(layout.of(span) for span in row.cells[0].headers)
            for cell in row.cells[1:]:
                text = _words(layout, cell.start, cell.end)
                value = _value(text, document.language)
                parts = dict.fromkeys(_words(layout, *span) for span in cell.headers)
                column = " ".join(parts)
                if value is not None and column:
                    found.setdefault(column, []).append((name, value, text))
        for column, figures in found.items():
            names = [name for name, _, _ in figures]
            units = {_unit(text) for _, _, text in figures}
            if len(set(names)) == len(names) > 2 and len(units) == 1 and len(column) < 60:
                yield Column(document, " ".join(headings[-1:]), label, column, tuple(figures))


def _words(layout: Layout, start: int, end: int) -> str:
    return " ".join(layout.of((start, end)).split())


def _value(text: str, language: str) -> Decimal | None:
    """Returns the lone figure of a cell, read by the language of its document."""
    bare = text.strip("€$£% ").strip()
    digits = re.fullmatch(r"([-−+(]?)\s?[$€]?\s?(\d[\d.,]*)\)?(?:\s?[^\W\d_/]{1,3}| ?GB/s)?", bare)
    if digits is None:
        return None
    figure = digits[2]
    comma, point = ("," if language == "es" else "."), ("." if language == "es" else ",")
    if not re.fullmatch(
        rf"\d{{1,3}}(?:{re.escape(point)}\d{{3}})*(?:{re.escape(comma)}\d+)?|\d+(?:{re.escape(comma)}\d+)?",
        figure,
    ):
        return None
    value = Decimal(figure.replace(point, "").replace(comma, "."))
    return -value if digits[1] in ("-", "−", "(") else value


def _unit(text: str) -> str:
    found = _UNIT.findall(text.strip("() "))
    return found[-1] if found else ""


def _cases(column: Column, chance: random.Random, count: int) -> Iterator[Case]:
    templates = _TEMPLATES[column.document.language]
    kinds = [
        kind for kind in templates if kind not in ("largest", "smallest", "count") or column.label
    ]
    for kind in chance.sample(kinds, min(count, len(kinds))):
        short = [figure for figure in column.figures if len(figure[0]) <= _LONGEST]
        if len(short) < 2:
            continue
        one, other = chance.sample(short, 2)
        if kind == "difference" and one[1] < other[1]:
            one, other = other, one
        least = sorted(value for _, value, _ in column.figures)[len(column.figures) // 2]
        shown = f"{least}".replace(".", "," if column.document.language == "es" else ".")
        names = {"row": one[0], "other": other[0], "least": shown, "label": column.label}
        question = chance.choice(templates[kind]).format(col=column.name, **names)
        value, name = _result(kind, column, one, other, least)
        unit = "" if kind == "count" else _unit(one[2])
        yield Case(column.document, question, kind, value, name, unit)


def _result(
    kind: str,
    column: Column,
    one: tuple[str, Decimal, str],
    other: tuple[str, Decimal, str],
    least: Decimal,
) -> tuple[Decimal | None, str]:
    values = [value for _, value, _ in column.figures]
    if kind in ("largest", "smallest"):
        best = max(values) if kind == "largest" else min(values)
        return best, "|".join(name for name, value, _ in column.figures if value == best)
    results: dict[str, Decimal] = {
        "lookup": one[1],
        "pair": one[1] + other[1],
        "difference": one[1] - other[1],
        "mean": (one[1] + other[1]) / 2,
        "count": Decimal(sum(value > least for value in values)),
    }
    return results[kind], ""


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
    if answer is None:
        return "none"
    if answer.short is None and len(answer.blocks) > 2:
        return "asked back"
    short = answer.short or ""
    print(f"    {case.question} → {short}")
    if case.name and not any(name in short for name in case.name.split("|")):
        return "wrong"
    values = [_plain(text, case.document.language) for text in _NUMBER.findall(short)]
    value = case.value
    if value is not None and not any(_same(value, v) for v in values if v is not None):
        return "wrong"
    return "right" if not case.unit or case.unit in short else "wrong unit"


def _plain(text: str, language: str) -> Decimal | None:
    return _value(text.lstrip("+"), language)


def _same(wanted: Decimal, value: Decimal) -> bool:
    places = -int(value.normalize().as_tuple().exponent)
    step = Decimal(1).scaleb(-max(places, 0))
    return wanted == value or (places > 0 and wanted.quantize(step, ROUND_HALF_UP) == value)


def _wanted(case: Case) -> str:
    return f"{case.value} {case.unit} {case.name}"


if __name__ == "__main__":
    main()
