"""Whether a follow-up, freed of its chat, finds what the question written out in full finds.

    rag ingest corpus/documents --library LIB
    python -m eval.benchmarks.quality.followups --library LIB \
        [--questions eval/followups.jsonl] [--verbose]

Per language: hit@5 (a passage of the right document that holds the expected words) for the bare
follow-up, for its condensed form, and for the one written by hand; and how many follow-ups and
independent questions were changed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval import metrics
from rag.answering.follow_ups import standalone
from rag.answering.leaning import Leaning
from rag.config import load
from rag.library import Library
from rag.schema import Passage, Turn
from rag.text import detect_language

K = 5
QUESTIONS = Path(__file__).parents[2] / "followups.jsonl"


@dataclass(frozen=True)
class Case:
    """A question with its chat, the same written out, and the words that must be found."""

    id: str
    kind: str  # follow-up | independent
    language: str
    question: str
    standalone: str
    history: tuple[Turn, ...]
    path: str
    text: str


@dataclass(frozen=True)
class Outcome:
    """What was searched instead of the question, and which of the three found it."""

    case: Case
    searched: str
    bare: bool
    condensed: bool
    by_hand: bool


def main() -> None:
    """Reads the flags and prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--questions", type=Path, default=QUESTIONS)
    parser.add_argument("--verbose", action="store_true", help="show what was lost")
    flags = parser.parse_args()
    with Library.open(settings=load({"library": flags.library})) as library:
        leans = Leaning(library.embedder)
        outcomes = [tried(library, case, leans) for case in read_cases(flags.questions)]
    report(outcomes)
    if flags.verbose:
        for outcome in outcomes:
            if outcome.by_hand and not outcome.condensed:
                print(f"lost {outcome.case.id}: {outcome.searched}")
            if (outcome.searched == outcome.case.question) == (outcome.case.kind == "follow-up"):
                print(f"{outcome.case.kind} {outcome.case.id} searched as {outcome.searched!r}")


def read_cases(path: Path) -> Iterator[Case]:
    """Gives the labelled set, one JSON object a line."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row: dict[str, Any] = json.loads(line)
        history = tuple(Turn(turn["question"], turn["answer"]) for turn in row["history"])
        (evidence,) = row["evidence"]
        yield Case(
            row["id"],
            row["kind"],
            row["language"],
            row["question"],
            row["standalone"],
            history,
            evidence["path"],
            evidence["text"],
        )


def tried(library: Library, case: Case, leans: Leaning) -> Outcome:
    """Runs the three searches of a case."""
    language = detect_language(case.question, library.settings.language)
    searched = standalone(case.question, case.history, language, leans)
    texts = (case.question, searched, case.standalone)
    hits = [any(holds(case, passage) for passage in library.search(text, K)) for text in texts]
    return Outcome(case, searched, *hits)


def holds(case: Case, passage: Passage) -> bool:
    """Tells whether the passage is of the right document and holds the expected words."""
    text = " ".join(passage.chunk.text.split())
    return case.path.endswith(passage.path) and case.text.casefold() in text.casefold()


def report(outcomes: Sequence[Outcome]) -> None:
    """Prints one row per kind and language, and one of all follow-ups."""
    for kind in ("follow-up", "independent"):
        for language in ("es", "en", ""):
            rows = [
                outcome
                for outcome in outcomes
                if outcome.case.kind == kind and outcome.case.language.startswith(language)
            ]
            if not rows:
                continue
            names = ("bare", "condensed", "by_hand")
            shares = [share([getattr(row, name) for row in rows]) for name in names]
            changed = sum(row.searched != row.case.question for row in rows)
            line = "  ".join(f"{a} {b}" for a, b in zip(names, shares, strict=True))
            print(f"{kind:11} {language or 'all':3} {len(rows):3}  {line}  changed {changed}")


def share(values: Sequence[bool]) -> str:
    """Returns the mean with its 95 % interval."""
    found = metrics.bootstrap([float(value) for value in values])
    assert found is not None
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"


if __name__ == "__main__":
    main()
