"""Conversations and feedback: each user's own, with the answers that they may still read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated

from fastapi import FastAPI, HTTPException, Query
from starlette.responses import Response

from rag import json_output
from rag.library import Library
from rag.schema import Answer, Conversation, Feedback, KeptTurn, Turn, TurnState
from rag.server.callers import Caller, Calling
from rag.server.forms import Ask, Json, Judgement, Title

NEW = "new"
_HISTORY = 6  # turns before a question, as many as the web app hands to the library


@dataclass(frozen=True, slots=True)
class Kept:
    """A conversation in which a question and its answer are to be kept."""

    library: Library
    caller: Caller
    form: Ask

    @staticmethod
    def of(library: Library, caller: Caller, form: Ask) -> Kept | None:
        """Returns it; None where nothing is to be kept. Raises HTTPException for an unknown one."""
        if form.conversation is None:
            return None
        if form.conversation != NEW:
            _own(library, caller, form.conversation)
        return Kept(library, caller, form)

    def history(self) -> list[Turn]:
        """Returns what was said before, as the library takes it."""
        if self.form.conversation in (None, NEW):
            return self.form.turns()
        turns = _turns(self.library, self.caller, str(self.form.conversation))
        answers = [turn.answer for turn in turns if turn.answer is not None]
        return [Turn(answer.question.standalone, answer.text) for answer in answers][-_HISTORY:]

    def keep(self, answer: Answer) -> json_output.Json:
        """Keeps the question with its answer; returns where."""
        chats, conversation = self.library.conversations, str(self.form.conversation)
        if conversation == NEW:
            scope = self.form.filters()
            conversation = chats.begin(self.form.question, scope, self.caller.user).id
        turn = chats.ask(conversation, self.form.question)
        chats.answer(turn, answer)
        return {"conversation": conversation, "turn": turn}


def counted(library: Library, answer: Answer) -> Answer:
    """Returns an answer that monitoring has counted, without a word of it."""
    if library.conversations.writable:
        library.conversations.usage.add(answer)
    return answer


def install(app: FastAPI, library: Library) -> None:
    """Adds the routes of conversations to `app`."""
    chats = library.conversations

    @app.get("/api/conversations", tags=["conversations"])
    def conversations(
        caller: Calling, words: Annotated[str, Query(max_length=1000)] = ""
    ) -> Response:
        """Lists one's own conversations in which all the words occur, the last changed first."""
        rows = [_row(found) for found in chats.all(words, caller.user)]
        return Json({"conversations": rows})

    @app.get("/api/conversations/{conversation}", tags=["conversations"])
    def turns(conversation: str, caller: Calling) -> Response:
        """Gives a conversation with its turns, oldest first."""
        found = _own(library, caller, conversation)
        kept = [_turn(turn) for turn in _turns(library, caller, conversation)]
        return Json({**_row(found), "turns": kept})

    @app.patch("/api/conversations/{conversation}", tags=["conversations"])
    def rename(conversation: str, form: Title, caller: Calling) -> Response:
        """Gives a conversation another title."""
        _own(library, caller, conversation)
        chats.rename(conversation, form.title)
        return Json(_row(_own(library, caller, conversation)))

    @app.delete("/api/conversations/{conversation}", tags=["conversations"])
    def delete(conversation: str, caller: Calling) -> Response:
        """Deletes a conversation; nothing of it is left on the disk."""
        _own(library, caller, conversation)
        chats.delete([conversation])
        return Json({"deleted": conversation})

    @app.put("/api/conversations/{conversation}/turns/{turn}/feedback", tags=["conversations"])
    def judge(conversation: str, turn: int, form: Judgement, caller: Calling) -> Response:
        """Keeps what one thinks of an answer, in the place of what one thought before."""
        return _judged(library, caller, conversation, turn, Feedback(**form.model_dump()))

    @app.delete("/api/conversations/{conversation}/turns/{turn}/feedback", tags=["conversations"])
    def take_back(conversation: str, turn: int, caller: Calling) -> Response:
        """Takes back what one thought of an answer."""
        return _judged(library, caller, conversation, turn, None)


def _judged(
    library: Library, caller: Caller, conversation: str, turn: int, feedback: Feedback | None
) -> Response:
    _own(library, caller, conversation)
    if all(kept.id != turn for kept in library.conversations.turns(conversation)):
        raise HTTPException(404, "there is no such turn")
    library.conversations.rate(turn, feedback)
    return Json({"turn": turn, "feedback": asdict(feedback) if feedback else None})


def _own(library: Library, caller: Caller, conversation: str) -> Conversation:
    found = library.conversations.get(conversation, caller.user)
    if found is None:
        raise HTTPException(404, "there is no such conversation")
    return found


def _turns(library: Library, caller: Caller, conversation: str) -> list[KeptTurn]:
    return shown_to(library, caller, library.conversations.turns(conversation))


def shown_to(library: Library, caller: Caller, turns: list[KeptTurn]) -> list[KeptTurn]:
    """Returns turns; an answer out of what the caller may not read any more is left out."""
    if caller.readable is None:
        return turns
    readable = {info.id for info in caller.documents(library)}
    return [turn if _documents(turn) <= readable else _hidden(turn) for turn in turns]


def _documents(turn: KeptTurn) -> set[int]:
    answer = turn.answer
    parts = [part for part in (answer, answer and answer.extractive) if part is not None]
    cited = {item.passage.chunk.document_id for part in parts for item in part.citations}
    return cited | {found.chunk.document_id for part in parts for found in part.passages}


def _hidden(turn: KeptTurn) -> KeptTurn:
    return KeptTurn(turn.id, turn.conversation, turn.question, turn.asked, TurnState.ERASED)


def _row(found: Conversation) -> json_output.Json:
    row = {"id": found.id, "title": found.title, "changed": found.changed}
    return {**row, "count": found.turns, "only": list(found.scope.paths)}


def _turn(turn: KeptTurn) -> json_output.Json:
    return {
        "id": turn.id,
        "question": turn.question,
        "asked": turn.asked,
        "state": turn.state,
        "answer": json_output.of_answer(turn.answer) if turn.answer else None,
        "feedback": asdict(turn.feedback) if turn.feedback else None,
    }
