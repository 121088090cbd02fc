"""An embedder that was taught by prefixes: told by its manifest, put before every text."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rag.models import BundledEmbedder, load_artefact
from rag.models.artefacts import MANIFEST
from tests.helpers.tiny_models import export_embedder

QUERY, PASSAGE = "two ", "warranty "


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = export_embedder(tmp_path_factory.mktemp("prefixes"))
    manifest = json.loads((made / MANIFEST).read_text("utf-8"))
    manifest["prefixes"] = {"query": QUERY, "passage": PASSAGE}
    (made / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return made


def test_questions_and_passages_get_their_own_prefix(folder: Path) -> None:
    artefact = load_artefact(folder)
    plain = BundledEmbedder(replace(artefact, query_prefix="", passage_prefix=""), threads=1)
    taught = BundledEmbedder(artefact, threads=1)
    texts = ["dos años", "", "el ascensor admite ocho personas"]
    asked = plain.encode_queries([QUERY + text for text in texts])
    read = plain.encode_documents([PASSAGE + text for text in texts])
    np.testing.assert_allclose(taught.encode_queries(texts), asked, atol=1e-5)
    np.testing.assert_allclose(taught.encode_documents(texts), read, atol=1e-5)
    assert not np.allclose(asked, read)


def test_a_prefix_takes_no_token_of_a_text(folder: Path) -> None:
    taught = BundledEmbedder(load_artefact(folder), threads=1)
    assert taught.count_tokens("dos ascensor") == 2


def test_the_longest_text_and_its_prefix_fit_the_window(folder: Path) -> None:
    taught = BundledEmbedder(load_artefact(folder), threads=1)
    long = "dos " * 300
    np.testing.assert_allclose(
        taught.encode_queries([long]), taught.encode_queries([long + "años"]), atol=1e-6
    )


def test_another_prefix_is_another_model(folder: Path) -> None:
    before = load_artefact(folder).fingerprint
    path = folder / MANIFEST
    content = path.read_text("utf-8")
    path.write_text(content.replace(QUERY, "años "), encoding="utf-8")
    assert load_artefact(folder).fingerprint != before
    path.write_text(content, encoding="utf-8")
