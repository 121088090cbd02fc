"""What questions are limited to: shown at the question box, chosen in a dialog, kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import PurePosixPath

import streamlit as st

from rag.schema import DocumentInfo, Filters
from ui import dialogs, safe_text, state
from ui.i18n.labels import Words

_DIALOG = "scope"
_NAMED = 2  # folders and documents that are named at the question box


def draw(shared: state.Shared, words: Words) -> None:
    """Draws what the next question is limited to, with the buttons that change it.

    The dialog opens without a drawing of the whole page, which may hold many answers.
    """
    st.fragment(_line)(shared, words)


def _line(shared: state.Shared, words: Words) -> None:
    shared.suggestions.put_off()
    said, scope = words.scope, state.scope()
    label = said.limited.format(scope=described(words, scope)) if scope else said.all
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="scope"):
        icon = ":material/filter_alt:" if scope else ":material/folder_open:"
        st.button(
            safe_text.label(label, 90),
            key="open-scope",
            icon=icon,
            type="tertiary",
            on_click=dialogs.open_for,
            args=(_DIALOG,),
        )
        dialogs.draw(_DIALOG, said.title, _choose, shared, words)
        if scope and st.button(
            said.clear, key="clear-scope", icon=":material/close:", type="tertiary"
        ):
            state.limit(shared, Filters())
            st.rerun()  # the page, not only this part of it


def described(words: Words, scope: Filters) -> str:
    """Returns in words what a question is limited to."""
    said = words.scope
    paths = [PurePosixPath(path).name for path in scope.paths[:_NAMED]]
    more = len(scope.paths) - len(paths)
    named = ", ".join(paths)
    parts = [said.several.format(first=named, count=more) if more > 0 else named]
    parts += [words.collections.described.format(name=name) for name in scope.collections]
    parts += [", ".join(said.languages.get(code, code) for code in scope.languages)]
    parts += [said.since_day.format(day=scope.since)] if scope.since else []
    parts += [said.until_day.format(day=scope.until)] if scope.until else []
    return " · ".join(filter(None, parts))


def folders(paths: Iterable[str]) -> list[str]:
    """Returns the folders that hold documents, at any depth, by name."""
    direct = {path.rpartition("/")[0] for path in paths}  # few of them, of thousands of documents
    above = {str(folder) for path in direct for folder in PurePosixPath(path, "-").parents}
    return sorted(above - {"."})


def _choose(shared: state.Shared, words: Words) -> None:
    said, scope = words.scope, state.scope()
    documents = shared.library.documents()
    titles = {info.path: info.title for info in documents}
    options = [*folders(titles), *titles]
    paths = st.multiselect(
        said.where,
        options,
        default=[path for path in scope.paths if path in options],
        format_func=lambda path: name(words, titles, path),
        placeholder=said.where_empty,
        filter_mode="contains",
        select_all=False,  # its label is in English
        key="scope-paths",
    )
    collections = _collections(shared, words, scope)
    languages = _languages(words, scope, documents)
    since, until = _days(words, scope)
    chosen = Filters(tuple(paths), languages, since=since, until=until, collections=collections)
    if st.button(said.apply, key="apply-scope", type="primary"):
        if chosen and not shared.library.fits(chosen):
            st.warning(said.nothing)
            return
        state.limit(shared, chosen)
        dialogs.close()
        st.rerun()


def _collections(shared: state.Shared, words: Words, scope: Filters) -> tuple[str, ...]:
    said, names = words.collections, list(shared.library.collections.names())
    if not names:
        return ()
    chosen = st.multiselect(
        said.where,
        names,
        default=[name for name in scope.collections if name in names],
        format_func=safe_text.flat,
        placeholder=said.where_empty,
        filter_mode="contains",
        select_all=False,
        key="scope-collections",
    )
    return tuple(chosen)


def _languages(words: Words, scope: Filters, documents: list[DocumentInfo]) -> tuple[str, ...]:
    said = words.scope
    known = sorted({info.language for info in documents})
    if len(known) < 2:
        return ()
    chosen = st.pills(
        said.language,
        known,
        selection_mode="multi",
        default=[code for code in scope.languages if code in known],
        format_func=lambda code: said.languages.get(code, code),
        key="scope-languages",
    )
    return tuple(chosen)


def _days(words: Words, scope: Filters) -> tuple[str, str]:
    said = words.scope
    left, right = st.columns(2)
    given = []
    for column, label, day in ((left, said.since, scope.since), (right, said.until, scope.until)):
        value = date.fromisoformat(day) if day else None
        key = f"scope-{label}"
        picked = column.date_input(label, value, format="DD/MM/YYYY", help=said.dates_help, key=key)
        given.append(picked.isoformat() if isinstance(picked, date) else "")
    return given[0], given[1]


def name(words: Words, titles: dict[str, str], path: str) -> str:
    """Returns a folder or a document as a list of both shows it."""
    if path not in titles:
        return words.scope.folder.format(path=path)
    file = PurePosixPath(path).name
    return file if titles[path] in ("", file) else f"{safe_text.flat(titles[path], 60)} ({file})"
