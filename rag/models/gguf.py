"""The header of a GGUF file: read and held to its form before any library opens the file.

The layout is that of ggml's `docs/gguf.md`, versions 2 and 3, little-endian: magic, version, counts
of tensors and of metadata, the metadata, one description a tensor, and the tensors' bytes.
llama.cpp reads it in C++; a size or an offset that leads out of the file is refused here.
"""

from __future__ import annotations

import io
import math
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.models.files import BadFile, opened
from rag.schema import Outcome

SUFFIX = ".gguf"
_PART = re.compile(r"(.+)-(\d{5})-of-(\d{5})\.gguf")
_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_SCALARS = dict(zip((0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12), "BbHhIif?Qqd", strict=True))
_STRING, _ARRAY = 8, 9
_MOST_KEYS, _MOST_TENSORS, _MOST_ITEMS = 10_000, 100_000, 4_000_000
_MOST_NAME, _MOST_TEXT = 256, 4_000_000  # bytes; the longest templates have 30,000
_MOST_HEADER = 256_000_000  # bytes of metadata: vocabularies of a million words have 20 millions
_KEPT_ITEMS = 16  # of an array that is kept; vocabularies are walked over
_DIMENSIONS = 4
_ALIGNMENT = 32
_BLOCKS = {
    # ggml's number of a type: (weights in a block, bytes of a block)
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
    9: (32, 36), 10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210),
    15: (256, 292), 16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18),
    21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8),
    28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Header:
    """What a GGUF file says of the model in it."""

    metadata: Mapping[str, Any]  # scalars, texts and short arrays
    parameters: int

    @property
    def architecture(self) -> str:
        """Returns the family of the network, such as «llama» or «qwen2»."""
        return str(self.metadata.get("general.architecture", ""))

    @property
    def template(self) -> str:
        """Returns the chat template; "" for a model without one."""
        return str(self.metadata.get("tokenizer.chat_template", ""))

    @property
    def window(self) -> int:
        """Returns the tokens that it was trained to read; 0 where it does not say."""
        return self._number("context_length")

    @property
    def licence(self) -> str:
        """Returns the licence as the file states it; "" where it does not."""
        return str(self.metadata.get("general.license", ""))

    def cache_bytes(self, tokens: int) -> int:
        """Returns the bytes that the keys and values of `tokens` tokens take in 16 bits."""
        heads = self._number("attention.head_count") or 1
        width = self._number("embedding_length")
        kept = self._number("attention.head_count_kv") or heads
        key = self._number("attention.key_length") or width // heads
        value = self._number("attention.value_length") or width // heads
        return 2 * self._number("block_count") * kept * (key + value) * tokens

    def _number(self, name: str) -> int:
        value = self.metadata.get(f"{self.architecture}.{name}", 0)
        if isinstance(value, tuple):  # some models have a number a layer
            value = max(value, default=0)
        return value if isinstance(value, int) else 0


def parts_of(path: Path) -> list[Path]:
    """Returns the files of a model whose first file this is: large ones come in several.

    Raises BadFile for a file that is not the first.
    """
    found = _PART.fullmatch(path.name)
    if found is None:
        return [path]
    stem, number, count = found.groups()
    if int(number) != 1:
        raise BadFile(f"{path.name} is not the first part: take {stem}-00001-of-{count}{SUFFIX}")
    names = (f"{stem}-{index:05}-of-{count}{SUFFIX}" for index in range(1, int(count) + 1))
    return [path.with_name(name) for name in names]


def read_header(path: Path) -> Header:
    """Reads and checks the header. Raises BadFile for what is no sound GGUF file."""
    with opened(path) as stream:
        size = stream.seek(0, io.SEEK_END)
        stream.seek(0)
        reader = _Reader(stream, min(size, _MOST_HEADER))
        if reader.take(4) != _MAGIC:
            raise BadFile(f"{path.name} is no GGUF file")
        version = reader.number("I")
        if version not in _VERSIONS:
            kinds = "GGUF 2 and 3, little-endian"
            raise BadFile(f"{path.name} is of a version unknown here ({kinds} are read)")
        tensors = reader.count(_MOST_TENSORS, "tensors")
        keys = reader.count(_MOST_KEYS, "entries")
        metadata = dict(_entry(reader) for _ in range(keys))
        shapes = [_tensor(reader) for _ in range(tensors)]
    _check_room(path, metadata, shapes, reader.position, size)
    header = Header(metadata, sum(weights for weights, _, _ in shapes))
    if not tensors or not (header.architecture or metadata.get("split.no")):
        raise BadFile(f"{path.name} holds no model")
    return header


class _Reader:
    """Reads numbers and texts, never past `end`."""

    def __init__(self, stream: io.BufferedReader, end: int) -> None:
        self._stream = stream
        self._end = end
        self.position = 0

    def take(self, count: int) -> bytes:
        self.position += count
        content = self._stream.read(count) if self.position <= self._end else b""
        if len(content) < count:
            raise BadFile("its header ends too early, or is too long", Outcome.TOO_LARGE)
        return content

    def number(self, form: str) -> Any:
        return struct.unpack(f"<{form}", self.take(struct.calcsize(f"<{form}")))[0]

    def count(self, most: int, what: str) -> int:
        found = int(self.number("Q"))
        if found > most:
            raise BadFile(f"its header states {found} {what}", Outcome.TOO_LARGE)
        return found

    def text(self, most: int) -> str:
        return self.take(self.count(most, "bytes of one text")).decode("utf-8", "replace")

    def value(self, kind: int) -> Any:
        if kind == _STRING:
            return self.text(_MOST_TEXT)
        if kind == _ARRAY:
            return self._array()
        if kind not in _SCALARS:
            raise BadFile(f"its header holds a value of an unknown kind ({kind})")
        return self.number(_SCALARS[kind])

    def _array(self) -> tuple[Any, ...]:
        """Returns the items of a short array, and none of a long one. Nothing nests."""
        kind, count = self.number("I"), self.count(_MOST_ITEMS, "items of one list")
        if kind == _ARRAY:
            raise BadFile("its header holds lists of lists", Outcome.BOMB)
        if kind != _STRING and count > _KEPT_ITEMS:
            if kind not in _SCALARS:
                raise BadFile(f"its header holds a value of an unknown kind ({kind})")
            self.take(count * struct.calcsize(f"<{_SCALARS[kind]}"))
            return ()
        if count > _KEPT_ITEMS:
            self._skip_texts(count)
            return ()
        return tuple(self.value(kind) for _ in range(count))

    def _skip_texts(self, count: int) -> None:
        """Walks over a vocabulary, which holds most of a header."""
        for _ in range(count):
            self.take(self.count(_MOST_TEXT, "bytes of one text"))


def _entry(reader: _Reader) -> tuple[str, Any]:
    key = reader.text(_MOST_NAME)
    return key, reader.value(reader.number("I"))


def _tensor(reader: _Reader) -> tuple[int, int, int]:
    """Returns the weights of a tensor, its bytes and where they begin."""
    name = reader.text(_MOST_NAME)
    dimensions = reader.number("I")
    if not 0 < dimensions <= _DIMENSIONS:
        raise BadFile(f"tensor «{name}» has {dimensions} dimensions")
    lengths = [int(reader.number("Q")) for _ in range(dimensions)]
    kind, offset = reader.number("I"), int(reader.number("Q"))
    if kind not in _BLOCKS:
        raise BadFile(f"tensor «{name}» is of a type unknown here ({kind})")
    block, width = _BLOCKS[kind]
    weights = math.prod(lengths)
    if not weights or lengths[0] % block:
        raise BadFile(f"tensor «{name}» has a shape that its type does not allow")
    return weights, weights // block * width, offset


def _check_room(
    path: Path,
    metadata: Mapping[str, Any],
    shapes: list[tuple[int, int, int]],
    header: int,
    size: int,
) -> None:
    """Raises BadFile where tensors overlap or lie outside the file."""
    alignment = metadata.get("general.alignment", _ALIGNMENT)
    if not isinstance(alignment, int) or not 0 < alignment <= 65_536 or alignment % 8:
        raise BadFile(f"{path.name} states an alignment of {alignment!r}")
    start, end = -(-header // alignment) * alignment, 0
    for _, count, offset in sorted(shapes, key=lambda shape: shape[2]):
        if offset < end or offset % alignment:
            raise BadFile(f"tensors of {path.name} overlap")
        end = offset + count
    if start + end > size:
        missing = f"{(start + end) / 1e6:.0f} MB are stated, {size / 1e6:.0f} are there"
        raise BadFile(f"{path.name} is cut short: {missing}")
