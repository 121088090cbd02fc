"""Conversations and their turns: begun, renamed, searched, deleted so that nothing is left."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.conversations import answer_json, questions
from rag.conversations.file import ConversationsFile
from rag.conversations.tables import ConversationsTables
from rag.conversations.usage import UsageLog
from rag.schema import Answer, Conversation, Feedback, Filters, KeptTurn, TurnState
from rag.storage.copying import insert
from rag.text.languages import fold

if TYPE_CHECKING:
    from rag.storage.postgres import Database

TITLE = 70
"""Characters of the first question that make the title."""

_ID_BYTES = 9
_DAY = 24 * 3600.0
_ALL = 2**62  # turns
_FEEDBACK = "good, reason, right_answer, at"


class Conversations:
    """What people asked one library and were answered; may be used from several threads."""

    def __init__(
        self, folder: Path, database: Database | None = None, usage_days: float = 0.0
    ) -> None:
        """Opens those in a folder, or in the database that holds the library.

        `usage_days`: how long the figures of monitoring are kept; 0: for ever.
        """
        self._file = ConversationsTables(database) if database else ConversationsFile(folder)
        self.usage = UsageLog(self._file, usage_days)
        if self._file.writable:
            self._file.migrate()
            self._file.sweep()  # a kill may have come between a deletion and its sweep

    @property
    def writable(self) -> bool:
        """Tells whether conversations can be kept in this library."""
        return self._file.writable

    # --- conversations ---

    def begin(self, question: str, scope: Filters | None = None, owner: str = "") -> Conversation:
        """Makes a conversation that is titled after its first question."""
        made = Conversation(
            secrets.token_urlsafe(_ID_BYTES),
            title_of(question),
            time.time(),
            scope=scope or Filters(),
            owner=owner,
        )
        with self._file.transaction() as connection:
            connection.execute(
                "INSERT INTO conversations VALUES (?, ?, ?, ?, ?)",
                (made.id, made.title, made.changed, answer_json.dump(made.scope), made.owner),
            )
        return made

    def get(self, conversation: str, owner: str = "") -> Conversation | None:
        """Returns a conversation; None for one that is not there, or of another owner."""
        return next(iter(self._list("c.id = ? AND c.owner = ?", (conversation, owner))), None)

    def all(self, words: str = "", owner: str = "") -> list[Conversation]:
        """Returns an owner's conversations in which all words occur, the last changed first.

        Accents and capitals do not matter.
        """
        found = self._list("c.owner = ?", (owner,))
        for word in fold(words).split():
            holding = self._holding(word)
            found = [item for item in found if item.id in holding or word in fold(item.title)]
        return found

    def _holding(self, word: str) -> set[str]:
        """Returns the conversations in whose questions or answers a folded word occurs."""
        query = "SELECT DISTINCT conversation FROM turns WHERE instr(words, ?) > 0"
        with self._file.reading() as connection:
            return {row[0] for row in connection.execute(query, (word,))} if connection else set()

    def forget_old(self, days: float) -> int:
        """Deletes everybody's conversations unchanged for so many days; returns how many."""
        old = [found.id for found in self._list("c.changed <= ?", (time.time() - days * _DAY,))]
        if old:
            self.delete(old)
        return len(old)

    def rename(self, conversation: str, title: str) -> None:
        """Gives a conversation another title; an empty one changes nothing."""
        if title.strip():
            self._update("title = ?", title_of(title), conversation)

    def set_scope(self, conversation: str, scope: Filters) -> None:
        """Keeps what the next questions of a conversation are limited to."""
        self._update("scope = ?", answer_json.dump(scope), conversation)

    def rename_collection(self, name: str, new: str) -> None:
        """Limits to another name the conversations that are limited to a collection."""
        for item in self._list("TRUE", ()):
            if name in item.scope.collections:
                names = (new if other == name else other for other in item.scope.collections)
                self.set_scope(item.id, replace(item.scope, collections=tuple(names)))

    def delete(self, conversations: Iterable[str]) -> None:
        """Deletes conversations; nothing of their text is left in the library's folder."""
        with self._file.transaction() as connection:
            connection.executemany(
                "DELETE FROM conversations WHERE id = ?", ((key,) for key in conversations)
            )
            self._file.note_deletion(connection)
        self._file.sweep()

    # --- turns ---

    def ask(self, conversation: str, question: str) -> int:
        """Keeps a question before it is answered; returns the id of its turn."""
        now = time.time()
        with self._file.transaction() as connection:
            inserted = connection.execute(
                "INSERT INTO turns (conversation, asked, question, state, words) "
                "VALUES (?, ?, ?, ?, ?) RETURNING id",
                (conversation, now, question, TurnState.ASKED, fold(question)),
            )
            turn = int(inserted.fetchone()[0])
            connection.execute(
                "UPDATE conversations SET changed = ? WHERE id = ?", (now, conversation)
            )
        return turn

    def answer(self, turn: int, answer: Answer, cut: bool = False) -> None:
        """Keeps the answer of a turn, in the place of one that it had; a deleted turn stays so."""
        state = TurnState.CUT if cut else TurnState.ANSWERED
        parts = [answer, *([answer.extractive] if answer.extractive else [])]
        words = fold(" ".join([answer.question.text, *(part.text for part in parts)]))
        documents = {passage.chunk.document_id for part in parts for passage in part.passages}
        with self._file.transaction() as connection:
            changed = connection.execute(
                "UPDATE turns SET state = ?, answer = ?, words = ? WHERE id = ?",
                (state, answer_json.dump(answer), words, turn),
            ).rowcount
            if changed:
                connection.execute("DELETE FROM quoted WHERE turn = ?", (turn,))
                connection.executemany(
                    "INSERT INTO quoted VALUES (?, ?)", ((turn, key) for key in documents)
                )
                connection.execute("DELETE FROM feedback WHERE turn = ?", (turn,))

    def drop(self, turn: int) -> None:
        """Deletes one turn."""
        with self._file.transaction() as connection:
            connection.execute("DELETE FROM turns WHERE id = ?", (turn,))
            self._file.note_deletion(connection)
        self._file.sweep()

    def turns(self, conversation: str, last: int = _ALL) -> list[KeptTurn]:
        """Returns the turns of a conversation, oldest first; with `last` only so many."""
        return self._turns("t.conversation = ?", (conversation,), last)

    def of_turn(self, turn: int) -> str | None:
        """Returns the id of the conversation that a turn belongs to; None where it is gone."""
        kept = self._turns("t.id = ?", (turn,), 1)
        return kept[0].conversation if kept else None

    def count(self, conversation: str) -> int:
        """Returns the number of turns of a conversation."""
        found = self._list("c.id = ?", (conversation,))
        return found[0].turns if found else 0

    def forget_documents(self, documents: Iterable[int]) -> int:
        """Erases the answers that hold text of these documents; returns how many.

        The questions stay. To be called before the documents go: a kill in between loses answers,
        and leaves no text that was to be removed.
        """
        with self._file.reading() as connection:
            if connection is None:
                return 0
        with self._file.transaction() as connection:
            self._file.note_deletion(connection)
            erased = connection.execute(
                """UPDATE turns SET state = ?, answer = '', words = '' WHERE id IN (
                SELECT turn FROM quoted WHERE document IN (SELECT value FROM json_each(?)))""",
                (TurnState.ERASED, list(documents)),
            ).rowcount
            connection.execute(
                "DELETE FROM quoted WHERE turn IN (SELECT id FROM turns WHERE state = ?)",
                (TurnState.ERASED,),
            )
        self._file.sweep()
        return int(erased)

    # --- feedback ---

    def rate(self, turn: int, feedback: Feedback | None) -> None:
        """Keeps what a person thinks of an answer; None takes it back."""
        with self._file.transaction() as connection:
            connection.execute("DELETE FROM feedback WHERE turn = ?", (turn,))
            if feedback is None:
                return
            connection.execute(
                f"INSERT INTO feedback (turn, {_FEEDBACK}) VALUES (?, ?, ?, ?, ?)",  # noqa: S608
                (turn, int(feedback.good), feedback.reason, feedback.right_answer, time.time()),
            )

    def rated(self) -> list[KeptTurn]:
        """Returns all turns that a person has judged, the last judged first."""
        rated = self._turns("f.turn IS NOT NULL", (), _ALL)
        return sorted(rated, key=lambda turn: -(turn.feedback.at if turn.feedback else 0))

    def judged(self) -> list[bool]:
        """Returns of each judged turn whether its answer was found good."""
        with self._file.reading() as connection:
            rows = connection.execute("SELECT good FROM feedback") if connection else ()
            return [bool(row[0]) for row in rows]

    def questions(self) -> list[dict[str, Any]]:
        """Returns the judged answers as questions of an evaluation set, those that can be used."""
        return questions.as_rows(self.rated(), self.turns)

    def copy_from(self, other: Conversations) -> None:
        """Takes over all that another library has kept, where nothing is kept here yet."""
        with other._file.reading() as source:
            if source is None or self._list("TRUE", ()):
                return
            with self._file.transaction() as connection:
                for table in ("conversations", "turns", "quoted", "feedback", "usage"):
                    rows = source.execute(f"SELECT * FROM {table}")  # noqa: S608
                    insert(connection, table, list(rows))
                self._file.give_higher_ids()

    # --- helpers ---

    def _update(self, change: str, value: str, conversation: str) -> None:
        with self._file.transaction() as connection:
            connection.execute(
                f"UPDATE conversations SET {change} WHERE id = ?",  # noqa: S608
                (value, conversation),
            )

    def _list(self, condition: str, values: Sequence[str | float]) -> list[Conversation]:
        query = f"""SELECT c.*, (SELECT count(*) FROM turns t WHERE t.conversation = c.id) AS count
            FROM conversations c WHERE {condition}
            ORDER BY c.changed DESC"""  # noqa: S608
        with self._file.reading() as connection:
            if connection is None:
                return []
            return [_conversation(row) for row in connection.execute(query, tuple(values))]

    def _turns(self, condition: str, values: Sequence[str | int], last: int) -> list[KeptTurn]:
        query = f"""SELECT t.*, {_FEEDBACK} FROM turns t LEFT JOIN feedback f ON f.turn = t.id
            WHERE {condition} ORDER BY t.id DESC LIMIT ?"""  # noqa: S608
        with self._file.reading() as connection:
            rows = connection.execute(query, (*values, last)) if connection else ()
            return [_turn(row) for row in rows][::-1]


def title_of(question: str) -> str:
    """Returns a question on one line, cut at a word."""
    line = " ".join(question.split())
    if len(line) <= TITLE:
        return line
    return line[:TITLE].rsplit(" ", 1)[0] + "…"


def _conversation(row: Any) -> Conversation:
    scope = answer_json.load(Filters, row["scope"])
    return Conversation(row["id"], row["title"], row["changed"], row["count"], scope, row["owner"])


def _turn(row: Any) -> KeptTurn:
    kept = KeptTurn(
        row["id"], row["conversation"], row["question"], row["asked"], TurnState(row["state"])
    )
    if row["good"] is not None:
        judged = Feedback(bool(row["good"]), row["reason"], row["right_answer"], row["at"])
        kept = replace(kept, feedback=judged)
    try:
        answer = answer_json.load_answer(row["answer"]) if row["answer"] else None
    except ValueError:  # a bit has flipped, or it is of a version that this one cannot read
        return replace(kept, state=TurnState.ASKED)
    return replace(kept, answer=answer)
