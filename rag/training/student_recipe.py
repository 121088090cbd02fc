"""`rag train student`: from multilingual-e5-small to an encoder of half its layers.

In order: cut the model as `rag train embedder` does, choose the layers that stay, distil, export.
Each intermediate result is kept in the run's folder, so a run that was killed repeats none of them.
No question set of the development data is learnt from.
"""

from __future__ import annotations

import json
import random
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import nn

from rag.errors import UsageError
from rag.training import packed, shorten
from rag.training.embedder_recipe import (
    NEEDED,
    PASSAGE,
    QUERY,
    EmbedderSettings,
    Material,
    cut,
    export,
    gather,
    save,
)
from rag.training.encoding import Texts
from rag.training.recipe import Outcome, Run, need, reading
from rag.training.steps import Schedule, Show, forget_checkpoints, run
from rag.training.student import PARTS, Batches, Losses

EXAMPLES = ((16, 32), (4, 128))  # texts and their most tokens, that layers are chosen by
TEACHER, LAYERS = "teacher", "layers.json"


@dataclass(frozen=True, slots=True)
class StudentSettings:
    """What decides the result, beside the data and the start model."""

    steps: int = 6_000
    seed: int = 1
    layers: int = 6
    keep: tuple[int, ...] = ()  # these layers; empty: chosen by their worth
    parts: tuple[str, ...] = PARTS  # of the loss
    pieces: int = 45_000
    rate: float = 3e-4
    warmup: int = 100


def train_student(
    data: Path,
    out: Path,
    settings: StudentSettings,
    start: Path | None = None,
    show: Show | None = None,
) -> Outcome:
    """Trains, or goes on; `out` becomes a model folder with its record and learning curve.

    `start` is the packed file, the installed one by default. Raises UsageError for what is missing
    or another run in `out`, ModelMissing, RagError for data that is torn.
    """
    _check(settings)
    start = start or packed.installed_file()
    told = asdict(settings) | {"keep": list(settings.keep), "parts": list(settings.parts)}
    record = Run(out, "student", told, [*need(data, NEEDED), start])
    if record.done:
        return record.done
    with reading(data):
        material = gather(data)
    teacher, tokenizer = cut(start, out / TEACHER, settings.pieces, material)
    kept = _layers(teacher, tokenizer, out, settings, material)
    student = shorten.shorten(teacher, kept)
    batches = Batches(tokenizer, material.sentences, material.passages, material.asked)
    config: Any = teacher.config
    goals = shorten.targets(kept, config.num_hidden_layers)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    losses = Losses(teacher.to(device), goals, settings.parts)
    schedule = Schedule(
        steps=settings.steps,
        rate=settings.rate,
        warmup=settings.warmup,
        seed=settings.seed,
    )
    trained = run(student, batches, losses, out, schedule, show)
    save(trained, tokenizer, out)
    export(out, EmbedderSettings().version, settings.seed, material)
    outcome = record.finish()
    forget_checkpoints(out)
    return outcome


def _check(settings: StudentSettings) -> None:
    """Raises UsageError for a part or layers that there are not."""
    strange = [part for part in settings.parts if part not in PARTS]
    if strange:
        raise UsageError(f"«{strange[0]}» is no part of the loss", f"take of {', '.join(PARTS)}")
    if list(settings.keep) != sorted(set(settings.keep)):
        raise UsageError("the layers that stay are not in their order", "--keep 0 --keep 2 …")


def _layers(
    teacher: nn.Module, tokenizer: Tokenizer, out: Path, settings: StudentSettings, rows: Material
) -> list[int]:
    """Places of the layers that stay; chosen once a run."""
    path = out / LAYERS
    if settings.keep:
        return list(settings.keep)
    if not path.exists():
        draw = random.Random(settings.seed)  # noqa: S311 - no secret is drawn
        texts = [
            QUERY + row.es for row in draw.sample(rows.sentences, min(64, len(rows.sentences)))
        ]
        texts += [
            PASSAGE + row.passage for row in draw.sample(rows.asked, min(64, len(rows.asked)))
        ]
        examples = [
            Texts(tokenizer, most)(draw.sample(texts, min(count, len(texts))))
            for count, most in EXAMPLES
        ]
        path.write_text(json.dumps(shorten.choose(teacher, examples, settings.layers)), "utf-8")
    return [int(place) for place in json.loads(path.read_text("utf-8"))]
