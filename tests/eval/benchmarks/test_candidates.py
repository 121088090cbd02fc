"""The table of embedders: windows, what they hold, shortened vectors, grades."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from eval.benchmarks.quality import candidates
from eval.benchmarks.quality.embedder import Floats


class Words:
    """A vector is the count of a few words."""

    names = ("wing", "lift", "heat", "bank")

    def encode_documents(self, texts: Sequence[str]) -> Floats:
        rows = [[text.split().count(name) + 0.01 for name in self.names] for text in texts]
        found = np.array(rows, dtype=np.float32)
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True))

    encode_queries = encode_documents


def test_windows_overlap_and_know_their_places() -> None:
    text = " ".join(f"w{i}" for i in range(200))
    found = list(candidates.windows_of(text))
    assert [text[start:end] for start, end, _ in found] == [window for _, _, window in found]
    assert found[0][2].endswith(" w119")
    assert found[1][2].startswith("w60 ")
    assert found[-1][2].endswith("w199")
    assert list(candidates.windows_of("one")) == [(0, 3, "one")]


def test_a_span_is_held_in_part_and_in_its_own_corpus_only() -> None:
    spans = json.dumps([{"start_index": 10, "end_index": 20}])
    row = {"references": spans, "corpus_id": "a"}
    assert candidates.covered([("a", 0, 15)], row) == 0.5
    assert candidates.covered([("a", 0, 15), ("a", 12, 30)], row) == 1.0
    assert candidates.covered([("b", 0, 30)], row) == 0.0


def test_shortened_vectors_are_unit_vectors() -> None:
    short = candidates.Shortened(Words(), 2)
    found = short.encode_queries(["wing lift heat"])
    assert found.shape == (1, 2)
    assert np.linalg.norm(found) == pytest.approx(1.0)


def test_a_higher_grade_counts_more(tmp_path: Path) -> None:
    documents = [{"_id": name, "title": name, "text": name} for name in Words.names]
    with gzip.open(tmp_path / "corpus.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(document) + "\n" for document in documents)
    (tmp_path / "queries.jsonl").write_text(
        json.dumps({"_id": "q", "text": "wing"}) + "\n", "utf-8"
    )
    scores = []
    for best, other in ((5, 1), (1, 5)):
        rows = f"query-id\tcorpus-id\tscore\nq\twing\t{best}\nq\tbank\t{other}\n"
        (tmp_path / "qrels.tsv").write_text(rows, "utf-8")
        scores.append(candidates.graded(Words(), tmp_path))
    assert 0 < scores[1] < scores[0] <= 1
