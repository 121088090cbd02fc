"""Questions before ingest: who waits for whom, and how long."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from rag import scheduling
from rag.indexing.batch_writer import Embedding
from tests.helpers.fakes import FakeEmbedder

T = TypeVar("T")


def behind(work: Callable[[], T]) -> T:
    """What `work` gives in a thread that has stepped back."""
    with ThreadPoolExecutor(1, initializer=scheduling.step_back) as pool:
        return pool.submit(work).result(timeout=120)


def waited() -> float:
    start = time.perf_counter()
    scheduling.give_way()
    return time.perf_counter() - start


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduling, "PATIENCE", 60.0)


@pytest.fixture(autouse=True)
def in_front(monkeypatch: pytest.MonkeyPatch) -> None:
    """This thread may have run a command that steps back: here it is a person's."""
    monkeypatch.setattr(scheduling, "_this_thread", threading.local())


def test_stepping_back_is_for_one_thread() -> None:
    assert behind(scheduling.stepped_back)
    with ThreadPoolExecutor(1) as pool:  # this thread may have run a command that steps back
        assert not pool.submit(scheduling.stepped_back).result(timeout=120)


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priority of their own")
def test_the_system_gives_it_what_others_leave() -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)
    assert behind(lambda: os.getpriority(os.PRIO_PROCESS, 0)) >= scheduling.PRIORITY
    assert os.getpriority(os.PRIO_PROCESS, 0) == before


@pytest.mark.usefixtures("patience")
def test_nobody_waits_without_a_question() -> None:
    assert behind(waited) < 30
    with scheduling.asking():
        assert waited() < 30  # the asker itself


@pytest.mark.usefixtures("patience")
def test_a_thread_behind_waits_until_the_question_has_its_answer() -> None:
    order, began = list[str](), threading.Event()

    def work() -> None:
        began.set()
        scheduling.give_way()
        order.append("ingest")

    with ThreadPoolExecutor(1, initializer=scheduling.step_back) as pool:
        with scheduling.asking():
            done = pool.submit(work)
            assert began.wait(10)
            order.append("question")
        done.result(timeout=120)
    assert order == ["question", "ingest"]


def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduling, "PATIENCE", 0.01)
    with scheduling.asking():
        assert behind(waited) < 10


@pytest.mark.usefixtures("patience")
def test_a_thread_behind_that_asks_does_not_wait_for_itself() -> None:
    def ask() -> float:
        with scheduling.asking():
            return waited()

    assert behind(ask) < 30


def test_the_question_of_a_thread_behind_waits_for_those_of_people() -> None:
    def ask() -> bool:
        with scheduling.asking():
            return scheduling.stepped_back() and not scheduling._in_hand

    assert behind(ask)


def test_an_ingest_embeds_behind_questions_but_imports_like_everybody() -> None:
    with Embedding(FakeEmbedder, 4) as embedding:
        assert not embedding.prepare(scheduling.stepped_back).result(timeout=120)
        assert embedding._thread.submit(scheduling.stepped_back).result(timeout=120)


def test_a_question_goes_before_documents_that_wait() -> None:
    queue, order, threads = scheduling.PassQueue(), list[str](), list[threading.Thread]()

    def work(name: str) -> None:
        if name == "document":
            scheduling.step_back()
        with queue.take():
            order.append(name)

    with queue.take():
        for name in ("document", "question", "document", "question"):
            threads.append(threading.Thread(target=work, args=(name,)))
            threads[-1].start()
        while queue._urgent < 2:
            time.sleep(0.001)
        assert order == []
    for thread in threads:
        thread.join(timeout=120)
    assert order == ["question", "question", "document", "document"]
