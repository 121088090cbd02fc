"""The conversation: questions, streamed answers with chips, and the honest «not found».

Knows nothing about the sources pane beyond asking the session to show a citation.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import streamlit as st

from rag.errors import RagError
from rag.schema import Answer, Citation, Passage
from ui import safe_text, state, texts
from ui.words import Words

SNIPPET = 200
"""Characters of a near passage that are shown when there is no answer."""


def draw(shared: state.Shared, words: Words, debug: bool = False) -> None:
    """All exchanges; the last one is answered on the way if it has not been."""
    for place, exchange in enumerate(state.exchanges()):
        with st.chat_message("user"):
            st.html(f'<div class="question">{safe_text.plain(exchange.question)}</div>')
        with st.chat_message("assistant"):
            # A place that can be written again would blink at each drawing: only for the new one.
            body: Any = st.empty() if _pending(exchange) else st
            if _pending(exchange):
                _answer(shared, words, exchange, body, place)
            _reply(words, exchange, body, place, debug)


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
    body: Any,
    place: int,
) -> None:
    if not shared.ready.is_set():
        _wait(body, words.loading)
        shared.ready.wait()
    _wait(body, words.searching)
    try:
        stream = shared.library.ask(exchange.question, state.turns())
        _wait(body, words.writing)
        text = ""
        for delta in stream:
            text += delta
            body.html(f'<div class="answer">{safe_text.answer(text, {}, place)}</div>')
        exchange.answer = stream.answer
    except RagError as problem:
        exchange.error = problem
        return
    except Exception:
        # The browser gets no tracebacks; the window that runs the app does.
        logging.getLogger(__name__).exception("the question was not answered")
        exchange.error = RagError("")
        return
    state.close()
    if exchange.answer.found:
        state.show(place, 1, clicked=False)


def _wait(body: Any, step: str) -> None:
    body.html(f'<div class="wait" role="status">{safe_text.plain(step)}</div>')


def _reply(words: Words, exchange: state.Exchange, body: Any, place: int, debug: bool) -> None:
    if exchange.error is not None:
        with body.container():
            error(words, exchange.error)
    elif exchange.answer is None:
        body.html(f'<div class="wait">{safe_text.plain(words.interrupted)}</div>')
    else:
        draw_found = _found if exchange.answer.found else _not_found
        draw_found(words, exchange.answer, exchange.citations, body, place)
        _footer(words, exchange.answer)
        if debug:
            _debug(words, exchange.answer)


def _found(
    words: Words,
    answer: Answer,
    citations: Sequence[Citation],
    body: Any,
    place: int,
) -> None:
    tips = {each.number: f"{texts.place(words, each)}: {each.quote}" for each in citations}
    tips = {number: safe_text.flat(tip, 240) for number, tip in tips.items()}
    short = f'<p class="short">{safe_text.plain(answer.short)}</p>' if answer.short else ""
    body.html(f'<div class="answer">{short}{safe_text.answer(answer.text, tips, place)}</div>')
    _buttons(words, citations, place)
    with st.expander(words.sources.format(count=len(citations))):
        st.html(f'<ol class="sources">{"".join(_source(words, each) for each in citations)}</ol>')


def _source(words: Words, citation: Citation) -> str:
    headings = " › ".join(citation.headings)
    where = f'<span class="place">{safe_text.plain(texts.place(words, citation))}</span>'
    if headings:
        said = words.headings.format(headings=headings)
        where += f'<span class="headings">{safe_text.plain(said)}</span>'
    quote = safe_text.stressed(citation.quote, citation.answer_span)
    return f"<li><q>{words.quote.format(quote=quote)}</q>{where}</li>"


def _buttons(words: Words, citations: Sequence[Citation], place: int) -> None:
    """A row of buttons, one a citation; the one in the sources pane is filled."""
    with st.container(horizontal=True, gap="small", key=f"chips-{place}"):
        for citation in citations:
            said = f"[{citation.number}] {texts.place(words, citation)}"
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
    message = texts.words(answer.language).not_found
    body.html(f'<div class="missing">{safe_text.plain(message)}</div>')
    if not citations:
        st.caption(words.nearest_none)
        return
    st.caption(words.nearest)
    rows = "".join(_near(words, each, place) for each in citations)
    st.html(f'<ol class="near">{rows}</ol>')


def _near(words: Words, citation: Citation, place: int) -> str:
    where = texts.place(words, citation)
    snippet = safe_text.flat(citation.quote, SNIPPET)
    opener = safe_text.chip(place, citation.number, where)
    name = f'<span class="place">{safe_text.plain(where)}</span>'
    return f"<li>{opener}<div>{name}<span>{safe_text.plain(snippet)}</span></div></li>"


def _footer(words: Words, answer: Answer) -> None:
    seconds = texts.number(words, answer.seconds.get("total", 0.0))
    said = [words.took.format(seconds=seconds)]
    if answer.standalone != answer.question:
        said.insert(0, words.searched.format(question=answer.standalone))
    rows = "".join(f"<div>{safe_text.plain(each)}</div>" for each in said)
    st.html(f'<div class="footer">{rows}</div>')


def _debug(words: Words, answer: Answer) -> None:
    def shown(passage: Passage) -> dict[str, object]:
        return {
            "path": passage.path,
            "page": passage.page,
            "score": passage.score,
            "signals": dict(passage.signals),
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
