"""What the sentence selector learns from: questions with the sentences of their passage.

One of them holds the answer. The others stand beside it and are about the same thing, which is what
makes the choice hard, and what passages found by chance would not teach.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer

from rag.text import fold, split_sentences
from rag.training.encoding import Texts
from rag.training.qa_batches import Task
from rag.training.qa_mixture import weight_of
from rag.training.rows import Question
from rag.training.steps import Batch

QUESTIONS_A_STEP = 24
OTHERS = 7  # most of a passage's other sentences that a step sees
LIMIT = 96  # tokens of a sentence under its title
LONGEST = 400  # characters of a sentence
_SHORTEST = 12  # characters of what is a sentence and no scrap
_ALIKE = 64  # texts of like length in one pass: little padding
_TITLED = 0.7  # share of passages that are read under their title: some documents have none
# what an encyclopaedia's first sentence names before it says what it is
_TITLE = re.compile(
    r"(?:The |El |La |Los |Las )?([^.,;()]{3,60}?) (?:is|was|are|were|es|era|fue|son|fueron|\()"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A question, the sentence that answers it, others of its passage, the passage's title."""

    question: str
    right: str
    others: tuple[str, ...]
    title: str
    source: str


def choices(tasks: Iterable[Task]) -> Iterator[Choice]:
    """Yields a choice for each answered question whose passage has other sentences.

    Sentences that say the answer too are left out: they may be right as well.
    """
    for task in tasks:
        made = _choice(task.row) if task.row.answer is not None else None
        if made:
            yield made


def _choice(row: Question) -> Choice | None:
    spans = [(a, b) for a, b in split_sentences(row.context) if b - a > _SHORTEST]
    right = next((place for place, (a, b) in enumerate(spans) if a <= row.start < b), None)
    if right is None or row.answer is None:
        return None
    texts = [row.context[a:b].strip()[:LONGEST] for a, b in spans]
    answer = fold(row.answer)
    others = [text for place, text in enumerate(texts) if place != right]
    others = [text for text in others if answer not in fold(text)]
    named = _TITLE.match(texts[0])
    title = named.group(1) if named else ""
    return Choice(row.question, texts[right], tuple(others), title, row.source) if others else None


class SelectorBatches:
    """Makes the batch of a step; sources are drawn as often as the QA model's are."""

    def __init__(
        self, tokenizer: Tokenizer, rows: Sequence[Choice], prefixes: tuple[str, str]
    ) -> None:
        self._texts = Texts(tokenizer, LIMIT)
        self._rows = list(rows)
        self._weights = [weight_of(row.source) for row in rows]
        self._asked, self._read = prefixes

    def __call__(self, step: int, seed: random.Random) -> Batch:
        """Returns the questions, their sentences in parts of like length, and which is whose.

        `order` puts the sentences of the parts back in order, `owner` (sentences,) is the question
        of each, `right` (questions,) the sentence that answers.
        """
        drawn = seed.choices(self._rows, self._weights, k=QUESTIONS_A_STEP)
        sentences, owner, right = list[str](), list[int](), list[int]()
        for place, row in enumerate(drawn):
            title = f"{row.title}\n" if row.title and seed.random() < _TITLED else ""
            others = seed.sample(row.others, min(OTHERS, len(row.others)))
            right.append(len(sentences))
            sentences += [f"{self._read}{title}{text}" for text in (row.right, *others)]
            owner += [place] * (1 + len(others))
        order = sorted(range(len(sentences)), key=lambda place: len(sentences[place]))
        parts = [order[first : first + _ALIKE] for first in range(0, len(order), _ALIKE)]
        return {
            "questions": self._texts([self._asked + row.question for row in drawn]),
            "sentences": [self._texts([sentences[place] for place in part]) for part in parts],
            "order": torch.tensor(order).argsort(),
            "owner": torch.tensor(owner),
            "right": torch.tensor(right),
        }
