"""How fast, how well and in how much memory: Fuente beside the plain way with llama-index.

Both get the same files, each run in a process of its own and the sides in turns, so that whatever
else the machine does falls on both. The plain way: pypdf a page (as SimpleDirectoryReader reads
PDF; other files as text), `SentenceSplitter` with the same length of chunks, all-MiniLM-L6-v2 by
sentence-transformers in fp32 ten texts a call (as llama-index-embeddings-huggingface does by
default), its `IngestionPipeline`, a FAISS file and its document store as JSON. Fuente: `bundled`,
the same encoder with Spanish words added, or any other --embedder. Recall@10: among the ten
passages one of the right document holds an answer.

    python -m eval.benchmarks.speed.ingest FOLDER --questions eval/questions.jsonl \
        [--rounds 3] [--whole]

As it comes, sentence-transformers reads the first 256 tokens of each passage of 400 and drops the
rest; with --whole it reads all of it, as Fuente does: the same work on both sides.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rag.system import processes

K = 10
CHUNK, OVERLAP = 400, 60
POSITIONS = 512
PLAIN_BATCH = 10  # DEFAULT_EMBED_BATCH_SIZE of llama-index
SUFFIXES = (".pdf", ".txt", ".md", ".html")
SIDES = ("fuente", "llama-index")

Found = Callable[[str], list[tuple[str, str]]]
"""(path, text) of the best passages for a question, best first."""


def main() -> int:
    """Prints a table; exit code 0."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--embedder", default="bundled")
    parser.add_argument("--whole", action="store_true", help="plain reads whole passages too")
    parser.add_argument("--side", choices=SIDES, help="one side alone, as JSON")
    options = parser.parse_args()
    if options.side:
        with tempfile.TemporaryDirectory() as scratch:
            print(json.dumps(measure(options, Path(scratch))))
        return 0
    runs: dict[str, list[dict[str, float]]] = {}
    for number in range(options.rounds):
        for side in SIDES if number % 2 else SIDES[::-1]:
            runs.setdefault(side, []).append(one(options, side))
            print(f"round {number + 1}, {side}: {runs[side][-1]}", flush=True)
    print(table(runs))
    return 0


def one(options: argparse.Namespace, side: str) -> dict[str, float]:
    """Measures one side in a process of its own."""
    arguments = ["--questions", options.questions, "--embedder", options.embedder, "--side", side]
    arguments += ["--whole"] if options.whole else []
    done = subprocess.run(
        processes.python(
            "-m", "eval.benchmarks.speed.ingest", str(options.folder), *map(str, arguments)
        ),
        stdout=subprocess.PIPE,
        check=True,
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def measure(options: argparse.Namespace, scratch: Path) -> dict[str, float]:
    """Returns seconds of work without loading, of processor, chunks, recall and memory in MB."""
    folder = options.folder.resolve()
    if options.side == "fuente":
        chunks, seconds, used, again, search = fuente(folder, scratch, options.embedder)
    else:
        chunks, seconds, used, search = plain(folder, scratch, options.whole)
        again = float("nan")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    readers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return {
        "chunks": chunks,
        "seconds": round(seconds, 3),
        "cpu": round(used, 3),
        "again": round(again, 4),
        "recall": round(recall(options.questions, search), 4),
        "memory": peak / 1024,
        "reader memory": readers / 1024,
    }


# --- the two sides -------------------------------------------------------------------------------


def fuente(folder: Path, scratch: Path, embedder: str) -> tuple[int, float, float, float, Found]:
    """Returns chunks, seconds, processor seconds, seconds of an unchanged folder, search."""
    from rag.config import Settings
    from rag.library import Library

    settings = Settings(
        library=scratch, embedder=embedder, chunk_tokens=CHUNK, chunk_overlap=OVERLAP
    )
    library = Library.open(settings=settings)
    library.embedder.encode_documents(["warm"])
    paths = files_of(folder)
    timed = clock()
    report = library.ingest(paths)
    seconds, used = timed()
    timed = clock()
    library.ingest(paths)
    again, _ = timed()

    def search(question: str) -> list[tuple[str, str]]:
        return [(passage.path, passage.chunk.text) for passage in library.search(question, K)]

    return report.chunks, seconds, used, again, search


def plain(folder: Path, scratch: Path, whole: bool) -> tuple[int, float, float, Found]:
    """Returns chunks, seconds, processor seconds, search."""
    import numpy as np
    from llama_index.core.ingestion import IngestionPipeline
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.core.storage.docstore import SimpleDocumentStore

    from rag.storage.vector_index import FaissIndex

    model = plain_embedding(whole)
    model.get_text_embedding("warm")
    timed = clock()
    splitter = SentenceSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP)
    documents = [document for path in files_of(folder) for document in plain_documents(path)]
    nodes: Sequence[Any] = IngestionPipeline(transformations=[splitter, model]).run(
        documents=documents
    )
    vectors = np.array([node.embedding for node in nodes], np.float32)
    index = FaissIndex.empty(vectors.shape[1], len(nodes))
    index.add(np.arange(1, len(nodes) + 1, dtype=np.int64), vectors)
    index.write(scratch, "plain")
    store = SimpleDocumentStore()
    store.add_documents(nodes)
    store.persist(str(scratch / "docstore.json"))
    seconds, used = timed()

    def search(question: str) -> list[tuple[str, str]]:
        query = np.array(model.get_query_embedding(question), np.float32)
        found = [nodes[key - 1] for key, _ in index.search(query, K)]
        return [(str(node.metadata["file_name"]), str(node.get_content())) for node in found]

    return len(nodes), seconds, used, search


def plain_documents(path: Path) -> list[Any]:
    """Returns one document per page of a PDF, and one for any other file, as llama-index does."""
    from llama_index.core.schema import Document
    from pypdf import PdfReader

    if path.suffix == ".pdf":
        texts = [page.extract_text() for page in PdfReader(path).pages]
    else:
        texts = [path.read_text(encoding="utf-8", errors="ignore")]
    return [Document(text=text, metadata={"file_name": path.name}) for text in texts]


def plain_embedding(whole: bool) -> Any:
    """Returns all-MiniLM-L6-v2 as llama-index runs it: fp32, ten texts a call.

    Cut at 256 tokens, or `whole`: at the 512 that the model can read.
    """
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from sentence_transformers import SentenceTransformer

    from rag.models.huggingface import packaged

    encoder = SentenceTransformer(str(packaged("all-MiniLM-L6-v2")), device="cpu")
    if whole:
        encoder.max_seq_length = POSITIONS

    class Plain(BaseEmbedding):  # type: ignore[misc]
        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            rows = encoder.encode(texts, batch_size=PLAIN_BATCH, normalize_embeddings=True)
            return [list(map(float, row)) for row in rows]

        def _get_text_embedding(self, text: str) -> list[float]:
            return self._get_text_embeddings([text])[0]

        def _get_query_embedding(self, query: str) -> list[float]:
            return self._get_text_embeddings([query])[0]

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

    return Plain(embed_batch_size=PLAIN_BATCH)


# --- measures ------------------------------------------------------------------------------------


def files_of(folder: Path) -> list[Path]:
    """Returns the files that both sides read."""
    return sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES)


def clock() -> Callable[[], tuple[float, float]]:
    """Starts now; gives (seconds, processor seconds of this process and its children)."""
    start, used = time.perf_counter(), os.times()

    def read() -> tuple[float, float]:
        now = os.times()
        return time.perf_counter() - start, sum(now[:4]) - sum(used[:4])

    return read


def recall(questions: Path, search: Found) -> float:
    """Returns the share of answerable questions with an answer in a right document's passage."""
    rows = [json.loads(line) for line in questions.read_text("utf-8").splitlines() if line.strip()]
    asked = [row for row in rows if row.get("answers") and not row.get("unanswerable")]
    return statistics.mean(_hit(row, search(row["question"])) for row in asked)


def _hit(row: dict[str, Any], found: Sequence[tuple[str, str]]) -> bool:
    right = {Path(evidence["path"]).name for evidence in row["evidence"]}
    texts = [_plain(text) for path, text in found if Path(path).name in right]
    return any(_plain(answer) in text for answer in row["answers"] for text in texts)


def _plain(text: str) -> str:
    return "".join(text.casefold().split())  # extractors differ in white space


def table(runs: dict[str, list[dict[str, float]]]) -> str:
    """Medians over the rounds, and the ratios that the project promises."""
    rows = {
        side: {key: statistics.median(run[key] for run in evidence) for key in evidence[0]}
        for side, evidence in runs.items()
    }
    head = ["| | " + " | ".join(SIDES) + " |", "| --- | --- | --- |"]
    body = [
        f"| {key} | " + " | ".join(f"{rows[side][key]:g}" for side in SIDES) + " |"
        for key in rows[SIDES[0]]
    ]
    ours, theirs = (rows[side] for side in SIDES)
    more = ours["chunks"] / theirs["chunks"]
    ratios = {
        "chunks a second": more * theirs["seconds"] / ours["seconds"],
        "chunks a processor second": more * theirs["cpu"] / ours["cpu"],
        "unchanged folder": ours["seconds"] / ours["again"],
    }
    lines = [f"{name}: {ratio:.1f} times" for name, ratio in ratios.items()]
    return "\n".join([*head, *body, *lines])


if __name__ == "__main__":
    sys.exit(main())
