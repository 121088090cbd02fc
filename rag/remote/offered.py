"""The methods of a library that may be called over a server: their names are those of the code.

Arguments and results travel as JSON by the types that the methods declare (`answer_json`). What a
caller may see of a result is the server's to decide.
"""

from __future__ import annotations

import inspect
import json
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rag.conversations import Conversations, answer_json
from rag.conversations.usage import UsageLog
from rag.indexing.originals import Originals
from rag.library import Library
from rag.schema import Answer, Citation, Feedback, Filters, Note
from rag.storage.collections import Collections

Json = Any
Method = Callable[..., Any]

READING: tuple[Method, ...] = (
    Library.documents,
    Library.files,
    Library.fits,
    Library.document,
    Library.notes,
    Library.search,
    Library.status,
    Originals.path,
    Originals.page,
    Originals.cited,
    Originals.content,
    Collections.names,
    Collections.of_documents,
    Collections.named,
    Conversations.begin,
    Conversations.get,
    Conversations.all,
    Conversations.rename,
    Conversations.set_scope,
    Conversations.delete,
    Conversations.ask,
    Conversations.answer,
    Conversations.drop,
    Conversations.turns,
    Conversations.count,
    Conversations.rate,
)
"""For everybody who may read some of the library: of it they see what they may read."""

CHANGING: tuple[Method, ...] = (
    Library.remove,
    Collections.add,
    Collections.take_out,
    Collections.rename,
    Collections.delete,
    Conversations.rename_collection,
)
"""For who may write and read all of it."""

WATCHING: tuple[Method, ...] = (Conversations.rated, Conversations.questions, UsageLog.since)
"""Of everybody's questions: for administrators."""

OFFERED: Mapping[str, Method] = {
    method.__qualname__: method for method in (*READING, *CHANGING, *WATCHING)
}

_NAMES = {
    **{kind.__name__: kind for kind in (Answer, Citation, Feedback, Filters, Note, Path)},
    "Any": Any,
}


@dataclass(frozen=True, slots=True)
class Shape:
    """The declared types of a method: of its arguments by name, in their order, and its result."""

    arguments: Mapping[str, Any]
    result: Any

    def bound(self, given: tuple[Any, ...], named: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the arguments of a call by name."""
        return {**dict(zip(self.arguments, given, strict=False)), **named}


@cache
def shape(method: Method) -> Shape:
    """Returns the declared types of an offered method."""
    hints = typing.get_type_hints(method, localns=_NAMES)
    names = [name for name in inspect.signature(method).parameters if name != "self"]
    return Shape({name: hints[name] for name in names}, hints["return"])


def packed(arguments: Mapping[str, Any]) -> dict[str, Json]:
    """Returns arguments as they travel."""
    return {name: answer_json.plain(value) for name, value in arguments.items()}


def unpacked(method: Method, arguments: Mapping[str, Json]) -> dict[str, Any]:
    """Returns the arguments that travelled. Raises ValueError for what the method does not take."""
    json.dumps(arguments, ensure_ascii=False).encode()  # a lone surrogate is a ValueError
    types = shape(method).arguments
    required = {
        name
        for name, parameter in inspect.signature(method).parameters.items()
        if parameter.default is parameter.empty and name != "self"
    }
    if unknown := arguments.keys() - types.keys():
        raise ValueError(f"{method.__qualname__} takes no {', '.join(sorted(unknown))}")
    if missing := required - arguments.keys():
        raise ValueError(f"{method.__qualname__} needs {', '.join(sorted(missing))}")
    return {name: answer_json.read(types[name], value) for name, value in arguments.items()}
