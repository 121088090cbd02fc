"""`rag train` from a toy data folder to a model folder; runs told, resumed, refused."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer

from rag.cli import train
from rag.models import BundledEmbedder, BundledQAModel, fingerprint_of, load_artefact
from rag.training import embedder_recipe, pieces, qa_recipe, recipe, steps
from rag.training.encoding import Texts, load_encoder, sentence_vectors
from rag.training.qa_model import load_qa_model
from rag.training.rows import PAIRS, PARALLEL, QUESTIONS
from tests.helpers import packed
from tests.helpers.commandline import Rag, command_line, stated
from tests.helpers.training import (
    fake_apertium,
    one_thread,  # noqa: F401
    toy_articles,
    toy_data,
    toy_encoder,
)

SPANISH = 'text = text.replace("colour", "color").replace("one", "un")'


@pytest.fixture(autouse=True)
def few_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hundred thousand would be counted otherwise, each run."""
    monkeypatch.setattr(pieces, "WORDS", {"es": 40, "en": 40})
    monkeypatch.setattr(pieces, "NEIGHBOURS", {"fr": 10})


@pytest.fixture
def rag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Rag:
    toy_data(tmp_path / "data/training")
    toy_articles(tmp_path / "data/qa")
    toy_encoder(tmp_path / "start")
    packed.write(tmp_path / "toy.bin")
    monkeypatch.setenv("PATH", str(fake_apertium(tmp_path / "bin", sys.executable, SPANISH)))
    return command_line(tmp_path, monkeypatch, capsys)


def embedder(rag: Rag, *more: object, out: str = "out", start: str = "toy.bin") -> Any:
    return rag("train", "embedder", "--data", "data/training", "--out", out, "--start", start,
               "--json", *more)  # fmt: skip


def qa(rag: Rag, *more: object, out: str = "qa", steps: int = 3, finish: int = 2) -> Any:
    return rag("train", "qa", "--data", "data/training", "--out", out, "--start", "start",
               "--articles", "data/qa", "--steps", steps, "--finish-steps", finish,
               "--json", *more)  # fmt: skip


def record(folder: Path) -> Any:
    return json.loads((folder / "recipe.json").read_text("utf-8"))


# --- the embedder ---


def test_an_embedder_from_the_packed_model(rag: Rag, tmp_path: Path) -> None:
    outcome = embedder(rag)
    assert outcome.code == 0, outcome.err
    assert set(outcome.json) == {"out", "seconds"}
    out = tmp_path / "out"
    told = record(out)
    assert told["settings"] == {"version": "4", "seed": 5, "pieces": 45_000}
    assert told["versions"]["torch"] == torch.__version__
    assert told["data"][PARALLEL] == recipe.sha256(tmp_path / "data/training" / PARALLEL)
    assert told["data"]["toy.bin"] == recipe.sha256(tmp_path / "toy.bin")
    assert "tmp" not in (out / "recipe.json").read_text("utf-8")  # hashes, no places
    artefact = load_artefact(out / "artefact")
    assert (artefact.version, artefact.query_prefix) == ("4", "query: ")
    small = BundledEmbedder(artefact, threads=1)
    texts = ["the red bridge", "el puente rojo"]
    with torch.no_grad():
        batch = Texts(Tokenizer.from_file(str(out / "tokenizer.json")), 64)(
            [f"passage: {text}" for text in texts]
        )
        exact = sentence_vectors(load_encoder(out).eval(), batch).numpy()
    cosines = (small.encode_documents(texts) * exact).sum(axis=1)
    assert cosines.min() > 0.99, cosines


def test_the_same_run_again_is_done_and_another_is_refused(rag: Rag, tmp_path: Path) -> None:
    assert embedder(rag).code == 0
    before = (tmp_path / "out/model.safetensors").stat().st_mtime_ns
    again = embedder(rag)
    assert (again.code, again.json["seconds"]) == (0, 0.0)
    assert (tmp_path / "out/model.safetensors").stat().st_mtime_ns == before
    stated(embedder(rag, "--seed", 4), 2, "other settings", "--out")
    packed.write(tmp_path / "toy.bin", packed.weights(seed=9))
    stated(embedder(rag), 2, "other data")
    (tmp_path / "out/recipe.json").write_text("{", encoding="utf-8")
    stated(embedder(rag), 2, "not the record of a run")


@pytest.mark.parametrize("stage", ["save", "export_embedder"])
def test_a_run_that_was_killed_ends_as_one_that_was_not(
    rag: Rag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    assert embedder(rag, out="whole").code == 0

    def dying(*_: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(embedder_recipe, stage, dying)
        assert embedder(rag, out="killed").code != 0
    assert "seconds" not in record(tmp_path / "killed")
    if stage == "export_embedder":  # what was cut is not cut again
        monkeypatch.setattr(embedder_recipe, "save", dying)
    assert embedder(rag, out="killed").code == 0
    prints = {fingerprint_of(tmp_path / name / "artefact") for name in ("whole", "killed")}
    assert len(prints) == 1


# --- the QA model ---


def test_a_qa_model_in_two_stages_and_its_artefact(rag: Rag, tmp_path: Path) -> None:
    outcome = qa(rag, "--fold", "1/4", "--without", "Bridge")
    assert outcome.code == 0, outcome.err
    settings = record(tmp_path / "qa")["settings"]
    assert (settings["fold"], settings["without"]) == ("1/4", ["Bridge"])
    model, finished = (load_qa_model(tmp_path / name) for name in ("qa", "qa/finish"))
    assert same(model, finished)
    assert not same(model, load_qa_model(tmp_path / "qa/long"))
    assert not list((tmp_path / "qa").glob("*/checkpoint-*"))
    shipped = BundledQAModel(load_artefact(tmp_path / "qa/artefact"))
    assert len(shipped.read("what is the bridge?", ["the bridge is red", ""])) == 2
    assert qa(rag, "--fold", "1/4", "--without", "Bridge").json["seconds"] == 0.0
    stated(qa(rag, "--fold", "2/4"), 2, "other settings", "--out")


def same(one: Any, other: Any) -> bool:
    weights = other.state_dict()
    return all(torch.equal(value, weights[name]) for name, value in one.state_dict().items())


@pytest.mark.parametrize("stage", ["long", "finish"])
def test_a_stage_that_was_killed_goes_on_and_a_finished_one_is_not_run_again(
    rag: Rag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    monkeypatch.setattr(steps, "CHECKPOINT_SECONDS", -1.0)
    assert qa(rag, out="whole").code == 0
    ran: list[str] = []

    def dying(model: Any, batches: Any, loss: Any, folder: Path, *rest: Any, **named: Any) -> Any:
        ran.append(folder.name)

        def lethal(*inputs: Any) -> Any:
            if (folder / "checkpoint-1").exists() and ran.count(stage) == 1:
                raise KeyboardInterrupt
            return loss(*inputs)

        lossy = lethal if folder.name == stage else loss
        return steps.run(model, batches, lossy, folder, *rest, **named)

    monkeypatch.setattr(qa_recipe, "run", dying)
    assert qa(rag, out="killed").code != 0
    assert qa(rag, out="killed").code == 0
    assert sorted(ran) == sorted(["long", "finish", stage])
    assert same(load_qa_model(tmp_path / "killed"), load_qa_model(tmp_path / "whole"))


def test_a_qa_model_goes_on_from_another_with_all_articles(rag: Rag, tmp_path: Path) -> None:
    assert qa(rag, "--fold", "1/4", out="start2", steps=1, finish=0).code == 0
    shutil.rmtree(tmp_path / "start")
    (tmp_path / "start2/long").rename(tmp_path / "start")
    outcome = qa(rag, "--no-translate", "--replay", 0, steps=0)
    assert outcome.code == 0, outcome.err
    assert not (tmp_path / "qa/long").exists()


def test_without_apertium_it_says_what_to_do(rag: Rag, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    stated(qa(rag), 2, "apertium is not installed", "--no-translate")


# --- what can be wrong ---


@pytest.mark.parametrize("name", [PARALLEL, PAIRS, QUESTIONS])
def test_a_file_that_the_data_folder_lacks_is_named_with_its_use(
    rag: Rag, tmp_path: Path, name: str
) -> None:
    (tmp_path / "data/training" / name).unlink()
    stated(embedder(rag), 2, f"has no {name}: ")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"no gzip",
        gzip.compress(b"{\n"),
        gzip.compress(b'{"en": "one"}\n'),
        gzip.compress(b"[1]\n"),
        gzip.compress(b'{"en": "one"}\n' * 999)[:-9],
    ],
    ids=["no gzip", "no JSON", "a field missing", "no object", "cut off"],  # gzip holds the time
)
def test_torn_data_is_a_stated_failure(rag: Rag, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "data/training" / PARALLEL).write_bytes(content)
    stated(embedder(rag), 1, "cannot be read", "sha256sum")


def test_folders_that_are_not_there(rag: Rag, tmp_path: Path) -> None:
    stated(embedder(rag, "--data", "nowhere"), 2, "nowhere is no folder")
    stated(embedder(rag, start="data/training/pairs.jsonl.gz"), 1, "as a packed model")
    stated(qa(rag, "--start", "data"), 2, "data has no config.json")
    stated(qa(rag, "--articles", "start"), 2, "none of the question sets")


def test_flags_that_mean_nothing(rag: Rag) -> None:
    stated(qa(rag, "--replay", 1.0), 2, "--replay")
    stated(qa(rag, "--fold", "9/4"), 2, "--fold 9/4")
    stated(qa(rag, "--without", "Rome", out="other"), 2, "Rome")


def test_without_the_extra_it_says_how_to_install_it(
    rag: Rag, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "find_spec", lambda name: None if name == "torch" else name)
    stated(embedder(rag), 1, "not installed: torch", 'pip install "fuente[train]"')
    stated(qa(rag), 1, 'pip install "fuente[train]"')


def test_help_imports_nothing_heavy() -> None:
    heavy = "torch transformers numpy tokenizers accelerate bm25s"
    code = (
        "import sys; sys.argv = ['rag', 'train', '--help']\n"
        "from rag.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"bad = set('{heavy}'.split()) & set(sys.modules); assert not bad, bad"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "embedder" in done.stdout
    assert "qa" in done.stdout


def test_the_former_name_of_the_qa_models_training_is_taken_with_a_warning(rag: Rag) -> None:
    outcome = rag(
        "train", "reader", "--data", "nowhere", "--out", "x", "--start", "start", "--articles", "qa"
    )
    stated(outcome, 2, "nowhere is no folder")
    assert "deprecated" in outcome.err
