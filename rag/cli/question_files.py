"""`--questions IN --out OUT`: a file of questions answered line by line."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

from rag import json_output
from rag.cli import display
from rag.errors import UsageError


def answer_file(questions: Path, out: Path, answer: Any, at_once: int = 1) -> None:
    """Writes one JSON line a question, in their order, as soon as it is there."""
    rows = list(json_output.read_questions(questions))
    with (
        _open_to_write(out) as stream,
        display.count_bar("asking") as show,
        ThreadPoolExecutor(at_once) as pool,
    ):
        results = pool.map(lambda row: answer(*row), rows)
        for number, ((row, _), result) in enumerate(zip(rows, results, strict=True), start=1):
            stream.write(json_output.dump({"id": row.get("id"), **result}) + "\n")
            stream.flush()
            show(number, len(rows))


def _open_to_write(out: Path) -> IO[str]:
    try:
        return out.open("w", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}", "check the path") from error
