"""Whether figures computed from tables are right: questions made by a script, with known results.

    python -m eval.benchmarks.quality.computations --library LIB... [--tables 40] [--each 5]
        [--search] [--show]

Tables with three rows of figures or more are drawn, half of them Spanish if there are so many, and
questions asked of each by the names of its rows and columns, in the language of its document. The
results are worked out here, from the cells' characters. Without `--search` the document itself and
four others are what was found; with it, what `rag ask` finds. Right: the result's value is in the
short answer, with its sign; of what cannot be added (euros and hours), a refusal. Asked back: two
tables are shown. A wrong unit: the result lacks the cells' unit, or the scale of the table.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from eval.benchmarks.helpers.table_questions import TEMPLATES, Case, Column, cases, tables, value_of
from rag.answering import QuestionAnalyzer
from rag.answering.layout import layouts
from rag.answering.prepared import Prepared
from rag.answering.tables import computed
from rag.config import Settings
from rag.library import Library
from rag.schema import BlockKind, Document

_NUMBER = re.compile(r"[-−+(]?[$€£]?\(?\d(?:[\d.,]*\d)?")
_OTHERS = 4  # documents beside the table's own
_GOOD = ("right", "asked back")


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
                for case in cases(columns, chance, flags.each):
                    _tell(case, answer(case), tally, flags.show)
    whole = sum(tally[f"{case}, all"] for case in TEMPLATES["es"])
    for name, count in sorted(tally.items()):
        print(f"{name:24} {count}")
    good = sum(tally[name] for name in _GOOD)
    count = sum(map(len, drawn.values()))
    print(f"{whole} questions over {count} tables: right or asked back {good / whole:.3f}")


def _drawn(
    folders: Sequence[Path], count: int, chance: random.Random
) -> dict[Path, list[list[Column]]]:
    """Returns the tables that are asked about: half of them Spanish, as far as there are any."""
    found: dict[str, list[tuple[Path, list[Column]]]] = {"es": [], "en": []}
    for folder in folders:
        with Library.open(settings=Settings(library=folder)) as library:
            for info in library.documents():
                document = library.document(info.id)
                for columns in tables(document) if document else ():
                    found[columns[0].document.language].append((folder, columns))
    for known in found.values():
        chance.shuffle(known)
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


def _reading(
    library: Library, known: Sequence[Document], chance: random.Random
) -> Callable[[Case], Prepared | None]:
    analyzer: QuestionAnalyzer = library._parts()[0]
    layout_of, infos = layouts(library.document), library.documents()

    def answer(case: Case) -> Prepared | None:
        others = [document for document in known if document.id != case.document.id]
        found = [case.document, *chance.sample(others, min(_OTHERS, len(others)))]
        question = analyzer.analyze(case.question)
        return computed(question, [document.id for document in found], infos, layout_of)

    return answer


def _searching(library: Library) -> Callable[[Case], Prepared | None]:
    def answer(case: Case) -> Prepared | None:
        given = library.ask(case.question).answer
        made = Prepared(given.blocks, given.citations, given.short)
        return made if given.citations else None

    return answer


def _judged(case: Case, answer: Prepared | None) -> str:
    computes = answer is not None and (answer.short or len(answer.blocks) > 2)
    if case.kind == "mixed":
        adds = computes and answer and any(" + " in block.text for block in answer.blocks)
        refused = answer and answer.blocks[0].kind is BlockKind.REFUSAL
        return "wrong unit" if adds else "right" if refused else "none"
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
    values = [value_of(text.lstrip("+"), case.document.language) for text in _NUMBER.findall(short)]
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
