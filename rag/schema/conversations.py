"""What is kept of the questions that people ask: conversations, their turns, feedback, usage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rag.schema.answers import Answer
from rag.schema.questions import Filters


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as lists show it. Times are seconds since 1970."""

    id: str
    title: str
    changed: float
    turns: int = 0
    scope: Filters = field(default_factory=Filters)
    owner: str = ""  # the user of a server that asks; "" where the library's owner does


class TurnState(StrEnum):
    """What became of a question."""

    ASKED = "asked"  # nothing has come of it: it is being answered, or the process has died
    ANSWERED = "answered"
    CUT = "cut"  # stopped while a language model wrote: what it had written is the answer
    ERASED = "erased"  # its answer quoted a document that was removed since


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a person thinks of an answer. `right_answer` is theirs, where they know one."""

    good: bool
    reason: str = ""
    right_answer: str = ""
    at: float = 0.0  # seconds since 1970


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A question with its answer, as they are kept."""

    id: int
    conversation: str
    question: str
    asked: float
    state: TurnState
    answer: Answer | None = None
    feedback: Feedback | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """One answered question without a word of it, for monitoring."""

    at: float
    found: bool
    language: str
    model: str
    seconds: Mapping[str, float]
