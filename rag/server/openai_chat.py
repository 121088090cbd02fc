"""A library as a model of the OpenAI protocol: any client of that protocol can ask it.

The last user's message is the question, the turns before it are the chat; instructions of the
system are ignored, for Fuente's own decide what an answer is. Citations stand as `[n]` in the text,
as `annotations` of the message, and as a list at the end.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import FastAPI
from starlette.responses import Response, StreamingResponse

from rag import json_output
from rag.errors import RagError, UsageError
from rag.library import AnswerStream, Library
from rag.schema import Answer, Citation, Turn
from rag.server import problems
from rag.server.callers import Calling
from rag.server.chats import counted
from rag.server.forms import ChatMessage, ChatRequest, Json

MODEL = "fuente"
_SOURCES = {"es": "Fuentes", "en": "Sources"}


def install(app: FastAPI, library: Library) -> None:
    """Adds the routes of the protocol to `app`."""

    @app.get("/v1/models", tags=["openai"])
    def models() -> dict[str, Any]:
        """Lists the one model: this library."""
        model = {"id": MODEL, "object": "model", "created": 0, "owned_by": "fuente"}
        return {"object": "list", "data": [model]}

    @app.post("/v1/chat/completions", tags=["openai"])
    def complete(form: ChatRequest, caller: Calling) -> Response:
        """Answers the last message from the documents, streamed if asked for."""
        question, turns = conversation(form.messages)
        stopped = threading.Event()
        stream = library.ask(question, turns, caller.filters(), stopped.is_set)
        name = form.model or MODEL
        if form.stream:
            return StreamingResponse(
                _chunks(library, stream, name, stopped), media_type="text/event-stream"
            )
        answer = counted(library, stream.answer)
        message = {
            "role": "assistant",
            "content": answer.text + listed(answer),
            "refusal": None,
            "annotations": file_citations(answer.citations),
        }
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        body = {**_head(name, "chat.completion"), "choices": [choice], "usage": _usage()}
        return Json(body)


def conversation(messages: Sequence[ChatMessage]) -> tuple[str, list[Turn]]:
    """Returns the question and the turns before it. Raises UsageError where nobody asks."""
    spoken = [(m.role, m.text()) for m in messages if m.role in ("user", "assistant")]
    if not spoken or spoken[-1][0] != "user":
        raise UsageError("the last message is not the user's", "end with the question")
    turns, asked = [], ""
    for role, text in spoken[:-1]:
        if role == "user":
            asked = text
        elif asked:
            turns.append(Turn(asked, text))
            asked = ""
    return spoken[-1][1], turns


def file_citations(citations: Sequence[Citation]) -> list[dict[str, Any]]:
    """Returns the citations as file citations, each with its verified quote and page."""
    return [
        {
            "type": "file_citation",
            "index": citation.number,
            "file_id": str(citation.passage.chunk.document_id),
            "filename": citation.passage.path,
            "page": citation.page,
            "start": citation.start,
            "end": citation.end,
            "quote": citation.quote,
        }
        for citation in citations
    ]


def listed(answer: Answer) -> str:
    """Returns the citations as text behind the answer, for clients that show only text."""
    if not answer.citations:
        return ""
    language = answer.question.language
    lines = [
        f"[{citation.number}] {citation.passage.path}"
        + (f", p. {citation.page}" if citation.page else "")
        for citation in answer.citations
    ]
    return f"\n\n{_SOURCES[language]}:\n" + "\n".join(lines)


def _chunks(
    library: Library, stream: AnswerStream, name: str, stopped: threading.Event
) -> Iterator[str]:
    head = _head(name, "chat.completion.chunk")

    def chunk(delta: dict[str, Any], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        return _event({**head, "choices": [choice]})

    try:
        yield chunk({"role": "assistant", "content": ""})
        for piece in stream:
            yield chunk({"content": piece})
        answer = counted(library, stream.answer)
        last = {"content": listed(answer), "annotations": file_citations(answer.citations)}
        yield chunk(last)
        yield chunk({}, "stop")
        yield "data: [DONE]\n\n"
    except RagError as error:
        yield _event({"error": problems.details(error)})
    finally:
        stopped.set()


def _event(value: dict[str, Any]) -> str:
    return f"data: {json_output.dump(value)}\n\n"


def _head(name: str, kind: str) -> dict[str, Any]:
    made = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time())}
    return {**made, "object": kind, "model": name}


def _usage() -> dict[str, int]:
    """Returns no tokens: verbatim answers are made of none."""
    return {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
