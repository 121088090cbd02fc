"""The grammar of an answer takes the form that the prompt asks for, and no other."""

from __future__ import annotations

import re

import pytest

from eval.benchmarks.quality.answer_grammar import pattern
from rag.answering.prompts import NOT_FOUND


@pytest.mark.parametrize(
    "answer",
    [
        "El carné cuesta 2.50 euros [2].",
        "It opens at nine. [1]\nThe card is free, for children [1] [2].",
        *NOT_FOUND.values(),
    ],
)
def test_sentences_that_end_in_a_mark_and_the_refusal_are_answers(answer: str) -> None:
    assert re.fullmatch(pattern(2), answer)


@pytest.mark.parametrize(
    "answer",
    [
        "The card is free.",
        "It opens at nine. The card is free [1].",
        "The card is free [3].",
        "[1] [2]",
        f"{NOT_FOUND['en']} The card is free [1].",
    ],
)
def test_other_forms_are_none(answer: str) -> None:
    assert re.fullmatch(pattern(2), answer) is None
