"""What a person sees in the terminal, of passages that a reader has read."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from rag.cli import display
from rag.schema import Block, Citation, Conflict, Passage, Signals, Support
from tests.helpers.fakes import make_answer, make_block, make_passage

BOLD = re.compile(r"\x1b\[1m(.*?)\x1b\[0m")


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    drawn = io.StringIO()
    monkeypatch.setattr(display, "out", Console(file=drawn, force_terminal=True, width=900))
    return drawn


def read(text: str, words: str, answerable: float = 0.9) -> Passage:
    start = text.index(words)
    signals = Signals(answerable=answerable)
    return replace(make_passage(text), answer_span=(start, start + len(words)), signals=signals)


def test_each_quote_shows_which_of_its_words_answer(screen: io.StringIO) -> None:
    passages = [read("Dura\n  dos años [sic].", "dos años"), read("Son dos años.", "dos")]
    citations = tuple(
        Citation(n, passage, 0, len(passage.chunk.text), passage.chunk.text, None)
        for n, passage in enumerate(passages, 1)
    )
    display.show_answer(make_answer("Dos.", citations=citations, passages=tuple(passages)))
    assert BOLD.findall(screen.getvalue()) == ["dos años", "dos"]
    plain = BOLD.sub(r"\1", screen.getvalue())
    assert "    «Dura dos años [sic].»\n" in plain


def test_a_search_shows_where_a_passage_answers(screen: io.StringIO) -> None:
    text = f"{'Nada que ver. ' * 60}Dura dos años.{' Tampoco esto.' * 60}"
    display.show_passages([read(text, "dos años"), read(text, "dos años", 0.2)])
    sure, unsure = (line for line in screen.getvalue().splitlines() if "Nada" in line)
    assert BOLD.findall(sure) == ["dos años"]
    assert sure.startswith("…")
    assert sure.endswith("…")
    assert unsure == text[:300] + "…"


def test_a_document_with_hidden_text_is_named_with_the_command_that_shows_it(
    screen: io.StringIO,
) -> None:
    display.show_answer(replace(make_answer("Dura dos años."), hidden=("a\x1b.pdf",)))
    drawn = screen.getvalue()
    assert "a\\x1b.pdf: there is text in it that nobody sees" in drawn
    assert "rag ingest PATH --show" in drawn
    display.show_answer(make_answer("Dura dos años."))
    assert screen.getvalue().count("nobody sees") == 1


def test_a_short_passage_is_shown_whole(screen: io.StringIO) -> None:
    display.show_passages([read(" Dura\n dos años. ", "dos años"), make_passage("Nada.")])
    lines = screen.getvalue().splitlines()
    assert BOLD.sub(r"\1", lines[2]) == "Dura dos años."
    assert lines[-1] == "Nada."


def test_a_written_answer_comes_under_the_verbatim_one_with_its_doubts(
    screen: io.StringIO,
) -> None:
    found = make_passage("Dura dos años.", number=1)
    citation = Citation(1, found, 0, len(found.chunk.text), found.chunk.text, None)
    verbatim = make_answer("Dura dos años. [1]", citations=(citation,), passages=(found,))
    blocks = (make_block("Dos años [1]."), make_block("Fue en Marte.", Support.NOT_FOUND))
    conflict = Conflict(1, "dos", 0, 0, 14, "Dura tres años.", "tres")
    whole = replace(
        verbatim, blocks=blocks, model="modelo", conflicts=(conflict,), flagged=(0,),
        used=1, struck=3, extractive=verbatim,
    )  # fmt: skip

    class Stream:
        blocks: tuple[Block, ...] = ()
        answer = whole

        def __iter__(self) -> Iterator[str]:
            for block in whole.blocks:
                self.blocks = (*self.blocks, block)
                yield block.text

    display.show_extractive(verbatim)
    stream: Any = Stream()
    display.show_written(stream)
    drawn = re.sub(r"\x1b\[[\d;]*m", "", screen.getvalue())
    assert "Dos años [1]. Fue en Marte. (not in your documents)\n" in drawn
    assert drawn.index("Dura dos años. [1]") < drawn.index("Dos años [1].")
    assert "modelo read 1 of 1 passages" in drawn
    assert "[1] says «dos», Guía.md «tres»" in drawn
    assert "hidden text" in drawn
    assert "3 of the language model's sentences left out" in drawn
