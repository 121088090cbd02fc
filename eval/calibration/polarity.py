"""Fits how a sentence that leans to one answer says yes or no: «polarity» in `calibration.json`.

    python -m eval.calibration.polarity eval/everyday/{yes_no,questions,samples}.jsonl \
        --unread eval/everyday/{yes_no_unread,unread}.jsonl [--write rag/answering/calibration.json]

Each question is held against the quotes that decide it; no library is needed. Prints the area under
the curve of the questions fitted on and of the unread ones, and of what is told there how much is
right.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval import datasets
from eval.calibration.answers import write
from eval.calibration.logistic import area, fitted
from rag.answering.calibration import logistic
from rag.answering.composing.yes_no import SAYS
from rag.answering.polarity import LEANS, leanings
from rag.config import Settings
from rag.factory import make_embedder

_YES, _NO = {"Yes", "Sí"}, {"No"}


def main() -> None:
    """Reads the flags, fits, prints the figures, writes the file when asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("questions", type=Path, nargs="+")
    parser.add_argument("--unread", type=Path, nargs="+", default=[])
    parser.add_argument("--write", type=Path)
    flags = parser.parse_args()
    rows, labels = _leanings(flags.questions)
    model = fitted((LEANS,), rows, labels)
    print(json.dumps(model))
    _report("fitted on", model, rows, labels)
    if flags.unread:
        _report("unread", model, *_leanings(flags.unread))
    if flags.write:
        write({"polarity": model}, flags.write)


def _leanings(paths: Iterable[Path]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Returns how each quote that decides a question leans, (n, 1), and whether it says yes."""
    embedder = make_embedder(Settings())
    leans, labels = [], []
    for question in (one for path in paths for one in datasets.load(path).questions):
        starts = set(question.starts)
        if not starts & (_YES | _NO):
            continue
        quotes = [evidence.quote for evidence in question.evidence]
        leans += [*leanings(question.text, question.language, quotes, embedder)]
        labels += [bool(starts & _YES)] * len(quotes)
    return np.array(leans, np.float64)[:, None], np.array(labels, bool)


def _report(
    name: str, model: dict[str, float], rows: NDArray[np.float64], labels: NDArray[np.bool_]
) -> None:
    chances = np.array([logistic(model, {LEANS: float(row[0])}) for row in rows])
    told = (chances >= SAYS) | (chances <= 1 - SAYS)
    right = (chances >= SAYS) == labels
    print(
        f"{name}: {len(labels)} quotes, area {area(chances.tolist(), labels.tolist()):.3f}, "
        f"told {told.sum()}, of these right {(told & right).sum()}"
    )


if __name__ == "__main__":
    main()
