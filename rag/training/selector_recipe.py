"""`rag train selector`: the embedder's encoder learns which sentence of a passage answers.

It begins as the embedder does, whose vectors tell what a passage is about, and learns to tell apart
sentences that are about the same thing (answer sentence selection, Garg, Vu and Moschitti 2020,
arXiv 1911.04118, here with two towers of the same weights). It may be stopped anywhere and gone on
with; the artefact in int8 is exported at the end.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from rag.training.embedder_recipe import PASSAGE, QUERY, save
from rag.training.encoding import load_encoder, sentence_vectors
from rag.training.export import export_embedder
from rag.training.qa_mixture import SETS, article_tasks, base_tasks
from rag.training.recipe import ENCODER_FILES, Outcome, Run, load_tokenizer, need, reading
from rag.training.rows import PAIRS, QUESTIONS, pair_rows, question_rows
from rag.training.selector_rows import Choice, SelectorBatches, choices
from rag.training.steps import Batch, Schedule, Show, forget_checkpoints, run
from rag.training.translation import translatable, translate

TRANSLATED, ARTEFACT = "translated.html", "artefact"
NAME, VERSION = "fuente-selector", "1"
SCALE = 40.0  # of cosines, which lie close together: what a difference of .1 counts
ELSEWHERE = 0.5  # what the choice among all sentences of a step counts
SHOWN = 128  # texts that the scales of the activations are set by, a half of them questions


@dataclass(frozen=True, slots=True)
class SelectorSettings:
    """What decides the result, beside the data and the start model.

    `fold` («K/N») leaves articles out, to measure on; `frozen` of the lowest layers do not learn.
    """

    steps: int = 600
    seed: int = 1
    translate: bool = True
    fold: str | None = None
    rate: float = 4e-5
    warmup: int = 40
    frozen: int = 6


def train_selector(
    data: Path,
    out: Path,
    start: Path,
    articles: Path,
    settings: SelectorSettings,
    show: Show | None = None,
) -> Outcome:
    """Trains, or goes on; `out` becomes a model folder with its record, curve and artefact.

    `start` is the folder of an encoder, `articles` that of the SQuAD-like sets. Raises UsageError
    for what is missing or another run in `out`, RagError for data that is torn.
    """
    tokenizer = load_tokenizer(start)
    wanted = {QUESTIONS: "the selector learns from its questions"}
    wanted |= {PAIRS: "its questions are translated"} if settings.translate else {}
    files = need(data, wanted) + [start / name for name in ENCODER_FILES]
    files += [articles / name for name in SETS if (articles / name).exists()]
    record = Run(out, "selector", asdict(settings), files)
    if record.done:
        return record.done
    with reading(data):
        rows = _rows(data, out, articles, settings)
    encoder = load_encoder(start)
    _freeze(encoder, settings.frozen)
    batches = SelectorBatches(tokenizer, rows, (QUERY, PASSAGE))
    schedule = Schedule(
        steps=settings.steps,
        rate=settings.rate,
        warmup=settings.warmup,
        seed=settings.seed,
        shape="linear",
    )
    save(run(encoder, batches, loss, out, schedule, show), tokenizer, out)
    texts = _shown(rows, settings.seed)
    export_embedder(out, out / ARTEFACT, VERSION, texts, (QUERY, PASSAGE), name=NAME)
    outcome = record.finish()
    forget_checkpoints(out)
    return outcome


def loss(model: nn.Module, batch: Batch) -> Mapping[str, Tensor]:
    """Returns the cross-entropy of the right sentence in its passage and among all of the step."""
    asked = sentence_vectors(model, batch["questions"]).float()
    parts = [sentence_vectors(model, part).float() for part in batch["sentences"]]
    scores = SCALE * asked @ torch.cat(parts)[batch["order"]].T
    own = batch["owner"][None] == torch.arange(len(asked), device=scores.device)[:, None]
    beside = scores.masked_fill(~own, float("-inf"))
    return {
        "passage": functional.cross_entropy(beside, batch["right"]),
        "elsewhere": ELSEWHERE * functional.cross_entropy(scores, batch["right"]),
    }


def _rows(data: Path, out: Path, articles: Path, settings: SelectorSettings) -> list[Choice]:
    """Returns the choices of all questions, those about the articles of the fold left out."""
    questions = list(question_rows(data / QUESTIONS))
    translated = []
    if settings.translate:
        english = translatable(questions, pair_rows(data))
        translated = translate(english, out / TRANSLATED)
    base = base_tasks(questions, translated, None, settings.seed)
    return list(choices([*article_tasks(articles, settings.fold, ()), *base]))


def _freeze(encoder: Any, layers: int) -> None:
    """Keeps the embeddings and the lowest layers as they are, at most half of these."""
    lowest = encoder.encoder.layer[: len(encoder.encoder.layer) // 2][:layers]
    for part in (encoder.embeddings, *lowest):
        part.requires_grad_(False)


def _shown(rows: Sequence[Choice], seed: int) -> list[str]:
    """Draws questions and sentences in turn, as the export wants them."""
    drawn = random.Random(seed).sample(rows, min(SHOWN // 2, len(rows)))  # noqa: S311 - no secret is drawn
    return [text for row in drawn for text in (row.question, f"{row.title}\n{row.right}".strip())]
