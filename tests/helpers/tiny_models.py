"""Models with random weights, small enough to make in a test, laid out as the real ones are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

WORDS = "el la dos años ascensor admite ocho personas garantía cubre warranty two years ##s".split()
LETTERS = "abcdefghijklmnopqrstuvwxyzáéíóúñü0123456789"
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
VOCABULARY = [*SPECIAL, *WORDS, *LETTERS, *(f"##{c}" for c in LETTERS), *".,;:¿?¡!"]
MODULES = [("", "Transformer"), ("1_Pooling", "Pooling")]


def make_model(folder: Path, seed: int = 0) -> Path:
    """A BERT of two layers with random weights, laid out as sentence-transformers wants it."""
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
    )
    BertModel(config).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY), encoding="utf-8")
    modules = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (path, kind) in enumerate(MODULES)
    ]
    pooling = {"word_embedding_dimension": 32, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling").mkdir()
    for name, content in {
        "modules.json": modules,
        "1_Pooling/config.json": pooling,
        "sentence_bert_config.json": {"max_seq_length": 64, "do_lower_case": False},
        "tokenizer_config.json": {"tokenizer_class": "BertTokenizer", "do_lower_case": True},
    }.items():
        (folder / name).write_text(json.dumps(content))
    return folder


def load_tokenizer() -> Any:
    """The tiny model's tokenizer, as `tokenizers` has it."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    vocabulary = {token: index for index, token in enumerate(VOCABULARY)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(SPECIAL)
    return tokenizer


def export_embedder(folder: Path, seed: int = 0) -> Path:
    """A tiny embedder as it ships: onnx, tokenizer, manifest."""
    from rag.training.export import export_embedder as export

    source = make_model(folder / "source", seed)
    load_tokenizer().save(str(source / "tokenizer.json"))
    return export(source, folder / "artefact", "1", ["dos años", "el ascensor admite ocho", "la"])


def export_qa_model(folder: Path) -> Path:
    """A tiny QA model as it ships. It relates nothing to anything, but it has all outputs."""
    import torch
    from transformers import BertModel

    from rag.training.export import export_qa_model as export
    from rag.training.qa_model import QANetwork, save_qa_model

    encoder = BertModel.from_pretrained(make_model(folder / "source"), add_pooling_layer=False)
    torch.manual_seed(0)
    save_qa_model(QANetwork(encoder, 32), load_tokenizer(), folder / "source")
    pairs = [("dos años", "el ascensor admite ocho personas"), ("two", "la garantía cubre")]
    return export(folder / "source", folder / "artefact", "1", pairs)
