"""A trained model as files that ship: near to the original, the same in company, and small."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.errors import UsageError
from rag.models import BundledEmbedder, BundledQAModel, load_artefact
from rag.models.artefacts import bundled_folder
from rag.models.huggingface import HuggingFaceEmbedder
from rag.training import export
from tests.helpers.tiny_models import export_embedder, export_qa_model, load_tokenizer

TEXTS = [
    "El ascensor admite ocho personas.",
    "two years",
    "la garantía cubre dos años y el ascensor " * 4,
    "",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_embedder(tmp_path_factory.mktemp("export"))


def test_eight_bits_are_near_to_thirty_two(folder: Path) -> None:
    original = HuggingFaceEmbedder(folder.parent / "source", precision="fp32")
    small = BundledEmbedder(load_artefact(folder))
    assert small.dimension == original.dimension
    expected = original.encode_documents(TEXTS)
    cosines = (small.encode_documents(TEXTS) * expected).sum(axis=1)
    assert cosines.min() > 0.99, cosines


def test_a_text_beside_padding_has_the_vector_that_it_has_alone(folder: Path) -> None:
    small = BundledEmbedder(load_artefact(folder), threads=1)
    texts = ["la garantía cubre el ascensor dos años", "la garantía cubre el ascensor"]
    run = small._session.run
    ((batch, mask, (states,)),) = list(run(small._ids(texts)))
    assert mask.min() == 0  # one of them is padded: the plain way
    for index, row, mask_row in zip(batch, states, mask, strict=True):
        ((_, _, (alone,)),) = list(run(small._ids([texts[index]])))  # the fused way
        np.testing.assert_allclose(row[mask_row > 0], alone[0], atol=0.02)


@pytest.mark.parametrize("shipped", [True, False])
def test_a_batch_without_padding_takes_attention_in_one_node(folder: Path, shipped: bool) -> None:
    import onnx

    graph = onnx.load(str((bundled_folder("embedder") if shipped else folder) / "model.onnx")).graph
    conditions = [node for node in graph.node if node.op_type == "If"]
    branches = [
        {node.op_type for node in branch.g.node}
        for condition in conditions
        for branch in condition.attribute
    ]
    assert len(conditions) >= 2
    assert sum("MultiHeadAttention" in branch for branch in branches) == len(conditions)
    assert sum("Softmax" in branch for branch in branches) == len(conditions)


def test_a_rare_word_with_small_numbers_keeps_its_vector() -> None:
    import torch

    from rag.training.int8 import Int8Table

    rows = torch.randn(3, 64) * torch.tensor([[100.0], [1.0], [0.01]])
    table = Int8Table(rows)(torch.arange(3))
    cosines = torch.nn.functional.cosine_similarity(table, rows)
    assert cosines.min() > 0.999


def test_the_manifest_says_what_it_is(folder: Path) -> None:
    found = load_artefact(folder)
    assert (found.name, found.version, found.precision) == ("fuente-embedder", "1", "int8")
    assert (found.dimension, found.max_tokens) == (32, 128)


def test_a_folder_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "LIMIT", 10_000)
    with pytest.raises(UsageError, match="MB, more than"):
        export_embedder(tmp_path)


def test_exporting_twice_gives_the_same_model(folder: Path, tmp_path: Path) -> None:
    again = load_artefact(export_embedder(tmp_path))
    assert again.fingerprint == load_artefact(folder).fingerprint
    texts = ["dos años", "ascensor"]
    first, second = (
        BundledEmbedder(load_artefact(path)) for path in (folder, tmp_path / "artefact")
    )
    np.testing.assert_array_equal(first.encode_queries(texts), second.encode_queries(texts))


def test_a_qa_model_in_eight_bits_says_nearly_the_same(tmp_path: Path) -> None:
    import torch

    from rag.training.qa_model import load_qa_model

    artefact = load_artefact(export_qa_model(tmp_path))
    assert (artefact.name, artefact.dimension, artefact.max_tokens) == ("fuente-qa", 32, 128)
    question, passage = "dos años", "la garantía cubre el ascensor dos años"
    tokenizer = load_tokenizer()
    asked, passage_ids = (tokenizer.encode(text).ids for text in (question, passage))
    head = [tokenizer.token_to_id("[CLS]"), *asked, tokenizer.token_to_id("[SEP]")]
    ids = torch.tensor([[*head, *passage_ids, tokenizer.token_to_id("[SEP]")]])
    kinds = torch.tensor([[0] * len(head) + [1] * (len(passage_ids) + 1)])
    with torch.no_grad():
        _, _, judged = load_qa_model(tmp_path / "source")(ids, torch.ones_like(ids), kinds)
    [verdict] = BundledQAModel(artefact).read(question, [passage])
    found = (verdict.relevance, verdict.answerable)
    assert found == pytest.approx(judged[0, :2].tolist(), abs=0.05)
    assert 0 <= verdict.start < verdict.end <= len(passage)
