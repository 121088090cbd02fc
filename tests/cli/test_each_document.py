"""`rag ask --each-document`: a row a document, a column a question, in the terminal and as CSV."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from rag.side_by_side import harmless
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
    assert harmless(text) == written


def test_documents_are_compared_with_the_first_one(filled: Rag, tmp_path: Path) -> None:
    folder = tmp_path / "versions"
    folder.mkdir()
    (folder / "v1.md").write_text("# Alquiler\n\nEl plazo de preaviso es de 30 días.\n", "utf-8")
    (folder / "v2.md").write_text("# Alquiler\n\nEl plazo de preaviso es de 45 días.\n", "utf-8")
    assert filled("ingest", folder).code == 0
    asked = "¿Cuál es el plazo de preaviso?", "--compare", "--only", "v1.md", "--only", "v2.md"
    outcome = filled("ask", *asked, "--json")
    assert outcome.code == 0
    ((difference,),) = outcome.json["differences"]
    assert (difference["first"], difference["other"]) == ("v1.md", "v2.md")
    assert difference["changes"] == [["30", "45"]]
    assert "30 días" in difference["before"]
    assert "45 días" in difference["after"]
    shown = filled("ask", *asked)
    assert "v1.md → v2.md: 30 → 45" in " ".join(shown.out.split())


def test_one_document_is_compared_with_nothing(filled: Rag) -> None:
    outcome = filled("ask", LIFT, "--compare", "--only", "ascensor.md")
    assert outcome.code == 2
    assert "two documents or more are compared" in outcome.err
