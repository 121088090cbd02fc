"""Questions out of a library's documents, the adapter's file, and the gate."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rag.answering.prompts import NOT_FOUND
from rag.errors import UsageError
from rag.library import Library
from rag.llms.adapters import adapter_for, forget, place, record_of
from rag.llms.installed import Models
from rag.models.gguf import read_header
from rag.training.adapter_file import write_adapter
from rag.training.raft import Example, examples, held_back
from rag.training.raft_gate import Gate, Verdict, _outcome, settle
from rag.training.raft_recipe import train_generator
from tests.helpers.answering import open_library, write_files
from tests.helpers.real_models import smollm

SUBJECTS = "caldera ascensor garantía tejado contrato seguro fachada jardín".split()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    files = {
        f"{name}.md": f"# Guía de {name}\n\n## Revisión de {name}\n\nLa revisión de {name} se hace "
        f"cada {number + 2} meses y la firma el técnico.\n"
        for number, name in enumerate(SUBJECTS)
    }
    with open_library(tmp_path / "lib") as opened:
        opened.ingest([write_files(tmp_path / "docs", files)])
        yield opened


def test_the_right_passage_stands_among_others_or_is_missing(library: Library) -> None:
    made = examples(library, lambda text: len(text.split()), 40)
    assert len(made) >= 4
    for example in made:
        shown = example.messages[-1].content
        if example.quote:
            assert example.answer == f"{example.quote} [{example.number}]"
            before, after = shown.split(f"[{example.number}]", 1)
            assert example.quote in after
            assert example.quote not in before
        else:
            assert example.answer == NOT_FOUND["es"]
    assert {bool(example.quote) for example in made} == {True, False}


def test_documents_are_held_back_whole(library: Library) -> None:
    learnt, kept = held_back(examples(library, len, 40))
    assert learnt
    assert kept
    assert not {example.document for example in learnt} & {example.document for example in kept}


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("La revisión de caldera se hace cada dos meses. [2]", "right"),
        ("La revisión de caldera se hace cada dos meses. [1]", "wrong"),
        ("Se hace. [2]", "wrong"),
        (NOT_FOUND["es"], "refused"),
    ],
)
def test_an_answer_is_judged_by_its_words_and_its_number(text: str, outcome: str) -> None:
    quote = "La revisión de caldera se hace cada dos meses."
    assert _outcome(Example(1, (), f"{quote} [2]", quote, 2), text) == outcome
    asked_in_vain = Example(1, (), NOT_FOUND["es"])
    assert _outcome(asked_in_vain, text) == ("right" if outcome == "refused" else "wrong")


def adapter(path: Path) -> None:
    name = "base.model.model.layers.0.self_attn.v_proj.lora_{}.weight"
    ones = {side: _Tensor(np.ones(shape, np.float32)) for side, shape in _SHAPES.items()}
    write_adapter(path, {name.format(side): ones[side] for side in "AB"}, "llama", 16)


_SHAPES = {"A": (8, 32), "B": (32, 8)}


class _Tensor:
    def __init__(self, values: np.ndarray) -> None:
        self.values = values

    def detach(self) -> _Tensor:
        return self

    float = cpu = detach

    def numpy(self) -> np.ndarray:
        return self.values


def test_an_adapter_is_a_sound_gguf_file(tmp_path: Path) -> None:
    adapter(tmp_path / "a.gguf")
    header = read_header(tmp_path / "a.gguf")
    assert header.architecture == "llama"
    assert header.parameters == 2 * 8 * 32
    assert header.metadata["adapter.type"] == "lora"
    with pytest.raises(ValueError, match="q_proj"):
        write_adapter(tmp_path / "b.gguf", {"layers.0.self_attn.q_proj.lora_A.": None}, "llama", 1)


@pytest.mark.parametrize("after", [Verdict(5, 2, 1), Verdict(5, 3, 0), Verdict(4, 1, 3)])
def test_it_is_kept_only_where_it_answers_better(tmp_path: Path, after: Verdict) -> None:
    new, target = tmp_path / "adapters" / "m.new", place(tmp_path, "m")
    new.parent.mkdir()
    adapter(new)
    gate = Gate(Verdict(4, 2, 2), after, 1.0, 9, 8)
    settle(gate, new, target, record_of(tmp_path, "m"), "abc")
    better = after == Verdict(5, 2, 1)
    assert json.loads(record_of(tmp_path, "m").read_text())["accepted"] == better
    assert adapter_for(tmp_path, "m", "abc") == (target if better else None)
    assert adapter_for(tmp_path, "m", "other weights") is None
    assert not new.exists()
    assert forget(tmp_path) == int(better)
    assert adapter_for(tmp_path, "m", "abc") is None


def test_what_was_learnt_goes_with_a_document(library: Library) -> None:
    path = place(library.settings.library, "m")
    path.parent.mkdir()
    adapter(path)
    library.remove([Path(library.documents()[0].path)])
    assert not path.exists()


def test_too_few_documents_to_judge_by_are_refused_before_training(library: Library) -> None:
    folder = smollm()
    model = Models(folder.parent).get(folder.name)
    with pytest.raises(UsageError, match=r"judge by, of 12"):
        train_generator(library, model, 1, 40, 1, lambda row: None)
    assert not place(library.settings.library, model.name).exists()
