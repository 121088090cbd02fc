"""An answer as JSON and back, by the declared types of its fields.

What a newer version wrote is read as far as this one knows its fields; what an older one wrote gets
the defaults of the fields that it lacks.
"""

from __future__ import annotations

import collections.abc
import json
import types
import typing
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from rag.schema import Answer

T = TypeVar("T")

_LEFT_OUT = {"vector"}  # of a question: only the search of that moment needs it


def dump(value: Any) -> str:
    """Returns a value of the schema as one line of JSON."""
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))


def load_answer(text: str) -> Answer:
    """Returns the answer that was dumped. Raises ValueError for what is none."""
    return load(Answer, text)


def load(kind: type[T], text: str) -> T:
    """Returns the dumped value of a dataclass. Raises ValueError for what is none."""
    try:
        return typing.cast(T, _read(kind, json.loads(text)))
    except (TypeError, KeyError, IndexError, AttributeError) as error:
        raise ValueError(f"no {kind.__name__} is kept there") from error


def _plain(value: Any) -> Any:
    """Returns what JSON can hold; fields with their default value are left out."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            item.name: _plain(given)
            for item in fields(value)
            if item.name not in _LEFT_OUT
            and ((given := getattr(value, item.name)) != item.default or item.default is MISSING)
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, collections.abc.Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    return value


def _read(kind: Any, value: Any) -> Any:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        known = [option for option in arguments if option is not type(None)]
        return None if value is None else _read(known[0], value)
    if origin is tuple and arguments[-1] is not Ellipsis:
        return tuple(_read(part, item) for part, item in zip(arguments, value, strict=True))
    if origin in (tuple, collections.abc.Sequence):
        return tuple(_read(arguments[0], item) for item in value)
    if origin is collections.abc.Mapping:
        return {key: _read(arguments[1], item) for key, item in value.items()}
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _read(hints[name], value[name]) for name in hints if name in value})
    return kind(value) if isinstance(kind, type) and issubclass(kind, Enum) else value


@cache
def _hints(kind: type) -> dict[str, Any]:
    """Returns the types of a dataclass's fields; those of numpy are not looked up."""
    unknown = {"np": types.SimpleNamespace(float32=float), "NDArray": list}
    hints = typing.get_type_hints(kind, localns=unknown)
    return {
        item.name: hints[item.name]
        for item in fields(kind)
        if item.init and item.name not in _LEFT_OUT
    }
