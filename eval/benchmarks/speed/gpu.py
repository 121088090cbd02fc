"""Tokens a second and time to the first token of one model on this machine's GPU, or processor.

    python -m eval.benchmarks.speed.gpu [--size 7b|1b|tiny] \
        [--precisions bf16 int4] [--batches 1 32]

A Qwen2 of the given size with random weights: speed does not depend on what they say. Compares this
package's batcher with plain `generate`.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SIZES = {
    # hidden, layers, heads, key-value heads, intermediate, vocabulary
    "tiny": (128, 4, 4, 2, 512, 4000),
    "1b": (1536, 28, 12, 2, 8960, 151_936),  # Qwen2.5-1.5B
    "7b": (3584, 28, 28, 4, 18_944, 152_064),  # Qwen2.5-7B
}
PREFIX = 256  # tokens that all prompts begin with


@dataclass(frozen=True, slots=True)
class Row:
    """One method of running: seconds to the first token, tokens a second after it, all together."""

    precision: str
    method: str
    batch: int
    ttft: float
    rate: float
    memory_gb: float


def make_model(size: str, device: str, precision: str) -> Any:
    """Returns a model of random weights, made on the device: nothing is written to disk."""
    import torch
    from transformers import AutoModelForCausalLM, Qwen2Config

    hidden, layers, heads, shared, inner, vocabulary = SIZES[size]
    config = Qwen2Config(
        vocab_size=vocabulary,
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=shared,
        intermediate_size=inner,
        max_position_embeddings=4096,
        bos_token_id=None,
        eos_token_id=None,
        pad_token_id=0,
    )
    torch.manual_seed(0)
    kind = torch.float32 if precision == "fp32" else torch.bfloat16
    with torch.device(device):
        auto: Any = AutoModelForCausalLM
        model = auto.from_config(config, dtype=kind, attn_implementation="sdpa")
    if precision == "int4":
        model = _in_4_bits(model, device)
    return model.eval().to(device)


def _in_4_bits(model: Any, device: str) -> Any:
    """Puts every linear layer but the last into NF4, as `from_pretrained` would load it."""
    import bitsandbytes
    import torch

    for layer in list(model.model.modules()):
        for child, linear in list(layer.named_children()):
            if isinstance(linear, torch.nn.Linear):
                packed = bitsandbytes.nn.Linear4bit(
                    linear.in_features,
                    linear.out_features,
                    linear.bias is not None,
                    compute_dtype=torch.bfloat16,
                    quant_type="nf4",
                )
                packed.weight = bitsandbytes.nn.Params4bit(
                    linear.weight.data.cpu(), requires_grad=False, quant_type="nf4"
                )
                packed.bias = linear.bias
                setattr(layer, child, packed.to(device))
    gc.collect()
    return model


def prompts(count: int, vocabulary: int, length: int) -> list[list[int]]:
    """Prompts with one beginning and passages of their own."""
    fixed = [(7 * index) % (vocabulary - 10) + 5 for index in range(PREFIX)]
    made = []
    for number in range(count):
        start = 11 + 101 * number
        body = [(start + index) % (vocabulary - 10) + 5 for index in range(length - PREFIX)]
        made.append([*fixed, *body])
    return made


def with_batcher(model: Any, asked: Sequence[list[int]], most: int) -> Any:
    """Runs all prompts at once through `Batcher`; the first token is that of any."""
    from rag.llms.continuous_batching import Batcher
    from rag.llms.sampling import Sampling

    count = len(asked)
    batcher = Batcher(model, [], Sampling(most), len(asked[0]) + most, count)

    def write(prompt: list[int]) -> list[float]:
        tokens = batcher.tokens(prompt, most, lambda: False)
        return [time.perf_counter() for _ in tokens]

    def run() -> tuple[float, float]:
        started = time.perf_counter()
        with ThreadPoolExecutor(count) as pool:
            times = sorted(figure for row in pool.map(write, asked) for figure in row)
        return times[0] - started, (len(times) - count) / (times[-1] - times[0])

    return run


def with_generate(model: Any, asked: Sequence[list[int]], most: int) -> Any:
    """Runs `generate` on batches, as the documentation of transformers has it."""
    import torch

    def once(count: int) -> float:
        ids = torch.tensor(asked, device=model.device)
        started = time.perf_counter()
        model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            do_sample=False,
            min_new_tokens=count,
            max_new_tokens=count,
        )
        _wait(model)
        return time.perf_counter() - started

    def run() -> tuple[float, float]:
        first, whole = once(1), once(most)
        return first, len(asked) * (most - 1) / max(whole - first, 1e-9)

    return run


def methods(
    model: Any, batches: Sequence[int], read: int, most: int
) -> dict[tuple[str, int], Callable[[], Any]]:
    """Returns all that is compared on one model."""
    vocabulary = model.config.vocab_size
    found: dict[tuple[str, int], Callable[[], Any]] = {
        ("generate", batch): with_generate(model, prompts(batch, vocabulary, read), most)
        for batch in batches
    }
    for batch in batches:
        found["batcher", batch] = with_batcher(model, prompts(batch, vocabulary, read), most)
    return found


def measure(
    model: Any, precision: str, batches: Sequence[int], rounds: int, read: int, most: int
) -> list[Row]:
    """Medians over the rounds; in each all methods take their turn."""
    chosen = methods(model, batches, read, most)
    times: dict[tuple[str, int], list[tuple[float, float]]] = {key: [] for key in chosen}
    for turn in range(rounds + 1):
        for key, run in chosen.items():
            result = run()
            if turn:  # the first warms up
                times[key].append(result)
    rows: list[Row] = []
    for (method, batch), runs in times.items():
        ttft, rate = (statistics.median(column) for column in zip(*runs, strict=True))
        rows.append(Row(precision, method, batch, ttft, rate, _memory_gb(model)))
    return rows


def _wait(model: Any) -> None:
    import torch

    if model.device.type == "cuda":
        torch.cuda.synchronize()


def _memory_gb(model: Any) -> float:
    import torch

    if model.device.type == "cuda":
        return float(torch.cuda.max_memory_allocated()) / 1e9
    return (
        float(sum(parameter.numel() * parameter.element_size() for parameter in model.parameters()))
        / 1e9
    )


def main() -> None:
    """Prints a table, and writes it as JSON where asked."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the product has it
    import torch

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="7b")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--precisions", nargs="+", default=["bf16", "int4"])
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 32])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--read", type=int, default=2048, help="tokens of a prompt")
    parser.add_argument("--write", type=int, default=128, help="tokens of an answer")
    parser.add_argument("--out", type=Path, default=None)
    chosen = parser.parse_args()
    kind = torch.cuda.get_device_name() if chosen.device == "cuda" else chosen.device
    read, most, rounds = chosen.read, chosen.write, chosen.rounds
    print(f"{chosen.size} on {kind}: {read} tokens read, {most} written, {rounds} rounds")
    rows: list[Row] = []
    for precision in chosen.precisions:
        model = make_model(chosen.size, chosen.device, precision)
        rows += measure(model, precision, chosen.batches, rounds, read, most)
        del model
        gc.collect()
        if chosen.device == "cuda":
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
    print("| precision | method | batch | first token s | tokens/s | memory GB |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        print(
            f"| {row.precision} | {row.method} | {row.batch} | {row.ttft:.3f} | {row.rate:.1f} "
            f"| {row.memory_gb:.1f} |"
        )
    if chosen.out:
        fields = Row.__dataclass_fields__
        table = [{name: getattr(row, name) for name in fields} for row in rows]
        chosen.out.write_text(json.dumps({"device": kind, "size": chosen.size, "rows": table}))


if __name__ == "__main__":
    main()
