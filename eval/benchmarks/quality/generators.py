"""What a language model adds to the verbatim answers, and what the rules that hold it are worth.

    python -m eval.benchmarks.quality.generators NAME --questions FILE --library LIB --out DIR \
        [--models DIR] [--limit 40] [--tokens 150] [--together [--grammar]] [--form NAME …]

Each question is asked once; for those that a model may write for it writes, and what it wrote is
kept in DIR, so that a run goes on where it ended. DIR then holds one file of answers a way, as `rag
ask --questions` writes them, for the script that scores them: the verbatim ones of all questions,
and the written ones as the product holds them, without the strike rule, without the rule that they
agree with what is quoted, and without both; that of another form of the prompt bears its name.
`--together` has all questions written for in one go, by transformers. `--limit` questions are
taken, evenly over their order by type, language and id.
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

from eval.benchmarks.quality.prompt_forms import FORMS, formed
from eval.benchmarks.quality.together import TogetherWriter, key_of
from rag import json_output
from rag.answering import AnswerStream
from rag.config import Settings, load
from rag.factory import make_generator
from rag.library import Library
from rag.llms.choice import find_model
from rag.protocols import Generator, Stop
from rag.schema import Answer, Prompt, Turn

_STRIKES, _AGREES = "rag.answering.citations.invents", "rag.answering.citations.Verifier._agrees"
WAYS: dict[str, dict[str, Any]] = {
    "held": {},  # as the product has it
    "unstruck": {_STRIKES: lambda *_: False},
    "proved": {_AGREES: lambda verifier, _: bool(verifier._citations)},  # whatever is quoted
    "neither": {
        _STRIKES: lambda *_: False,
        _AGREES: lambda verifier, _: bool(verifier._citations),
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
    """A generator whose answers are kept by their prompt, and written once."""

    model: Generator
    kept: dict[str, Row]
    log: IO[str]

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
        key = key_of(prompt)
        if key not in self.kept:
            started, first, pieces = time.perf_counter(), 0.0, []
            for piece in self.model.stream(prompt, stop):
                first = first or time.perf_counter() - started
                pieces.append(piece)
            row = {
                "key": key,
                "text": "".join(pieces),
                "first": round(first, 2),
                "seconds": round(time.perf_counter() - started, 2),
            }
            self.kept[key] = row
            self.log.write(json.dumps(row, ensure_ascii=False) + "\n")
            self.log.flush()
        yield self.kept[key]["text"]


def main() -> None:
    """Reads the flags, writes the answers."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", help="an installed model")
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--models", type=Path, default=None)
    parser.add_argument("--limit", type=int, default=40)
    parser.add_argument("--tokens", type=int, default=150, help="of an answer")
    parser.add_argument("--together", action="store_true", help="write all answers in one go")
    parser.add_argument("--grammar", action="store_true", help="with --together: hold to the form")
    parser.add_argument("--form", nargs="+", choices=FORMS, default=["as-it-is"])
    flags = parser.parse_args()
    flags.out.mkdir(parents=True, exist_ok=True)
    settings = load(
        {
            "library": flags.library,
            "generator_model": flags.name,
            "max_tokens": flags.tokens,
            "written_answers": "always",
        }
    )
    settings = replace(settings, models=flags.models or settings.models, answer_timeout=1200.0)
    with Library.open(settings=replace(settings, generator="extractive")) as library:
        asked = list(_sample(_asked(library, flags.questions, flags.out), flags.limit))
        with _writer(settings, flags.out, flags.together, flags.grammar) as model:
            for form in flags.form:
                if isinstance(model, TogetherWriter):
                    for one in asked:
                        _answer(one, model, form)
                    model.write()
                for one in asked:
                    _write(one, model, form, flags.out)


@contextlib.contextmanager
def _writer(
    settings: Settings, out: Path, together: bool, grammar: bool
) -> Iterator[TogetherWriter | Recorded]:
    """Opens the model of the settings, whose answers are kept in `out`."""
    name = settings.generator_model
    drafts = out / f"{Path(name).name}{'-grammar' * grammar}.drafts.jsonl"
    if together:
        yield TogetherWriter(find_model(settings, name), drafts, settings.max_tokens, grammar)
        return
    model = make_generator(settings)
    assert model is not None, f"{name} is no language model"
    kept = {row["key"]: row for row in _rows(drafts)}
    with drafts.open("a", encoding="utf-8") as log:
        yield Recorded(model, kept, log)


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


def _write(asked: Asked, model: TogetherWriter | Recorded, form: str, out: Path) -> None:
    """Writes the answer to a question in every way, each to its file."""
    named = "" if form == "as-it-is" else f"-{form}"
    for way, replaced in WAYS.items():
        with contextlib.ExitStack() as patches:
            for name, new in replaced.items():
                patches.enter_context(mock.patch(name, new))
            answer = _answer(asked, model, form)
        with (out / f"{model.name}{named}-{way}.jsonl").open("a", encoding="utf-8") as file:
            _keep(file, asked.row, answer)


def _answer(asked: Asked, model: TogetherWriter | Recorded, form: str) -> Answer:
    tools = replace(asked.stream._tools, generator=model)
    with formed(form, asked.stream._extractive):
        return AnswerStream(asked.stream._findings, tools, asked.turns, lambda: False).answer


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
