"""Whether what a language model has learnt of documents is kept: it must answer others better."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rag.answering.prompts import refuses
from rag.llms.llama_cpp import LlamaCppWriter
from rag.schema import Prompt
from rag.system import private_files
from rag.text import fold
from rag.training.raft import Example

_ALIKE = 0.6  # share of a quote's words that an answer must say
_WORD = re.compile(r"\w{3,}")
_MARK = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many of the questions held back were answered rightly, wrongly, or refused in vain."""

    right: int
    wrong: int
    refused: int


@dataclass(frozen=True, slots=True)
class Gate:
    """The verdicts without and with the adapter, and whether it is kept."""

    before: Verdict
    after: Verdict
    seconds: float
    learnt: int
    held_back: int

    @property
    def accepted(self) -> bool:
        """Tells whether it answers more rightly and no more wrongly."""
        return self.after.right > self.before.right and self.after.wrong <= self.before.wrong


def judged(writer: LlamaCppWriter, asked: Sequence[Example]) -> Verdict:
    """Returns what came of the questions when the writer answers them."""
    outcomes = [_outcome(example, _answer(writer, example)) for example in asked]
    return Verdict(*(outcomes.count(kind) for kind in ("right", "wrong", "refused")))


def _answer(writer: LlamaCppWriter, example: Example) -> str:
    pieces: list[str] = []
    writer.write(Prompt(example.messages), pieces.append, lambda: False)
    return "".join(pieces)


def _outcome(example: Example, text: str) -> str:
    if refuses(text):
        return "refused" if example.quote else "right"
    if not example.quote:
        return "wrong"
    words = set(_WORD.findall(fold(example.quote)))
    said = len(words & set(_WORD.findall(fold(text)))) >= _ALIKE * len(words)
    return "right" if said and str(example.number) in _MARK.findall(text) else "wrong"


def settle(gate: Gate, new: Path, target: Path, record: Path, weights: str) -> None:
    """Puts the adapter in its place, or takes it away; the record says which, and why."""
    told = {**asdict(gate), "accepted": gate.accepted, "weights": weights}
    private_files.write(record, json.dumps(told, indent=1).encode())
    if gate.accepted:
        new.replace(target)
        private_files.close(target.parent)
    else:
        new.unlink()
