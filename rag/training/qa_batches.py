"""Training batches of the QA model: which passage, which window, which span.

A row's passage is now and then replaced by one that looks right and is not, or a detail of the row
is exchanged: the model must also learn to say no. Long passages are cut to a window around the
answer, at another place each time.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from tokenizers import Encoding, Tokenizer
from torch import Tensor

from rag.training.near_misses import contradicted, near_miss
from rag.training.rows import Question
from rag.training.steps import Batch

WINDOW = 760  # characters of a passage in training, about 170 tokens: most gold passages whole
WORD = 40  # characters, more than a word has: no window is lost to a text without spaces
LIMIT = 256  # tokens of a pair
TOKENS_A_STEP = 2_800
SPARE = 16  # rows are drawn in such multiples of a step, and neighbours by length are taken
UNFOUND_SHARE = 0.25  # of the claims, whose passage is exchanged
CONTRADICTED_SHARE = 0.5  # of the supported ones that are left
CAPS = {"qamr": 5}  # questions a passage: 32,000 questions stand over 941 sentences


NEITHER, SUPPORTED, CONTRADICTED = range(3)
ASKED = -1  # of a question, which no passage can support


@dataclass(frozen=True, slots=True)
class Task:
    """A question or claim with its own passage, and passages that do not answer it."""

    row: Question
    negatives: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """Names that may stand for those of the row, where a detail of it is exchanged."""
    support: int = ASKED
    """Where the row is a claim and no question: NEITHER, SUPPORTED or CONTRADICTED."""


@dataclass(frozen=True, slots=True)
class Example:
    """A row as it is learnt from: `relevance` is 1 or 0, `support` as in `Task`."""

    row: Question
    relevance: float
    support: int = ASKED


class QABatches:
    """Makes the batch of a step. `weights` say how often a task is drawn, relative to others."""

    def __init__(
        self,
        tokenizer: Tokenizer,
        tasks: Sequence[Task],
        weights: Sequence[float],
        negative_share: float = 0.15,
        near_miss_share: float = 0.15,
    ) -> None:
        self._tokenizer = Tokenizer.from_str(tokenizer.to_str())
        self._tokenizer.enable_truncation(LIMIT)
        self._tokenizer.enable_padding()
        self._tasks = list(tasks)
        self._weights = list(weights)
        self._negative_share = negative_share
        self._near_miss_share = near_miss_share

    def __call__(self, step: int, seed: random.Random) -> Batch:
        """Returns tensors; `start` and `end` are indices of tokens, -1 without an answer."""
        drawn = seed.choices(self._tasks, self._weights, k=SPARE * 24)
        examples = sorted((self._example(task, seed) for task in drawn), key=_length)
        return self.tensors(_run_of_like_length(examples, seed))

    def tensors(self, examples: Sequence[Example]) -> dict[str, Tensor]:
        """Returns ids, mask and types of the pairs, ends of the spans, labels."""
        pairs = [(example.row.question, example.row.context) for example in examples]
        encoded = self._tokenizer.encode_batch(pairs)
        spans = [
            _token_span(pair, example.row) for pair, example in zip(encoded, examples, strict=True)
        ]
        return {
            "input_ids": torch.tensor([pair.ids for pair in encoded]),
            "attention_mask": torch.tensor([pair.attention_mask for pair in encoded]),
            "token_type_ids": torch.tensor([pair.type_ids for pair in encoded]),
            "start": torch.tensor([start for start, _ in spans]),
            "end": torch.tensor([end for _, end in spans]),
            "relevant": torch.tensor([example.relevance for example in examples]),
            "support": torch.tensor([example.support for example in examples]),
        }

    def _example(self, task: Task, seed: random.Random) -> Example:
        row = task.row
        if task.support != ASKED:
            return _claim(task, seed)
        if task.negatives and seed.random() < self._negative_share:
            return Example(_elsewhere(task, seed), 0.0)
        row = window(row, seed)
        if row.answer is not None and seed.random() < self._near_miss_share:
            row = near_miss(row, task.names, seed) or row
        # a question that its own paragraph cannot answer is about it nevertheless
        return Example(row, 0.0 if row.source.endswith("-negative") else 1.0)


def _claim(task: Task, seed: random.Random) -> Example:
    """Draws the claim as it is, with a passage that lacks it, or with a detail exchanged."""
    if task.negatives and seed.random() < UNFOUND_SHARE:
        return Example(_elsewhere(task, seed), 0.0, NEITHER)
    row = window(task.row, seed)
    if task.support == SUPPORTED and seed.random() < CONTRADICTED_SHARE:
        claim = contradicted(row.question, row.context, row.language, task.names, seed)
        if claim:
            return Example(replace(row, question=claim), 1.0, CONTRADICTED)
    return Example(row, 1.0, task.support)


def _elsewhere(task: Task, seed: random.Random) -> Question:
    """Returns the question with a passage that does not answer it."""
    passage = seed.choice(task.negatives)
    return window(replace(task.row, context=passage, answer=None, start=-1), seed)


def window(row: Question, seed: random.Random, size: int = WINDOW) -> Question:
    """Returns the row with at most `size` characters of its passage, the answer among them."""
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
    """Returns no more questions over one passage than its source is good for."""
    kept: dict[tuple[str, str], int] = defaultdict(int)
    chosen = []
    for row in seed.sample(list(rows), len(rows)):
        key = (row.source, row.context)
        kept[key] += 1
        if kept[key] <= CAPS.get(row.source, len(rows)):
            chosen.append(row)
    return chosen


def composed(rows: Sequence[Question], seed: random.Random, size: int = 5) -> list[Question]:
    """Puts single sentences among others: a span must be found, not just a sentence trimmed."""
    sentences = sorted({row.context for row in rows})
    composed_rows = []
    for row in rows:
        drawn = seed.sample(sentences, min(size, len(sentences)))
        others = [text for text in drawn if text != row.context]
        position = seed.randrange(len(others) + 1)
        before = "".join(f"{text} " for text in others[:position])
        after = "".join(f" {text}" for text in others[position:])
        start = -1 if row.answer is None else len(before) + row.start
        composed_rows.append(replace(row, context=before + row.context + after, start=start))
    return composed_rows


def _length(example: Example) -> int:
    return len(example.row.question) + len(example.row.context)


def _run_of_like_length(rows: Sequence[Example], seed: random.Random) -> list[Example]:
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
