"""A page that never draws, in a real browser: it is named, its text is shown, other pages draw."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.browser import tab
from tests.ui.conftest import UNDRAWN
from ui.i18n import EN, ES

pytestmark = [pytest.mark.browser, pytest.mark.slow]


QUESTION = "¿Qué altura tiene el faro de Cabo Azul?"


def test_what_stands_in_for_a_page_that_cannot_be_drawn(browser: Any, address: str) -> None:
    with tab(browser, address, "es-ES") as one, tab(browser, address, "en-GB") as other:
        one.send(QUESTION)
        assert "share of the relevant passages" in other.ask("What is recall at k?").inner_text()
        other.page.locator(".st-key-page img").wait_for()
        assert "47 metros" in one.answered().inner_text()
        instead = one.page.locator(".hint[role=status]")
        for words in (ES, EN):
            reason = words.undrawn["timeout"].format(page=1, file=UNDRAWN)
            instead.filter(has_text=reason).wait_for()
            one.page.get_by_text("EN", exact=True).click()
        assert "47 metros" in one.page.locator(".st-key-page mark").inner_text()
        assert not one.page.locator(".st-key-page img").count()
