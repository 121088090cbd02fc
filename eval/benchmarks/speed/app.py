"""How soon the pages of the web app can be used: 5,000 documents, 200 turns in one conversation.

    python -m eval.benchmarks.speed.app --work DIR [--documents N] [--turns N]

Makes a library in DIR, starts the app over it and opens its pages in headless Chromium (playwright;
`chromium` on the path): milliseconds from the click until what was asked for stands on the page,
the median of `ROUNDS`, and whether it is within the bar. The pages that the side panel lists are
opened as well. Prints the processor's name and its load, which decides what they are worth.

What is waited for is looked for in the page at each frame: `wait_for` looks from outside, half a
second apart once it has looked for a quarter of one.
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
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from rag.conversations import Conversations
from rag.library import Library
from rag.schema import (
    Answer,
    Block,
    BlockKind,
    Chunk,
    Citation,
    Document,
    Feedback,
    Passage,
    Question,
)
from rag.storage import Entry, FileRecord, Store
from ui.state import RECENT

ROUNDS = 5
_DIMENSION = 384
_TEXT = "El punto {n}.{k} del orden del día se aprobó con {n} votos. " * 8
_PORT = 8699
_ASKED = "¿Qué se aprobó?"  # the title of the long conversation
_SHOWN = '[data-testid="stDataFrame"]'
_TURNS = ".footer"
_ASKING = '[data-testid="stChatInput"]'
_LISTED = '[class*="st-key-conversation-"] a'
_SEEN = """([selector, count, text]) => [...document.querySelectorAll(selector)].filter(
  (item) => item.getClientRects().length && item.textContent.includes(text)).length"""
_OWN = 2  # pages of the side panel that have steps of their own: questions and documents
_FIRST, _ANY = 3000, 1000  # milliseconds that the first page and any other step may take
_RATED, _NOTED = 50, 1_000  # judged turns, and answers that are counted for monitoring


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
    kept = Conversations(folder).all()
    conversation = next(item.id for item in kept if item.title == _ASKED)
    print(f"{platform.processor() or platform.machine()}, load {os.getloadavg()[0]:.1f}")
    process, address = _serve(folder)
    try:
        for name, milliseconds in _measure(address, conversation).items():
            within = milliseconds <= (_FIRST if name.startswith("the first page") else _ANY)
            print(f"{name:44} {milliseconds:6.0f} ms{'' if within else '  (too slow)'}")
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
    made = kept.begin(_ASKED)
    for n in range(turns):
        turn = kept.ask(made.id, f"¿Qué se aprobó en la sesión {n}?")
        kept.answer(turn, _answer(n))
        if n < _RATED:
            kept.rate(turn, Feedback(n % 3 > 0, "porque sí"))
    for n in range(_NOTED):
        kept.usage.add(replace(_answer(n), seconds={"total": n / _NOTED}, found=n % 4 > 0))


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


class _Person:
    """Somebody in front of the browser, who opens one page after the other."""

    def __init__(self, page: Any, bare: str, conversation: str) -> None:
        self.page = page
        self._bare, self._conversation = bare, conversation

    def steps(self) -> dict[str, Callable[[], float | None]]:
        """Returns what is done in a round, by name, in its order.

        A step returns the seconds of its time that were not the app's.
        """
        named = {
            "the first page, opened anew": self._first_page,
            "an answer, beyond the seconds that it took": self._answer,
            "a conversation of 200 turns, opened anew": self._long_conversation,
            "the conversations, searched": self._search_conversations,
            "the dialog of the scope": self._scope,
            "the list of documents": self._documents,
            "the list filtered to one": self._filtered,
            "a document, opened anew": self._document,
            "from the list back to the conversation": self._from_documents,
        }
        links = self.page.locator(".st-key-pages a").all_inner_texts()[_OWN:]
        names = [link.split("\n")[-1] for link in links]  # the icon's name stands before it
        return named | {f"the page {name}": self._other_page(name) for name in names}

    def _see(self, selector: str, least: int = 1, text: str = "") -> None:
        """Returns once so many elements with the text are seen; with 0 once there is none."""
        condition = f"{_SEEN} >= count" if least else f"{_SEEN} === 0"
        given = [selector, least, text]
        self.page.wait_for_function(condition, arg=given, polling="raf")

    def _link(self, name: str) -> None:
        self.page.locator(".st-key-pages").get_by_role("link", name=name, exact=True).click()

    def _first_page(self) -> None:
        self.page.goto(self._bare)
        self._see(_ASKING)

    def _answer(self) -> float:
        box = self.page.locator(f"{_ASKING} textarea")
        box.fill("¿Qué se aprobó en la sesión 4999?")
        box.press("Enter")
        self._see(_TURNS)
        footer = self.page.locator(_TURNS).first
        return float(footer.inner_text().split(" s ")[0].split()[-1].replace(",", "."))

    def _long_conversation(self) -> None:
        self.page.goto(f"{self._bare}?c={self._conversation}")
        self._see(_TURNS, RECENT)

    def _search_conversations(self) -> None:
        box = self.page.locator(".st-key-search-conversations input")
        box.fill("nada que haya")
        self._see(_LISTED, 0)
        box.fill("")
        box.press("Enter")  # else the click that follows is what makes the app draw anew
        self._see(_LISTED)

    def _scope(self) -> float:
        self.page.locator(".st-key-open-scope button").click()
        self._see("[role=dialog] .st-key-apply-scope button")
        seen = time.perf_counter()
        self.page.keyboard.press("Escape")
        self._see("[role=dialog]", 0)
        return time.perf_counter() - seen

    def _documents(self) -> None:
        self._link("Documentos")
        self._see(_SHOWN)

    def _filtered(self) -> None:
        self.page.locator(".st-key-filter input").fill("sesion 4999")
        self._see(".st-key-listed", text="1 de 5000")

    def _document(self) -> None:
        self.page.goto(f"{self._bare}documents?d=1")
        self._see(".read")

    def _from_documents(self) -> float:
        started = time.perf_counter()
        self._long_conversation()
        self._documents()
        others = time.perf_counter() - started
        self._link("Preguntar")
        self._see(_TURNS, RECENT)
        return others

    def _other_page(self, name: str) -> Callable[[], None]:
        def opened() -> None:
            self._link(name)
            self._see("h2", text=name)

        return opened


def _pages(page: Any, bare: str, conversation: str) -> dict[str, float]:
    steps = _Person(page, bare, conversation).steps()
    rounds = [{name: _timed(step) for name, step in steps.items()} for _ in range(ROUNDS)]
    return {name: statistics.median(row[name] for row in rounds) for name in steps}


def _timed(step: Callable[[], float | None]) -> float:
    """Returns the milliseconds of a step, without those that were not the app's."""
    started = time.perf_counter()
    others = step() or 0.0
    return (time.perf_counter() - started - others) * 1000


if __name__ == "__main__":
    main()
