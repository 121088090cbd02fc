"""What a session remembers, and the library that all sessions share.

Only this module touches `st.session_state` by name.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import cast

import streamlit as st

from rag.config import load as load_settings
from rag.errors import RagError
from rag.jobs import Jobs
from rag.library import Library
from rag.remote import RemoteJobs, RemoteLibrary
from rag.schema import Filters, Turn
from ui import signing_in
from ui.bringing import Bringing
from ui.comparing import Comparing
from ui.exchanges import Exchange as Exchange
from ui.suggestions import Suggestions
from ui.writing import Writing

ADDRESS = "c"
"""Names the conversation in the address."""

RECENT = 6
"""Turns that are drawn at first: a long conversation would take seconds."""

FURTHER = 12
"""Turns that are drawn in addition, as often as somebody asks for earlier ones."""

_HISTORY = 6  # turns that are handed to the library
_MOST_USERS = 500  # of a server whose libraries, as each may see them, are kept at hand


@dataclass
class Shared:
    """One library with its background work, for all sessions of this server."""

    library: Library
    jobs: Jobs
    held: RemoteLibrary | None = None  # the library, where it is a server's
    ready: threading.Event = field(default_factory=threading.Event)
    writings: dict[int, Writing] = field(default_factory=dict)  # answers on their way, by turn
    bringing: Bringing | None = None  # a language model on its way, or what came of the last one
    suggestions: Suggestions = field(init=False)

    def __post_init__(self) -> None:
        self.suggestions = Suggestions(self.library, self._busy)

    @property
    def may_change(self) -> bool:
        """Tells whether whoever looks may add documents, remove and collect them."""
        return self.held is None or self.held.may_change

    def _busy(self) -> bool:
        return bool(self.writings) or self.jobs.active or not self.ready.is_set()


def shared(library: Library | None = None) -> Shared:
    """Returns the library of the settings, opened once; or the given one, for tests."""
    if library is not None:
        if "shared" not in st.session_state:
            st.session_state.shared = share(library)
        return cast(Shared, st.session_state.shared)
    settings = load_settings()
    if settings.server:
        return _connected(settings.server, signing_in.token(settings))
    return _opened(str(settings.library))


def share(library: Library) -> Shared:
    """Begins to load the models, so that the first question need not wait for them."""
    both = Shared(library, Jobs(library))
    threading.Thread(target=_warm, args=(both,), daemon=True).start()
    return both


@st.cache_resource(show_spinner=False)
def _opened(folder: str) -> Shared:
    library = Library.open(settings=load_settings())
    days, kept = library.settings.keep_conversations_days, library.conversations
    if days > 0 and kept.writable:
        kept.forget_old(days)
    return share(library)


@st.cache_resource(show_spinner=False, max_entries=_MOST_USERS)
def _connected(address: str, token: str) -> Shared:
    held = RemoteLibrary(load_settings(), token)
    both = Shared(held, RemoteJobs(held.connection), held)
    both.ready.set()  # the server has its models
    return both


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
    """Returns the loaded part of the conversation of this session, oldest first."""
    return cast(list[Exchange], st.session_state.setdefault("exchanges", []))


def conversation() -> str | None:
    """Returns the id of the conversation of this session; None for one that is not kept yet."""
    return cast(str | None, st.session_state.get("conversation"))


def scope() -> Filters:
    """Returns what the next question is limited to."""
    return cast(Filters, st.session_state.setdefault("scope", Filters()))


def limit(shared: Shared, chosen: Filters) -> None:
    """Limits the next questions of the conversation, and keeps that with it."""
    st.session_state.scope = chosen
    if (key := conversation()) is not None:
        shared.library.conversations.set_scope(key, chosen)


def turns() -> list[Turn]:
    """Returns the answered part of the conversation, as the library takes it."""
    answered = [exchange.answer for exchange in exchanges() if exchange.answer is not None]
    # The question that was searched names what «and that?» only points to.
    return [Turn(answer.question.standalone, answer.text) for answer in answered][-_HISTORY:]


def follow_address(shared: Shared) -> bool:
    """Loads the conversation that the address names; returns False where there is none such.

    The one of before goes on being answered, and is kept.
    """
    wanted = st.query_params.get(ADDRESS)
    if wanted == conversation():
        return True
    found = shared.library.conversations.get(wanted) if wanted else None
    st.session_state.conversation = found.id if found else None
    st.session_state.scope = found.scope if found else Filters()
    load(shared, RECENT)
    # A link to the page that is open already changes what the script is told, and not the address.
    if found:
        st.query_params[ADDRESS] = found.id
    else:
        st.query_params.clear()
    return found is not None or not wanted


def load(shared: Shared, last: int) -> None:
    """Loads the last turns of the conversation anew."""
    key = conversation()
    kept = shared.library.conversations.turns(key, last) if key else []
    st.session_state.exchanges = [Exchange.of(turn, shared.writings.get(turn.id)) for turn in kept]
    close()


def ask(shared: Shared, question: str) -> None:
    """Puts a question into the conversation, and begins to answer it; the drawing shows that."""
    if not question.strip():
        return
    for exchange in exchanges():
        exchange.drop()
    exchange = Exchange(question.strip())
    if shared.library.conversations.writable:
        exchange.turn = shared.library.conversations.ask(_kept(shared, question), exchange.question)
    exchanges().append(exchange)
    if shared.ready.is_set():  # while the page is drawn it is searched
        exchange.writing = answer(shared, exchange)
    close()


def _kept(shared: Shared, question: str) -> str:
    """Returns the conversation's id; a new one begins with its first question."""
    if conversation() is None:
        made = shared.library.conversations.begin(question, scope())
        st.session_state.conversation = made.id
        st.query_params[ADDRESS] = made.id
    return str(conversation())


def answer(shared: Shared, exchange: Exchange) -> Writing:
    """Begins to answer; what comes of it is kept whether or not somebody looks."""
    question, history, limits, turn = exchange.question, turns(), scope(), exchange.turn
    library = shared.library

    def keep(writing: Writing) -> None:
        if turn is not None:
            shared.writings.pop(turn, None)
        if writing.result is not None and turn is not None:
            library.conversations.answer(turn, writing.result, writing.stopped)
            library.conversations.usage.add(writing.result)

    writing = Writing(lambda stop: library.ask(question, history, limits, stop), keep)
    if turn is not None:
        shared.writings[turn] = writing
    return writing.start()


def ask_again(exchange: Exchange) -> None:
    """Has a question answered anew, in its place."""
    exchange.begin_again()
    close()


def replace_last(shared: Shared, question: str) -> None:
    """Asks another question in the place of the last one, which is deleted."""
    last = exchanges().pop()
    last.drop()
    if last.turn is not None:
        shared.library.conversations.drop(last.turn)
    ask(shared, question)


def forget() -> None:
    """Begins a new conversation; the one of before is kept."""
    st.query_params.pop(ADDRESS, None)
    st.session_state.conversation = None
    st.session_state.exchanges = []
    st.session_state.scope = Filters()
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


def comparing() -> Comparing | None:
    """Returns the table of documents and questions of this session."""
    return cast(Comparing | None, st.session_state.get("comparing"))


def compare(made: Comparing) -> None:
    """Takes another table in the place of the one of before, which is stopped."""
    if (before := comparing()) is not None:
        before.stop()
    st.session_state.comparing = made
    show_cell()


def show_cell(opened: tuple[int, int] | None = None) -> None:
    """Opens a citation (cell, number from 1) of the table, or closes it."""
    st.session_state.opened_cell = opened


def cell() -> tuple[int, int] | None:
    """Returns (cell, number) of the citation of the table that is open."""
    return cast(tuple[int, int] | None, st.session_state.get("opened_cell"))


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
