"""The encoder that is trained: texts to tensors, tensors to sentence vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoModel


def short_floats() -> bool:
    """Tells whether the processor has bfloat16; others take several times as long with it."""
    inside: Any = torch.cpu
    return torch.cuda.is_available() or inside._is_avx512_bf16_supported()


def attention() -> str:
    """Returns the form of attention that trains fastest here.

    Of plain products a step is a tenth longer in float32; in bfloat16 on a processor the way back
    through the fused form takes three times as long.
    """
    return "eager" if short_floats() and not torch.cuda.is_available() else "sdpa"


def load_encoder(folder: Path) -> nn.Module:
    """Loads the BERT encoder of a model folder, without dropout.

    Without dropout: distillation has a smooth target, and drawing masks costs a fifth of a step.
    """
    model = AutoModel.from_pretrained(
        folder, attn_implementation=attention(), add_pooling_layer=False
    )
    return without_dropout(model)


def without_dropout(model: nn.Module) -> nn.Module:
    """Sets every dropout to nothing and returns the model itself."""
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.p = 0.0
    return model


class Texts:
    """Turns texts into padded token ids, cut at `limit` tokens."""

    def __init__(self, tokenizer: Tokenizer, limit: int) -> None:
        self._tokenizer = Tokenizer.from_str(tokenizer.to_str())
        self._tokenizer.enable_truncation(limit)
        self._tokenizer.enable_padding()

    def __call__(self, texts: Sequence[str]) -> dict[str, Tensor]:
        """Returns ids and mask, each (texts, longest)."""
        encoded = self._tokenizer.encode_batch(list(texts))
        return {
            "input_ids": torch.tensor([text.ids for text in encoded]),
            "attention_mask": torch.tensor([text.attention_mask for text in encoded]),
        }


def sentence_vectors(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
    """Returns the unit means over the tokens, shape (texts, dimension)."""
    states: Any = model(**batch)
    return pooled(states.last_hidden_state, batch["attention_mask"])


def pooled(states: Tensor, mask: Tensor) -> Tensor:
    """Returns the unit means of the states (texts, length, dimension) that are not masked."""
    kept = mask.unsqueeze(-1).float()
    return functional.normalize((states.float() * kept).sum(1) / kept.sum(1), dim=-1)
