"""Attention, in one node of onnxruntime where no row of the batch is padded.

That node never writes the table of all tokens against all tokens to memory (FlashAttention: Dao et
al. 2022, arXiv 2205.14135), but takes no mask on a processor. A passage of 400 tokens is a batch
alone and needs none; short rows, which share a batch, go the plain way. Knows nothing about BERT.
"""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

OPSET = 17
_library: Any = torch.library  # half of it has no types
_onnx: Any = torch.onnx
_OWN = _library.Library("fuente", "DEF")
_OWN.define("attention(Tensor query, Tensor key, Tensor value, int heads) -> Tensor")


def _fused(query: Tensor, key: Tensor, value: Tensor, heads: int) -> Tensor:
    batch, length, width = query.shape
    shape = (batch, length, heads, width // heads)
    q, k, v = (part.reshape(shape).transpose(1, 2) for part in (query, key, value))
    mixed = functional.scaled_dot_product_attention(q, k, v, scale=1.0)
    return mixed.transpose(1, 2).reshape(batch, length, width)


def _symbol(g: Any, query: Any, key: Any, value: Any, heads: Any) -> Any:
    node = "com.microsoft::MultiHeadAttention"
    count = int(heads.node().t("value"))  # a constant of the graph
    return g.op(node, query, key, value, num_heads_i=count, scale_f=1.0)


_OWN.impl("attention", _fused, "CompositeImplicitAutograd")
_onnx.register_custom_op_symbolic("fuente::attention", _symbol, OPSET)


def _attend(parts: Tensor, hidden: Tensor, whole: Tensor, heads: int) -> Tensor:
    """Returns (batch, length, width) of `parts` (batch, length, 3 width): query, key and value.

    The query is scaled. `hidden` (batch, 1, 1, length) is added to the weights before the softmax;
    `whole` says that it is zero everywhere. Scripted, not traced: the graph keeps both ways.
    """
    if bool(whole):
        query, key, value = parts.chunk(3, -1)
        mixed: Tensor = torch.ops.fuente.attention(query, key, value, heads)
        return mixed
    batch, length, width = parts.shape
    split = parts.reshape(batch, length, 3, heads, width // 3 // heads).permute(2, 0, 3, 1, 4)
    weights = torch.softmax(split[0] @ split[1].transpose(-1, -2) + hidden, -1)
    return (weights @ split[2]).transpose(1, 2).reshape(batch, length, width // 3)


with warnings.catch_warnings():
    # it goes with torch's older exporter, which says that it is old
    warnings.simplefilter("ignore")
    attend: Any = torch.jit.script(_attend)
