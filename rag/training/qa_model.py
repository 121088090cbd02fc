"""The network of the QA model: one pass over a question and a passage, three answers.

Which span answers (start and end logits of each token), whether the passage is about the question,
and whether it answers it. A near miss is about the question and does not answer it. The last two
are judged from the first token and from the tokens that would be the answer.
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

from rag.training.encoding import ATTENTION, load_encoder, without_dropout
from rag.training.steps import Batch

NOWHERE = -1e4


class QANetwork(nn.Module):
    """An encoder with a head for spans and one for the two verdicts."""

    def __init__(self, encoder: nn.Module, width: int = 384) -> None:
        super().__init__()
        self.encoder = encoder
        self.span_head = nn.Linear(width, 2)
        self.verdict_head = nn.Sequential(
            nn.Linear(3 * width, width), nn.Tanh(), nn.Linear(width, 2)
        )

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Start and end logits, each (pairs, length); (relevance, answerable) logits (pairs, 2)."""
        states: Any = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        )
        hidden = states.last_hidden_state
        start, end = self.span_head(hidden).unbind(-1)
        passage = (token_type_ids * attention_mask)[:, :, None]
        shares = torch.softmax(torch.stack((start, end), -1) + (passage - 1) * -NOWHERE, 1)
        answer = shares.transpose(1, 2) @ hidden
        return start, end, self.verdict_head(torch.cat((hidden[:, :1], answer), 1).flatten(1))

    def freeze(self, layers: int) -> None:
        """Keeps the embeddings and the lowest layers as they are: a step costs a quarter less."""
        encoder: Any = self.encoder
        for part in (encoder.embeddings, *encoder.encoder.layer[:layers]):
            part.requires_grad_(False)


def save_qa_model(model: QANetwork, tokenizer: Tokenizer, folder: Path) -> None:
    """Writes the encoder's configuration, the tokenizer and, last, all weights."""
    folder.mkdir(parents=True, exist_ok=True)
    model.encoder.config.save_pretrained(folder)  # type: ignore[operator, union-attr]
    tokenizer.save(str(folder / "tokenizer.json"))
    half = folder / "model.half"
    save_file({name: part.contiguous() for name, part in model.state_dict().items()}, half)
    half.replace(folder / "model.safetensors")


def load_qa_model(folder: Path) -> QANetwork:
    """Loads the folder of a QA model, or that of an encoder, which gets new heads."""
    weights = load_file(folder / "model.safetensors")
    if not any(name.startswith("span_head.") for name in weights):
        encoder = load_encoder(folder)
        return QANetwork(encoder, encoder.config.hidden_size)  # type: ignore[arg-type, union-attr]
    config = AutoConfig.from_pretrained(folder, attn_implementation=ATTENTION)
    encoder = without_dropout(AutoModel.from_config(config, add_pooling_layer=False))  # type: ignore[no-untyped-call]
    model = QANetwork(encoder, config.hidden_size)
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
