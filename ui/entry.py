"""The HTML that a browser loads first: Streamlit's own, told where its server is.

Left to itself, Streamlit's script takes `/documents` for a folder in which a server may be, asks
there, and gets two errors before it asks at the root. Also the title and the language are ours.
"""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from streamlit import file_util

PATHS = ("/", "/documents", "/compare", "/feedback", "/monitoring", "/settings")
"""Of the app's pages."""

_HEAD = "<head>"
_SERVER = "<script>window.__streamlit = { BACKEND_BASE_URL: location.origin }</script>"
_TITLE = "<title>{}</title>"


def routes() -> list[Route]:
    """Returns the routes of the app's pages; all of them get the same HTML."""
    page = html()

    async def answer(request: Request) -> HTMLResponse:
        return HTMLResponse(page, headers={"cache-control": "no-cache"})

    return [Route(path, answer) for path in PATHS]


def html() -> str:
    """Returns Streamlit's HTML with the address of the server and the app's name."""
    index = Path(file_util.get_static_dir()) / "index.html"
    text = index.read_text(encoding="utf-8").replace(_HEAD, _HEAD + _SERVER, 1)
    return text.replace(_TITLE.format("Streamlit"), _TITLE.format("Fuente"), 1)
