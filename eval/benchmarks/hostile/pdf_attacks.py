"""PDF files that are built to exhaust, trap or crash whoever reads them: one a class of attack.

    python -m eval.benchmarks.hostile.pdf_attacks [--verbose] [--keep DIR]

Each file is read in the sandbox with the limits that ship: its outcome, its seconds and the memory
of its reader. Then all of them, with as many good files, go through one ingest: every good one must
be there, every other have an outcome, and this process must hardly grow. Linux.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from eval.benchmarks.helpers.pdf_by_hand import document, written as pdf
from eval.benchmarks.helpers.pdf_classes import attacks
from eval.benchmarks.helpers.verdicts import (
    batch,
    counted,
    flags_of,
    judged,
    untyped,
    verdicts,
    written,
)

MOST_GROWTH = 50  # MB of this process
LONGEST = 70  # seconds: the time that a silent reader gets, and its end


def main() -> int:
    """Exit code 1 when a file has no outcome, a good one is lost or this process grew."""
    flags = flags_of(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = flags.keep or Path(scratch) / "files"
        paths = written(attacks(), folder)
        found = verdicts(paths, flags.verbose)
        good = {
            f"good {number}.pdf": pdf(document(b"BT /F1 12 Tf 72 700 Td (Pozo %d.) Tj ET" % number))
            for number in range(len(paths))
        }
        written(good, folder)
        together = batch(folder)
    slowest = max(found, key=lambda result: result.seconds)
    largest = max(found, key=lambda result: result.megabytes)
    kept = sum(together.files[name].outcome == "ok" for name in good if name in together.files)
    print(
        f"{len(found)} PDF attacks: {counted([result.outcome for result in found])}; longest "
        f"{slowest.seconds:.1f} s ({slowest.name}), peak of a reader {largest.megabytes:.0f} MB "
        f"({largest.name}); in one ingest with {len(good)} good files: "
        f"{together.decided / (len(good) + len(found)):.0%} decided, {kept} good ones indexed, "
        f"{together.seconds:.0f} s, this process +{together.grown:.0f} MB, {together.left} left"
    )
    outcomes = [str(file.outcome) for file in together.files.values()]
    return judged(
        {
            "without an outcome": untyped([result.outcome for result in found] + outcomes),
            "undecided": len(good) + len(found) - together.decided,
            "good ones lost": len(good) - kept,
            f"longer than {LONGEST} s": sum(result.seconds > LONGEST for result in found),
            f"this process grew by more than {MOST_GROWTH} MB": together.grown > MOST_GROWTH,
            "children left": together.left,
        }
    )


if __name__ == "__main__":
    sys.exit(main())
