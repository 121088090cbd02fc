"""Which of several embedders should ship: one table, the same work for each.

    python -m eval.benchmarks.quality.candidates DATA FOLDER... [--dimensions 384 256 128] [--quick]

A FOLDER holds `model.onnx`, `tokenizer.json`, `model.json`. A row an embedder and dimension (the
first numbers of each vector, as Matryoshka training allows): R@1 / R@10 of XQuAD's development
paragraphs by pair of languages (question → paragraph); nDCG@10 of SciFact and Cranfield; the share
of the characters asked for that the five best windows of 120 words hold (chunking-eval); Spearman's
correlation on STS-b; passages a second, milliseconds a question, megabytes. `--quick`: XQuAD and
STS-b alone. Speeds compare only between rows of one call. Needs the development data.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from eval import metrics
from eval.benchmarks.quality.embedder import LANGUAGES, Floats, K, ndcg, ranks_of, similarity, xquad
from rag.models import BundledEmbedder, load_artefact

WINDOW, STEP, BEST = 120, 60, 5  # words of a window, words between two, windows read
QUESTIONS, PASSAGES = 60, 100  # timed


class Shortened:
    """An embedder whose vectors are cut to their first numbers."""

    def __init__(self, embedder: Any, dimension: int) -> None:
        self._embedder, self._dimension = embedder, dimension

    def encode_queries(self, texts: Sequence[str]) -> Floats:
        """Returns shape (n, dimension), unit length."""
        return self._cut(self._embedder.encode_queries(texts))

    def encode_documents(self, texts: Sequence[str]) -> Floats:
        """Returns shape (n, dimension), unit length."""
        return self._cut(self._embedder.encode_documents(texts))

    def _cut(self, vectors: Floats) -> Floats:
        short = vectors[:, : self._dimension]
        return np.asarray(short / np.linalg.norm(short, axis=1, keepdims=True))


def main() -> None:
    """Prints a Markdown row an embedder and dimension."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of the development data")
    parser.add_argument("folders", type=Path, nargs="+", help="embedders as they ship")
    parser.add_argument("--dimensions", type=int, nargs="+", default=[0], help="0: all there are")
    parser.add_argument("--quick", action="store_true", help="leave out the slow ones")
    flags = parser.parse_args()
    if not (flags.data / "qa").is_dir():
        sys.exit(f"{flags.data} holds no qa/: this measurement needs the development data")
    heading = True
    for folder in flags.folders:
        embedder = BundledEmbedder(load_artefact(folder))
        cost = costs(embedder, folder, flags.data)
        for dimension in flags.dimensions:
            short = Shortened(embedder, dimension) if dimension else embedder
            row = {"embedder": f"{folder.name} {dimension or embedder.dimension}"}
            row |= figures(short, flags.data, flags.quick) | cost
            if heading:
                print(f"| {' | '.join(row)} |\n|{' --- |' * len(row)}")
            heading = False
            print(f"| {' | '.join(row.values())} |", flush=True)


def figures(embedder: Any, data: Path, quick: bool) -> dict[str, str]:
    """Returns the cells of a row by their heading."""
    row = {}
    sets = {name: xquad(data / "qa" / f"xquad.dev.{name}.json") for name in LANGUAGES}
    asked = {name: embedder.encode_queries(rows[0]) for name, rows in sets.items()}
    found = {name: embedder.encode_documents(rows[2]) for name, rows in sets.items()}
    for question in LANGUAGES:
        for passage in LANGUAGES:
            ranks = ranks_of(asked[question], found[passage], np.array(sets[question][1]))
            both = f"{(ranks < 1).mean():.3f} / {(ranks < K).mean():.3f}"
            row[f"{question}→{passage}"] = both
    scores = [similarity(embedder, data / f"pairs/stsb/stsb-{n}-dev.csv.gz") for n in LANGUAGES]
    row["STS-b en / es"] = " / ".join(f"{score:.3f}" for score in scores)
    if not quick:
        row["SciFact"] = f"{ndcg(embedder, data / 'retrieval/scifact'):.3f}"
        row["Cranfield"] = f"{graded(embedder, data / 'retrieval/cranfield'):.3f}"
        row["chunking-eval"] = f"{held(embedder, data / 'retrieval/chunking-eval'):.3f}"
    return row


def costs(embedder: Any, folder: Path, data: Path) -> dict[str, str]:
    """Returns the speed on XQuAD's Spanish, the best of three, and the size."""
    questions, _, passages = xquad(data / "qa/xquad.dev.es.json")
    embedder.encode_queries(questions[:2])
    whole = _seconds(lambda: embedder.encode_documents(passages[:PASSAGES]))
    single = _seconds(lambda: [embedder.encode_queries([text]) for text in questions[:QUESTIONS]])
    size = sum(
        path.stat().st_size for path in folder.iterdir() if path.suffix in (".onnx", ".json")
    )
    return {
        "passages/s": f"{len(passages[:PASSAGES]) / whole:.1f}",
        "ms a question": f"{1000 * single / len(questions[:QUESTIONS]):.1f}",
        "MB": f"{size / 1e6:.1f}",
    }


def _seconds(work: Any) -> float:
    spent = []
    for _ in range(3):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return min(spent)


def graded(embedder: Any, folder: Path) -> float:
    """Returns the mean nDCG@10 of queries whose documents have grades."""
    with gzip.open(folder / "corpus.jsonl.gz", "rt", encoding="utf-8") as stream:
        corpus = [json.loads(line) for line in stream]
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    for line in (folder / "qrels.tsv").read_text("utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        grades[query][document] = int(grade)
    lines = (folder / "queries.jsonl").read_text("utf-8").splitlines()
    queries = [json.loads(line) for line in lines]
    queries = [query for query in queries if query["_id"] in grades]
    found = embedder.encode_documents([f"{row['title']}\n{row['text']}" for row in corpus])
    asked = embedder.encode_queries([query["text"] for query in queries])
    names = [row["_id"] for row in corpus]
    gains = [
        metrics.ranking([names[i] for i in np.argsort(-(found @ row), kind="stable")[:K]], judged)
        for row, judged in zip(asked, (grades[query["_id"]] for query in queries), strict=True)
    ]
    return float(np.mean([gain["ndcg@10"] for gain in gains]))


def held(embedder: Any, folder: Path) -> float:
    """Returns the share of the wanted characters in the best windows, mean over questions."""
    windows = [
        (path.name.removesuffix(".md.gz"), start, end, text)
        for path in sorted((folder / "corpora").glob("*.md.gz"))
        for start, end, text in windows_of(gzip.decompress(path.read_bytes()).decode("utf-8"))
    ]
    found = embedder.encode_documents([window[3] for window in windows])
    with (folder / "questions_df.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    asked = embedder.encode_queries([row["question"] for row in rows])
    return float(
        np.mean(
            [
                covered([windows[i][:3] for i in np.argsort(-(found @ vector))[:BEST]], row)
                for vector, row in zip(asked, rows, strict=True)
            ]
        )
    )


def windows_of(text: str) -> Iterator[tuple[int, int, str]]:
    """Gives overlapping windows of words with their places in the text."""
    words = [match.span() for match in re.finditer(r"\S+", text)]
    for first in range(0, max(1, len(words) - STEP), STEP):
        part = words[first : first + WINDOW]
        if part:
            yield part[0][0], part[-1][1], text[part[0][0] : part[-1][1]]


def covered(best: Sequence[tuple[str, int, int]], row: Mapping[str, str]) -> float:
    """Returns the share of the characters of a question's references that the windows hold."""
    wanted = set[int]()
    for span in json.loads(row["references"]):
        wanted |= set(range(int(span["start_index"]), int(span["end_index"])))
    read = set[int]()
    for corpus, start, end in best:
        if corpus == row["corpus_id"]:
            read |= set(range(start, end))
    return len(wanted & read) / len(wanted)


if __name__ == "__main__":
    main()
