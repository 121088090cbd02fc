"""Permissions: the rules, and that what one may not read appears nowhere."""

from __future__ import annotations

import itertools
import json
import logging
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from starlette.testclient import TestClient

from rag.errors import LibraryDamaged, UsageError
from rag.library import Library
from rag.schema import Filters
from rag.server.access import FILE, Access, Rules
from rag.server.api import create_app
from rag.server.callers import Callers
from rag.server.tokens import Scope, Tokens
from tests.helpers.answering import open_library, write_files

USERS, DOCUMENTS, QUESTIONS = 50, 200, 2000
SYLLABLES = "ba ce di fo gu la me ni po ru sa te vi zo".split()


def test_rules_open_folders_to_users_groups_and_everyone(tmp_path: Path) -> None:
    access = Access(tmp_path)
    assert access.rules().readable("ana") is None, "without a rule all is open"
    access.allow("ana", "ventas/")
    access.allow("@legal", "contratos")
    access.allow("@everyone", "comun/aviso.md")
    access.allow("jefa", "*")
    access.set_group("legal", ["eva", "ana"])
    rules = access.rules()
    assert rules.readable("ana") == ("comun/aviso.md", "contratos", "ventas")
    assert rules.readable("eva") == ("comun/aviso.md", "contratos")
    assert rules.readable("luis") == ("comun/aviso.md",)
    assert rules.readable("jefa") is None
    access.set_group("@legal", [])
    assert access.rules().readable("eva") == ("comun/aviso.md",)


def test_the_last_rule_that_goes_opens_nothing(tmp_path: Path) -> None:
    access = Access(tmp_path)
    access.allow("ana", "ventas")
    access.deny("ana", "ventas")
    assert access.rules().readable("ana") == ()
    with pytest.raises(UsageError, match="not open"):
        access.deny("ana", "ventas")


@pytest.mark.parametrize("path", ["", "/etc", "../a", "a/../b", "."])
def test_a_rule_names_a_path_of_the_library(tmp_path: Path, path: str) -> None:
    with pytest.raises(UsageError, match="no path"):
        Access(tmp_path).allow("ana", path)


def test_names_and_damage_are_stated(tmp_path: Path) -> None:
    access = Access(tmp_path)
    with pytest.raises(UsageError, match="no user"):
        access.allow("a b", "ventas")
    with pytest.raises(UsageError, match="no name"):
        access.set_group("legal", ["a b"])
    (tmp_path / FILE).write_text("[]")
    with pytest.raises(LibraryDamaged, match=FILE):
        access.rules()


def test_a_damaged_file_of_rules_opens_nothing(tmp_path: Path) -> None:
    value = Tokens(tmp_path).create("ana", Scope.READ)
    (tmp_path / FILE).write_text('{"opened": 1}')
    with pytest.raises(LibraryDamaged):
        Callers(tmp_path).find(value)


def test_a_copy_in_another_folder_shows_no_path_that_is_closed(tmp_path: Path) -> None:
    files = {"a/secreto.md": "El pozo tiene agua.\n", "b/copia.md": "El pozo tiene agua.\n"}
    files["b/otro.md"] = "La noria tiene doce cangilones.\n"
    folder = write_files(tmp_path / "documents", files)
    with open_library(tmp_path / "library") as library:
        library.ingest([folder])
        paths = [info.path for info in library.documents(Filters(readable=("b",)))]
        assert paths == ["b/otro.md"], "what the copy says is named by a path that is closed"
        asked = Filters(paths=("a/secreto.md",), readable=("b",))
        assert library.documents(asked) == []
        assert library.documents(Filters(readable=())) == []
        assert library.documents(Filters(readable=("B",))) == [], "another folder than b"
        assert library.documents(Filters(readable=("b/ot",))) == []
        assert library.search("pozo", 10, Filters(readable=("b",)))[0].path == "b/otro.md"
        library.collections.add("agua", [info.id for info in library.documents()][:1])
        assert library.documents(Filters(collections=("agua",)))
        assert library.documents(Filters(collections=("agua",), readable=("b",))) == []


@dataclass(frozen=True)
class Secret:
    """A document and the words that are in no other."""

    path: str
    title: str
    word: str
    value: str

    @property
    def all(self) -> set[str]:
        return {self.path, self.title, self.word, self.value}


@dataclass(frozen=True)
class Team:
    library: Library
    app: Any
    secrets: list[Secret]
    rules: Rules
    values: dict[str, str]

    def client(self, user: str) -> TestClient:
        headers = {"authorization": f"Bearer {self.values[user]}"}
        return TestClient(self.app, "http://localhost", headers=headers)

    def reads(self, user: str, secret: Secret) -> bool:
        readable = self.rules.readable(user)
        assert readable is not None
        return any(secret.path == item or secret.path.startswith(item + "/") for item in readable)


def made_up(count: int) -> list[str]:
    words = ["".join(parts) for parts in itertools.product(SYLLABLES, repeat=4)]
    return random.Random(7).sample(words, count)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    root = tmp_path_factory.mktemp("team")
    words = iter(made_up(3 * DOCUMENTS))
    secrets = [
        Secret(f"d{number % 20}/{(name := next(words))}.md", name, next(words), next(words))
        for number in range(DOCUMENTS)
    ]
    files = {
        secret.path: f"# {secret.title.capitalize()}\n\n"
        f"La clave del proyecto {secret.word} es {secret.value}. Se cambia cada mes.\n"
        for secret in secrets
    }
    folder, chance = write_files(root / "documents", files), random.Random(11)
    access, tokens = Access(root / "library"), Tokens(root / "library")
    users = [f"user{number}" for number in range(USERS)]
    for number, user in enumerate(users):
        if number % 3 == 0:
            access.allow(user, f"d{number % 20}")
        if number % 3 == 1:
            access.allow(user, chance.choice(secrets).path)
    for number in range(8):
        access.set_group(f"g{number}", chance.sample(users, 8))
        access.allow(f"@g{number}", f"d{chance.randrange(20)}")
    values = {user: tokens.create(user, Scope.READ) for user in users}
    with open_library(root / "library") as library:
        library.ingest([folder])
        app = create_app(library, Callers(root / "library").find)
        with TestClient(app):
            yield Team(library, app, secrets, access.rules(), values)


def requests_about(secret: Secret, chance: random.Random) -> tuple[str, str, dict[str, Any]]:
    """One request, of those that could show something of a document."""
    misspelt = secret.word[:-1] + ("x" if secret.word[-1] != "x" else "y")
    question = f"¿Cuál es la clave del proyecto {chance.choice([secret.word, misspelt])}?"
    message = [{"role": "user", "content": question}]
    options: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/api/ask", {"question": question}),
        ("POST", "/api/ask", {"question": question, "stream": True, "conversation": "new"}),
        ("POST", "/api/ask", {"question": f"Resume el documento {secret.title}"}),
        ("POST", "/api/ask", {"question": "¿Qué documentos hay?"}),
        ("POST", "/api/ask", {"question": "¿Cuántos documentos hay?"}),
        ("POST", "/api/ask", {"question": "¿Y cuál es la clave?", "only": [secret.path]}),
        ("POST", "/api/search", {"query": "clave del proyecto", "k": 300}),
        ("POST", "/api/search", {"query": misspelt, "k": 300, "only": [secret.path]}),
        ("POST", "/v1/chat/completions", {"messages": message}),
        ("GET", "/api/documents", {}),
        ("GET", "/api/status", {}),
        ("GET", "/api/conversations", {}),
    ]
    return chance.choice(options)


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_nothing_of_what_one_may_not_read_ever_appears(
    team: Team, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    chance, given, said = random.Random(3), 0, dict.fromkeys(team.values, "")
    clients = {user: team.client(user) for user in team.values}
    for number in range(QUESTIONS):
        user = f"user{number % USERS}"
        method, path, body = requests_about(chance.choice(team.secrets), chance)
        answer = clients[user].request(method, path, json=body or None)
        assert answer.status_code in (200, 409), answer.text
        said[user] += json.dumps(body)  # their own words may come back to them
        for secret in team.secrets:
            shown = {word for word in secret.all if word in answer.text.lower()}
            if team.reads(user, secret):
                given += secret.value in shown
            else:
                assert not {word for word in shown if word not in said[user]}, (
                    user,
                    body,
                    answer.text,
                )
    assert given > QUESTIONS / 10, "what they may read is found"
    assert not {word for secret in team.secrets for word in secret.all if word in caplog.text}


def test_counts_are_of_what_one_may_read(team: Team) -> None:
    for user in list(team.values)[:12]:
        count = sum(team.reads(user, secret) for secret in team.secrets)
        client = team.client(user)
        assert client.get("/api/status").json()["documents"] == count
        assert len(client.get("/api/documents").json()["documents"]) == count
        if count > 1:
            body = {"question": "¿Cuántos documentos hay?"}
            assert f"{count} documentos" in client.post("/api/ask", json=body).json()["answer"]


def test_what_is_closed_is_as_if_it_were_not_there(team: Team) -> None:
    user = next(user for user in team.values if team.rules.readable(user))
    closed = {secret.path for secret in team.secrets if not team.reads(user, secret)}
    ids = [info.id for info in team.library.documents() if info.path in closed]
    client = team.client(user)
    for path in (f"/api/documents/{ids[0]}", f"/api/documents/{ids[0]}/pages/1"):
        there, gone = client.get(path), client.get(path.replace(str(ids[0]), "999999"))
        assert (there.status_code, there.json()) == (gone.status_code, gone.json())
    assert client.post("/api/remove", json={"paths": ["d1"]}).status_code == 403


def test_an_answer_out_of_what_was_closed_since_is_left_out(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "documents", {"a/a.md": "El pozo tiene agua clara.\n"})
    access, tokens = Access(tmp_path / "library"), Tokens(tmp_path / "library")
    access.allow("ana", "a")
    value = tokens.create("ana", Scope.READ)
    with open_library(tmp_path / "library") as library:
        library.ingest([folder])
        app = create_app(library, Callers(tmp_path / "library").find)
        headers = {"authorization": f"Bearer {value}"}
        client = TestClient(app, "http://localhost", headers=headers)
        asked = {"question": "¿Qué tiene el pozo?", "conversation": "new"}
        kept = client.post("/api/ask", json=asked).json()
        assert kept["citations"]
        address = f"/api/conversations/{kept['conversation']}"
        assert "agua clara" in client.get(address).text
        access.deny("ana", "a")
        assert "agua" not in client.get(address).text
        assert client.get(address).json()["turns"][0]["state"] == "erased"
        assert (
            "agua"
            not in client.post("/api/ask", json=asked | {"conversation": kept["conversation"]}).text
        )


@pytest.mark.parametrize("user", ["user0", "user1"])
def test_agents_over_http_see_what_their_user_may_read(team: Team, user: str) -> None:
    import anyio
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    app = create_app(team.library, Callers(team.library.settings.library).find)
    headers = {"authorization": f"Bearer {team.values[user]}"}

    async def talk() -> None:
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(
                transport=httpx2.ASGITransport(app), headers=headers, timeout=100
            ) as http,
            Client(streamable_http_client("http://localhost/mcp", http_client=http)) as client,
        ):
            listed = await client.call_tool("list_documents", {})
            rows = (listed.structured_content or {})["documents"]
            mine = {secret.path for secret in team.secrets if team.reads(user, secret)}
            assert {row["path"] for row in rows} == mine
            closed = next(s for s in team.secrets if not team.reads(user, s))
            key = next(i.id for i in team.library.documents() if i.path == closed.path)
            assert (await client.call_tool("open_document", {"document_id": key})).is_error
            found = await client.call_tool("search", {"query": closed.word, "k": 100})
            assert {row["path"] for row in (found.structured_content or {})["passages"]} <= mine
            asked = await client.call_tool("ask", {"question": f"Clave de {closed.word}"})
            assert closed.value not in str(asked)
            with pytest.raises(Exception, match="no document"):
                await client.read_resource(f"fuente://documents/{key}")

    anyio.run(talk)


def test_agents_without_a_token_are_refused(team: Team) -> None:
    stranger = TestClient(team.app, "http://localhost")
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    assert stranger.post("/mcp", json=body).status_code == 401


def test_an_agent_keeps_no_stream_open(team: Team) -> None:
    headers = {"accept": "text/event-stream"}
    assert team.client("user0").get("/mcp", headers=headers).status_code == 405
