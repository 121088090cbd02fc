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
from rag.models import BundledEmbedder, fingerprint_of, load_artefact
from rag.training import embedder_recipe, pieces, reader_recipe, recipe, steps
from rag.training.encoding import Texts, load_encoder, sentence_vectors
from rag.training.reader import load_reader
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
    toy_encoder(tmp_path / "start")
    packed.write(tmp_path / "toy.bin")
    monkeypatch.setenv("PATH", str(fake_apertium(tmp_path / "bin", sys.executable, SPANISH)))
    return command_line(tmp_path, monkeypatch, capsys)


def embedder(rag: Rag, *more: object, out: str = "out", start: str = "toy.bin") -> Any:
    return rag("train", "embedder", "--data", "data/training", "--out", out, "--start", start,
               "--json", *more)  # fmt: skip


def reader(rag: Rag, *more: object, out: str = "read", steps: int = 3) -> Any:
    return rag("train", "qa", "--data", "data/training", "--out", out, "--start", "start",
               "--steps", steps, "--json", *more)  # fmt: skip


def record(folder: Path) -> Any:
    return json.loads((folder / "recipe.json").read_text("utf-8"))


# --- the embedder ---


def test_an_embedder_from_the_packed_model(rag: Rag, tmp_path: Path) -> None:
    toy_articles(tmp_path / "data/qa")
    outcome = embedder(rag)
    assert outcome.code == 0, outcome.err
    assert set(outcome.json) == {"out", "seconds", "figures"}
    assert {"es>es R@1", "en>en R@10"} <= set(outcome.json["figures"])
    out = tmp_path / "out"
    values = record(out)
    assert values["figures"] == outcome.json["figures"]
    assert values["settings"] == {"version": "4", "seed": 5, "pieces": 45_000}
    assert values["versions"]["torch"] == torch.__version__
    assert values["data"][PARALLEL] == recipe.sha256(tmp_path / "data/training" / PARALLEL)
    assert values["data"]["toy.bin"] == recipe.sha256(tmp_path / "toy.bin")
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
    assert "figures" not in record(tmp_path / "killed")
    if stage == "export_embedder":  # what was cut is not cut again
        monkeypatch.setattr(embedder_recipe, "save", dying)
    assert embedder(rag, out="killed").code == 0
    prints = {fingerprint_of(tmp_path / name / "artefact") for name in ("whole", "killed")}
    assert len(prints) == 1


# --- the reader ---


def test_a_reader_in_two_stages_measured_on_what_was_left_out(rag: Rag, tmp_path: Path) -> None:
    toy_articles(tmp_path / "data/qa")
    outcome = reader(rag, "--articles", "data/qa", "--fold", "1/4", "--article-steps", 2)
    assert outcome.code == 0, outcome.err
    figures = outcome.json["figures"]
    assert {"base/es>es F1", "base/en>es EM", "articles/es>en F1"} <= set(figures)
    assert record(tmp_path / "read")["settings"]["fold"] == "1/4"
    model = load_reader(tmp_path / "read")
    second = load_reader(tmp_path / "read/articles")
    assert all(
        torch.equal(value, second.state_dict()[k]) for k, value in model.state_dict().items()
    )
    assert not list((tmp_path / "read").glob("*/checkpoint-*"))
    assert reader(
        rag, "--articles", "data/qa", "--fold", "1/4", "--article-steps", 2
    ).json["seconds"] == 0.0  # fmt: skip


def test_a_finished_stage_is_not_run_again(
    rag: Rag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy_articles(tmp_path / "data/qa")
    more = ("--articles", "data/qa", "--article-steps", 3)
    ran: list[str] = []

    def dying(model: Any, batches: Any, loss: Any, folder: Path, *rest: Any) -> Any:
        ran.append(folder.name)
        if ran.count("articles") == 1 and folder.name == "articles":
            raise KeyboardInterrupt
        return steps.run(model, batches, loss, folder, *rest)

    monkeypatch.setattr(reader_recipe, "run", dying)
    assert reader(rag, *more).code != 0
    base = load_reader(tmp_path / "read/base").state_dict()
    outcome = reader(rag, *more)
    assert outcome.code == 0, outcome.err
    assert ran == ["base", "articles", "articles"]
    assert any(key.startswith("base/") for key in outcome.json["figures"])
    # what all articles were trained on is not measured on them
    assert not any(key.startswith("articles/") for key in outcome.json["figures"])
    end = load_reader(tmp_path / "read").state_dict()
    assert any(not torch.equal(value, end[name]) for name, value in base.items())


def test_a_reader_goes_on_from_a_reader_with_the_second_stage_alone(
    rag: Rag, tmp_path: Path
) -> None:
    toy_articles(tmp_path / "data/qa")
    assert reader(rag, "--no-translate", out="first", steps=1).code == 0
    shutil.rmtree(tmp_path / "start")
    (tmp_path / "first").rename(tmp_path / "start")
    outcome = reader(rag, "--articles", "data/qa", "--article-steps", 1, "--without", "Bridge",
                     "--replay", 0, steps=0)  # fmt: skip
    assert outcome.code == 0, outcome.err
    assert not (tmp_path / "read/base").exists()
    assert {key.split("/")[0] for key in outcome.json["figures"]} == {"articles"}


def test_the_reader_takes_the_translations_of_the_run_it_starts_from(
    rag: Rag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reader(rag, out="start2", steps=1).code == 0
    monkeypatch.setenv("PATH", "")
    stated(reader(rag, steps=1), 2, "apertium is not installed", "--no-translate")
    shutil.rmtree(tmp_path / "start")
    (tmp_path / "start2").rename(tmp_path / "start")
    shutil.rmtree(tmp_path / "read")
    outcome = reader(rag, steps=1)
    assert outcome.code == 0, outcome.err


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
    stated(reader(rag, "--start", "data"), 2, "data has no config.json")
    stated(embedder(rag, "--development", "start"), 2, "xquad.dev.en.json")
    stated(reader(rag, "--articles", "start"), 2, "none of the question sets")


def test_flags_that_mean_nothing_together(rag: Rag, tmp_path: Path) -> None:
    stated(reader(rag, "--fold", "1/4"), 2, "there is none", "--articles")
    stated(reader(rag, steps=0), 2, "nothing to do")
    articles = toy_articles(tmp_path / "qa")
    stated(reader(rag, "--articles", articles, "--replay", 1.0), 2, "--replay")
    stated(reader(rag, "--articles", articles, "--fold", "9/4"), 2, "--fold 9/4")
    stated(reader(rag, "--articles", articles, "--without", "Rome", out="other"), 2, "Rome")


def test_without_the_extra_it_says_how_to_install_it(
    rag: Rag, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "find_spec", lambda name: None if name == "torch" else name)
    stated(embedder(rag), 1, "not installed: torch", 'pip install "fuente[train]"')
    stated(reader(rag), 1, 'pip install "fuente[train]"')


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
    outcome = rag("train", "reader", "--data", "nowhere", "--out", "x", "--start", "start")
    stated(outcome, 2, "nowhere is no folder")
    assert "deprecated" in outcome.err
