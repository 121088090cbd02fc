"""The conversation: questions, streamed answers with chips, and the honest «not found».

It meets the sources pane only by asking the session to show a citation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from rag.schema import Answer, Citation, Support
from ui import answer_actions, failures, i18n, safe_text, state
from ui.i18n.labels import Words
from ui.writing import Writing

SNIPPET = 200
"""Characters of a near passage that are shown when there is no answer."""

_BUTTONS = 12  # citations that have one: hundreds would take longer to draw than to read
_LOOK = 0.1  # seconds between two looks at an answer that is being written
_MARK = re.compile(r"\[(\d{1,3})\]")


def draw(shared: state.Shared, words: Words) -> None:
    """Draws the loaded exchanges; the last one is answered on the way if it has not been."""
    st.session_state.short_answers = shared.library.settings.short_answers
    _earlier(shared, words)
    for index, exchange in enumerate(state.exchanges()):
        with st.chat_message("user"):
            st.html(_question(exchange, index))
        message = st.chat_message("assistant")
        if not exchange.pending:
            with message:
                _reply(words, exchange, st, index)
                answer_actions.draw(shared, words, exchange, index)
            continue
        # A place that can be written again would blink at each drawing: only for the new one. The
        # button's comes last: later drawings lack it, and nothing else must change its place.
        body, button = message.empty(), st.empty()
        with message:
            _answer(shared, words, exchange, _Slots(body, button), index)
            _reply(words, exchange, body, index)
            answer_actions.draw(shared, words, exchange, index)


def _question(exchange: state.Exchange, index: int) -> str:
    """Returns a question as HTML, with what tells the script of the page that it is a new one."""
    turn = f"new-{index}" if exchange.turn is None else str(exchange.turn)
    return f'<div class="question" data-turn="{turn}">{safe_text.plain(exchange.question)}</div>'


def _earlier(shared: state.Shared, words: Words) -> None:
    """Draws a button that loads the earlier turns of a long conversation."""
    loaded, key = len(state.exchanges()), state.conversation()
    more = shared.library.conversations.count(key) - loaded if key else 0
    if more > 0:
        label = words.conversations.earlier.format(count=more)
        further = loaded + state.FURTHER
        st.button(
            label, key="earlier", type="tertiary", on_click=state.load, args=(shared, further)
        )


@dataclass(frozen=True)
class _Slots:
    """The slots in which an answer grows, and in which the button stands that stops it."""

    body: Any
    button: Any


def _answer(
    shared: state.Shared,
    words: Words,
    exchange: state.Exchange,
    slots: _Slots,
    number: int,
) -> None:
    if not shared.ready.is_set():
        _wait(slots.body, words.loading)
        shared.ready.wait()
    if exchange.writing is None:
        exchange.writing = state.answer(shared, exchange)
    if not exchange.writing.found:
        slots.button.button(words.stop, key=f"halt-{number}", on_click=exchange.drop)
        _wait(slots.body, words.searching)
    _follow(words, exchange.writing, slots, number)
    exchange.end()
    if exchange.answer is not None and exchange.error is None:
        state.close()
        if exchange.answer.citations:
            state.show(number, 1, clicked=False)


def _follow(words: Words, writing: Writing, slots: _Slots, number: int) -> None:
    """Shows an answer as it grows, with a button to stop it where that leaves a part of it."""
    shown, stoppable = None, False
    while writing.look(_LOOK):
        extractive, blocks, progress = writing.extractive, writing.blocks, writing.progress
        if not writing.found or (extractive, blocks, progress) == shown:
            continue
        if not stoppable and (extractive is not None or progress is not None):
            label = words.stop_writing if extractive is not None else words.stop_reading
            slots.button.button(label, key=f"stop-{number}", on_click=writing.stop)
            stoppable = True
        shown = extractive, blocks, progress
        above = _extractive(words, extractive, {}, number)
        written = safe_text.answer(blocks, {}, number, _doubts(words))
        step = words.writing
        if progress is not None:
            step = words.read_through.format(read=progress.read, total=progress.total)
        waiting = f'<div class="wait" role="status">{safe_text.plain(step)}</div>'
        slots.body.html(above + (f'<div class="answer">{written}</div>' if blocks else waiting))
    slots.button.empty()


def _wait(body: Any, step: str) -> None:
    body.html(f'<div class="wait" role="status">{safe_text.plain(step)}</div>')


def _reply(words: Words, exchange: state.Exchange, body: Any, index: int) -> None:
    answer = exchange.answer
    # one piece of HTML, not one a part: what Streamlit draws costs the browser by the piece
    footer = _footer(words, answer) if answer is not None and exchange.error is None else ""
    if exchange.cut and answer is not None and not answer.fallback:
        footer = f'<p class="nearest">{safe_text.plain(words.written_until_stopped)}</p>{footer}'
    if answer is None:
        notice = words.conversations.erased if exchange.erased else words.interrupted
        notice = "" if exchange.error else safe_text.plain(notice)
        body.html(f'<div class="wait">{notice}</div>')
    elif answer.found or answer.citations:  # a refusal may give its reason
        body.html(_found(words, answer, exchange.citations, index) + footer)
    else:
        body.html(_not_found(words, answer, exchange.citations, index) + footer)
    if exchange.error is not None:
        failures.show(words, exchange.error)


def _found(words: Words, answer: Answer, citations: Sequence[Citation], index: int) -> str:
    """Returns an answer with what it rests on, folded up, as HTML."""
    tips = {
        citation.number: f"{i18n.source_name(words, citation)}: {citation.quote}"
        for citation in citations
    }
    tips = {number: safe_text.flat(tip, 240) for number, tip in tips.items()}
    short = _short(answer)
    written = safe_text.answer(answer.blocks, tips, index, _doubts(words))
    if answer.extractive is None:
        shown = f'<div class="answer">{short}{written}</div>'
    else:
        shown = _extractive(words, answer.extractive, tips, index)
        title = _title(words.written.format(model=answer.model))
        if not answer.is_extractive:
            shown += f'{title}<div class="answer">{written}</div>'
    if not answer.citations:  # a reply to small talk, or about the library
        return shown
    rows = "".join(_source(words, citation) for citation in citations)
    title = safe_text.plain(words.sources.format(count=len(citations)))
    folded = f'<details><summary>{title}</summary><ol class="sources">{rows}</ol></details>'
    return shown + "".join(_notes(words, answer)) + _buttons(words, citations, index) + folded


def _extractive(words: Words, answer: Answer | None, tips: Mapping[int, str], index: int) -> str:
    """Returns the verbatim answer, which stands above the one that a model writes."""
    if answer is None or not answer.found:
        return ""
    short = _short(answer)
    verbatim = safe_text.answer(answer.blocks, tips, index)
    body = f'<div class="answer">{short}{verbatim}</div>'
    return f'<div class="quick">{_title(words.verbatim)}{body}</div>'


def _short(answer: Answer) -> str:
    """Returns the short answer, unless the answer begins with it anyway: «No.»."""
    shown = st.session_state.get("short_answers", True)
    if not shown or not answer.short or answer.text.startswith(f"{answer.short}."):
        return ""
    return f'<p class="short">{safe_text.plain(answer.short)}</p>'


def _title(title: str) -> str:
    return f'<div class="part-title">{safe_text.plain(title)}</div>'


def _doubts(words: Words) -> dict[Support | None, safe_text.Doubt]:
    """Returns how sentences are shown that the documents bear out in part, or not at all."""
    return {
        Support.PARTLY: safe_text.Doubt("partly", words.partly, words.partly_tip),
        Support.NOT_FOUND: safe_text.Doubt("unfound", words.unfound, words.unfound_tip),
    }


def _notes(words: Words, answer: Answer) -> Iterator[str]:
    """Gives what else a person should know: sources that disagree, passages that deceive."""
    if answer.fallback is not None:
        note = words.fallbacks[answer.fallback]
        yield f'<div class="note">{safe_text.plain(note)}</div>'
    for conflict in answer.conflicts:
        passage = answer.passages[conflict.passage]
        where = i18n.source_name(words, passage)
        text = words.conflict.format(
            number=conflict.citation, said=conflict.said, place=where, other=conflict.other
        )
        quote = words.quote.format(quote=safe_text.plain(safe_text.flat(conflict.quote)))
        yield f'<div class="conflict">{safe_text.plain(text)}<q>{quote}</q></div>'
    if answer.struck:
        yield f'<div class="note">{safe_text.plain(words.struck.format(count=answer.struck))}</div>'
    if answer.flagged:
        yield f'<div class="note">{safe_text.plain(words.flagged)}</div>'
    if answer.hidden:
        text = words.hidden.format(paths=", ".join(answer.hidden))
        yield f'<div class="note">{safe_text.plain(text)}</div>'


def _source(words: Words, citation: Citation) -> str:
    headings = " › ".join(citation.headings)
    where = f'<span class="place">{safe_text.plain(i18n.source_name(words, citation))}</span>'
    if headings:
        text = words.headings.format(headings=headings)
        where += f'<span class="headings">{safe_text.plain(text)}</span>'
    quote = safe_text.stressed(citation.quote, citation.answer_span)
    return f"<li><q>{words.quote.format(quote=quote)}</q>{where}</li>"


def _buttons(words: Words, citations: Sequence[Citation], index: int) -> str:
    """Returns a button for each of the first citations."""
    buttons = "".join(
        safe_text.opener(index, citation.number, i18n.source_name(words, citation))
        for citation in citations[:_BUTTONS]
    )
    return f'<div class="openers">{buttons}</div>'


def _not_found(words: Words, answer: Answer, citations: Sequence[Citation], index: int) -> str:
    """Returns that nothing answers, with the nearest passages, as HTML."""
    message = i18n.words(answer.question.language).not_found
    nearest = words.nearest if citations else words.nearest_none
    rows = "".join(_near(words, citation, index) for citation in citations)
    return (
        f'<div class="missing">{safe_text.plain(message)}</div>'
        f'<p class="nearest">{safe_text.plain(nearest)}</p><ol class="near">{rows}</ol>'
    )


def _near(words: Words, citation: Citation, index: int) -> str:
    where = i18n.source_name(words, citation)
    snippet = safe_text.flat(citation.quote, SNIPPET)
    opener = safe_text.chip(index, citation.number, where)
    name = f'<span class="place">{safe_text.plain(where)}</span>'
    return f"<li>{opener}<div>{name}<span>{safe_text.plain(snippet)}</span></div></li>"


def _footer(words: Words, answer: Answer) -> str:
    """Returns how long it took, who wrote it, and what was searched."""
    seconds = i18n.number(words, answer.seconds.get("total", 0.0))
    lines = [words.took.format(seconds=seconds)]
    if answer.extractive is not None and not answer.is_extractive:
        counts = {"used": answer.used, "count": len(answer.passages)}
        lines.insert(0, words.used.format(model=answer.model, **counts))
    if answer.unwritten:
        lines.insert(0, words.idle_writer.format(model=answer.unwritten))
    question = answer.question
    if question.standalone != question.text:
        lines.insert(0, words.searched.format(question=question.standalone))
    rows = "".join(f"<div>{safe_text.plain(line)}</div>" for line in lines)
    return f'<div class="footer">{rows}</div>'
