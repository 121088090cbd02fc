"""The bundled models' files and runtime: contracts, tampering, company, threads, order of turns."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from rag.errors import ModelMissing
from rag.models import BundledEmbedder, artefacts, bundled_folder, fingerprint_of, load_artefact
from rag.models.batching import batches_by_length, without_surrogates
from tests.helpers.contracts import TEXTS, EmbedderContract
from tests.helpers.tiny_models import export_embedder

MOST = 48_000_000  # bytes: with it, the QA model and the rest a wheel stays far below 120 MB


@pytest.fixture(scope="module")
def bundled() -> BundledEmbedder:
    return BundledEmbedder(load_artefact(bundled_folder("embedder")))


@pytest.fixture(scope="module")
def one_prefix() -> BundledEmbedder:
    """The bundled embedder, told to read passages as questions: both ways must then agree."""
    artefact = load_artefact(bundled_folder("embedder"))
    return BundledEmbedder(replace(artefact, passage_prefix=artefact.query_prefix))


@pytest.fixture(scope="module")
def artefact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_embedder(tmp_path_factory.mktemp("tiny"))


class TestBundledEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, bundled: BundledEmbedder) -> BundledEmbedder:
        return bundled


def test_the_company_and_its_order_change_nothing(one_prefix: BundledEmbedder) -> None:
    texts = [*TEXTS, "años " * 300, "x", "the warranty " * 90, "", *"¿Qué dice la ley?".split()]
    together = one_prefix.encode_documents(texts)
    np.testing.assert_allclose(one_prefix.encode_documents(texts[::-1])[::-1], together, atol=1e-3)
    for text, row in zip(texts, together, strict=True):
        np.testing.assert_allclose(one_prefix.encode_queries([text])[0], row, atol=1e-3)


def test_what_lies_beyond_the_window_is_not_read(bundled: BundledEmbedder) -> None:
    near = bundled.encode_documents(["la casa " * 200 + "tigre", "la casa " * 200 + "lunes"])
    assert float(near[0] @ near[1]) < 0.99999
    far = bundled.encode_documents(["la casa " * 400 + "tigre", "la casa " * 400 + "lunes"])
    assert float(far[0] @ far[1]) == pytest.approx(1, abs=1e-5)  # of 384 rounded products


def test_threads_get_their_own_vectors(one_prefix: BundledEmbedder) -> None:
    texts = ["dos la", "ascensor", "ocho", "cubre el"] * 4
    expected = one_prefix.encode_queries(texts)
    encoders = [one_prefix.encode_documents, one_prefix.encode_queries] * 4
    with ThreadPoolExecutor(8) as pool:
        for rows in pool.map(lambda encode: encode(texts), encoders):
            np.testing.assert_allclose(rows, expected, atol=1e-4)


@given(st.lists(st.text(st.characters(exclude_categories=[])), max_size=3))
def test_no_text_breaks_it(bundled: BundledEmbedder, texts: list[str]) -> None:
    rows = bundled.encode_queries(texts)
    assert rows.shape == (len(texts), bundled.dimension)
    assert np.isfinite(rows).all()


def test_a_megabyte_without_spaces_is_a_text(bundled: BundledEmbedder) -> None:
    assert np.isfinite(bundled.encode_documents(["a" * 1_000_000, "ñ!" * 500_000])).all()


# --- batches ---


@given(st.lists(st.integers(0, 600)), st.integers(1, 5000))
def test_batches_hold_each_text_once_and_stay_small(lengths: list[int], room: int) -> None:
    batches = list(batches_by_length(lengths, room))
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        longest = max(lengths[index] for index in batch)
        assert len(batch) == 1 or len(batch) * longest <= room


@given(st.text(st.characters(exclude_categories=[])))
def test_offsets_in_a_mended_text_hold_for_the_original(text: str) -> None:
    mended = without_surrogates(text)
    assert len(mended) == len(text)
    mended.encode("utf-8")


# --- the files ---


def test_the_bundled_embedder_fits(bundled: BundledEmbedder) -> None:
    folder = bundled_folder("embedder")
    assert sum(path.stat().st_size for path in folder.iterdir()) <= MOST
    assert bundled.fingerprint == load_artefact(folder).fingerprint == fingerprint_of(folder)


def test_another_model_has_another_fingerprint(artefact: Path, tmp_path: Path) -> None:
    other = load_artefact(export_embedder(tmp_path, seed=1))
    assert other.fingerprint != load_artefact(artefact).fingerprint


def test_other_arithmetic_is_another_model(artefact: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint_of(artefact)
    monkeypatch.setattr(artefacts, "ARITHMETIC", "another")
    assert load_artefact(artefact).fingerprint == fingerprint_of(artefact) != before


def flip(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        content = bytearray((folder / name).read_bytes())
        content[len(content) // 2] ^= 1
        (folder / name).write_bytes(content)

    return damage


def change(**values: object) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        manifest = json.loads((folder / "model.json").read_text())
        (folder / "model.json").write_text(json.dumps(manifest | values))

    return damage


def overwrite(text: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / "model.json").write_text(text)

    return damage


def append(folder: Path) -> None:
    with (folder / "model.onnx").open("ab") as file:
        file.write(b"x")


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "graph": (flip("model.onnx"), "model.onnx"),
    "tokenizer": (flip("tokenizer.json"), "tokenizer.json"),
    "longer": (append, "model.onnx"),
    "no graph": (lambda folder: (folder / "model.onnx").unlink(), "model.onnx"),
    "no manifest": (lambda folder: (folder / "model.json").unlink(), "model.json"),
    "manifest cut": (overwrite("{"), "model.json"),
    "manifest a list": (overwrite("[]"), "model.json"),
    "other format": (change(format=99), "format 1"),
    "no files": (change(files={}), "model.json"),
    "files a word": (change(files="none"), "model.json"),
    "no width": (change(dimension=None), "model.json"),
}


@pytest.mark.parametrize(("damage", "named"), DAMAGES.values(), ids=DAMAGES.keys())
def test_what_is_not_as_shipped_is_refused(
    artefact: Path, tmp_path: Path, damage: Callable[[Path], None], named: str
) -> None:
    folder = Path(shutil.copytree(artefact, tmp_path / "copy"))
    load_artefact(folder)
    damage(folder)
    with pytest.raises(ModelMissing, match=named) as caught:
        load_artefact(folder)
    assert str(folder) in caught.value.message
    assert "install" in caught.value.next_command


def test_a_graph_that_is_none_is_a_stated_failure(artefact: Path, tmp_path: Path) -> None:
    from rag.training.export import Card, write_manifest

    folder = Path(shutil.copytree(artefact, tmp_path / "copy"))
    (folder / "model.onnx").write_bytes(b"no graph")
    write_manifest(folder, Card("broken", "1", 32, 128))
    with pytest.raises(ModelMissing, match=r"broken.*does not load"):
        BundledEmbedder(load_artefact(folder))


# --- what a question imports ---

ASK = """
import sys
from rag.cli import main
code = 0
try:
    main()
except SystemExit as exit:
    code = exit.code
heavy = {"torch", "transformers", "sentence_transformers", "onnx", "huggingface_hub"}
print("HEAVY", sorted(heavy & sys.modules.keys()), file=sys.stderr)
sys.exit(code)
"""


def test_ingesting_and_asking_import_no_torch(tmp_path: Path) -> None:
    (tmp_path / "lift.md").write_text("# Ascensor\n\nEl ascensor admite ocho personas.\n")
    for arguments in (["ingest", "lift.md"], ["ask", "¿Cuántas personas admite el ascensor?"]):
        done = subprocess.run(
            [sys.executable, "-c", ASK, *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=280,
        )
        assert done.returncode == 0, done.stderr
        assert "HEAVY []" in done.stderr
    assert "ocho personas" in done.stdout
