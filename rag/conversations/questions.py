"""Judged answers as questions of an evaluation set, in the form that `rag eval` reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from rag.schema import Answer, Citation, KeptTurn

_HISTORY = 6  # turns before a question, as many as it was asked with


def as_rows(
    rated: Iterable[KeptTurn], turns_of: Callable[[str], Sequence[KeptTurn]]
) -> list[dict[str, Any]]:
    """Returns one row a judged answer from which it is known what is right.

    That is so of an answer or a refusal that a person praised, and of one that they put right.
    """
    rows = (_row(turn, turns_of(turn.conversation)) for turn in rated)
    return [row for row in rows if row is not None]


def _row(turn: KeptTurn, conversation: Sequence[KeptTurn]) -> dict[str, Any] | None:
    answer, judged = turn.answer, turn.feedback
    if answer is None or judged is None:
        return None
    known = _known(answer) if judged.good else _corrected(judged.right_answer)
    if known is None:
        return None
    before = [item for item in conversation if item.id < turn.id and item.answer is not None]
    history = [
        {"question": item.question, "answer": item.answer.text}
        for item in before[-_HISTORY:]
        if item.answer is not None
    ]
    row = {
        "id": f"feedback-{turn.id}",
        "question": turn.question,
        "language": answer.question.language,
        **known,
    }
    return row | ({"history": history} if history else {})


def _known(answer: Answer) -> dict[str, Any]:
    if not answer.found:
        return {"answers": [], "unanswerable": True, "evidence": []}
    quotes = [citation.quote for citation in answer.citations]
    return {
        "answers": [answer.short] if answer.short else quotes,
        "unanswerable": False,
        "evidence": [_evidence(citation) for citation in answer.citations],
    }


def _corrected(right: str) -> dict[str, Any] | None:
    if not right.strip():
        return None
    return {"answers": [right.strip()], "unanswerable": False, "evidence": []}


def _evidence(citation: Citation) -> dict[str, Any]:
    return {"path": citation.passage.path, "page": citation.page, "quote": citation.quote}
