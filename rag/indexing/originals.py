"""The original files behind documents: where they lie, and their pages as images."""

from __future__ import annotations

from pathlib import Path

from rag.errors import FileProblem
from rag.parsing.page_images import Drawer
from rag.schema import Citation, NoteKind, Outcome, PageImage
from rag.storage import Store


class Originals:
    """The files of one library's documents. Drawing happens in children of its own."""

    def __init__(self, store: Store, memory_mb: int) -> None:
        self._store = store
        self._drawer = Drawer(memory_mb)

    def path(self, document_id: int) -> Path | None:
        """Returns where a document's file lies; None when it is not where it was read.

        None too where personal data was made unreadable in the document: the file holds it still.
        """
        if self._redacted(document_id):
            return None
        return self._store.ledger.readable_path(document_id)

    def content(self, document_id: int) -> bytes:
        """Returns the bytes of a document's file; raises FileProblem where it cannot be read."""
        try:
            return self._file(document_id).read_bytes()
        except OSError as error:
            raise FileProblem(Outcome.UNREADABLE, str(error.strerror)) from error

    def page(self, document_id: int, number: int, scale: float = 2.0, quote: str = "") -> PageImage:
        """Draws the 1-based page of a document, the quote highlighted; raises FileProblem."""
        return self._drawer.draw(self._file(document_id), number, quote, scale)

    def cited(self, citation: Citation, scale: float = 2.0) -> PageImage:
        """Draws the cited page with the quote highlighted; raises FileProblem if it cannot be."""
        document_id = citation.passage.chunk.document_id
        path = self._file(document_id)
        if citation.page is None:
            raise FileProblem(Outcome.UNREADABLE, f"{citation.passage.path} has no pages")
        document = self._store.documents.get(document_id)
        end = document.page_end(citation.start) if document else citation.end
        quote = citation.quote[: end - citation.start]  # what runs over is on the next page
        return self._drawer.draw(path, citation.page, quote, scale)

    def _file(self, document_id: int) -> Path:
        """Returns where a document's file lies; raises FileProblem where it may not be shown."""
        path = self.path(document_id)
        if path is not None:
            return path
        if self._redacted(document_id):
            reason = "personal data was made unreadable in its text, and stands in the file still"
            raise FileProblem(Outcome.REMOVED, reason, "read the text")
        raise FileProblem(Outcome.UNREADABLE, "the file is not where it was ingested from")

    def _redacted(self, document_id: int) -> bool:
        notes = self._store.documents.notes([document_id]).get(document_id, ())
        return any(note.kind is NoteKind.REDACTED for note in notes)

    def close(self) -> None:
        """Ends all children."""
        self._drawer.close()
