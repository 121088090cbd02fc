"""How well an embedder finds and compares, by itself: dense search and sentence similarity.

    python -m eval.benchmarks.quality.embedder DATA \
        [--embedder bundled all-MiniLM-L6-v2 FOLDER] [--no-scifact]

XQuAD development paragraphs, each language one corpus of 240: share of questions whose paragraph
comes first and among the first ten, for the four pairs of languages (question → paragraph). STS
benchmark, development pairs: Spearman's rank correlation of cosine and human score. SciFact, train
claims over its 5,183 abstracts: nDCG@10. Needs the development data.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.config import Settings
from rag.library import Library

Floats = NDArray[np.float32]
LANGUAGES = ("en", "es")
K = 10


def main() -> None:
    """Prints one block an embedder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of the development data")
    parser.add_argument("--embedder", nargs="+", default=["bundled"])
    parser.add_argument("--precision", default="auto", help="of models that are not bundled")
    parser.add_argument("--no-scifact", action="store_true", help="leave out the slow one")
    flags = parser.parse_args()
    if not (flags.data / "qa").is_dir():
        sys.exit(f"{flags.data} holds no qa/: this measurement needs the development data")
    for name in flags.embedder:
        embedder = make(replace(Settings(), embedder=name, precision=flags.precision))
        print(f"{name} ({embedder.fingerprint})", flush=True)
        for line in figures(embedder, flags.data, not flags.no_scifact):
            print(f"  {line}", flush=True)


def make(settings: Settings) -> Any:
    """Returns the embedder that the settings ask for; makes no library."""
    with tempfile.TemporaryDirectory() as folder:
        chosen = replace(settings, library=Path(folder) / "library")
        with Library.open(settings=chosen) as library:
            return library.embedder


def figures(embedder: Any, data: Path, scifact: bool) -> Iterator[str]:
    """Gives lines of results, as they come."""
    sets = {language: xquad(data / "qa" / f"xquad.dev.{language}.json") for language in LANGUAGES}
    asked = {lang: embedder.encode_queries(rows[0]) for lang, rows in sets.items()}
    found = {lang: embedder.encode_documents(rows[2]) for lang, rows in sets.items()}
    for question in LANGUAGES:
        for paragraph in LANGUAGES:
            ranks = ranks_of(asked[question], found[paragraph], np.array(sets[question][1]))
            first, ten = float((ranks < 1).mean()), float((ranks < K).mean())
            yield f"XQuAD {question}→{paragraph}  R@1 {first:.3f}  R@{K} {ten:.3f}"
    for language in LANGUAGES:
        value = similarity(embedder, data / "pairs" / "stsb" / f"stsb-{language}-dev.csv.gz")
        yield f"STS-b {language}  Spearman {value:.4f}"
    if scifact:
        yield f"SciFact  nDCG@{K} {ndcg(embedder, data / 'retrieval' / 'scifact'):.4f}"


def xquad(path: Path) -> tuple[list[str], list[int], list[str]]:
    """Returns questions, the index of each one's paragraph, and the paragraphs."""
    questions, gold, paragraphs = list[str](), list[int](), list[str]()
    for article in json.loads(path.read_text("utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            for asked in paragraph["qas"]:
                questions.append(asked["question"])
                gold.append(len(paragraphs))
            paragraphs.append(paragraph["context"])
    return questions, gold, paragraphs


def ranks_of(asked: Floats, found: Floats, gold: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns how many paragraphs are nearer to each question than its own: (questions,)."""
    scores = asked @ found.T
    right = scores[np.arange(len(gold)), gold]
    return np.asarray((scores > right[:, None]).sum(axis=1))


def similarity(embedder: Any, path: Path) -> float:
    """Returns Spearman's correlation over the pairs of an STS file."""
    from scipy.stats import spearmanr

    with gzip.open(path, "rt", encoding="utf-8") as stream:
        rows = [row for row in csv.reader(stream) if len(row) == 3 and row[2][:1].isdigit()]
    left, right = (embedder.encode_queries([row[side] for row in rows]) for side in (0, 1))
    cosines = (left * right).sum(axis=1)
    return float(spearmanr(cosines, [float(row[2]) for row in rows]).statistic)


def ndcg(embedder: Any, folder: Path) -> float:
    """Returns the mean nDCG@10 of the claims that have a relevant abstract; relevance is 0 or 1."""
    with gzip.open(folder / "corpus.jsonl.gz", "rt", encoding="utf-8") as stream:
        corpus = [json.loads(line) for line in stream]
    relevant: dict[str, set[str]] = {}
    for line in (folder / "qrels.train.tsv").read_text("utf-8").splitlines()[1:]:
        claim, abstract, grade = line.split("\t")
        if int(grade) > 0:
            relevant.setdefault(claim, set()).add(abstract)
    claims = [json.loads(line) for line in (folder / "queries.train.jsonl").open(encoding="utf-8")]
    claims = [claim for claim in claims if str(claim["_id"]) in relevant]
    found = embedder.encode_documents([f"{row['title']}\n{row['text']}" for row in corpus])
    asked = embedder.encode_queries([claim["text"] for claim in claims])
    names = np.array([str(row["_id"]) for row in corpus])
    gains = []
    for claim, row in zip(claims, asked, strict=True):
        best = names[np.argsort(-(found @ row), kind="stable")[:K]]
        gains.append(gain(list(best), relevant[str(claim["_id"])]))
    return float(np.mean(gains))


def gain(ranking: list[str], relevant: set[str]) -> float:
    """Returns the nDCG of one ranking (Järvelin and Kekäläinen 2002), binary relevance."""
    discounts = 1 / np.log2(np.arange(K) + 2)
    hits = np.array([name in relevant for name in ranking])
    best = discounts[: min(K, len(relevant))].sum()
    return float((hits * discounts[: len(hits)]).sum() / best)


if __name__ == "__main__":
    main()
