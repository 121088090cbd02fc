"""A run that was killed and resumed ends where an uninterrupted one ends."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from rag.training import steps
from rag.training.steps import Batch, Schedule, forget_checkpoints, run
from tests.helpers.training import one_thread  # noqa: F401

STEPS = 12
SCHEDULE = Schedule(steps=STEPS, rate=1e-2, warmup=2, seed=7, log_every=2, average=0.9)


class Killed(BaseException):
    """As SIGKILL is: nothing after it runs."""


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.body = nn.Linear(6, 8)
        self.span_head = nn.Linear(8, 1)

    def forward(self, rows: Tensor) -> Tensor:
        return self.span_head(torch.tanh(self.body(rows)))  # type: ignore[no-any-return]


def batch(step: int, seed: random.Random) -> Batch:
    rows = torch.tensor([[seed.gauss(0, 1) for _ in range(6)] for _ in range(8)])
    return {"rows": rows, "gold": rows.sum(1, keepdim=True)}


def loss(model: nn.Module, batch: Batch) -> Mapping[str, Tensor]:
    return {"square": functional.mse_loss(model(batch["rows"]).float(), batch["gold"])}


def dying(at: int) -> Any:
    """The loss that is the last thing the process does, at its `at`-th step."""
    calls = iter(range(at + 1))

    def lethal(model: nn.Module, batch: Batch) -> Mapping[str, Tensor]:
        if next(calls) == at:
            raise Killed
        return loss(model, batch)

    return lethal


@pytest.fixture
def checkpoint_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "CHECKPOINT_SECONDS", -1.0)


def weights(folder: Path, *deaths: int) -> dict[str, Tensor]:
    for at in deaths:
        with pytest.raises(Killed):
            run(Net(), batch, dying(at), folder, SCHEDULE, show=lambda _: None)
    return run(Net(), batch, loss, folder, SCHEDULE, show=lambda _: None).state_dict()


def curve(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "curve.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.usefixtures("checkpoint_each_step")
def test_a_killed_and_resumed_run_ends_where_an_uninterrupted_one_ends(tmp_path: Path) -> None:
    whole = weights(tmp_path / "whole")
    resumed = weights(tmp_path / "resumed", 5, 3)
    for name, value in whole.items():
        torch.testing.assert_close(resumed[name], value, rtol=0, atol=0)
    assert any(not torch.equal(value, Net().state_dict()[name]) for name, value in whole.items())
    rows, straight = curve(tmp_path / "resumed"), curve(tmp_path / "whole")
    assert [row["step"] for row in rows] == [row["step"] for row in straight]


@pytest.mark.usefixtures("checkpoint_each_step")
def test_a_checkpoint_that_was_not_written_to_its_end_is_passed_over(tmp_path: Path) -> None:
    whole = weights(tmp_path / "whole")
    with pytest.raises(Killed):
        run(Net(), batch, dying(6), tmp_path / "torn", SCHEDULE, show=lambda _: None)
    newest = tmp_path / "torn/checkpoint-6"
    (newest / "trainer_state.json").unlink()
    (newest / "model.safetensors").write_bytes(b"half")
    resumed = weights(tmp_path / "torn")
    for name, value in whole.items():
        torch.testing.assert_close(resumed[name], value, rtol=0, atol=0)


def test_without_a_checkpoint_a_killed_run_begins_again(tmp_path: Path) -> None:
    again = weights(tmp_path / "again", 5)
    for name, value in weights(tmp_path / "whole").items():
        torch.testing.assert_close(again[name], value, rtol=0, atol=0)
    assert len([row for row in curve(tmp_path / "again") if row["step"] == 2]) == 1


def test_another_seed_is_another_run(tmp_path: Path) -> None:
    other = Schedule(steps=STEPS, rate=1e-2, warmup=2, seed=8)
    left = weights(tmp_path / "a")
    right = run(Net(), batch, loss, tmp_path / "b", other, show=lambda _: None).state_dict()
    assert any(not torch.equal(left[name], right[name]) for name in left)


def test_the_curve_has_losses_and_all_of_it_is_shown(tmp_path: Path) -> None:
    shown: list[Any] = []
    schedule = Schedule(steps=90, rate=5e-2, head_rate=5e-2, warmup=2, log_every=30)
    run(Net(), batch, loss, tmp_path, schedule, shown.append)
    rows = curve(tmp_path)
    assert rows == shown
    losses = [float(row["loss"]) for row in rows if "loss" in row]
    assert losses[-1] < losses[0] / 2


def test_the_weights_at_the_end_are_the_mean_of_those_on_the_way(tmp_path: Path) -> None:
    seen: list[Tensor] = []

    def watched(model: nn.Module, batch: Batch) -> Mapping[str, Tensor]:
        seen.append(model.get_parameter("body.bias").detach().clone())
        return loss(model, batch)

    frozen = Net()
    frozen.span_head.requires_grad_(False)
    schedule = Schedule(steps=40, rate=5e-2, warmup=2, average=0.9, shape="constant_with_warmup")
    end = run(frozen, batch, watched, tmp_path, schedule).get_parameter("body.bias")
    lags = torch.stack([(end - earlier).norm() for earlier in seen])
    assert lags.argmin() not in (0, len(seen) - 1)  # behind the last, far from the first
    assert torch.equal(frozen.span_head.weight, Net().span_head.weight)


@pytest.mark.usefixtures("checkpoint_each_step")
def test_checkpoints_are_few_and_can_be_forgotten(tmp_path: Path) -> None:
    weights(tmp_path)
    assert {path.name for path in tmp_path.glob("checkpoint-*")} == {
        "checkpoint-11",
        "checkpoint-12",
    }
    forget_checkpoints(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["curve.jsonl"]


def test_heads_and_words_learn_faster_than_the_rest() -> None:
    schedule = Schedule(steps=1, rate=1.0, word_rate=2.0, head_rate=3.0)
    names = {
        "encoder.embeddings.word_embeddings.weight": 2.0,
        "encoder.embeddings.position_embeddings.weight": 1.0,
        "span_head.weight": 3.0,
        "verdict_head.0.bias": 3.0,
        "encoder.layer.0.output.dense.weight": 1.0,
    }
    assert {name: steps._rate_of(name, schedule) for name in names} == names
