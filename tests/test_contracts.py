"""The fakes keep the contracts too: a test that passes on a fake says something about the part."""

from __future__ import annotations

import pytest

from tests.helpers.contracts import (
    EmbedderContract,
    Filled,
    GeneratorContract,
    ReaderContract,
    RerankerContract,
    VectorIndexContract,
)
from tests.helpers.fakes import FakeEmbedder, FakeGenerator, FakeIndex, FakeQAModel, FakeReranker


class TestFakeEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> FakeEmbedder:
        return FakeEmbedder()


class TestFakeIndex(VectorIndexContract):
    @pytest.fixture
    def filled(self) -> Filled:
        ids = [3, 4, 9, 40, 41]
        vectors = FakeEmbedder().encode_documents(["uno", "dos", "tres", "cuatro", "cinco"])
        return FakeIndex(ids, vectors), ids, vectors


class TestFakeReranker(RerankerContract):
    @pytest.fixture
    def reranker(self) -> FakeReranker:
        return FakeReranker()


class TestFakeReader(ReaderContract):
    @pytest.fixture
    def reader(self) -> FakeQAModel:
        return FakeQAModel()


class TestFakeGenerator(GeneratorContract):
    @pytest.fixture
    def generator(self) -> FakeGenerator:
        return FakeGenerator()
