"""Why an answer is as it is, for people; and why something was not found."""

from __future__ import annotations

import re
from collections.abc import Iterator

import streamlit as st

from rag.errors import RagError
from rag.schema import Answer, Passage
from ui import diagnosis, failures, i18n, safe_text, scope, state
from ui.diagnosis import percent
from ui.i18n.labels import Words

_LEAST_LETTERS = 4  # of a word of the question that is looked for
_ENDING = 2  # letters that a word may differ in: «gastó», «gasto», «gastos»
_MOST = 8  # passages that are explained


def draw(shared: state.Shared, words: Words, answer: Answer, index: int) -> None:
    """Draws the explanation of an answer that rests on documents, folded up."""
    if not answer.passages:
        return
    st.fragment(_explanation)(shared, words, answer, index)


def _explanation(shared: state.Shared, words: Words, answer: Answer, index: int) -> None:
    """Draws the explanation, with what is in it only once it is unfolded: most never are."""
    said = words.why
    with st.expander(said.title, key=f"why-{index}", type="compact", on_change="rerun") as folded:
        if not folded.open:
            return
        least = shared.library.settings.min_confidence
        st.html(f'<div class="why">{explanation(words, answer, least)}</div>')
        with st.form(f"why-not-{index}", border=False):
            given = st.text_input(
                f"{said.ask_title} {said.ask}", placeholder=said.ask_hint, key=f"missing-{index}"
            )
            asked = st.form_submit_button(said.look)
        if asked and given and given.strip():
            _missing(shared, words, answer, given.strip())


def _missing(shared: state.Shared, words: Words, answer: Answer, given: str) -> None:
    try:
        with st.spinner(words.searching):
            lines = diagnosis.explain(shared.library, words, answer, given)
    except RagError as problem:
        failures.show(words, problem)
        return
    rows = "".join(f"<p>{safe_text.plain(line)}</p>" for line in lines)
    st.html(f'<div class="note" role="status">{rows}</div>')


def explanation(words: Words, answer: Answer, least: float) -> str:
    """Returns what was searched, which passages came and why, and how sure it is, as HTML."""
    said, question = words.why, answer.question
    where = scope.described(words, question.filters) if question.filters else ""
    where = words.scope.limited.format(scope=where).lower() if where else said.everywhere
    lines = [said.searched.format(question=question.standalone, where=where), said.passages]
    above = "".join(f"<p>{safe_text.plain(line)}</p>" for line in lines)
    rows = "".join(
        f"<li>{safe_text.plain(_passage(words, question.standalone, passage))}</li>"
        for passage in answer.passages[:_MOST]
    )
    return f"{above}<ol>{rows}</ol>{''.join(_ending(words, answer, least))}"


def _passage(words: Words, question: str, passage: Passage) -> str:
    said, signals = words.why, passage.signals
    reasons = []
    met = ", ".join(words_met(question, passage.chunk.text))
    if met:
        reasons.append(said.by_words.format(words=met))
    if signals.dense:
        reasons.append(said.by_meaning.format(share=percent(signals.dense)))
    if signals.relevance is not None:
        reasons.append(said.by_model.format(share=percent(signals.relevance)))
    source = i18n.source_name(words, passage)
    return said.passage_row.format(source=source, reasons="; ".join(reasons))


def words_met(question: str, text: str) -> list[str]:
    """Returns the words of a question that a text has, with another ending perhaps."""
    folded = i18n.folded(text)
    found = re.findall(rf"\w{{{_LEAST_LETTERS},}}", question)
    stems = {word: i18n.folded(word)[: max(_LEAST_LETTERS, len(word) - _ENDING)] for word in found}
    return [word for word, stem in stems.items() if re.search(rf"\b{re.escape(stem)}", folded)]


def _ending(words: Words, answer: Answer, least: float) -> Iterator[str]:
    said = words.why
    if answer.citations:
        quote = safe_text.plain(safe_text.flat(answer.citations[0].quote))
        title = safe_text.plain(said.sentence)
        yield f"<p>{title} <q>{words.quote.format(quote=quote)}</q></p>"
    sentence = said.sure if answer.confidence >= least else said.literal
    if not answer.found:
        sentence = said.refused
    text = sentence.format(share=percent(answer.confidence), least=percent(least))
    yield f"<p>{safe_text.plain(text)}</p>"
