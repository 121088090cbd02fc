"""Is the hybrid search ever worse than the better of its two legs?

    python -m eval.benchmarks.quality.fusion DATA --work DIR \
        [--sets squad-es squad-en es→en …] [--questions 400]

Searches once a question and ranks what was found three ways: by the dense score, by the keyword
score, by both as they are fused; no reranker, no QA model. Prints R@1 and nDCG@10 of each and the
gain of the fusion over the better leg with its 95 % interval. Needs the development data.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from eval import metrics
from eval.benchmarks.helpers.retrieval_sets import SETS, Asked, opened
from eval.benchmarks.quality.rerank import Scored, measured
from rag.config import Settings
from rag.schema import Passage

LEGS = ("dense", "keyword", "fused")
METRICS = ("recall@1", "ndcg@10")


def main() -> None:
    """Reads the flags, prints one block a set."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="the folder that holds retrieval/")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--questions", type=int, default=400, help="of each set")
    flags = parser.parse_args()
    folder = flags.data / "retrieval"
    if not folder.is_dir():
        sys.exit(f"{folder} is not there: this measurement needs the development data")
    flags.work.mkdir(parents=True, exist_ok=True)
    settings = replace(Settings(), reranker="none", qa_model="off")
    for name in flags.sets:
        with opened(folder, name, flags.work, settings, flags.questions) as (library, asked):
            found = [
                (question, library.search(question.question, settings.candidates))
                for question in asked
            ]
        print("\n".join(report(name, found)), flush=True)


def report(name: str, found: Sequence[tuple[Asked, Sequence[Passage]]]) -> list[str]:
    """Returns lines: one a leg, then the gain of the fusion over the better one."""
    figures = {
        leg: measured([_by(leg, asked, passages) for asked, passages in found], 0.0) for leg in LEGS
    }
    lines = [f"{name}: {len(found)} questions"]
    for leg in LEGS:
        means = (f"{metric} {_mean(figures[leg][metric]):.3f}" for metric in METRICS)
        lines.append(f"  {leg:8} {'  '.join(means)}")
    for metric in METRICS:
        better = max(("dense", "keyword"), key=lambda leg: _mean(figures[leg][metric]))
        gain = metrics.bootstrap(figures["fused"][metric], figures[better][metric])
        spread = f"{gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]" if gain else "unknown"
        lines.append(f"  {metric}: fused against {better} {spread}")
    return lines


def _by(leg: str, asked: Asked, passages: Sequence[Passage]) -> Scored:
    """Returns the passages with the score of one leg; 0 for what that leg did not find."""
    names = [passage.path for passage in passages]
    scores = [getattr(passage.signals, leg) for passage in passages]
    return Scored(asked.grades, names, scores, [0.0] * len(names))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))


if __name__ == "__main__":
    main()
