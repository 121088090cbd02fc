"""Which runtime serves a BERT encoder best here: speed, cold start, size, nearness to fp32.

    python -m eval.benchmarks.speed.runtimes FOLDER --texts FILE [--threads 2] [--rounds 5]

FOLDER is an encoder as transformers has it (config, safetensors, tokenizer); FILE holds texts of
about 250 tokens, one a line. All runtimes take turns in one process, so that a busy machine is
busy for all of them alike: read ratios. Cold start is a process of its own each: import, load, one
question. OpenVINO is measured where it is installed.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata, util
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.models import BundledEmbedder, load_artefact
from rag.system import processes

Floats = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Floats]
BATCH = 16
WINDOW = 256
QUESTION = ["¿Cuándo nació Tesla en Smiljan?"]
NEEDS = {
    "onnxruntime": "onnxruntime tokenizers",
    "openvino": "openvino tokenizers",
    "torch": "torch tokenizers transformers safetensors",
    "sentence-transformers": "torch tokenizers transformers safetensors sentence-transformers "
    "scikit-learn scipy",
}


def main() -> None:
    """Prints one row a runtime."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cold-starts", type=int, default=3)
    parser.add_argument("--cold", choices=list(RUNTIMES), help="only load this one and ask once")
    parser.add_argument("--work", type=Path, help="folder of the converted models")
    flags = parser.parse_args()
    if flags.cold:
        RUNTIMES[flags.cold](flags.folder, flags.work, flags.threads)(QUESTION)
        return
    texts = flags.texts.read_text("utf-8").splitlines()
    with tempfile.TemporaryDirectory() as folder:
        work = flags.work or Path(folder)
        convert(flags.folder, work, texts)
        report(flags, work, texts)


def report(flags: argparse.Namespace, work: Path, texts: Sequence[str]) -> None:
    """Prints the warm figures of all in turn, then the cold ones."""
    names = [name for name in RUNTIMES if "openvino" not in name or util.find_spec("openvino")]
    loaded = {name: RUNTIMES[name](flags.folder, work, flags.threads) for name in names}
    vectors = {name: encode(texts) for name, encode in loaded.items()}
    chunks: dict[str, list[float]] = {name: [] for name in names}
    asked: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(flags.rounds):
        for name, encode in loaded.items():
            chunks[name].append(seconds(encode, texts) / len(texts))
            asked[name] += [seconds(encode, QUESTION) for _ in range(5)]
    slowest = statistics.median(chunks["sentence-transformers fp32"])
    reference = vectors["sentence-transformers fp32"]
    for name in names:
        middle, near = statistics.median(chunks[name]), (vectors[name] * reference).sum(axis=1)
        alone = drift(loaded[name], texts[:8], vectors[name])
        cold = [cold_start(flags, work, name) for _ in range(flags.cold_starts)]
        print(
            f"{name:28} chunks/s {1 / middle:6.1f} ({slowest / middle:4.1f}x)  question ms "
            f"{statistics.median(asked[name]) * 1000:7.1f}  cold s {statistics.median(cold):5.2f}  "
            f"MB {installed(name):5.0f}  cosine {near.mean():.4f} (worst {near.min():.4f})"
            f"  alone against in company {alone:.5f}",
            flush=True,
        )


def seconds(encode: Encode, texts: Sequence[str]) -> float:
    """Returns the wall time of one call."""
    start = time.perf_counter()
    encode(texts)
    return time.perf_counter() - start


def drift(encode: Encode, texts: Sequence[str], together: Floats) -> float:
    """Returns the least cosine of a text's vector alone with its vector in company."""
    alone = np.concatenate([encode([text]) for text in texts])
    return float((alone * together[: len(texts)]).sum(axis=1).min())


def cold_start(flags: argparse.Namespace, work: Path, name: str) -> float:
    """Returns the seconds of a new process that loads the runtime and encodes one question."""
    start = time.perf_counter()
    common = ["--texts", str(flags.texts), "--threads", str(flags.threads)]
    command = [
        "-m",
        "eval.benchmarks.speed.runtimes",
        str(flags.folder),
        *common,
        "--work",
        str(work),
    ]
    subprocess.run(processes.python(*command, "--cold", name), check=True, capture_output=True)
    return time.perf_counter() - start


def installed(name: str) -> float:
    """Megabytes of the packages that a runtime needs beyond numpy, bytecode left out."""
    paths = [
        Path(str(path.locate()))
        for package in NEEDS[name.split()[0]].split()
        for path in metadata.files(package) or []
        if path.suffix != ".pyc"
    ]
    return sum(path.stat().st_size for path in paths if path.is_file()) / 1e6


# --- the runtimes ---


def convert(folder: Path, work: Path, texts: Sequence[str]) -> None:
    """Writes the encoder as fp32 ONNX, as dynamically quantised ONNX, and as it ships."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from tokenizers import Tokenizer

    from rag.training import export
    from rag.training.encoding import load_encoder
    from rag.training.int8 import PlainBert

    plain = export.TokenStates(PlainBert(load_encoder(folder))).eval()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    example = next(iter(export.text_batches(tokenizer, texts[:4], WINDOW)))
    names = (export.EMBEDDER_INPUTS, export.EMBEDDER_OUTPUTS)
    (work / "fp32.onnx").write_bytes(export.graph(plain, *names, example))
    quantize_dynamic(
        work / "fp32.onnx",
        work / "dynamic.onnx",
        per_channel=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul"],
    )
    export.export_embedder(folder, work / "shipped", "bench", texts[::2])


def tokens(tokenizer: Any, texts: Sequence[str]) -> Iterator[tuple[list[int], Any, Any]]:
    """Batches of like length: places, ids and mask."""
    order = sorted(range(len(texts)), key=lambda index: -len(texts[index]))
    for start in range(0, len(order), BATCH):
        indices = order[start : start + BATCH]
        encoded = tokenizer.encode_batch([texts[index] for index in indices])
        ids, mask = ([getattr(e, part) for e in encoded] for part in ("ids", "attention_mask"))
        yield indices, np.array(ids), np.array(mask)


def with_means(folder: Path, states: Callable[[Any, Any], Floats]) -> Encode:
    """Returns an encoder of texts from a function of ids and mask to token states."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(WINDOW)
    tokenizer.enable_padding()

    def encode(texts: Sequence[str]) -> Floats:
        rows: list[Floats] = [np.empty(0, dtype=np.float32)] * len(texts)
        for indices, ids, mask in tokens(tokenizer, texts):
            weights = mask[:, None, :].astype(np.float32)
            means = np.matmul(weights, states(ids, mask))[:, 0]
            for index, row in zip(indices, means, strict=True):
                rows[index] = row / np.linalg.norm(row)
        return np.stack(rows)

    return encode


def shipped(folder: Path, work: Path, threads: int) -> Encode:
    """Returns the encoder as the product runs it."""
    return BundledEmbedder(load_artefact(work / "shipped"), threads).encode_documents


def onnx_file(name: str) -> Callable[[Path, Path, int], Encode]:
    """Returns an ONNX file under onnxruntime, its threads asleep while they wait."""

    def load(folder: Path, work: Path, threads: int) -> Encode:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        session = onnxruntime.InferenceSession(str(work / name), options)
        return with_means(
            folder,
            lambda ids, mask: session.run(None, {"input_ids": ids, "attention_mask": mask})[0],
        )

    return load


def openvino_file(name: str) -> Callable[[Path, Path, int], Encode]:
    """Returns an ONNX file under OpenVINO, in the precision that it chooses itself."""

    def load(folder: Path, work: Path, threads: int) -> Encode:
        import openvino

        options = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}
        model = openvino.Core().compile_model(str(work / name), "CPU", options)
        return with_means(folder, lambda ids, mask: model([ids, mask])[0])

    return load


def torch_bf16(folder: Path, work: Path, threads: int) -> Encode:
    """Transformers in bf16, threads asleep while they wait."""
    from rag.system.processes import sleep_while_waiting

    sleep_while_waiting()
    import torch
    from transformers import AutoModel

    torch.set_num_threads(threads)
    model = AutoModel.from_pretrained(folder, dtype=torch.bfloat16, add_pooling_layer=False)

    def states(ids: Any, mask: Any) -> Floats:
        with torch.inference_mode():
            both = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
            return np.asarray(model(**both).last_hidden_state.float().numpy())

    return with_means(folder, states)


def sentence_transformers_fp32(folder: Path, work: Path, threads: int) -> Encode:
    """Returns the usual setup: defaults, but for mean pooling, the window and the threads."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer

    torch.set_num_threads(threads)
    words = Transformer(str(folder), max_seq_length=WINDOW)
    model = SentenceTransformer(
        modules=[words, Pooling(words.get_embedding_dimension())], device="cpu"
    )
    return lambda texts: model.encode(
        list(texts), normalize_embeddings=True, show_progress_bar=False
    )


RUNTIMES: dict[str, Callable[[Path, Path, int], Encode]] = {
    "sentence-transformers fp32": sentence_transformers_fp32,
    "torch bf16": torch_bf16,
    "onnxruntime fp32": onnx_file("fp32.onnx"),
    "onnxruntime int8 dynamic": onnx_file("dynamic.onnx"),
    "onnxruntime int8 shipped": shipped,
    "openvino fp32 as it likes": openvino_file("fp32.onnx"),
    "openvino int8 dynamic": openvino_file("dynamic.onnx"),
}

if __name__ == "__main__":
    main()
