"""The page that asks several documents the same: a table, its proof, and what differs."""

from __future__ import annotations

from typing import Any

import streamlit as st

from rag import side_by_side
from rag.schema import Citation, DocumentInfo
from rag.side_by_side import Difference, Row
from ui import bridge, failures, i18n, safe_text, scope, sources, state
from ui.comparing import Comparing
from ui.i18n.labels import Words

_MOST = 400  # answers of a table: some minutes
_CITED = 3  # numbers in a cell
_LONGEST = 320  # characters of a cell
_COMPARED = 6  # documents whose differences are told
_LOOK = 0.2  # seconds between two looks at a table that is being filled
_WIDTHS = (11, 9)


def draw(shared: state.Shared, words: Words, language: str) -> None:
    """Draws the page."""
    said = words.comparing
    st.html(f"<h2>{safe_text.plain(said.title)}</h2>")
    st.caption(said.help)
    _form(shared, words)
    made = state.comparing()
    focus = sources.Focus()
    if made is not None:
        _follow(words, made)
        focus = _result(shared, words, made)
    theme = shared.library.settings.theme
    bridge.mount(_opened, words, language, theme, focus.token or bridge.NOWHERE, focus.top)


def _opened(cell: int, number: int) -> None:
    state.show_cell((cell, number))


def _form(shared: state.Shared, words: Words) -> None:
    said, documents = words.comparing, shared.library.documents()
    titles = {info.path: info.title for info in documents}
    with st.form("compare", border=False):
        paths = st.multiselect(
            said.where,
            [*scope.folders(titles), *titles],
            format_func=lambda path: scope.name(words, titles, path),
            placeholder=said.where_empty,
            filter_mode="contains",
            select_all=False,  # its label is in English
            key="compare-paths",
        )
        text = st.text_area(
            said.questions, placeholder=said.questions_hint, height=100, key="compare-questions"
        )
        sent = st.form_submit_button(said.ask, key="compare-ask", type="primary")
    if sent:
        questions = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
        _begin(shared, words, side_by_side.selected(documents, paths), questions)


def _begin(
    shared: state.Shared, words: Words, documents: list[DocumentInfo], questions: list[str]
) -> None:
    said, count = words.comparing, len(documents) * len(questions)
    if not questions or not documents:
        st.warning(said.none)
    elif count > _MOST:
        st.warning(said.many.format(count=count, most=_MOST))
    else:
        state.compare(Comparing(shared.library, documents, questions).start(shared.ready))


def _follow(words: Words, made: Comparing) -> None:
    """Shows how far the table is, with a button that stops it, until it is done."""
    if made.ended(0):
        return
    said, body, button = words.comparing, st.empty(), st.empty()
    button.button(said.stop, key="compare-stop", on_click=made.stop)
    while True:
        step = safe_text.plain(said.going.format(done=made.done, total=made.total))
        body.html(f'<div class="wait" role="status">{step}</div>')
        if made.ended(_LOOK):
            break
    body.empty()
    button.empty()


def _result(shared: state.Shared, words: Words, made: Comparing) -> sources.Focus:
    said = words.comparing
    if made.error is not None:
        failures.show(words, made.error)
    if made.stopped:
        st.caption(said.stopped.format(done=made.done, total=made.total))
    if not made.rows:
        return sources.Focus()
    opened = state.cell()
    with st.container(key="compared"):
        left, right = st.columns(_WIDTHS, gap="large") if opened else (st.container(), None)
        with left:
            st.html(_table(words, made))
            st.caption(said.hint)
            _differences(words, made)
            st.download_button(
                said.download,
                side_by_side.as_csv(made.rows, made.questions).encode("utf-8-sig"),
                file_name="fuente.csv",
                key="compare-csv",
                icon=":material/download:",
                on_click="ignore",
            )
        if opened is None or right is None:
            return sources.Focus()
        with right:
            return _proof(shared, words, made, opened)


def _proof(
    shared: state.Shared, words: Words, made: Comparing, opened: tuple[int, int]
) -> sources.Focus:
    cell, number = opened
    citations = _citations(made.rows, len(made.questions), cell)
    if not 1 <= number <= len(citations):
        return sources.Focus()
    with st.container(key="pane-clicked", gap="small"):
        st.button(words.close, key="close-pane", type="tertiary", on_click=state.show_cell)
        top = sources.proof(shared.library, words, citations[number - 1])
    return sources.Focus(f"cell-{cell}:{number}", top)


def _citations(rows: list[Row], questions: int, cell: int) -> tuple[Citation, ...]:
    """Returns the citations of a cell, which are counted along the rows."""
    row, column = divmod(cell, questions)
    return side_by_side.cited(rows[row].answers[column]) if row < len(rows) else ()


def _table(words: Words, made: Comparing) -> str:
    said = words.comparing
    heads = "".join(f'<th scope="col">{safe_text.plain(q)}</th>' for q in made.questions)
    body = "".join(_row(words, made, index) for index in range(len(made.rows)))
    return (
        f'<div class="matrix"><table aria-label="{safe_text.plain(said.alt)}"><thead><tr>'
        f'<th scope="col">{safe_text.plain(said.document)}</th>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _row(words: Words, made: Comparing, index: int) -> str:
    document = made.rows[index].document
    cells = "".join(_cell(words, made, index, column) for column in range(len(made.questions)))
    return (
        f'<tr><th scope="row">{safe_text.plain(document.title)}'
        f'<span class="headings">{safe_text.plain(document.path)}</span></th>{cells}</tr>'
    )


def _cell(words: Words, made: Comparing, row: int, column: int) -> str:
    answer, said = made.rows[row].answers[column], words.comparing
    question = safe_text.plain(made.questions[column])
    if answer is None or not answer.found:
        note = said.unasked if answer is None else said.nothing
        return (
            f'<td data-question="{question}"><span class="none">{safe_text.plain(note)}</span></td>'
        )
    cell, chips = row * len(made.questions) + column, ""
    for number, citation in enumerate(side_by_side.cited(answer)[:_CITED], start=1):
        tip = f"{i18n.source_name(words, citation)}: {citation.quote}"
        chips += safe_text.chip(cell, number, safe_text.flat(tip, 240))
    text = safe_text.ended(safe_text.flat(side_by_side.bare(answer), _LONGEST), chips)
    return f'<td data-question="{question}">{text}</td>'


def _differences(words: Words, made: Comparing) -> None:
    """Draws for each question what every document says otherwise than the first one."""
    said = words.comparing
    if not 2 <= len(made.rows) <= _COMPARED:
        return
    st.html(f'<h3 class="differ">{safe_text.plain(said.differ)}</h3>')
    for column, question in enumerate(made.questions):
        lines = "".join(
            _difference(words, one) for one in side_by_side.differences(made.rows, column)
        )
        st.html(f'<div class="differences"><b>{safe_text.plain(question)}</b>{lines}</div>')


def _difference(words: Words, one: Difference) -> str:
    said = words.comparing
    alike = one.other.title == one.first.title  # as two versions are: the file tells them apart
    other, first = (it.path if alike else it.title for it in (one.other, one.first))
    pair = said.against.format(other=other, first=first)
    if one.same:
        note: Any = said.same if one.before else said.nothing
        return f"<p>{safe_text.plain(pair)}: {safe_text.plain(note)}</p>"
    note = said.only_one if None in (one.before, one.after) else said.otherwise
    if one.changes:
        note = "; ".join(
            said.change.format(before=before or said.missing, after=after or said.missing)
            for before, after in one.changes
        )
    quotes = "".join(
        f"<li>{safe_text.plain(i18n.source_name(words, citation))}: "
        f"<q>{safe_text.plain(safe_text.flat(citation.quote, _LONGEST))}</q></li>"
        for citation in (one.before, one.after)
        if citation is not None
    )
    return f"<p>{safe_text.plain(pair)}: {safe_text.plain(note)}</p><ul>{quotes}</ul>"
