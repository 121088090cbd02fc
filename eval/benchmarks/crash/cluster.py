"""Clients at several servers and workers of one library in PostgreSQL, all of which are killed.

    python -m eval.benchmarks.crash.cluster LIBRARY [--seconds 600] [--kills 50] [--clients 20]
        [--passages 5000] [--beside 120] [--seed N]

LIBRARY, a folder, is copied into a database of a server that is started for it. Then --clients ask
two `rag serve`, two `rag worker` of one thread read --passages new ones that `rag ingest --queue`
has asked for, and --kills times one of these five processes is killed (SIGKILL) and started again.
A client whose server dies asks the other one: said as retried; one that is refused with a reason
waits as long as it was told and asks again: said as refused, and why. An answer is wrong where a
quote is not in its document as cited, and mixed where it is to another question than was asked. At
the end each new file must be there once, and the library consistent. Before that, for --beside
seconds, as many clients ask one `rag serve` over the folder itself while it ingests files of the
same kind: the figures of SQLite and FAISS in the same run. POSIX.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path

import httpx
import numpy as np

from eval.benchmarks.helpers.cluster import Cluster, Process, running, write_files
from eval.benchmarks.helpers.commands import RAG
from eval.benchmarks.speed.latency_during_ingest import QUESTIONS
from eval.benchmarks.speed.server import judged, texts_of
from rag.indexing.queued import queue_of
from rag.storage import Store

NAME = "cluster"
_START_SECONDS = 300
_SERVERS = _WORKERS = 2
_TRIES = 60  # of a client, a second apart, while no server answers
_LEFT_SECONDS = 7200  # for what is not read when the clients end


class Clients:
    """Threads that ask one question after the other for some time."""

    def __init__(
        self,
        ports: Sequence[int],
        token: str,
        number: int,
        seconds: float,
        texts: dict[str, str],
    ) -> None:
        """`texts`: of the documents by their paths, against which quotes are held."""
        self._clients = [_client(port, token, number) for port in ports]
        self.counts, self.taken = Counter[str](), list[float]()
        self.seconds = seconds
        self._guard = threading.Lock()
        self._texts = texts
        self._end = time.monotonic() + seconds
        self._threads = [threading.Thread(target=self._run, args=(n,)) for n in range(number)]
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Waits until the time is up and the last answers are there."""
        for thread in self._threads:
            thread.join()

    def _run(self, number: int) -> None:
        for turn in count(number):
            if time.monotonic() > self._end:
                return
            started = time.perf_counter()
            kind = self._ask(turn)
            with self._guard:
                self.counts[kind] += 1
                if kind == "answered":
                    self.taken.append(time.perf_counter() - started)

    def _ask(self, turn: int) -> str:
        question = QUESTIONS[turn % len(QUESTIONS)]
        for attempt in range(_TRIES):
            client = self._clients[(turn + attempt) % len(self._clients)]
            try:
                answer = client.post("/api/ask", json={"question": question})
            except httpx.TransportError:  # its server has died, or is not up yet
                with self._guard:
                    self.counts["retried"] += 1
                time.sleep(1 if attempt else 0)
                continue
            kind = judged(answer, question, self._texts)
            if not kind.startswith("refused"):
                return kind
            with self._guard:
                self.counts[kind] += 1
            time.sleep(float(answer.headers["retry-after"]))
        return "error"

    def summary(self) -> str:
        """Returns the figures in one line."""
        low, high = np.percentile(self.taken or [np.nan], (50, 95))
        answered = self.counts.pop("answered", 0)
        rest = ", ".join(f"{kind} {number}" for kind, number in sorted(self.counts.items()))
        return (
            f"answered {answered} ({answered / self.seconds:.2f} a second), p50 {low:.2f} s, "
            f"p95 {high:.2f} s; {rest or 'nothing else'}"
        )


def main() -> int:
    """Prints the figures; exit code 1 where something was wrong, mixed, in error, lost or twice."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("library", type=Path)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--passages", type=int, default=5000)
    parser.add_argument("--beside", type=float, default=120)
    parser.add_argument("--seed", type=int, default=23)
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fc-") as scratch, running(Path(scratch)) as cluster:
        dice = random.Random(flags.seed)
        if flags.beside:
            print(
                f"SQLite and FAISS, one server: {_beside(cluster.folder, flags, dice)}", flush=True
            )
        docs = cluster.folder / "docs"
        names = write_files(docs, flags.passages, dice)
        _rag(cluster, "copy", str(flags.library), cluster.address(NAME))
        clients, kills = _load(cluster, docs, flags, dice)
        print(f"PostgreSQL, two servers: {clients.summary()}")
        print("killed: " + ", ".join(f"{kind} {number}" for kind, number in sorted(kills.items())))
        problems = _problems(cluster, docs, names)
    for problem in problems:
        print(f"PROBLEM {problem}")
    print(f"{len(names)} files: {len(problems)} problems")
    return int(bool(problems or any(clients.counts[kind] for kind in ("wrong", "mixed", "error"))))


def _load(
    cluster: Cluster, docs: Path, flags: argparse.Namespace, dice: random.Random
) -> tuple[Clients, Counter[str]]:
    """Lets clients ask, workers read and the dice kill; returns the clients and who was killed."""
    token = _rag(cluster, "tokens", "create", "load", "--scope", "admin").strip()
    ports = [_free_port() for _ in range(_SERVERS)]
    with ExitStack() as stack:

        def process(kind: str, *command: str, threads: int = 0) -> Process:
            made = Process(lambda: cluster.start(NAME, *command, threads=threads), kind)
            stack.callback(made.end)
            return made

        processes = [process("server", "serve", "--port", str(port)) for port in ports]
        processes += [process("worker", "worker", threads=1) for _ in range(_WORKERS)]
        for port in ports:
            _wait_for(port)
        texts = texts_of(flags.library)
        asking = process("ingest", "ingest", str(docs), "--queue")
        clients = Clients(ports, token, flags.clients, flags.seconds, texts)
        kills = Counter[str]()
        moments = sorted(dice.uniform(0.02, 0.98) * flags.seconds for _ in range(flags.kills))
        begun = time.monotonic()
        for moment in moments:
            time.sleep(max(0.0, begun + moment - time.monotonic()))
            victim = dice.choice([*processes, *([asking] if asking.alive else [])])
            kills[victim.kind] += 1
            victim.kill()
        clients.join()
        print(f"read while they asked: {_stored(cluster)} documents in all", flush=True)
        asking.running.wait(_LEFT_SECONDS)
        _wait_for_the_queue(cluster)
    return clients, kills


def _wait_for_the_queue(cluster: Cluster) -> None:
    """Waits until the jobs are done that somebody asked for who was killed."""
    place = Path(cluster.environment(NAME)["RAG_LIBRARY"])
    end = time.monotonic() + _LEFT_SECONDS
    with closing(Store(place, cluster.address(NAME))) as store:
        while queue_of(store).waiting() and time.monotonic() < end:
            time.sleep(1)


def _stored(cluster: Cluster) -> int:
    return int(json.loads(_rag(cluster, "status", "--json"))["documents"])


def _problems(cluster: Cluster, docs: Path, names: list[str]) -> list[str]:
    """Returns what is lost, there twice, or not as it should be, in words."""
    place = Path(cluster.environment(NAME)["RAG_LIBRARY"])
    with closing(Store(place, cluster.address(NAME))) as store:
        files = store.ledger.below(str(docs.resolve()))
        held = Counter(record.document_id for record in files)
        missing = set(names) - {record.path for record in files if record.outcome == "ok"}
        twice = [key for key, number in held.items() if number > 1]
        titles = store.connection().execute("SELECT content_hash FROM documents")
        doubled = [key for key, number in Counter(row[0] for row in titles).items() if number > 1]
        waiting = queue_of(store).waiting()
        return [
            *(f"{name} is lost" for name in sorted(missing)),
            *(f"document {key} is that of several files" for key in twice),
            *(f"{key} is stored twice" for key in doubled),
            *([f"{waiting} jobs still wait"] if waiting else []),
            *store.check(),
        ]


def _beside(folder: Path, flags: argparse.Namespace, dice: random.Random) -> str:
    """Returns the figures of one server over a copy of the folder, which ingests meanwhile."""
    library, docs, port = folder / "library", folder / "docs beside", _free_port()
    shutil.copytree(flags.library, library)
    write_files(docs, flags.passages, dice)
    place, texts = ("--library", str(library)), texts_of(library)
    token = subprocess.check_output(
        [*RAG, "tokens", "create", "load", "--scope", "admin", *place], text=True
    ).strip()
    with (
        subprocess.Popen(
            [*RAG, "serve", "--port", str(port), *place], stdout=subprocess.DEVNULL
        ) as server,
        subprocess.Popen([*RAG, "ingest", str(docs), *place], stdout=subprocess.DEVNULL) as reading,
    ):
        _wait_for(port)
        clients = Clients([port], token, flags.clients, flags.beside, texts)
        clients.join()
        for process in (reading, server):
            process.terminate()
    return clients.summary()


def _rag(cluster: Cluster, *command: str) -> str:
    """Returns what a command prints."""
    return subprocess.check_output([*RAG, *command], env=cluster.environment(NAME), text=True)


def _client(port: int, token: str, number: int) -> httpx.Client:
    return httpx.Client(
        base_url=f"http://127.0.0.1:{port}",
        headers={"authorization": f"Bearer {token}"},
        timeout=300.0,
        limits=httpx.Limits(max_connections=2 * number),
    )


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(port: int) -> None:
    """Waits until a server answers."""
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz")
            return
        except httpx.TransportError:
            time.sleep(0.2)
    raise SystemExit(f"the server at port {port} does not answer")


if __name__ == "__main__":
    raise SystemExit(main())
