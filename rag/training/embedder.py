"""The bilingual embedder: the English teacher itself, learning Spanish words and nothing else.

The vector of a Spanish text shall be the teacher's vector of the English one (Reimers & Gurevych
2020, «Making monolingual sentence embeddings multilingual»), told apart from its neighbours of one
source (InfoNCE). Only the word vectors that Spanish owns move. English so stays what it was to the
last bit, and on few cores it is also the better Spanish: with the whole encoder free, the same
steps fitted the parallel text and lost retrieval in both languages (`eval/LOG.md`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from rag.training.encoding import Texts, sentence_vectors
from rag.training.rows import Parallel, Row, SourceSampler
from rag.training.steps import Batch

SCALE = 50.0  # of cosines in a softmax: at 20 the batch is told apart from the first step on
PULL = 6.0  # weight of one minus the cosine to the teacher
LONG_TOKENS = 256
TOKENS_A_STEP = 3_200
_OVERSAMPLE = 8


class Batches:
    """The batch of a step: short and long parallel texts in turn, each of one source."""

    def __init__(
        self,
        student: Tokenizer,
        teacher: Tokenizer,
        short: Sequence[Parallel],
        long: Sequence[Parallel],
    ) -> None:
        self._student, self._teacher = Texts(student, LONG_TOKENS), Texts(teacher, LONG_TOKENS)
        self._samplers = (SourceSampler(short), SourceSampler(long))

    def __call__(self, step: int, seed: random.Random) -> Batch:
        """Tensors of the student's Spanish and the teacher's English."""
        sampler = self._samplers[step % len(self._samplers)]
        source = sampler.draw(1, seed)[0].source
        rows = _alike(sampler.of(source, 128 * _OVERSAMPLE, seed), lambda row: len(row.es), seed)
        return {
            "student": self._student([row.es for row in rows]),
            "teacher": self._teacher([row.en for row in rows]),
        }


def _alike(rows: Sequence[Row], length: Callable[[Row], int], seed: random.Random) -> list[Row]:
    """Neighbours by length, as many as fill a step: little is spent on padding."""
    ordered = sorted(rows, key=length)
    start = seed.randrange(len(ordered))
    batch: list[Row] = []
    for row in ordered[start:] + ordered[:start][::-1]:
        batch.append(row)
        longest = min(max(map(length, batch)) / 4.5 + 4, LONG_TOKENS)
        if (len(batch) >= 8 and longest * len(batch) >= TOKENS_A_STEP) or len(batch) == 160:
            break
    return batch


def spanish_words_only(student: nn.Module, words: int, teacher: nn.Module) -> None:
    """Freezes all but the word vectors that differ from the teacher's: those Spanish owns."""
    table = student.get_parameter("embeddings.word_embeddings.weight")
    known = teacher.get_parameter("embeddings.word_embeddings.weight").detach()
    moves = torch.ones(words, 1)
    moves[: len(known)] = (table[: len(known)].detach() != known).any(1, keepdim=True).float()
    for value in student.parameters():
        value.requires_grad_(value is table)
    table.register_hook(  # type: ignore[no-untyped-call]
        lambda gradient: gradient * moves.to(gradient.device)
    )


class Losses:
    """What a batch costs, by part. The teacher is frozen."""

    def __init__(self, teacher: nn.Module) -> None:
        self._teacher = teacher.eval().requires_grad_(False)

    def __call__(self, student: nn.Module, batch: Any) -> Mapping[str, Tensor]:
        """Parts that add up to the loss."""
        with torch.no_grad():
            target = sentence_vectors(self._teacher, batch["teacher"])
        spanish = sentence_vectors(student, batch["student"])
        return {
            "contrast": _told_apart(spanish, target),
            "pull": PULL * (1 - (spanish * target).sum(-1)).mean(),
        }


def _told_apart(left: Tensor, right: Tensor) -> Tensor:
    """In-batch cross-entropy both ways (InfoNCE)."""
    scores = SCALE * left @ right.T
    gold = torch.arange(len(left), device=left.device)
    return (functional.cross_entropy(scores, gold) + functional.cross_entropy(scores.T, gold)) / 2
