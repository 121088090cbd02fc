"""An answer, or another value of the schema, as JSON and back, by the declared types of its fields.

What a newer version wrote is read as far as this one knows its fields; what an older one wrote gets
the defaults of the fields that it lacks.
"""

from __future__ import annotations

import base64
import collections.abc
import json
import types
import typing
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import PurePath
from typing import Any, TypeVar

from rag.schema import Answer

T = TypeVar("T")

_MANY = (tuple, list, collections.abc.Sequence, collections.abc.Iterable)
_PLAIN: dict[type, tuple[type, ...]] = {
    str: (str,),
    int: (int,),
    float: (int, float),
    bool: (bool,),
}
_LEFT_OUT = {"vector"}  # of a question: only the search of that moment needs it


def dump(value: Any) -> str:
    """Returns a value of the schema as one line of JSON."""
    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))


def load_answer(text: str) -> Answer:
    """Returns the answer that was dumped. Raises ValueError for what is none."""
    return load(Answer, text)


def load(kind: type[T], text: str) -> T:
    """Returns the dumped value of a dataclass. Raises ValueError for what is none."""
    return typing.cast(T, read(kind, json.loads(text)))


def plain(value: Any) -> Any:
    """Returns what JSON can hold; fields with their default value are left out.

    Bytes become text in base64, paths text.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {
            item.name: plain(given)
            for item in fields(value)
            if item.name not in _LEFT_OUT
            and ((given := getattr(value, item.name)) != item.default or item.default is MISSING)
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, collections.abc.Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return str(value) if isinstance(value, PurePath) else value


def read(kind: Any, value: Any) -> Any:
    """Returns a value of a declared type that `plain` gave. Raises ValueError for another one."""
    try:
        return _read(kind, value)
    except (TypeError, KeyError, IndexError, AttributeError) as error:
        raise ValueError(f"no {getattr(kind, '__name__', kind)}: {error}") from error


def _read(kind: Any, value: Any) -> Any:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        known = [option for option in arguments if option is not type(None)]
        return None if value is None else _read(known[0], value)
    if origin is tuple and arguments[-1] is not Ellipsis:
        return tuple(_read(part, item) for part, item in zip(arguments, value, strict=True))
    if origin in _MANY:
        items = (_read(arguments[0], item) for item in _listed(value))
        return list(items) if origin is list else tuple(items)
    if origin in (dict, collections.abc.Mapping):
        return {_read_key(arguments[0], key): _read(arguments[1], value[key]) for key in value}
    if isinstance(kind, type):
        return _read_type(kind, value)
    return value


def _read_type(kind: type, value: Any) -> Any:
    if is_dataclass(kind):
        if not isinstance(value, dict):
            raise ValueError(f"{type(value).__name__} in the place of {kind.__name__}")
        hints = _hints(kind)
        return kind(**{name: _read(hints[name], value[name]) for name in hints if name in value})
    if issubclass(kind, (Enum, PurePath)):
        return kind(value)
    if kind is bytes:
        return base64.b64decode(value)
    if kind in _PLAIN and not isinstance(value, _PLAIN[kind]):
        raise ValueError(f"{type(value).__name__} in the place of {kind.__name__}")
    return value


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{type(value).__name__} in the place of a list")
    return value


def _read_key(kind: Any, key: str) -> Any:
    return int(key) if kind is int else key


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
