"""Whether the answer's text stands in the passages found: the articles in Spanish and English.

    rag ingest DATA/rag/xquad-articles.shared/docs --library LIB
    python -m eval.benchmarks.quality.retrieval --articles DATA/rag/xquad-articles.shared \
        --library LIB [--reranker coverage none] [--limit 400]

Per setting and pair of languages: the share of answerable questions whose gold answer stands in the
best, or one of the 5 best, passages of the right document. «es» and «en» search the library of both
languages; «es→en» shows a Spanish question only the English documents; «es⇢en» all articles in both
languages, but its own in English alone. Needs the development data.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from eval import metrics
from rag.config import Settings
from rag.library import Library
from rag.schema import Filters, Passage

K = 5


@dataclass(frozen=True)
class Case:
    """A question, the pair of languages it tests, and the document and texts that answer it."""

    question: str
    pair: str
    document: str
    gold: tuple[str, ...]
    filters: Filters


def main() -> None:
    """Reads the flags and prints one row a setting and pair."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--articles", type=Path, required=True)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--reranker", nargs="+", default=["coverage"])
    parser.add_argument("--limit", type=int, help="questions a pair")
    parser.add_argument("--questions", type=Path, help="only write the set for `rag eval` here")
    flags = parser.parse_args()
    if not (flags.articles / "questions.jsonl").is_file():
        sys.exit(f"{flags.articles} is not there: this measurement needs the development data")
    if flags.questions:
        write_questions(flags.articles, flags.questions)
        return
    cases = list(limited(read_cases(flags.articles), flags.limit))
    for reranker in flags.reranker:
        settings = replace(Settings(), library=flags.library, reranker=reranker)
        with Library.open(settings=settings) as library:
            report(reranker, library, cases)


def read_cases(folder: Path) -> Iterator[Case]:
    """Gives each answerable question in its own language, and twice with its twin."""
    rows = [json.loads(line) for line in _lines(folder)]
    rows = [row for row in rows if row["answerable"]]
    twins = {(row["id"], row["lang"]): row for row in rows}
    paths = sorted({_path(row) for row in rows})
    for row in rows:
        language = row["lang"]
        yield _case(row, row, language, Filters())
        other = "en" if language == "es" else "es"
        twin = twins.get((row["id"], other))
        if twin:
            yield _case(row, twin, f"{language}→{other}", Filters(languages=(other,)))
            without = tuple(path for path in paths if path != _path(row))
            yield _case(row, twin, f"{language}⇢{other}", Filters(paths=without))


def write_questions(folder: Path, out: Path) -> None:
    """Writes the set, unanswerable questions included, as `rag eval` and `rag ask` read it."""
    with out.open("w", encoding="utf-8") as stream:
        for line in _lines(folder):
            row = json.loads(line)
            question = {
                "id": f"{row['id']}-{row['lang']}",
                "question": row["question"],
                "answers": row["answers"],
                "unanswerable": not row["answerable"],
                "evidence": [{"path": _path(row)}] if row["doc"] else [],
                "language": row["lang"],
            }
            stream.write(json.dumps(question, ensure_ascii=False) + "\n")


def limited(cases: Iterator[Case], limit: int | None) -> Iterator[Case]:
    """Gives the first `limit` cases of each pair."""
    taken: dict[str, int] = {}
    for case in cases:
        taken[case.pair] = taken.get(case.pair, 0) + 1
        if limit is None or taken[case.pair] <= limit:
            yield case


def report(name: str, library: Library, cases: list[Case]) -> None:
    """Prints one line per pair of languages: number of questions, top-1, top-5."""
    hits: dict[str, list[tuple[bool, bool]]] = {}
    for case in cases:
        found = [holds(case, passage) for passage in library.search(case.question, K, case.filters)]
        hits.setdefault(case.pair, []).append((any(found[:1]), any(found)))
    for pair, rows in hits.items():
        first, five = (sum(row[i] for row in rows) / len(rows) for i in (0, 1))
        print(f"{name:17} {pair:6} {len(rows):5} top-1 {first:.3f} top-{K} {five:.3f}", flush=True)


def holds(case: Case, passage: Passage) -> bool:
    """Tells whether the passage is of the right document and holds a gold answer."""
    return case.document.endswith(passage.path) and any(
        metrics.contains(passage.chunk.text, answer) for answer in case.gold
    )


def _case(asked: dict[str, str], answered: dict[str, str], pair: str, filters: Filters) -> Case:
    gold = tuple(answered["answers"])
    return Case(asked["question"], pair, answered["doc"], gold, filters)


def _path(row: dict[str, str]) -> str:
    """Returns the path of its document in a library that ingested `docs`."""
    return row["doc"].removeprefix("docs/")


def _lines(folder: Path) -> list[str]:
    return (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    main()
