"""Two versions of a contract asked the same in a real browser: table, change, proof; small too."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.browser import PATIENCE, tab
from ui.i18n import EN, ES

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUESTION = "¿Cuál es el plazo de preaviso?"


@pytest.mark.parametrize(
    ("locale", "words", "width", "theme"),
    [("es-ES", ES, 1440, "light"), ("en-GB", EN, 390, "dark")],
)
def test_versions_are_compared_and_each_sentence_is_shown(
    browser: Any, address: str, locale: str, words: Any, width: int, theme: str
) -> None:
    with tab(browser, address, locale, width, theme) as opened:
        page = opened.page
        opened.go(words.comparing.title)
        page.locator(".st-key-compare-questions textarea").fill(QUESTION)
        for name in ("v1", "v2"):
            page.locator(".st-key-compare-paths input").fill(name)
            page.get_by_role("option", name=f"{name}.md").click()
        opened.settle()
        page.keyboard.press("Escape")  # the list closes; the field keeps its size below it
        page.locator(".st-key-compare-ask button").click()
        page.locator(".matrix").wait_for(timeout=PATIENCE)
        opened.settle()
        assert page.locator(".matrix .chip").count() == 2
        changes = page.locator(".differences").inner_text()
        assert words.comparing.change.format(before="30", after="45") in changes
        assert words.comparing.against.format(other="v2.md", first="v1.md") in changes
        page.locator(".matrix .chip").nth(1).click()
        mark = page.locator(".st-key-page mark")
        mark.wait_for(timeout=PATIENCE)
        assert "45 días" in mark.inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.locator(".st-key-close-pane button").click()
        mark.wait_for(state="detached", timeout=PATIENCE)
        assert not opened.errors
        assert not opened.foreign
