"""`rag ask` of one question: its answer, and meanwhile how far the library has been read."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import typer

from rag import json_output
from rag.cli import display
from rag.cli.options import stop_on_interrupt
from rag.schema import Answer, Filters

if TYPE_CHECKING:
    from rag.library import AnswerStream, Library


def ask_one(library: Library, question: str, filters: Filters | None, as_json: bool) -> None:
    """Prints the answer with its quotes, or as JSON.

    Where every passage is read for it, Ctrl-C ends the reading: the answer then says how much was.
    """
    stop = threading.Event()
    with display.waiting("searching"):
        stream = library.ask(question, (), filters, stop.is_set)
        extractive = stream.extractive
        answer = None
        if as_json or extractive is None:
            next(iter(stream), None)
            answer = stream.answer if stream.progress is None else None
    if stream.progress is not None:
        answer = _read_through(stream, stop)
    if answer is None and extractive is not None:
        display.show_extractive(extractive)
        display.show_written(stream)
    elif answer is not None and as_json:
        typer.echo(json_output.dump(json_output.of_answer(answer)))
    elif answer is not None:
        display.show_answer(answer)


def _read_through(stream: AnswerStream, stop: threading.Event) -> Answer:
    with stop_on_interrupt(stop), display.count_bar("passages") as show:
        for _ in stream:
            if stream.progress is not None:
                show(stream.progress.read, stream.progress.total)
    return stream.answer
