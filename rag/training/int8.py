"""A BERT in int8 that onnxruntime runs fast: the modules, and how a trained model becomes them.

Word vectors are int8 with one scale a row: one scale for the whole table, as generic tools give it,
costs the rare words. Matrix products take int8 weights, one scale a column, and uint8 inputs with
a scale that is fixed beforehand by calibration, not measured at run time over the batch, so that a
text has the same vector alone and in company. Wide channels of the input are first balanced against
their weights (SmoothQuant: Xiao et al. 2023, arXiv 2211.10438, equation 4). Knows nothing about
files.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from rag.training.attention import attend

BALANCE = 0.7  # SmoothQuant's alpha: how much of the difficulty moves into the weights
_TINY = 1e-5


class Int8Table(nn.Module):
    """Rows (size, dimension) in int8, each with its own scale."""

    def __init__(self, rows: Tensor) -> None:
        super().__init__()
        scale = rows.detach().abs().amax(1, keepdim=True).clamp_min(_TINY) / 127
        self.register_buffer("rows", torch.round(rows.detach() / scale).to(torch.int8))
        self.register_buffer("scale", scale)

    def forward(self, ids: Tensor) -> Tensor:
        """Returns the rows of `ids`, float."""
        rows: Any = self.rows
        scale: Any = self.scale
        return functional.embedding(ids, rows).float() * functional.embedding(ids, scale)


class _Int8Product(torch.autograd.Function):
    """One node of onnxruntime: uint8 @ int8, scaled to float, bias added."""

    @staticmethod
    def forward(
        ctx: Any, quantised: Tensor, weight: Tensor, scales: Tensor, zero: Tensor, bias: Tensor
    ) -> Tensor:
        whole = quantised.float() - zero.float()
        return whole @ (weight.float() * scales) + bias

    @staticmethod
    def symbolic(g: Any, quantised: Any, weight: Any, scales: Any, zero: Any, bias: Any) -> Any:
        one = g.op("Constant", value_t=torch.tensor(1.0))
        none = g.op("Constant", value_t=torch.tensor(0, dtype=torch.int8))
        inputs = (quantised, weight, one, scales, zero, none, bias)
        return g.op("com.microsoft::MatMulIntegerToFloat", *inputs).setType(
            bias.type().with_sizes([None, None, None])
        )


class _Quantise(torch.autograd.Function):
    """Rounds and clips to uint8 around a zero point."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, zero: Tensor) -> Tensor:
        return (torch.round(values) + zero).clamp(0, 255).to(torch.uint8)

    @staticmethod
    def symbolic(g: Any, values: Any, zero: Any) -> Any:
        one = g.op("Constant", value_t=torch.tensor(1.0))
        return g.op("QuantizeLinear", values, one, zero)


class Int8Linear(nn.Module):
    """`linear` in int8, for inputs whose channels lie between `low` and `high`."""

    def __init__(self, linear: nn.Linear, low: Tensor, high: Tensor) -> None:
        super().__init__()
        weight = linear.weight.detach()
        widest = torch.maximum(low.abs(), high.abs()).clamp_min(_TINY)
        smooth = widest**BALANCE / weight.abs().amax(0).clamp_min(_TINY) ** (1 - BALANCE)
        least = (low / smooth).min().clamp_max(0.0)
        step = ((high / smooth).max().clamp_min(0.0) - least).clamp_min(_TINY) / 255
        balanced = weight * smooth
        scales = balanced.abs().amax(1).clamp_min(_TINY) / 127
        self.register_buffer("divide", 1 / (smooth * step))
        self.register_buffer("zero", torch.round(-least / step).to(torch.uint8))
        self.register_buffer(
            "weight", torch.round(balanced / scales[:, None]).to(torch.int8).T.contiguous()
        )
        self.register_buffer("scales", scales * step)
        self.register_buffer("bias", linear.bias.detach().clone())

    def forward(self, values: Tensor) -> Tensor:
        """Returns what `linear` gives, within the error of eight bits."""
        divide: Any = self.divide
        quantise: Any = _Quantise.apply
        product: Any = _Int8Product.apply
        quantised = quantise(values * divide, self.zero)
        found: Tensor = product(quantised, self.weight, self.scales, self.zero, self.bias)
        return found


class PlainBert(nn.Module):
    """A transformers BertModel's weights in a graph without branches: few nodes, any shape."""

    def __init__(self, bert: Any) -> None:
        super().__init__()
        words = bert.embeddings
        self.words: nn.Module = words.word_embeddings
        self.positions: nn.Module = words.position_embeddings
        self.kinds = nn.Parameter(words.token_type_embeddings.weight.detach().clone())
        self.norm = words.LayerNorm
        heads = bert.config.num_attention_heads
        self.layers = nn.ModuleList(_Layer(layer, heads) for layer in bert.encoder.layer)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None
    ) -> Any:
        """Returns `last_hidden_state`, shape (batch, length, dimension), as BertModel does."""
        position = torch.arange(input_ids.shape[1], device=input_ids.device)
        kinds = self.kinds[0] if token_type_ids is None else self.kinds[token_type_ids]
        states = self.norm(self.words(input_ids) + self.positions(position) + kinds)
        hidden = (attention_mask[:, None, None, :].float() - 1) * 1e4
        whole = attention_mask.min() > 0
        for layer in self.layers:
            states = layer(states, hidden, whole)
        return SimpleNamespace(last_hidden_state=states)


class _Layer(nn.Module):
    """One layer; query, key and value in one product, the query's scale folded into it."""

    def __init__(self, layer: Any, heads: int) -> None:
        super().__init__()
        attention, output = layer.attention.self, layer.attention.output
        self.heads, width = heads, attention.query.in_features
        shrink = 1 / math.sqrt(width // heads)
        self.inputs = nn.Linear(width, 3 * width)
        parts = (attention.query, attention.key, attention.value)
        scales = (shrink, 1.0, 1.0)
        self.inputs.weight.data = torch.cat(
            [p.weight.data * s for p, s in zip(parts, scales, strict=True)]
        )
        self.inputs.bias.data = torch.cat(
            [p.bias.data * s for p, s in zip(parts, scales, strict=True)]
        )
        self.mixed, self.mixed_norm = output.dense, output.LayerNorm
        self.wide, self.narrow = layer.intermediate.dense, layer.output.dense
        self.norm = layer.output.LayerNorm

    def forward(self, states: Tensor, hidden: Tensor, whole: Tensor) -> Tensor:
        mixed = attend(self.inputs(states), hidden, whole, self.heads)
        states = self.mixed_norm(states + self.mixed(mixed))
        gated = functional.gelu(self.wide(states))
        return self.norm(states + self.narrow(gated))  # type: ignore[no-any-return]


def to_int8(module: nn.Module, examples: Iterable[Mapping[str, Tensor]]) -> nn.Module:
    """Turns the BertModels of `module` into int8, in place. Heads are small and stay float.

    `examples` are the inputs that the scales are measured on: texts of all kinds it will meet.
    """
    from transformers import BertModel

    holder = nn.ModuleDict({"module": module})
    _replace(holder, BertModel, PlainBert)
    module = holder["module"].eval()
    ranges: dict[nn.Linear, tuple[Tensor, Tensor]] = {}
    encoders = [part for part in module.modules() if isinstance(part, PlainBert)]
    products = [p for bert in encoders for p in bert.modules() if isinstance(p, nn.Linear)]
    hooks = [part.register_forward_pre_hook(_observe(ranges)) for part in products]
    with torch.no_grad():
        for inputs in examples:
            module(**inputs)
    for hook in hooks:
        hook.remove()
    for bert in encoders:
        bert.words = Int8Table(bert.words.get_parameter("weight"))
        bert.positions = Int8Table(bert.positions.get_parameter("weight"))
    _replace(module, nn.Linear, lambda old: Int8Linear(old, *ranges[old]) if old in ranges else old)
    return module


def _observe(ranges: dict[nn.Linear, tuple[Tensor, Tensor]]) -> Callable[..., None]:
    def hook(part: nn.Linear, inputs: tuple[Tensor]) -> None:
        rows = inputs[0].detach().reshape(-1, inputs[0].shape[-1])
        low, high = rows.amin(0), rows.amax(0)
        if part in ranges:
            low = torch.minimum(low, ranges[part][0])
            high = torch.maximum(high, ranges[part][1])
        ranges[part] = (low, high)

    return hook


def _replace(module: nn.Module, kind: type, make: Callable[[Any], nn.Module]) -> None:
    for name, child in list(module.named_children()):
        if isinstance(child, kind):
            setattr(module, name, make(child))
        else:
            _replace(child, kind, make)
