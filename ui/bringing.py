"""A language model that is brought in, in a thread of its own, while pages show how far it is."""

from __future__ import annotations

import logging
import threading

from rag.config import Settings
from rag.errors import RagError
from rag.library import shop


class Bringing:
    """One model on its way: `licence` once it is to be accepted, then it is `done`, or `error`."""

    def __init__(self, settings: Settings, name: str, sha256: str = "") -> None:
        """Begins to bring it in; `sha256` is that of the file which a wheel carries."""
        self.name = name
        self.licence = ""
        self.done = False
        self.error: RagError | None = None
        self._settings, self._sha256 = settings, sha256
        self._accepted = False
        self._decided = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    @property
    def active(self) -> bool:
        """Tells whether it is on its way yet."""
        return not self.done and self.error is None

    @property
    def asks(self) -> bool:
        """Tells whether it waits for the licence to be accepted or refused."""
        return bool(self.licence) and not self._decided.is_set()

    @property
    def megabytes(self) -> float:
        """Returns how much has come."""
        return shop.Models(self._settings.models).arriving() / 1e6

    def decide(self, accepted: bool) -> None:
        """Accepts the licence, or gives the model up."""
        self._accepted = accepted
        self._decided.set()

    def _accept(self, licence: str) -> bool:
        self.licence = licence
        self._decided.wait()
        return self._accepted

    def _run(self) -> None:
        try:
            shop.pull_apart(self._settings, self.name, self._accept, self._sha256)
            self.done = True
        except RagError as problem:
            self.error = problem
        except Exception:  # the browser gets no tracebacks; the window that runs the app does
            logging.getLogger(__name__).exception("the model was not brought in")
            self.error = RagError("")
