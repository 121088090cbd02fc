"""What the JSON files of a model may say, before any library believes them.

Keys that ask for code, modules and paths of elsewhere, numbers that are none, and sizes for which
there are no weights: each is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from rag.models.files import BadFile
from rag.schema import Outcome

_LAYERS = ("num_hidden_layers", "n_layer", "num_layers", "n_layers")
_HEADS = ("num_attention_heads", "n_head", "num_heads")
_WIDTHS = ("hidden_size", "n_embd", "d_model", "dim")
_INNER = ("intermediate_size", "n_inner", "d_ff", "ffn_dim", "hidden_dim")
_EXPERTS = ("num_local_experts", "num_experts", "n_routed_experts")
_POSITIONS = ("max_position_embeddings", "n_positions")
_MOST = {
    **dict.fromkeys(_LAYERS, 10_000),
    **dict.fromkeys((*_HEADS, "num_key_value_heads", *_EXPERTS), 100_000),
    **dict.fromkeys((*_WIDTHS, *_INNER, "moe_intermediate_size", "head_dim"), 10_000_000),
    **dict.fromkeys(("in_features", "out_features"), 10_000_000),
    **dict.fromkeys(("vocab_size", "type_vocab_size"), 100_000_000),
    **dict.fromkeys(_POSITIONS, 10**10),
}
"""More than any published model has: beyond it a number is a fault or an attack."""

_PARAMETERS_A_BYTE, _FREE = 4, 64_000_000
"""No format packs more parameters into a byte of weights; tiny models are not worth counting."""

_REFUSED_KEYS = frozenset(
    """auto_map custom_code custom_pipelines use_kernels kernel_config
    trust_remote_code""".split()
)
_ACTIVATIONS = ("activation_function", "activation_fn", "act_fn", "hidden_act")
_ACTIVATION = re.compile(r"[\w-]+|torch\.nn(\.modules)?(\.[a-z_]+)?\.[A-Z]\w*")
_MODULE = re.compile(
    r"sentence_transformers(\.\w+)*\.(Transformer|Pooling|Normalize|Dense|LayerNorm|Dropout|"
    r"StaticEmbedding|WeightedLayerPooling)"
)


def check_json(name: str, data: Any) -> None:
    """Raises BadFile for JSON that asks for code or for files elsewhere. `name`: of its file."""
    if name == "adapter_config.json":
        raise BadFile("it is an adapter to another model, and no whole one", Outcome.UNSUPPORTED)
    if name == "modules.json":
        _check_modules(data)
    elif name.endswith(".index.json"):
        _check_index(name, data)
    elif "config" in name:
        for key, value in _pairs(data):
            _check_pair(name, key, value)
    elif isinstance(data, dict) and any(data.get(key) for key in _REFUSED_KEYS):
        raise BadFile(f"{name} asks to run code from the folder", Outcome.UNSUPPORTED)


def check_config(name: str, data: Any) -> None:
    """Raises BadFile for a model's own configuration of a wrong form, the keys it has typed."""
    if not isinstance(data, dict):
        raise BadFile(f"{name} holds no table of settings")
    inner = data.get("text_config")
    if inner is not None and not isinstance(inner, dict):
        raise BadFile(f"{name}: text_config is no table of settings")
    for table in (data, inner or {}):
        for key, most in _MOST.items():
            _check_number(name, key, table.get(key), most)


def check_size(config: Mapping[str, Any], weights: int) -> None:
    """Raises BadFile where a checked `config` has more parameters than `weights` bytes can hold."""
    table = _language_model(config)
    width = _number(table, *_WIDTHS)
    heads = _number(table, *_HEADS) * _number(table, "head_dim")
    experts = _number(table, *_EXPERTS) * _number(table, "moe_intermediate_size")
    layer = max(width, heads) + _number(table, *_INNER) + experts
    rows = _number(table, "vocab_size") + _number(table, "type_vocab_size")
    rows += _number(table, *_POSITIONS) + _number(table, *_LAYERS) * layer
    needed = width * rows + _number(table, "in_features") * _number(table, "out_features")
    if weights and needed > _PARAMETERS_A_BYTE * weights + _FREE:
        raise BadFile(
            f"config.json declares {needed / 1e9:.1f} billion parameters and more, the weights "
            f"have {weights / 1e6:.1f} MB",
            Outcome.BOMB,
        )


def cache_width(config: Mapping[str, Any]) -> float:
    """Returns how many keys a token has in all layers together, by a checked `config`."""
    table = _language_model(config)
    heads = _number(table, *_HEADS)
    width = _number(table, "head_dim") or _number(table, *_WIDTHS) / max(heads, 1)
    return _number(table, *_LAYERS) * (_number(table, "num_key_value_heads") or heads) * width


def _language_model(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns the settings of the language model, which others may wrap."""
    found: Mapping[str, Any] = config.get("text_config") or config
    return found


def _check_number(name: str, key: str, value: Any, most: int) -> None:
    """Raises BadFile for what is neither left out, nor a whole number, nor a list of them."""
    numbers = value if isinstance(value, list) else [] if value is None else [value]
    for number in numbers:
        real = isinstance(number, int | float) and not isinstance(number, bool)
        if not real or number != number or abs(number) > most or number != int(number):
            shown = repr(number)[:60]
            raise BadFile(f"{name}: {key} is {shown}, expected a whole number up to {most:,}")
        if number < 0:
            raise BadFile(f"{name}: {key} is {number}, expected no negative number")


def _number(table: Mapping[str, Any], *keys: str) -> int:
    """Returns the first of the keys that is said, the largest of a list; 0 where there is none."""
    for key in keys:
        value = table.get(key)
        if largest := max(value, default=0) if isinstance(value, list) else value:
            return int(largest)
    return 0


def _pairs(data: Any) -> Iterator[tuple[str, Any]]:
    """Gives all key-value pairs of tables in tables, without recursion."""
    waiting = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield from value.items()
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _check_pair(name: str, key: str, value: Any) -> None:
    code = key in _REFUSED_KEYS and value
    kernel = key.endswith("attn_implementation") and "/" in str(value)
    activation = key in _ACTIVATIONS and isinstance(value, str)
    if code or kernel or (activation and not _ACTIVATION.fullmatch(value)):
        raise BadFile(f"{name} asks to run code: {key}", Outcome.UNSUPPORTED)


def _check_modules(data: Any) -> None:
    if not isinstance(data, list) or not all(isinstance(module, dict) for module in data):
        raise BadFile("modules.json is no list of modules")
    for module in data:
        kind, path = module.get("type"), module.get("path")
        if not isinstance(kind, str) or not _MODULE.fullmatch(kind):
            raise BadFile(f"modules.json names {kind!r:.80}", Outcome.UNSUPPORTED)
        if not isinstance(path, str) or not is_inside(path or "."):
            raise BadFile(f"modules.json leads out of it, to {path!r:.80}", Outcome.OUTSIDE)


def _check_index(name: str, data: Any) -> None:
    shards = data.get("weight_map") if isinstance(data, dict) else None
    if not isinstance(shards, dict):
        raise BadFile(f"{name} has no weight_map")
    for shard in set(map(str, shards.values())):
        if "/" in shard or "\\" in shard or not shard.endswith(".safetensors"):
            raise BadFile(f"{name} names {shard!r:.80}; only safetensors are", Outcome.OUTSIDE)


def is_inside(name: str) -> bool:
    """Tells whether a relative name with forward slashes stays below where it starts."""
    parts = PurePosixPath(name).parts
    odd = "\\" in name or "\0" in name or re.match(r"[A-Za-z]:", name)
    return bool(parts or name == ".") and not name.startswith("/") and ".." not in parts and not odd
