"""`RAG_SERVER`: the command line over a server's library, and what needs the folder itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.server.tokens import Scope
from tests.helpers.commandline import Rag, command_line, stated
from tests.remote.conftest import Held, holding

LIFT = "How many persons does the lift hold?"


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    with holding(tmp_path_factory.mktemp("held")) as made:
        yield made


@pytest.fixture
def rag(
    held: Held,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Rag:
    run = command_line(tmp_path, monkeypatch, capsys)
    monkeypatch.setenv("RAG_SERVER", held.address)
    name = f"t{len(held.tokens.all())}"
    monkeypatch.setenv("RAG_SERVER_TOKEN", held.tokens.create(name, Scope.WRITE))
    return run


def test_questions_searches_and_states_go_to_the_server(rag: Rag, tmp_path: Path) -> None:
    answer = rag("ask", LIFT, "--json").json
    assert answer["citations"][0]["quote"] == "The lift holds eight persons."
    shown = rag("ask", LIFT)
    assert "eight persons" in shown.out, shown
    found = rag("search", "garantía", "--json").json["passages"]
    assert found[0]["path"] == "es/garantia.txt"
    limited = rag("search", "garantía", "--only", "en", "--json").json["passages"]
    assert {row["path"] for row in limited} <= {"en/lift.md"}
    assert rag("status", "--json").json["documents"] == 3
    assert "en/lift.md" in rag("status", "--verbose").out
    (tmp_path / "in.jsonl").write_text('{"id": "1", "question": "' + LIFT + '"}\n')
    assert rag("ask", "--questions", "in.jsonl", "--out", "out.jsonl").code == 0
    assert "eight persons" in (tmp_path / "out.jsonl").read_text()
    assert not (tmp_path / ".rag").exists(), "no folder is made beside it"


def test_collections_are_those_of_the_server(rag: Rag) -> None:
    assert rag("collection", "add", "lifts", "en", "--json").json["documents"] == 1
    assert rag("collection", "list", "--json").json["collections"] == [
        {"name": "lifts", "documents": 1}
    ]
    asked = rag("ask", LIFT, "--collection", "lifts", "--json").json
    assert asked["found"]
    assert rag("collection", "delete", "lifts").code == 0


@pytest.mark.parametrize(
    "command",
    [
        ["ingest", "."],
        ["reindex"],
        ["tokens", "list"],
        ["access", "allow", "ana", "es"],
        ["audit", "start"],
        ["backup", "b.zip"],
        ["serve"],
        ["mcp"],
        ["worker"],
    ],
)
def test_what_needs_the_folder_says_so(rag: Rag, tmp_path: Path, command: list[str]) -> None:
    refused = rag(*command)
    stated(refused, 2, "server")
    assert not (tmp_path / ".rag").exists()


def test_a_flag_names_a_folder_all_the_same(rag: Rag, tmp_path: Path) -> None:
    assert rag("status", "--json", "--library", tmp_path / "own").json["documents"] == 0
    assert rag("tokens", "list", "--library", tmp_path / "own").code == 0


def test_a_server_that_is_away_or_lets_nobody_in_is_named(
    rag: Rag, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_SERVER_TOKEN", "fuente-of-nobody")
    stated(rag("ask", LIFT), 1, "token", "RAG_SERVER_TOKEN")
    monkeypatch.setenv("RAG_SERVER", "http://127.0.0.1:9")
    stated(rag("ask", LIFT), 1, "127.0.0.1:9", "does not answer", "rag serve")
    monkeypatch.setenv("RAG_SERVER", "http://other.example")
    stated(rag("ask", LIFT), 2, "unencrypted")
