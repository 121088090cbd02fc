"""The conversation: questions, streamed answers with chips, and the honest «not found».

Knows nothing about the sources pane beyond asking the session to show a citation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from rag.errors import RagError
from rag.schema import Answer, Citation, Passage, Support
from ui import i18n, safe_text, state
from ui.i18n.labels import Words
from ui.writing import Writing

SNIPPET = 200
"""Characters of a near passage that are shown when there is no answer."""

_LOOK = 0.1  # seconds between two looks at an answer that is being written
_MARK = re.compile(r"\[(\d{1,3})\]")


def draw(shared: state.Shared, words: Words, debug: bool = False) -> None:
    """All exchanges; the last one is answered on the way if it has not been."""
    for place, exchange in enumerate(state.exchanges()):
        with st.chat_message("user"):
            st.html(f'<div class="question">{safe_text.plain(exchange.question)}</div>')
        message = st.chat_message("assistant")
        if not _pending(exchange):
            with message:
                _reply(words, exchange, st, place, debug)
            continue
        # A place that can be written again would blink at each drawing: only for the new one. The
        # button's comes last: later drawings lack it, and nothing else must change its place.
        body, button = message.empty(), st.empty()
        with message:
            _answer(shared, words, exchange, _Places(body, button), place)
            _reply(words, exchange, body, place, debug)


@dataclass(frozen=True)
class _Places:
    """Where an answer grows, and where the button is that stops it."""

    body: Any
    button: Any


def error(words: Words, problem: RagError) -> None:
    """What happened and what to do, in the reader's language; the exact words below."""
    st.warning(words.errors.get(type(problem).__name__, words.error_unknown))
    st.caption(safe_text.label(words.detail.format(message=problem), length=400))


def _pending(exchange: state.Exchange) -> bool:
    return exchange.answer is None and exchange.error is None and not exchange.stopped


def _answer(
    shared: state.Shared,
    words: Words,
    exchange: state.Exchange,
    places: _Places,
    number: int,
) -> None:
    if not shared.ready.is_set():
        _wait(places.body, words.loading)
        shared.ready.wait()
    if exchange.writing is None:
        question, history = exchange.question, state.turns()
        exchange.writing = Writing(lambda stop: shared.library.ask(question, history, stop=stop))
        _wait(places.body, words.searching)
    _follow(words, exchange.writing, places, number)
    exchange.end()
    if exchange.answer is not None and exchange.error is None:
        state.close()
        if exchange.answer.citations:
            state.show(number, 1, clicked=False)


def _follow(words: Words, writing: Writing, places: _Places, number: int) -> None:
    """Shows an answer as it grows, with a button to stop it where a model writes it."""
    shown = None
    while writing.look(_LOOK):
        extractive, blocks = writing.extractive, writing.blocks
        if not writing.found or (extractive, blocks) == shown:
            continue
        if extractive is not None and shown is None:
            key = f"stop-{number}"
            places.button.button(words.stop_writing, key=key, on_click=writing.stop)
        shown = extractive, blocks
        above = _extractive(words, extractive, {}, number)
        said = safe_text.answer(blocks, {}, number, _doubts(words))
        waiting = f'<div class="wait" role="status">{safe_text.plain(words.writing)}</div>'
        places.body.html(above + (f'<div class="answer">{said}</div>' if blocks else waiting))
    places.button.empty()


def _wait(body: Any, step: str) -> None:
    body.html(f'<div class="wait" role="status">{safe_text.plain(step)}</div>')


def _reply(words: Words, exchange: state.Exchange, body: Any, place: int, debug: bool) -> None:
    if exchange.answer is None:
        said = "" if exchange.error else safe_text.plain(words.interrupted)
        body.html(f'<div class="wait">{said}</div>')
    elif exchange.answer.found:
        _found(words, exchange, body, place)
    else:
        _not_found(words, exchange.answer, exchange.citations, body, place)
    if exchange.cut:
        st.caption(words.written_until_stopped)
    if exchange.error is not None:
        error(words, exchange.error)
    elif exchange.answer is not None:
        _footer(words, exchange.answer)
    if debug and exchange.answer is not None:
        _debug(words, exchange.answer)


def _found(words: Words, exchange: state.Exchange, body: Any, place: int) -> None:
    answer, citations = exchange.answer, exchange.citations
    assert answer is not None  # noqa: S101 - told apart before
    tips = {each.number: f"{i18n.place(words, each)}: {each.quote}" for each in citations}
    tips = {number: safe_text.flat(tip, 240) for number, tip in tips.items()}
    short = _short(answer)
    said = safe_text.answer(answer.blocks, tips, place, _doubts(words))
    if answer.extractive is None:
        body.html(f'<div class="answer">{short}{said}</div>')
    else:
        shown = _extractive(words, answer.extractive, tips, place)
        title = _title(words.written.format(model=answer.model))
        below = f'{title}<div class="answer">{said}</div>'
        body.html(shown + ("" if answer.is_extractive else below))
    if not answer.citations:  # a reply to small talk, or about the library
        return
    for each in _notes(words, answer):
        st.html(each)
    _buttons(words, citations, place)
    with st.expander(words.sources.format(count=len(citations))):
        st.html(f'<ol class="sources">{"".join(_source(words, each) for each in citations)}</ol>')


def _extractive(words: Words, answer: Answer | None, tips: Mapping[int, str], place: int) -> str:
    """The verbatim answer, above the one that a model writes."""
    if answer is None or not answer.found:
        return ""
    short = _short(answer)
    said = safe_text.answer(answer.blocks, tips, place)
    return (
        f'<div class="quick">{_title(words.verbatim)}<div class="answer">{short}{said}</div></div>'
    )


def _short(answer: Answer) -> str:
    """The short answer, unless the answer begins with it anyway: «No.»."""
    if not answer.short or answer.text.startswith(f"{answer.short}."):
        return ""
    return f'<p class="short">{safe_text.plain(answer.short)}</p>'


def _title(said: str) -> str:
    return f'<div class="part-title">{safe_text.plain(said)}</div>'


def _doubts(words: Words) -> dict[Support | None, safe_text.Doubt]:
    """How sentences are shown that the documents do not bear out, or only in part."""
    return {
        Support.PARTLY: safe_text.Doubt("partly", words.partly, words.partly_tip),
        Support.NOT_FOUND: safe_text.Doubt("unfound", words.unfound, words.unfound_tip),
    }


def _notes(words: Words, answer: Answer) -> Iterator[str]:
    """What a person should know besides: sources that disagree, passages that deceive."""
    if answer.is_extractive:
        note = words.unwritten if answer.used else words.no_room
        yield f'<div class="note">{safe_text.plain(note)}</div>'
    for each in answer.conflicts:
        passage = answer.passages[each.passage]
        where = i18n.place(words, passage)
        said = words.conflict.format(
            number=each.citation, said=each.said, place=where, other=each.other
        )
        quote = words.quote.format(quote=safe_text.plain(safe_text.flat(each.quote)))
        yield f'<div class="conflict">{safe_text.plain(said)}<q>{quote}</q></div>'
    if answer.flagged:
        yield f'<div class="note">{safe_text.plain(words.flagged)}</div>'
    if answer.hidden:
        said = words.hidden.format(paths=", ".join(answer.hidden))
        yield f'<div class="note">{safe_text.plain(said)}</div>'


def _source(words: Words, citation: Citation) -> str:
    headings = " › ".join(citation.headings)
    where = f'<span class="place">{safe_text.plain(i18n.place(words, citation))}</span>'
    if headings:
        said = words.headings.format(headings=headings)
        where += f'<span class="headings">{safe_text.plain(said)}</span>'
    quote = safe_text.stressed(citation.quote, citation.answer_span)
    return f"<li><q>{words.quote.format(quote=quote)}</q>{where}</li>"


def _buttons(words: Words, citations: Sequence[Citation], place: int) -> None:
    """A row of buttons, one a citation; the one in the sources pane is filled."""
    with st.container(horizontal=True, gap="small", key=f"chips-{place}"):
        for citation in citations:
            said = f"[{citation.number}] {i18n.place(words, citation)}"
            st.button(
                safe_text.label(said),
                key=f"open-{place}-{citation.number}",
                type="primary" if state.opened() == (place, citation.number) else "secondary",
                on_click=state.show,
                args=(place, citation.number),
            )


def _not_found(
    words: Words,
    answer: Answer,
    citations: Sequence[Citation],
    body: Any,
    place: int,
) -> None:
    message = i18n.words(answer.question.language).not_found
    body.html(f'<div class="missing">{safe_text.plain(message)}</div>')
    if not citations:
        st.caption(words.nearest_none)
        return
    st.caption(words.nearest)
    rows = "".join(_near(words, each, place) for each in citations)
    st.html(f'<ol class="near">{rows}</ol>')


def _near(words: Words, citation: Citation, place: int) -> str:
    where = i18n.place(words, citation)
    snippet = safe_text.flat(citation.quote, SNIPPET)
    opener = safe_text.chip(place, citation.number, where)
    name = f'<span class="place">{safe_text.plain(where)}</span>'
    return f"<li>{opener}<div>{name}<span>{safe_text.plain(snippet)}</span></div></li>"


def _footer(words: Words, answer: Answer) -> None:
    seconds = i18n.number(words, answer.seconds.get("total", 0.0))
    said = [words.took.format(seconds=seconds)]
    if answer.extractive is not None and not answer.is_extractive:
        counts = {"used": answer.used, "count": len(answer.passages)}
        said.insert(0, words.used.format(model=answer.model, **counts))
    question = answer.question
    if question.standalone != question.text:
        said.insert(0, words.searched.format(question=question.standalone))
    rows = "".join(f"<div>{safe_text.plain(each)}</div>" for each in said)
    st.html(f'<div class="footer">{rows}</div>')


def _debug(words: Words, answer: Answer) -> None:
    def shown(passage: Passage) -> dict[str, object]:
        return {
            "path": passage.path,
            "page": passage.page,
            "score": passage.score,
            "signals": passage.signals.as_dict(),
            "text": passage.chunk.text,
        }

    with st.expander(words.debug):
        st.json(
            {
                "confidence": answer.confidence,
                "signals": dict(answer.signals),
                "seconds": dict(answer.seconds),
                "model": answer.model,
                "passages": [shown(each) for each in answer.passages],
            },
            expanded=1,
        )
