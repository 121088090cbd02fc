"""What the models are taught: losses fall on a toy, rows without answers cost, readers reload."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch
from torch import nn

from rag.training import embedder
from rag.training.embedder import Batches, Losses, spanish_words_only
from rag.training.encoding import Texts, load_encoder, sentence_vectors
from rag.training.reader import Reader, load_reader, loss, save_reader
from rag.training.reading import ReadingBatches, Task
from rag.training.rows import Question, parallel_rows, passages_of, question_rows
from tests.training import (
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


# --- the embedder ---


def batches_of(data: Path) -> Batches:
    rows = parallel_rows(data)
    return Batches(toy_tokenizer(), toy_tokenizer(), rows, passages_of(rows, words=12))


def spanish_tokens(data: Path) -> list[int]:
    text = parallel_rows(data)[0].es
    return sorted(set(toy_tokenizer().encode(text, add_special_tokens=False).ids))


def translated(start: Path, teacher: nn.Module, tokens: list[int]) -> nn.Module:
    """A student that has another start for the words of `tokens` than the teacher."""
    words = teacher.get_parameter("embeddings.word_embeddings.weight").detach().clone()
    words[tokens] = torch.randn(words[tokens].shape, generator=torch.manual_seed(3))
    return load_encoder(start, words.numpy())


@pytest.mark.parametrize("kind", [0, 1], ids=["short", "long"])
def test_either_kind_of_step_lowers_its_loss(
    data: Path, start: Path, kind: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedder, "TOKENS_A_STEP", 200)
    batches, losses = batches_of(data), Losses(load_encoder(start))
    student = load_encoder(toy_encoder(start.parent / "other", seed=1))
    optimizer = torch.optim.AdamW(student.parameters(), lr=3e-3)
    totals = []
    for step in range(40):
        parts = losses(student, batches(2 * step + kind, random.Random(step)))
        total = torch.stack(list(parts.values())).sum()
        totals.append(float(total.detach()))
        total.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad()
    assert sum(totals[-8:]) < 0.85 * sum(totals[:8])


def test_only_words_that_spanish_owns_move(data: Path, start: Path) -> None:
    teacher = load_encoder(start)
    tokens = spanish_tokens(data)
    student = translated(start, teacher, tokens)
    table = student.get_parameter("embeddings.word_embeddings.weight")
    spanish_words_only(student, len(table), teacher)
    before = {name: value.clone() for name, value in student.state_dict().items()}
    optimizer = torch.optim.AdamW(
        [value for value in student.parameters() if value.requires_grad], lr=1e-2, weight_decay=0.0
    )
    for step in range(6):
        parts = Losses(teacher)(student, batches_of(data)(step, random.Random(step)))
        torch.stack(list(parts.values())).sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad()
    after = student.state_dict()
    moved = {name for name, value in after.items() if not torch.equal(value, before[name])}
    assert moved == {"embeddings.word_embeddings.weight"}
    rows = (table.detach() != before["embeddings.word_embeddings.weight"]).any(1)
    assert rows[tokens].any()
    rows[tokens] = False
    assert not rows.any()


def test_the_teacher_is_not_taught(data: Path, start: Path) -> None:
    teacher = load_encoder(start)
    before = {name: value.clone() for name, value in teacher.state_dict().items()}
    losses = Losses(teacher)
    student = translated(start, teacher, spanish_tokens(data))
    parts = losses(student, batches_of(data)(0, random.Random(1)))
    torch.stack(list(parts.values())).sum().backward()  # type: ignore[no-untyped-call]
    assert all(value.grad is None for value in teacher.parameters())
    assert any(value.grad is not None for value in student.parameters())
    assert all(torch.equal(value, before[name]) for name, value in teacher.state_dict().items())


def test_a_step_is_the_same_for_the_same_seed(data: Path) -> None:
    batches = batches_of(data)
    left, right = (batches(3, random.Random(9)) for _ in range(2))
    assert torch.equal(left["student"]["input_ids"], right["student"]["input_ids"])
    assert torch.equal(left["teacher"]["input_ids"], right["teacher"]["input_ids"])


# --- the reader ---


def rows_of(data: Path, *more: Question) -> list[Task]:
    rows = [row for row in question_rows(data / "qa.jsonl.gz") if row.source == "qed-nq"]
    return [Task(row, ("the town was built",)) for row in (*rows, *more)]


def reading(data: Path, share: float) -> ReadingBatches:
    return ReadingBatches(toy_tokenizer(), rows_of(data), lambda _: 1.0, share)


@pytest.mark.parametrize(("share", "parts"), [(0.0, {"span"}), (1.0, set())])
def test_rows_without_answers_cost_by_their_verdicts_alone(
    data: Path, start: Path, share: float, parts: set[str]
) -> None:
    batch = reading(data, share)(0, random.Random(1))
    costs = loss(load_reader(start), batch)
    assert set(costs) == {"relevance", "answerable"} | parts
    total = torch.stack(list(costs.values())).sum()
    assert torch.isfinite(total)
    total.backward()  # type: ignore[no-untyped-call]


def test_the_reader_learns_to_point(data: Path, start: Path) -> None:
    model, batches = load_reader(start), reading(data, 0.3)
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
    model = load_reader(start)
    batch = dict(reading(data, 0.0)(0, random.Random(1)))
    outside = (batch["token_type_ids"] == 0) | (batch["attention_mask"] == 0)

    class Shouting(nn.Module):
        """Points at everything that is no passage."""

        def forward(self, **inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
            start, end, verdicts = model(**inputs)
            return start + 99.0 * outside, end + 99.0 * outside, verdicts

    torch.testing.assert_close(loss(Shouting(), batch)["span"], loss(model, batch)["span"])


def test_a_reader_comes_back_from_its_folder(start: Path, tmp_path: Path) -> None:
    torch.manual_seed(1)
    model = load_reader(start)
    assert isinstance(model, Reader)
    save_reader(model, toy_tokenizer(), tmp_path / "reader")
    again = load_reader(tmp_path / "reader")
    assert again.state_dict().keys() == model.state_dict().keys()
    for name, value in again.state_dict().items():
        assert torch.equal(value, model.state_dict()[name]), name
    names = sorted(path.name for path in (tmp_path / "reader").iterdir())
    assert names == ["config.json", "model.safetensors", "tokenizer.json"]
    for part in again.modules():
        assert not isinstance(part, nn.Dropout) or part.p == 0


def test_an_encoder_becomes_a_reader_with_new_heads(start: Path) -> None:
    model, encoder = load_reader(start), load_encoder(start)
    for name, value in encoder.state_dict().items():
        assert torch.equal(model.state_dict()[f"encoder.{name}"], value)
