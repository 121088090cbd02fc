"""The map under which translations meet: learnt from them, kept beside its encoder, exported."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from torch import nn

from rag.models import BundledEmbedder, load_artefact
from rag.training import translation_map
from rag.training.export import export_embedder
from rag.training.rows import Parallel
from tests.helpers.tiny_models import export_embedder as export_tiny
from tests.helpers.tiny_models import load_tokenizer

WIDTH = 32


class Vectors:
    """Gives texts «N/language» a vector of their own, and each language one direction of noise."""

    def __init__(self) -> None:
        self._drawn = np.random.default_rng(1)
        self._own: dict[str, NDArray[np.float64]] = {}

    def __call__(self, model: object, texts: object, rows: list[str]) -> NDArray[np.float64]:
        found = []
        for number, language in (row.split("/") for row in rows):
            own = self._own.setdefault(number, self._drawn.normal(size=WIDTH))
            noise = self._drawn.normal() * (1 + (language == "es"))
            found.append(own + 4 * noise * np.eye(WIDTH)[0])
        rows_of = np.array(found)
        return np.asarray(rows_of / np.linalg.norm(rows_of, axis=1, keepdims=True))


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> Vectors:
    vectors = Vectors()
    monkeypatch.setattr(translation_map, "encode", vectors)
    monkeypatch.setattr(translation_map, "Texts", lambda *_: None)
    return vectors


def own(vectors: NDArray[np.float64], others: NDArray[np.float64]) -> float:
    return float(((vectors @ others.T).argmax(axis=1) == np.arange(len(vectors))).mean())


def test_what_tells_translations_apart_is_shrunk(encoder: Vectors) -> None:
    rows = [Parallel(f"{i}/en", f"{i}/es", "mt-questions") for i in range(400)]
    matrix = translation_map.learn(nn.Identity(), load_tokenizer(), [rows[:300]], 1)
    scaled = matrix / np.linalg.norm(matrix, 2)
    assert scaled[0, 0] < 0.7 * min(scaled[i, i] for i in range(1, WIDTH))
    english = encoder(None, None, [row.en for row in rows[300:]])
    spanish = encoder(None, None, [row.es for row in rows[300:]])
    assert own(english @ matrix.T, spanish @ matrix.T) > own(english, spanish)


def test_an_encoder_without_a_map_has_none(tmp_path: Path) -> None:
    assert translation_map.load(tmp_path) is None
    matrix = np.eye(3, dtype=np.float32)
    translation_map.save(matrix, tmp_path)
    np.testing.assert_array_equal(translation_map.load(tmp_path), matrix)
    assert [path.name for path in tmp_path.iterdir()] == ["map.npy"]


def test_the_exported_model_gives_turned_vectors(tmp_path: Path) -> None:
    texts = ["dos años", "el ascensor admite ocho", "la"]
    plain = BundledEmbedder(load_artefact(export_tiny(tmp_path))).encode_documents(texts)
    matrix = np.random.default_rng(1).normal(size=(32, 32)).astype(np.float32)
    translation_map.save(matrix, tmp_path / "source")
    export_embedder(tmp_path / "source", tmp_path / "turned", "1", texts)
    found = BundledEmbedder(load_artefact(tmp_path / "turned")).encode_documents(texts)
    expected = plain @ matrix.T
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(found, expected, atol=1e-3)
