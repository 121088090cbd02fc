"""The app before a server's library: people sign in, and see what they may read, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import oidc_provider_mock
import pytest
from oidc_provider_mock import User

from tests.helpers.browser import PATIENCE, Tab, serving
from tests.remote.conftest import Held, holding

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    # the provider, which runs in a thread here, still uses a part of authlib that is to go
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

PEOPLE = (
    User(sub="ana", claims={"email": "ana@casa.example", "groups": ["lifts"]}),
    User(sub="luis", claims={"email": "luis@casa.example"}),
)


@dataclass(frozen=True)
class Team:
    held: Held
    app: str

    @contextmanager
    def at_the_door(self, browser: Any) -> Iterator[Tab]:
        context = browser.new_context(locale="en-GB", viewport={"width": 1400, "height": 900})
        page = context.new_page()
        page.set_default_timeout(3 * PATIENCE)
        page.goto(self.app)
        try:
            yield Tab(page)
        finally:
            context.close()

    def sign_in(self, visit: Tab, person: str) -> None:
        visit.page.get_by_role("button", name="Sign in").click()
        visit.page.get_by_role("button", name=person, exact=True).click()
        visit.page.get_by_test_id("stChatInput").wait_for()


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    folder = tmp_path_factory.mktemp("team")
    with (
        pytest.MonkeyPatch.context() as patch,
        oidc_provider_mock.run_server_in_thread(user_claims=PEOPLE) as provider,
    ):
        patch.setenv("RAG_OIDC_SECRET", "of the client")
        chosen: dict[str, Any] = {
            "oidc_issuer": f"http://localhost:{provider.server_port}",
            "oidc_client": "fuente",
        }
        with (
            holding(folder, **chosen) as held,
            serving(folder / "none", server=held.address, **chosen) as app,
        ):
            held.access.allow("@lifts", "en")
            yield Team(held, app)


def test_who_signs_in_asks_what_they_may_read(browser: Any, team: Team) -> None:
    with team.at_the_door(browser) as visit:
        assert not visit.page.get_by_test_id("stChatInput").count(), "nothing before"
        team.sign_in(visit, "ana")
        assert "Signed in as ana@" in visit.page.locator(".st-key-user").inner_text()
        assert "eight persons" in visit.ask("How many persons does the lift hold?").inner_text()
        refused = visit.ask("¿Cuánto dura la garantía?").inner_text()
        assert "dos años" not in refused
        visit.go("Documents")
        visit.page.get_by_text("1 of 1 documents").wait_for()
        assert not visit.page.get_by_text("Add documents").count()
        assert not visit.page.get_by_role("link", name="Settings").count()
        visit.page.reload()
        visit.page.get_by_role("button", name="Sign out").click()
        visit.page.get_by_role("button", name="Sign in").wait_for()
        assert not visit.page.get_by_test_id("stChatInput").count()
    (user,) = {token.user for token in team.held.tokens.all() if token.signed_in}
    assert user == "ana@casa.example"
    kept = team.held.library.conversations.all(owner=user)
    assert [item.title for item in kept] == ["How many persons does the lift hold?"]


def test_another_person_sees_nothing_of_it(browser: Any, team: Team) -> None:
    with team.at_the_door(browser) as visit:
        team.sign_in(visit, "luis")
        assert not visit.page.get_by_text("How many persons").count()
        assert "eight persons" not in visit.ask("How many persons does the lift hold?").inner_text()


def test_a_session_that_is_ended_asks_to_sign_in_again(browser: Any, team: Team) -> None:
    with team.at_the_door(browser) as visit:
        team.sign_in(visit, "ana")
        for token in team.held.tokens.all():
            team.held.tokens.revoke(token.name)
        visit.page.reload()
        visit.page.get_by_role("button", name="Sign in").wait_for()
