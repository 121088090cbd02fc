"""`rag train embedder --library` and back: what is taken, what is refused, and what is told."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.library import Library
from rag.protocols import Vectors
from rag.training import guard
from tests.helpers.answering import write_files
from tests.helpers.commandline import Rag, command_line, stated
from tests.helpers.fakes import FakeEmbedder

WORDS = """molino aceituna bodega prensa tinaja almazara cosecha jornal camino puente acequia noria
    harina horno establo corral pajar lagar vendimia cuadra romana fanega celemín arroba espuerta
    capazo tolva muela rodezno solera""".split()
NOISE = 8


class NoisyEmbedder(FakeEmbedder):
    """A bag of words, spoilt along a few directions that say nothing of what a text is about."""

    def _encode(self, texts: Sequence[str]) -> Vectors:
        return spoilt(super()._encode(texts), texts, NOISE, 0.8)


class FairEmbedder(FakeEmbedder):
    """Hears the words that matter and no others, with like noise everywhere: nothing to gain."""

    def _encode(self, texts: Sequence[str]) -> Vectors:
        heard = [
            " ".join(sorted(set(WORDS) & set(re.findall(r"\w+", text)))) or "nada" for text in texts
        ]
        return spoilt(super()._encode(heard), texts, self.dimension, 0.15)


def spoilt(rows: Vectors, texts: Sequence[str], last: int, noise: float) -> Vectors:
    """The rows with noise, the same for the same text, in their last dimensions."""
    for row, text in zip(rows, texts, strict=True):
        seed = int.from_bytes(sha256(text.encode()).digest()[:4], "little")
        row[-last:] += noise * np.random.default_rng(seed).normal(size=last)
        row /= np.linalg.norm(row)
    return rows


def documents(folder: Path, first: int, last: int) -> Path:
    """Files of ten sentences, each with a number to ask for, no two alike."""
    dice = np.random.default_rng(first)
    files = {}
    for number in range(first, last):
        lines = []
        for line in range(10):
            words = dice.choice(WORDS, 9, replace=False)
            count = 1000 + 10 * number + line
            lines.append(f"El {' '.join(words[:5])} dio {count} kilos de {' '.join(words[5:])}.")
        files[f"{number:02}.txt"] = "\n\n".join(lines)
    return write_files(folder, files)


@pytest.fixture
def rag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Rag:
    """The command line over a library that can be learnt from."""
    run = command_line(tmp_path, monkeypatch, capsys)
    (tmp_path / "rag.toml").write_text("chunk_tokens = 40\nchunk_overlap = 0\n", encoding="utf-8")
    monkeypatch.setattr(guard, "LIKENESS", 0.5)  # a bag of words has few dimensions to spare
    use(monkeypatch, NoisyEmbedder())
    assert run("ingest", documents(tmp_path / "docs", 0, 12)).code == 0
    return run


def use(monkeypatch: pytest.MonkeyPatch, embedder: FakeEmbedder) -> None:
    monkeypatch.setattr(Library, "open", partial(Library.open, embedder=embedder))


def model(rag: Rag) -> str:
    outcome = rag("status", "--json")
    assert outcome.code == 0, outcome.err
    return str(outcome.json["embedder"])


def searched(rag: Rag) -> Any:
    return rag("search", "molino aceituna kilos", "--json").json


def test_a_model_that_finds_more_is_taken_and_given_back(rag: Rag, tmp_path: Path) -> None:
    plain = searched(rag)
    outcome = rag("train", "embedder", "--library", ".rag", "--json")
    assert outcome.code == 0, outcome.err
    verdict = outcome.json
    assert set(verdict) == {"accepted", "reason", "model", "figures", "seconds"}
    assert verdict["accepted"]
    figures = verdict["figures"]
    assert 0 < figures["low"] < figures["gain"] < figures["high"]
    assert figures["mrr_after"] - figures["mrr_before"] == pytest.approx(figures["gain"], abs=2e-4)
    assert verdict["model"] == model(rag) != "fake:1"
    assert searched(rag) != plain
    told = json.loads((tmp_path / ".rag/models/embedder-1/model.json").read_text("utf-8"))
    assert told["figures"] == figures
    assert (told["documents"], told["questions"]["gap"]) == (12, 120)
    back = rag("train", "rollback", "--json")
    assert (back.code, back.json) == (0, {"model": "fake:1"})
    assert model(rag) == "fake:1"
    assert searched(rag) == plain
    stated(rag("train", "rollback"), 1, "nothing to go back to")


def test_a_second_one_is_measured_on_what_the_first_has_not_learnt(
    rag: Rag, tmp_path: Path
) -> None:
    assert rag("train", "embedder", "--library", ".rag").code == 0
    first = model(rag)
    stated(rag("train", "embedder", "--library", ".rag"), 1, "has not learnt", "rag ingest")
    assert rag("ingest", documents(tmp_path / "more", 12, 24)).code == 0
    outcome = rag("train", "embedder", "--library", ".rag", "--json")
    verdict = outcome.json
    if verdict["accepted"]:  # both were learnt from the same kind of text: either may be
        assert model(rag) == verdict["model"] != first
        assert rag("train", "rollback", "--json").json == {"model": first}
    assert model(rag) == first


def test_what_gains_nothing_is_refused_with_its_figures_and_changes_nothing(
    rag: Rag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, FairEmbedder(fingerprint="fair:1"))
    assert rag("reindex").code == 0
    plain = searched(rag)
    outcome = rag("train", "embedder", "--library", ".rag")
    assert outcome.code == 1
    assert "gain, held back" in outcome.out
    assert "not accepted: no sure gain" in outcome.err
    assert "nothing was changed" in outcome.err
    assert not (tmp_path / ".rag/models").exists()
    assert model(rag) == "fair:1"
    assert searched(rag) == plain


def test_a_model_that_loses_elsewhere_is_refused(
    rag: Rag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "LIKENESS", 1.1)
    outcome = rag("train", "embedder", "--library", ".rag", "--json")
    assert (outcome.code, outcome.json["accepted"]) == (1, False)
    assert "everyday sentences" in outcome.json["reason"]
    assert outcome.json["figures"]["low"] > 0
    assert not (tmp_path / ".rag/models").exists()


def test_a_small_library_is_too_little_to_tell(rag: Rag, tmp_path: Path) -> None:
    documents(tmp_path / "few", 0, 3)
    assert rag("ingest", "few", "--library", "small").code == 0
    outcome = rag("train", "embedder", "--library", "small")
    stated(outcome, 1, "too little to measure on", "to 3 documents", "8 are the least")


def test_flags_that_do_not_go_together_are_refused(rag: Rag) -> None:
    stated(rag("train", "embedder", "--library", ".rag", "--out", "x"), 2, "--library and --out")
    stated(rag("train", "embedder", "--out", "x"), 2, "nothing to learn from", "--data")


def test_a_damaged_model_can_still_be_rolled_back(rag: Rag, tmp_path: Path) -> None:
    assert rag("train", "embedder", "--library", ".rag").code == 0
    for path in (tmp_path / ".rag/models/embedder-1").iterdir():
        path.write_bytes(b"x")
    stated(rag("search", "molino"), 1, "model.json", "rag train rollback")
    assert rag("train", "rollback", "--json").json == {"model": "fake:1"}
    assert searched(rag)["passages"]


def test_it_needs_no_torch(rag: Rag, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("torch", "transformers"):
        monkeypatch.setitem(sys.modules, name, None)
    assert rag("train", "embedder", "--library", ".rag").code == 0
