"""Whether phrases known to stand in files were read, on the page where they stand.

    python -m eval.benchmarks.quality.probes --probes DATA/documents/probes.jsonl \
        --folder DATA/documents
    python -m eval.benchmarks.quality.probes --probes DATA/documents/probes.jsonl --library LIB

With a folder, each file of it is read in the sandbox, and its outcome and seconds are counted by
format; with a library, what an ingest stored is looked at. A probe is {"file", "page" (1-based or
absent), "phrase"}. Phrases are compared with white space collapsed. Needs the development data.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from rag.config import load
from rag.errors import FileProblem
from rag.library import Library
from rag.parsing.sandbox import Sandbox
from rag.schema import Document

Probe = Mapping[str, str | int | None]
_NO_DOCUMENTS = frozenset({".jsonl", ".tsv"})  # the lists of the data itself


def main() -> None:
    """Reads the flags; prints outcomes, phrases found and missed by format, and each miss."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--probes", type=Path, required=True)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--library", type=Path)
    where.add_argument("--folder", type=Path)
    flags = parser.parse_args()
    if not flags.probes.is_file():
        sys.exit(f"{flags.probes} is not there: this measurement needs the development data")
    probes = [json.loads(line) for line in flags.probes.read_text(encoding="utf-8").splitlines()]
    if flags.folder:
        documents = read_all(flags.folder)
    else:
        with Library.open(flags.library) as library:
            documents = {
                document.path: library.document(document.id) for document in library.documents()
            }
    _report(probes, documents)


def read_all(folder: Path) -> dict[str, Document | None]:
    """Returns all files below `folder`, read as an ingest reads them; prints outcomes by format."""
    settings = load()
    documents: dict[str, Document | None] = {}
    outcomes: Counter[tuple[str, str]] = Counter()
    seconds: defaultdict[str, float] = defaultdict(float)
    with Sandbox(settings.read_timeout, settings.reader_memory_mb) as sandbox:
        for path in sorted(folder.rglob("*")):
            if not path.is_file() or path.suffix in _NO_DOCUMENTS:
                continue
            start = time.perf_counter()
            try:
                reading = sandbox.parse(path)
                documents[path.relative_to(folder).as_posix()] = reading.document
                outcome, reason = str(reading.outcome), reading.reason
            except FileProblem as problem:
                outcome, reason = str(problem.outcome), str(problem)
            outcomes[path.suffix, outcome] += 1
            seconds[path.suffix] += time.perf_counter() - start
            if reason:
                print(f"{outcome:11} {reason}")
    for suffix in sorted(seconds):
        print(f"{suffix:6} {_counts(outcomes, suffix)}; {seconds[suffix]:.1f} s")
    return documents


def _report(probes: Iterable[Probe], documents: Mapping[str, Document | None]) -> None:
    tally: Counter[tuple[str, str]] = Counter()
    for probe in probes:
        file = str(probe["file"])
        verdict = judge(documents.get(file), probe)
        tally[Path(file).suffix, verdict] += 1
        if verdict == "missed":
            print(f"missed {file} p. {probe.get('page')}: {probe['phrase']}")
    for suffix in sorted({suffix for suffix, _ in tally}):
        print(f"{suffix:6} {_counts(tally, suffix)}")
    found = sum(count for (_, verdict), count in tally.items() if verdict == "found")
    print(f"all    {found} of {sum(tally.values())} found")


def _counts(tally: Mapping[tuple[str, str], int], suffix: str) -> str:
    return ", ".join(
        f"{count} {what}" for (its, what), count in sorted(tally.items()) if its == suffix
    )


def judge(document: Document | None, probe: Probe) -> str:
    """Returns «found», «missed» or «not read»."""
    if document is None:
        return "not read"
    page = probe.get("page")
    start, end = (
        page_span(document, int(page)) if page and document.pages else (0, len(document.text))
    )
    phrase, texts = (
        _flat(str(probe["phrase"])),
        (document.text[start:end], as_printed(document, start, end)),
    )
    return "found" if any(phrase in _flat(text) for text in texts) else "missed"


def page_span(document: Document, page: int) -> tuple[int, int]:
    """Returns where a 1-based page begins and ends in the text."""
    bounds = (*document.pages, len(document.text))
    return (bounds[page - 1], bounds[page]) if page < len(bounds) else (0, 0)


def as_printed(document: Document, start: int, end: int) -> str:
    """Returns the text of a stretch with each row of a table as its cells alone."""
    parts, at = [], start
    for block in document.blocks_between(start, end):
        if block.cells and block.start >= at:
            cells = (document.text[cell.start : cell.end] for cell in block.cells)
            parts += [document.text[at : block.start], " ".join(cells)]
            at = block.end
    return "".join([*parts, document.text[at:end]])


def _flat(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    main()
