"""The candidates that are about the code, the day or the thing that a question names."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answering.candidates import Candidate
from rag.answering.question_types import CONTACTS
from rag.answering.subject_binding import is_exact, names_another
from rag.schema import Intent, Passage, Question
from rag.text import search_terms


def about_subject(
    question: Question, passages: Sequence[Passage], found: list[Candidate]
) -> list[Candidate]:
    """Returns the sentences about the code or day that is asked for; all where none is asked for.

    One that follows a bound sentence and names no other is still about the same.
    """
    subject = question.subject
    if question.intent == Intent.COMPARISON:
        return found
    if question.answer_type in CONTACTS:
        found = [one for one in found if one.features["right_kind"]]
    if not is_exact(subject):
        return _named(question, passages, _fragment_said(question, passages, found))
    kept: list[Candidate] = []
    about: int | None = None  # the passage whose last sentence was bound
    for one in found:
        passage = one.sentence.passage
        language = passages[passage].chunk.language
        follows = about == passage and not names_another(subject, language, one.sentence.text)
        about = passage if one.features["binds"] > 0 or follows else None
        if about is not None:
            kept.append(one)
    return kept


def _fragment_said(
    question: Question, passages: Sequence[Passage], found: list[Candidate]
) -> list[Candidate]:
    """Returns the sentences that say what a fragment names («¿Y la fianza?»); all if none does."""
    if not question.named:
        return found

    def says(one: Candidate) -> bool:
        language = passages[one.sentence.passage].chunk.language
        return not question.named.isdisjoint(search_terms(one.reading.text, language))

    return [one for one in found if says(one)] or found


def _named(
    question: Question, passages: Sequence[Passage], found: list[Candidate]
) -> list[Candidate]:
    """Returns the sentences that name nothing else of the kind; all where none names it itself."""
    if not any(one.features["binds"] > 0 for one in found):
        return found

    def another(one: Candidate) -> bool:
        passage = passages[one.sentence.passage]
        language, title = passage.chunk.language, passage.title
        return names_another(question.subject, language, one.sentence.text, title)

    return [one for one in found if not another(one)]
