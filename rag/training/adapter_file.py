"""A LoRA adapter as llama.cpp reads it: one GGUF file of pairs of matrices.

Queries and keys are left alone: GGUF stores their rows in another order than transformers has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PARTS = {
    "v_proj": "attn_v",
    "o_proj": "attn_output",
    "gate_proj": "ffn_gate",
    "up_proj": "ffn_up",
    "down_proj": "ffn_down",
}
"""What is trained, as transformers calls it, and as GGUF does."""

_NAME = re.compile(r"layers\.(\d+)\.\w+\.(\w+)\.lora_([AB])\.")


def write_adapter(path: Path, tensors: Mapping[str, Any], architecture: str, alpha: float) -> None:
    """Writes the tensors of peft, by name, as fp32. Raises ValueError for one of another part."""
    from gguf import GGUFWriter

    writer = GGUFWriter(str(path), architecture)
    writer.add_string("general.type", "adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", alpha)
    for name, tensor in sorted(tensors.items()):
        found = _NAME.search(name)
        if found is None or found[2] not in PARTS:
            raise ValueError(f"{name} is no part of an adapter")
        layer, part, side = found.groups()
        values = tensor.detach().float().cpu().numpy()
        writer.add_tensor(f"blk.{layer}.{PARTS[part]}.weight.lora_{side.lower()}", values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
