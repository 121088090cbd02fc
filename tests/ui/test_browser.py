"""A person's visit, in a real browser, over the real app with the bundled model."""

from __future__ import annotations

import http.client
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.helpers.browser import READING, Tab, tab, tick, yellow_pixels
from tests.ui.conftest import DOCUMENTS
from ui import access, launch
from ui.i18n import EN, ES

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

_NEAREST = (".chip", ".place")
NOTE = """# Nota del almacén

El gato de la cooperativa se llama Bigotes <img src=x onerror=alert(1)> y vive en la calle Olmo.
Su ficha está en ![foto](http://evil.example/gato.png) y [aquí](javascript:alert(2)).
"""


def test_spanish_question_shows_the_sentence_on_its_page_and_a_refusal_is_honest(
    browser: Any, address: str
) -> None:
    with tab(browser, address, "es-ES") as visit:
        reply = visit.ask("¿Qué significa LoRA?").inner_text()
        assert "adaptación de rango bajo" in reply
        assert ES.sources.split("{")[0] in reply
        visit.page.locator(".chip").first.click()
        image = visit.page.locator(".st-key-page img")
        image.wait_for()
        visit.page.wait_for_function(
            "document.querySelector('.st-key-page img')?.naturalWidth > 500"
        )
        visit.page.wait_for_timeout(1500)  # the page scrolls to the sentence
        assert "ajuste-fino-y-lora.pdf · pág. 2" in visit.page.locator(".pane-head").inner_text()
        # what is in sight, not the whole page, holds the highlight
        assert yellow_pixels(visit.page.locator(".st-key-page").screenshot()) > 300
        assert visit.page.evaluate("document.documentElement.lang") == "es"
        reply = visit.ask("¿Quién ganó el mundial de fútbol de 2010?")
        assert ES.not_found in reply.inner_text()
        assert reply.locator(".near li").count() == 3
        chip, place = (reply.locator(f".near {name}").first.bounding_box() for name in _NEAREST)
        assert abs(centre(chip) - centre(place)) < 4, "a number stands beside its place"
        panel = visit.page.get_by_test_id("stSidebar").bounding_box()
        assert panel["y"] == 0, "only the conversation is scrolled"
        assert not reply.locator(".answer").count()
        assert not visit.foreign


def centre(box: dict[str, float]) -> float:
    """Where the middle of a box is, from the top of the window."""
    return box["y"] + box["height"] / 2


def test_english_question_in_an_english_browser_and_one_that_leans_on_it(
    browser: Any, address: str
) -> None:
    with tab(browser, address, "en-GB") as visit:
        assert EN.sentence in visit.page.locator(".brand").inner_text()
        reply = visit.ask("What is recall at k?").inner_text()
        assert "share of the relevant passages" in reply
        assert "evaluation-metrics.pdf · p. 1" in reply
        reply = visit.ask("And why is it useful?").inner_text()
        assert EN.searched.split("{")[0] in reply
        assert "recall" in reply
        visit.page.get_by_text("ES", exact=True).click()
        visit.page.get_by_text(ES.sentence).wait_for()
        assert not visit.foreign


def test_upload_ask_remove_ask(browser: Any, address: str, tmp_path: Path) -> None:
    note, broken = tmp_path / "nota.md", tmp_path / "roto.pdf"
    note.write_text(NOTE, encoding="utf-8")
    broken.write_bytes(b"%PDF-1.7 nothing of use")
    question = "¿Cómo se llama el gato de la cooperativa?"
    with tab(browser, address, "es-ES") as visit:
        page = visit.page
        visit.go(ES.documents)
        page.get_by_text(ES.documents_page.add).click()
        page.locator("input[type=file]").set_input_files([str(note), str(broken)])
        page.locator(".st-key-clear-jobs").wait_for(timeout=READING)
        assert page.locator(".rows .ready").inner_text().startswith("nota.md")
        assert page.locator(".rows .failed").inner_text().startswith("roto.pdf")

        visit.go(ES.conversations.asking)
        reply = visit.ask(question)
        assert "Bigotes" in reply.inner_text()
        page.locator(".st-key-page mark", has_text="Bigotes").wait_for()

        remove_listed(visit, "almacen")
        visit.go(ES.conversations.asking)
        page.locator(".wait", has_text=ES.conversations.erased).wait_for()
        assert "Bigotes" not in visit.ask(question).inner_text()

        assert not visit.dialogs
        assert not visit.foreign


def remove_listed(visit: Tab, words: str) -> None:
    """Finds one document by words without accents, and removes it."""
    page = visit.page
    visit.go(ES.documents)
    page.locator(".st-key-filter input").fill(words)
    shown = ES.documents_page.shown.format(shown=1, count=DOCUMENTS + 1)
    page.get_by_text(shown).wait_for()
    removal = page.locator(".st-key-remove-documents button")
    visit.settle()
    tick(page, 1, removal)
    removal.click()
    page.get_by_role("button", name=ES.remove_yes, exact=True).click()
    page.get_by_text(ES.documents_page.removed.format(count=1)).wait_for()


def test_two_tabs_at_once_get_their_own_answers(browser: Any, address: str) -> None:
    with tab(browser, address, "es-ES") as one, tab(browser, address, "en-GB") as other:
        one.send("¿Qué significa LoRA?")
        other.send("What is recall at k?")
        assert "share of the relevant passages" in other.answered().inner_text()
        assert "adaptación de rango bajo" in one.answered().inner_text()


def test_small_screens_lay_the_page_over_the_chat(browser: Any, address: str) -> None:
    with tab(browser, address, "es-ES", width=420) as visit:
        visit.ask("¿Qué significa LoRA?")
        assert not visit.page.locator(".st-key-page").is_visible()
        visit.page.locator(".chip").first.click()
        visit.page.locator(".st-key-page img").wait_for()
        visit.page.get_by_role("button", name=ES.close).click()
        visit.page.locator(".st-key-page").wait_for(state="hidden")
        bar = visit.page.get_by_test_id("stHeader").bounding_box()
        question = "getComputedStyle(document.querySelector('.question'))"
        margin = visit.page.evaluate(f"parseFloat({question}.scrollMarginTop)")
        assert margin >= bar["y"] + bar["height"], "a new question goes below the bar"


def test_the_page_on_the_disk_lets_in_and_the_secret_leaves_the_address(
    browser: Any, address: str, tmp_path: Path
) -> None:
    page = tmp_path / "open.html"
    page.write_text(launch._OPENING.format(address=address, notice="Fuente"), encoding="utf-8")
    bare = address.partition("?")[0]
    with tab(browser, page.as_uri(), "es-ES") as visit:
        assert visit.page.url == bare
        assert visit.page.evaluate("document.referrer") == ""
        assert "fuente-" not in visit.page.evaluate("document.cookie")
        visit.page.reload()
        visit.page.get_by_test_id("stChatInput").wait_for()
        other = visit.page.context.new_page()
        other.goto(bare)
        other.get_by_test_id("stChatInput").wait_for()
    stranger = browser.new_context()
    refused = stranger.new_page().goto(bare)
    assert refused.status == 403
    assert "rag chat" in refused.text()
    stranger.close()


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("Host", "evil.example", 403),
        ("Host", "localhost", 403),
        ("Origin", "http://evil.example", 403),
        ("Origin", "http://localhost:1", 403),
        ("Cookie", "", 403),
        ("Origin", "http://{host}", 101),
        ("Host", "localhost:{port}", 101),
    ],
)
def test_only_this_computer_may_connect(header: str, value: str, status: int, address: str) -> None:
    parts = urlsplit(address)
    port, secret = int(parts.port or 0), parts.query.removeprefix("token=")
    headers = {
        "Cookie": f"{access.cookie_name(port)}={access.cookie_value(secret, port)}",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        header: value.format(host=parts.netloc, port=port),
    }
    connection = http.client.HTTPConnection(str(parts.hostname), port, timeout=30)
    try:
        connection.request("GET", "/_stcore/stream", headers=headers)
        assert connection.getresponse().status == status
    finally:
        connection.close()
