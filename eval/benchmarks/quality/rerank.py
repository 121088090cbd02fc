"""How much weight a reader deserves against the search before it, by pair of languages.

    python -m eval.benchmarks.quality.rerank DATA --work DIR \
        [--sets squad-es squad-en es→en scifact …] \
        [--questions 400] [--fold K/N] [--depth 20] [--chars 600]

The first run makes a library a set under DIR and writes what each of its passages scored, before
and by the reader, to DIR/SET-DEPTH-CHARS.jsonl; weights are then tried on those scores, in this run
and later ones, without reading again. Prints R@1 and nDCG@10 for each weight; 0 is no reader. The
sets: SQuAD paragraphs in Spanish and English, each also asked in the other language; SciFact;
Cranfield. Needs the development data.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval import metrics
from eval.benchmarks.helpers.retrieval_sets import SETS, Asked, opened
from rag.config import Settings
from rag.retrieval.retriever import normalise
from rag.schema import Passage

WEIGHTS = [step / 10 for step in range(11)]
EDGE = 1e-12  # a probability nearer to 0 or 1 has lost its logit


@dataclass(frozen=True)
class Scored:
    """What was found for a question: names of documents, scores before, relevance by the reader."""

    grades: Mapping[str, int]
    names: Sequence[str]
    before: Sequence[float]
    read: Sequence[float]


def main() -> None:
    """Reads the flags, reads the passages that were not read yet, prints the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="the folder that holds retrieval/")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument(
        "--questions", type=int, default=400, help="of each set, the same each time"
    )
    parser.add_argument("--fold", help="K/N: only the articles that this fold left out")
    parser.add_argument("--depth", type=int, default=Settings().rerank_depth)
    parser.add_argument("--chars", type=int, default=Settings().qa_chars)
    flags = parser.parse_args()
    folder = flags.data / "retrieval"
    if not folder.is_dir():
        sys.exit(f"{folder} is not there: this measurement needs the development data")
    flags.work.mkdir(parents=True, exist_ok=True)
    for name in flags.sets:
        part = f"-{flags.fold.replace('/', 'of')}" if flags.fold else ""
        cache = flags.work / f"{name}-{flags.depth}-{flags.chars}{part}.jsonl"
        if not cache.exists():
            settings = Settings(rerank_depth=flags.depth, qa_chars=flags.chars)
            rows = read_set(folder, name, flags.work, settings, flags.questions, flags.fold)
            text = "".join(json.dumps(vars(row), ensure_ascii=False) + "\n" for row in rows)
            cache.write_text(text, encoding="utf-8")
        report(name, [Scored(**json.loads(line)) for line in cache.open(encoding="utf-8")])


def read_set(
    folder: Path, name: str, work: Path, settings: Settings, limit: int, fold: str | None = None
) -> list[Scored]:
    """Searches and reads for up to `limit` questions of a set, in a library made when missing."""
    with opened(folder, name, work, settings, limit, fold) as (library, chosen):
        return [
            scored(case, library.search(case.question, settings.rerank_depth)) for case in chosen
        ]


def scored(asked: Asked, passages: Sequence[Passage]) -> Scored:
    """Returns the scores of what was found. Ends the program where nothing was read."""
    if any(passage.signals.relevance is None for passage in passages):
        sys.exit("no reader is installed: there is nothing to weigh")
    return Scored(
        asked.grades,
        [passage.path for passage in passages],
        [passage.signals.unread or 0.0 for passage in passages],
        [_logit(passage.signals.relevance or 0.0) for passage in passages],
    )


def report(name: str, rows: Sequence[Scored]) -> None:
    """Prints one line per weight; gains against no QA model with their 95 % interval."""
    base = measured(rows, 0.0)
    print(f"{name}: {len(rows)} questions")
    for weight in WEIGHTS:
        figures = measured(rows, weight)
        parts = []
        for metric in ("recall@1", "ndcg@10"):
            gain = metrics.bootstrap(figures[metric], base[metric])
            mean = sum(figures[metric]) / len(rows)
            spread = f" ({gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}])" if gain else ""
            parts.append(f"{metric} {mean:.3f}{spread}")
        print(f"  {weight:.1f}  {'  '.join(parts)}", flush=True)


def measured(rows: Sequence[Scored], weight: float) -> dict[str, list[float]]:
    """Returns the recall@1 and ndcg@10 of each question when the reader has this weight.

    Documents count once, where their best passage stands. Gains as BEIR counts them (Järvelin and
    Kekäläinen 2002, linear); recall@1 is 1 where the best document is a right one.
    """
    figures: dict[str, list[float]] = {"recall@1": [], "ndcg@10": []}
    for row in rows:
        ranked = ranking(row, weight)[:10]
        gains = [row.grades.get(name, 0) for name in ranked]
        ideal = _discounted(sorted(row.grades.values(), reverse=True)[:10])
        figures["recall@1"].append(float(bool(gains) and gains[0] > 0))
        figures["ndcg@10"].append(_discounted(gains) / ideal)
    return figures


def ranking(row: Scored, weight: float) -> list[str]:
    """Returns the names of documents, best first, each once, as the search itself orders them."""
    scaled = normalise(dict(enumerate(row.read)), len(row.read))
    scores = [
        weight * scaled[index] + (1 - weight) * before for index, before in enumerate(row.before)
    ]
    order = sorted(range(len(scores)), key=lambda index: -scores[index])
    return list(dict.fromkeys(row.names[index] for index in order))


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(rank + 2) for rank, gain in enumerate(gains))


def _logit(probability: float) -> float:
    kept = min(1 - EDGE, max(EDGE, probability))
    return math.log(kept / (1 - kept))


if __name__ == "__main__":
    main()
