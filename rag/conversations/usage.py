"""What monitoring is made of: when questions came, how long each stage took; no word of them."""

from __future__ import annotations

import json
import time

from rag.conversations.file import ConversationsFile
from rag.conversations.tables import ConversationsTables
from rag.schema import Answer, Usage

_DAY = 24 * 3600.0


class UsageLog:
    """The answered questions of the last months, as figures."""

    def __init__(self, file: ConversationsFile | ConversationsTables, days: float) -> None:
        """`days`: how long a note is kept; 0: for ever."""
        self._file, self._days = file, days

    def add(self, answer: Answer) -> None:
        """Notes one answer, and forgets those that are too old."""
        self.forget_old()
        now = time.time()
        seconds = {name: round(spent, 4) for name, spent in answer.seconds.items()}
        with self._file.transaction() as connection:
            connection.execute(
                "INSERT INTO usage (at, found, language, model, seconds) VALUES (?, ?, ?, ?, ?)",
                (
                    now,
                    int(answer.found),
                    answer.question.language,
                    answer.model,
                    json.dumps(seconds),
                ),
            )

    def forget_old(self) -> int:
        """Forgets the notes that are older than is kept; returns how many."""
        if self._days <= 0:
            return 0
        with self._file.transaction() as connection:
            limit = time.time() - self._days * _DAY
            return connection.execute("DELETE FROM usage WHERE at < ?", (limit,)).rowcount

    def since(self, at: float) -> list[Usage]:
        """Returns the answers from a time on, oldest first."""
        query = "SELECT at, found, language, model, seconds FROM usage WHERE at >= ? ORDER BY at"
        with self._file.reading() as connection:
            rows = connection.execute(query, (at,)) if connection else ()
            return [
                Usage(when, bool(found), language, model, json.loads(seconds))
                for when, found, language, model, seconds in rows
            ]
