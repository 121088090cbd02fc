"""An answer while the server writes it: the same faces as an `AnswerStream` of a folder."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from rag.conversations import answer_json
from rag.errors import ServerRefused
from rag.library import AnswerStream
from rag.protocols import Stop
from rag.remote.connection import Connection, stated
from rag.schema import Answer, Block, Filters, Passage, SurveyProgress, Turn

ASK, STOP = "/api/library/ask", "/api/library/stop"


class RemoteStream(AnswerStream):
    """Reads the lines of one answer. The first one is there when it is made."""

    def __init__(
        self,
        connection: Connection,
        question: str,
        history: Sequence[Turn],
        filters: Filters | None,
        stop: Stop,
    ) -> None:
        """Sends the question. Raises RagError as the server states it."""
        self._connection, self._stop, self._id = connection, stop, secrets.token_urlsafe(12)
        self._answer = self._progress = self._first_answer = None
        self._seen: tuple[Passage, ...] = ()
        self._so_far: tuple[Block, ...] = ()
        body = {
            "id": self._id,
            "question": question,
            "history": answer_json.plain(list(history)),
            "filters": answer_json.plain(filters or Filters()),
        }
        self._open = ExitStack()
        self._lines = self._open.enter_context(connection.lines(ASK, body))
        self._take(self._next())
        self._deltas = self._read()

    def __del__(self) -> None:
        """Ends the request where nobody has read it to its end."""
        if hasattr(self, "_open"):
            self._open.close()

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Returns the passages found, before a word is written."""
        return self._seen

    @property
    def extractive(self) -> Answer | None:
        """Returns the verbatim answer if a language model writes another one."""
        return self._first_answer

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Returns the blocks of what has been given out so far, with their marks."""
        return self._so_far

    def _next(self) -> Mapping[str, Any]:
        line = next((line for line in self._lines if line), None)
        if line is None:
            self._open.close()
            raise ServerRefused("the server broke off in the middle of an answer", "ask again")
        told: Mapping[str, Any] = json.loads(line)
        if "error" in told:
            self._open.close()
            raise stated(int(told["error"].get("status", 500)), told["error"])
        return told

    def _take(self, told: Mapping[str, Any]) -> None:
        if "passages" in told:
            self._seen = answer_json.read(tuple[Passage, ...], told["passages"])
        if told.get("extractive"):
            self._first_answer = answer_json.read(Answer, told["extractive"])
        if told.get("progress"):
            self._progress = answer_json.read(SurveyProgress, told["progress"])
        if "blocks" in told:
            self._so_far = answer_json.read(tuple[Block, ...], told["blocks"])
        if "answer" in told:
            self._answer = answer_json.read(Answer, told["answer"])

    def _read(self) -> Iterator[str]:
        asked_to_stop = False
        with self._open:
            while self._answer is None:
                told = self._next()
                self._take(told)
                if self._stop() and not asked_to_stop:
                    asked_to_stop = True
                    self._connection.post(STOP, {"id": self._id})
                if "text" in told:
                    yield str(told["text"])
