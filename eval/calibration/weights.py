"""Fits the weights of `rag/retrieval/retriever.py`: dense against keyword, reranker against both.

    rag ingest DATA/rag/xquad-articles.shared/docs --library LIB
    python -m eval.calibration.weights --articles DATA/rag/xquad-articles.shared --library LIB \
        [--limit 250] [--without-lexicon] [--cache FILE]

Searches once a question, keeps every candidate's scores, and tries the weights on these: those of
each pair of languages, and those that are best for all. A question is asked of the documents of one
language alone. Right is a passage of the right article that holds the answer; weights are chosen by
the mean reciprocal rank of the first one. Half of the articles choose, the other half are measured,
and the other way round. The QA model takes no part: it has learnt from these articles. Needs the
development data, which is not part of the repository.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from eval.benchmarks.quality.retrieval import Case, holds, limited, read_cases
from rag.config import Settings
from rag.library import Library
from rag.retrieval.retriever import DENSE_WEIGHT, RERANK_WEIGHT, normalise
from rag.schema import Filters
from rag.text import lexicon

STEPS = [step / 10 for step in range(11)]
DEPTH = Settings().rerank_depth
DEEPER = 3 * DEPTH  # reranked while collecting: other weights send other candidates to the reranker

Weights = tuple[float, float]
"""Of the dense score against the keyword score, and of the reranker's against these two."""


@dataclass(frozen=True)
class Found:
    """A question's candidates: parallel lists of scores, and whether each holds the answer."""

    pair: str
    article: str
    dense: Sequence[float]
    keyword: Sequence[float]
    rerank: Sequence[float | None]
    right: Sequence[bool]


def main() -> None:
    """Reads the flags, searches, prints a block for each pair of languages and one for all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--articles", type=Path, required=True)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=250, help="questions a pair of languages")
    parser.add_argument("--without-lexicon", action="store_true", help="words are not translated")
    parser.add_argument("--cache", type=Path, help="keeps the scores here, or takes them from here")
    flags = parser.parse_args()
    if not (flags.articles / "questions.jsonl").is_file():
        sys.exit(f"{flags.articles} is not there: this measurement needs the development data")
    if flags.without_lexicon:
        lexicon.MOST = 0
    if flags.cache and flags.cache.exists():
        lines = flags.cache.read_text("utf-8").splitlines()
        rows = [Found(**json.loads(line)) for line in lines]
    else:
        rows = list(collect(flags.articles, flags.library, flags.limit))
        if flags.cache:
            flags.cache.write_text("".join(json.dumps(vars(row)) + "\n" for row in rows), "utf-8")
    for pair in sorted({row.pair for row in rows}):
        report(pair, [row for row in rows if row.pair == pair])
    report("all", rows)


def collect(articles: Path, library: Path, limit: int) -> Iterator[Found]:
    """Searches for `limit` questions of each pair of languages."""
    settings = replace(Settings(), library=library, qa_model="off", rerank_depth=DEEPER)
    cases = (one_language(case) for case in read_cases(articles) if "⇢" not in case.pair)
    with Library.open(settings=settings) as opened:
        for case in limited(cases, limit):
            passages = opened.search(case.question, 2 * settings.candidates, case.filters)
            signals = [passage.signals for passage in passages]
            yield Found(
                case.pair,
                Path(case.document).name,
                [signal.dense for signal in signals],
                [signal.keyword for signal in signals],
                [signal.rerank for signal in signals],
                [holds(case, passage) for passage in passages],
            )


def one_language(case: Case) -> Case:
    """The case, asked of the documents in one language alone."""
    return replace(case, filters=Filters(languages=(case.pair[-2:],)))


def report(name: str, rows: Sequence[Found]) -> None:
    """Prints what the weights in use give, the best ones, and the best ones of the other half."""
    now = DENSE_WEIGHT, RERANK_WEIGHT["coverage"]["es", "es"]
    best = fit(rows)
    names = sorted({row.article for row in rows})
    halves = [[row for row in rows if (names.index(row.article) % 2) == side] for side in (0, 1)]
    crossed = [
        rank
        for mine, other in zip(halves, halves[::-1], strict=True)
        for rank in ranks(mine, fit(other))
    ]
    print(f"{name}: {len(rows)} questions")
    print(f"  now   {now}  {figures(ranks(rows, now))}")
    print(f"  best  {best}  {figures(ranks(rows, best))}")
    print(f"  chosen on the other half  {figures(crossed)}", flush=True)


def fit(rows: Sequence[Found]) -> Weights:
    """Returns the weights with the highest mean reciprocal rank."""
    return max(product(STEPS, STEPS), key=lambda weights: reciprocal(ranks(rows, weights)))


def reciprocal(found: Sequence[int]) -> float:
    """Returns the mean reciprocal rank; out of reach counts 0."""
    return sum(1 / (rank + 1) for rank in found if rank < DEPTH) / len(found)


def figures(found: Sequence[int]) -> str:
    """Returns top-1, top-5 and the mean reciprocal rank as they are printed."""
    first, five = (sum(rank < k for rank in found) / len(found) for k in (1, 5))
    return f"top-1 {first:.3f}  top-5 {five:.3f}  MRR {reciprocal(found):.3f}"


def ranks(rows: Sequence[Found], weights: Weights) -> list[int]:
    """How many candidates stand before the first right one; DEPTH where none is in reach."""
    return [_rank(row, *weights) for row in rows]


def _rank(row: Found, dense_weight: float, rerank_weight: float) -> int:
    fused = _fused(row, dense_weight)
    known = [index for index in fused if row.rerank[index] is not None]
    head = sorted(known, key=lambda index: -fused[index])[:DEPTH]
    scaled = normalise({index: row.rerank[index] or 0.0 for index in head}, len(head))
    score = {
        index: rerank_weight * scaled[index] + (1 - rerank_weight) * fused[index] for index in head
    }
    order = sorted(head, key=lambda index: -score[index])
    return next((place for place, index in enumerate(order) if row.right[index]), DEPTH)


def _fused(row: Found, weight: float) -> dict[int, float]:
    """As the retriever joins the two searches. A score of 0 is that of a search without a hit."""
    depth = Settings().candidates
    sides = [
        normalise({index: score for index, score in enumerate(scores) if score}, depth)
        for scores in (row.dense, row.keyword)
    ]
    (dense, least_dense), (keyword, least_keyword) = (
        (side, min((0.0, *side.values()))) for side in sides
    )
    return {
        index: weight * dense.get(index, least_dense)
        + (1 - weight) * keyword.get(index, least_keyword)
        for index in range(len(row.right))
    }


if __name__ == "__main__":
    main()
