"""«List all …»: how much of what is there is found, what is found wrongly, and whether the stated
number of missing passages holds.

    python -m eval.benchmarks.quality.everything QUESTIONS LIBRARY [--name NAME] [--verbose]

QUESTIONS is a JSONL file: `question`, `library`, and in `es` and `en` the pattern of what a
sentence of a document in that language says if it is wanted: written by hand, by no stem and no
dictionary. What only `may` fits (words derived from the subject's) is neither wanted nor wrong. A
sentence that stands twice counts once; headings do not count. With `about` what stands under a
heading that names the subject is not wrong.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rag.answering.everything.reading import Found
from rag.answering.everything.wording import Outcome
from rag.library import Library
from rag.schema import Document
from rag.text import fold, split_sentences

_SCRAP = 12  # characters: shorter lines are numbers and labels


def main() -> None:
    """Asks every question of one library and prints what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", type=Path)
    parser.add_argument("library", type=Path)
    parser.add_argument("--name", default="")
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in arguments.questions.read_text().splitlines()]
    rows = [row for row in rows if arguments.name in ("", row["library"])]
    with Library.open(arguments.library) as library:
        documents = [library.document(info.id) for info in library.documents()]
        sentences = [pair for one in documents if one for pair in _sentences(one)]
        measured = [_measured(library, row, sentences, arguments.verbose) for row in rows]
    wanted, found, right, held, read, seconds, slowest = map(sum, zip(*measured, strict=True))
    print(
        f"{len(rows)} questions: recall {right / wanted:.3f} ({right} of {wanted}), precision "
        f"{right / found:.3f}, estimate holds in {held}, {read / seconds:.0f} passages a "
        f"second of one processor, "
        f"first progress after {slowest / len(rows):.2f} s"
    )


def _measured(
    library: Library, row: dict[str, Any], sentences: list[tuple[str, str]], verbose: bool
) -> tuple[int, int, int, int, int, float, float]:
    """Returns wanted, found, right, estimate held, passages, seconds of processor, of waiting."""
    patterns = {code: re.compile(row[code], re.IGNORECASE) for code in ("es", "en")}
    gold = {_key(text): text for code, text in sentences if patterns[code].search(text)}
    started, spent = time.perf_counter(), time.process_time()
    outcome, first = _surveyed(library, row["question"])
    seconds, spent = time.perf_counter() - started, time.process_time() - spent
    found = {
        _key(one.text): one.text
        for one in outcome.found
        if not one.heading
        and len(one.text) >= _SCRAP
        and (_key(one.text) in gold or not _under(one, row, patterns))
    }
    found = {
        key: text
        for key, text in found.items()
        if key in gold or not re.search(row.get("may", "$^"), text, re.IGNORECASE)
    }
    missed, wrong = gold.keys() - found.keys(), found.keys() - gold.keys()
    right = len(gold) - len(missed)
    print(
        f"{right:4} of {len(gold):4}, wrong {len(wrong):3}, expected missing "
        f"{outcome.expected or 0:.1f} (most {outcome.most}), {outcome.read} passages in "
        f"{seconds:.1f} s ({spent:.1f} of processor)  {row['question']}",
        flush=True,
    )
    for sign, keys, texts in (("-", missed, gold), ("+", wrong, found)):
        for key in sorted(keys) if verbose else ():
            print(f"     {sign} {' '.join(texts[key].split())[:200]}")
    held = len(missed) <= outcome.most
    return len(gold), len(found), right, held, outcome.read, spent, first


def _under(one: Found, row: dict[str, Any], patterns: dict[str, re.Pattern[str]]) -> bool:
    """Tells whether a sentence stands under a heading that names what all is asked about."""
    chunk = one.passage.chunk
    named = patterns[chunk.language].search(" ".join(chunk.headings))
    return bool(row.get("about") and named)


def _surveyed(library: Library, text: str) -> tuple[Outcome, float]:
    """Returns what a survey finds, and the seconds until it first says how far it is."""
    analyzer, _, answerer = library._parts()
    started = time.perf_counter()
    question = analyzer.analyze(text)
    survey = answerer._prepared.unsearched(question).survey
    if survey is None:
        raise SystemExit(f"«{text}» is not understood as a question for every passage")
    steps = survey.surveyor.outcome(survey, lambda: False)
    next(steps)
    first = time.perf_counter() - started
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value, first


def _sentences(document: Document) -> Iterator[tuple[str, str]]:
    """Yields the language and the text of the sentences of a document, without its headings."""
    headings = {_bare(name) for section in document.sections for name in section.headings}
    headings.add(_bare(document.title))
    for start, end in split_sentences(document.text):
        text = document.text[start:end]
        if len(text) >= _SCRAP and _bare(text) not in headings:
            yield document.language, text


def _key(text: str) -> str:
    return " ".join(fold(text).split())


def _bare(text: str) -> str:
    return fold(text).strip(" #.:")


if __name__ == "__main__":
    main()
