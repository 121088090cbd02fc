"""Ways to run one language model on a processor, each in a process of its own, taking turns.

    python -m eval.benchmarks.quality.generators [--rounds 5] [--hidden 768] [--layers 16]

The same architecture with random weights and the same prompt for all: how fast it is read and
answered does not depend on what the weights say. Prints a table: medians over the rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import IO, Any

from rag.system import processes

VOCABULARY, PROMPT, ANSWER = 8000, 256, 32
CORPUS = Path(__file__).parents[3] / "corpus" / "sources"
PACKAGES = {
    "transformers": ("torch", "transformers", "tokenizers"),
    "ctranslate2": ("ctranslate2",),
}
WAYS = {
    "generate bf16": "transformers",
    "transformers bf16": "transformers",
    "transformers fp32": "transformers",
    "ctranslate2 int8": "ctranslate2",
    "ctranslate2 bfloat16": "ctranslate2",
}
Pass = Callable[[Sequence[int], int], Iterator[int]]
"""A prompt's token ids and how many to write, to those tokens as they come."""


def make_model(folder: Path, hidden: int, layers: int) -> int:
    """Writes a Qwen2 with random weights in bf16; returns the number of its parameters."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    bare = Tokenizer(models.BPE())
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=["<|endoftext|>"],  # transformers adds it to a Qwen2 that has none
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = [path.read_text(encoding="utf-8") for path in sorted(CORPUS.rglob("*.md"))]
    bare.train_from_iterator(texts, trainer)
    template = "{% for m in messages %}{{ m.content }}{% endfor %}"
    fast: Any = PreTrainedTokenizerFast
    tokenizer = fast(tokenizer_object=bare, eos_token="<|endoftext|>", chat_template=template)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=hidden // 64,
        num_key_value_heads=max(hidden // 256, 1),
        intermediate_size=4 * hidden,
        max_position_embeddings=4096,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=0,
        pad_token_id=0,
    )
    model: Any = Qwen2ForCausalLM(config)
    model = model.to(torch.bfloat16)
    model.save_pretrained(folder)
    return sum(parameter.numel() for parameter in model.parameters())


def load(backend: str, folder: Path, threads: int) -> Pass:
    """Returns the model, ready to write."""
    library, precision = backend.rsplit(" ", 1)
    if WAYS[backend] == "ctranslate2":
        return _ctranslate2(folder.parent / precision, threads)
    return _transformers(folder, precision, threads, plain=library == "generate")


def _transformers(folder: Path, precision: str, threads: int, plain: bool) -> Pass:
    import torch
    from transformers import AutoModelForCausalLM

    from rag.llms.decoding import Decoder
    from rag.llms.sampling import Sampling

    torch.set_num_threads(threads)
    kind = torch.bfloat16 if precision == "bf16" else torch.float32
    model = AutoModelForCausalLM.from_pretrained(str(folder), dtype=kind).eval()  # type: ignore[no-untyped-call]
    decoder = Decoder(model, [], guesses=0, reuse=False)

    def with_generate(prompt: Sequence[int], most: int) -> Iterator[int]:
        from transformers import TextIteratorStreamer  # noqa: F401 - counted as imported

        ids = torch.tensor([list(prompt)])
        options = {"do_sample": False, "min_new_tokens": most, "max_new_tokens": most}
        made = model.generate(ids, attention_mask=torch.ones_like(ids), **options)
        yield from made[0, len(prompt) :].tolist()

    if plain:
        return with_generate
    return lambda prompt, most: decoder.tokens(prompt, Sampling(), most, lambda: False)


def _ctranslate2(folder: Path, threads: int) -> Pass:
    import ctranslate2
    from tokenizers import Tokenizer

    model = ctranslate2.Generator(str(folder), device="cpu", intra_threads=threads)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))

    def write(prompt: Sequence[int], most: int) -> Iterator[int]:
        tokens = [tokenizer.id_to_token(key) for key in prompt]
        steps = model.generate_tokens(
            tokens, max_length=most, min_length=most, sampling_topk=1, end_token=[]
        )
        yield from (step.token_id for step in steps)

    return write


def child(backend: str, folder: Path, threads: int) -> None:
    """Loads, then measures once a line on stdin; one JSON object a line on stdout."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the product has it
    started = time.perf_counter()
    for name in PACKAGES[WAYS[backend]]:
        __import__(name)
    imported = time.perf_counter()
    run = load(backend, folder, threads)
    loaded = time.perf_counter()
    prompt = [(7 * index) % (VOCABULARY // 2) + 1 for index in range(PROMPT)]
    list(run(prompt[:8], 2))
    print(json.dumps({"import": imported - started, "load": loaded - imported}), flush=True)
    for _ in sys.stdin:
        # the first token apart from the others: reading and writing have different speeds
        first, first_work = _timed(run, prompt, 1)
        both, both_work = _timed(run, prompt, ANSWER + 1)
        figures = {
            "prefill": PROMPT / first,
            "decode": ANSWER / max(both - first, 1e-9),
            "work": 1000 * (both_work - first_work) / ANSWER,
            "memory": _memory(),
        }
        print(json.dumps(figures), flush=True)


def _timed(run: Pass, prompt: Sequence[int], most: int) -> tuple[float, float]:
    """Returns the seconds on the clock, and of all cores, which say more beside other work."""
    began, worked = time.perf_counter(), time.process_time()
    count = len(list(run(prompt, most)))
    assert count == most, f"{count} of {most} tokens"
    return time.perf_counter() - began, time.process_time() - worked


def _memory() -> float:
    """Returns the resident MB that are this process's own; mapped files are left out."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    rows = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
    return int(rows["RssAnon"].split()[0]) / 1000


def installed_mb(names: Sequence[str]) -> float:
    """Returns the size on disk of packages, without what they depend on."""
    files = [path for name in names for path in metadata.files(name) or ()]
    sizes = [Path(str(file.locate())) for file in files]
    return sum(path.stat().st_size for path in sizes if path.is_file()) / 1e6


def main() -> None:
    """Makes the model, converts it, lets the ways take turns, prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--hidden", type=int, default=768)
    parser.add_argument("--layers", type=int, default=16)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--ways", nargs="*", default=list(WAYS))
    parser.add_argument("--child", nargs=2, default=None, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        child(chosen.child[0], Path(chosen.child[1]), chosen.threads)
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        count = make_model(folder, chosen.hidden, chosen.layers)
        print(
            f"{count / 1e6:.0f} M parameters, {PROMPT} tokens read, {ANSWER} written, "
            f"{chosen.threads} threads, {chosen.rounds} rounds"
        )
        _convert(folder, chosen.ways)
        rows = measure(chosen.ways, folder, chosen.rounds, chosen.threads)
    _table(rows)


def _convert(folder: Path, backends: Sequence[str]) -> None:
    from rag.llms.ctranslate2_model import convert

    for backend in backends:
        if WAYS[backend] == "ctranslate2":
            precision = backend.rsplit(" ", 1)[1]
            convert(folder, folder.parent / precision, precision)


def measure(
    backends: Sequence[str], folder: Path, rounds: int, threads: int
) -> dict[str, dict[str, float]]:
    """Medians of each way. All are loaded at first, then each measures once a round."""
    started = {backend: _start(backend, folder, threads) for backend in backends}
    found = {backend: [_read(process)] for backend, process in started.items()}
    for _ in range(rounds):
        for backend, process in started.items():
            _pipe(process.stdin).write("go\n")
            _pipe(process.stdin).flush()
            found[backend].append(_read(process))
    for process in started.values():
        _pipe(process.stdin).close()
        process.wait()
    return {
        backend: {
            name: statistics.median(row[name] for row in rows if name in row)
            for name in ("import", "load", "prefill", "decode", "work", "memory")
        }
        for backend, rows in found.items()
    }


def _start(backend: str, folder: Path, threads: int) -> subprocess.Popen[str]:
    command = processes.python(
        "-m", "eval.benchmarks.quality.generators", "--child", backend, str(folder)
    )
    return subprocess.Popen(
        [*command, "--threads", str(threads)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _read(process: subprocess.Popen[str]) -> dict[str, float]:
    line = _pipe(process.stdout).readline()
    if not line:
        raise SystemExit(f"{process.args!r} ended with {process.wait()}")
    return dict(json.loads(line))


def _pipe(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def _table(rows: dict[str, dict[str, float]]) -> None:
    print(
        "| way | prefill tok/s | decode tok/s | CPU ms a token | memory MB | import s | load s "
        "| install MB |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for backend, row in rows.items():
        size = installed_mb(PACKAGES[WAYS[backend]])
        print(
            f"| {backend} | {row['prefill']:.0f} | {row['decode']:.1f} | {row['work']:.0f} "
            f"| {row['memory']:.0f} | {row['import']:.1f} | {row['load']:.1f} | {size:.0f} |"
        )
    base: Any = rows.get("transformers bf16") or rows.get("generate bf16")
    for backend, row in rows.items():
        if base:
            saved = base["work"] / max(row["work"], 1e-9)
            print(
                f"{backend}: {row['decode'] / base['decode']:.2f}x in decode, {saved:.2f}x by work"
            )


if __name__ == "__main__":
    main()
