"""Which keyword index should the store use? Speed, size and quality of each, in one run.

Reads a folder of public development data (see `--data`), cuts it into pieces of about 120 words,
stems them and hands the tokens to every engine. Queries are asked of all engines in turn, so that
a busy machine slows them alike. Knows nothing about the product's own store.

    python -m eval.benchmarks.quality.keyword --data DIR
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import re
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path

import numpy as np

from eval.benchmarks.speed.keyword_engines import Bm25s, Engine, Fts5, Postings, Rows, Tantivy

WORDS = 120
K = 50
CHANGED = 1000  # chunks added, then deleted, on the full index
LANGUAGES = ("es", "en")
PARAGRAPHS = "retrieval/squad-paragraphs.shared"

ENGINES: dict[str, Callable[[Path], Engine]] = {
    "FTS5": Fts5,
    "FTS5, ORDER BY rank": partial(Fts5, order="rank"),
    "FTS5 without content": partial(Fts5, options="content=''"),
    "FTS5, terms in > 10 % of chunks left out": partial(Fts5, prune=0.1),
    "FTS5, terms in > 2 % left out": partial(Fts5, prune=0.02),
    "FTS5 detail=column": partial(Fts5, options="detail=column"),
    "FTS5 detail=none": partial(Fts5, options="detail=none"),
    "tantivy": Tantivy,
    "bm25s k1=.9 b=.4": Bm25s,
    "bm25s k1=1.2 b=.75": partial(Bm25s, k1=1.2, b=0.75),
    "own BM25 on BLOBs k1=.9 b=.4": Postings,
    "own BM25 on BLOBs k1=1.2 b=.75": partial(Postings, k1=1.2, b=0.75),
}


def main() -> int:
    """Build, time and score every engine; print Markdown tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("FUENTE_DATA"))
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--only", default="", help="engines whose name contains this")
    options = parser.parse_args()
    if options.data is None or not (options.data / PARAGRAPHS).is_dir():
        print(
            f"no development data at {options.data}: give --data DIR or set FUENTE_DATA to the "
            f"folder that holds {PARAGRAPHS}",
            file=sys.stderr,
        )
        return 1
    engines = {name: make for name, make in ENGINES.items() if options.only in name}
    started = time.perf_counter()
    rows = load_chunks(options.data, options.chunks + CHANGED)
    print(f"{len(rows)} chunks, {sum(len(t) for _, t in rows) / len(rows):.0f} stems each on ")
    print(f"average, made in {time.perf_counter() - started:.0f} s\n", flush=True)
    speed(options.data, engines, rows, options.questions)
    quality(options.data, engines)
    return 0


# ---------------------------------------------------------------- text


def load_chunks(data: Path, count: int) -> Rows:
    """The first `count` pieces of the data: evaluation paragraphs whole, then other text cut."""
    rows: list[tuple[int, list[str]]] = []
    for language, text in _texts(data):
        rows.append((len(rows) + 1, stems(text, language)))
        if len(rows) == count:
            return rows
    raise SystemExit(f"{data} gives only {len(rows)} chunks of {WORDS} words, {count} were asked")


def _texts(data: Path) -> Iterator[tuple[str, str]]:
    for language in LANGUAGES:
        for _, text in paragraphs(data, language):
            yield language, text
    for name in ("scifact", "cranfield"):
        for row in _lines(data / f"retrieval/{name}/corpus.jsonl.gz"):
            yield from _cut([("en", row["text"])])
    yield from _cut(_training(data / "training"))


def _training(folder: Path) -> Iterator[tuple[str, str]]:
    # Each context once: question sets repeat theirs. The Spanish parallel text comes in full.
    seen: set[str] = set()
    for row in _lines(folder / "parallel.en-es.jsonl.gz"):
        yield "es", row["es"]
    for name in ("qa.synthetic-es", "qa", "pairs"):
        for row in _lines(folder / f"{name}.jsonl.gz"):
            text = row.get("context") or row.get("passage") or ""
            if text not in seen:
                seen.add(text)
                yield row["lang"].split(">")[-1], text
    for row in _lines(folder / "parallel.en-es.jsonl.gz"):
        yield "en", row["en"]


def _cut(texts: Iterator[tuple[str, str]] | Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Join short neighbours of one language and split long ones, to about WORDS words each."""
    held: list[str] = []
    spoken = ""
    for language, text in texts:
        if held and language != spoken:
            yield spoken, " ".join(held)
            held = []
        spoken = language
        held += text.split()
        while len(held) >= WORDS:
            yield spoken, " ".join(held[:WORDS])
            held = held[WORDS:]


def paragraphs(data: Path, language: str) -> list[tuple[str, str]]:
    """(id, title and text) of the evaluation paragraphs."""
    rows = _lines(data / PARAGRAPHS / f"corpus.{language}.jsonl.gz")
    return [(row["_id"], f"{row['title']}\n{row['text']}") for row in rows]


def _lines(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        yield from map(json.loads, stream)


def stems(text: str, language: str) -> list[str]:
    """Stems without stop words; accents are folded after stemming."""
    words = re.findall(r"[^\W_]+", text.lower())
    return [stem for word in words if (stem := _stem(word, language))]


@cache
def _stem(word: str, language: str) -> str:
    from bm25s.stopwords import STOPWORDS_EN_PLUS, STOPWORDS_SPANISH

    if word in (STOPWORDS_SPANISH if language == "es" else STOPWORDS_EN_PLUS):
        return ""
    stem: str = _stemmer(language).stemWord(word)
    decomposed = unicodedata.normalize("NFD", stem)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


@cache
def _stemmer(language: str):  # type: ignore[no-untyped-def]  # Stemmer has no types
    import Stemmer

    return Stemmer.Stemmer({"es": "spanish", "en": "english"}[language])


# ---------------------------------------------------------------- measuring


def speed(
    data: Path, engines: dict[str, Callable[[Path], Engine]], rows: Rows, questions: int
) -> None:
    """Times on the big index, and how often the right paragraph is found in it."""
    names = [key for lang in LANGUAGES for key, _ in paragraphs(data, lang)]
    offset = {"es": 0, "en": sum(1 for _ in paragraphs(data, "es"))}
    asked = [
        (tokens, lang, gold)
        for lang in LANGUAGES
        for tokens, gold in sample(data, lang, questions // 2)
    ]
    with tempfile.TemporaryDirectory() as folder:
        figures: dict[str, str] = {}
        built: dict[str, Engine] = {}
        for name, make in engines.items():
            place = Path(folder) / str(len(built))
            place.mkdir()
            built[name], figures[name] = _build(make, place, rows)
        times, found = _ask_in_turn(built, asked)
    print(
        "| engine | build s | add 1,000 s | delete 1,000 s | open ms | MB | p50 ms | p95 ms |"
        " R@1 / R@10 at size |\n|" + " --- |" * 9
    )
    for name in engines:
        # The first rows are the evaluation paragraphs, Spanish ones first, ids from 1.
        ranks = [
            [
                names[i - 1]
                if offset[lang] < i <= len(names) and (lang == "en" or i <= offset["en"])
                else ""
                for i in ids
            ]
            for ids, (_, lang, _) in zip(found[name], asked, strict=True)
        ]
        hits = [
            [gold in ids[:k] for ids, (_, _, gold) in zip(ranks, asked, strict=True)]
            for k in (1, 10)
        ]
        p50, p95 = np.percentile(times[name], (50, 95)) * 1000
        print(
            f"| {name} | {figures[name]} | {p50:.1f} | {p95:.1f} | "
            f"{np.mean(hits[0]):.3f} / {np.mean(hits[1]):.3f} |",
            flush=True,
        )


def _build(make: Callable[[Path], Engine], place: Path, rows: Rows) -> tuple[Engine, str]:
    """Build, reopen, add and delete. Returns the engine with its five figures as table cells."""
    engine = make(place)
    build = _timed(lambda: engine.build(rows[:-CHANGED]))
    size = sum(file.stat().st_size for file in place.rglob("*") if file.is_file()) / 1e6
    add = _timed(lambda: engine.add(rows[-CHANGED:]))
    delete = _timed(lambda: engine.delete([key for key, _ in rows[-CHANGED:]]))
    opening = _timed(engine.open) * 1000
    return engine, f"{build:.1f} | {add:.2f} | {delete:.2f} | {opening:.0f} | {size:.0f}"


def _ask_in_turn(
    engines: dict[str, Engine], asked: list[tuple[list[str], str, str]]
) -> tuple[dict[str, list[float]], dict[str, list[list[int]]]]:
    times: dict[str, list[float]] = {name: [] for name in engines}
    found: dict[str, list[list[int]]] = {name: [] for name in engines}
    for engine in engines.values():  # the first query pays for caches
        engine.search(asked[0][0], K)
    for tokens, _, _ in asked:
        for name, engine in engines.items():
            started = time.perf_counter()
            found[name].append(engine.search(tokens, K))
            times[name].append(time.perf_counter() - started)
    return times, found


def _timed(action: Callable[[], None]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def sample(data: Path, language: str, count: int | None = None) -> list[tuple[list[str], str]]:
    """(stems, gold paragraph) of the questions, `count` of them drawn with a fixed seed."""
    gold = {}
    with gzip.open(data / PARAGRAPHS / "qrels.tsv.gz", "rt", encoding="utf-8") as stream:
        for line in stream.read().splitlines()[1:]:
            question, paragraph, _ = line.split("\t")
            gold[question] = paragraph
    here = {key for key, _ in paragraphs(data, language)}
    rows = [
        (stems(row["text"], language), gold[row["_id"]])
        for row in _lines(data / PARAGRAPHS / f"queries.{language}.jsonl.gz")
        if gold.get(row["_id"]) in here
    ]
    rows = [row for row in rows if row[0]]
    return rows if count is None else random.Random(0).sample(rows, count)


def quality(data: Path, engines: dict[str, Callable[[Path], Engine]]) -> None:
    """Recall on the paragraphs of one language alone, all questions."""
    print("\n| engine | es R@1 / R@10 | en R@1 / R@10 |\n| --- | --- | --- |")
    for name, make in engines.items():
        cells = []
        for language in LANGUAGES:
            texts = paragraphs(data, language)
            with tempfile.TemporaryDirectory() as folder:
                engine = make(Path(folder))
                engine.build([(i, stems(t, language)) for i, (_, t) in enumerate(texts)])
                ranks = [
                    ([texts[i][0] for i in engine.search(tokens, 10)], gold)
                    for tokens, gold in sample(data, language)
                ]
            first = np.mean([gold in ids[:1] for ids, gold in ranks])
            ten = np.mean([gold in ids for ids, gold in ranks])
            cells.append(f"{first:.3f} / {ten:.3f}")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
