"""The page of the documents: added, filtered, opened, removed; and the files that gave none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import streamlit as st

from rag import uploads
from rag.errors import RagError
from rag.library import Library
from rag.schema import DocumentInfo, FileInfo, Filters
from ui import (
    adding,
    collections_view,
    dialogs,
    failures,
    i18n,
    jobs_view,
    leftovers,
    safe_text,
    state,
    viewer,
)
from ui.i18n.labels import Words

OPENED = "d"
"""Names the opened document in the address."""

Collections = Mapping[int, tuple[str, ...]]
"""Names of collections by the id of a document."""

_REMOVING, _COLLECTING = "remove-documents", "open-collections"
"""Dialogs, and the buttons that open them."""

_HEIGHT = 520  # pixels of a long list; a short one is as high as its rows
_SHORT = 12  # rows
_NOTHING = "–"  # in a cell: a text without pages


def draw(shared: state.Shared, words: Words, asking: Any) -> None:
    """Draws the page: one document where the address names one, or else the list."""
    opened = st.query_params.get(OPENED, "")
    documents = shared.library.documents()
    info = next((info for info in documents if str(info.id) == opened), None)
    if info is not None:
        viewer.draw(shared, words, info)
        return
    # two containers, so that the list stays where it is when something appears above it
    above, listed = st.container(), st.container(key="listed")
    with above:
        _above(shared, words, documents, asking)
    if documents:
        with listed:
            st.fragment(_list)(shared, words, documents, asking)


def _above(shared: state.Shared, words: Words, documents: list[DocumentInfo], asking: Any) -> None:
    """Draws what adds documents, how that goes, what gave none, and the collections."""
    if shared.may_change:
        with st.expander(words.documents_page.add, icon=":material/add:", expanded=not documents):
            adding.draw(shared, words)
    if shared.jobs.all:
        jobs_view.full(shared, words)
    if shared.held is None:  # else they lie on the server's disk
        leftovers.draw(shared, words)
    if shared.may_change:
        collections_view.manage(shared, words, asking)


def _list(shared: state.Shared, words: Words, documents: list[DocumentInfo], asking: Any) -> None:
    shared.suggestions.put_off()
    said = words.documents_page
    _dialogs(shared, words, documents)
    wanted = st.text_input(
        said.filter,
        key="filter",
        type="search",
        live=True,
        placeholder=said.filter,
        label_visibility="collapsed",
    )
    collections = shared.library.collections.of_documents()
    found = matching(documents, str(wanted or ""), collections)
    st.caption(said.shown.format(shown=len(found), count=len(documents)))
    if not found:
        st.caption(words.no_match)
        return
    table = st.dataframe(
        _table(shared, words, found, collections),
        hide_index=True,
        placeholder=_NOTHING,
        height=_HEIGHT if len(found) > _SHORT else "auto",
        column_config=_columns(words),
        # rows are chosen by number: another list must not inherit them
        key=f"documents-{len(documents)}-{wanted}",
        on_select="rerun",
        selection_mode="multi-row",
        alt=said.list_alt,
    )
    chosen = [found[row] for row in table.selection.rows if row < len(found)]
    _actions(shared, words, chosen, asking)


def _dialogs(shared: state.Shared, words: Words, documents: list[DocumentInfo]) -> None:
    """Draws the dialog that is open, about the documents that it was opened for."""
    drawn = (
        (_REMOVING, words.documents_page.remove_title, _confirm),
        (_COLLECTING, words.collections.title, collections_view.dialog),
    )
    for name, title, body in drawn:
        ids = dialogs.subjects(name) or ()
        if chosen := [info for info in documents if info.id in ids]:
            dialogs.draw(name, title, body, shared, words, chosen)


def matching(
    documents: list[DocumentInfo], wanted: str, collections: Collections | None = None
) -> list[DocumentInfo]:
    """Returns the documents whose title, path or collections have all the words.

    Accents and capitals do not matter. `collections` are names by the id of a document.
    """
    words, names = i18n.folded(wanted).split(), collections or {}

    def text(info: DocumentInfo) -> str:
        return i18n.folded(" ".join((info.title, info.path, *names.get(info.id, ()))))

    return [info for info in documents if all(word in text(info) for word in words)]


def _table(
    shared: state.Shared, words: Words, found: list[DocumentInfo], collections: Collections
) -> dict[str, list[Any]]:
    changed = {file.document_id: file.modified for file in shared.library.files()}
    left_out = shared.library.notes(info.id for info in found)
    notes = [i18n.note_summary(words, left_out.get(info.id, ())) for info in found]
    table: dict[str, list[Any]] = {
        "title": [safe_text.flat(info.title) for info in found],
        "path": [info.path for info in found],
        "language": [info.language.upper() for info in found],
        "pages": [info.pages or None for info in found],
        "changed": [datetime.fromtimestamp(changed.get(info.id, 0.0)) for info in found],
    }
    if collections:
        named = (", ".join(collections.get(info.id, ())) for info in found)
        table["collections"] = list(map(safe_text.flat, named))
    return table | ({"notes": notes} if any(notes) else {})


def _columns(words: Words) -> dict[str, Any]:
    said, column = words.documents_page, st.column_config
    return {
        "title": column.TextColumn(said.title, width="large"),
        "path": column.TextColumn(said.file, width="medium"),
        "language": column.TextColumn(said.language, width="small"),
        "pages": column.NumberColumn(said.pages, width="small"),
        "changed": column.DateColumn(said.changed, format="DD/MM/YYYY", width="small"),
        "collections": column.TextColumn(words.collections.column, width="medium"),
        "notes": column.TextColumn(said.notes, width="medium"),
    }


def _actions(shared: state.Shared, words: Words, chosen: list[DocumentInfo], asking: Any) -> None:
    said, count = words.documents_page, len(chosen)
    if not chosen:
        st.caption(said.select)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="chosen"):
        ticked = said.selected_one if count == 1 else said.selected_many.format(count=count)
        st.caption(ticked, width="content")
        if count == 1 and st.button(said.open, key="open-document", type="primary"):
            st.query_params[OPENED] = str(chosen[0].id)
            st.rerun()
        if st.button(said.ask_these, key="ask-these"):
            state.forget()
            state.limit(shared, Filters(tuple(info.path for info in chosen)))
            st.switch_page(asking)
        if not shared.may_change:
            return
        ids = [info.id for info in chosen]
        for name, label in ((_COLLECTING, words.collections.button), (_REMOVING, said.remove)):
            st.button(label, key=name, on_click=dialogs.open_for, args=(name, *ids))


def files_of(library: Library, chosen: list[DocumentInfo]) -> list[FileInfo]:
    """Returns all files that hold these documents: a document goes with the last of them."""
    ids = {info.id for info in chosen}
    return [file for file in library.files() if file.document_id in ids]


def _confirm(shared: state.Shared, words: Words, chosen: list[DocumentInfo]) -> None:
    said = words.documents_page
    going = files_of(shared.library, chosen)
    folder = uploads.folder_of(shared.library)
    copies = sum(Path(file.source).is_relative_to(folder) for file in going)
    st.write(said.remove_many.format(count=len(chosen)))
    if copies:
        st.write(said.remove_uploads.format(count=copies))
    if len(going) > copies:
        st.write(said.remove_stay.format(count=len(going) - copies))
    st.caption(said.remove_conversations)
    if st.button(words.remove_yes, key="confirm-removal", type="primary"):
        _remove(shared, words, going, len(chosen))


def _remove(shared: state.Shared, words: Words, going: list[FileInfo], count: int) -> None:
    try:
        purge = shared.library.remove([Path(file.source) for file in going]).purge
    except RagError as problem:
        failures.show(words, problem)
        return
    dialogs.close()
    state.load(shared, max(state.RECENT, len(state.exchanges())))  # answers have been erased
    st.toast(words.documents_page.removed.format(count=count))
    if not purge.complete:
        st.toast(safe_text.label(jobs_view.pending(words, purge), length=300))
    st.rerun()
