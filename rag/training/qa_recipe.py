"""`rag train qa`: from an encoder and the data to the QA model that ships.

Two stages over one mixture, each with checkpoints of its own: a long one at a constant rate, whose
result is the moving mean of its weights, and a short one whose rate falls to zero. The long one may
be stopped anywhere and gone on with. The artefact in int8 is exported at the end.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from tokenizers import Tokenizer

from rag.errors import UsageError
from rag.training.claims import (
    CLAIMS,
    CORPUS,
    EVIDENCE,
    answered_claims,
    parallel_claims,
    scifact_claims,
)
from rag.training.export import export_qa_model
from rag.training.qa_batches import QABatches, Task
from rag.training.qa_mixture import EXTRA, SETS, article_tasks, base_tasks, mixed
from rag.training.qa_model import QANetwork, load_qa_model, loss, save_qa_model
from rag.training.recipe import ENCODER_FILES, Outcome, Run, load_tokenizer, need, reading
from rag.training.rows import (
    PAIRS,
    PARALLEL,
    QUESTIONS,
    pair_rows,
    parallel_rows,
    question_rows,
)
from rag.training.steps import Schedule, Show, forget_checkpoints, run
from rag.training.translation import translatable, translate

TRANSLATED = "translated.html"
LONG, FINISH, ARTEFACT = "long", "finish", "artefact"
HEAD_RATE = 5.0  # times the rate of the encoder: the heads begin with nothing
AVERAGE = 0.99  # of the moving mean: some hundred steps
SHOWN = 128  # pairs that the scales of the activations are set by
VERSION = "2"


@dataclass(frozen=True, slots=True)
class QASettings:
    """What decides the result, beside the data and the start model.

    `steps` and `finish_steps` are those of the two stages, 0 for none; `claims` is the share of
    claims in all that is drawn, `replay` that of search questions and other texts in the rest;
    `fold` («K/N») and `without` leave articles out, to measure on, and the fold SciFact's claims;
    `frozen` of the lowest layers do not learn.
    """

    steps: int = 1_000
    finish_steps: int = 250
    seed: int = 1
    translate: bool = True
    replay: float = 0.3
    claims: float = 0.2
    fold: str | None = None
    without: tuple[str, ...] = ()
    rate: float = 1.2e-4
    warmup: int = 80
    frozen: int = 4


@dataclass(frozen=True, slots=True)
class Folders:
    """Where everything is; None for what is not there.

    `articles` holds the SQuAD-like sets, `extra` more questions, `scifact` its claims and corpus.
    """

    data: Path
    out: Path
    start: Path
    articles: Path
    extra: Path | None = None
    scifact: Path | None = None


def train_qa(folders: Folders, settings: QASettings, show: Show | None = None) -> Outcome:
    """Trains, or goes on; `out` becomes a model folder with its record, its stages, its artefact.

    Raises UsageError for what is missing, settings that mean nothing or another run in `out`;
    RagError for data that is torn.
    """
    if not 0 <= settings.replay < 1:
        raise UsageError(f"--replay {settings.replay} is no share", "--replay 0.3")
    tokenizer = load_tokenizer(folders.start)
    recorded = asdict(settings) | {"without": list(settings.without)}  # as JSON gives it back
    record = Run(folders.out, "qa", recorded, _files(folders, settings))
    if record.done:
        return record.done
    with reading(folders.data):
        base = _base(folders, settings)
        articles = article_tasks(folders.articles, settings.fold, settings.without)
        claims = _claims(folders, settings, [*articles, *base])
    asked = 1 - settings.claims
    shares = (asked * (1 - settings.replay), asked * settings.replay, settings.claims)
    tasks, weights = mixed([*zip((articles, base, claims), shares, strict=True)])
    batches = QABatches(tokenizer, tasks, weights)
    torch.manual_seed(settings.seed)  # new heads begin the same, should the run begin again
    model = load_qa_model(folders.start)
    model.freeze(settings.frozen)
    for name, schedule in _schedules(settings).items():
        _stage(model, tokenizer, batches, folders.out / name, schedule, show)
    save_qa_model(model, tokenizer, folders.out)
    export_qa_model(folders.out, folders.out / ARTEFACT, VERSION, _shown(tasks, weights, settings))
    outcome = record.finish()
    for name in (LONG, FINISH):
        forget_checkpoints(folders.out / name)
    return outcome


def _stage(
    model: QANetwork,
    tokenizer: Tokenizer,
    batches: QABatches,
    folder: Path,
    schedule: Schedule,
    show: Show | None,
) -> None:
    """Trains the model, or loads what an earlier start of the same run made of it."""
    if (folder / "model.safetensors").exists():
        model.load_state_dict(load_qa_model(folder).state_dict())
    elif schedule.steps:
        run(model, batches, loss, folder, schedule, show=show)
        save_qa_model(model, tokenizer, folder)


def _schedules(settings: QASettings) -> dict[str, Schedule]:
    long = Schedule(
        steps=settings.steps,
        rate=settings.rate,
        head_rate=HEAD_RATE * settings.rate,
        warmup=settings.warmup,
        seed=settings.seed,
        shape="constant_with_warmup",
        average=AVERAGE,
    )
    finish = replace(
        long,
        steps=settings.finish_steps,
        warmup=settings.warmup // 8,
        seed=settings.seed + 1,
        shape="linear",
        average=0.0,
    )
    return {LONG: long, FINISH: finish}


def _base(folders: Folders, settings: QASettings) -> list[Task]:
    """Returns the questions about other texts than the articles, with their translations."""
    questions = list(question_rows(folders.data / QUESTIONS))
    translated = []
    if settings.translate:
        english = translatable(questions, pair_rows(folders.data))
        translated = translate(english, folders.out / TRANSLATED)
    return base_tasks(questions, translated, folders.extra, settings.seed)


def _claims(folders: Folders, settings: QASettings, asked: Sequence[Task]) -> list[Task]:
    """Returns claims of all sources, SciFact's without those of the fold."""
    seed = random.Random(settings.seed)  # noqa: S311 - no secret is drawn
    claims = [*parallel_claims(parallel_rows(folders.data), seed), *answered_claims(asked)]
    return claims + (scifact_claims(folders.scifact, settings.fold) if folders.scifact else [])


def _shown(
    tasks: Sequence[Task], weights: Sequence[float], settings: QASettings
) -> list[tuple[str, str]]:
    """Draws questions with their passages, as often of a source as they were learnt from."""
    seed = random.Random(settings.seed)  # noqa: S311 - no secret is drawn
    drawn = seed.choices(tasks, weights, k=SHOWN)
    return [(task.row.question, task.row.context) for task in drawn]


def _files(folders: Folders, settings: QASettings) -> list[Path]:
    """Returns the files that the result depends on. Raises UsageError where one is missing."""
    names = {QUESTIONS: "the QA model learns from its questions"}
    names |= {PARALLEL: "its sentences are claims"}
    names |= {PAIRS: "its questions are translated"} if settings.translate else {}
    files = need(folders.data, names) + [folders.start / name for name in ENCODER_FILES]
    sets = [folders.articles / name for name in SETS if (folders.articles / name).exists()]
    if not sets:
        raise UsageError(
            f"{folders.articles} has none of the question sets: {', '.join(SETS)}",
            "give the folder that holds them: --articles FOLDER",
        )
    extra = [folders.extra / name for name, _ in EXTRA.values()] if folders.extra else []
    files += sets + [path for path in extra if path.exists()]
    scifact = (CORPUS, CLAIMS, EVIDENCE) if folders.scifact else ()
    return files + [folders.scifact / name for name in scifact if folders.scifact]
