"""A question, understood once and passed to everything that needs it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier exchange of a chat."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Filters:
    """Restricts a search before it ranks. Empty tuples do not restrict."""

    paths: tuple[str, ...] = ()  # a file, or a folder and all below it
    languages: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()  # ".pdf"
    since: str = ""  # ISO days between which a file was last changed, both included
    until: str = ""
    readable: tuple[str, ...] | None = None
    """Files and folders that whoever asks may read; None: all, and empty: nothing."""
    collections: tuple[str, ...] = ()  # that hold the document

    def __bool__(self) -> bool:
        return self.readable is not None or any(getattr(self, item.name) for item in fields(self))


@dataclass(frozen=True, slots=True)
class WeightedTerms:
    """The search terms of a text: groups of alternatives, and the weight of each group.

    A group holds the stems of one word and its translations. The weight is the inverse document
    frequency of the group in the library.
    """

    groups: Sequence[Sequence[str]] = ()
    weights: Sequence[float] = ()
    known: float = 0.0
    """Share of the groups that occur anywhere in the library."""

    def covered(self, terms: set[str]) -> float:
        """Returns the share of the weight whose group has a member in `terms`, in [0, 1]."""
        total = sum(self.weights)
        found = sum(
            weight
            for group, weight in zip(self.groups, self.weights, strict=True)
            if not terms.isdisjoint(group)
        )
        return found / total if total else 0.0

    def without(self, idle: Callable[[str], bool]) -> WeightedTerms:
        """Returns the groups whose own stem is not `idle`; all where none would be left."""
        kept = [
            (group, weight)
            for group, weight in zip(self.groups, self.weights, strict=True)
            if not idle(group[0])
        ]
        if not kept:
            return self
        groups, weights = zip(*kept, strict=True)
        return WeightedTerms(groups, weights, self.known)

    def rarest(self, terms: set[str], count: int = 2) -> float:
        """Returns the share of the `count` heaviest groups that have a member in `terms`."""
        order = sorted(range(len(self.groups)), key=lambda index: -self.weights[index])[:count]
        found = [not terms.isdisjoint(self.groups[index]) for index in order]
        return sum(found) / len(found) if found else 0.0

    def share_of(self, terms: Collection[str]) -> float:
        """Returns the share of `terms` that belong to any group; 0 where there are none."""
        if not terms:
            return 0.0
        members = {term for group in self.groups for term in group}
        return len(members.intersection(terms)) / len(set(terms))


class Intent(StrEnum):
    """What kind of answer a question wants."""

    FACT = "fact"
    DEFINITION = "definition"
    LIST = "list"
    STEPS = "steps"
    REASON = "reason"
    COMPARISON = "comparison"
    YES_NO = "yes_no"
    TABLE = "table"  # a value named by two things: «las ventas de mayo en Jaén»
    COMPUTATION = "computation"  # a sum, difference, share, mean, greatest or least
    SUMMARY = "summary"
    LIBRARY = "library"  # about the documents themselves: how many, which ones
    SMALL_TALK = "small_talk"


class AnswerType(StrEnum):
    """What kind of thing is asked for."""

    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"  # of a building
    DATE = "date"
    PERCENT = "percent"
    MONEY = "money"
    TIME = "time"  # how long, how often
    SIZE = "size"  # of memory or files
    AMOUNT = "amount"
    NAME = "name"
    PLACE = "place"
    TEXT = "text"  # anything else


@dataclass(frozen=True, slots=True)
class Subject:
    """What a question is about: an answer must be about the same."""

    names: tuple[str, ...] = ()
    """Names of people, companies, products and places, as written."""
    things: tuple[tuple[str, str], ...] = ()
    """(what a name is the name of, the name), folded: «finca», «la vega»."""
    codes: tuple[str, ...] = ()
    """Identifiers by value (`rag.text.values`): «PPR-9087» and «ppr 9087» are `ppr9087`."""
    years: tuple[int, ...] = ()
    dates: tuple[str, ...] = ()
    """Days by value: `2025-05-05`."""
    units: tuple[str, ...] = ()
    """In which an answer is wanted, as `rag.text.numbers` names them: `minute`, `eur`."""
    negated: bool = False
    absent: tuple[str, ...] = ()
    """Identifiers, as written, that occur nowhere in the library."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. Nothing downstream detects the language or splits words again."""

    text: str
    """As the person wrote it."""
    standalone: str
    """Freed of the conversation before it; the text itself where it needs none."""
    query: str
    """The standalone question without greeting, request and thanks: what is searched."""
    language: str
    terms: WeightedTerms = field(default_factory=WeightedTerms)
    filters: Filters = field(default_factory=Filters)
    intent: Intent = Intent.FACT
    answer_type: AnswerType = AnswerType.TEXT
    subject: Subject = field(default_factory=Subject)
    parts: tuple[Question, ...] = ()
    """The questions that it joins, each standing alone; none where it asks one thing."""
    named: frozenset[str] = frozenset()
    """Search terms of a fragment that leans on the chat, «¿Y la fianza?»: an answer says one."""
    follow_up: bool = False
    """Whether it leans on the conversation before it."""
    vector: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)
    """The vector of `query`, of shape (dimension,); None where no embedder has read it."""
