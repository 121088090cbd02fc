"""The app's side of drawing: a few children kept warm, a deadline, and the pages that met it.

Any thread may ask; each has a child of its own while it does, so nobody's page waits for another's.
"""

from __future__ import annotations

import base64
import contextlib
import math
import struct
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.errors import FileProblem
from rag.parsing.pictures import MAX_SIDE
from rag.parsing.sandbox import Pool, TaskSandbox
from rag.parsing.sandbox.parent import ChildProcess
from rag.schema import Outcome, PageImage

DEADLINE = 10.0
"""Seconds that a page may take, the wait for a free child included."""

WORKER = ("-m", "rag.parsing.sandbox.child", "draw")
MOST = 8  # pages that are drawn at once
WARM = 2  # children that are kept while no page is drawn, some 50 MB each
WAIT = 2.0  # seconds for a child, when all are at work; the rest is the page's own
GIVEN_UP = 300.0
"""Seconds during which a page that met a limit is not drawn again: each click would wait anew."""

_MOST_GIVEN_UP = 1_000  # pages that are remembered
_MOST_BOXES = 10_000
_PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
_OPEN_IT = "open the file itself"

Page = tuple[str, int, int, int]
"""A page of a file as it is now: path, time of change, size, number."""


class DrawingSandbox(TaskSandbox):
    """Draws pages, one after the other."""

    max_answer = 40_000_000  # twice the largest page of noise, in base64

    def __init__(
        self, memory_mb: int, worker: Sequence[str] = WORKER, deadline: float = DEADLINE
    ) -> None:
        super().__init__(deadline, memory_mb, worker)

    def draw(self, path: Path, page: int, quote: str, scale: float, seconds: float) -> PageImage:
        """A page within `seconds`. Raises FileProblem with the outcome; the next page is drawn.

        The words in a picture may take longer to be recognised than a page has: it is drawn first
        without, and shown so if they do.
        """
        end = time.monotonic() + seconds
        request = {"path": str(path.absolute()), "page": page, "quote": quote, "scale": scale}
        name = f"page {page} of {path.name}"

        def ask(words: bool) -> tuple[PageImage, bool]:
            left = end - time.monotonic()
            return self._ask({**request, "words": words, "seconds": left}, name, _drawn, left)

        image, picture = ask(words=False)
        if picture and any(map(str.isalnum, quote)):
            with contextlib.suppress(FileProblem):
                image, _ = ask(words=True)
        return image

    def _cause(self, outcome: Outcome, child: ChildProcess) -> Outcome:
        return outcome  # whoever killed it, the page may well be drawn the next time

    def _words(self, outcome: Outcome, name: str) -> tuple[str, str]:
        said = {
            Outcome.TIMEOUT: f"{name} cannot be drawn within {self._timeout:g} s",
            Outcome.MEMORY: f"{name} needs more than {self._memory_mb} MB to be drawn",
            Outcome.TOO_LARGE: f"{name} makes an image of more than {self.max_answer >> 20} MB",
        }
        return said.get(outcome, f"{name} crashed the process that drew it"), _OPEN_IT


class Drawer:
    """Draws pages for any number of threads.

    `memory_mb`: what a page may take. `deadline`: its seconds, the wait for a free child included.
    """

    def __init__(
        self, memory_mb: int, worker: Sequence[str] = WORKER, deadline: float = DEADLINE
    ) -> None:
        self.deadline = deadline
        self._pool = Pool(lambda: DrawingSandbox(memory_mb, worker, deadline), MOST, WARM)
        self._guard = threading.Lock()
        self._given_up: dict[Page, tuple[float, FileProblem]] = {}

    def draw(self, path: Path, page: int, quote: str, scale: float = 2.0) -> PageImage:
        """The 1-based `page` as `render_page` draws it, within the deadline.

        Raises FileProblem: timeout, memory, bomb or too_large for a page beyond the limits, crashed
        for one that ends its child, unreadable for one that is not there.
        """
        end = time.monotonic() + self.deadline
        key = _key(path, page)
        self._refuse_again(key)
        try:
            with self._pool.lent(WAIT) as sandbox:
                return sandbox.draw(path, page, quote, scale, end - time.monotonic())
        except TimeoutError as error:
            raise FileProblem(
                Outcome.TIMEOUT, f"page {page} of {path.name} waits for {MOST} others", "try again"
            ) from error
        except FileProblem as problem:
            if problem.outcome in (Outcome.TIMEOUT, Outcome.MEMORY):
                self._remember(key, problem)
            raise

    def close(self) -> None:
        """Ends all children at once, in the middle of a page too."""
        self._pool.close()

    def _refuse_again(self, key: Page) -> None:
        with self._guard:
            until, problem = self._given_up.get(key, (0.0, None))
        if problem is not None and time.monotonic() < until:
            raise FileProblem(problem.outcome, problem.message, problem.next_command)

    def _remember(self, key: Page, problem: FileProblem) -> None:
        with self._guard:
            self._given_up.pop(key, None)
            self._given_up[key] = time.monotonic() + GIVEN_UP, problem
            while len(self._given_up) > _MOST_GIVEN_UP:
                del self._given_up[next(iter(self._given_up))]


def _key(path: Path, page: int) -> Page:
    try:
        facts = path.stat()
    except OSError:  # gone: the child says so
        return str(path), 0, 0, page
    return str(path), facts.st_mtime_ns, facts.st_size, page


def _drawn(fields: dict[str, Any]) -> tuple[PageImage, bool]:
    """The image from its JSON form, and whether its words are in a picture, not looked for yet.

    Whoever opens the PNG relies on its size being as checked here.
    """
    png = base64.b64decode(fields["png"], validate=True)
    if not png.startswith(_PNG):
        raise ValueError("it is no PNG")
    width, height = struct.unpack_from(">II", png, len(_PNG))
    if not (0 < width <= MAX_SIDE + 1 and 0 < height <= MAX_SIDE + 1):
        raise ValueError("it is larger than any page")
    boxes = tuple((float(a), float(b), float(c), float(d)) for a, b, c, d in fields["boxes"])
    if len(boxes) > _MOST_BOXES or not all(math.isfinite(edge) for box in boxes for edge in box):
        raise ValueError("its boxes are none")
    return PageImage(png, width, height, boxes), fields["picture"] is True
