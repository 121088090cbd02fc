"""`rag ask --each-document`: a row a document, a column a question, in the terminal and as CSV."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from rag.cli.each_document import _harmless
from tests.helpers.commandline import LIFT, Rag


def test_every_document_is_asked_by_itself(filled: Rag, tmp_path: Path) -> None:
    out = tmp_path / "table.csv"
    outcome = filled("ask", LIFT, "--each-document", "--json", "--out", out)
    assert outcome.code == 0
    rows = outcome.json["rows"]
    assert [row["path"] for row in rows] == ["ascensor.md", "garantia.txt"]
    for row in rows:
        assert {p["path"] for p in row["answers"][0]["passages"]} == {row["path"]}
    written = list(csv.reader(out.read_text("utf-8-sig").splitlines()))
    assert written[0] == ["document", LIFT, "source"]
    assert [row[0] for row in written[1:]] == ["ascensor.md", "garantia.txt"]


def test_several_questions_are_columns(filled: Rag, tmp_path: Path) -> None:
    questions, out = tmp_path / "q.jsonl", tmp_path / "t.csv"
    lines = ({"id": 1, "question": LIFT}, {"id": 2, "question": "¿Quién firma?"})
    questions.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    outcome = filled("ask", "--questions", questions, "--each-document", "--out", out)
    assert outcome.code == 0
    assert "2 of 2 documents asked" in outcome.out
    assert len(next(csv.reader(out.read_text("utf-8-sig").splitlines()))) == 5


def test_only_the_named_documents_are_rows(filled: Rag) -> None:
    outcome = filled("ask", LIFT, "--each-document", "--json", "--only", "garantia.txt")
    assert [row["path"] for row in outcome.json["rows"]] == ["garantia.txt"]


@pytest.mark.parametrize(
    ("text", "written"),
    [("=1+1", "'=1+1"), ("@sum", "'@sum"), ("-cmd", "'-cmd"), ("-520 €", "-520 €"), ("a", "a")],
)
def test_no_cell_is_a_formula(text: str, written: str) -> None:
    assert _harmless(text) == written
