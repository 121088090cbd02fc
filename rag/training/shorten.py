"""A shorter encoder made of some of a longer one's layers, and what each of them shall learn.

Layers are taken out one at a time, always the one that the vectors miss least (as ShortGPT ranks
them: Men et al. 2024, arXiv 2403.03853, but anew after each). A layer that stays also does the
work of those taken out behind it: its target is what the next one that stays was used to read.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from rag.training.encoding import sentence_vectors


def choose(teacher: nn.Module, examples: Sequence[Mapping[str, Tensor]], layers: int) -> list[int]:
    """The places of the `layers` layers that stay, in their order. `examples`: ids and masks."""
    kept = list(range(len(_layers(teacher))))
    with torch.no_grad():
        wanted = [sentence_vectors(teacher, dict(batch)) for batch in examples]
        while len(kept) > layers:
            trials = [kept[:i] + kept[i + 1 :] for i in range(len(kept))]
            kept = max(trials, key=lambda trial: _likeness(teacher, trial, examples, wanted))
    return kept


def shorten(teacher: nn.Module, kept: Sequence[int]) -> nn.Module:
    """A copy that has the layers `kept` alone; the word vectors do not learn."""
    student = copy.deepcopy(_with_layers(teacher, kept))
    config: Any = student.config
    config.num_hidden_layers = len(kept)
    student.get_parameter("embeddings.word_embeddings.weight").requires_grad_(False)
    return student


def targets(kept: Sequence[int], layers: int) -> list[int]:
    """For each layer that stays the teacher's hidden state it shall give: 0 is before all layers.

    `layers`: how many the teacher has.
    """
    return [*kept[1:], layers]


def _likeness(
    teacher: nn.Module,
    kept: Sequence[int],
    examples: Sequence[Mapping[str, Tensor]],
    wanted: Sequence[Tensor],
) -> float:
    """Mean cosine of the vectors with and without the layers left out."""
    short = _with_layers(teacher, kept)
    cosines = [
        (sentence_vectors(short, dict(batch)) * vectors).sum(-1)
        for batch, vectors in zip(examples, wanted, strict=True)
    ]
    return float(torch.cat(cosines).mean())


def _with_layers(teacher: nn.Module, kept: Sequence[int]) -> nn.Module:
    """The teacher's own modules, some layers left out."""
    short: Any = copy.copy(teacher)
    short._modules = dict(teacher._modules)
    inner: Any = copy.copy(short.encoder)
    inner._modules = dict(inner._modules)
    layers = _layers(teacher)
    inner.layer = nn.ModuleList(layers[i] for i in kept)
    short.encoder = inner
    short.config = copy.deepcopy(short.config)
    inner.config = short.config
    short.config.num_hidden_layers = len(kept)
    return short  # type: ignore[no-any-return]


def _layers(model: nn.Module) -> Any:
    encoder: Any = model.get_submodule("encoder")
    return encoder.layer
