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


LIST = "The parts are:\n1. Role. Who answers.\n2. Task. One verb.\n3. Format. A table."
PARTS = Passage(Chunk(1, 0, len(LIST), LIST, language="en", id=1), "Prompts", "prompts.md", 1.0)


def line(text: str) -> Citation:
    start = LIST.index(text)
    return Citation(1, PARTS, start, start + len(text), text, page=None, headings=())


@pytest.mark.parametrize("intent", [Intent.LIST, Intent.STEPS])
def test_a_list_agrees_with_its_last_item(intent: Intent) -> None:
    asked = "What are the three parts?"
    question = Question(asked, asked, asked, "en", intent=intent)
    written = Agreement(question, [PARTS], [line(LIST)])
    assert not written.with_verbatim("3 parts", [line("3. Format.")])
    assert not written.with_verbatim("Role.", [line("1. Role.")])
    assert written.with_verbatim("One verb for the task.", [line("2. Task. One verb.")])


def test_a_comparison_names_all_that_is_compared() -> None:
    asked = "How do static and continuous batching differ?"
    text = "Static batching waits for the longest; continuous batching lets a new one in."
    chunk = Chunk(1, 0, len(text), text, language="en", id=1)
    quoted = Citation(1, Passage(chunk, "Speed", "s.md", 1.0), 0, len(text), text, None, ())
    question = Question(asked, asked, asked, "en", intent=Intent.COMPARISON)
    written = Agreement(question, [quoted.passage], [quoted])
    assert not written.with_verbatim("Continuous batching lets a new one in.", [quoted])
    assert written.with_verbatim("Static batching waits.", [quoted])


def test_the_shared_word_stands_in_the_part_that_proves_it() -> None:
    both = Citation(1, PASSAGE, 0, len(TEXT), TEXT, page=None, headings=())
    written = Agreement(QUESTION, [PASSAGE], [both])
    assert not written.with_verbatim("It is in English because it has ten pages.", [QUOTED])
    assert written.with_verbatim("It has ten pages.", [BEHIND])


def test_more_sentences_beside_the_quotes_than_on_them_do_not_agree() -> None:
    written = Agreement(QUESTION, [PASSAGE], [QUOTED])
    assert not written.with_verbatim("It has ten pages.", [BEHIND])
    assert not written.with_verbatim("It is long.", [BEHIND])
    assert not written.with_verbatim("Two people do not read Spanish.", [QUOTED])
    assert written.with_verbatim("These two people read English.", [QUOTED])


def test_words_that_announce_an_answer_claim_nothing() -> None:
    free = Agreement(QUESTION, [PASSAGE], [QUOTED])
    assert free.announces("Why the runbook is written in English:")
    assert not free.announces("The runbook is written in English")
    assert not free.announces("The runbook is written in English for the tax office:")
    judge = Attributor([PASSAGE], FakeAnalyzer().claim_terms)
    verifier = Verifier([PASSAGE], judge, lambda _: DOCUMENT, QUESTION, ())
    verifier.add("The runbook is written in English: [1]\n1. It has ten pages. [1]")
    verifier.finish()
    assert [block.citations for block in verifier.checked.blocks] == [(), (1,)]
    assert verifier.checked.blocks[0].support is None
