"""Signing in, where the app shows the library of a server and a provider of identities is set.

The app itself has no right to the library: with what the provider has signed for a person it gets
a session of the server (`/auth/token`), and asks the server with that alone.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from hashlib import sha256

import streamlit as st

from rag import config
from rag.config import Settings
from rag.errors import RagError, SignedOut
from rag.remote.connection import Connection
from ui import failures, safe_text, theme
from ui.i18n.labels import Words

_log = logging.getLogger(__name__)

_MOST = 10_000  # sessions that are remembered


@dataclass(frozen=True, slots=True)
class _Session:
    token: str
    until: float  # seconds since 1970


@st.cache_resource(show_spinner=False)
def _sessions() -> dict[str, _Session]:
    """Returns the sessions by the sum of what the provider has signed, for all tabs."""
    return {}


def token(settings: Settings) -> str:
    """Returns the server's token for whoever looks at the app.

    Raises SignedOut where they have to sign in, anew once the session is over, and RagError as the
    server states it.
    """
    if not settings.oidc_issuer:
        return config.server_token()
    if not st.user.is_logged_in:
        raise SignedOut("nobody has signed in", "sign in")
    key, sessions = _key(), _sessions()
    kept = sessions.get(key)
    if kept is None:
        connection = Connection(settings.server, "")
        try:
            made = connection.post("/auth/token", {"id_token": str(st.user.tokens["id"])})
        finally:
            connection.close()
        if len(sessions) >= _MOST:
            sessions.clear()
        kept = sessions[key] = _Session(made["token"], made["expires"])
    if kept.until < time.time():  # what the provider signed then is no reason for another one
        raise SignedOut("the session is over", "sign in again")
    return kept.token


def end() -> None:
    """Notes that the server has ended the session: its person has to sign in again."""
    if st.user.get("is_logged_in"):
        _sessions()[_key()] = _Session("", 0.0)


def leave() -> None:
    """Ends the session of who looks at the app: here, at the server and at the provider."""
    kept = _sessions().get(_key())
    end()
    if kept is not None and kept.token:
        connection = Connection(config.load().server, kept.token)
        try:
            connection.post("/auth/logout", {})
        except RagError as problem:  # the server ends it by itself after hours
            _log.warning("the session could not be ended: %s", problem)
        finally:
            connection.close()
    st.logout()


def _key() -> str:
    return sha256(str(st.user.tokens["id"]).encode()).hexdigest()


def draw(words: Words, problem: SignedOut) -> None:
    """Draws what stands in the place of the app until a person has signed in."""
    if not config.load().oidc_issuer:  # the token of the environment is not the server's
        failures.show(words, problem)
        return
    said = words.signing_in
    st.html(theme.style(words))
    with st.container(key="welcome"):
        st.html(
            f'<div class="empty"><h2>{safe_text.plain(words.title)}</h2>'
            f"<p>{safe_text.plain(said.needed)}</p></div>"
        )
        st.button(said.enter, key="sign-in", type="primary", on_click=st.login)


def draw_user(words: Words, user: str) -> None:
    """Draws who has signed in, and what ends that."""
    said = words.signing_in
    with st.container(key="user"):
        st.caption(safe_text.label(said.who.format(user=user)))
        st.button(said.leave, key="sign-out", type="tertiary", on_click=leave)
