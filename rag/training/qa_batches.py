"""Training batches of the QA model: which passage, which window, which span.

A row's passage is now and then replaced by one that looks right and is not, or a detail of the row
is exchanged: the model must also learn to say no. Long passages are cut to a window around the
answer, at another place each time.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from tokenizers import Encoding, Tokenizer
from torch import Tensor

from rag.training.near_misses import near_miss
from rag.training.rows import Question
from rag.training.steps import Batch

WINDOW = 760  # characters of a passage in training, about 170 tokens: most gold passages whole
WORD = 40  # characters, more than a word has: no window is lost to a text without spaces
LIMIT = 256  # tokens of a pair
TOKENS_A_STEP = 2_800
SPARE = 16  # rows are drawn in such multiples of a step, and neighbours by length are taken
CAPS = {"qamr": 5}  # questions a passage: 32,000 questions stand over 941 sentences


@dataclass(frozen=True, slots=True)
class Task:
    """A question with its own passage, and passages that do not answer it."""

    row: Question
    negatives: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """Names of its article, which near misses are made with."""


class QABatches:
    """The batch of a step. `weights` says how often a source is drawn, relative to its size."""

    def __init__(
        self,
        tokenizer: Tokenizer,
        tasks: Sequence[Task],
        weights: Callable[[str], float],
        negative_share: float = 0.15,
        near_miss_share: float = 0.15,
    ) -> None:
        self._tokenizer = Tokenizer.from_str(tokenizer.to_str())
        self._tokenizer.enable_truncation(LIMIT)
        self._tokenizer.enable_padding()
        self._tasks = list(tasks)
        self._weights = [weights(task.row.source) for task in tasks]
        self._negative_share = negative_share
        self._near_miss_share = near_miss_share

    def __call__(self, step: int, seed: random.Random) -> Batch:
        """Tensors of the pairs; `start` and `end` are token places, -1 without an answer."""
        drawn = seed.choices(self._tasks, self._weights, k=SPARE * 24)
        rows = sorted((self._row(task, seed) for task in drawn), key=_length)
        return self.tensors(_run_of_like_length(rows, seed))

    def tensors(self, rows: Sequence[tuple[Question, float]]) -> dict[str, Tensor]:
        """Rows with their relevance (1 or 0) as tensors."""
        encoded = self._tokenizer.encode_batch([(row.question, row.context) for row, _ in rows])
        spans = [_token_span(pair, row) for pair, (row, _) in zip(encoded, rows, strict=True)]
        return {
            "input_ids": torch.tensor([pair.ids for pair in encoded]),
            "attention_mask": torch.tensor([pair.attention_mask for pair in encoded]),
            "token_type_ids": torch.tensor([pair.type_ids for pair in encoded]),
            "start": torch.tensor([start for start, _ in spans]),
            "end": torch.tensor([end for _, end in spans]),
            "relevant": torch.tensor([relevance for _, relevance in rows]),
        }

    def _row(self, task: Task, seed: random.Random) -> tuple[Question, float]:
        row = task.row
        if task.negatives and seed.random() < self._negative_share:
            passage = seed.choice(task.negatives)
            return window(replace(row, context=passage, answer=None, start=-1), seed), 0.0
        row = window(row, seed)
        if row.answer is not None and seed.random() < self._near_miss_share:
            row = near_miss(row, task.names, seed) or row
        # a question that its own paragraph cannot answer is about it nevertheless
        return row, 0.0 if row.source.endswith("-negative") else 1.0


def window(row: Question, seed: random.Random, size: int = WINDOW) -> Question:
    """The row with at most `size` characters of its passage, the answer among them."""
    if len(row.context) <= size:
        return row
    if row.answer is None:
        first = seed.randrange(len(row.context) - size)
    else:
        end = row.start + len(row.answer)
        lowest = max(0, min(end - size + 20, row.start))
        first = seed.randint(lowest, max(lowest, min(row.start, len(row.context) - size)))
    if first:
        last = max(first, row.start) if row.answer else min(first + WORD, len(row.context))
        space = row.context.find(" ", first, last)
        first = space + 1 if space >= 0 else first
    cut = row.context[first : first + size]
    if row.answer is None:
        return replace(row, context=cut)
    start = row.start - first
    if cut[start : start + len(row.answer)] != row.answer:
        return replace(row, context=cut, answer=None, start=-1)
    return replace(row, context=cut, start=start)


def capped(rows: Sequence[Question], seed: random.Random) -> list[Question]:
    """No more questions over one passage than its source is good for."""
    kept: dict[tuple[str, str], int] = defaultdict(int)
    chosen = []
    for row in seed.sample(list(rows), len(rows)):
        key = (row.source, row.context)
        kept[key] += 1
        if kept[key] <= CAPS.get(row.source, len(rows)):
            chosen.append(row)
    return chosen


def composed(rows: Sequence[Question], seed: random.Random, size: int = 5) -> list[Question]:
    """Single sentences among others: a span to be found, not just a sentence to be trimmed."""
    sentences = sorted({row.context for row in rows})
    composed_rows = []
    for row in rows:
        drawn = seed.sample(sentences, min(size, len(sentences)))
        others = [text for text in drawn if text != row.context]
        place = seed.randrange(len(others) + 1)
        before = "".join(f"{text} " for text in others[:place])
        after = "".join(f" {text}" for text in others[place:])
        start = -1 if row.answer is None else len(before) + row.start
        composed_rows.append(replace(row, context=before + row.context + after, start=start))
    return composed_rows


def _length(item: tuple[Question, float]) -> int:
    return len(item[0].question) + len(item[0].context)


def _run_of_like_length(
    rows: Sequence[tuple[Question, float]], seed: random.Random
) -> list[tuple[Question, float]]:
    start = seed.randrange(len(rows))
    tokens = max(24.0, min(_length(rows[start]) / 4.2 + 4, LIMIT))
    count = max(8, min(96, int(TOKENS_A_STEP / tokens)))
    first = max(0, min(start - count // 2, len(rows) - count))
    return list(rows[first : first + count])


def _token_span(pair: Encoding, row: Question) -> tuple[int, int]:
    if row.answer is None:
        return -1, -1
    start = pair.char_to_token(row.start, 1)
    end = pair.char_to_token(row.start + len(row.answer) - 1, 1)
    return (-1, -1) if start is None or end is None else (start, end)
