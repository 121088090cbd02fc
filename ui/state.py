"""What a session remembers, and the library that all sessions share.

Only this module touches `st.session_state` by name.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import cast

import streamlit as st

from rag.config import Settings, load
from rag.errors import RagError
from rag.library import Library
from rag.schema import Answer, Citation, Turn
from ui.jobs import Jobs
from ui.writing import Writing

_HISTORY = 6  # turns that are handed to the library


@dataclass
class Exchange:
    """A question of the chat, and what came of it; all None while it is being answered."""

    question: str
    answer: Answer | None = None
    error: RagError | None = None
    stopped: bool = False
    cut: bool = False  # stopped while a model wrote: what it had written stands
    writing: Writing | None = None

    def end(self) -> None:
        """Takes over what came of the writing."""
        if self.writing is not None:
            # the verbatim answer stays if the model that writes fails
            self.answer = self.writing.answer or self.writing.extractive
            self.error = self.writing.error
            self.cut = self.writing.stopped
            self.writing = None

    def drop(self) -> None:
        """Gives the answer up, for nobody waits for it; a verbatim one that was shown stays."""
        if self.writing is not None:
            self.writing.stop()
            self.end()
        self.stopped = self.stopped or (self.answer is None and self.error is None)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Returns what the sources pane can show: the proofs, or else the nearest passages."""
        if self.answer is None:
            return ()
        return self.answer.proofs if self.answer.found else self.answer.nearest


@dataclass
class Shared:
    """One library with its background work, for all sessions of this server."""

    library: Library
    jobs: Jobs
    ready: threading.Event = field(default_factory=threading.Event)


def shared(library: Library | None = None) -> Shared:
    """Returns the library of the settings, opened once; or the given one, for tests."""
    if library is not None:
        if "shared" not in st.session_state:
            st.session_state.shared = share(library)
        return cast(Shared, st.session_state.shared)
    return _opened(load())


def share(library: Library) -> Shared:
    """Begins to load the models, so that the first question need not wait for them."""
    both = Shared(library, Jobs(library))
    threading.Thread(target=_warm, args=(both,), daemon=True).start()
    return both


@st.cache_resource(show_spinner=False, hash_funcs={Settings: repr})
def _opened(settings: Settings) -> Shared:
    return share(Library.open(settings=settings))


def _warm(both: Shared) -> None:
    try:
        both.library.embedder.encode_queries([""])
        if both.library.documents():
            both.library.search("a", k=1)
    except RagError:
        pass  # the first question or ingest meets the same error and shows it
    finally:
        both.ready.set()


def exchanges() -> list[Exchange]:
    """Returns the conversation of this session, oldest first."""
    return cast(list[Exchange], st.session_state.setdefault("exchanges", []))


def turns() -> list[Turn]:
    """Returns the answered part of the conversation, as the library takes it."""
    answered = [exchange.answer for exchange in exchanges() if exchange.answer is not None]
    # The question that was searched names what «and that?» only points to.
    return [Turn(answer.question.standalone, answer.text) for answer in answered][-_HISTORY:]


def ask(question: str) -> None:
    """Puts a question into the conversation; the next drawing answers it."""
    if not question.strip():
        return
    for exchange in exchanges():
        exchange.drop()
    exchanges().append(Exchange(question.strip()))
    close()


def forget() -> None:
    """Begins a new conversation."""
    for exchange in exchanges():
        exchange.drop()
    st.session_state.exchanges = []
    close()


def show(exchange: int, number: int, clicked: bool = True) -> None:
    """Opens citation `number` (from 1) of an exchange in the sources pane."""
    if 0 <= exchange < len(exchanges()):
        count = len(exchanges()[exchange].citations)
        if 1 <= number <= count:
            st.session_state.opened = (exchange, number)
            st.session_state.clicked = clicked


def close() -> None:
    """Closes the sources pane."""
    st.session_state.opened = None
    st.session_state.clicked = False


def opened() -> tuple[int, int] | None:
    """Returns (exchange, number) of the citation in the sources pane."""
    return cast(tuple[int, int] | None, st.session_state.get("opened"))


def clicked() -> bool:
    """Tells whether a person opened the pane, not a fresh answer; small screens show it then."""
    return bool(st.session_state.get("clicked"))


def changes(name: str, value: str) -> bool:
    """Tells whether `value` differs from the one at the last drawing, which it replaces."""
    before = st.session_state.get(name)
    st.session_state[name] = value
    return before is not None and before != value


def upload_round() -> int:
    """Returns the number of the current upload field; a new number empties it."""
    return int(st.session_state.setdefault("upload_round", 0))


def next_upload() -> None:
    """Empties the upload field."""
    st.session_state.upload_round = upload_round() + 1
