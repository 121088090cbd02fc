"""The routes: each reads a form, calls the library in a thread, and gives the JSON of `rag`."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, HTTPException, Path as PathParameter, Query
from starlette.middleware import Middleware
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from rag import json_output
from rag.errors import RagError
from rag.library import AnswerStream, Library
from rag.server import agents, chats, openai_chat, problems, uploading
from rag.server.audit import Audit
from rag.server.callers import Calling, needs
from rag.server.forms import Ask, Remove, Search
from rag.server.guard import FindCaller, Guard
from rag.server.metrics import KIND, Metered, Metrics
from rag.server.tokens import Scope

_EVENTS = "text/event-stream"
_MOST_CHARACTERS = 200_000  # of a document's text that one request gives
_DESCRIPTION = """Answers from a library of documents, each with the sentences that prove it.

Every request but `/healthz` and `/readyz` carries `Authorization: Bearer TOKEN` (`rag tokens`).
What a user may read (`rag access`) is all that there is for them: the rest is neither found nor
listed nor counted. Agents find the same library at `/mcp` (Model Context Protocol)."""


def create_app(
    library: Library,
    find_caller: FindCaller,
    hosts: frozenset[str] = frozenset(),
    audit: Audit | None = None,
) -> FastAPI:
    """Returns the application for one library."""
    jobs, metrics = uploading.ServerJobs(library), Metrics(library)
    mcp = agents.create_agents_server(library, over_http=True).streamable_http_app(
        stateless_http=True, json_response=True, transport_security=agents.GUARDED
    )

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        jobs.resume()
        async with mcp.router.lifespan_context(mcp):
            yield
        jobs.close()

    most_upload = uploading.MOST_FILES * library.settings.max_file_mb * 1_000_000
    app = FastAPI(
        title="Fuente",
        description=_DESCRIPTION,
        version="1",
        docs_url=None,
        redoc_url=None,
        lifespan=running,
        middleware=[
            Middleware(Metered, metrics=metrics),
            Middleware(
                Guard, find_caller=find_caller, hosts=hosts, most_upload=most_upload, audit=audit
            ),
        ],
    )
    problems.install(app)
    _watching(app, library, metrics)
    _asking(app, library)
    _documents(app, library)
    chats.install(app, library)
    uploading.install(app, jobs)
    openai_chat.install(app, library)
    # without sessions nothing comes over a stream that a client opens and keeps a turn with
    app.router.routes.extend(
        Route(route.path, route.endpoint, methods=["POST"])
        for route in mcp.routes
        if isinstance(route, Route)
    )
    return app


def _watching(app: FastAPI, library: Library, metrics: Metrics) -> None:
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

    @app.get("/metrics", tags=["watching"], dependencies=[needs(Scope.READ)])
    def figures() -> Response:
        """Gives counts and seconds as Prometheus reads them, to who may read all."""
        return Response(metrics.page(), media_type=KIND)

    @app.get("/api/status", tags=["watching"])
    def status(caller: Calling) -> json_output.Json:
        """Gives counts, and whether all parts of the library agree: as `rag status --json`.

        Who may read a part of the library gets the counts of that part, and nothing else.
        """
        if caller.readable is None:
            return json_output.of_status(library.status())
        infos = caller.documents(library)
        return {"documents": len(infos), "chunks": sum(info.chunks for info in infos)}


def _asking(app: FastAPI, library: Library) -> None:
    @app.post("/api/ask", tags=["asking"])
    def ask(form: Ask, caller: Calling) -> Response:
        """Answers a question: as `rag ask --json`, or with `stream` as server-sent events.

        Events: `passages`, then `text` piece by piece, then `done` with the whole answer; `error`
        with problem details where it fails after it began. With `conversation` question and answer
        are kept in one, «new» or by its id, and what was said in it is the history.
        Where every passage is read for it, `progress` says how many `read` of `total` have been.
        """
        stopped = threading.Event()
        kept = chats.Kept.of(library, caller, form)
        history = kept.history() if kept else form.turns()
        filters = caller.filters(form.filters())
        stream = library.ask(form.question, history, filters, stopped.is_set)
        if form.stream:
            return StreamingResponse(_events(library, stream, stopped, kept), media_type=_EVENTS)
        return _json(_whole(library, stream, kept))

    @app.post("/api/search", tags=["asking"])
    def search(form: Search, caller: Calling) -> Response:
        """Finds passages, without an answer: as `rag search --json`."""
        found = library.search(form.query, form.k, caller.filters(form.filters()))
        return _json(json_output.of_passages(found))


def _documents(app: FastAPI, library: Library) -> None:
    @app.get("/api/documents", tags=["documents"])
    def documents(caller: Calling) -> Response:
        """Lists the documents by path."""
        return _json(json_output.of_documents(caller.documents(library)))

    @app.get("/api/documents/{document_id}", tags=["documents"])
    def document(
        document_id: int,
        caller: Calling,
        start: Annotated[int, Query(ge=0)] = 0,
        length: Annotated[int, Query(ge=1, le=_MOST_CHARACTERS)] = _MOST_CHARACTERS,
    ) -> Response:
        """Gives a document's text, by characters from `start`, and where its pages begin."""
        found = caller.document(library, document_id)
        if found is None:
            raise HTTPException(404, "there is no such document")
        text = found.text[start : start + length]
        whole = {"characters": len(found.text), "start": start, "text": text}
        return _json({"path": found.path, "title": found.title, "pages": found.pages, **whole})

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
        found = caller.document(library, document_id)
        if found is None:
            raise HTTPException(404, "there is no such document")
        quote = found.text[start : min(end, found.page_end(start))] if start < end else ""
        drawn = library.originals.page(document_id, number, scale, quote)
        return Response(
            drawn.png, media_type="image/png", headers={"x-marks": str(len(drawn.boxes))}
        )

    @app.post("/api/remove", tags=["documents"], dependencies=[needs(Scope.WRITE)])
    def remove(form: Remove) -> Response:
        """Removes files, or all files below a folder: as `rag remove --json`."""
        return _json(json_output.of_removal(library.remove([Path(path) for path in form.paths])))


def _whole(library: Library, stream: AnswerStream, kept: chats.Kept | None) -> json_output.Json:
    """Returns the whole answer, kept where that was asked for."""
    answer = chats.counted(library, stream.answer)
    return {**json_output.of_answer(answer), **(kept.keep(answer) if kept else {})}


def _events(
    library: Library, stream: AnswerStream, stopped: threading.Event, kept: chats.Kept | None
) -> Iterator[str]:
    """Yields an answer as server-sent events; who goes away stops the model."""
    try:
        yield _event("passages", {"passages": json_output.of_found(stream.passages)})
        for piece in stream:
            if piece:
                yield _event("text", {"text": piece})
            elif stream.progress is not None:
                read, total = stream.progress.read, stream.progress.total
                yield _event("progress", {"read": read, "total": total})
        yield _event("done", _whole(library, stream, kept))
    except RagError as error:
        yield _event("error", problems.details(error))
    finally:
        stopped.set()


def _event(name: str, value: json_output.Json) -> str:
    return f"event: {name}\ndata: {json_output.dump(value)}\n\n"


def _json(value: json_output.Json) -> Response:
    """Returns the JSON of the command line, in which a lone surrogate is escaped."""
    return Response(json_output.dump(value), media_type="application/json")
