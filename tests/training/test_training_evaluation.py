"""Development figures: models of known behaviour get the figures they deserve."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from rag.training import evaluation
from rag.training.encoding import Texts, load_encoder, sentence_vectors
from rag.training.evaluation import Development, load_development, predict, reading, retrieval
from tests.helpers.training import (
    one_thread,  # noqa: F401
    qa,
    squad,
    toy_articles,
    toy_encoder,
    toy_tokenizer,
)


class Letters(nn.Module):
    """Token states that are the token ids' own axes: like texts have like vectors."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.eye(toy_tokenizer().get_vocab_size()))

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> SimpleNamespace:
        return SimpleNamespace(last_hidden_state=self.table[input_ids])


class Pointer(nn.Module):
    """Points at the tokens of one word in the passage, and shouts at all else that it may not."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self.ids = torch.tensor(toy_tokenizer().encode(word, add_special_tokens=False).ids)
        self.unused = nn.Parameter(torch.zeros(1))

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        start = (input_ids == self.ids[0]).float()
        end = (input_ids == self.ids[-1]).float()
        shout = 50.0 * ((token_type_ids == 0) | (input_ids == input_ids[0, -1])).float()
        return start + shout, end + shout, torch.zeros(len(input_ids), 2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return toy_articles(tmp_path / "qa")


@pytest.fixture
def development(folder: Path) -> Development:
    return load_development(folder)


def test_questions_stand_in_the_same_order_in_both_languages(folder: Path) -> None:
    shuffled = {
        "B": [("uno dos", [qa("2", "¿b?", "uno dos", "dos"), qa("9", "¿?", "uno dos", "uno")])],
        "A": [("tres", [qa("1", "¿a?", "tres", "tres")])],
    }
    squad(folder / "xquad.dev.es.json", shuffled)
    english = {
        "A": [("three", [qa("1", "a?", "three", "three")])],
        "B": [("one two", [qa("2", "b?", "one two", "two", "one two")])],
    }
    squad(folder / "xquad.dev.en.json", english)
    data = load_development(folder)
    assert [item.question for item in data.items["en"]] == ["a?", "b?"]
    assert [item.question for item in data.items["es"]] == ["¿a?", "¿b?"]
    assert data.items["en"][1].answers == ("two", "one two")
    assert [item.question for item in data.of({"B"}).items["es"]] == ["¿b?"]
    assert data.of(set()).items == {"en": [], "es": []}


def test_a_sample_is_the_same_every_time(development: Development) -> None:
    few = development.sample(5)
    assert few == development.sample(5)
    assert len(few.items["en"]) == len(few.items["es"]) == 5
    assert development.sample(99).items.keys() == {"en", "es"}


def test_retrieval_of_texts_by_their_letters(development: Development) -> None:
    figures = retrieval(Letters(), toy_tokenizer(), development)
    assert set(figures) == {
        f"{direction} R@{k}" for direction in evaluation.DIRECTIONS for k in (1, 10)
    }
    assert figures["en>en R@1"] == 1.0
    assert figures["en>es R@1"] < figures["es>es R@1"]
    assert all(
        figures[f"{direction} R@1"] <= figures[f"{direction} R@10"]
        for direction in evaluation.DIRECTIONS
    )


def test_similarity_is_measured_where_the_pairs_are(folder: Path) -> None:
    rows = [("abc", "abc", 5.0), ("abc", "abd", 3.0), ("abc", "azz", 1.5), ("abc", "zzz", 0.0)]
    path = folder.parent / "pairs/stsb/stsb-es-dev.csv.gz"
    path.parent.mkdir(parents=True)
    with gzip.open(path, "wt", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows(rows)
    figures = retrieval(Letters(), toy_tokenizer(), load_development(folder))
    assert figures["sts es"] == pytest.approx(1.0)
    assert "sts en" not in figures


def test_ranks_of_equal_values_are_shared() -> None:
    np.testing.assert_allclose(evaluation._ranks(np.array([3.0, 1.0, 3.0, 9.0])), [2.5, 1, 2.5, 4])
    assert evaluation._spearman(np.array([1.0, 2.0, 3.0]), [9.0, 5.0, 1.0]) == pytest.approx(-1)


def test_vectors_come_in_the_order_of_the_texts(tmp_path: Path) -> None:
    model, texts = load_encoder(toy_encoder(tmp_path)), Texts(toy_tokenizer(), 32)
    rows = ["war", "the bridge in the town", "house of the war"] * 20
    vectors = evaluation.encode(model, texts, rows)
    with torch.no_grad():
        alone = sentence_vectors(model, texts(rows[:3])).double().numpy()
    np.testing.assert_allclose(vectors[:3], alone, atol=0.05)  # bfloat16
    np.testing.assert_allclose(vectors[3:6], vectors[:3], atol=0.05)
    assert vectors.shape == (60, 16)


def test_the_span_is_slices_of_the_passage_never_the_question_or_a_separator() -> None:
    pairs = [("is Lima old?", "In Perú stands Lima."), ("Lima?", "Of LIMA and of towns " * 20)]
    assert predict(Pointer("lima"), toy_tokenizer(), pairs) == ["Lima", "LIMA"]
    long = "lima " + "x " * 40 + "ends"
    (found,) = predict(Pointer("lima"), toy_tokenizer(), [("q", long)])
    assert found == "lima"
    ((text),) = predict(Pointer("absent"), toy_tokenizer(), [("q", "é " * 700)])
    assert text in "é " * 700


def test_reading_is_scored_by_the_best_answer_in_percent(development: Development) -> None:
    figures = reading(Pointer("red"), toy_tokenizer(), development, ("en>en",))
    assert figures == {"en>en F1": pytest.approx(33.3), "en>en EM": pytest.approx(33.3)}
    nothing = reading(Pointer("red"), toy_tokenizer(), development.of(()), ("en>en",))
    assert nothing == {"en>en F1": 0.0, "en>en EM": 0.0}


@pytest.mark.parametrize(
    ("guess", "answer", "language", "f1", "exact"),
    [
        ("The Nobel Prize.", "nobel prize", "en", 1.0, 1.0),
        ("el premio Nobel", "Premio Nobel", "es", 1.0, 1.0),
        ("el premio Nobel", "Premio Nobel", "en", 0.8, 0.0),
        ("premio Nobel de física", "premio Nobel", "es", 2 / 3, 0.0),
        ("Perú", "Chile", "es", 0.0, 0.0),
        ("", "Chile", "es", 0.0, 0.0),
        ("la", "las", "es", 0.0, 0.0),
    ],
)
def test_agreement_ignores_case_punctuation_and_the_articles_of_the_language(
    guess: str, answer: str, language: str, f1: float, exact: float
) -> None:
    assert evaluation._agreement(guess, answer, language) == pytest.approx((f1, exact))


def test_a_model_goes_on_training_after_it_was_measured(development: Development) -> None:
    model = Letters().train()
    retrieval(model, toy_tokenizer(), development)
    assert model.training
    assert torch.is_grad_enabled()
