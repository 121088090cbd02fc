"""Vectors by a server: of the same model, of another one, of none; and that of `rag serve`."""

from __future__ import annotations

import base64
import json
import logging
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openai import OpenAI

from rag.config import Settings
from rag.errors import EmbedderFailed, ModelMismatch, UsageError
from rag.library import Library
from rag.models import BundledEmbedder, bundled_folder, embedding_server, load_artefact
from rag.models.embedding_server import MOST_TEXTS, ServedEmbedder
from rag.server.embeddings import embedded
from rag.server.tokens import Scope
from tests.helpers.answering import write_files
from tests.helpers.embedding_server import EmbeddingServer, embedding
from tests.helpers.fakes import FakeEmbedder
from tests.remote.conftest import holding
from tests.server.conftest import FILES

TEXTS = ["El ascensor admite ocho personas.", "The lift holds eight persons.", "\ud800 broken"]


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with embedding(FakeEmbedder()) as running:
        yield running


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding_server, "_PAUSE", 0.01)


def served(server: EmbeddingServer, **options: Any) -> ServedEmbedder:
    return ServedEmbedder(FakeEmbedder(), server.url, **options)


def test_its_vectors_are_those_of_the_model_here(server: EmbeddingServer) -> None:
    made, here = served(server, model="e5", token="secreta"), FakeEmbedder()
    server.bend = lambda answer: {  # longer ones, in another order
        **answer,
        "data": [
            {**row, "embedding": [3 * value for value in row["embedding"]]}
            for row in reversed(answer["data"])
        ],
    }
    rows = made.encode_documents(TEXTS[:2])
    np.testing.assert_allclose(rows, here.encode_documents(TEXTS[:2]), atol=1e-6)
    assert made.encode_documents([]).shape == (0, made.dimension)
    assert (made.fingerprint, made.count_tokens("dos años")) == (here.fingerprint, 2)
    made.encode_queries(["pregunta"])
    (body,) = server.bodies
    assert (body["model"], body["input"][1:]) == ("e5", TEXTS[:2])
    assert "pregunta" not in json.dumps(server.bodies)
    assert server.headers[0]["authorization"] == "Bearer secreta"


def test_many_texts_are_several_requests(server: EmbeddingServer) -> None:
    texts = [f"texto {number}" for number in range(MOST_TEXTS + 3)]
    np.testing.assert_allclose(
        served(server).encode_documents(texts), FakeEmbedder().encode_documents(texts), atol=1e-6
    )
    assert [len(body["input"]) for body in server.bodies] == [MOST_TEXTS + 1, 4]
    long = ["palabra " * 50_000, "fin"]
    served(server).encode_documents(long)
    assert max(len(text) for text in server.bodies[-1]["input"]) <= 20_000


def test_a_busy_server_is_asked_again_and_not_for_ever(server: EmbeddingServer) -> None:
    busy = (503, b'{"error": {"message": "full\\u001b[2J"}}', {"Retry-After": "0"})
    server.before = [busy, busy]
    assert len(served(server).encode_documents(["dos"])) == 1
    server.before = [busy] * 9
    with pytest.raises(EmbedderFailed, match=r"refused \(503\): full \[2J"):
        served(server).encode_documents(["dos"])
    assert len(server.bodies) == 3 + 4


def wider(answer: dict[str, Any]) -> dict[str, Any]:
    return {**answer, "data": [{**row, "embedding": [1.0] * 9} for row in answer["data"]]}


def turned(answer: dict[str, Any]) -> dict[str, Any]:
    return {
        **answer,
        "data": [{**row, "embedding": row["embedding"][::-1]} for row in answer["data"]],
    }


@pytest.mark.parametrize(
    ("bend", "says"),
    [
        (wider, "9 numbers"),
        (turned, "like the same one here"),
        (lambda answer: {**answer, "fingerprint": "other:1\x1b"}, r"it has other:1\\x1b"),
    ],
)
def test_another_model_is_refused(
    server: EmbeddingServer, bend: Callable[[Any], Any], says: str
) -> None:
    made = served(server)
    made.require_same_model()
    server.bend = bend
    for ask in (made.require_same_model, lambda: made.encode_documents(["dos"])):
        with pytest.raises(ModelMismatch, match=says) as caught:
            ask()
        assert "embed_at" in caught.value.next_command


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>",
        b"[]",
        b"{}",
        b'{"data": [{"index": 0, "embedding": "AAAA"}]}',
        b'{"data": [{"index": 0, "embedding": [1e999]}, {"index": 1, "embedding": [1]}]}',
        b'{"data": [{"index": 0, "embedding": [1, 2]}, {"index": 1, "embedding": [1]}]}',
        b"9" * 9_000_000,
        b"[" * 100_000,
    ],
)
def test_what_are_no_vectors_is_named(server: EmbeddingServer, answer: bytes) -> None:
    server.bend = lambda _: answer
    with pytest.raises((EmbedderFailed, ModelMismatch)) as caught:
        served(server).encode_documents(["dos"])
    assert "embed_at" in caught.value.next_command


def test_vectors_without_a_direction_are_refused(server: EmbeddingServer) -> None:
    for value in (0.0, float("nan")):
        server.bend = lambda answer, value=value: {  # type: ignore[misc]
            "data": [
                {**row, "embedding": [value] * len(row["embedding"])} for row in answer["data"]
            ]
        }
        with pytest.raises(EmbedderFailed, match="no direction"):
            served(server).encode_documents(["dos"])


@pytest.mark.parametrize(("status", "advice"), [(401, "RAG_EMBED_TOKEN"), (404, "embed_model")])
def test_a_refusal_says_what_to_do(server: EmbeddingServer, status: int, advice: str) -> None:
    server.before = [(status, b'{"detail": "no"}', {})]
    with pytest.raises(EmbedderFailed, match=rf"\({status}\)") as caught:
        served(server, token="secreta").encode_documents(["dos"])
    assert advice in caught.value.next_command
    assert "secreta" not in str(caught.value)


def test_a_redirect_is_not_followed(server: EmbeddingServer) -> None:
    with embedding(FakeEmbedder()) as other:
        server.before = [(307, b"", {"Location": f"{other.url}/embeddings"})]
        with pytest.raises(EmbedderFailed, match="307"):
            served(server, token="secreta").encode_documents(["dos"])
        assert other.bodies == []


def test_no_server_and_no_address_are_said(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        with pytest.raises(EmbedderFailed, match="does not answer"):
            ServedEmbedder(FakeEmbedder(), url).encode_documents(["dos"])
    with pytest.raises(UsageError, match="embed_at is"):
        ServedEmbedder(FakeEmbedder(), "ftp://x")
    for address in ("http://gpu.example/v1", "http://me:secreta@gpu.example/v1"):
        with pytest.raises(UsageError, match="unencrypted") as caught:
            ServedEmbedder(FakeEmbedder(), address, token="secreta")
        assert "secreta" not in str(caught.value)
    with caplog.at_level(logging.WARNING):
        ServedEmbedder(FakeEmbedder(), "https://gpu.example/v1", token="secreta")
    assert "sent to gpu.example" in caplog.text
    assert "secreta" not in caplog.text


def test_an_ingest_takes_its_vectors_from_rag_serve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = write_files(tmp_path / "documents", FILES)
    with holding(tmp_path / "serving") as held:
        monkeypatch.setenv("RAG_EMBED_TOKEN", held.tokens.create("worker", Scope.READ))
        settings = Settings(library=tmp_path / "library", embed_at=f"{held.address}/v1")
        here = FakeEmbedder()
        with Library.open(settings=settings, embedder=here) as library:
            report = library.ingest([documents])
        assert report.counts() == {"ok": len(FILES)}
        assert len(here.documents) == 1  # the probe alone
        other = FakeEmbedder(fingerprint="other:2")
        with (
            Library.open(tmp_path / "other", settings, embedder=other) as library,
            pytest.raises(ModelMismatch, match="it has fake:1"),
        ):
            library.ingest([documents])
        monkeypatch.setenv("RAG_EMBED_TOKEN", "wrong")
        with (
            Library.open(tmp_path / "third", settings, embedder=here) as library,
            pytest.raises(EmbedderFailed, match="401"),
        ):
            library.ingest([documents])


def test_the_openai_package_gets_vectors(tmp_path: Path) -> None:
    with holding(tmp_path) as held:
        token = held.tokens.create("any", Scope.READ)
        with OpenAI(base_url=f"{held.address}/v1", api_key=token) as client:
            answer = client.embeddings.create(model="x", input=TEXTS[:2])  # as base64
            raw = client.post(
                "/embeddings",
                body={"input": "dos", "encoding_format": "base64"},
                cast_to=dict[str, Any],
            )
    rows = np.array([row.embedding for row in answer.data])
    np.testing.assert_allclose(rows, FakeEmbedder().encode_documents(TEXTS[:2]), atol=1e-6)
    vector = np.frombuffer(base64.b64decode(raw["data"][0]["embedding"]), "<f4")
    assert vector.shape == (FakeEmbedder().dimension,)
    assert raw["fingerprint"] == "fake:1"


def test_prefixes_tell_questions_from_passages(tmp_path: Path) -> None:
    real = BundledEmbedder(load_artefact(bundled_folder("embedder")), threads=1)
    texts = ["query: ¿cuántos?", "passage: Admite ocho.", "Admite ocho."]
    with Library.open(tmp_path, embedder=real) as library:
        rows = embedded(library, texts)
    np.testing.assert_array_equal(rows[:1], real.encode_queries(["¿cuántos?"]))
    np.testing.assert_array_equal(rows[1], rows[2])
    np.testing.assert_array_equal(rows[1:2], real.encode_documents(["Admite ocho."]))


def test_a_server_that_doubles_or_drops_the_prefix_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    artefact = load_artefact(bundled_folder("embedder"))
    real, plain = BundledEmbedder(artefact, threads=1), replace(artefact, passage_prefix="")
    with embedding(real) as doubling, embedding(BundledEmbedder(plain, threads=1)) as right:
        ServedEmbedder(real, right.url).require_same_model()
        dropping = ServedEmbedder(real, right.url)
        monkeypatch.setattr(dropping, "_prefix", "")
        for bad in (ServedEmbedder(real, doubling.url), dropping):
            with pytest.raises(ModelMismatch, match="like the same one here"):
                bad.require_same_model()
