"""What becomes of every file of some folders, in how long, in how much memory of the parent.

    python -m eval.bench.folders FOLDER [FOLDER …]

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

from rag.library import Library
from rag.schema import IngestReport

SAMPLES = Path(__file__).parents[2] / "corpus/documents"


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
    """Whether each file of the folder got one outcome and no child stayed."""
    with tempfile.TemporaryDirectory() as scratch, Library.open(Path(scratch)) as library:
        library.embedder.encode_documents(["a chunk as long as they get " * 60] * 8)  # its room
        before = resident("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
        start = time.perf_counter()
        report = library.ingest([folder])
        seconds = time.perf_counter() - start
        grown = resident("VmHWM") - before
    left = children()
    print(
        f"{folder.name}: {outcomes(report)}; {report.chunks} passages, {seconds:.1f} s, "
        f"{report.chunks / seconds:.1f} a second; memory +{grown:.0f} MB; {left} children left",
        flush=True,
    )
    decided = {each.path for each in report.files}
    return not left and len(decided) == len(report.files) > 0


def outcomes(report: IngestReport) -> str:
    """«59 files: 45 ok, 2 encrypted»."""
    counts = ", ".join(f"{count} {name}" for name, count in report.counts().items())
    return f"{len(report.files)} files: {counts}"


def resident(field: str) -> float:
    """MB of this process, by `/proc`: VmRSS now, VmHWM at its highest."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1]) / 1024


def children() -> int:
    """Processes whose parent this one is."""
    time.sleep(0.5)  # the last ones end
    tasks = Path("/proc/self/task").glob("*/children")
    return sum(len(each.read_text().split()) for each in tasks)


if __name__ == "__main__":
    sys.exit(main())
