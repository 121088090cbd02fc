"""The original files behind documents: where they lie, and their pages as images."""

from __future__ import annotations

from pathlib import Path

from rag.errors import FileProblem
from rag.parsing.page_images import Drawer
from rag.schema import Citation, Outcome, PageImage
from rag.storage import Store


class Originals:
    """The files of one library's documents. Drawing happens in children of its own."""

    def __init__(self, store: Store, memory_mb: int) -> None:
        self._store = store
        self._drawer = Drawer(memory_mb)

    def path(self, document_id: int) -> Path | None:
        """Returns where a document's file lies; None when it is not where it was read."""
        return self._store.ledger.readable_path(document_id)

    def content(self, document_id: int) -> bytes:
        """Returns the bytes of a document's file; raises FileProblem where it cannot be read."""
        path = self.path(document_id)
        try:
            if path is not None:
                return path.read_bytes()
        except OSError as error:
            raise FileProblem(Outcome.UNREADABLE, str(error.strerror)) from error
        raise FileProblem(Outcome.UNREADABLE, "the file is not where it was ingested from")

    def page(self, document_id: int, number: int, scale: float = 2.0, quote: str = "") -> PageImage:
        """Draws the 1-based page of a document, the quote highlighted; raises FileProblem."""
        path = self.path(document_id)
        if path is None:
            raise FileProblem(Outcome.UNREADABLE, "the file is not where it was ingested from")
        return self._drawer.draw(path, number, quote, scale)

    def cited(self, citation: Citation, scale: float = 2.0) -> PageImage:
        """Draws the cited page with the quote highlighted; raises FileProblem if it cannot be."""
        document_id = citation.passage.chunk.document_id
        path = self.path(document_id)
        if path is None or citation.page is None:
            reason = "has no pages" if path else "is not where it was ingested from"
            raise FileProblem(Outcome.UNREADABLE, f"{citation.passage.path} {reason}")
        document = self._store.documents.get(document_id)
        end = document.page_end(citation.start) if document else citation.end
        quote = citation.quote[: end - citation.start]  # what runs over is on the next page
        return self._drawer.draw(path, citation.page, quote, scale)

    def close(self) -> None:
        """Ends all children."""
        self._drawer.close()
