"""`rag serve`, `rag tokens` and `rag mcp` as processes, and where a server may listen."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import httpx
import pytest
from mcp import Client, StdioServerParameters

from rag.errors import LibraryDamaged, UsageError
from rag.server.serve import Listening, access
from rag.server.tokens import FILE, Scope, Tokens
from rag.system.processes import environment, python

RAG = python("-c", "from rag.cli import main; raise SystemExit(main())")


def run(*arguments: str, library: Path) -> str:
    command = [*RAG, *arguments, "--library", str(library)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(os.environ))
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def server(library: Path) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """A running server, its address and the token it printed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [*RAG, "serve", "--port", str(port), "--library", str(library)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=environment({**os.environ, "PYTHONUNBUFFERED": "1"}),
    )  # fmt: skip
    assert process.stdout
    said = [process.stdout.readline() for _ in range(2)]
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                httpx.get(f"{address}/healthz")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield process, address, said[1].rpartition(" ")[2].strip()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_it_serves_with_the_token_of_the_run_and_ends_when_told(tmp_path: Path) -> None:
    with server(tmp_path) as (process, address, token):
        assert httpx.get(f"{address}/readyz").status_code == 503, "the library is empty"
        assert httpx.get(f"{address}/api/status").status_code == 401
        headers = {"authorization": f"Bearer {token}"}
        assert httpx.get(f"{address}/api/status", headers=headers).json()["documents"] == 0
        asked = httpx.post(f"{address}/api/ask", headers=headers, json={"question": "¿Qué?"})
        assert (asked.status_code, asked.json()["next"]) == (409, "rag ingest FOLDER")
        # a token of the library's own takes the place of the run's from the next start on
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) in (0, -signal.SIGTERM)  # once what was in hand is done


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_what_is_in_hand_when_it_is_told_to_stop_is_finished(tmp_path: Path) -> None:
    body = json.dumps({"query": "a"}).encode()
    with server(tmp_path) as (process, address, token):
        told = threading.Event()

        def halves() -> Iterator[bytes]:
            """A body whose second half comes once the server refuses new callers."""
            yield body[:5]
            process.send_signal(signal.SIGTERM)
            for _ in range(600):
                try:
                    httpx.get(f"{address}/healthz")
                except httpx.TransportError:
                    told.set()
                    break
                time.sleep(0.1)
            yield body[5:]

        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        asked = httpx.post(f"{address}/api/search", headers=headers, content=halves(), timeout=90)
        assert told.is_set()
        assert (asked.status_code, asked.json()["next"]) == (409, "rag ingest FOLDER")
        assert process.wait(60) in (0, -signal.SIGTERM)


def test_agents_start_it_themselves(tmp_path: Path) -> None:
    parameters = StdioServerParameters(
        command=RAG[0],
        args=[*RAG[1:], "mcp", "--library", str(tmp_path)],
        env=environment(os.environ),
    )

    async def talk() -> None:
        async with Client(parameters) as client:
            listed = await client.call_tool("list_documents", {})
            assert listed.structured_content == {"documents": []}
            asked = await client.call_tool("ask", {"question": "¿Qué?"})
            assert asked.is_error
            assert "rag ingest FOLDER" in str(asked.content[0])

    anyio.run(talk)


def test_tokens_are_shown_once_and_kept_as_sums(tmp_path: Path) -> None:
    value = run("tokens", "create", "ana", "--scope", "write", library=tmp_path).strip()
    kept = tmp_path / FILE
    assert value.startswith("fuente-")
    assert value not in kept.read_text()
    if os.name == "posix":
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    listed = json.loads(run("tokens", "list", "--json", library=tmp_path))["tokens"]
    assert [(row["name"], row["scope"]) for row in listed] == [("ana", "write")]
    found = Tokens(tmp_path).find(value)
    assert found is not None
    assert found.scope.includes(Scope.READ)
    assert not found.scope.includes(Scope.ADMIN)
    run("tokens", "revoke", "ana", library=tmp_path)
    assert Tokens(tmp_path).find(value) is None


def test_names_of_tokens(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path)
    tokens.create("ana", Scope.READ)
    for name, cause in (("ana", "already"), ("a b", "no name"), ("", "no name")):
        with pytest.raises(UsageError, match=cause):
            tokens.create(name, Scope.READ)
    with pytest.raises(UsageError, match="no token"):
        tokens.revoke("eva")
    (tmp_path / FILE).write_text('[{"name": 1}]')
    with pytest.raises(LibraryDamaged, match=FILE):
        tokens.all()


def test_others_reach_it_only_with_tokens_and_encrypted(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path)
    assert access(tokens, Listening()).startswith("fuente-")
    with pytest.raises(UsageError, match="no tokens"):
        access(tokens, Listening("0.0.0.0"))
    tokens.create("ana", Scope.READ)
    assert access(tokens, Listening()) == ""
    with pytest.raises(UsageError, match="unencrypted"):
        access(tokens, Listening("0.0.0.0"))
    certified = Listening("0.0.0.0", certificate=tmp_path / "a.pem", key=tmp_path / "b.pem")
    for listening in (certified, Listening("0.0.0.0", behind_proxy=True)):
        assert access(tokens, listening) == ""
