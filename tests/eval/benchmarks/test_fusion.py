"""The comparison of the fused search with its legs, on scores small enough to reckon by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from eval.benchmarks.helpers.retrieval_sets import Asked
from eval.benchmarks.quality.fusion import report
from rag.schema import Signals
from tests.helpers.answering import open_library, write_files

TEXTS = {"tesla.md": "# Tesla\n\nTesla nació en Smiljan.\n", "curie.md": "# Curie\n\nParís.\n"}


def test_each_leg_ranks_by_its_own_score(tmp_path: Path) -> None:
    with open_library(tmp_path / "lib") as library:
        library.ingest([write_files(tmp_path / "docs", TEXTS)])
        found = library.search("¿Dónde nació Tesla?", 5)
    low = Signals(dense=0.1, keyword=0.9, fused=0.9)
    high = Signals(dense=0.9, keyword=0.1, fused=0.5)
    passages = [
        replace(entry, signals=low if entry.path == "tesla.md" else high)
        for entry in {passage.path: passage for passage in found}.values()
    ]
    assert len(passages) == 2
    lines = report("toy", [(Asked("¿Dónde nació Tesla?", {"tesla.md": 1}), passages)])
    assert "dense    recall@1 0.000" in lines[1]
    assert "keyword  recall@1 1.000" in lines[2]
    assert "fused    recall@1 1.000" in lines[3]
    assert "recall@1: fused against keyword" in lines[4]
