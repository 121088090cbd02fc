"""What the models are taught: losses fall on a toy, rows without answers cost, models reload."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from rag.training.encoding import Texts, load_encoder, sentence_vectors
from rag.training.qa_batches import SUPPORTED, Example, QABatches, Task
from rag.training.qa_model import QANetwork, load_qa_model, loss, save_qa_model
from rag.training.rows import Question, question_rows
from tests.helpers.training import (
    one_thread,  # noqa: F401
    toy_data,
    toy_encoder,
    toy_tokenizer,
)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy_data(tmp_path_factory.mktemp("data"))


# --- the encoder ---


def test_padding_changes_no_vector_and_all_are_of_length_one(start: Path) -> None:
    model, texts = load_encoder(start).eval(), Texts(toy_tokenizer(), 32)
    with torch.no_grad():
        alone = sentence_vectors(model, texts(["the war"]))
        beside = sentence_vectors(model, texts(["the war", "the bridge in the town of what"]))
    # with company a product is added in other blocks: rounding errors of 6e-8, through all layers
    torch.testing.assert_close(alone[0], beside[0], atol=1e-5, rtol=0)
    torch.testing.assert_close(beside.norm(dim=-1), torch.ones(2))


def test_texts_are_cut_and_the_tokenizer_given_stays_as_it_was() -> None:
    tokenizer = toy_tokenizer()
    assert Texts(tokenizer, 6)(["the " * 50, "war"])["input_ids"].shape == (2, 6)
    assert len(tokenizer.encode("the " * 50)) == 52


def test_the_encoder_drops_nothing_out(start: Path) -> None:
    assert {part.p for part in load_encoder(start).modules() if isinstance(part, nn.Dropout)} == {0}


# --- the QA model ---


def rows_of(data: Path, *more: Question) -> list[Task]:
    rows = [row for row in question_rows(data / "qa.jsonl.gz") if row.source == "qed-nq"]
    return [Task(row, ("the town was built",)) for row in (*rows, *more)]


def reading(data: Path, share: float) -> QABatches:
    rows = rows_of(data)
    return QABatches(toy_tokenizer(), rows, [1.0] * len(rows), share, near_miss_share=0.0)


@pytest.mark.parametrize(("share", "parts"), [(0.0, {"span"}), (1.0, set())])
def test_rows_without_answers_cost_by_their_verdicts_alone(
    data: Path, start: Path, share: float, parts: set[str]
) -> None:
    batch = reading(data, share)(0, random.Random(1))
    costs = loss(load_qa_model(start), batch)
    assert set(costs) == {"relevance", "answerable"} | parts
    total = torch.stack(list(costs.values())).sum()
    assert torch.isfinite(total)
    total.backward()  # type: ignore[no-untyped-call]


def test_claims_cost_by_their_support_alone(data: Path, start: Path) -> None:
    model = load_qa_model(start)
    claim = Task(Question("the town was built", "the town was built", None, -1, "en", "claims"),
                 support=SUPPORTED)  # fmt: skip
    batches = QABatches(toy_tokenizer(), [claim], [1.0])
    batch = batches(0, random.Random(1))
    assert set(loss(model, batch)) == {"support"}
    rows = [Example(task.row, 1.0) for task in rows_of(data)]
    batch = batches.tensors([Example(claim.row, 1.0, SUPPORTED), *rows])
    costs = loss(model, batch)
    assert set(costs) == {"support", "relevance", "answerable", "span"}
    assert all(torch.isfinite(part) for part in costs.values())


def test_a_head_that_the_weights_lack_is_new(start: Path, tmp_path: Path) -> None:
    model = load_qa_model(start)
    save_qa_model(model, toy_tokenizer(), tmp_path)
    weights = {name: part for name, part in model.state_dict().items() if "support" not in name}
    save_file(weights, tmp_path / "model.safetensors")
    again = load_qa_model(tmp_path).state_dict()
    assert all(torch.equal(part, again[name]) for name, part in weights.items())


def test_the_qa_model_learns_to_point(data: Path, start: Path) -> None:
    model, batches = load_qa_model(start), reading(data, 0.3)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    totals = []
    for step in range(40):
        total = torch.stack(list(loss(model, batches(step, random.Random(step))).values())).sum()
        totals.append(float(total.detach()))
        total.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad()
    assert sum(totals[-5:]) < 0.8 * sum(totals[:5])


def test_no_span_is_looked_for_in_the_question_or_the_padding(data: Path, start: Path) -> None:
    model = load_qa_model(start)
    batch = dict(reading(data, 0.0)(0, random.Random(1)))
    outside = (batch["token_type_ids"] == 0) | (batch["attention_mask"] == 0)

    class Shouting(nn.Module):
        """Points at everything that is no passage."""

        def forward(self, **inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
            start, end, verdicts = model(**inputs)
            return start + 99.0 * outside, end + 99.0 * outside, verdicts

    torch.testing.assert_close(loss(Shouting(), batch)["span"], loss(model, batch)["span"])


def test_a_qa_model_comes_back_from_its_folder(start: Path, tmp_path: Path) -> None:
    torch.manual_seed(1)
    model = load_qa_model(start)
    assert isinstance(model, QANetwork)
    save_qa_model(model, toy_tokenizer(), tmp_path / "qa")
    again = load_qa_model(tmp_path / "qa")
    assert again.state_dict().keys() == model.state_dict().keys()
    for name, value in again.state_dict().items():
        assert torch.equal(value, model.state_dict()[name]), name
    names = sorted(path.name for path in (tmp_path / "qa").iterdir())
    assert names == ["config.json", "model.safetensors", "tokenizer.json"]
    for part in again.modules():
        assert not isinstance(part, nn.Dropout) or part.p == 0


def test_an_encoder_becomes_a_qa_model_with_new_heads(start: Path) -> None:
    model, encoder = load_qa_model(start), load_encoder(start)
    for name, value in encoder.state_dict().items():
        assert torch.equal(model.state_dict()[f"encoder.{name}"], value)


def test_the_verdict_is_about_the_words_that_would_be_the_answer(start: Path) -> None:
    model = load_qa_model(start).eval()
    ids = torch.tensor([[6, 9, 7, 10, 11, 12, 7]])
    kinds = torch.tensor([[0, 0, 0, 1, 1, 1, 1]])
    mask = torch.ones_like(ids)
    with torch.no_grad():
        *_, before = model(ids, mask, kinds)
        model.span_head.weight.mul_(-40)  # it points elsewhere; nothing else has changed
        *_, after = model(ids, mask, kinds)
    assert not torch.allclose(before, after)


def test_what_is_frozen_does_not_learn(data: Path, start: Path) -> None:
    model = load_qa_model(start)
    model.freeze(1)
    torch.stack([*loss(model, reading(data, 0.3)(0, random.Random(1))).values()]).sum().backward()  # type: ignore[no-untyped-call]
    learning = {name for name, part in model.named_parameters() if part.grad is not None}
    assert not any("embeddings" in name or "layer.0." in name for name in learning)
    assert any("layer.1." in name for name in learning)
    assert any("span_head" in name for name in learning)
