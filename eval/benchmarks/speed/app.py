"""How soon the pages of the web app can be used: 5,000 documents, 200 turns in one conversation.

    python -m eval.benchmarks.speed.app --work DIR [--documents N] [--turns N]

Makes a library in DIR, starts the app over it and opens its pages in headless Chromium (playwright;
`chromium` on the path): milliseconds from the click until what was asked for stands on the page,
the median of `ROUNDS`. Prints the processor's name and its load, which decides what they are worth.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from rag.conversations import Conversations
from rag.library import Library
from rag.schema import Answer, Block, BlockKind, Chunk, Citation, Document, Passage, Question
from rag.storage import Entry, FileRecord, Store

ROUNDS = 5
_DIMENSION = 384
_TEXT = "El punto {n}.{k} del orden del día se aprobó con {n} votos. " * 8
_PORT = 8699
_SHOWN = '[data-testid="stDataFrame"]'
_TURNS = ".footer"


def main() -> None:
    """Makes the library where there is none, and prints a line a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--documents", type=int, default=5_000)
    parser.add_argument("--turns", type=int, default=200)
    given = parser.parse_args()
    folder = given.work / "library"
    if not folder.exists():
        _fill(folder, given.documents)
        _converse(folder, given.turns)
    conversation = Conversations(folder).all()[0].id
    print(f"{platform.processor() or platform.machine()}, load {os.getloadavg()[0]:.1f}")
    process, address = _serve(folder)
    try:
        for name, milliseconds in _measure(address, conversation).items():
            print(f"{name:42} {milliseconds:6.0f} ms")
    finally:
        process.terminate()
        process.wait(30)


def _fill(folder: Path, documents: int) -> None:
    dice = np.random.default_rng(0)
    store = Store(folder)
    with store.transaction():
        for n in range(documents):
            vector = dice.standard_normal((1, _DIMENSION)).astype(np.float32)
            store.add(_entry(n, vector / np.linalg.norm(vector)))
    store.close()
    Library.open(folder).close()


def _entry(n: int, vector: Any) -> Entry:
    text, path = _TEXT.format(n=n, k=0), f"actas/{n % 50:02d}/acta-{n}.md"
    record = FileRecord(f"/nowhere/{path}", path, len(text), n, n, f"{n:064x}", "ok")
    document = Document(path, f"Acta de la sesión {n}", text, "es", content_hash=f"{n:064x}")
    terms = [["acta", "punto", f"{n}"]]
    return Entry(document, record, [Chunk(0, 0, len(text), text, language="es")], vector, terms)


def _converse(folder: Path, turns: int) -> None:
    kept = Conversations(folder)
    made = kept.begin("¿Qué se aprobó?")
    for n in range(turns):
        kept.answer(kept.ask(made.id, f"¿Qué se aprobó en la sesión {n}?"), _answer(n))


def _answer(n: int) -> Answer:
    texts = [_TEXT.format(n=n, k=k) for k in range(5)]
    passages = tuple(
        Passage(Chunk(n + 1, 0, len(text), text, id=k), "Acta", f"actas/acta-{n}.md", 0.9)
        for k, text in enumerate(texts)
    )
    citations = tuple(
        Citation(k, item, 0, 60, item.chunk.text[:60], None) for k, item in enumerate(passages, 1)
    )
    blocks = tuple(
        Block(BlockKind.SENTENCE, f"{item.quote} [{item.number}]", (item.number,))
        for item in citations
    )
    asked = f"¿Qué se aprobó en la sesión {n}?"
    question = Question(asked, asked, asked, "es")
    return Answer(question, blocks, None, citations, passages, True, 0.9, "extractive")


def _serve(folder: Path) -> tuple[subprocess.Popen[str], str]:
    start = "from rag.cli import main; main()"
    command = [sys.executable, "-c", start, "chat", "--no-browser", "--port", str(_PORT)]
    process = subprocess.Popen(
        [*command, "--library", str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    return process, line.split()[1]


def _measure(address: str, conversation: str) -> dict[str, float]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(locale="es-ES", viewport={"width": 1400, "height": 900})
        page.set_default_timeout(120_000)
        page.goto(address)
        page.get_by_test_id("stChatInput").wait_for()
        found = _pages(page, address.partition("?")[0], conversation)
        browser.close()
    return found


def _pages(page: Any, bare: str, conversation: str) -> dict[str, float]:
    def link(name: str) -> Callable[[], None]:
        return lambda: page.locator(".st-key-pages").get_by_role("link", name=name).click()

    def first_page() -> None:
        page.goto(bare)
        page.get_by_test_id("stChatInput").wait_for()

    def long_conversation() -> None:
        page.goto(f"{bare}?c={conversation}")
        page.locator(_TURNS).nth(11).wait_for()

    def documents() -> None:
        link("Documentos")()
        page.locator(_SHOWN).wait_for()

    def filtered() -> None:
        page.locator(".st-key-filter input").fill("sesion 4999")
        page.get_by_text("1 de 5000").wait_for()

    def from_documents() -> None:
        page.locator(".st-key-filter input").fill("")
        page.get_by_text("5000 de 5000").wait_for()
        link("Preguntar")()
        page.locator(_TURNS).nth(11).wait_for()

    steps = {
        "the first page, opened anew": first_page,
        "a conversation of 200 turns, opened anew": long_conversation,
        "the list of 5,000 documents": documents,
        "the list filtered to one": filtered,
        "unfiltered, and back to the conversation": from_documents,
    }
    rounds = [{name: _timed(step) for name, step in steps.items()} for _ in range(ROUNDS)]
    return {name: statistics.median(row[name] for row in rounds) for name in steps}


def _timed(step: Callable[[], None]) -> float:
    started = time.perf_counter()
    step()
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
