"""The HTML that a browser loads first, and the addresses at which it gets it."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.testclient import TestClient

from tests.helpers.fakes_ui import FakeLibrary
from tests.ui.test_ui import open_app
from ui import entry


def test_the_server_is_named_before_the_script_runs() -> None:
    with TestClient(Starlette(routes=entry.routes())) as client:
        pages = {client.get(path).text for path in entry.PATHS}
    (page,) = pages
    assert 0 < page.index("BACKEND_BASE_URL: location.origin") < page.index('type="module"')
    assert "<title>Fuente</title>" in page


def test_every_page_of_the_app_has_it(tmp_path: Path) -> None:
    app = open_app(FakeLibrary(tmp_path))
    pages = {f"/{info['url_pathname']}" for info in app._registered_pages.values()}
    assert pages == set(entry.PATHS)
