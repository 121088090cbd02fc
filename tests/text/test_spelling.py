"""Words written by ear sound like those that are meant."""

from __future__ import annotations

import pytest

from rag.text.spelling import function_word, sounds


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("makina", "maquina"),
        ("almasara", "almazara"),
        ("bapor", "vapor"),
        ("ola", "hola"),
        ("dijital", "digital"),
        ("kiosco", "quiosco"),
        ("wen", "when"),
        ("wich", "which"),
        ("fotograph", "photograf"),
        ("acomodation", "accommodation"),
    ],
)
def test_words_that_sound_alike(heard: str, meant: str) -> None:
    assert sounds(heard) == sounds(meant)


@pytest.mark.parametrize(("one", "other"), [("casa", "cama"), ("chico", "cico"), ("pala", "palas")])
def test_words_that_do_not(one: str, other: str) -> None:
    assert sounds(one) != sounds(other)


def test_function_words() -> None:
    assert function_word("Wen", "en") == "when"
    assert function_word("kien", "es") == "quien"
    assert function_word("quién", "es") is None  # is one already
    assert function_word("motor", "es") is None
