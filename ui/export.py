"""A conversation as a file to keep or to send: Markdown or JSON, with citations and quotes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from rag import json_output
from rag.schema import Answer, Citation, Conversation, KeptTurn
from ui import i18n, scope
from ui.i18n.labels import Words


def with_sources(words: Words, answer: Answer) -> str:
    """Returns an answer with its marks [n], and what they stand for below it."""
    return "\n".join([answer.text, "", *sources(words, answer)]).strip()


def today() -> str:
    """Returns the day of an export, as ISO writes it."""
    return datetime.now().astimezone().date().isoformat()


def markdown(
    words: Words,
    conversation: Conversation,
    turns: list[KeptTurn],
    below: Callable[[Answer], Iterable[str]] = lambda answer: (),
) -> str:
    """Returns a conversation as a Markdown document; `below` gives further lines of an answer."""
    said = words.conversations
    lines = [f"# {conversation.title}", ""]
    if conversation.scope:
        where = scope.described(words, conversation.scope)
        lines += [said.searched_in.format(scope=where), ""]
    for turn in turns:
        lines += [f"## {' '.join(turn.question.split())}", ""]
        lines += [*(_answered(words, turn.answer) if turn.answer else [words.interrupted]), ""]
        for line in below(turn.answer) if turn.answer else ():
            lines += [line, ""]
    return "\n".join([*lines, "---", said.exported.format(day=today()), ""])


def as_json(conversation: Conversation, turns: list[KeptTurn]) -> str:
    """Returns a conversation as JSON; its citations have the keys of `rag ask --json`."""
    made = {
        "id": conversation.id,
        "title": conversation.title,
        "only": list(conversation.scope.paths),
        "collections": list(conversation.scope.collections),
        "turns": [_turn(turn) for turn in turns],
    }
    return json.dumps(made, ensure_ascii=False, indent=2)


def _answered(words: Words, answer: Answer) -> Iterator[str]:
    if answer.short and not answer.text.startswith(f"{answer.short}."):
        yield from (f"**{answer.short}**", "")
    yield answer.text.replace("\n", "  \n")  # a line of a list stays one
    yield ""
    yield from sources(words, answer)


def sources(words: Words, answer: Answer) -> Iterator[str]:
    """Gives the lines that say what the marks [n] of an answer stand for."""
    if answer.citations:
        yield f"{words.conversations.sources}:"
        yield ""
    for citation in answer.citations:
        quote = words.quote.format(quote=" ".join(citation.quote.split()))
        yield f"{citation.number}. {quote} — {_where(words, citation)}"


def _where(words: Words, citation: Citation) -> str:
    parts = [i18n.source_name(words, citation), " › ".join(citation.headings)]
    return ", ".join(filter(None, parts))


def _turn(turn: KeptTurn) -> dict[str, Any]:
    answer = turn.answer
    made: dict[str, Any] = {
        "question": turn.question,
        "asked": datetime.fromtimestamp(turn.asked).astimezone().isoformat(timespec="seconds"),
        "state": turn.state,
    }
    if answer is not None:
        made |= {
            "answer": answer.text,
            "short": answer.short,
            "found": answer.found,
            "confidence": round(answer.confidence, 4),
            "model": answer.model,
            "citations": list(map(json_output.of_citation, answer.citations)),
        }
    if turn.feedback is not None:
        made["feedback"] = {"good": turn.feedback.good, "reason": turn.feedback.reason}
    return made
