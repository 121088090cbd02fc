"""Near misses: one detail exchanged, about the same subject, and never an answer left."""

from __future__ import annotations

import random

import pytest

from rag.training.near_misses import contradicted, names_of, near_miss
from rag.training.rows import Question

PASSAGE = "In 1608 the city of Quebec was founded by Samuel de Champlain near Cape Diamond."
NAMES = ("Quebec", "Samuel de Champlain", "New Orleans", "Pierre Dugua")


def row(question: str, passage: str = PASSAGE, answer: str = "Samuel de Champlain") -> Question:
    return Question(question, passage, answer, passage.index(answer), "en", "squad/en")


def made(original: Question, names: tuple[str, ...] = NAMES) -> list[Question]:
    found = [near_miss(original, names, random.Random(seed)) for seed in range(40)]
    return [near for near in found if near is not None]


def test_names_are_those_within_sentences() -> None:
    text = "It was there. Rome fell when the Republic of Venice and Juan de la Cruz met Ana."
    assert names_of([text, text]) == ("Republic of Venice", "Juan de la Cruz", "Ana")


def test_a_name_of_the_question_is_exchanged_there_or_in_the_passage() -> None:
    variants = made(row("Who founded the city of Quebec?"))
    assert {near.question for near in variants} >= {
        "Who founded the city of Quebec?",
        "Who founded the city of New Orleans?",
    }
    for near in variants:
        assert (near.answer, near.start) == (None, -1)
        name = near.question.removeprefix("Who founded the city of ").rstrip("?")
        assert name not in near.context


def test_a_year_becomes_one_that_the_passage_lacks() -> None:
    for near in made(row("Who founded it in 1608?"), ()):
        assert near.context == PASSAGE
        year = near.question.split()[-1].rstrip("?")
        assert year != "1608"
        assert year.isdecimal()
        assert year not in PASSAGE


@pytest.mark.parametrize(
    ("question", "opposite"),
    [
        ("Who was the first governor?", "Who was the last governor?"),
        ("¿Quién fue el primer gobernador?", "¿Quién fue el último gobernador?"),
        ("¿Cuál es la ciudad más antigua?", "¿Cuál es la ciudad menos antigua?"),
    ],
)
def test_a_word_becomes_its_opposite(question: str, opposite: str) -> None:
    assert {near.question for near in made(row(question))} == {opposite}


def test_where_no_detail_can_be_exchanged_there_is_none() -> None:
    assert made(row("Who founded it?")) == []
    # the name is not the passage's, or the only other one stands in it as well
    assert made(row("Who founded the city of Paris?")) == []
    assert made(row("Who founded the city of Quebec?"), ("Quebec", "Cape Diamond")) == []


def test_the_answer_is_never_what_is_exchanged_in_the_passage() -> None:
    asked = row("When did Samuel de Champlain come?")
    assert all(near.context == PASSAGE for near in made(asked))


@pytest.mark.parametrize(
    ("claim", "language", "made"),
    [
        ("It is old.", "en", "It is not old."),
        ("It was not old.", "en", "It was old."),
        ("Esta no es antigua.", "es", "Esta es antigua."),
        ("La ciudad es antigua.", "es", "La ciudad no es antigua."),
        ("The first city fell.", "en", "The last city fell."),
        ("It saw Quebec fall.", "en", "It saw Rome fall."),
    ],
)
def test_a_claim_is_contradicted_by_one_detail(claim: str, language: str, made: str) -> None:
    found = contradicted(claim, PASSAGE, language, ("Rome", "Quebec"), random.Random(1))
    assert found == made


def test_a_claim_without_details_is_left() -> None:
    assert contradicted("So they came.", PASSAGE, "en", (), random.Random(1)) is None
