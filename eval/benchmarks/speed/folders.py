"""What becomes of every file of some folders, in how long, in how much memory of the parent.

    python -m eval.benchmarks.speed.folders FOLDER [FOLDER …]

Each folder goes into a library of its own, in one process that has ingested the samples before and
with a model that has read eight chunks: what these take once, whatever comes, is not counted.
Growth is the highest resident memory of this process while it ingests, less that before (Linux). A
child that is still there afterwards counts as left behind.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from eval.benchmarks.helpers.verdicts import children, fresh_peak, memory
from eval.benchmarks.speed.latency_during_ingest import SAMPLES
from rag.library import Library
from rag.schema import IngestReport


def main() -> int:
    """Prints a line a folder; exit code 1 when a file has no outcome or a child was left."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, Library.open(Path(scratch)) as library:
        library.ingest([SAMPLES])
    good = [one(folder) for folder in flags.folders]
    return 0 if all(good) else 1


def one(folder: Path) -> bool:
    """Tells whether each file of the folder got one outcome and no child stayed."""
    with tempfile.TemporaryDirectory() as scratch, Library.open(Path(scratch)) as library:
        library.embedder.encode_documents(["a chunk as long as they get " * 60] * 8)  # its room
        fresh_peak()
        before = memory("self", "VmRSS")
        start = time.perf_counter()
        report = library.ingest([folder])
        seconds = time.perf_counter() - start
        grown = memory("self", "VmHWM") - before
    time.sleep(0.5)  # the last readers end
    left = len(children())
    print(
        f"{folder.name}: {outcomes(report)}; {report.chunks} passages, {seconds:.1f} s, "
        f"{report.chunks / seconds:.1f} a second; memory +{grown:.0f} MB; {left} children left",
        flush=True,
    )
    decided = {file.path for file in report.files}
    return not left and len(decided) == len(report.files) > 0


def outcomes(report: IngestReport) -> str:
    """Returns a text such as «59 files: 45 ok, 2 encrypted»."""
    counts = ", ".join(f"{count} {name}" for name, count in report.counts().items())
    return f"{len(report.files)} files: {counts}"


if __name__ == "__main__":
    sys.exit(main())
