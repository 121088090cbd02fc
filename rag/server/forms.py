"""The bodies of requests, held to their form and size by pydantic, and the JSON of answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from rag import json_output
from rag.schema import Filters, Turn

Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
_MOST_TURNS = 50
_MOST_EMBEDDED = 100_000  # characters of a text whose vector is asked for


class Json(Response):
    """An answer with the JSON of the command line, in which a lone surrogate is escaped."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Returns the value as bytes."""
        return json_output.dump(content).encode()


class Form(BaseModel):
    """A body that holds what its fields name, and nothing else."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"additionalProperties": False})


class Exchange(Form):
    """An earlier question with its answer."""

    question: Text
    answer: Annotated[str, StringConstraints(max_length=100_000)]


class Limits(Form):
    """Restricts the search: to files and folders as the library shows them, and the like."""

    only: list[Text] = Field(default_factory=list, max_length=1000)
    languages: list[Literal["es", "en"]] = Field(default_factory=list, max_length=2)
    collections: list[Text] = Field(default_factory=list, max_length=1000)

    def filters(self) -> Filters:
        """Returns them as the library takes them."""
        return Filters(
            paths=tuple(self.only),
            languages=tuple(self.languages),
            collections=tuple(self.collections),
        )


class Ask(Limits):
    """A question, the chat before it, and whether the answer comes as events."""

    question: Text
    history: list[Exchange] = Field(default_factory=list, max_length=_MOST_TURNS)
    stream: bool = False
    conversation: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None

    def turns(self) -> list[Turn]:
        """Returns the chat as the library takes it."""
        return [Turn(turn.question, turn.answer) for turn in self.history]


class Search(Limits):
    """Words to look for, and how many passages to give."""

    query: Text
    k: Annotated[int, Field(ge=1, le=1000)] = 10


class Remove(Form):
    """Files or folders to take out of the library."""

    paths: list[Text] = Field(min_length=1, max_length=1000)


class Title(Form):
    """Another title of a conversation."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class Judgement(Form):
    """What a person thinks of an answer, and the right one where they know it."""

    good: bool
    reason: Annotated[str, StringConstraints(max_length=10_000)] = ""
    right_answer: Annotated[str, StringConstraints(max_length=10_000)] = ""


class ChatMessage(BaseModel):
    """A message of the OpenAI protocol; what Fuente does not use is ignored."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[dict[str, object]] | None = None

    def text(self) -> str:
        """Returns its words; pictures and sounds say nothing here."""
        if isinstance(self.content, list):
            parts = (str(part.get("text", "")) for part in self.content)
            return "\n".join(part for part in parts if part)
        return self.content or ""


class EmbeddingRequest(BaseModel):
    """A request for vectors of texts, of the OpenAI protocol; tokens instead of texts are none."""

    model: str = ""
    input: (
        Annotated[str, StringConstraints(min_length=1, max_length=_MOST_EMBEDDED)]
        | Annotated[
            list[Annotated[str, StringConstraints(max_length=_MOST_EMBEDDED)]],
            Field(min_length=1, max_length=256),
        ]
    )
    encoding_format: Literal["float", "base64"] = "float"


class ChatRequest(BaseModel):
    """A request for a chat completion of the OpenAI protocol."""

    model: str = ""
    messages: list[ChatMessage] = Field(min_length=1, max_length=2 * _MOST_TURNS + 2)
    stream: bool = False
