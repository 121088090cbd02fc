"""The methods of the library, called by name: for Fuente's own command line and app (`rag.remote`).

What a caller may not read is taken out of arguments and results here: searches and lists get the
caller's filters, a document, conversation or turn of somebody else is as if it were not there.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from rag import json_output
from rag.errors import RagError, UsageError
from rag.library import AnswerStream, Library
from rag.remote.offered import CHANGING, OFFERED, WATCHING, Method, packed, shape, unpacked
from rag.schema import Citation, FileInfo, KeptTurn, Status
from rag.server import chats, problems
from rag.server.callers import Caller, Calling
from rag.server.forms import Form, Json, Text
from rag.server.tokens import Scope

_LINES = "application/x-ndjson"
_LEAST_AND_MOST: Mapping[str, tuple[float, float]] = {
    "k": (1, 1000),
    "number": (1, 1_000_000),
    "scale": (0.5, 4),  # a page in four times its size has some 20 million pixels
}
_MOST_TEXT = 20_000  # characters, as of a question over the API
_MOST_INTEGER = 2**63  # which a database takes
_Id = Annotated[str, Field(min_length=1, max_length=100)]


class Call(Form):
    """A method and its arguments by name, as `rag.remote` packs them."""

    call: Annotated[str, Field(max_length=100)]
    arguments: dict[str, Any] = Field(default_factory=dict, max_length=10)


class Asked(Form):
    """A question; `id` is the caller's own, by which they may stop it."""

    id: _Id
    question: Text
    history: list[dict[str, str]] = Field(default_factory=list, max_length=50)
    filters: dict[str, Any] = Field(default_factory=dict)


class Stopped(Form):
    """The question that nobody waits for any more."""

    id: _Id


def install(app: FastAPI, library: Library) -> None:
    """Adds the routes to `app`."""
    stops: dict[tuple[str, str], threading.Event] = {}

    @app.get("/api/me", tags=["access"])
    def me(caller: Calling) -> json_output.Json:
        """Says who calls, what they may do and read, and until when."""
        return {
            "user": caller.user,
            "scope": caller.scope,
            "readable": caller.readable,
            "may_change": caller.readable is None and caller.scope.includes(Scope.WRITE),
            "until": caller.until or None,
        }

    @app.post("/api/library", tags=["library"])
    def call(form: Call, caller: Calling) -> Response:
        """Calls a method of the library, for Fuente's own clients; values as the code has them."""
        method = OFFERED.get(form.call)
        if method is None:
            raise HTTPException(404, "there is no such method")
        _require(caller, method)
        arguments = _arguments(method, form.arguments)
        return Json(packed({"value": _View(library, caller).do(method, arguments)}))

    @app.post("/api/library/ask", tags=["library"])
    def ask(form: Asked, caller: Calling) -> Response:
        """Answers a question, as lines of JSON: passages, then text, then the whole answer."""
        asked = _arguments(Library.ask, form.model_dump(exclude={"id"}))
        asked["filters"] = caller.filters(asked["filters"])
        key, stopped = (caller.user, form.id), threading.Event()
        stream = library.ask(**asked, stop=stopped.is_set)
        stops[key] = stopped

        def lines() -> Iterator[str]:
            try:
                yield from _lines(library, stream)
            finally:
                stopped.set()
                stops.pop(key, None)

        return StreamingResponse(lines(), media_type=_LINES)

    @app.post("/api/library/stop", tags=["library"])
    def stop(form: Stopped, caller: Calling) -> json_output.Json:
        """Ends the writing of an answer: what is written by then is the answer."""
        event = stops.get((caller.user, form.id))
        if event is not None:
            event.set()
        return {"stopped": event is not None}


def _arguments(method: Method, given: dict[str, Any]) -> dict[str, Any]:
    """Returns arguments as the method takes them. Raises UsageError for others."""
    try:
        return unpacked(method, given)
    except ValueError as error:
        raise UsageError(str(error), "update the client or the server") from error


def _require(caller: Caller, method: Method) -> None:
    """Raises HTTPException where the caller may not call a method at all."""
    needed = Scope.WRITE if method in CHANGING else Scope.ADMIN if method in WATCHING else None
    if needed is None:
        return
    if not caller.scope.includes(needed):
        raise HTTPException(403, f"this needs the scope {needed}")
    if caller.readable is not None:
        raise HTTPException(403, "this is for who may read the whole library")


def _require_bounds(name: str, value: Any) -> None:
    """Raises UsageError for a number or text that is larger than the API would take."""
    low, high = _LEAST_AND_MOST.get(name, (-_MOST_INTEGER, _MOST_INTEGER - 1))
    within = low <= value <= high if isinstance(value, (int, float)) else True
    if not within or (isinstance(value, str) and len(value) > _MOST_TEXT):
        raise UsageError(f"«{name}» is out of bounds", "see /openapi.json")


class _View:
    """The library as one caller may use it."""

    def __init__(self, library: Library, caller: Caller) -> None:
        self._library, self._caller = library, caller
        conversations = library.conversations
        self._parts = {
            "Library": library,
            "Originals": library.originals,
            "Collections": library.collections,
            "Conversations": conversations,
            "UsageLog": conversations.usage,
        }

    def do(self, method: Method, arguments: dict[str, Any]) -> Any:
        """Returns what a method gives this caller. Raises HTTPException and RagError."""
        owner, _, name = method.__qualname__.partition(".")
        arguments = self._limited(method, arguments)
        result = getattr(self._parts[owner], name)(**arguments)
        shown = _SHOWN.get(method.__qualname__)
        return result if shown is None else shown(self, result, arguments)

    def _limited(self, method: Method, arguments: dict[str, Any]) -> dict[str, Any]:
        """Returns the arguments with the caller's limits. Raises HTTPException for what is not
        theirs."""
        taken, library = shape(method).arguments, self._library
        if "filters" in taken:
            arguments["filters"] = self._caller.filters(arguments.get("filters"))
        if "owner" in taken:
            arguments["owner"] = self._caller.user
        for name, value in arguments.items():
            _require_bounds(name, value)
            if name == "document_id":
                self._readable(value)
            if isinstance(value, Citation):
                self._readable(value.passage.chunk.document_id)
            if name == "conversation" and method.__name__ != "get":
                self._own(value)
            if name == "conversations":
                for key in value:
                    self._own(key)
            if name == "turn":
                self._own(library.conversations.of_turn(value) or "")
            if name == "document_ids":
                arguments[name] = [key for key in value if self._reads(key)]
        return arguments

    @property
    def _documents(self) -> set[int]:
        return {info.id for info in self._caller.documents(self._library)}

    def _reads(self, document_id: int | None) -> bool:
        return self._caller.readable is None or document_id in self._documents

    def _readable(self, document_id: int) -> None:
        if not self._reads(document_id):
            raise HTTPException(404, "there is no such document")

    def _own(self, conversation: str) -> None:
        if self._library.conversations.get(conversation, self._caller.user) is None:
            raise HTTPException(404, "there is no such conversation")

    # --- what of a result is shown ---

    def path(self, path: Any, _: Mapping[str, Any]) -> Any:
        """Returns the name of a file; where it lies is the server's own."""
        return path and path.name

    def infos(self, infos: list[Any], _: Mapping[str, Any]) -> list[Any]:
        """Returns documents or files that may be read, by the paths that the library shows.

        Where they lie on this machine is told only to who may change the library.
        """
        if self._caller.readable is None and self._caller.scope.includes(Scope.WRITE):
            return infos
        ids = self._documents
        return [
            replace(info, source=info.path)
            for info in infos
            if (info.document_id if isinstance(info, FileInfo) else info.id) in ids
        ]

    def status(self, status: Status, _: Mapping[str, Any]) -> Status:
        """Returns counts: of what the caller may read, and nothing else."""
        if self._caller.readable is None:
            return status
        infos = self._caller.documents(self._library)
        chunks = sum(info.chunks for info in infos)
        return Status(len(infos), chunks, {}, None, True, (), "", {})

    def names(self, names: Mapping[str, int], _: Mapping[str, Any]) -> Mapping[str, int]:
        """Returns the collections that hold something the caller may read, and how much of it."""
        if self._caller.readable is None:
            return names
        held = [name for found in self._collected().values() for name in found]
        return {name: held.count(name) for name in names if name in held}

    def collected(self, found: Mapping[int, Any], _: Mapping[str, Any]) -> Mapping[int, Any]:
        """Returns the collections of the documents that may be read."""
        ids = self._documents
        return {key: names for key, names in found.items() if key in ids}

    def named(self, name: str, _: Mapping[str, Any]) -> str:
        """Returns a collection's name. Raises UsageError for one that is not there for them."""
        if self._caller.readable is None or any(name in n for n in self._collected().values()):
            return name
        raise UsageError(f"there is no collection «{name}»", "rag collection list")

    def turns(self, turns: list[KeptTurn], _: Mapping[str, Any]) -> list[KeptTurn]:
        """Returns turns without the answers out of what may not be read any more."""
        return chats.shown_to(self._library, self._caller, turns)

    def _collected(self) -> Mapping[int, tuple[str, ...]]:
        return self.collected(self._library.collections.of_documents(), {})


_SHOWN: Mapping[str, Any] = {
    "Originals.path": _View.path,
    "Library.documents": _View.infos,
    "Library.files": _View.infos,
    "Library.status": _View.status,
    "Collections.names": _View.names,
    "Collections.of_documents": _View.collected,
    "Collections.named": _View.named,
    "Conversations.turns": _View.turns,
}


def _lines(library: Library, stream: AnswerStream) -> Iterator[str]:
    """Yields an answer as lines of JSON."""
    try:
        first = {"passages": stream.passages, "extractive": stream.extractive}
        yield _line(first)
        blocks = stream.blocks
        for piece in stream:
            told: dict[str, Any] = {"text": piece, "progress": stream.progress}
            if stream.blocks != blocks:
                blocks = told["blocks"] = stream.blocks
            yield _line(told)
        yield _line({"answer": chats.counted(library, stream.answer)})
    except RagError as error:
        yield _line({"error": problems.details(error)})


def _line(value: Mapping[str, Any]) -> str:
    return json_output.dump(packed(value)) + "\n"
