"""A language model behind a server writes the answer, in a real browser over the real app."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rag.schema import Fallback
from tests.helpers import chat_server
from tests.helpers.browser import READING, ROOT, Tab, pictured, serving, tab
from tests.helpers.real_models import smollm
from ui.i18n import EN, ES, Words

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DOCUMENT = ROOT / "corpus" / "documents" / "es/ajuste-fino-y-lora.pdf"
QUESTION = "¿Qué significa LoRA?"
TRUE = "LoRA significa adaptación de rango bajo [1]."
FALSE = "Cura el resfriado de los gatos [1]."
MADE_UP = "Se inventó en Tokio en 1987 [1]."
ENDLESS = "palabra " * 10_000


@pytest.fixture(scope="module")
def library(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of one document; without a browser it is not built."""
    from rag.library import Library

    folder = tmp_path_factory.mktemp("writing") / "library"
    with Library.open(folder) as made:
        made.ingest([DOCUMENT])
    return folder


@pytest.fixture(scope="module")
def server() -> Iterator[chat_server.ChatServer]:
    with chat_server.serving() as served:
        yield served


@pytest.fixture(scope="module")
def address(library: Path, server: chat_server.ChatServer) -> Iterator[str]:
    """An app whose answers that server writes."""
    written = {"generator": "openai", "generator_model": "given", "written_answers": "always"}
    with serving(library, base_url=server.url, **written) as address:
        yield address


def test_the_verbatim_answer_comes_first_and_the_written_one_is_held_to_it(
    browser: Any, address: str, server: chat_server.ChatServer
) -> None:
    server.said = f"{TRUE} {FALSE} {MADE_UP}"
    with tab(browser, address, "es-ES") as visit:
        visit.send(QUESTION)
        visit.page.locator(".quick").wait_for()
        assert "adaptación de rango bajo" in visit.page.locator(".quick").inner_text()
        visit.page.get_by_role("button", name=ES.stop_writing).wait_for()
        reply = visit.answered()
        assert ES.written.format(model="given") in reply.inner_text()
        written = reply.locator(".answer").last
        assert "LoRA significa adaptación de rango bajo" in written.inner_text()
        assert written.locator(".chip").count() >= 1
        assert written.locator(".held", has_text="gatos").locator(".doubt").count() == 1
        assert "1987" not in reply.inner_text()
        assert ES.struck.format(count=1) in reply.inner_text()
        assert not visit.page.get_by_role("button", name=ES.stop_writing).count()
        assert not visit.foreign


def test_a_click_elsewhere_does_not_begin_it_anew_and_the_button_ends_it(
    browser: Any, address: str, server: chat_server.ChatServer
) -> None:
    server.said = ENDLESS
    server.bodies.clear()
    with tab(browser, address, "es-ES") as visit:
        visit.send(QUESTION)
        stop = visit.page.get_by_role("button", name=ES.stop_writing)
        stop.wait_for()
        visit.page.get_by_text("EN", exact=True).click()
        visit.page.get_by_text("ES", exact=True).click()
        stop.wait_for()
        while not server.bodies:  # the button may come before the question has arrived
            visit.page.wait_for_timeout(100)
        assert len(server.bodies) == 1
        stop.click()
        reply = visit.answered()
        assert ES.fallbacks[Fallback.STOPPED] in reply.inner_text()
        assert "adaptación de rango bajo" in reply.inner_text()
        assert server.left.wait(10), "the server is told that nobody listens"


@pytest.mark.timeout(1200)  # real weights on a machine that may be busy
def test_a_model_chosen_in_the_settings_writes_and_is_stopped(
    browser: Any, library: Path, tmp_path: Path
) -> None:
    """Real weights: SmolLM2-135M-Instruct."""
    folder = smollm()
    own = shutil.copytree(library, tmp_path / "library")  # with settings of its own beside it
    asked = ((ES, "es-ES", QUESTION), (EN, "en-GB", "What does LoRA mean?"))
    with serving(own, models=str(folder.parent)) as served:
        for words, locale, question in asked:
            with tab(browser, served, locale) as visit:
                if words is ES:
                    chosen(visit, folder.name)
                written_until_stopped(visit, words, question)


def chosen(visit: Tab, model: str) -> None:
    """Chooses on the page of the settings who writes the answers, and always."""
    page = visit.page
    visit.go(ES.settings.title)
    page.locator(".st-key-set-writer").get_by_role("combobox").click()
    page.get_by_role("option", name=model).click()
    page.locator(".st-key-set-always label").first.click()
    visit.settle()
    page.locator(".st-key-save-settings button").click()
    page.locator(".stAlertContainer").wait_for(timeout=READING)
    pictured(page, "settings")
    visit.go(ES.conversations.asking)


def written_until_stopped(visit: Tab, words: Words, question: str) -> None:
    """Asks, and stops the model while it writes."""
    page, language = visit.page, "es" if words is ES else "en"
    visit.send(question)
    page.locator(".quick").wait_for()
    stop = page.get_by_role("button", name=words.stop_writing)
    stop.wait_for()
    pictured(page, f"writing-{language}")
    stop.click()
    reply = visit.answered()
    pictured(page, f"written-{language}")
    told = words.written_until_stopped, words.fallbacks[Fallback.STOPPED]
    assert sum(note in reply.inner_text() for note in told) == 1
    assert reply.locator(".chip").count() >= 1
    assert not visit.foreign
