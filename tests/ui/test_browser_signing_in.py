"""The app before a server's library: people sign in, and see what they may read, and no more."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.helpers.browser import PATIENCE, Tab, free_port, serving
from tests.remote.conftest import Held, holding

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

PEOPLE = (
    {"sub": "ana", "email": "ana@casa.example", "groups": ["lifts"]},
    {"sub": "luis", "email": "luis@casa.example"},
)
QUESTION = "How many persons does the lift hold?"


@contextmanager
def provider() -> Iterator[str]:
    """The address of a provider of identities that knows `PEOPLE`, in a process of its own."""
    port = free_port()
    claims = [f"--user-claims={json.dumps(person)}" for person in PEOPLE]
    command = [sys.executable, "-m", "oidc_provider_mock", f"--port={port}", *claims]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    issuer = f"http://127.0.0.1:{port}"
    try:
        for _ in range(PATIENCE // 100):
            assert process.poll() is None, "the provider ended at once"
            try:
                httpx.get(f"{issuer}/.well-known/openid-configuration", trust_env=False)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield issuer
    finally:
        process.terminate()
        process.wait(30)


@dataclass(frozen=True)
class Team:
    """A library behind its server, and the app before it."""

    held: Held
    app: str

    @contextmanager
    def at_the_door(self, browser: Any) -> Iterator[Tab]:
        """Opens the app in a browser of somebody new."""
        context = browser.new_context(locale="en-GB", viewport={"width": 1400, "height": 900})
        # the provider's pages name a style sheet elsewhere, which must not be waited for
        context.route(_is_elsewhere, lambda route: route.abort())
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(self.app, wait_until="commit")
        try:
            yield Tab(page)
        finally:
            context.close()

    def sign_in(self, visit: Tab, person: str) -> None:
        """Goes to the provider, is the person there, and comes back."""
        visit.page.get_by_role("button", name="Sign in").click()
        visit.page.get_by_role("button", name=person, exact=True).click()
        visit.page.get_by_test_id("stChatInput").wait_for()

    def sessions(self) -> list[str]:
        """The users whose sessions the server keeps."""
        return [token.user for token in self.held.tokens.all() if token.signed_in]


def _is_elsewhere(url: str) -> bool:
    return urlsplit(url).hostname not in ("127.0.0.1", "localhost", None)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    folder = tmp_path_factory.mktemp("team")
    with pytest.MonkeyPatch.context() as patch, provider() as issuer:
        patch.setenv("RAG_OIDC_SECRET", "of the client")
        chosen: dict[str, Any] = {"oidc_issuer": issuer, "oidc_client": "fuente"}
        with (
            holding(folder, **chosen) as held,
            serving(folder / "none", server=held.address, **chosen) as app,
        ):
            held.access.allow("@lifts", "en")
            yield Team(held, app)


def test_who_signs_in_asks_what_they_may_read(browser: Any, team: Team) -> None:
    with team.at_the_door(browser) as visit:
        visit.page.get_by_role("button", name="Sign in").wait_for()
        assert not visit.page.get_by_test_id("stChatInput").count(), "nothing before"
        team.sign_in(visit, "ana")
        assert "Signed in as ana@" in visit.page.locator(".st-key-user").inner_text()
        assert "eight persons" in visit.ask(QUESTION).inner_text()
        assert "dos años" not in visit.ask("¿Cuánto dura la garantía?").inner_text()
        visit.go("Documents")
        visit.page.get_by_text("1 of 1 documents").wait_for()
        assert not visit.page.get_by_text("Add documents").count()
        assert not visit.page.get_by_role("link", name="Settings").count()
        assert team.sessions() == ["ana@casa.example"]
        visit.page.get_by_role("button", name="Sign out").click()
        visit.page.get_by_role("button", name="End session").click()  # which the provider asks
        visit.page.get_by_role("button", name="Sign in").wait_for()
        assert not visit.page.get_by_test_id("stChatInput").count()
    assert team.sessions() == [], "the server has ended it too"
    kept = team.held.library.conversations.all(owner="ana@casa.example")
    assert [item.title for item in kept] == [QUESTION]


def test_another_person_sees_nothing_of_it_and_signs_in_again_once_their_session_is_ended(
    browser: Any, team: Team
) -> None:
    with team.at_the_door(browser) as visit:
        team.sign_in(visit, "luis")
        assert not visit.page.get_by_text("How many persons").count()
        assert "eight persons" not in visit.ask(QUESTION).inner_text()
        for token in team.held.tokens.all():
            team.held.tokens.revoke(token.name)
        visit.page.reload(wait_until="commit")
        visit.page.get_by_role("button", name="Sign in").wait_for()
