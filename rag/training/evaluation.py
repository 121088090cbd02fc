"""Development figures while a model learns: retrieval in both languages, reading, similarity.

Measures a torch model on XQuAD-style sets (the same questions over the same paragraphs in Spanish
and English, joined by their ids). For choosing between runs; the product is measured by `rag eval`.
"""

from __future__ import annotations

import csv
import gzip
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import nn

from rag.training.articles import Article, load_articles
from rag.training.encoding import Texts, sentence_vectors, short_floats

Floats = NDArray[np.float64]
LANGUAGES = ("en", "es")
DIRECTIONS = ("en>en", "es>es", "en>es", "es>en")  # language of the question > of the passage
FILES = {language: f"xquad.dev.{language}.json" for language in LANGUAGES}
PASSAGE_TOKENS, PAIR_TOKENS, ANSWER_TOKENS = 256, 512, 30
BATCH = 24
# As MLQA scores Spanish (Lewis et al. 2020), and SQuAD English.
ARTICLES = {
    "en": {"a", "an", "the"},
    "es": {"el", "la", "los", "las", "lo", "un", "una", "unos", "unas"},
}


@dataclass(frozen=True, slots=True)
class Item:
    """One question with its paragraph and all accepted answers."""

    question: str
    context: str
    answers: tuple[str, ...]
    title: str


@dataclass(frozen=True, slots=True)
class Development:
    """Questions by language, in the same order; sentence pairs with scores by language."""

    items: Mapping[str, Sequence[Item]]
    similar: Mapping[str, Sequence[tuple[str, str, float]]]

    def of(self, titles: Iterable[str]) -> Development:
        """The questions about some articles only."""
        wanted = set(titles)
        places = [i for i, item in enumerate(self.items["en"]) if item.title in wanted]
        return self._at(places)

    def sample(self, count: int) -> Development:
        """The same few questions every time."""
        total = len(self.items["en"])
        places = random.Random(0).sample(range(total), min(count, total))  # noqa: S311
        return self._at(places)

    def _at(self, places: Sequence[int]) -> Development:
        chosen = {name: [rows[i] for i in places] for name, rows in self.items.items()}
        return Development(chosen, self.similar)


def load_development(folder: Path) -> Development:
    """From `xquad.dev.{en,es}.json`, and `../pairs/stsb` where it is. Raises OSError, KeyError."""
    by_id = [_items(load_articles(folder / FILES[language])) for language in LANGUAGES]
    shared = [key for key in by_id[0] if key in by_id[1]]
    items = {
        name: [rows[key] for key in shared] for name, rows in zip(LANGUAGES, by_id, strict=True)
    }
    stsb = {name: folder.parent / f"pairs/stsb/stsb-{name}-dev.csv.gz" for name in LANGUAGES}
    return Development(items, {name: _scored(path) for name, path in stsb.items() if path.exists()})


def retrieval(
    model: nn.Module,
    tokenizer: Tokenizer,
    data: Development,
    prefixes: tuple[str, str] = ("", ""),
) -> dict[str, float]:
    """Recall@1 and @10 of the paragraph by direction, Spearman of sentence pairs by language.

    `prefixes` stand before what is asked and before a paragraph.
    """
    texts = Texts(tokenizer, PASSAGE_TOKENS)

    def vectors(rows: Sequence[str], prefix: str = prefixes[0]) -> Floats:
        return encode(model, texts, [prefix + row for row in rows])

    passages, questions, gold = {}, {}, {}
    for name, items in data.items.items():
        contexts = list(dict.fromkeys(item.context for item in items))
        place = {context: i for i, context in enumerate(contexts)}
        gold[name] = np.array([place[item.context] for item in items])
        passages[name] = vectors(contexts, prefixes[1])
        questions[name] = vectors([item.question for item in items])
    figures = {}
    for direction in DIRECTIONS:
        asked, read = direction.split(">")
        scores = questions[asked] @ passages[read].T
        own = scores[np.arange(len(scores)), gold[read]]
        rank = (scores > own[:, None]).sum(axis=1)
        for k in (1, 10):
            figures[f"{direction} R@{k}"] = round(float((rank < k).mean()), 4)
    for name, pairs in data.similar.items():
        left = vectors([pair[0] for pair in pairs])
        right = vectors([pair[1] for pair in pairs])
        cosines = (left * right).sum(axis=1)
        figures[f"sts {name}"] = round(_spearman(cosines, [pair[2] for pair in pairs]), 4)
    return figures


def reading(
    model: nn.Module,
    tokenizer: Tokenizer,
    data: Development,
    directions: Sequence[str] = DIRECTIONS,
) -> dict[str, float]:
    """F1 and exact match of the best span by direction, gold paragraph given (percent)."""
    figures = {}
    for direction in directions:
        asked, read = direction.split(">")
        golds = data.items[read]
        pairs = [(q.question, p.context) for q, p in zip(data.items[asked], golds, strict=True)]
        scores = [
            max((_agreement(text, answer, read) for answer in item.answers), default=(0.0, 0.0))
            for text, item in zip(predict(model, tokenizer, pairs), golds, strict=True)
        ]
        f1, exact = np.array(scores).mean(axis=0) if scores else (0.0, 0.0)
        figures[f"{direction} F1"] = round(100 * float(f1), 1)
        figures[f"{direction} EM"] = round(100 * float(exact), 1)
    return figures


def encode(model: nn.Module, texts: Texts, rows: Sequence[str]) -> Floats:
    """Unit vectors, shape (rows, dimension)."""
    order = sorted(range(len(rows)), key=lambda i: -len(rows[i]))
    parts = []
    with _measuring(model) as device:
        for first in range(0, len(order), BATCH):
            batch = texts([rows[i] for i in order[first : first + BATCH]])
            on_device = {name: value.to(device) for name, value in batch.items()}
            parts.append(sentence_vectors(model, on_device).double().cpu().numpy())
    vectors: Floats = np.concatenate(parts)
    return vectors[np.argsort(order)]


def predict(model: nn.Module, tokenizer: Tokenizer, pairs: Sequence[tuple[str, str]]) -> list[str]:
    """The text of the best span in each (question, passage): at most 30 tokens long."""
    cutting = Tokenizer.from_str(tokenizer.to_str())
    cutting.enable_truncation(PAIR_TOKENS, strategy="only_second")
    cutting.enable_padding()
    order = sorted(range(len(pairs)), key=lambda i: -len(pairs[i][1]))
    found = [""] * len(pairs)
    with _measuring(model) as device:
        for first in range(0, len(order), BATCH):
            places = order[first : first + BATCH]
            encoded = cutting.encode_batch([pairs[i] for i in places])
            spans = _best_spans(model, encoded, device)
            for i, pair, (start, end) in zip(places, encoded, spans, strict=True):
                found[i] = pairs[i][1][pair.offsets[start][0] : pair.offsets[end][1]]
    return found


def _best_spans(model: nn.Module, encoded: Any, device: torch.device) -> list[tuple[int, int]]:
    ids = torch.tensor([pair.ids for pair in encoded], device=device)
    mask = torch.tensor([pair.attention_mask for pair in encoded], device=device)
    kinds = torch.tensor([pair.type_ids for pair in encoded], device=device)
    start, end, _ = model(input_ids=ids, attention_mask=mask, token_type_ids=kinds)
    # the second text, without the separator that closes it
    special = torch.tensor([pair.special_tokens_mask for pair in encoded], device=device)
    outside = (kinds == 0) | (mask == 0) | (special == 1)
    floor = torch.finfo(torch.float32).min / 4
    start, end = (side.float().masked_fill(outside, floor) for side in (start, end))
    scores = start[:, :, None] + end[:, None, :]
    length = ids.shape[1]
    allowed = torch.ones(length, length, dtype=torch.bool, device=device).triu()
    allowed &= ~allowed.triu(ANSWER_TOKENS)
    best = scores.masked_fill(~allowed, -torch.inf).flatten(1).argmax(1).tolist()
    return [divmod(place, length) for place in best]


@contextmanager
def _measuring(model: nn.Module) -> Iterator[torch.device]:
    """Without gradients, in bfloat16 as in training; the model goes on as it was."""
    device, before = next(model.parameters()).device, model.training
    model.eval()
    with torch.no_grad(), torch.autocast(device.type, dtype=torch.bfloat16, enabled=short_floats()):
        yield device
    model.train(before)


def _agreement(guess: str, answer: str, language: str) -> tuple[float, float]:
    """F1 over bags of words (Rajpurkar et al. 2016) and exact match."""
    left, right = _words(guess, language), _words(answer, language)
    if not left or not right:
        return (float(left == right),) * 2
    common = (Counter(left) & Counter(right)).total()
    return 2 * common / (len(left) + len(right)), float(left == right)


def _words(text: str, language: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = re.sub(r"[^\w\s]|_", "", folded).split()
    return [word for word in words if word not in ARTICLES[language]] or words


def _items(articles: Sequence[Article]) -> dict[str, Item]:
    return {
        asked.id: Item(asked.question, paragraph.context, asked.answers, article.title)
        for article in articles
        for paragraph in article.paragraphs
        for asked in paragraph.questions
    }


def _scored(path: Path) -> list[tuple[str, str, float]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return [(left, right, float(score)) for left, right, score in csv.reader(lines)]


def _spearman(left: Floats, right: Sequence[float]) -> float:
    """Correlation of ranks; equal values share the mean of theirs."""
    return float(np.corrcoef(_ranks(left), _ranks(np.array(right)))[0, 1])


def _ranks(values: Floats) -> Floats:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Floats = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return ranks
