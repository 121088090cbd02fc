"""An answer that is written while nobody, somebody or no longer anybody looks."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import ui.writing
from rag.errors import GeneratorFailed
from rag.schema import Block, SurveyProgress, rendered
from tests.helpers.fakes import make_block
from tests.helpers.fakes_ui import answer, passage
from ui.state import Exchange
from ui.writing import Writing

VERBATIM = answer("q", "Palabra por palabra [1]", passage("Palabra por palabra"))
WHOLE = answer("q", "uno dos tres", passage("uno dos tres"))


class Stream:
    """Gives a word each time it is let; `stop` ends it with what there is."""

    def __init__(self, stop: Callable[[], bool], go: threading.Semaphore | None = None) -> None:
        self.extractive, self.answer = VERBATIM, WHOLE
        self.blocks: tuple[Block, ...] = ()
        self.progress: SurveyProgress | None = None
        self._stop, self._go = stop, go

    def __iter__(self) -> Iterator[str]:
        for word in ("uno", "dos", "tres"):
            while self._go and not self._go.acquire(timeout=0.01):
                if self._stop():
                    return
            self.blocks = (*self.blocks, make_block(word))
            self.progress = SurveyProgress(len(self.blocks), 3)
            yield word


def begin(go: threading.Semaphore | None = None) -> Writing:
    made: Any = lambda stop: Stream(stop, go)  # noqa: E731
    return Writing(made).start()


def until_done(writing: Writing) -> Writing:
    while writing.look(0.01):
        pass
    return writing


def test_it_goes_on_whoever_looks() -> None:
    go = threading.Semaphore(0)
    writing = begin(go)
    go.release(2)
    while rendered(tuple(writing.blocks)) != "uno dos":
        assert writing.look(1)
    assert writing.extractive is VERBATIM
    assert writing.progress == SurveyProgress(2, 3)
    assert writing.answer is None
    go.release()
    assert until_done(writing).answer is WHOLE
    assert not writing.stopped
    writing.stop()
    assert not writing.stopped, "what is done cannot be stopped"


def test_what_had_been_written_when_it_was_stopped_is_the_answer() -> None:
    go = threading.Semaphore(1)
    writing = begin(go)
    while not writing.blocks:
        assert writing.look(1)
    writing.stop()
    assert [block.text for block in until_done(writing).blocks] == ["uno"]
    exchange = Exchange("q", writing=writing)
    exchange.end()
    assert (exchange.answer, exchange.cut, exchange.writing) == (WHOLE, True, None)


def test_it_ends_when_nobody_looks_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ui.writing, "PATIENCE", 0.05)
    writing = begin(threading.Semaphore(0))
    assert writing._done.wait(20)
    assert writing.blocks == ()


def test_a_failure_is_kept_and_the_verbatim_answer_stays() -> None:
    def fails(stop: Callable[[], bool]) -> Any:
        raise GeneratorFailed("the server is gone", "start it")

    exchange = Exchange("q", writing=until_done(Writing(fails).start()))
    exchange.end()
    assert isinstance(exchange.error, GeneratorFailed)
    assert exchange.answer is None


def test_what_nobody_foresaw_goes_to_the_log_alone(caplog: pytest.LogCaptureFixture) -> None:
    def fails(stop: Callable[[], bool]) -> Any:
        raise ZeroDivisionError("secret")

    with caplog.at_level(logging.ERROR):
        writing = until_done(Writing(fails).start())
    assert str(writing.error) == ""
    assert "secret" in caplog.text


def test_another_question_leaves_the_verbatim_answer_of_the_one_before() -> None:
    writing = begin(threading.Semaphore(0))
    while writing.extractive is None:
        assert writing.look(1)
    exchange = Exchange("q", writing=writing)
    exchange.drop()
    assert exchange.answer is VERBATIM
    assert writing.stopped
    nothing = Exchange("q")
    nothing.drop()
    assert nothing.stopped
