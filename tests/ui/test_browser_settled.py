"""What a browser decides and what it is told: language, colours, a server that is gone."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.browser import serving, tab
from ui.i18n import EN, ES

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_DARK, _LIGHT = 100, 200  # of 255: how bright a background is at most, or at least
DARK = (
    "getComputedStyle(document.querySelector('[data-testid=stApp]') ?? document.body)"
    f".backgroundColor.match(/\\d+/)?.[0] < {_DARK}"
)
"""What a browser finds true once the page is dark."""


def brightness(page: Any) -> int:
    """How bright the page's background is, of 255."""
    colour = page.evaluate(
        "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    )
    return int(colour.split("(")[1].split(",")[0])


def test_colours_follow_the_setting_and_a_stopped_server_is_named(
    browser: Any, tmp_path: Path
) -> None:
    with ExitStack() as tabs:
        with serving(tmp_path / "library") as address:
            visit = tabs.enter_context(tab(browser, address, "es-ES"))
            page = visit.page
            assert brightness(page) > _LIGHT
            visit.go(ES.settings.title)
            page.locator(".st-key-set-theme").get_by_text(ES.settings.themes["dark"]).click()
            visit.settle()
            page.locator(".st-key-save-settings button").click()
            page.wait_for_function(DARK)
            page.locator(".st-key-set-theme").wait_for()
            visit.settle()
            visit.go(ES.documents)
            assert brightness(page) < _DARK
            french = tabs.enter_context(tab(browser, address, "fr-FR"))
            french.page.wait_for_function(DARK)
            assert EN.sentence in french.page.locator(".brand").inner_text()
            french.page.get_by_text("ES", exact=True).click()
            french.page.get_by_text(ES.sentence).wait_for()
            french.page.locator("#skips a").first.wait_for(state="attached")  # the script is there
            french.page.wait_for_function("document.documentElement.lang === 'es'")
            french.settle()
            assert not french.page.locator("#offline").count()
            assert not french.foreign
        notice = french.page.locator("#offline")
        notice.wait_for()
        assert notice.inner_text() == ES.offline
        assert not french.page.get_by_text("Connection error").is_visible()
