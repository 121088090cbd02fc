"""The sweep of a reader's weights, on scores and sets small enough to reckon by hand."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path

import pytest

from eval.benchmarks.helpers.retrieval_sets import Asked, load_set
from eval.benchmarks.quality.rerank import Scored, measured, ranking, report, scored
from eval.metrics import ranking as by_ir_measures
from tests.helpers.answering import open_library, write_files
from tests.helpers.fakes import FakeQAModel

ROW = Scored({"b": 1}, ["a", "b", "a", "c"], [1.0, 0.8, 0.5, 0.0], [-2.0, 3.0, -1.0, 0.0])


def test_the_weight_decides_between_search_and_reader() -> None:
    assert ranking(ROW, 0.0) == ["a", "b", "c"]
    assert ranking(ROW, 1.0) == ["b", "c", "a"]
    before, read = measured([ROW], 0.0), measured([ROW], 0.5)
    assert (before["recall@1"], read["recall@1"]) == ([0.0], [1.0])
    assert before["ndcg@10"] == [pytest.approx(1 / math.log2(3))]
    assert read["ndcg@10"] == [1.0]


@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0])
def test_ndcg_is_the_one_of_the_evaluation(weight: float) -> None:
    grades = {"c": 2, "a": 1, "elsewhere": 2}
    row = Scored(grades, ROW.names, ROW.before, ROW.read)
    expected = by_ir_measures(ranking(row, weight), grades)["ndcg@10"]
    assert measured([row], weight)["ndcg@10"] == [pytest.approx(expected)]


def test_what_was_not_found_counts_nothing() -> None:
    nothing = Scored({"b": 1}, [], [], [])
    assert measured([nothing], 0.5) == {"recall@1": [0.0], "ndcg@10": [0.0]}


def test_the_table_has_a_line_a_weight(capsys: pytest.CaptureFixture[str]) -> None:
    report("toy", [ROW, ROW])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 12
    assert "recall@1 0.000 (+0.000" in lines[1]
    assert "recall@1 1.000 (+1.000" in lines[-1]


def test_paragraphs_are_asked_in_either_language(tmp_path: Path) -> None:
    folder = tmp_path / "squad-paragraphs.shared"
    folder.mkdir()

    def put(name: str, rows: list[dict[str, str]]) -> None:
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as stream:
            stream.writelines(json.dumps(row) + "\n" for row in rows)

    put("corpus.es", [{"_id": "x#0", "title": "Equis", "text": "Uno."}])
    put("corpus.en", [{"_id": "y#0", "title": "Y", "text": "Two."},
                      {"_id": "x#0", "title": "X", "text": "One."}])  # fmt: skip
    put("queries.es", [{"_id": "q1", "text": "¿Uno?"}])
    put("queries.en", [{"_id": "q1", "text": "One?"}, {"_id": "q2", "text": "Two?"}])
    with gzip.open(folder / "qrels.tsv.gz", "wt", encoding="utf-8") as stream:
        stream.write("query-id\tcorpus-id\tscore\nq1\tx#0\t1\nq2\ty#0\t1\n")
    corpus, asked = load_set(tmp_path, "es→en")
    assert list(corpus()) == [("00000.txt", "Y\n\nTwo.\n"), ("00001.txt", "X\n\nOne.\n")]
    assert asked == [Asked("¿Uno?", {"00001.txt": 1})]
    assert load_set(tmp_path, "en→es")[1] == [Asked("One?", {"00000.txt": 1})]
    both = load_set(tmp_path, "squad-en")[1]
    assert both == [Asked("One?", {"00001.txt": 1}), Asked("Two?", {"00000.txt": 1})]
    assert load_set(tmp_path, "squad-en", "1/2")[1] == both[:1], "x is the first of two articles"


def test_the_scores_are_those_of_the_search_and_the_reader(tmp_path: Path) -> None:
    write_files(tmp_path / "docs", {"a.md": "El ascensor sube.\n", "b.md": "La puerta abre.\n"})
    asked = Asked("¿Sube el ascensor?", {"a.md": 1})
    with open_library(tmp_path / "read", qa_model=FakeQAModel()) as library:
        library.ingest([tmp_path / "docs"])
        passages = library.search(asked.question)
        row = scored(asked, passages)
    assert row.names == ["a.md", "b.md"]
    assert row.read[0] == pytest.approx(4.0)  # three of three words
    assert row.before == [passage.signals.unread for passage in passages]
    with open_library(tmp_path / "unread") as library:
        library.ingest([tmp_path / "docs"])
        with pytest.raises(SystemExit, match="no reader"):
            scored(asked, library.search(asked.question))
