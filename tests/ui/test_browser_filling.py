"""A library limited to a collection or a time, and watched, in a real browser over the real app."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from rag.library import Library, ocr
from rag.schema import Outcome
from rag.storage.ledger import FileRecord
from tests.helpers.browser import READING, ROOT, Tab, pictured, serving, tab, tick
from ui.i18n import ES

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

QUESTION = "¿De qué color se pinta la fachada?"
MINUTES = "# Acta de {month}\n\nLa fachada se pinta de color {colour}.\n"
PAINTED = {"marzo": ("azul", 2024), "junio": ("verde", 2026)}
"""Colour that the minutes of a month tell, and the year in which the file was changed."""


@pytest.fixture(scope="module")
def opened(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """One tab before a library of two minutes, an essay, a photograph and a broken file."""
    folder = tmp_path_factory.mktemp("filling")
    with Library.open(folder / "library") as library:
        report = library.ingest(written(folder))
        assert report.counts() == {"ok": 3, "unreadable": 1}
        photograph(library, folder / "recibo.png")
    calm = {"notice_memory_gb": "0", "notice_disk_gb": "0"}  # whatever else the machine does
    with serving(folder / "library", **calm) as served, tab(browser, served, "es-ES") as visit:
        yield visit


@pytest.fixture
def visit(opened: Tab) -> Tab:
    """The tab, loaded anew, so that nothing is open of what another test began."""
    opened.page.goto(opened.page.url.partition("?")[0])
    opened.page.locator(".st-key-pages a").first.wait_for()
    opened.settle()
    return opened


def written(folder: Path) -> list[Path]:
    """Writes what the library is made of."""
    paths = [Path(shutil.copy(ROOT / "corpus/documents/es/sesgos.md", folder))]
    for month, (colour, year) in PAINTED.items():
        paths.append(folder / f"{month}.md")
        paths[-1].write_text(MINUTES.format(month=month, colour=colour), "utf-8")
        day = datetime(year, 5, 5).timestamp()
        os.utime(paths[-1], (day, day))
    broken = folder / "roto.pdf"
    broken.write_bytes(b"%PDF-1.7 nothing of use")
    return [*paths, broken]


def photograph(library: Library, path: Path) -> None:
    """Draws a receipt, of which is noted what an ingest without the extra `ocr` notes."""
    image = Image.new("RGB", (1000, 300), "white")
    font = ImageFont.load_default(60)
    ImageDraw.Draw(image).text((60, 100), "Recibo de la pintura: 90 euros", "black", font)
    image.save(path)
    kept = str(path.resolve()), path.name, 0, 0, 0, ""
    library._store.ledger.put(FileRecord(*kept, Outcome.UNSUPPORTED.value, ocr.HOW_TO_GET))


def test_a_collection_alone_and_a_time_alone_are_asked(visit: Tab) -> None:
    page, said = visit.page, ES.collections
    listed(visit, "marzo", 1)
    collecting = page.locator(".st-key-open-collections button")
    tick(page, 1, collecting)
    collecting.click()
    page.locator(".st-key-new-collection input").fill("Obras")
    pictured(page, "collecting")
    page.locator(".st-key-save-collections button").click()
    page.get_by_text(said.saved).wait_for()
    page.get_by_text(said.manage.format(count=1)).click()
    page.locator(".st-key-ask-collection-0 button").click()
    scope = page.locator(".st-key-open-scope")
    scope.get_by_text(said.described.format(name="Obras")).wait_for()
    assert colours(visit) == {"azul"}
    pictured(page, "collection-asked")

    page.locator(".st-key-new-conversation a").click()
    page.locator(".st-key-welcome").wait_for()
    scope.locator("button").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("spinbutton").first.click()  # the day of the first date
    page.keyboard.type("01012025")
    dialog.get_by_text(ES.scope.title).click()  # closes the calendar
    visit.settle()
    pictured(page, "dates")
    dialog.get_by_role("button", name=ES.scope.apply).click()
    scope.get_by_text(ES.scope.since_day.format(day="2025-01-01")).wait_for()
    assert colours(visit) == {"verde"}
    assert not visit.errors


def listed(visit: Tab, words: str, count: int) -> None:
    """Opens the page of the documents with those alone that hold the words: so many."""
    visit.go(ES.documents)
    visit.page.locator(".st-key-filter input").fill(words)
    shown = ES.documents_page.shown.format(shown=count, count=r"\d+")
    visit.page.get_by_text(re.compile(f"^{shown}$")).wait_for()
    visit.settle()


def colours(visit: Tab) -> set[str]:
    """Asks, and returns the colours that the answer tells."""
    reply = visit.ask(QUESTION).inner_text()
    return {colour for colour, _ in PAINTED.values() if colour in reply}


def test_a_suggested_question_is_asked_by_a_click(visit: Tab) -> None:
    page = visit.page
    visit.go(ES.conversations.asking)
    page.locator(".st-key-new-conversation a").click()
    starter = page.locator(".st-key-starter-0 button")
    starter.wait_for(timeout=READING)
    question = starter.inner_text().strip()
    pictured(page, "starters")
    visit.count = 0
    starter.click()
    reply = visit.answered()
    assert page.locator(".question").inner_text().strip() == question
    assert reply.locator(".chip").count() >= 1, "it is one that the documents answer"
    pictured(page, "starter-asked")
    assert not visit.errors


def test_the_state_counts_a_question_and_names_what_is_to_be_seen_to(visit: Tab) -> None:
    page, said = visit.page, ES.monitoring
    visit.go(said.title)
    asked, files = page.get_by_test_id("stMetricValue").first, page.locator("table.plain").last
    before = int(asked.inner_text())
    notice = page.get_by_text(said.failed_notice.partition(":")[0])
    notice.wait_for()
    assert ES.outcomes[Outcome.UNREADABLE] in files.inner_text()
    visit.go(ES.conversations.asking)
    visit.ask(QUESTION)
    visit.go(said.title)
    page.get_by_test_id("stMetricValue").first.get_by_text(str(before + 1), exact=True).wait_for()
    assert said.stage_names["search"] in page.locator("table.plain").first.inner_text()
    pictured(page, "state")
    assert not visit.errors
