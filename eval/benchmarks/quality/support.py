"""How often the marks of an answer's sentences are right: «supported», «partly», «not found».

    python -m eval.benchmarks.quality.support DATA [--limit 130]

Measures the shipped `rag/answering/support/support.json` on the labelled pairs whose documents
`eval.calibration.support` does not fit on. Needs the development data.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from eval import metrics
from eval.calibration.support import (
    KINDS,
    MeasuredPair,
    flags_of,
    is_for_fitting,
    measure,
    read_data,
)
from rag.answering.support import Scale, load_model


def main() -> None:
    """Reads the flags, measures, prints the tables."""
    pairs = [pair for pair in read_data(flags_of(__doc__).parse_args()) if not is_for_fitting(pair)]
    rows = list(measure(pairs))
    for kind in KINDS:
        scale = load_model().scale(across=kind == "cross")
        report(kind, scale, [row for row in rows if row.kind == kind])


def report(kind: str, scale: Scale, rows: Sequence[MeasuredPair]) -> None:
    """Prints precision and recall of the marks, and the share of each mark by source and origin."""
    marks = [scale.support(scale.score(row.features)) for row in rows]
    print(f"\n{kind}: {len(rows)} pairs held out")
    for name, passing in (("supported", ("supported",)), ("or partly", ("supported", "partly"))):
        passed = [mark in passing for mark in marks]
        right = [float(row.pair.supported) for row, ok in zip(rows, passed, strict=True) if ok]
        kept = [float(ok) for row, ok in zip(rows, passed, strict=True) if row.pair.supported]
        wrong = [float(ok) for row, ok in zip(rows, passed, strict=True) if not row.pair.supported]
        print(f"  {name}: precision {_share(right)}, recall {_share(kept)}")
        print(f"    passed though not supported {_share(wrong)}", end="; ")
        print(f"were half of them supported, precision {_balanced_precision(kept, wrong):.3f}")
    counts: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for row, mark in zip(rows, marks, strict=True):
        pair = row.pair
        languages = f"{pair.claim_language}→{pair.passage_language}"
        counts[pair.source, languages, pair.origin][mark] += 1
    for key, found in sorted(counts.items()):
        total = found.total()
        shares = "  ".join(
            f"{mark} {found[mark] / total:.2f}" for mark in ("supported", "partly", "not_found")
        )
        print(f"  {' '.join(key):34} {total:4}  {shares}")


def _balanced_precision(kept: Sequence[float], wrong: Sequence[float]) -> float:
    """Returns the precision, were there as many claims that are supported as that are not."""
    right, false = float(np.mean(kept)), float(np.mean(wrong))
    return right / (right + false) if right + false else 0.0


def _share(values: Sequence[float]) -> str:
    interval = metrics.bootstrap(values)
    if interval is None:
        return "-"
    return f"{interval.value:.3f} [{interval.low:.3f}, {interval.high:.3f}]"


if __name__ == "__main__":
    main()
