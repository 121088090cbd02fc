"""An answer that is written in a thread of its own, while the script's runs look at it.

Streamlit begins its script anew at every click. What is being written must not begin anew with it,
so the stream is read here, and a run shows how far it has come. It ends early when somebody stops
it, or when nobody has looked for a while: the tab is closed then.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from rag.errors import RagError
from rag.library import AnswerStream
from rag.schema import Answer, Block, SurveyProgress

PATIENCE = 20.0
"""Seconds without a look, after which nobody is thought to be there."""

Ask = Callable[[Callable[[], bool]], AnswerStream]
"""Asks a question; it is given a function that says whether to stop, and may raise RagError."""

Done = Callable[["Writing"], None]
"""Takes what came of it, in its thread: nobody may be looking any more."""


class Writing:
    """One answer on its way: `extractive` once it was `found`, then `blocks` grow, then `answer`.

    Or `error`, at any time. `progress` says how far the library is read, where every passage is.
    """

    def __init__(self, ask: Ask, done: Done = lambda writing: None) -> None:
        """Makes a writing that `start` begins; its thread calls `done` at the end."""
        self._ask, self._tell = ask, done
        self.extractive: Answer | None = None
        self.blocks: Sequence[Block] = ()
        self.progress: SurveyProgress | None = None
        self.found = False
        self.answer: Answer | None = None
        self.error: RagError | None = None
        self._halt = threading.Event()
        self._done = threading.Event()
        self._news = threading.Event()
        self._looked = time.monotonic()

    def start(self) -> Writing:
        """Begins to ask, in a thread of its own."""
        threading.Thread(target=self._run, daemon=True).start()
        return self

    @property
    def result(self) -> Answer | None:
        """Returns the answer; the verbatim one where a model has not finished its own."""
        return self.answer or self.extractive

    @property
    def stopped(self) -> bool:
        """Tells whether somebody has stopped it before it was done."""
        return self._halt.is_set()

    def stop(self) -> None:
        """Ends it after the word at hand; what has been written by then is the answer."""
        if not self._done.is_set():
            self._halt.set()

    def look(self, seconds: float) -> bool:
        """Waits so long at most for more to show; False once there will be no more."""
        self._looked = time.monotonic()
        if self._done.is_set():
            return False
        self._news.wait(seconds)
        self._news.clear()
        return True

    def _unwanted(self) -> bool:
        if time.monotonic() - self._looked > PATIENCE:
            self._halt.set()
        return self._halt.is_set()

    def _run(self) -> None:
        try:
            self._read(self._ask(self._unwanted))
        except RagError as problem:
            self.error = problem
        except Exception:
            # The browser gets no tracebacks; the window that runs the app does.
            logging.getLogger(__name__).exception("the question was not answered")
            self.error = RagError("")
        finally:
            try:
                self._tell(self)
            except Exception:  # a full disk: the answer is shown all the same
                logging.getLogger(__name__).exception("the answer was not kept")
            self._done.set()
            self._news.set()

    def _read(self, stream: AnswerStream) -> None:
        self.extractive = stream.extractive
        self.found = True
        self._news.set()
        for _ in stream:
            self.blocks, self.progress = stream.blocks, stream.progress
            self._news.set()
        self.answer = stream.answer
