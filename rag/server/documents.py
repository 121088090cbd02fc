"""The routes of documents: listed, read, drawn page by page, removed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, HTTPException, Path as PathParameter, Query
from starlette.responses import Response

from rag import json_output
from rag.library import Library
from rag.schema import Document
from rag.server.callers import Caller, Calling, needs
from rag.server.forms import Json, Remove
from rag.server.tokens import Scope

_MOST_CHARACTERS = 200_000  # of a document's text that one request gives


def install(app: FastAPI, library: Library) -> None:
    """Adds the routes of documents to `app`."""

    @app.get("/api/documents", tags=["documents"])
    def documents(caller: Calling) -> Response:
        """Lists the documents by path."""
        return Json(json_output.of_documents(caller.documents(library)))

    @app.get("/api/documents/{document_id}", tags=["documents"])
    def document(
        document_id: int,
        caller: Calling,
        start: Annotated[int, Query(ge=0)] = 0,
        length: Annotated[int, Query(ge=1, le=_MOST_CHARACTERS)] = _MOST_CHARACTERS,
    ) -> Response:
        """Gives a document's text, by characters from `start`, and where its pages begin."""
        found = _found(library, caller, document_id)
        text = found.text[start : start + length]
        whole = {"characters": len(found.text), "start": start, "text": text}
        return Json({"path": found.path, "title": found.title, "pages": found.pages, **whole})

    @app.get("/api/documents/{document_id}/pages/{number}", tags=["documents"])
    def page(
        document_id: int,
        number: Annotated[int, PathParameter(ge=1, le=1_000_000)],
        caller: Calling,
        start: Annotated[int, Query(ge=0)] = 0,
        end: Annotated[int, Query(ge=0)] = 0,
        scale: Annotated[float, Query(ge=0.5, le=4)] = 2.0,
    ) -> Response:
        """Draws a page as PNG; the text from `start` to `end`, as citations give it, is marked.

        `x-marks` is the number of marks: 0 where the text is not found on the page.
        """
        found = _found(library, caller, document_id)
        quote = found.text[start : min(end, found.page_end(start))] if start < end else ""
        drawn = library.originals.page(document_id, number, scale, quote)
        return Response(
            drawn.png, media_type="image/png", headers={"x-marks": str(len(drawn.boxes))}
        )

    @app.post("/api/remove", tags=["documents"], dependencies=[needs(Scope.WRITE)])
    def remove(form: Remove) -> Response:
        """Removes files, or all files below a folder: as `rag remove --json`."""
        return Json(json_output.of_removal(library.remove([Path(path) for path in form.paths])))


def _found(library: Library, caller: Caller, document_id: int) -> Document:
    found = caller.document(library, document_id)
    if found is None:
        raise HTTPException(404, "there is no such document")
    return found
