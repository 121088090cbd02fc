"""A written sentence agrees where it says a word of the quote that nobody asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answering.agreeing import Agreement
from rag.answering.citations import Verifier
from rag.answering.support import Attributor
from rag.schema import Chunk, Citation, Document, Intent, Passage, Question
from tests.helpers.answering import FakeAnalyzer

TEXT = "The runbook is kept in English because two people do not read Spanish. It has ten pages."
DOCUMENT = Document("ops.md", "Olivo operations runbook", TEXT, id=1)
CHUNK = Chunk(1, 0, len(TEXT), TEXT, headings=("Who reads it",), language="en", id=1)
PASSAGE = Passage(CHUNK, DOCUMENT.title, DOCUMENT.path, 1.0)
ASKED = "Why is the runbook written in English?"
QUESTION = Question(ASKED, ASKED, ASKED, "en", intent=Intent.REASON)
QUOTED = Citation(1, PASSAGE, 0, 71, TEXT[:71], page=None, headings=())
BEHIND = Citation(2, PASSAGE, 72, len(TEXT), TEXT[72:], page=None, headings=())


def agrees(words: str, proof: Citation = QUOTED, question: Question = QUESTION) -> bool:
    return Agreement(question, [PASSAGE], [QUOTED]).with_verbatim(words, [proof])


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Two people do not read Spanish.", True),
        ("The runbook is written in English.", False),  # what was asked, no more
        ("Olivo operations runbook.", False),
        ("It is written in English for the tax office.", False),
    ],
)
def test_a_word_of_the_quote_that_was_not_asked(words: str, found: bool) -> None:
    assert agrees(words) is found


def test_what_rests_on_another_sentence_does_not_agree() -> None:
    assert not agrees("Two people do not read Spanish.", BEHIND)


def test_yes_or_no_may_take_the_words_of_the_question() -> None:
    asked = replace(QUESTION, intent=Intent.YES_NO)
    assert agrees("Yes, the runbook is written in English.", question=asked)


def test_a_quote_in_another_language_shares_no_words() -> None:
    asked = replace(QUESTION, language="es")
    assert agrees("Dos personas no leen español.", question=asked)


def test_without_a_verbatim_answer_any_proof_will_do() -> None:
    free = Agreement(QUESTION, [PASSAGE], ())
    assert free.with_verbatim("The runbook is written in English.", [QUOTED])
    assert not free.with_verbatim("The runbook is written in English.", [])


@pytest.mark.parametrize("title", ["Olivo operations runbook", "1. Who reads it"])
def test_a_title_or_heading_is_no_sentence(title: str) -> None:
    judge = Attributor([PASSAGE], FakeAnalyzer().claim_terms)
    verifier = Verifier([PASSAGE], judge, lambda _: DOCUMENT, QUESTION, [QUOTED])
    shown = verifier.add(f"{title} [1]. ") + verifier.finish()
    assert shown == ""
    assert not verifier.checked.blocks
