"""What a language model adds to the verbatim answers, and what the rules that hold it are worth.

    python -m eval.benchmarks.quality.generators NAME --questions FILE --library LIB --out DIR \
        [--models DIR] [--limit 40]

Each question is asked once; for those that a model may write for it writes, and what it wrote is
kept in DIR, so that a run goes on where it ended. DIR then holds one file of answers a way, as `rag
ask --questions` writes them, for the script that scores them: the verbatim ones of all questions,
and the written ones as the product holds them, without the strike rule, without the rule that they
agree with what is quoted, and without both. `--limit` questions are taken, evenly over their order
by type, language and id.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any
from unittest import mock

from rag import json_output
from rag.answering import AnswerStream
from rag.config import load
from rag.factory import make_generator
from rag.library import Library
from rag.protocols import Generator, Stop
from rag.schema import Answer, Prompt, Turn

_STRIKES, _AGREES = "rag.answering.citations.invents", "rag.answering.citations.Verifier._agrees"
WAYS: dict[str, dict[str, Any]] = {
    "held": {},  # as the product has it
    "unstruck": {_STRIKES: lambda *_: False},
    "proved": {_AGREES: lambda verifier: bool(verifier._citations)},  # whatever is quoted
    "neither": {
        _STRIKES: lambda *_: False,
        _AGREES: lambda verifier: bool(verifier._citations),
    },
}
Row = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A question with the turns before it, and the stream that has found its passages."""

    row: Row
    turns: list[Turn]
    stream: AnswerStream


@dataclass
class Recorded:
    """A generator whose answers are kept by key, and written once."""

    model: Generator
    kept: dict[str, Row]
    log: IO[str]
    key: str = ""

    @property
    def name(self) -> str:
        """Returns the model's name."""
        return self.model.name

    @property
    def context_window(self) -> int:
        """Returns the tokens that prompt and answer may take together."""
        return self.model.context_window

    def count_tokens(self, text: str) -> int:
        """Returns the length in the model's tokens."""
        return self.model.count_tokens(text)

    def stream(self, prompt: Prompt, stop: Stop) -> Iterator[str]:
        """Yields what was kept, or writes and keeps it with the seconds that it took."""
        if self.key not in self.kept:
            started, first, pieces = time.perf_counter(), 0.0, []
            for piece in self.model.stream(prompt, stop):
                first = first or time.perf_counter() - started
                pieces.append(piece)
            row = {
                "key": self.key,
                "text": "".join(pieces),
                "first": round(first, 2),
                "seconds": round(time.perf_counter() - started, 2),
            }
            self.kept[self.key] = row
            self.log.write(json.dumps(row, ensure_ascii=False) + "\n")
            self.log.flush()
        yield self.kept[self.key]["text"]


def main() -> None:
    """Reads the flags, writes the answers."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", help="an installed model")
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--models", type=Path, default=None)
    parser.add_argument("--limit", type=int, default=40)
    flags = parser.parse_args()
    flags.out.mkdir(parents=True, exist_ok=True)
    settings = load(
        {
            "library": flags.library,
            "generator_model": flags.name,
            "max_tokens": 150,
            "written_answers": "always",
        }
    )
    settings = replace(settings, models=flags.models or settings.models, answer_timeout=1200.0)
    model = make_generator(settings)
    assert model is not None, f"{flags.name} is no language model"
    drafts = flags.out / f"{flags.name}.drafts.jsonl"
    kept = {row["key"]: row for row in _rows(drafts)}
    with (
        drafts.open("a", encoding="utf-8") as log,
        Library.open(settings=replace(settings, generator="extractive")) as library,
    ):
        recorded = Recorded(model, kept, log)
        for asked in _sample(_asked(library, flags.questions, flags.out), flags.limit):
            _write(asked, recorded, flags.out)


def _asked(library: Library, questions: Path, out: Path) -> list[Asked]:
    """Returns the questions that a model would write for; keeps the verbatim answers of all."""
    found = []
    with (out / "verbatim.jsonl").open("w", encoding="utf-8") as file:
        for row, turns in json_output.read_questions(questions):
            stream = library.ask(row["question"], turns)
            _keep(file, row, stream.answer)
            if stream._findings.found and stream._findings.prepared is None:
                found.append(Asked(row, turns, stream))
    return sorted(found, key=lambda asked: [asked.row[k] for k in ("type", "language", "id")])


def _sample(asked: Sequence[Asked], most: int) -> Iterator[Asked]:
    """Yields at most so many, evenly spread: first each fourth of them, then those between."""
    step = max(1.0, len(asked) / most)
    chosen = [asked[int(index * step)] for index in range(min(most, len(asked)))]
    for start in range(4):
        yield from chosen[start::4]


def _write(asked: Asked, model: Recorded, out: Path) -> None:
    model.key = str(asked.row["id"])
    tools = replace(asked.stream._tools, generator=model)
    for way, replaced in WAYS.items():
        with contextlib.ExitStack() as patches:
            for name, new in replaced.items():
                patches.enter_context(mock.patch(name, new))
            stream = AnswerStream(asked.stream._findings, tools, asked.turns, lambda: False)
            answer = stream.answer
        with (out / f"{model.name}-{way}.jsonl").open("a", encoding="utf-8") as file:
            _keep(file, asked.row, answer)


def _keep(file: IO[str], row: Row, answer: Answer) -> None:
    found = json_output.of_answer(answer)
    file.write(json_output.dump({"id": row["id"], **found}) + "\n")
    file.flush()


def _rows(path: Path) -> list[Row]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    main()
