"""What can be done with answers, conversations and documents, in a real browser."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rag.jobs import NOTED
from tests.helpers.browser import PATIENCE, Tab, tab
from tests.ui.conftest import Served
from ui.i18n import ES

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

QUESTION = "¿Qué significa LoRA?"
_LOW = 300  # pixels from the top, below which a new question is not where one looks


def test_an_answer_is_copied_explained_asked_anew_and_judged(browser: Any, served: Served) -> None:
    with tab(browser, served.address, "es-ES") as visit:
        page = visit.page
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        reply = visit.ask(QUESTION)
        reply.get_by_role("button", name=ES.answers.copy_sources).click()
        page.wait_for_function("navigator.clipboard.readText().then(text => text.includes('[1]'))")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert "entrena. [1]" in copied
        assert "ajuste-fino-y-lora.pdf · pág. 2" in copied
        explained(visit)
        page.locator(".st-key-edit-question button").click()
        page.locator(".st-key-edited-question textarea").fill("¿Qué es QLoRA?")
        page.get_by_role("button", name=ES.answers.edit_ask, exact=True).click()
        page.locator(".answer", has_text="QLoRA").wait_for()
        assert page.locator(".question").count() == 1, "it stands in the place of the first"
        page.locator('[class*="st-key-rate-"] button').nth(1).click()
        page.get_by_placeholder(ES.answers.right_hint).fill("LoRA en cuatro bits")
        page.get_by_role("button", name=ES.answers.send, exact=True).click()
        page.get_by_placeholder(ES.answers.right_hint).wait_for(state="detached")
        visit.ask(QUESTION)
        top = page.locator(".question").last.bounding_box()["y"]
        assert top < _LOW, "a new question goes to the top"
        visit.go(ES.feedback.title)
        page.get_by_test_id("stDataFrame").wait_for()
        with page.expect_download() as download:
            page.locator(".st-key-download-feedback button").click()
        assert download.value.suggested_filename == "feedback.jsonl"
        assert not visit.errors


def explained(visit: Tab) -> None:
    """Why an answer came, and why a document did not."""
    why = visit.page.locator('[class*="st-key-why-"]').last
    why.locator("summary").click()
    why.get_by_text(ES.why.passages).wait_for()
    assert "ajuste-fino-y-lora.pdf · pág. 2: tiene" in why.inner_text()
    why.get_by_placeholder(ES.why.ask_hint).fill("sesgos")
    why.get_by_role("button", name=ES.why.look).click()
    visit.page.locator(".note[role=status]", has_text="sesgos.md").wait_for()


def test_a_conversation_is_where_its_address_says(browser: Any, served: Served) -> None:
    with tab(browser, served.address, "es-ES") as visit:
        page = visit.page
        visit.ask(QUESTION)
        first = page.url
        page.locator(".st-key-new-conversation a").click()
        page.locator(".st-key-welcome").wait_for()
        visit.ask("What is recall at k?")
        second = page.url
        assert "?c=" in first
        assert first != second
        page.go_back()
        page.locator(".st-key-welcome").wait_for()
        visit.settle()
        page.go_back()
        page.locator(".answer", has_text="adaptación de rango bajo").wait_for()
        page.goto(second)
        page.locator(".answer", has_text="share of the relevant passages").wait_for()
        other = page.context.new_page()
        other.set_default_timeout(PATIENCE)
        other.goto(first)
        other.locator(".answer", has_text="adaptación de rango bajo").wait_for()
        page.reload()
        page.locator(".answer", has_text="share of the relevant passages").wait_for()
        page.get_by_role("button", name=ES.conversations.menu).click()
        page.get_by_label(ES.conversations.rename, exact=True).fill("Recuperación")
        page.get_by_role("button", name=ES.conversations.save, exact=True).click()
        page.locator('[class*="st-key-conversation-here-"]', has_text="Recuperación").wait_for()
        assert not visit.errors


def test_a_proof_fills_the_window_and_escape_ends_that(browser: Any, served: Served) -> None:
    with tab(browser, served.address, "es-ES") as visit:
        page = visit.page
        visit.ask(QUESTION)
        image = page.locator(".st-key-page img")
        image.wait_for()
        page_box = page.locator(".st-key-page").bounding_box()
        assert image.bounding_box()["width"] > page_box["width"] - 20, "it has all the room"
        image.hover()
        page.locator(".st-key-page button").first.click()
        closing = page.locator('[aria-label^="Close fullscreen"]')
        closing.wait_for()
        box, window = image.bounding_box(), page.viewport_size
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= window["width"]
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= window["height"]
        page.keyboard.press("Escape")
        closing.wait_for(state="detached")


def test_a_document_is_paged_through_and_a_stopped_reading_discarded(
    browser: Any, served: Served
) -> None:
    said = ES.documents_page
    (served.library / NOTED).write_text(json.dumps([str(served.library.parent / "actas")]))
    with tab(browser, served.address, "es-ES") as visit:
        page = visit.page
        visit.go(ES.documents)
        page.get_by_text(said.stopped.format(count=1)).wait_for()
        page.get_by_role("button", name=said.discard, exact=True).click()
        page.get_by_text(said.stopped.format(count=1)).wait_for(state="detached")
        page.goto(f"{served.bare}documents?d={served.document}")
        page.get_by_role("button", name=ES.following, exact=True).click()
        name = said.page_image.format(page=2, file="ajuste-fino-y-lora.pdf")
        image = page.get_by_alt_text(name)
        image.wait_for()
        page.locator(".read", has_text="LoRA significa adaptación").wait_for()
        page.locator(".st-key-view").get_by_text(said.page_alone, exact=True).click()
        page.locator(".st-key-zoom").get_by_text("200 %").click()
        page.locator(".st-key-zoom-200 img").wait_for()
        visit.settle()
        room = page.locator(".st-key-zoom-200").bounding_box()["width"]
        assert abs(image.bounding_box()["width"] - 2 * room) < 5, "as large as the button says"
        with page.expect_download() as download:
            page.locator(".st-key-download button").click()
        assert download.value.suggested_filename == "ajuste-fino-y-lora.pdf"
        assert not visit.errors
        assert not visit.foreign
