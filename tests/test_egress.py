"""Nothing leaves the machine: the real commands under a guard that refuses any way out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent

GUARD = """
import ipaddress, json, sys

attempts = []
LOOK_UPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
SENDS = {"socket.connect", "socket.sendto", "socket.sendmsg"}

def stays(host):
    if isinstance(host, (bytes, bytearray)):
        host = host.decode()
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

def guard(event, arguments):
    if event in LOOK_UPS:
        host = arguments[0]
    elif event in SENDS:
        address = arguments[1]
        if not isinstance(address, tuple):  # a socket of this machine, or one connected before
            return
        host = address[0]
    else:
        return
    if not stays(host):
        attempts.append([event, str(host)])
        raise PermissionError(f"egress: {event} {host}")

sys.addaudithook(guard)
"""

ATTEMPTS = """
import socket
for call in (
    lambda: socket.create_connection(("192.0.2.1", 80), 1),
    lambda: socket.getaddrinfo("example.org", 80),
    lambda: socket.gethostbyname("example.org"),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"", ("192.0.2.1", 53)),
    lambda: socket.socket().connect(("192.0.2.1", 80)),
    lambda: __import__("urllib.request").request.urlopen("http://example.org"),
):
    try:
        call()
    except OSError:
        pass
inside = socket.create_server(("127.0.0.1", 0))
socket.create_connection(inside.getsockname()).close()
"""

COMMANDS = """
import contextlib, io, pathlib
from rag.cli import main
from rag.parsing import read

documents = pathlib.Path(sys.argv[1])
# the sandbox reads in a child of its own, out of the guard's sight: read here as well
for path in sorted(documents.rglob("*.*")):
    read(path)
spanish = [str(path) for path in sorted((documents / "es").glob("*.md"))]
codes, printed = [], []
for command in (
    ["ingest", *spanish],
    ["ask", "¿Qué es una alucinación?"],
    ["search", "sesgos"],
    ["status"],
):
    sys.argv = ["rag", *command, "--json"]
    with contextlib.redirect_stdout(io.StringIO()) as out:
        try:
            main()
            codes.append(0)
        except SystemExit as done:
            codes.append(done.code or 0)
    printed.append(json.loads(out.getvalue()))
print(json.dumps({"attempts": attempts, "codes": codes, "printed": printed}))
"""


def guarded(code: str, folder: Path, *arguments: str) -> dict[str, Any]:
    """What a fresh process prints after the guard is up, without any variable that helps it."""
    helpful = ("RAG_", "HF_", "TRANSFORMERS_", "LLAMA_INDEX_", "NLTK_", "TIKTOKEN_")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(helpful)}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-c", GUARD + code, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def test_the_guard_sees_every_way_out(tmp_path: Path) -> None:
    attempts = guarded(f"{ATTEMPTS}\nprint(json.dumps({{'seen': attempts}}))", tmp_path)["seen"]
    assert attempts == [
        ["socket.getaddrinfo", "192.0.2.1"],
        ["socket.getaddrinfo", "example.org"],
        ["socket.gethostbyname", "example.org"],
        ["socket.sendto", "192.0.2.1"],
        ["socket.connect", "192.0.2.1"],
        ["socket.getaddrinfo", "example.org"],
    ]


@pytest.mark.slow
def test_ingest_ask_search_and_status_try_no_way_out(tmp_path: Path) -> None:
    result = guarded(COMMANDS, tmp_path, str(ROOT / "corpus/documents"))
    assert result["attempts"] == []
    assert result["codes"] == [0, 0, 0, 0]
    report, answer, found, status = result["printed"]
    assert report["files"]["ok"] == status["documents"] > 0
    assert answer["passages"]
    assert found["passages"]
    assert status["consistent"] is True
