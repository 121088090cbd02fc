"""Every page of the app, in both languages and themes, wide and narrow, and loaded anew."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.browser import Tab, tab
from tests.ui.conftest import Served
from ui.i18n import EN, ES

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

WIDTHS = (1400, 390)
_MOST_TABS = 5  # presses before the question can be written
_GRAVE = ("serious", "critical")
_ASKED = {"resultTypes": ["violations"]}  # what is well is not described


@pytest.mark.parametrize(("locale", "theme"), [("es-ES", "light"), ("en-GB", "dark")])
def test_every_page_can_be_used_by_everybody(
    browser: Any, served: Served, locale: str, theme: str
) -> None:
    words = ES if locale == "es-ES" else EN
    with tab(browser, served.address, locale, WIDTHS[0], theme) as visit:
        page = visit.page
        assert presses_to_the_question(page) <= _MOST_TABS
        visit.ask("¿Qué significa LoRA?" if words is ES else "What is recall at k?")
        page.locator('[class*="st-key-rate-"] button').first.click()
        visit.settle()
        page.locator(".st-key-open-scope button").click()
        page.get_by_role("dialog").wait_for()
        is_sound(visit, "the dialog of the scope")
        page.keyboard.press("Escape")
        visit.settle()
        names = page.locator(".st-key-pages a").all_inner_texts()
        assert words.documents in " ".join(names)
        for name in names:
            visit.go(name.split("\n")[-1])
            is_sound(visit, name)
            if words is ES:  # what a page is loaded with knows neither language nor theme
                loaded_anew(visit)
        page.goto(f"{served.bare}documents?d={served.document}")
        page.locator("[data-testid=stImage] img").wait_for()
        is_sound(visit, "a document")
        assert not visit.errors
        assert not visit.foreign


def is_sound(visit: Tab, name: str) -> None:
    """Asserts that what is on the screen fits it, shows no fault and can be used by everybody."""
    from axe_playwright_python.sync_playwright import Axe

    page = visit.page
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        visit.settle()
        wide = page.evaluate("document.scrollingElement.scrollWidth")
        assert wide <= width, f"{name} is {wide} wide"
        assert not page.get_by_test_id("stException").count(), name
        serious = [
            (item["id"], [node["html"][:200] for node in item["nodes"]][:3])
            for item in Axe().run(page, options=_ASKED).response["violations"]
            if item["impact"] in _GRAVE
        ]
        assert not serious, f"{name}, {width} wide: {serious}"
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    visit.settle()  # the button that unfolds the side panel of a narrow window has gone by then


def loaded_anew(visit: Tab) -> None:
    """Loads the page at hand once more, as a bookmark does."""
    visit.page.reload()
    visit.page.locator(".st-key-pages a").first.wait_for()
    visit.settle()
    assert not visit.errors, visit.page.url


def presses_to_the_question(page: Any) -> int:
    """How often Tab and Enter are pressed from the top of the page until one can write."""
    page.locator("#skips a").first.wait_for(state="attached")
    page.locator("[data-testid=stChatInput] textarea").wait_for()
    page.evaluate("document.activeElement?.blur()")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement?.closest('#skips') !== null")
    page.keyboard.press("Enter")
    in_question = "document.activeElement?.closest('[data-testid=stChatInput]') !== null"
    return 2 if page.evaluate(in_question) else 99
