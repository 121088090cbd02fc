"""Nothing leaves the machine, and nothing is written where nobody looks: by the system's word."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import anyio
import httpx
import pytest
from mcp import Client, StdioServerParameters

from tests.helpers import tracing
from tests.helpers.browser import free_port, tab
from tests.parsing.test_ocr import picture, scan
from tests.parsing.test_office_and_mail import ODT, book, message, opendocument, saved, word
from tests.parsing.test_pptx import deck
from tests.parsing.test_xlsx import workbook

CORPUS = tracing.ROOT / "corpus/documents"
QUESTION = {"id": "1", "question": "¿Qué son los sesgos?", "answers": [], "unanswerable": False}

WAYS_OUT = """
import pathlib, socket, subprocess, sys, threading

def look_up():
    try:
        socket.getaddrinfo("example.invalid", 80)
    except OSError:
        pass

def connect():
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("192.0.2.1", 9))

def send():
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        out.sendto(b"x", ("192.0.2.2", 9))
    except OSError:
        pass
    try:
        out.sendmsg([b"x"], [], 0, ("192.0.2.3", 9))
    except OSError:
        pass

def write():
    home = pathlib.Path.home()
    (home / "ñ, written").write_text("")
    (home / "made").mkdir()
    pathlib.Path("inside").write_text("")
    pathlib.Path("inside").rename(home / "renamed")
    pathlib.Path("link").symlink_to(home / "only pointed at")

if sys.argv[1:]:  # a thread of a child of the command
    for each in (look_up, connect, send, write):
        thread = threading.Thread(target=each)
        thread.start()
        thread.join()
    socket.create_server(("0.0.0.0", 0)).close()
    inside = socket.create_server(("127.0.0.1", 0))
    socket.create_connection(inside.getsockname()).close()
else:
    subprocess.run([sys.executable, __file__, "child"], check=True)
"""


class Place:
    """A computer's folders, all of them empty, and the environment that knows nothing else."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("home", "work", "tmp"):
            (root / name).mkdir()
        self.home, self.work, self.tmp = (root / name for name in ("home", "work", "tmp"))
        self.library = self.work / ".rag"
        self.environment = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(self.home),
            "TMPDIR": str(self.tmp),
            "RES_OPTIONS": "timeout:1 attempts:1",  # nobody has to answer
        }
        self._runs = 0

    def log(self) -> Path:
        """A folder for the next trace."""
        self._runs += 1
        return self.root / f"trace-{self._runs}"

    def run(self, *command: str) -> tuple[str, tracing.Seen]:
        """Runs a command that must do well: what it prints, and what was seen of it."""
        log = self.log()
        done = subprocess.run(
            tracing.traced(log, command),
            cwd=self.work,
            env=self.environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=280,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout, tracing.seen(log, self.work)

    def holds(self, seen: tracing.Seen, *asked_for: Path) -> None:
        """Nothing left the machine or was written outside the library and the temporary folder."""
        assert seen.ways_out == []
        assert seen.written_outside(self.library, self.tmp, *asked_for) == []
        assert not [path for path in self.home.iterdir() if path not in asked_for]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    tracing.require()
    return Place(tmp_path)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A place with a library of one document of each family of formats."""
    tracing.require()
    place = Place(tmp_path_factory.mktemp("place"))
    families(place.root / "documents")
    printed, seen = place.run(tracing.RAG, "ingest", str(place.root / "documents"), "--json")
    assert set(json.loads(printed)["files"]) == {"ok"}, printed
    assert place.library / "library.sqlite" in seen.written
    place.holds(seen)
    return place


def families(folder: Path) -> None:
    folder.mkdir()
    for name in (
        "es/sesgos.md",
        "en/evaluation-metrics.pdf",
        "en/inference-speed-and-serving.html",
    ):
        (folder / Path(name).name).write_bytes((CORPUS / name).read_bytes())
    word(folder / "a.docx", "El pozo se limpia en mayo.")
    deck(folder / "a.pptx")
    workbook(folder / "a.xlsx")
    opendocument(folder / "a.odt", "text", ODT)
    book(folder / "a.epub")
    saved(folder / "a.eml", message())
    (folder / "a.csv").write_text("Nombre,Años\nAna,31\nLuis,40\n", encoding="utf-8")
    (folder / "a.json").write_text('[{"nombre": "Ana", "años": 31}]', encoding="utf-8")
    (folder / "a.txt").write_text("La garantía dura dos años.", encoding="utf-8")
    from rag.parsing import ocr

    if ocr.is_installed():
        picture("El año próximo habrá sequía.").save(folder / "a.png")
        scan(folder / "scan.pdf", picture("¿Cuántos litros caben en el depósito?"))


def test_the_trace_sees_every_way_out_and_every_write(place: Place) -> None:
    script = place.root / "ways_out.py"
    script.write_text(WAYS_OUT, encoding="utf-8")
    _, seen = place.run(sys.executable, str(script))
    assert [attempt for attempt in seen.ways_out if attempt.endswith("port 53")], (
        "the look-up of a name"
    )
    others = {attempt for attempt in seen.ways_out if not attempt.endswith(" port 53")}
    fixed = {"connect 192.0.2.1 port 9", "sendto 192.0.2.2 port 9", "sendmsg 192.0.2.3 port 9"}
    assert others == fixed | {"bind 0.0.0.0 port 0"}
    outside = [str(place.home / name) for name in ("made", "renamed", "ñ, written")]
    assert seen.written_outside(place.work) == outside


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ["ingest", "../documents"],
        ["ask", "¿Qué son los sesgos?"],
        ["search", "sesgos"],
        ["status"],
        ["doctor"],
        ["config"],
        ["models", "list"],
        ["eval", "../questions.jsonl", "--out", "report"],
    ],
    ids=lambda command: "-".join(command[:2]) if command[0] == "models" else command[0],
)
def test_a_command_keeps_to_the_library(filled: Place, command: list[str]) -> None:
    (filled.root / "questions.jsonl").write_text(json.dumps(QUESTION), encoding="utf-8")
    printed, seen = filled.run(tracing.RAG, *command)
    assert printed
    filled.holds(seen, filled.work / "report")


@contextlib.contextmanager
def running(place: Place, log: Path, *command: str) -> Iterator[IO[str]]:
    """What a command prints that runs until it is told to stop, traced with its children."""
    # strace lets no signal through to what it traces: the shell says which process that is
    shell = ["sh", "-c", 'echo $$; exec "$@"', "sh", tracing.RAG, *command]
    process = subprocess.Popen(
        tracing.traced(log, shell),
        cwd=place.work,
        env={**place.environment, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout as lines:
        pid = int(lines.readline())
        try:
            yield lines
        finally:
            os.kill(pid, signal.SIGTERM)
            process.wait(60)


@pytest.mark.slow
def test_the_server_keeps_to_the_library(filled: Place) -> None:
    log, port = filled.log(), str(free_port())
    with running(filled, log, "serve", "--port", port) as lines:
        address = f"http://127.0.0.1:{port}"
        assert address in lines.readline()
        headers = {"authorization": f"Bearer {lines.readline().split()[-1]}"}
        with httpx.Client(base_url=address, headers=headers, timeout=200) as client:
            wait_for(client)
            answer = client.post("/api/ask", json={"question": QUESTION["question"]}).json()
            assert answer["citations"]
            events = client.post("/api/ask", json={"question": "What is recall?", "stream": True})
            assert "event: done" in events.text
            rows = client.get("/api/documents").json()["documents"]
            assert client.get(f"/api/documents/{rows[0]['id']}").json()["text"]
    filled.holds(tracing.seen(log, filled.work))


def wait_for(client: httpx.Client) -> None:
    """Waits until the server answers: under the trace that takes as long as the machine takes."""
    for _ in range(600):
        with contextlib.suppress(httpx.TransportError):
            client.get("/healthz")
            return
        time.sleep(0.2)


@pytest.mark.slow
def test_the_server_of_agents_keeps_to_the_library(filled: Place) -> None:
    log = filled.log()
    command, *arguments = tracing.traced(log, [tracing.RAG, "mcp"])
    parameters = StdioServerParameters(
        command=command, args=arguments, env=filled.environment, cwd=filled.work
    )

    async def talk() -> None:
        async with Client(parameters) as client:
            answer = await client.call_tool("ask", {"question": QUESTION["question"]})
            assert (answer.structured_content or {})["citations"]
            listed = await client.call_tool("list_documents", {})
            rows = (listed.structured_content or {})["documents"]
            read = await client.read_resource(f"fuente://documents/{rows[0]['id']}")
            assert read.contents

    anyio.run(talk)
    filled.holds(tracing.seen(log, filled.work))


@pytest.mark.browser
@pytest.mark.slow
def test_the_web_app_keeps_to_the_library(browser: Any, filled: Place) -> None:
    log = filled.log()
    with running(filled, log, "chat", "--no-browser", "--port", str(free_port())) as lines:
        found = re.search(r"http://\S+", lines.readline())
        assert found, "the app did not start"
        with tab(browser, found[0], "en-GB") as visit:
            assert "share of the relevant" in visit.ask("What is recall at k?").inner_text()
            visit.page.locator(".chip").first.click()
            visit.page.locator(".st-key-page img").wait_for()
            assert not visit.foreign
    # the secret of the web app is kept there, as `rag chat` says
    filled.holds(tracing.seen(log, filled.work), filled.home / ".config")
