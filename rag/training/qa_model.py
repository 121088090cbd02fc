"""The network of the QA model: one pass over a question or claim and a passage.

Which span answers (start and end logits of each token), whether the passage is about the question,
and whether it answers it. A near miss is about the question and does not answer it. These two
verdicts are judged from the first token and from the tokens that would be the answer. Of a claim
the first token says whether the passage supports or contradicts it.
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

from rag.training.encoding import attention, load_encoder, without_dropout
from rag.training.steps import Batch

NOWHERE = -1e4


class QANetwork(nn.Module):
    """An encoder with heads for spans, for the two verdicts and for the support of claims."""

    def __init__(self, encoder: nn.Module, width: int = 384) -> None:
        super().__init__()
        self.encoder = encoder
        self.span_head = nn.Linear(width, 2)
        self.verdict_head = nn.Sequential(
            nn.Linear(3 * width, width), nn.Tanh(), nn.Linear(width, 2)
        )
        self.support_head = nn.Sequential(nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 3))

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Returns start and end logits (pairs, length), and those of the judgement (pairs, 5).

        The judgement is relevance, answerable, then a claim neither supported nor contradicted,
        supported, contradicted.
        """
        states: Any = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        )
        hidden = states.last_hidden_state
        start, end = self.span_head(hidden).unbind(-1)
        passage = (token_type_ids * attention_mask)[:, :, None]
        shares = torch.softmax(torch.stack((start, end), -1) + (passage - 1) * -NOWHERE, 1)
        answer = shares.transpose(1, 2) @ hidden
        verdicts = self.verdict_head(torch.cat((hidden[:, :1], answer), 1).flatten(1))
        return start, end, torch.cat((verdicts, self.support_head(hidden[:, 0])), 1)

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
    """Loads the folder of a QA model, or that of an encoder; a head that it lacks is new."""
    weights = load_file(folder / "model.safetensors")
    if not any(name.startswith("span_head.") for name in weights):
        encoder = load_encoder(folder)
        return QANetwork(encoder, encoder.config.hidden_size)  # type: ignore[arg-type, union-attr]
    config = AutoConfig.from_pretrained(folder, attn_implementation=attention())
    encoder = without_dropout(AutoModel.from_config(config, add_pooling_layer=False))  # type: ignore[no-untyped-call]
    model = QANetwork(encoder, config.hidden_size)
    model.load_state_dict(model.state_dict() | weights)
    return model


def loss(model: nn.Module, batch: Batch) -> Mapping[str, Tensor]:
    """Returns the parts of the loss that the batch has rows for.

    Cross-entropy of the span where there is one, of both verdicts for all questions, and of the
    support of claims.
    """
    inputs = {name: batch[name] for name in ("input_ids", "attention_mask", "token_type_ids")}
    start, end, judged = (part.float() for part in model(**inputs))
    outside = (batch["token_type_ids"] == 0) | (batch["attention_mask"] == 0)
    found, claims = batch["start"] >= 0, batch["support"] >= 0
    parts = {}
    if not bool(claims.all()):
        for place, (name, wanted) in enumerate(
            {"relevance": batch["relevant"], "answerable": found.float()}.items()
        ):
            parts[name] = functional.binary_cross_entropy_with_logits(
                judged[~claims, place], wanted[~claims]
            )
    if bool(claims.any()):
        parts["support"] = functional.cross_entropy(judged[claims, 2:], batch["support"][claims])
    if bool(found.any()):
        parts["span"] = sum(
            functional.cross_entropy(
                logits.masked_fill(outside, NOWHERE)[found], batch[name][found]
            )
            for name, logits in (("start", start), ("end", end))
        ) / torch.tensor(2.0)
    return parts
