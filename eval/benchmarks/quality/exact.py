"""What the bundled models compute in exact integer arithmetic, and how near this processor comes.

    python -m eval.benchmarks.quality.exact [--write FILE]

Some processors add the products of unsigned and signed bytes in 16 bits, which overflow. Here the
graphs run in numpy (onnx's reference evaluator), where no sum of integers is rounded or cut: what a
processor that adds in 32 bits computes. Prints the least cosine and the widest difference of the
reader's figures between that and onnxruntime on this processor. `--write` keeps the exact figures
as JSON: `tests/data/exact.json` is what `tests/models/test_exact.py` holds every processor to;
write it again when a bundled model changes. Needs the package onnx.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun

from rag.models import BundledEmbedder, BundledQAModel, bundled_folder, load_artefact
from rag.models.artefacts import Artefact
from rag.protocols import SpanPrediction

Array = NDArray[Any]
TEXTS = (
    "¿Cuánta memoria necesita un modelo de 7B en 4 bits?",
    "¿Qué plazo hay para devolver una bicicleta averiada?",
    "El ascensor admite ocho personas y se revisa el primer lunes de cada mes.",
    "La garantía dura dos años desde la entrega, pero no cubre el desgaste ni el mal uso.",
    "Según el acta del 14 de marzo de 2023, la junta aprobó por unanimidad subir la cuota "
    "un 3,5 %.",
    "El murciélago de cueva hiberna entre noviembre y febrero en galerías húmedas y sin "
    "corrientes.",
    "How much memory does a 7B model need in 4 bits?",
    "Who pays the shipping when a warranty claim is refused?",
    "The lift carries eight persons and is inspected on the first Monday of every month.",
    "The warranty lasts two years from delivery, but it covers neither wear nor misuse.",
    "According to the minutes of 14 March 2023, the board agreed unanimously to raise fees "
    "by 3.5%.",
    "Cave bats hibernate between November and February in damp galleries without any draught.",
)
LONG = (" ".join(TEXTS[:6] * 2), " ".join(TEXTS[6:] * 3))
"""Alone in their batch: rows without padding take another way through the graph."""
PAIRS = (
    ("¿Cuántas personas admite el ascensor?", TEXTS[2]),
    ("¿Cuánto dura la garantía?", TEXTS[3]),
    ("¿Cuánto subió la cuota?", TEXTS[4]),
    ("¿Cuándo hiberna el murciélago?", LONG[0]),
    ("¿De qué color es el tejado?", TEXTS[3]),
    ("How many persons does the lift carry?", TEXTS[8]),
    ("How long does the warranty last?", TEXTS[9]),
    ("By how much were the fees raised?", TEXTS[10]),
    ("When do cave bats hibernate?", LONG[1]),
    ("What colour is the roof?", TEXTS[9]),
    ("How long does the warranty last?", TEXTS[3]),
    ("¿Cuántas personas admite el ascensor?", TEXTS[8]),
)


class MatMulIntegerToFloat(OpRun):
    """uint8 @ int8, scaled to float, bias added."""

    op_domain = "com.microsoft"

    def _run(
        self, a: Array, b: Array, a_scale: Array, b_scale: Array, a_zero: Array, b_zero: Array,
        bias: Array,
    ) -> tuple[Array]:  # fmt: skip
        # in doubles, which are exact here: every sum is a whole number far below 2 ** 53
        left, right = (x.astype(np.float64) - z for x, z in ((a, a_zero), (b, b_zero)))
        scale = (a_scale * b_scale).astype(np.float32)
        return ((left @ right).astype(np.float32) * scale + bias,)


class MultiHeadAttention(OpRun):
    """Attention of queries, keys and values (batch, length, width), no row of them padded."""

    op_domain = "com.microsoft"

    def _run(
        self, query: Array, key: Array, value: Array, num_heads: int = 1, scale: float = 1.0
    ) -> tuple[Array]:
        batch, length, width = query.shape
        shape = (batch, length, num_heads, width // num_heads)
        q, k, v = (states.reshape(shape).transpose(0, 2, 1, 3) for states in (query, key, value))
        weights = scale * q @ k.transpose(0, 1, 3, 2)
        weights = np.exp(weights - weights.max(axis=-1, keepdims=True))
        mixed = weights / weights.sum(axis=-1, keepdims=True) @ v
        return (mixed.transpose(0, 2, 1, 3).reshape(batch, length, width).astype(query.dtype),)


def main() -> None:
    """Prints the differences, or writes the exact figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", type=Path, metavar="FILE")
    flags = parser.parse_args()
    exact = figures(embedder(evaluated=True), reader(evaluated=True))
    if flags.write:
        text = json.dumps(exact, ensure_ascii=False, separators=(",", ":"))
        flags.write.write_text(text.replace("],[", "],\n[").replace("},{", "},\n{") + "\n", "utf-8")
        return
    found = figures(embedder(), reader())
    cosines = (vectors(found) * vectors(exact)).sum(axis=1)
    print(f"embedder: least cosine {cosines.min():.6f}, mean {cosines.mean():.6f}")
    both = [*zip(found["verdicts"], exact["verdicts"], strict=True)]
    same = sum((a["start"], a["end"]) == (b["start"], b["end"]) for a, b in both)
    for name in ("relevance", "answerable", "score"):
        print(f"reader: {name} differs by {max(abs(a[name] - b[name]) for a, b in both):.4f}")
    print(f"reader: {same} of {len(both)} spans are the same")


def embedder(evaluated: bool = False) -> BundledEmbedder:
    """Returns the bundled one; `evaluated`: by the reference evaluator in place of onnxruntime."""
    artefact = load_artefact(bundled_folder("embedder"))
    model = BundledEmbedder(artefact, 1)
    return _evaluated(model, artefact) if evaluated else model


def reader(evaluated: bool = False) -> BundledQAModel:
    """Returns the bundled QA model, as `embedder` does."""
    artefact = load_artefact(bundled_folder("reader"))
    model = BundledQAModel(artefact, 1)
    return _evaluated(model, artefact) if evaluated else model


def figures(embedder: BundledEmbedder, reader: BundledQAModel) -> dict[str, Any]:
    """Returns what the models make of the texts and pairs, as JSON has it."""
    return {
        "fingerprints": [embedder.fingerprint, reader.fingerprint],
        "ids": embedder._ids(TEXTS),
        "vectors": [[round(float(x), 5) for x in row] for row in rows_of(embedder)],
        "verdicts": [_plain(reader.read(asked, [text])[0]) for asked, text in PAIRS],
    }


def rows_of(embedder: BundledEmbedder) -> Array:
    """Vectors of the short texts, together, and of the long ones, each alone."""
    alone = [embedder.encode_documents([text]) for text in LONG]
    return np.concatenate([embedder.encode_documents(TEXTS), *alone])


def vectors(record: dict[str, Any]) -> Array:
    """Returns the rows of `figures` at length 1."""
    rows = np.array(record["vectors"])
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def _plain(verdict: SpanPrediction) -> dict[str, float]:
    numbers = {
        name: round(getattr(verdict, name), 4) for name in ("relevance", "answerable", "score")
    }
    return {**numbers, "start": verdict.start, "end": verdict.end}


def _evaluated(model: Any, artefact: Artefact) -> Any:
    import onnx

    graph = onnx.load_from_string(artefact.graph)
    operators = [MatMulIntegerToFloat, MultiHeadAttention]
    session = ReferenceEvaluator(graph, new_ops=operators)
    model._session._session = model._session._single = session
    return model


if __name__ == "__main__":
    main()
