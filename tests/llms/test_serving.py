"""One model and many who ask: the queue, its refusals, the deadline, and those who go away."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest

from rag.errors import GeneratorBusy, GeneratorFailed, ModelMissing
from rag.llms.serving import Emit, Served
from rag.protocols import Stop
from rag.schema import Prompt
from tests.helpers.contracts import GeneratorContract
from tests.helpers.fakes import make_prompt

PROMPT = make_prompt("¿Cuánto dura?", "Dos años.")


@dataclass
class Typist:
    """Writes a word, then waits to be told to go on; keeps how many worked at a time."""

    words: tuple[str, ...] = ("dos ", "años")
    slots: int = 1
    error: Exception | None = None
    name: str = "typist"
    context_window: int = 100
    hold: bool = False
    go: threading.Event = field(default_factory=threading.Event)
    begun: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    at_work: int = 0
    most: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def write(self, prompt: Prompt, emit: Emit, stop: Stop) -> None:
        with self.lock:
            self.at_work += 1
            self.most = max(self.most, self.at_work)
        self.begun.release()
        try:
            self._write(emit, stop)
        finally:
            with self.lock:
                self.at_work -= 1

    def _write(self, emit: Emit, stop: Stop) -> None:
        if self.error is not None:
            raise self.error
        for word in self.words:
            while self.hold and not stop() and not self.go.wait(0.01):
                pass
            if stop():
                return
            emit(word)


class TestServed(GeneratorContract):
    @pytest.fixture
    def generator(self) -> Served:
        return Served(Typist())


def never() -> bool:
    return False


def in_background(served: Served, pieces: list[str]) -> threading.Thread:
    def read() -> None:
        pieces.append("".join(served.stream(PROMPT, never)))

    thread = threading.Thread(target=read)
    thread.start()
    return thread


@pytest.mark.parametrize("slots", [1, 2])
def test_no_more_write_at_a_time_than_there_are_slots(slots: int) -> None:
    typist = Typist(hold=True, slots=slots)
    served = Served(typist, waiting=8)
    pieces: list[str] = []
    threads = [in_background(served, pieces) for _ in range(5)]
    for _ in range(slots):
        assert typist.begun.acquire(timeout=120)
    typist.go.set()
    for thread in threads:
        thread.join()
    assert pieces == ["dos años"] * 5
    assert typist.most == slots


def test_one_more_than_may_wait_is_refused_at_once() -> None:
    typist = Typist(hold=True)
    served = Served(typist, waiting=1)
    pieces: list[str] = []
    first = in_background(served, pieces)
    assert typist.begun.acquire(timeout=120)
    second = iter(served.stream(PROMPT, never))
    waiting = threading.Thread(target=lambda: pieces.append(next(second)))
    waiting.start()
    busy = _until_refused(served)
    assert "2 questions" in busy.message
    assert busy.next_command
    typist.go.set()
    first.join()
    waiting.join()
    assert sorted(pieces) == ["dos ", "dos años"]


def _until_refused(served: Served) -> GeneratorBusy:
    """The line is full once the second has joined it, a moment from now."""
    for _ in range(2000):
        asked = iter([False, False])
        try:
            list(served.stream(PROMPT, lambda: next(asked, True)))  # noqa: B023 - used at once
        except GeneratorBusy as error:
            return error
    raise AssertionError("nobody was refused")


def test_who_stops_while_waiting_leaves_the_line() -> None:
    typist = Typist(hold=True)
    served = Served(typist, waiting=1)
    pieces: list[str] = []
    first = in_background(served, pieces)
    assert typist.begun.acquire(timeout=120)
    for _ in range(5):  # each takes the one place in the line and gives it back
        asked = iter([False, False])
        assert list(served.stream(PROMPT, lambda: next(asked, True))) == []  # noqa: B023
    typist.go.set()
    first.join()
    assert pieces == ["dos años"]


def test_the_deadline_covers_the_line_and_the_writing() -> None:
    typist = Typist(hold=True)
    served = Served(typist, waiting=2, seconds=0.3)
    errors: list[str] = []

    def ask() -> None:
        with pytest.raises(GeneratorFailed, match=r"within 0\.3 s") as caught:
            list(served.stream(PROMPT, never))
        errors.append(caught.value.next_command)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(errors) == 2
    assert "answer_timeout" in errors[0]
    typist.hold = False
    assert "".join(served.stream(PROMPT, never)) == "dos años", "it works again"


def test_an_answer_that_was_finished_in_time_may_be_read_late() -> None:
    served = Served(Typist(), seconds=0.2)
    stream = iter(served.stream(PROMPT, never))
    piece = next(stream)
    threading.Event().wait(0.3)
    assert piece + "".join(stream) == "dos años"


def test_whatever_a_model_raises_is_a_stated_failure() -> None:
    served = Served(Typist(error=ValueError("bad\nnews")))
    with pytest.raises(GeneratorFailed, match="«typist» failed: ValueError: bad"):
        list(served.stream(PROMPT, never))
    stated = Served(Typist(error=ModelMissing("gone", "fetch it")))
    with pytest.raises(ModelMissing, match="gone"):
        list(stated.stream(PROMPT, never))
