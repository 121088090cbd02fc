"""Runs a recipe: so many steps, each of one kind, with checkpoints, resume and a learning curve.

The loop is transformers' `Trainer`. What is added: a step's batch depends on the seed and the step
alone, so a run that was killed goes on exactly where its last checkpoint stands; checkpoints come
by the clock; the weights may be averaged; the curve is one JSON line a reading.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.utils.data import Dataset
from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments

from rag.training.encoding import short_floats

Batch = Mapping[str, Any]
MakeBatch = Callable[[int, random.Random], Batch]
Loss = Callable[[nn.Module, Batch], Mapping[str, Tensor]]
Show = Callable[[Mapping[str, Any]], None]
CHECKPOINT_SECONDS = 600
_MEAN = "mean.safetensors"


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long, how fast, from which seed."""

    steps: int
    rate: float = 2e-4
    word_rate: float = 5e-4
    head_rate: float = 1e-3
    warmup: int = 50
    seed: int = 1
    log_every: int = 20
    shape: str = "cosine"
    average: float = 0.0  # share of the past in the moving mean of the weights; 0: no mean is taken


def run(
    model: nn.Module,
    make_batch: MakeBatch,
    loss: Loss,
    folder: Path,
    schedule: Schedule,
    show: Show | None = None,
) -> nn.Module:
    """Trains in place; `folder` holds checkpoints and `curve.jsonl`. Resumes what is there.

    `show` gets every row of the curve, instead of the trainer's own print.
    """
    folder.mkdir(parents=True, exist_ok=True)
    trainer = _Trainer(
        model=model,
        args=_arguments(folder, schedule),
        train_dataset=_Steps(make_batch, schedule),
        data_collator=_only,
        callbacks=[_Clock(), _Curve(folder / "curve.jsonl", show)],
    )
    if show:
        trainer.remove_callback(PrinterCallback)
    torch.set_num_threads(os.cpu_count() or 1)  # accelerate has just set half of them
    trainer.loss = loss
    trainer.schedule = schedule
    trainer.mean = _Mean(schedule.average)
    trainer.add_callback(trainer.mean)
    trainer.train(resume_from_checkpoint=_last_whole(folder))
    return model


def _last_whole(folder: Path) -> str | None:
    """The newest checkpoint that was written to its end: the state comes last."""
    whole = [path.parent for path in folder.glob("checkpoint-*/trainer_state.json")]
    newest = max(whole, key=lambda path: int(path.name.split("-")[1]), default=None)
    return None if newest is None else str(newest)


def forget_checkpoints(folder: Path) -> None:
    """Once the result stands elsewhere: a checkpoint is three times its size."""
    for path in folder.glob("checkpoint-*"):
        shutil.rmtree(path)


class _Steps(Dataset[Batch]):
    """The batch of step i, made when it is asked for."""

    def __init__(self, make_batch: MakeBatch, schedule: Schedule) -> None:
        self._make, self._schedule = make_batch, schedule

    def __len__(self) -> int:
        return self._schedule.steps

    def __getitem__(self, step: int) -> Batch:
        seed = random.Random(f"{self._schedule.seed}/{step}")  # noqa: S311 - no secret is drawn
        return self._make(step, seed)


def _only(batches: list[Any]) -> dict[str, Any]:
    return dict(batches[0])


class _Trainer(Trainer):
    loss: Loss
    schedule: Schedule
    mean: _Mean
    parts: Mapping[str, float] = {}

    def _get_train_sampler(self, *_: Any) -> Any:
        return torch.utils.data.SequentialSampler(self.train_dataset)  # type: ignore[arg-type]

    def _save_checkpoint(self, *args: Any, **named: Any) -> None:
        """Writes the mean first: the state that `Trainer` writes last makes a checkpoint whole."""
        folder = Path(str(self.args.output_dir)) / f"checkpoint-{self.state.global_step}"
        folder.mkdir(exist_ok=True)
        self.mean.save(folder)
        super()._save_checkpoint(*args, **named)

    def create_optimizer(self, *_: Any) -> torch.optim.Optimizer:
        """Word vectors learn faster, each is touched by few steps; new heads fastest."""
        groups: dict[float, list[Any]] = {}
        for name, value in self.model.named_parameters():  # type: ignore[union-attr]
            if value.requires_grad:
                groups.setdefault(_rate_of(name, self.schedule), []).append(value)
        self.optimizer = torch.optim.AdamW(
            [{"params": values, "lr": rate} for rate, values in groups.items()],
            weight_decay=0.0,
            fused=True,
        )
        return self.optimizer

    def log(self, logs: Any, *more: Any, **named: Any) -> None:
        """As `Trainer` does it, and the parts of the last step's loss."""
        parts = {f"{name}_loss": round(value, 4) for name, value in self.parts.items()}
        super().log({**logs, **parts}, *more, **named)

    def compute_loss(self, model: nn.Module, inputs: Any, *_: Any, **__: Any) -> Tensor:
        # One context for all passes of a step: weights are cast once, not once a pass.
        device = "cuda" if torch.cuda.is_available() else "cpu"
        with torch.autocast(device, dtype=torch.bfloat16, enabled=short_floats()):
            parts = self.loss(model, inputs)
        self.parts = {name: float(value.detach()) for name, value in parts.items()}
        return torch.stack(list(parts.values())).sum()


def _rate_of(name: str, schedule: Schedule) -> float:
    if "word_embeddings" in name:
        return schedule.word_rate
    return schedule.head_rate if "_head." in name else schedule.rate


class _Clock(TrainerCallback):
    """A checkpoint every ten minutes, whatever a step costs."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        if time.monotonic() - self._last > CHECKPOINT_SECONDS:
            self._last = time.monotonic()
            control.should_save = True
        return control


class _Mean(TrainerCallback):
    """The moving mean of the weights that learn, which take its place at the end of the run."""

    def __init__(self, average: float) -> None:
        self._average = average
        self._weights: dict[str, Tensor] = {}

    def save(self, folder: Path) -> None:
        """Writes the mean into a checkpoint."""
        if self._weights:
            save_file(self._weights, folder / _MEAN)

    def on_train_begin(
        self, args: Any, state: Any, control: Any, model: Any = None, **_: Any
    ) -> None:
        """Takes the mean of the checkpoint that the run goes on from, or begins one."""
        if not self._average:
            return
        path = Path(args.output_dir) / f"checkpoint-{state.global_step}" / _MEAN
        if path.exists():
            self._weights = load_file(path)
        else:
            self._weights = {name: part.detach().clone() for name, part in _learning(model)}

    def on_step_end(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
        # the first weights are worth little: at the beginning the mean reaches back ten steps
        share = 1 - min(self._average, state.global_step / (state.global_step + 10))
        for name, part in _learning(model) if self._weights else ():
            self._weights[name].lerp_(part.detach(), share)

    def on_train_end(
        self, args: Any, state: Any, control: Any, model: Any = None, **_: Any
    ) -> None:
        for name, part in _learning(model) if self._weights else ():
            part.data.copy_(self._weights[name])


def _learning(model: nn.Module) -> list[tuple[str, Tensor]]:
    return [(name, part) for name, part in model.named_parameters() if part.requires_grad]


class _Curve(TrainerCallback):
    def __init__(self, path: Path, show: Show | None) -> None:
        self._path, self._show = path, show
        self._start = time.monotonic()

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Rows after the checkpoint are about to be written again; its clock goes on."""
        lines = self._path.read_text("utf-8").splitlines() if self._path.exists() else []
        kept = [line for line in lines if json.loads(line)["step"] <= state.global_step]
        if kept:
            self._start -= json.loads(kept[-1])["seconds"]
        self._path.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        self._write(state.global_step, logs or {})

    def _write(self, step: int, values: Mapping[str, Any]) -> None:
        row = {"step": step, "seconds": round(time.monotonic() - self._start), **values}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        if self._show:
            self._show(row)


def _arguments(folder: Path, schedule: Schedule) -> TrainingArguments:
    return TrainingArguments(
        output_dir=str(folder),
        max_steps=schedule.steps,
        per_device_train_batch_size=1,
        learning_rate=schedule.rate,
        warmup_steps=schedule.warmup,
        lr_scheduler_type=schedule.shape,
        max_grad_norm=1.0,
        use_cpu=not torch.cuda.is_available(),
        seed=schedule.seed,
        save_strategy="no",
        save_total_limit=2,
        logging_steps=schedule.log_every,
        report_to=[],
        remove_unused_columns=False,
        dataloader_pin_memory=False,
        disable_tqdm=True,
    )
