"""GGUF files as llama.cpp's converters lay them out, small and not of a real model."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

METADATA: Mapping[str, object] = {
    "general.architecture": "llama",
    "general.license": "apache-2.0",
    "llama.context_length": 2048,
    "llama.block_count": 2,
    "llama.embedding_length": 64,
    "llama.attention.head_count": 4,
    "llama.attention.head_count_kv": 2,
    "tokenizer.chat_template": "{{ messages[0].content }}",
    "tokenizer.ggml.tokens": [f"word{index}" for index in range(40)],
    "tokenizer.ggml.scores": [0.5] * 40,
}


@dataclass(frozen=True)
class Tensor:
    """One of a file: its lengths, its type by ggml's number, and where it begins."""

    lengths: Sequence[int] = (32, 2)
    kind: int = 8  # Q8_0: 32 weights in 34 bytes
    offset: int = 0
    name: str = "token_embd.weight"


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def value(item: object) -> bytes:
    if isinstance(item, bool):
        return struct.pack("<I?", 7, item)
    if isinstance(item, int):
        return struct.pack("<II", 4, item)
    if isinstance(item, str):
        return struct.pack("<I", 8) + text(item)
    assert isinstance(item, list)
    kind = 8 if isinstance(item[0], str) else 6
    parts = [text(part) if kind == 8 else struct.pack("<f", part) for part in item]
    return struct.pack("<IIQ", 9, kind, len(item)) + b"".join(parts)


def gguf(
    metadata: Mapping[str, object] = METADATA,
    tensors: Sequence[Tensor] = (Tensor(),),
    *,
    version: int = 3,
    data: int = 68,
) -> bytes:
    """The bytes of a file whose tensors take `data` bytes."""
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(metadata))
    head += b"".join(text(key) + value(item) for key, item in metadata.items())
    for tensor in tensors:
        head += text(tensor.name) + struct.pack("<I", len(tensor.lengths))
        head += struct.pack(f"<{len(tensor.lengths)}Q", *tensor.lengths)
        head += struct.pack("<IQ", tensor.kind, tensor.offset)
    return head + bytes(-len(head) % 32) + bytes(data)
