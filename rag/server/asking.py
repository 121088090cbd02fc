"""The routes that ask: an answer, whole or as events, and a search without one."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from fastapi import FastAPI
from starlette.responses import Response, StreamingResponse

from rag import json_output
from rag.errors import RagError
from rag.library import AnswerStream, Library
from rag.server import chats, problems
from rag.server.callers import Calling
from rag.server.forms import Ask, Json, Search

_EVENTS = "text/event-stream"


def install(app: FastAPI, library: Library) -> None:
    """Adds the routes to `app`."""

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
        return Json(_whole(library, stream, kept))

    @app.post("/api/search", tags=["asking"])
    def search(form: Search, caller: Calling) -> Response:
        """Finds passages, without an answer: as `rag search --json`."""
        found = library.search(form.query, form.k, caller.filters(form.filters()))
        return Json(json_output.of_passages(found))


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
