"""A library filled, limited, watched and thinned out in a real browser over the real app."""

from __future__ import annotations

import os
import re
import shutil
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from rag.library import Library, ocr
from rag.schema import Outcome
from rag.storage.ledger import FileRecord
from rag.system.telemetry import offline
from tests.helpers.browser import READING, ROOT, Tab, pictured, serving, tab, tick
from tests.helpers.gguf_files import gguf
from tests.helpers.hub_server import HubServer, hub
from ui.i18n import ES

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

QUESTION = "¿De qué color se pinta la fachada?"
MINUTES = "# Acta de {month}\n\nLa fachada se pinta de color {colour}.\n"
PAINTED = {"marzo": ("azul", 2024), "junio": ("verde", 2026)}
"""Colour that the minutes of a month tell, and the year in which the file was changed."""

MODEL = "acme/pluma:Q8_0"


@pytest.fixture(scope="module")
def models_hub() -> Iterator[HubServer]:
    """A hub that the app may ask, where a person tells it to: nobody but Fuente forbids it."""
    with pytest.MonkeyPatch.context() as patch, hub({"pluma-Q8_0.gguf": gguf()}) as running:
        patch.setenv("HF_ENDPOINT", running.url)
        for name, value in offline({}).items():
            patch.setenv(name, value)
        yield running


@pytest.fixture(scope="module")
def opened(
    browser: Any, models_hub: HubServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Tab]:
    """One tab before a library of two minutes, an essay, a photograph and a broken file."""
    folder = tmp_path_factory.mktemp("filling")
    with Library.open(folder / "library") as library:
        report = library.ingest(written(folder))
        assert report.counts() == {"ok": 3, "unreadable": 1}
        photograph(library, folder / "recibo.png")
    letters(folder / "library-home" / "papeles" / "cartas", "banco", "seguro")
    settings = {"models": str(folder / "models"), "notice_memory_gb": "0", "notice_disk_gb": "0"}
    with serving(folder / "library", **settings) as served, tab(browser, served, "es-ES") as visit:
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


def letters(folder: Path, *names: str) -> Path:
    """Writes a letter of each name into a folder."""
    folder.mkdir(parents=True)
    for name in names:
        text = f"# Carta de {name}\n\nEs una carta sobre {name}.\n"
        (folder / f"{name}.md").write_text(text, "utf-8")
    return folder


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
    year = dialog.locator("[data-type=year]").first
    assert ES.year_hint in year.evaluate("field => getComputedStyle(field, '::before').content")
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


def test_an_archive_a_folder_and_a_photograph_are_read_and_many_removed_at_once(
    visit: Tab, tmp_path: Path
) -> None:
    page, said = visit.page, ES.documents_page
    visit.go(ES.documents)
    page.get_by_text(said.add).click()
    page.locator("input[type=file]").set_input_files(archive(tmp_path, "luz", "agua"))
    read(visit, "agua.md", "luz.md")

    page.get_by_text(ES.folder).click()
    visit.settle()  # a list that is opened while the page unfolds closes again
    for name in ("papeles", "cartas"):
        page.locator('[class*="st-key-inside-"]').get_by_role("combobox").click()
        page.get_by_role("option", name=name).click()
        visit.settle()
    assert page.locator(".st-key-folder-path input").input_value().endswith("papeles/cartas")
    pictured(page, "folder")
    page.locator(".st-key-add-folder button").click()
    read(visit, "banco.md", "seguro.md")
    assert not page.locator(".st-key-folder-path input").input_value()

    unread = page.locator(".st-key-pictures")
    assert "recibo.png" in unread.inner_text()
    pictured(page, "pictures")
    if ocr.is_installed():
        unread.get_by_role("button", name=said.pictures_button).click()
        read(visit, "recibo.png")
        unread.wait_for(state="detached")
    else:
        assert said.pictures_command in unread.inner_text()
    letters_removed(visit)
    assert not visit.errors
    assert not visit.foreign


def archive(folder: Path, *names: str) -> Path:
    """Packs a letter of each name into a ZIP."""
    path = folder / "cartas.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for letter in letters(folder / "cartas", *names).iterdir():
            packed.write(letter, f"cartas/{letter.name}")
    return path


def read(visit: Tab, *names: str) -> None:
    """Waits until files have been read, and has the list of what was done hidden."""
    clear = visit.page.locator(".st-key-clear-jobs button")
    clear.wait_for(timeout=READING)
    ready = visit.page.locator(".rows .ready span:first-child")
    assert sorted(ready.all_inner_texts()) == sorted(names)
    clear.click()
    clear.wait_for(state="detached")
    visit.page.locator(".st-key-clear-brief").wait_for(state="detached")  # in the side panel too


def letters_removed(visit: Tab) -> None:
    """Removes the four letters at once, two of which are copies that were uploaded."""
    page, said = visit.page, ES.documents_page
    listed(visit, "carta", 4)
    removing = page.locator(".st-key-remove-documents button")
    tick(page, 0, removing)
    page.get_by_text(said.selected_many.format(count=4)).wait_for()
    removing.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text(said.remove_uploads.format(count=2)).wait_for()
    dialog.get_by_text(said.remove_stay.format(count=2)).wait_for()
    pictured(page, "removing")
    page.get_by_role("button", name=ES.remove_yes, exact=True).click()
    page.get_by_text(said.removed.format(count=4)).wait_for()
    page.get_by_text(ES.no_match).wait_for()


def test_a_model_comes_in_once_its_licence_is_accepted(visit: Tab, models_hub: HubServer) -> None:
    page, said = visit.page, ES.settings
    visit.go(said.title)
    page.get_by_text(said.bring, exact=True).click()
    page.locator(".st-key-bring-name input").fill(MODEL)
    page.locator(".st-key-bring button").click()
    accept = page.locator(".st-key-accept button")
    accept.wait_for()
    assert page.get_by_text(said.licence.partition("{")[0]).is_visible()
    assert not [line for line in models_hub.asked if ".gguf" in line], "nothing has come yet"
    pictured(page, "licence")
    accept.click()
    page.get_by_text(said.brought.rpartition(":")[2]).wait_for()
    page.locator(".st-key-set-writer").get_by_role("combobox").click()
    page.get_by_role("option", name="pluma-Q8_0").wait_for()
    pictured(page, "brought")
    page.keyboard.press("Escape")
    assert not visit.errors
    assert not visit.foreign
