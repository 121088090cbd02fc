"""A short multilingual encoder that learns to give what a long one gives: batches and losses.

Each layer that stayed learns, token by token, the hidden state that the next one was used to read
(patient distillation: Sun et al. 2019, arXiv 1908.09355); the last one so learns the very states
whose mean is the text's vector. To that come the vectors themselves and how alike the texts of a
batch are to each other (relational distillation: Park et al. 2019, arXiv 1904.05068): finding is
comparing. A batch holds texts that belong together: translations, questions with their passages.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from rag.training.embedder_recipe import PASSAGE, QUERY
from rag.training.encoding import Texts, pooled
from rag.training.rows import Pair, Parallel, SourceSampler
from rag.training.steps import Batch

SHARES = {"sentences": 0.3, "passages": 0.35, "asked": 0.35}
LONG_TOKENS = 384
TOKENS_A_STEP = 3_000
MOST = 96  # texts of a side
SCALE = 50.0  # of cosines in a softmax
INNER, PULL = 0.5, 20.0  # weights of the inner layers together, of one minus the cosine
PARTS = ("states", "inner", "pull", "likeness")
_OVERSAMPLE = 8
_CHARACTERS = 4.0  # of a token, about
Kind = Literal["sentences", "passages", "asked"]


@dataclass(frozen=True, slots=True)
class Together:
    """Two texts of one meaning or one subject, with their prefixes."""

    left: str
    right: str
    source: str


class Batches:
    """The batch of a step: one kind of texts, of one source, of like length."""

    def __init__(
        self,
        tokenizer: Tokenizer,
        sentences: Sequence[Parallel],
        passages: Sequence[Parallel],
        asked: Sequence[Pair],
    ) -> None:
        self._texts = Texts(tokenizer, LONG_TOKENS)
        rows = {
            "sentences": [Together(row.es, row.en, row.source) for row in sentences],
            "passages": [Together(row.es, row.en, row.source) for row in passages],
            "asked": [Together(row.query, row.passage, row.source) for row in asked],
        }
        self._samplers = {kind: SourceSampler(some) for kind, some in rows.items() if some}

    def __call__(self, step: int, seed: random.Random) -> Batch:
        """Ids and masks of the left and of the right side."""
        kinds = list(self._samplers)
        (kind,) = seed.choices(kinds, [SHARES[each] for each in kinds])
        sampler = self._samplers[kind]
        source = sampler.draw(1, seed)[0].source
        rows = alike(sampler.of(source, MOST * _OVERSAMPLE, seed), seed)
        prefixes = _prefixes(kind, seed)
        return {
            "left": self._texts([prefixes[0] + row.left for row in rows]),
            "right": self._texts([prefixes[1] + row.right for row in rows]),
        }


def _prefixes(kind: str, seed: random.Random) -> tuple[str, str]:
    """Sentences are asked and found, in either language."""
    if kind == "sentences":
        return seed.choice([(QUERY, PASSAGE), (PASSAGE, QUERY), (QUERY, QUERY)])
    return (QUERY if kind == "asked" else PASSAGE, PASSAGE)


def alike(rows: Sequence[Together], seed: random.Random) -> list[Together]:
    """Neighbours by length, as many as fill a step: little is spent on padding."""
    ordered = sorted(rows, key=lambda row: (len(row.right), len(row.left)))
    start = seed.randrange(len(ordered))
    batch: list[Together] = []
    for row in ordered[start:] + ordered[:start][::-1]:
        batch.append(row)
        longest = (max(len(row.left) for row in batch), max(len(row.right) for row in batch))
        tokens = sum(min(each / _CHARACTERS + 4, LONG_TOKENS) for each in longest) * len(batch)
        if (len(batch) >= 4 and tokens >= TOKENS_A_STEP) or len(batch) == MOST:
            break
    return batch


class Losses:
    """What a batch costs, by part, the teacher frozen.

    targets: for each layer of the student the teacher's hidden state that it shall give. parts:
    which of PARTS count.
    """

    def __init__(
        self, teacher: nn.Module, targets: Sequence[int], parts: Sequence[str] = PARTS
    ) -> None:
        self._teacher = teacher.eval().requires_grad_(False)
        self._targets, self._parts = targets, parts

    def __call__(self, student: nn.Module, batch: Any) -> Mapping[str, Tensor]:
        """Parts that add up to the loss."""
        inner, last, given, wanted = [], [], [], []
        for side in (batch["left"], batch["right"]):
            with torch.no_grad():
                goal: Any = self._teacher(**side, output_hidden_states=True).hidden_states
            found: Any = student(**side, output_hidden_states=True).hidden_states[1:]
            mask = side["attention_mask"]
            missed = [_missed(f, goal[t], mask) for f, t in zip(found, self._targets, strict=True)]
            last.append(missed[-1])
            inner.append(torch.stack(missed[:-1] or missed).mean())
            given.append(pooled(found[-1], mask))
            wanted.append(pooled(goal[-1], mask))
        vectors, goals = torch.cat(given), torch.cat(wanted)
        parts = {
            "states": torch.stack(last).mean(),
            "pull": PULL * (1 - (vectors * goals).sum(-1)).mean(),
            "likeness": _otherwise(vectors, goals),
            "inner": INNER * torch.stack(inner).mean(),
        }
        return {name: parts[name] for name in self._parts}


def _missed(found: Tensor, goal: Tensor, mask: Tensor) -> Tensor:
    """Mean squared error over the tokens, as a share of the goal's variance."""
    told = mask > 0
    rows, wanted = found[told].float(), goal[told].float()
    spread = (wanted - wanted.mean(0)).square().mean()
    return (rows - wanted).square().mean() / spread.clamp_min(1e-6)


def _otherwise(vectors: Tensor, goals: Tensor) -> Tensor:
    """How far the batch's likenesses are from the teacher's (Kullback-Leibler)."""
    own = torch.eye(len(goals), dtype=torch.bool, device=goals.device)
    sides = [(SCALE * rows @ rows.T).masked_fill(own, -1e4) for rows in (vectors, goals)]
    found, wanted = (functional.log_softmax(side, -1) for side in sides)
    return functional.kl_div(found, wanted, reduction="batchmean", log_target=True)
