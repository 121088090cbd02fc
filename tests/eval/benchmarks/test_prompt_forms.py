"""Each other form of the prompt differs from the product's, and only while it is measured."""

from __future__ import annotations

from typing import Any

import pytest

from eval.benchmarks.quality.prompt_forms import FORMS, formed
from eval.benchmarks.quality.together import key_of
from rag.answering import prompts, writing_prompt
from rag.answering.prompts import pack
from rag.schema import Answer, Block, BlockKind, Chunk, Passage, Prompt, Question

ASKED = "¿Cuánto cuesta el carné?"
VERBATIM = Answer(
    question=Question(ASKED, ASKED, ASKED, "es"),
    blocks=(Block(BlockKind.SENTENCE, "Cuesta dos euros. [1]", (1,)),),
    short=None,
    citations=(),
    passages=(),
    found=True,
    confidence=1.0,
    model="extractive",
)
PASSAGES = [
    (Passage(Chunk(1, 0, len(text), text, language="es", id=at), "a.md", "A", 1.0), False)
    for at, text in enumerate(("El carné cuesta dos euros.", "Abre a las nueve."), 1)
]


def asked() -> Prompt:
    return pack(ASKED, PASSAGES, (), "es", len, 9999)


@pytest.mark.parametrize("form", sorted(FORMS.keys() - {"as-it-is", "best-last"}))
def test_a_form_changes_the_prompt_and_gives_it_back(form: str) -> None:
    before = key_of(asked())
    with formed(form, VERBATIM):
        assert key_of(asked()) != before
    assert key_of(asked()) == before


def test_the_best_passage_stands_last() -> None:
    module: Any = writing_prompt
    passages = [passage for passage, _ in PASSAGES]
    with formed("best-last", VERBATIM):
        assert [index for index, _ in module.excerpts(passages, (), 2, 500)] == [1, 0]
    assert [index for index, _ in module.excerpts(passages, (), 2, 500)] == [0, 1]


def test_a_draft_is_the_verbatim_answer_without_its_marks() -> None:
    with formed("draft", VERBATIM):
        assert "Cuesta dos euros.\n" in asked().messages[-1].content


def test_the_fence_does_not_tell_a_prompt_from_another() -> None:
    one, other = asked(), asked()
    assert one.messages != other.messages
    assert key_of(one) == key_of(other)
    assert prompts.NOT_FOUND["es"] in one.messages[0].content
