"""`rag ask --only` limits a question to documents; `rag eval --from-feedback` needs judgements."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.commandline import LIFT, Rag, command_line, fill


@pytest.fixture
def filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Rag:
    return fill(command_line(tmp_path, monkeypatch, capsys), tmp_path)


def paths(rag: Rag, *flags: object) -> set[str]:
    answer = rag("ask", LIFT, "--json", *flags).json
    return {passage["path"] for passage in answer["passages"]}


def test_only_the_named_documents_are_searched(filled: Rag, tmp_path: Path) -> None:
    source = next(tmp_path.rglob("garantia.txt"))
    assert paths(filled) == {"ascensor.md", "garantia.txt"}
    assert paths(filled, "--only", "garantia.txt") == {"garantia.txt"}
    assert paths(filled, "--only", source) == {"garantia.txt"}
    assert paths(filled, "--only", source.parent) == {"ascensor.md", "garantia.txt"}
    both = ("--only", "garantia.txt", "--only", "ascensor.md")
    assert paths(filled, *both) == {"ascensor.md", "garantia.txt"}


def test_a_collection_is_filled_renamed_searched_and_deleted(filled: Rag, tmp_path: Path) -> None:
    more = tmp_path / "more"
    more.mkdir()
    (more / "acta.md").write_text("# Acta\n\nLa junta aprobó el ascensor en mayo.\n")
    assert filled("ingest", more, "--collection", "Actas").code == 0
    assert paths(filled, "--collection", "actas") == {"acta.md"}
    assert filled("collection", "add", "Casa", "garantia.txt", more).code == 0
    assert paths(filled, "--collection", "Casa") == {"acta.md", "garantia.txt"}
    assert filled("collection", "remove", "Casa", "acta.md").code == 0
    found = filled("search", LIFT, "--json", "--collection", "Casa").json["passages"]
    assert {passage["path"] for passage in found} == {"garantia.txt"}
    assert filled("collection", "rename", "casa", "Hogar").code == 0
    assert filled("collection", "list", "--json").json == {
        "collections": [{"name": "Actas", "documents": 1}, {"name": "Hogar", "documents": 1}]
    }
    assert filled("collection", "delete", "Actas").code == 0
    outcome = filled("ask", LIFT, "--collection", "Actas")
    assert outcome.code == 2
    assert "no collection «Actas»" in outcome.err


def test_an_unknown_document_is_named(filled: Rag) -> None:
    outcome = filled("ask", LIFT, "--only", "nada.md")
    assert outcome.code == 2
    assert "nada.md holds no document" in outcome.err


def test_an_evaluation_wants_a_set_or_the_feedback(filled: Rag) -> None:
    assert filled("eval").code == 2
    assert filled("eval", "questions.jsonl", "--from-feedback").code == 2
    outcome = filled("eval", "--from-feedback")
    assert outcome.code == 2
    assert "no answer has been judged" in outcome.err
