"""Many clients at one `rag serve`, also beside an ingest, and what a kill costs.

    python -m eval.benchmarks.speed.server LIBRARY [--clients 20] [--seconds 600]
        [--ingest FOLDER] [--kills 20]

Works on a copy of the library. Each client asks one question after the other. An answer is wrong
where a quote does not stand in its document as cited, and mixed where it is to another question
than was asked; a refusal that is stated (503, too many at once) is counted apart from errors. Then
the server is killed, each time just after it has acknowledged an upload: all of them must be there
in the end.
"""

from __future__ import annotations

import argparse
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count, islice
from pathlib import Path

import httpx
import numpy as np

from eval.benchmarks.helpers.commands import RAG
from eval.benchmarks.speed.latency_during_ingest import QUESTIONS
from rag.storage import Store

_START_SECONDS = 120
_TIMEOUT = 300.0


def main() -> int:
    """Prints the figures; exit code 1 where something was wrong, mixed, in error or lost."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("library", type=Path)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--ingest", type=Path, help="a folder to ingest meanwhile")
    parser.add_argument("--kills", type=int, default=20)
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        library = Path(shutil.copytree(flags.library, Path(scratch) / "library"))
        command = [*RAG, "tokens", "create", "load", "--scope", "admin", "--library", str(library)]
        token = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        starts: list[float] = []
        load = (flags.clients, flags.seconds, flags.ingest)
        counts, seconds = _load(library, token, starts, *load)
        lost = _kills(library, token, starts, flags.kills)
    _summary(flags, counts, seconds, starts, lost)
    return int(bool(lost or counts["wrong"] or counts["mixed"] or counts["error"]))


def _summary(
    flags: argparse.Namespace,
    counts: Counter[str],
    seconds: list[float],
    starts: list[float],
    lost: int,
) -> None:
    """Prints all figures in one block."""
    refused = sum(number for kind, number in counts.items() if kind.startswith("refused"))
    low, high = np.percentile(seconds or [np.nan], (50, 95))
    print(
        f"--- {flags.clients} clients, {flags.seconds:.0f} s"
        f"{f', beside an ingest of {flags.ingest}' if flags.ingest else ''} ---\n"
        f"answered {counts['answered']} ({counts['answered'] / flags.seconds:.2f} a second), "
        f"p50 {low:.2f} s, p95 {high:.2f} s\n"
        f"wrong {counts['wrong']}, mixed {counts['mixed']}, errors {counts['error']}, "
        f"refused as stated {refused}\n"
        f"killed {flags.kills} times: {lost} of {flags.kills} acknowledged uploads lost\n"
        f"up after {np.median(starts):.1f} s (median of {len(starts)} starts, "
        f"at most {max(starts):.1f} s)"
    )


def _load(
    library: Path,
    token: str,
    starts: list[float],
    clients: int,
    seconds: float,
    folder: Path | None,
) -> tuple[Counter[str], list[float]]:
    """Returns how many answers there were of each kind, and the seconds of those given."""
    counts, taken, guard = Counter[str](), list[float](), threading.Lock()
    with _server(library, token, starts) as (_, client), _ingesting(library, folder):
        texts = texts_of(library)
        end = time.monotonic() + seconds

        def ask(number: int) -> None:
            for turn in count(number):
                if time.monotonic() > end:
                    return
                started = time.perf_counter()
                kind = _asked(client, QUESTIONS[turn % len(QUESTIONS)], texts)
                with guard:
                    counts[kind] += 1
                    if kind == "answered":
                        taken.append(time.perf_counter() - started)

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return counts, taken


def texts_of(library: Path) -> dict[str, str]:
    """Returns the texts of all documents of a library by their paths."""
    with closing(Store(library)) as store:
        found = ((info.path, store.documents.get(info.id)) for info in store.documents.infos())
        return {path: document.text for path, document in found if document}


def _asked(client: httpx.Client, question: str, texts: dict[str, str]) -> str:
    try:
        answer = client.post("/api/ask", json={"question": question})
    except httpx.HTTPError:
        return "error"
    return judged(answer, question, texts)


def judged(answer: httpx.Response, question: str, texts: dict[str, str]) -> str:
    """Returns of which kind an answer is; `texts` are those of the documents by their paths."""
    if answer.status_code != 200:
        return f"refused, {_stated(answer)}" if answer.status_code == 503 else "error"
    body = answer.json()
    if body["question"] != question:
        return "mixed"
    right = (
        cited["path"] not in texts  # ingested meanwhile
        or texts[cited["path"]][cited["start"] : cited["end"]] == cited["quote"]
        for cited in body["citations"]
    )
    return "answered" if all(right) else "wrong"


def _stated(answer: httpx.Response) -> str:
    """Returns what a refusal says, up to what differs from one to the next."""
    said = str(answer.json().get("detail", "without a reason"))
    return re.split(r"[:(;]", said.rpartition("cannot be used: ")[2])[0].strip()


def _kills(library: Path, token: str, starts: list[float], kills: int) -> int:
    """Returns how many uploads are lost that were acknowledged just before a kill."""
    names = [f"granero-{number}.md" for number in range(kills)]
    for name in names:
        with _server(library, token, starts) as (process, client):
            content = f"El granero {name} se abre a las nueve.".encode()
            answer = client.post("/api/documents", files={"files": (name, content)})
            process.kill()
            if answer.status_code != 202:
                raise SystemExit(f"the upload was not acknowledged: {answer.text}")
    with _server(library, token, starts) as (_, client):
        for _ in range(_START_SECONDS):
            rows = client.get("/api/documents").json()["documents"]
            missing = set(names) - {row["path"] for row in rows}
            if not missing:
                break
            time.sleep(1)
        consistent = client.get("/api/status").json()["consistent"]
    return len(missing) if consistent else kills


@contextmanager
def _server(
    library: Path, token: str, starts: list[float]
) -> Iterator[tuple[subprocess.Popen[bytes], httpx.Client]]:
    """Runs the server, and notes the seconds until it answered."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [*RAG, "serve", "--port", str(port), "--library", str(library)]
    headers = {"authorization": f"Bearer {token}"}
    limits = httpx.Limits(max_connections=200)
    with (
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=sys.stderr) as process,
        httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=_TIMEOUT, limits=limits
        ) as client,
    ):
        started = time.monotonic()
        for _ in islice(count(), _START_SECONDS * 10):
            try:
                client.get("/healthz")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        starts.append(time.monotonic() - started)
        yield process, client
        process.terminate()


@contextmanager
def _ingesting(library: Path, folder: Path | None) -> Iterator[None]:
    if folder is None:
        yield
        return
    command = [*RAG, "ingest", str(folder), "--library", str(library)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        yield
        print(f"the ingest {'still ran' if running.poll() is None else 'had ended'}")
        running.terminate()


if __name__ == "__main__":
    raise SystemExit(main())
