"""The same questions as people type them: with a greeting, a request, thanks, without marks.

    rag ingest corpus/documents --library LIB
    python -m eval.benchmarks.quality.manners --library LIB

Per language and way of asking, over the facts and definitions of the sample questions: the share
answered, with the right document cited, and with the answer in a quote.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from eval import metrics
from rag.config import Settings
from rag.library import Library
from rag.text import fold

QUESTIONS = Path(__file__).parents[2] / "questions.jsonl"
KINDS = ("fact", "definition")

Row = dict[str, Any]
Way = Callable[[str, str], str]
"""(the question, the same without marks and capital) -> as somebody types it."""

WAYS: dict[str, dict[str, Way]] = {
    "es": {
        "as it is": lambda asked, bare: asked,
        "no marks": lambda asked, bare: bare,
        "no marks, no accents": lambda asked, bare: fold(bare),
        "Hola, ¿me puedes decir …?": lambda asked, bare: f"Hola, ¿me puedes decir {bare}?",
        "Por favor, explícame ….": lambda asked, bare: f"Por favor, explícame {bare}.",
        "Dime …, por favor": lambda asked, bare: f"Dime {bare}, por favor",
        "Quisiera saber …": lambda asked, bare: f"Quisiera saber {bare}",
        "… Gracias.": lambda asked, bare: f"{asked} Gracias.",
    },
    "en": {
        "as it is": lambda asked, bare: asked,
        "no marks": lambda asked, bare: bare,
        "Hi, could you tell me: …": lambda asked, bare: f"Hi, could you tell me: {asked}",
        "Please explain: …": lambda asked, bare: f"Please explain: {asked}",
        "I would like to know: …": lambda asked, bare: f"I would like to know: {asked}",
        "… Thanks!": lambda asked, bare: f"{asked} Thanks!",
    },
}


def main() -> None:
    """Prints one row per language and wording."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--library", type=Path, required=True)
    flags = parser.parse_args()
    rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    with Library.open(settings=replace(Settings(), library=flags.library)) as library:
        for language, wordings in WAYS.items():
            chosen = [r for r in rows if r["language"] == language and r["kind"] in KINDS]
            for name, wording in wordings.items():
                found = np.mean([outcome(library, row, wording) for row in chosen], axis=0)
                print(
                    f"{language} {len(chosen)} {name:28} answered {found[0]:.3f} "
                    f"right document {found[1]:.3f} quoted {found[2]:.3f}",
                    flush=True,
                )


def outcome(library: Library, row: Row, wording: Way) -> tuple[bool, bool, bool]:
    """Tells whether it is answered, from the right document, with the answer in a quote."""
    bare = row["question"].strip("¿?. ")
    answer = library.ask(wording(row["question"], bare[:1].lower() + bare[1:])).answer
    paths = {evidence["path"] for evidence in row["evidence"]}
    quotes = [citation.quote for citation in answer.citations]
    return (
        answer.found,
        bool(answer.citations) and answer.citations[0].passage.path in paths,
        any(metrics.contains(quote, gold) for quote in quotes for gold in row["answers"]),
    )


if __name__ == "__main__":
    main()
