"""Whether phrases known to stand in files were read, on the page where they stand.

    rag ingest DATA/documents --library LIB
    python -m eval.bench.probes --probes DATA/documents/probes.jsonl --library LIB

A probe is {"file", "page" (1-based or absent), "phrase"}. Phrases are compared with white space
collapsed. Formats that are not read yet are counted apart. Needs the development data.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

from rag.library import Library
from rag.schema import Document


def main() -> None:
    """Reads the flags; prints found and missed by format, and each miss."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--probes", type=Path, required=True)
    parser.add_argument("--library", type=Path, required=True)
    flags = parser.parse_args()
    if not flags.probes.is_file():
        sys.exit(f"{flags.probes} is not there: this measurement needs the development data")
    probes = [json.loads(line) for line in flags.probes.read_text(encoding="utf-8").splitlines()]
    with Library.open(flags.library) as library:
        documents = {each.path: library.document(each.id) for each in library.documents()}
    tally: Counter[tuple[str, str]] = Counter()
    for probe in probes:
        document = documents.get(probe["file"])
        verdict = judge(document, probe)
        tally[Path(probe["file"]).suffix, verdict] += 1
        if verdict == "missed":
            print(f"missed {probe['file']} p. {probe.get('page')}: {probe['phrase']}")
    for suffix in sorted({suffix for suffix, _ in tally}):
        counts = ", ".join(
            f"{tally[suffix, verdict]} {verdict}"
            for verdict in ("found", "missed", "not read")
            if tally[suffix, verdict]
        )
        print(f"{suffix:6} {counts}")


def judge(document: Document | None, probe: dict[str, str | int | None]) -> str:
    """found | missed | not read."""
    if document is None:
        return "not read"
    page = probe.get("page")
    text = page_text(document, int(page)) if page and document.pages else document.text
    return "found" if _flat(str(probe["phrase"])) in _flat(text) else "missed"


def page_text(document: Document, page: int) -> str:
    """The text of a 1-based page."""
    bounds = (*document.pages, len(document.text))
    return document.text[bounds[page - 1] : bounds[page]] if page < len(bounds) else ""


def _flat(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    main()
