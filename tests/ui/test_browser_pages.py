"""A page that never draws, in a real browser: it is named, its text is shown, other pages draw."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.browser import tab
from tests.ui.conftest import UNDRAWN
from ui.i18n import EN, ES

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize(
    ("locale", "words", "question"),
    [
        ("es-ES", ES, "¿Qué altura tiene el faro de Cabo Azul?"),
        ("en-GB", EN, "¿Qué altura tiene el faro de Cabo Azul?"),
    ],
)
def test_what_stands_in_for_a_page_that_cannot_be_drawn(
    browser: Any, address: str, locale: str, words: Any, question: str
) -> None:
    with tab(browser, address, locale) as one, tab(browser, address, "en-GB") as other:
        one.send(question)
        assert "share of the relevant passages" in other.ask("What is recall at k?").inner_text()
        other.page.locator(".st-key-page img").wait_for()
        assert "47 metros" in one.answered().inner_text()
        instead = one.page.locator(".hint[role=status]")
        instead.wait_for()
        reason = words.undrawn["timeout"].format(page=1, file=UNDRAWN)
        assert instead.inner_text() == reason
        assert "47 metros" in one.page.locator(".st-key-page mark").inner_text()
        assert not one.page.locator(".st-key-page img").count()
