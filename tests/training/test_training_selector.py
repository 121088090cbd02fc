"""The sentence selector: what it learns from, its loss, and `rag train selector` on toy data."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from rag.models import BundledEmbedder, load_artefact
from rag.training.encoding import load_encoder
from rag.training.qa_batches import Task
from rag.training.recipe import load_tokenizer
from rag.training.rows import Question
from rag.training.selector_recipe import loss
from rag.training.selector_rows import OTHERS, Choice, SelectorBatches, choices
from tests.helpers.commandline import Rag, command_line, stated
from tests.helpers.training import (
    fake_apertium,
    one_thread,  # noqa: F401
    toy_articles,
    toy_data,
    toy_encoder,
)

PASSAGE = (
    "The Alcázar is a palace of Seville. It was built by Pedro the Cruel. "
    "Pedro the Cruel also mended the walls. The gardens hold orange trees. It rains seldom there."
)
SPANISH = 'text = text.replace("colour", "color").replace("one", "un")'


def asked(answer: str | None, start: int = -1) -> Task:
    place = PASSAGE.find(answer) if answer and start < 0 else start
    return Task(Question("Who built the palace?", PASSAGE, answer, place, "en", "nq"))


def test_the_choice_is_among_the_sentences_of_the_passage() -> None:
    (choice,) = choices([asked("Pedro the Cruel")])
    assert choice.right == "It was built by Pedro the Cruel."
    assert choice.others == (
        "The Alcázar is a palace of Seville.",
        "The gardens hold orange trees.",
        "It rains seldom there.",
    ), "the walls name him too"
    assert choice.title == "Alcázar"


def test_what_leaves_no_choice_is_left_out() -> None:
    alone = Task(Question("What?", "Only one sentence here.", "one", 5, "en", "nq"))
    assert list(choices([asked(None), alone])) == []


def rows() -> list[Choice]:
    others = tuple(f"the street number {number} is red" for number in range(OTHERS + 5))
    return [
        Choice(f"is bridge {n} blue", f"the bridge {n} is blue", others, "", "nq") for n in range(9)
    ]


def test_a_batch_says_whose_each_sentence_is(tmp_path: Path) -> None:
    toy_encoder(tmp_path)
    tokenizer = load_tokenizer(tmp_path)
    batch = SelectorBatches(tokenizer, rows(), ("query: ", "passage: "))(0, random.Random(1))
    count = len(batch["owner"])
    assert sum(len(part["input_ids"]) for part in batch["sentences"]) == count
    assert sorted(batch["order"].tolist()) == list(range(count))
    assert batch["owner"][batch["right"]].tolist() == list(range(len(batch["right"])))
    assert torch.bincount(batch["owner"]).tolist() == [1 + OTHERS] * len(batch["right"])


def test_the_loss_falls_where_the_right_sentence_is_nearer(tmp_path: Path) -> None:
    toy_encoder(tmp_path)
    model = load_encoder(tmp_path)
    batches = SelectorBatches(load_tokenizer(tmp_path), rows(), ("", ""))
    batch = batches(0, random.Random(1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    first = loss(model, batch)
    for _ in range(12):
        optimizer.zero_grad()
        total: Any = torch.stack(list(loss(model, batch).values())).sum()
        total.backward()
        optimizer.step()
    last = loss(model, batch)
    assert set(last) == {"passage", "elsewhere"}
    assert all(last[part] < first[part] for part in last)


@pytest.fixture
def rag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Rag:
    toy_data(tmp_path / "data/training")
    toy_articles(tmp_path / "data/qa")
    toy_encoder(tmp_path / "start")
    monkeypatch.setenv("PATH", str(fake_apertium(tmp_path / "bin", sys.executable, SPANISH)))
    return command_line(tmp_path, monkeypatch, capsys)


def selector(rag: Rag, *more: object, out: str = "out") -> Any:
    return rag("train", "selector", "--data", "data/training", "--out", out, "--start", "start",
               "--articles", "data/qa", "--steps", 3, "--json", *more)  # fmt: skip


def test_a_selector_from_questions_to_its_artefact(rag: Rag, tmp_path: Path) -> None:
    outcome = selector(rag)
    assert outcome.code == 0, outcome.err
    artefact = load_artefact(tmp_path / "out/artefact")
    assert (artefact.name, artefact.version) == ("fuente-selector", "1")
    assert (artefact.query_prefix, artefact.passage_prefix) == ("query: ", "passage: ")
    vectors = BundledEmbedder(artefact, threads=1).encode_documents(["el puente rojo"])
    assert vectors.shape == (1, artefact.dimension)
    assert selector(rag).json["seconds"] == 0.0, "it is done"
    stated(selector(rag, "--seed", 2), 2, "other settings", "--out")


def test_missing_data_is_named(rag: Rag, tmp_path: Path) -> None:
    (tmp_path / "start/tokenizer.json").unlink()
    stated(selector(rag), 2, "tokenizer.json", "no encoder to start from")
