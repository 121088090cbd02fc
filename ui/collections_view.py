"""Collections on the page of the documents: a dialog that fills them, and a list of all."""

from __future__ import annotations

from typing import Any

import streamlit as st

from rag.errors import RagError
from rag.library import Library
from rag.schema import DocumentInfo, Filters
from ui import dialogs, failures, safe_text, state
from ui.i18n.labels import Words

_LONGEST = 80  # letters of a name, as many as the library takes


def dialog(shared: state.Shared, words: Words, chosen: list[DocumentInfo]) -> None:
    """Draws in which collections these documents are, to be changed."""
    said, library = words.collections, shared.library
    ids = [info.id for info in chosen]
    known = library.collections.of_documents()
    names = list(library.collections.names())
    before = [name for name in names if all(name in known.get(key, ()) for key in ids)]
    st.caption(said.help)
    kept: list[str] = []
    if names:
        kept = st.pills(
            said.in_these,
            names,
            selection_mode="multi",
            default=before,
            format_func=safe_text.label,
            key="in-collections",
        )
    new = st.text_input(
        said.new, placeholder=said.new_hint, max_chars=_LONGEST, key="new-collection"
    )
    if not st.button(said.save, key="save-collections", type="primary"):
        return
    for name in dict.fromkeys([*kept, *([new] if new.strip() else [])]):
        library.collections.add(name, ids)
    for name in set(before) - set(kept):
        library.collections.take_out(name, ids)
    dialogs.close()
    st.toast(said.saved)
    st.rerun()


def manage(shared: state.Shared, words: Words, asking: Any) -> None:
    """Draws all collections with what can be done with each; nothing where there are none."""
    said, names = words.collections, shared.library.collections.names()
    if not names:
        return
    with st.expander(said.manage.format(count=len(names)), icon=":material/label:"):
        st.caption(said.help)
        for index, (name, count) in enumerate(names.items()):
            _one(shared, words, asking, name, count, index)


def _one(
    shared: state.Shared, words: Words, asking: Any, name: str, count: int, index: int
) -> None:
    said, library = words.collections, shared.library
    with st.container(
        horizontal=True, vertical_alignment="bottom", gap="small", key=f"collection-{index}"
    ):
        label = f"{said.name} · {said.documents.format(count=count)}"
        new = st.text_input(label, name, max_chars=_LONGEST, key=f"name-{index}-{name}")
        if st.button(said.rename, key=f"rename-collection-{index}") and new.strip() != name:
            _rename(library, words, name, new)
        if count and st.button(said.ask, key=f"ask-collection-{index}"):
            state.forget()
            state.limit(shared, Filters(collections=(name,)))
            st.switch_page(asking)
        if st.button(said.delete, key=f"delete-collection-{index}", help=said.delete_help):
            library.collections.delete(name)
            st.toast(said.deleted)
            st.rerun()


def _rename(library: Library, words: Words, name: str, new: str) -> None:
    said = words.collections
    taken = {other.casefold() for other in library.collections.names()} - {name.casefold()}
    if not new.strip():
        st.warning(said.too_long.format(count=_LONGEST))
        return
    if new.strip().casefold() in taken:
        st.warning(said.taken)
        return
    try:
        library.collections.rename(name, new)
    except RagError as problem:
        failures.show(words, problem)
        return
    library.conversations.rename_collection(name, " ".join(new.split()))
    st.toast(said.renamed)
    st.rerun()
