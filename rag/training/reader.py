"""The reader: one forward pass over question and passage, three answers.

Which span answers (start and end logits a token), whether the passage is about the question, and
whether it answers it at all (two logits on the first token). Relevance and answerability are two
things: a near miss is about the question and does not answer it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoConfig, AutoModel

from rag.training.encoding import load_encoder, without_dropout
from rag.training.steps import Batch

NOWHERE = -1e4


class Reader(nn.Module):
    """An encoder with a head for spans and one for the verdicts."""

    def __init__(self, encoder: nn.Module, width: int = 384) -> None:
        super().__init__()
        self.encoder = encoder
        self.span_head = nn.Linear(width, 2)
        self.verdict_head = nn.Sequential(nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 2))

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Start and end logits, each (pairs, length); (relevance, answerable) logits (pairs, 2)."""
        states: Any = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        )
        hidden = states.last_hidden_state
        start, end = self.span_head(hidden).unbind(-1)
        return start, end, self.verdict_head(hidden[:, 0])


def save_reader(model: Reader, tokenizer: Tokenizer, folder: Path) -> None:
    """The encoder's configuration, all weights, the tokenizer; the weights come last."""
    folder.mkdir(parents=True, exist_ok=True)
    model.encoder.config.save_pretrained(folder)  # type: ignore[operator, union-attr]
    tokenizer.save(str(folder / "tokenizer.json"))
    half = folder / "model.half"
    save_file({name: part.contiguous() for name, part in model.state_dict().items()}, half)
    half.replace(folder / "model.safetensors")


def load_reader(folder: Path) -> Reader:
    """From a reader's folder, or with new heads from an encoder's."""
    weights = load_file(folder / "model.safetensors")
    if not any(name.startswith("span_head.") for name in weights):
        encoder = load_encoder(folder)
        return Reader(encoder, encoder.config.hidden_size)  # type: ignore[arg-type, union-attr]
    config = AutoConfig.from_pretrained(folder, attn_implementation="eager")
    encoder = without_dropout(AutoModel.from_config(config, add_pooling_layer=False))  # type: ignore[no-untyped-call]
    model = Reader(encoder, config.hidden_size)
    model.load_state_dict(weights)
    return model


def loss(model: nn.Module, batch: Batch) -> Mapping[str, Tensor]:
    """Cross-entropy of the span where there is one, and of both verdicts everywhere."""
    inputs = {name: batch[name] for name in ("input_ids", "attention_mask", "token_type_ids")}
    start, end, verdicts = (part.float() for part in model(**inputs))
    outside = (batch["token_type_ids"] == 0) | (batch["attention_mask"] == 0)
    found = batch["start"] >= 0
    parts = {
        "relevance": functional.binary_cross_entropy_with_logits(verdicts[:, 0], batch["relevant"]),
        "answerable": functional.binary_cross_entropy_with_logits(verdicts[:, 1], found.float()),
    }
    if bool(found.any()):
        parts["span"] = sum(
            functional.cross_entropy(
                logits.masked_fill(outside, NOWHERE)[found], batch[name][found]
            )
            for name, logits in (("start", start), ("end", end))
        ) / torch.tensor(2.0)
    return parts
