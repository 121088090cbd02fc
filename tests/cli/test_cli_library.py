"""The command `rag` around a library: status, remove, reindex, config, doctor, eval."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from rag.config import NAMES
from rag.library import Library
from tests.helpers.answering import write_files
from tests.helpers.commandline import LIFT, Rag, stated
from tests.helpers.fakes import FakeEmbedder

# --- status, remove, reindex ---


def test_status_gives_the_whole_contract(filled: Rag) -> None:
    status = filled("status", "--json").json
    keys = {"documents", "chunks", "files", "generation", "consistent", "embedder", "language"}
    assert keys <= set(status)
    assert (status["documents"], status["chunks"], status["consistent"]) == (2, 2, True)
    assert status["files"] == {"ok": 2}
    assert status["language"] == {"es": 2}
    assert status["embedder"] == "fake:1"
    assert status["generation"]["current"] is True


def test_status_in_words_lists_documents_only_when_asked(filled: Rag) -> None:
    assert "ascensor.md" not in filled("status").out
    assert "ascensor.md" in filled("status", "--verbose").out
    assert "ascensor.md" in filled("-v", "status").out


def test_remove_forgets_and_says_what(filled: Rag) -> None:
    assert filled("remove", "ascensor.md", "--json").json == {
        "removed": ["ascensor.md"],
        "deleted": [],
        "purge": {"state": "complete", "reason": "", "processes": []},
    }
    assert "garantia.txt" in filled("remove", "docs").out
    assert filled("status", "--json").json["documents"] == 0


def test_remove_of_an_unknown_path_is_wrong_usage(filled: Rag) -> None:
    stated(filled("remove", "otro.md"), 2, "otro.md", "rag status")
    assert filled("remove").code == 2


def test_another_embedder_is_refused_with_the_command_that_helps(
    filled: Rag, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = FakeEmbedder("other:1", dimension=32)
    monkeypatch.setattr(Library, "open", partial(Library.open, embedder=other))
    for command in (("ask", LIFT), ("search", LIFT), ("ingest", "docs")):
        stated(filled(*command), 1, "other:1", "rag reindex")
    status = filled("status")
    assert status.code == 1
    assert "other:1" in status.out
    assert "rag reindex" in status.out
    assert not filled("status", "--json").json["consistent"]
    assert "2 passages embedded with other:1" in filled("reindex").out
    assert filled("ask", LIFT).code == 0
    assert filled("status").code == 0


def test_an_empty_library_is_a_stated_failure(rag: Rag) -> None:
    stated(rag("ask", LIFT), 1, "rag ingest")
    stated(rag("search", LIFT), 1, "rag ingest")


def test_a_damaged_library_is_a_stated_failure(rag: Rag, tmp_path: Path) -> None:
    write_files(tmp_path / ".rag", {"library.sqlite": "no database at all" * 99})
    stated(rag("status"), 1)
    stated(rag("ask", LIFT), 1)
    checks = {check["check"]: check for check in rag("doctor", "--json").json["checks"]}
    assert checks["library"]["ok"] is False


# --- common flags, config, doctor ---


def test_the_library_flag_may_stand_before_and_after(filled: Rag, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    assert filled("--library", elsewhere, "ingest", "docs").code == 0
    assert (elsewhere / "library.sqlite").exists()
    assert filled("status", "--library", elsewhere, "--json").json["documents"] == 2
    assert filled("--library", "nothing", "status", "--library", elsewhere).code == 0
    assert not (tmp_path / "nothing").exists()


def test_config_tells_where_each_value_came_from(
    rag: Rag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rag.toml").write_text("passages = 3\nthreads = 1\n", "utf-8")
    monkeypatch.setenv("RAG_THREADS", "2")
    config = rag("config", "--library", "x", "--json").json
    assert list(config) == list(NAMES)
    assert config["passages"] == {"value": 3, "origin": "rag.toml"}
    assert config["threads"] == {"value": 2, "origin": "environment"}
    assert config["library"] == {"value": "x", "origin": "flag"}
    assert config["embedder"] == {"value": "bundled", "origin": "default"}
    out = rag("config").out
    assert "rag.toml" in out
    assert "environment" in out
    assert not (tmp_path / "x").exists()


def test_a_wrong_setting_is_wrong_usage(
    rag: Rag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_THREADS", "muchos")
    stated(rag("config"), 2, "threads", "environment")
    monkeypatch.delenv("RAG_THREADS")
    (tmp_path / "rag.toml").write_text("coches = 3\n", "utf-8")
    stated(rag("status"), 2, "coches", "rag.toml")


def test_doctor_looks_at_machine_and_library(filled: Rag) -> None:
    outcome = filled("doctor", "--json")
    checks = {check["check"]: check for check in outcome.json["checks"]}
    assert all(set(check) == {"check", "ok", "detail"} for check in checks.values())
    assert {"python", "embedder", "disk", "library", "sqlite", "onnxruntime"} <= set(checks)
    assert "2 documents" in checks["library"]["detail"]
    assert checks["permissions of the library"]["ok"] is True
    assert "has 0700" in checks["permissions of the library"]["detail"]
    assert outcome.json["ok"] is all(check["ok"] for check in checks.values())
    assert outcome.code == (0 if outcome.json["ok"] else 1)
    assert "python" in filled("doctor").out


def test_doctor_makes_no_library(rag: Rag, tmp_path: Path) -> None:
    rag("doctor")
    assert list(tmp_path.iterdir()) == []


# --- eval ---


def test_eval_writes_a_report_and_keeps_the_gate(filled: Rag, tmp_path: Path) -> None:
    row = {
        "id": "a", "question": LIFT, "answers": ["ocho personas"], "unanswerable": False,
        "evidence": [{"path": "ascensor.md", "quote": "El ascensor admite ocho personas."}],
        "language": "es",
    }  # fmt: skip
    (tmp_path / "set.jsonl").write_text(json.dumps(row), "utf-8")
    outcome = filled("eval", "set.jsonl", "--out", "first")
    assert outcome.code == 0, outcome
    run = tmp_path / "first/run.json"
    assert run.exists()
    metric = "recall@1"
    flags = ("--out", "second", "--against", run, "--fail-under", f"{metric}=0.5")
    assert filled("eval", "set.jsonl", *flags).code == 0
    assert filled("eval", "set.jsonl", "--fail-under", f"{metric}=1.5").code == 1
    stated(filled("eval", "missing.jsonl"), 2, "missing.jsonl")


def test_a_library_without_a_name_is_refused(
    filled: Rag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty path would be the working directory."""
    before = sorted(path.name for path in tmp_path.iterdir())
    for source, target in ((".rag", ""), ("", "copy"), ("", "")):
        stated(filled("copy", source, target), 2, "no name")
    for verb in (("status",), ("ask", LIFT), ("tokens", "list"), ("ingest", "docs")):
        stated(filled(*verb, "--library", ""), 2, "library")
        stated(filled("--library", "", *verb), 2, "library")
    stated(filled("doctor", ""), 2, "library")
    monkeypatch.setenv("RAG_LIBRARY", "")
    stated(filled("status"), 2, "library", "environment")
    assert sorted(path.name for path in tmp_path.iterdir()) == before
