"""The same questions to several documents, asked in a thread of its own while the page looks on."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from rag import side_by_side
from rag.errors import RagError
from rag.library import Library
from rag.schema import DocumentInfo
from rag.side_by_side import Row


class Comparing:
    """A table of documents and questions on its way: `done` of `total` answers, then `rows`."""

    def __init__(
        self, library: Library, documents: Sequence[DocumentInfo], questions: Sequence[str]
    ) -> None:
        """Makes a table that `start` begins to fill."""
        self._library, self.documents, self.questions = library, documents, tuple(questions)
        self.rows: list[Row] = []
        self.done, self.total = 0, len(documents) * len(questions)
        self.error: RagError | None = None
        self._halt, self._ended = threading.Event(), threading.Event()

    def start(self, ready: threading.Event) -> Comparing:
        """Begins to ask once the models are `ready`."""
        threading.Thread(target=self._run, args=(ready,), daemon=True).start()
        return self

    @property
    def stopped(self) -> bool:
        """Tells whether somebody has stopped it before the table was full."""
        return self._halt.is_set() and self.done < self.total

    def stop(self) -> None:
        """Ends it after the answer at hand; what has been answered stays."""
        self._halt.set()

    def ended(self, seconds: float) -> bool:
        """Waits so long at most for the end; tells whether it has come."""
        return self._ended.wait(seconds)

    def _run(self, ready: threading.Event) -> None:
        try:
            ready.wait()
            self.rows = side_by_side.ask_each(
                self._library, self.documents, self.questions, None, self._halt.is_set, self._note
            )
        except RagError as problem:
            self.error = problem
        except Exception:  # the browser gets no tracebacks; the window that runs the app does
            logging.getLogger(__name__).exception("the documents were not compared")
            self.error = RagError("")
        finally:
            self._ended.set()

    def _note(self, done: int, total: int) -> None:
        self.done, self.total = done, total
