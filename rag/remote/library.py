"""`RemoteLibrary`: a library that a server holds, in the place of one in a folder.

It has the methods that `offered` lists; each is sent by its name. What needs the folder itself
(reading files there, another embedder) says so.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from rag.config import Settings, server_token
from rag.conversations import Conversations, answer_json
from rag.conversations.usage import UsageLog
from rag.errors import RagError, UsageError
from rag.indexing.originals import Originals
from rag.library import AnswerStream, Library
from rag.protocols import Embedder, Stop
from rag.remote.connection import Connection
from rag.remote.offered import CHANGING, OFFERED, READING, WATCHING, Method, packed, shape
from rag.remote.stream import RemoteStream
from rag.schema import Answer, Filters, Turn
from rag.storage.collections import Collections


class _RemoteCollections(Collections):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection


class _RemoteOriginals(Originals):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def close(self) -> None:
        """Ends nothing: the server draws the pages."""


class _RemoteUsage(UsageLog):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, answer: Answer) -> None:
        """Does nothing: the server has counted the answer when it gave it."""


class _RemoteConversations(Conversations):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.usage = _RemoteUsage(connection)

    @property
    def writable(self) -> bool:
        """Tells that conversations are kept: the server says where it cannot."""
        return True


class RemoteLibrary(Library):
    """The library of a server, as far as the token's user may use it."""

    def __init__(self, settings: Settings, token: str | None = None) -> None:
        """`token`: of who asks; by default the one of the environment. Raises RagError."""
        self._connection = Connection(settings.server, server_token() if token is None else token)
        try:
            me = self._connection.get("/api/me")
        except RagError:
            self._connection.close()
            raise
        self.user: str = me["user"]
        self.may_change: bool = me["may_change"]
        # in the place of a folder it tells apart the libraries, and users, of one process
        self.settings = replace(settings, library=Path(self._connection.address) / self.user)
        self.originals = _RemoteOriginals(self._connection)
        self.conversations = _RemoteConversations(self._connection)
        self.collections = _RemoteCollections(self._connection)

    @property
    def connection(self) -> Connection:
        """Returns what sends requests to the server."""
        return self._connection

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        filters: Filters | None = None,
        stop: Stop | None = None,
    ) -> AnswerStream:
        """Gives passages at once, then text as the server writes it. Raises RagError."""
        return RemoteStream(self._connection, question, history, filters, stop or (lambda: False))

    @property
    def embedder(self) -> Embedder:
        """Raises UsageError: the server has it."""
        _elsewhere("the embedder")

    def close(self) -> None:
        """Ends the connection."""
        self._connection.close()


def _elsewhere(what: str) -> NoReturn:
    raise UsageError(
        f"{what} is on the server's machine alone", "run it there, or unset RAG_SERVER"
    )


def _sent(method: Method) -> Method:
    """Returns a method that has the server do what `method` does."""

    @functools.wraps(method)
    def call(self: Any, *given: Any, **named: Any) -> Any:
        arguments = packed(shape(method).bound(given, named))
        body = {"call": method.__qualname__, "arguments": arguments}
        answered = self._connection.post("/api/library", body)
        try:
            return answer_json.read(shape(method).result, answered["value"])
        except ValueError as error:
            raise RagError(f"the server is of another version: {error}", "update both") from error

    return call


def _unavailable(name: str) -> Method:
    def refuse(self: Any, *given: Any, **named: Any) -> Any:
        _elsewhere(f"`{name}`")

    return refuse


_HERE = {
    "Library": RemoteLibrary,
    "Originals": _RemoteOriginals,
    "Collections": _RemoteCollections,
    "Conversations": _RemoteConversations,
    "UsageLog": _RemoteUsage,
}

for _method in (*READING, *CHANGING, *WATCHING):
    _owner, _, _name = _method.__qualname__.partition(".")
    setattr(_HERE[_owner], _name, _sent(OFFERED[_method.__qualname__]))

for _kind in _HERE.values():
    for _name in (name for name in dir(_kind) if not name.startswith("_")):
        _given = getattr(_kind, _name)
        if callable(_given) and _name not in vars(_kind):
            setattr(_kind, _name, _unavailable(_name))
