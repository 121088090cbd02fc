"""A page that never draws, in a real browser: it is named, its text is shown, other pages draw."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpers import hostile_pages
from tests.helpers.browser import ROOT, serving, tab
from ui.i18n import EN, ES

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAME = "Informe del faro.pdf"
GOOD = ROOT / "corpus/documents/en/evaluation-metrics.pdf"


@pytest.fixture(scope="module")
def address(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    from rag.library import Library
    from rag.schema import Outcome

    folder = tmp_path_factory.mktemp("web")
    hostile = folder / NAME
    hostile.write_bytes(
        hostile_pages.tiling("El faro de Cabo Azul tiene una altura de 47 metros sobre el mar.")
    )
    with Library.open(folder / "library") as library:
        assert library.ingest([hostile, GOOD]).counts() == {Outcome.OK: 2}
    with serving(folder / "library") as served:
        yield served


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
        reason = words.undrawn["timeout"].format(page=1, file=Path(NAME).name)
        assert instead.inner_text() == reason
        assert "47 metros" in one.page.locator(".st-key-page mark").inner_text()
        assert not one.page.locator(".st-key-page img").count()
