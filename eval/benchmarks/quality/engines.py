"""Same questions, same answers: two libraries of the same documents, on either engine.

rag copy LIBRARY postgresql://…
python -m eval.benchmarks.quality.engines QUESTIONS.jsonl LIBRARY postgresql://… [--every 4]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from rag.config import load
from rag.library import Library

TOP = 5


def main() -> None:
    """Prints for how many questions the best passages are the same, and the answers of some."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", type=Path)
    parser.add_argument("libraries", nargs=2)
    parser.add_argument("--every", type=int, default=4, help="question of which answers are made")
    flags = parser.parse_args()
    rows = [json.loads(line) for line in flags.questions.read_text("utf-8").splitlines()]
    first, second = (Library.open(settings=load({"library": at})) for at in flags.libraries)
    with first, second:
        found = answered = asked = 0
        for number, row in enumerate(rows):
            question = row["question"]
            tops = [
                [passage.chunk.id for passage in library.search(question, TOP)]
                for library in (first, second)
            ]
            found += tops[0] == tops[1]
            if tops[0] != tops[1]:
                print(row.get("id"), *tops)
            if number % flags.every == 0:
                asked += 1
                texts = [library.ask(question).answer.text for library in (first, second)]
                answered += texts[0] == texts[1]
    print(f"top {TOP} the same: {found} of {len(rows)}; answers: {answered} of {asked}")


if __name__ == "__main__":
    main()
