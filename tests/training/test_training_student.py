"""From a packed model to a shorter one: read, cut, shortened, distilled, gone on with."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from rag.errors import ModelMissing, RagError, UsageError
from rag.training import embedder_recipe, packed, pieces, shorten, student_recipe
from rag.training.encoding import Texts, load_encoder, sentence_vectors
from rag.training.student import Batches, Losses
from rag.training.student_recipe import StudentSettings, train_student
from tests.helpers import packed as toy
from tests.helpers.training import one_thread, toy_data

__all__ = ["one_thread"]  # every test here asks for it by being in this module
SMALL = StudentSettings(steps=3, layers=2, pieces=112, warmup=1)


@pytest.fixture
def held(tmp_path: Path) -> packed.Packed:
    return packed.read_packed(toy.write(tmp_path / "toy.bin"))


def test_the_file_gives_back_what_was_packed(held: packed.Packed) -> None:
    wanted = toy.weights()
    assert (held.hidden, held.layers, len(held.pieces)) == (32, 4, len(toy.PIECES))
    query = held.tensors["encoder.layer.2.attention.self.query.weight"]
    np.testing.assert_array_equal(query, wanted["l2.q.w"].reshape(-1))
    model = packed.encoder(held)
    norm = model.get_parameter("encoder.layer.3.output.LayerNorm.bias").detach().numpy()
    np.testing.assert_array_equal(norm, wanted["l3.oln.b"])


def test_a_torn_file_is_named(tmp_path: Path) -> None:
    whole = toy.write(tmp_path / "whole.bin").read_bytes()
    for name, content in {"short": whole[:900], "other": b"GGUF" + whole[4:]}.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(RagError, match=name):
            packed.read_packed(path)


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "PACKAGE", "no_such_package")
    with pytest.raises(ModelMissing, match="multilingual-e5-small"):
        packed.installed_file()


def test_another_file_than_the_pinned_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "other_e5"
    folder.mkdir()
    (folder / "__init__.py").touch()
    toy.write(folder / packed.FILE)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(packed, "PACKAGE", "other_e5")
    with pytest.raises(RagError, match="sha256"):
        packed.installed_file()


def test_the_tokenizer_sees_accents_and_no_special_tokens_in_texts(held: packed.Packed) -> None:
    found, _ = pieces.select(held)
    tokenizer = pieces.tokenizer_of(found)
    encoded = tokenizer.encode("the  puente ñ [SEP]")
    assert encoded.tokens[:5] == ["[CLS]", "▁the", "▁puente", "▁", "ñ"]
    assert encoded.tokens.count("[SEP]") == 1  # the one behind the text
    assert encoded.offsets[2] == (5, 11)
    assert tokenizer.encode("ﬁ").tokens == tokenizer.encode("fi").tokens


def test_letters_and_signs_stay_and_words_by_weight(held: packed.Packed) -> None:
    texts = ["the bridge", "the puente"]
    few = pieces.needed(held, texts, len(toy.LETTERS) + 2)
    kept = {held.pieces[piece][0] for piece in few}
    assert {"ñ", "α", "≤", "€", "¿", "7"} <= kept
    assert "字" not in kept
    assert "▁the" in kept
    with pytest.raises(ValueError, match="letters"):
        pieces.needed(held, texts, 5)


def test_a_cut_vocabulary_gives_the_same_vectors(held: packed.Packed) -> None:
    text = ["the puente"]
    vectors = []
    for kept in (None, pieces.needed(held, text, 112)):
        names, rows = pieces.select(held, kept)
        batch = Texts(pieces.tokenizer_of(names), 64)(text)
        vectors.append(sentence_vectors(packed.encoder(held, rows), batch).detach())
    torch.testing.assert_close(*vectors)


def test_layers_that_do_nothing_go_first(held: packed.Packed) -> None:
    teacher = packed.encoder(held)
    for name in ("attention.output", "output"):  # of layer 1: what is added is nothing
        part = teacher.get_submodule(f"encoder.layer.1.{name}")
        for value in part.get_submodule("dense").parameters():
            value.data.zero_()
        part.get_parameter("LayerNorm.weight").data.fill_(1.0)
        part.get_parameter("LayerNorm.bias").data.zero_()
    for name in ("weight", "bias"):  # its norms change nothing then: layer 0 has normed already
        last = teacher.get_parameter(f"encoder.layer.0.output.LayerNorm.{name}")
        last.data.fill_(1.0 if name == "weight" else 0.0)
    found, _ = pieces.select(held)
    batch = Texts(pieces.tokenizer_of(found), 64)(["the red bridge", "el puente"])
    assert shorten.choose(teacher, [batch], 3) == [0, 2, 3]
    short = shorten.shorten(teacher, [0, 2, 3])
    torch.testing.assert_close(sentence_vectors(short, batch), sentence_vectors(teacher, batch))
    assert shorten.targets([0, 2, 3], 4) == [2, 3, 4]


def test_a_student_that_is_the_teacher_loses_nothing(held: packed.Packed, tmp_path: Path) -> None:
    teacher = packed.encoder(held)
    found, _ = pieces.select(held)
    rows = embedder_recipe.gather(toy_data(tmp_path / "data"))
    batches = Batches(pieces.tokenizer_of(found), rows.sentences, rows.passages, rows.asked)
    same = shorten.shorten(teacher, range(toy.LAYERS))
    parts = Losses(teacher, shorten.targets(range(4), 4))(same, batches(0, random.Random(1)))
    assert set(parts) == {"states", "inner", "pull", "likeness"}
    assert all(abs(float(value.detach())) < 1e-4 for value in parts.values()), parts


def test_a_run_that_was_killed_ends_as_one_that_was_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, start = toy_data(tmp_path / "data"), toy.write(tmp_path / "toy.bin")
    train_student(data, tmp_path / "whole", SMALL, start)

    class Killed(Exception):
        pass

    def kill(row: object) -> None:
        raise Killed

    monkeypatch.setattr("rag.training.steps.CHECKPOINT_SECONDS", -1)
    monkeypatch.setattr(student_recipe, "forget_checkpoints", kill)
    with pytest.raises(Killed):
        train_student(data, tmp_path / "cut", SMALL, start)
    record = tmp_path / "cut" / "recipe.json"
    before = record.read_text("utf-8")
    assert '"seconds"' in before
    record.write_text(before.replace('"seconds"', '"was"'), "utf-8")  # as if it had not come so far
    (tmp_path / "cut" / "checkpoint-3" / "trainer_state.json").unlink()
    monkeypatch.undo()
    train_student(data, tmp_path / "cut", SMALL, start)
    left, right = (load_encoder(tmp_path / name).state_dict() for name in ("whole", "cut"))
    assert left.keys() == right.keys()
    for name, value in left.items():
        torch.testing.assert_close(value, right[name])


def test_words_stay_and_layers_learn(tmp_path: Path) -> None:
    data, start = toy_data(tmp_path / "data"), toy.write(tmp_path / "toy.bin")
    out = tmp_path / "out"
    train_student(data, out, SMALL, start)
    teacher, student = load_encoder(out / "teacher"), load_encoder(out)
    words = "embeddings.word_embeddings.weight"
    assert torch.equal(teacher.get_parameter(words), student.get_parameter(words))
    assert len(student.get_submodule("encoder.layer")._modules) == 2
    moved = student.get_parameter("encoder.layer.0.output.dense.weight")
    assert not any(
        torch.equal(moved, teacher.get_parameter(f"encoder.layer.{i}.output.dense.weight"))
        for i in range(4)
    )
    assert Tokenizer.from_file(str(out / "tokenizer.json")).get_vocab_size() <= 116
    with pytest.raises(UsageError, match="other settings"):
        train_student(data, out, StudentSettings(steps=4), start)
