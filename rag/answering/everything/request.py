"""Which questions want every passage on a subject, and what exactly they want of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from rag.schema import AnswerType, Question
from rag.text.everything import EVERYTHING, EverythingData

_CLOSING = " ?!.,;:«»\"“”'"
_LONGEST = 200  # characters of a question: a longer one explains something


class Way(StrEnum):
    """How a passage must say what is asked for."""

    HOLDS = "holds"  # it names the subject
    ABOUT = "about"  # or stands under a heading that does
    SAYS = "says"  # it makes a statement


@dataclass(frozen=True, slots=True)
class Request:
    """Everything on `topic`: the documents that have it, or its passages."""

    topic: str
    way: Way
    documents: bool
    counts: bool = False
    without: bool = False
    """Whether the documents that do not have it are wanted."""
    label: str = ""
    """What is wanted, in the words of the question."""
    among: str = ""
    """The word for the kind of documents that is meant; «» for all."""
    kind: AnswerType | None = None
    """The kind of thing whose every instance is wanted; `topic` may then be empty."""

    @property
    def exhaustive(self) -> bool:
        """Tells whether every passage counts: «documents about X» may be known by their titles."""
        return not (self.documents and self.way is Way.ABOUT)


def everything_asked(question: Question) -> Request | None:
    """Returns what is wanted, where a question wants every passage; else None."""
    words, text = EVERYTHING[question.language], question.standalone.strip("¿¡ ")
    if len(text) > _LONGEST:
        return None
    if request := _of_kind(text, words):
        return request
    for pattern in words.asks:
        if found := re.fullmatch(pattern, text.rstrip(_CLOSING), re.IGNORECASE):
            return _request(found.groupdict(), text, words)
    return None


def _request(found: dict[str, str | None], text: str, words: EverythingData) -> Request | None:
    topic = _topic(found["topic"] or "", words)
    if not any(map(str.isalnum, topic)):
        return None
    ways = (way for way in Way if found.get(way))
    among = found.get("among") or ""
    of_any_kind = re.fullmatch(words.any_documents, among, re.IGNORECASE) is not None
    return Request(
        topic,
        next(ways, Way.HOLDS),
        documents=bool(among),
        counts=re.match(words.counts, text, re.IGNORECASE) is not None,
        without=bool(found.get("no")),
        label=topic,
        among="" if of_any_kind else among,
    )


def _of_kind(text: str, words: EverythingData) -> Request | None:
    for kind, name in words.kinds.items():
        pattern = words.asks_kind.replace("{kinds}", name)
        if found := re.fullmatch(pattern, text, re.IGNORECASE):
            topic = _topic(found["topic"] or "", words)
            label = text[found.start("kind") : found.end("topic" if topic else "kind")]
            return Request(topic, Way.ABOUT, documents=False, label=label, kind=kind)
    return None


def _topic(text: str, words: EverythingData) -> str:
    """Returns the subject without its article and without «in my documents»."""
    bare = re.sub(words.scope, "", text.strip(_CLOSING), flags=re.IGNORECASE)
    opening = re.match(words.before_topic, bare, re.IGNORECASE)
    return bare[opening.end() if opening else 0 :].strip(_CLOSING)
