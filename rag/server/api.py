"""The routes: each reads a form, calls the library in a thread, and gives the JSON of `rag`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Query, Request
from starlette.middleware import Middleware
from starlette.responses import Response, StreamingResponse

from rag import json_output
from rag.errors import RagError
from rag.library import AnswerStream, Library
from rag.server import guard, openai_chat, problems
from rag.server.forms import Ask, Remove, Search
from rag.server.guard import FindToken, Guard
from rag.server.tokens import Scope

_EVENTS = "text/event-stream"
_MOST_CHARACTERS = 200_000  # of a document's text that one request gives
_DESCRIPTION = """Answers from a library of documents, each with the sentences that prove it.

Every request but `/healthz` and `/readyz` carries `Authorization: Bearer TOKEN` (`rag tokens`)."""


def create_app(
    library: Library, find_token: FindToken, hosts: frozenset[str] = frozenset()
) -> FastAPI:
    """Returns the application for one library."""
    app = FastAPI(
        title="Fuente",
        description=_DESCRIPTION,
        version="1",
        docs_url=None,
        redoc_url=None,
        middleware=[Middleware(Guard, find_token=find_token, hosts=hosts)],
    )
    problems.install(app)
    _watching(app, library)
    _asking(app, library)
    _documents(app, library)
    openai_chat.install(app, library)
    return app


def _watching(app: FastAPI, library: Library) -> None:
    @app.get("/healthz", tags=["watching"])
    def health() -> dict[str, str]:
        """Says that the server is up."""
        return {"status": "ok"}

    @app.get("/readyz", tags=["watching"])
    def ready() -> Response:
        """Says whether the library can be asked: 503 where it is empty or its parts disagree."""
        state = library.status()
        if not state.chunks or not state.consistent:
            return problems.problem(503, "the library cannot be asked", "rag status")
        return Response('{"status":"ready"}', media_type="application/json")

    @app.get("/api/status", tags=["watching"])
    def status() -> json_output.Json:
        """Gives counts, and whether all parts of the library agree: as `rag status --json`."""
        return json_output.of_status(library.status())


def _asking(app: FastAPI, library: Library) -> None:
    @app.post("/api/ask", tags=["asking"])
    def ask(form: Ask) -> Response:
        """Answers a question: as `rag ask --json`, or with `stream` as server-sent events.

        Events: `passages`, then `text` piece by piece, then `done` with the whole answer; `error`
        with problem details where it fails after it began.
        """
        stopped = threading.Event()
        stream = library.ask(form.question, form.turns(), form.filters(), stopped.is_set)
        if form.stream:
            return StreamingResponse(_events(stream, stopped), media_type=_EVENTS)
        return _json(json_output.of_answer(stream.answer))

    @app.post("/api/search", tags=["asking"])
    def search(form: Search) -> Response:
        """Finds passages, without an answer: as `rag search --json`."""
        found = library.search(form.query, form.k, form.filters())
        return _json(json_output.of_passages(found))


def _documents(app: FastAPI, library: Library) -> None:
    @app.get("/api/documents", tags=["documents"])
    def documents() -> Response:
        """Lists the documents by path."""
        return _json(json_output.of_documents(library.documents()))

    @app.get("/api/documents/{document_id}", tags=["documents"])
    def document(
        document_id: int,
        start: Annotated[int, Query(ge=0)] = 0,
        length: Annotated[int, Query(ge=1, le=_MOST_CHARACTERS)] = _MOST_CHARACTERS,
    ) -> Response:
        """Gives a document's text, by characters from `start`, and where its pages begin."""
        found = library.document(document_id)
        if found is None:
            raise HTTPException(404, "there is no such document")
        text = found.text[start : start + length]
        whole = {"characters": len(found.text), "start": start, "text": text}
        return _json({"path": found.path, "title": found.title, "pages": found.pages, **whole})

    @app.post("/api/remove", tags=["documents"], dependencies=[allowed(Scope.WRITE)])
    def remove(form: Remove) -> Response:
        """Removes files, or all files below a folder: as `rag remove --json`."""
        return _json(json_output.of_removal(library.remove([Path(path) for path in form.paths])))


def allowed(needed: Scope) -> Any:
    """Returns what a route depends on when it needs more than reading."""

    def check(request: Request) -> None:
        if not guard.require(request.scope, needed):
            raise HTTPException(403, f"this needs a token with the scope {needed}")

    return Depends(check)


def _events(stream: AnswerStream, stopped: threading.Event) -> Iterator[str]:
    """Yields an answer as server-sent events; who goes away stops the model."""
    try:
        yield _event("passages", {"passages": json_output.of_found(stream.passages)})
        for piece in stream:
            yield _event("text", {"text": piece})
        yield _event("done", json_output.of_answer(stream.answer))
    except RagError as error:
        yield _event("error", problems.details(error))
    finally:
        stopped.set()


def _event(name: str, value: json_output.Json) -> str:
    return f"event: {name}\ndata: {json_output.dump(value)}\n\n"


def _json(value: json_output.Json) -> Response:
    """Returns the JSON of the command line, in which a lone surrogate is escaped."""
    return Response(json_output.dump(value), media_type="application/json")
