"""What Streamlit runs: sets things up, then draws."""

from __future__ import annotations

import sys
from pathlib import Path

# Streamlit puts the folder of this file first on the path, where `ui/files.py` would be `files`
# for every library; what must be found there is the package `ui`.
_HERE = Path(__file__).resolve().parent
sys.path[:] = [str(_HERE.parent), *(entry for entry in sys.path if entry and Path(entry) != _HERE)]

import streamlit as st  # noqa: E402

from rag.errors import RagError, SignedOut  # noqa: E402
from rag.library import Library  # noqa: E402
from ui import (  # noqa: E402
    ask_page,
    bridge,
    compare_page,
    dialogs,
    documents_page,
    failures,
    feedback_page,
    i18n,
    monitoring_page,
    safe_text,
    settings_page,
    sidebar,
    signing_in,
    state,
    theme,
)
from ui.i18n.labels import Words  # noqa: E402
from ui.icon import icon  # noqa: E402


def main(library: Library | None = None) -> None:
    """Draws the app; with a `library` over that one instead of the one of the settings."""
    st.set_page_config("Fuente", page_icon=icon(), layout="wide")
    try:
        shared = state.shared(library)
    except SignedOut as problem:
        signing_in.draw(i18n.words(_language("es")), problem)
        return
    except RagError as problem:
        failures.show(i18n.words(_language("es")), problem)
        return
    try:
        _draw(shared)
    except SignedOut as problem:  # the server has ended the session since
        signing_in.end()
        signing_in.draw(i18n.words(_language("es")), problem)


def _draw(shared: state.Shared) -> None:
    shared.suggestions.put_off()
    language = _language(shared.library.settings.language)
    words = i18n.words(language)
    st.html(theme.style(words))
    pages = _pages(shared, words, language)
    chosen = st.navigation([page for page, _ in pages], position="hidden")
    if chosen is pages[0][0] and not state.follow_address(shared):
        st.toast(words.conversations.gone)
    if chosen is pages[0][0]:
        ask_page.take(shared)
    if state.changes("shown", f"{chosen.url_path}?{state.conversation()}"):
        dialogs.close()
    with st.sidebar:
        sidebar.draw(shared, words, pages)
    _header(words)
    chosen.run()
    if chosen.url_path not in ("", "compare"):  # these two show citations of their own
        bridge.mount(state.show, words, language, shared.library.settings.theme)


def _pages(shared: state.Shared, words: Words, language: str) -> sidebar.Pages:
    """Returns the pages of the app with their icons, the one of the questions first."""
    asking = st.Page(
        lambda: ask_page.draw(shared, words, language),
        title=words.conversations.asking,
        url_path="ask",
        default=True,
    )
    documents = st.Page(
        lambda: documents_page.draw(shared, words, asking),
        title=words.documents,
        url_path="documents",
    )
    compare = st.Page(
        lambda: compare_page.draw(shared, words, language),
        title=words.comparing.title,
        url_path="compare",
    )
    feedback = st.Page(
        lambda: feedback_page.draw(shared, words, asking),
        title=words.feedback.title,
        url_path="feedback",
    )
    monitoring = st.Page(
        lambda: monitoring_page.draw(shared, words),
        title=words.monitoring.title,
        url_path="monitoring",
    )
    settings = st.Page(
        lambda: settings_page.draw(shared, words), title=words.settings.title, url_path="settings"
    )
    everybodys = [(asking, ":material/chat:"), (documents, ":material/folder_open:")]
    if shared.held is not None:  # what people judged and what is set is the server's own
        return everybodys
    return [
        *everybodys,
        (compare, ":material/table_chart:"),
        (feedback, ":material/thumbs_up_down:"),
        (monitoring, ":material/monitoring:"),
        (settings, ":material/tune:"),
    ]


def _language(fallback: str) -> str:
    """Returns the language that the person chose, or else the browser's or the settings'."""
    kept = st.session_state.get("language") or st.session_state.get("kept-language")
    chosen = str(kept or i18n.choose(st.context.locale, fallback))
    # Streamlit forgets what a control says that was not drawn, as in a run that another one ended
    st.session_state["kept-language"] = chosen
    st.session_state.setdefault("language", chosen)
    return chosen


def _header(words: Words) -> None:
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", key="header", wrap=True
    ):
        st.html(
            f'<div class="brand"><h1>{safe_text.plain(words.title)}</h1>'
            f"<span>{safe_text.plain(words.sentence)}</span></div>"
        )
        st.segmented_control(
            words.language,
            i18n.LANGUAGES,
            key="language",
            format_func=str.upper,
            label_visibility="collapsed",
            required=True,
        )


if __name__ == "__main__":
    main()
