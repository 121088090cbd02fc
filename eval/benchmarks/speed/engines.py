"""Installed language models side by side on the same prompts: engines, precisions, sizes.

    python -m eval.benchmarks.speed.engines NAME... [--models DIR] [--rounds 3] [--tokens 48]

Each model runs in a process of its own, and the processes take turns, one prompt at a time. A
prompt is what an answer has: instructions, three passages of the sample documents and a question.
The table gives seconds to load, tokens of the prompt and of the answer a second, seconds to the
first words (cold, and with the instructions read before), and megabytes of memory with all
children. Tokens are the model's own: of one model in several engines they are the same.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil

from rag.config import Settings
from rag.factory import make_generator
from rag.schema import Message, Prompt

CORPUS = Path(__file__).parents[3] / "corpus" / "sources"
SYSTEM = "Responde solo con lo que dicen los pasajes numerados, breve, y cita con [n]."
PASSAGE, PASSAGES = 900, 3  # characters of each
QUESTION = "Explica con detalle qué dicen los pasajes."


def prompts() -> Iterator[Prompt]:
    """Yields prompts of like length, each with other passages."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(CORPUS.rglob("*.md"))]
    pieces = [
        text[start : start + PASSAGE]
        for text in texts
        for start in range(0, len(text) - PASSAGE, PASSAGE)
    ]
    for index in range(0, len(pieces) - PASSAGES, PASSAGES):
        numbered = (f"[{i + 1}] {pieces[index + i]}" for i in range(PASSAGES))
        words = "\n\n".join((*numbered, QUESTION))
        yield Prompt((Message("system", SYSTEM), Message("user", words)))


def child(name: str, models: Path, tokens: int) -> None:
    """Loads a model, then answers a prompt for each line of stdin with its figures as JSON."""
    started = time.perf_counter()
    settings = Settings(models=models, generator_model=name, max_tokens=tokens)
    generator = make_generator(settings)
    assert generator is not None
    print(json.dumps({"load": time.perf_counter() - started}), flush=True)
    for _, prompt in zip(sys.stdin, prompts(), strict=False):
        print(json.dumps(_measured(generator, prompt)), flush=True)


def _measured(generator: Any, prompt: Prompt) -> dict[str, float]:
    started, times, pieces = time.perf_counter(), [], []
    for piece in generator.stream(prompt, lambda: False):
        times.append(time.perf_counter())
        pieces.append(piece)
    first, written = times[0] - started, generator.count_tokens("".join(pieces))
    read = sum(generator.count_tokens(message.content) for message in prompt.messages)
    here = psutil.Process()
    memory = sum(p.memory_info().rss for p in (here, *here.children(recursive=True)))
    return {
        "first": first,
        "read": read / first,
        "written": (written - 1) / max(times[-1] - times[0], 1e-9),
        "memory": memory / 1e6,
    }


def main() -> None:
    """Runs the models by turns and prints the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+")
    parser.add_argument("--models", type=Path, default=Settings().models)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=48)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    flags = parser.parse_args()
    if flags.child:
        child(flags.names[0], flags.models, flags.tokens)
        return
    found: dict[str, list[dict[str, float]]] = {}
    for name in flags.names:  # loaded one by one, so that each has the machine
        process = _start(name, flags)
        found[name] = [_line(process)]
        process.kill()
    processes = {name: _start(name, flags) for name in flags.names}
    for process in processes.values():
        _line(process)
    for _ in range(flags.rounds + 1):
        for name, process in processes.items():
            assert process.stdin
            process.stdin.write("\n")
            process.stdin.flush()
            found[name].append(_line(process))
    for process in processes.values():
        process.kill()
    _show(found)


def _start(name: str, flags: argparse.Namespace) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "eval.benchmarks.speed.engines", name, "--child"]
    command += ["--models", str(flags.models), "--tokens", str(flags.tokens)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _line(process: subprocess.Popen[str]) -> dict[str, float]:
    assert process.stdout
    return dict(json.loads(process.stdout.readline()))


def _show(found: dict[str, list[dict[str, float]]]) -> None:
    print("| model | load s | read tokens/s | written tokens/s | first words s, cold / then | MB |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, (load, cold, *warm) in found.items():
        medians = {key: _median(warm, key) for key in warm[0]}
        print(
            f"| {name} | {load['load']:.1f} | {medians['read']:.0f} | {medians['written']:.1f} | "
            f"{cold['first']:.1f} / {medians['first']:.1f} | {medians['memory']:.0f} |"
        )


def _median(rows: Sequence[dict[str, float]], key: str) -> float:
    return statistics.median(row[key] for row in rows)


if __name__ == "__main__":
    main()
