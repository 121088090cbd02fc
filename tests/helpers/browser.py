"""The real app in a child process and headless Chromium in front of it, for browser tests."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE = 90_000  # milliseconds; a first question loads the model, on a busy machine
READING = 4 * PATIENCE
"""Milliseconds for files to be read, which the app does with what others leave of the processor."""

_SERVE = """
import sys
from pathlib import Path
from rag.config import load
from ui.launch import main
main(load({"library": Path(sys.argv[1])}), int(sys.argv[2]), open_browser=False)
"""


def chromium() -> str:
    """Path of Chromium. Skips without it, or fails where FUENTE_REQUIRE_BROWSER=1."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        reason = "Chromium is not installed: apt-get install chromium"
        if os.environ.get("FUENTE_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(library: Path, port: int = 0, kill: bool = False, /, **settings: str) -> Iterator[str]:
    """Runs the app as `rag chat` does, with settings from the environment.

    Gives the address that it prints, with the secret that lets a browser in. The home folder, where
    that is kept, is one of the library's own. At the end it is stopped, or killed with all its
    children.
    """
    environment = {f"RAG_{name.upper()}": value for name, value in settings.items()}
    home = library.with_name(f"{library.name}-home")
    environment |= {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")}
    port = port or free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE, str(library), str(port)],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, f"the app did not start: {line!r}"
        yield found[0]
    finally:
        if kill:
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
            process.kill()
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        if process.stdout is not None:
            process.stdout.close()


@dataclass
class Tab:
    """A page of the app, with all that it asked for and said."""

    page: Any
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)  # that the browser's console was told of
    count: int = 0  # answers on the page when the last question was sent

    @property
    def foreign(self) -> list[str]:
        """Requests that left this computer."""
        hosts = {url: urlsplit(url) for url in self.requests}
        return [
            url
            for url, parts in hosts.items()
            if parts.scheme not in ("data", "blob") and parts.hostname != "127.0.0.1"
        ]

    def refuse(self, dialog: Any) -> None:
        """Notes a dialog, which only a script of a document could have opened."""
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def settle(self) -> None:
        """Waits until the app has drawn what it was asked for."""
        self.page.wait_for_timeout(300)  # the browser has told the server by then
        self.page.locator('[data-test-script-state="notRunning"]').first.wait_for()

    def go(self, name: str) -> None:
        """Opens another page by its link in the side panel, which small screens have folded up."""
        # Streamlit forgets the images of a page that is left, also those still on their way
        self.page.wait_for_function("[...document.images].every(image => image.complete)")
        panel = self.page.get_by_test_id("stExpandSidebarButton")
        if panel.is_visible():
            panel.click()
        self.page.locator(".st-key-pages").get_by_role("link", name=name, exact=True).click()
        self.settle()

    def note(self, message: Any) -> None:
        """Notes what the console calls an error."""
        if message.type == "error":
            self.errors.append(message.text)

    def ask(self, question: str) -> Any:
        """Asks and waits for the end of the answer; returns the last message."""
        self.send(question)
        return self.answered()

    def send(self, question: str) -> None:
        """Asks and does not wait."""
        self.page.locator('[data-test-script-state="notRunning"]').first.wait_for()
        self.count = self.page.locator(".footer").count()
        box = self.page.get_by_test_id("stChatInput").locator("textarea")
        box.fill(question)
        box.press("Enter")

    def answered(self) -> Any:
        """Waits for the end of the answer to what was sent; returns the last message."""
        self.page.locator(".footer").nth(self.count).wait_for(timeout=PATIENCE)
        return self.page.get_by_test_id("stChatMessage").last


@contextlib.contextmanager
def tab(
    browser: Any, address: str, locale: str, width: int = 1400, theme: str = "light"
) -> Iterator[Tab]:
    """Opens the app in a fresh session of the browser."""
    context = browser.new_context(
        locale=locale, viewport={"width": width, "height": 900}, color_scheme=theme
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    opened = Tab(page)
    page.on("request", lambda request: opened.requests.append(request.url))
    page.on("websocket", lambda socket: opened.requests.append(socket.url))
    page.on("dialog", opened.refuse)
    page.on("console", opened.note)
    page.on("pageerror", lambda error: opened.errors.append(str(error)))
    page.goto(address)
    page.get_by_test_id("stChatInput").wait_for()
    try:
        yield opened
    finally:
        context.close()


def tick(page: Any, row: int, ticked: Any) -> None:
    """Ticks a row of the list of documents, 0 being the head that ticks all, until `ticked` shows.

    A list that is still being drawn may lose a click.
    """
    from playwright.sync_api import TimeoutError

    for wait in (5_000, 15_000, PATIENCE):
        box = page.locator(".st-key-listed").get_by_test_id("stDataFrame").bounding_box()
        page.mouse.click(box["x"] + 16, box["y"] + 17 + 35 * row)
        with contextlib.suppress(TimeoutError):
            ticked.wait_for(timeout=wait)
            return
    raise AssertionError(f"row {row} could not be ticked")


def pictured(page: Any, name: str) -> None:
    """Keeps pictures where `PICTURES` names a folder: wide and light, narrow and dark."""
    folder = os.environ.get("PICTURES")
    if not folder:
        return
    wide = page.viewport_size
    page.screenshot(path=str(Path(folder) / f"{name}.png"))
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(700)
    page.screenshot(path=str(Path(folder) / f"{name}-390.png"))
    page.set_viewport_size(wide)
    page.emulate_media(color_scheme="light")
    page.wait_for_timeout(700)


def yellow_pixels(png: bytes) -> int:
    """How many pixels of a picture are as yellow as the felt pen of a highlight."""
    import io

    import numpy as np
    from PIL import Image

    red, green, blue = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), np.int16).T
    return int(((red > 225) & (green > 200) & (blue < 150)).sum())
