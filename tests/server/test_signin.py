"""People sign in at a provider of identities, here one on loopback, and read what rules open."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import oidc_provider_mock
import pytest
from fastapi import FastAPI
from oidc_provider_mock import User
from starlette.testclient import TestClient

from rag.errors import LibraryDamaged, UsageError
from rag.library import Library
from rag.server.access import Access
from rag.server.api import create_app
from rag.server.audit import Audit
from rag.server.callers import Callers
from rag.server.serve import Listening, access
from rag.server.tokens import Scope, Tokens
from tests.helpers.answering import open_library, write_files
from tests.server.conftest import FILES

# the provider, which runs in a thread here, still uses a part of authlib that is to go
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

PEOPLE = (
    User(sub="1", claims={"email": "ana@casa.example", "groups": ["legal"]}),
    User(sub="2", claims={"email": "luis@casa.example"}),
    User(sub="3", claims={"email": "eva@casa.example", "email_verified": False}),
    User(sub="4", claims={"name": "who has no e-mail address"}),
    User(sub="5", claims={"email": "jefa@casa.example", "groups": ["chiefs", "not a name"]}),
)


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_OIDC_SECRET", "of the client")


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with oidc_provider_mock.run_server_in_thread(user_claims=PEOPLE, require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


class Team:
    """A library behind a server at which people sign in."""

    def __init__(self, library: Library, audit: Audit) -> None:
        self.library, self.folder = library, library.settings.library
        self.access, self.tokens, self.audit = Access(self.folder), Tokens(self.folder), audit
        self.app: FastAPI = create_app(library, Callers(self.folder).find, audit=audit)

    def browser(self) -> TestClient:
        return TestClient(self.app, "http://localhost", follow_redirects=False)

    def sign_in(self, person: str) -> Any:
        """Does what a browser does; `person` is who the provider says that it is."""
        browser = self.browser()
        sent = browser.get("/auth/login")
        assert sent.status_code == 302, sent.text
        back = at_provider(sent.headers["location"], person)
        return browser.get(back.removeprefix("http://localhost"))

    def of(self, token: str) -> TestClient:
        headers = {"authorization": f"Bearer {token}"}
        return TestClient(self.app, "http://localhost", headers=headers)

    def signed_in(self, person: str) -> TestClient:
        answer = self.sign_in(person)
        assert answer.status_code == 200, answer.text
        return self.of(answer.json()["token"])


def at_provider(address: str, person: str) -> str:
    """What the person does at the provider; returns where they are sent."""
    answer = httpx.post(address, data={"sub": person}, follow_redirects=False)
    return urljoin(address, answer.headers["location"])


@contextmanager
def team(folder: Path, issuer: str, **settings: Any) -> Iterator[Team]:
    documents = write_files(folder / "documents", FILES)
    with open_library(folder / "library") as library:
        library.ingest([documents])
        chosen = {"oidc_issuer": issuer, "oidc_client": "fuente", **settings}
        library.settings = replace(library.settings, **chosen)
        made = Team(library, Audit(folder / "library", folder / "anchors"))
        with TestClient(made.app):
            yield made


@pytest.fixture
def served(tmp_path: Path, issuer: str) -> Iterator[Team]:
    with team(tmp_path, issuer) as made:
        yield made


def paths(client: TestClient) -> list[str]:
    return [row["path"] for row in client.get("/api/documents").json()["documents"]]


def test_who_signs_in_reads_what_rules_open_to_them_and_their_groups(served: Team) -> None:
    ana = served.signed_in("1")
    assert ana.get("/api/me").json()["user"] == "ana@casa.example"
    assert paths(ana) == [], "without a rule nothing: the provider may know strangers"
    served.access.allow("ana@casa.example", "en")
    assert paths(ana) == ["en/lift.md"]
    served.access.allow("@legal", "es/garantia.txt")
    assert paths(ana) == ["en/lift.md", "es/garantia.txt"], "the group is the provider's word"
    asked = ana.post("/api/ask", json={"question": "¿Cuánto dura la garantía?"}).json()
    assert {cited["path"] for cited in asked["citations"]} == {"es/garantia.txt"}
    found = ana.post("/api/search", json={"query": "ascensor", "k": 50}).json()["passages"]
    assert "es/ascensor.md" not in {row["path"] for row in found}
    luis = served.signed_in("2")
    assert paths(luis) == []
    assert luis.post("/api/remove", json={"paths": ["en"]}).status_code == 403


def test_rules_give_who_signs_in_more_than_reading(served: Team) -> None:
    chief = served.signed_in("5")
    assert chief.get("/metrics").status_code == 403
    served.access.grant("@chiefs", Scope.ADMIN)
    assert chief.get("/metrics").status_code == 200
    assert len(paths(chief)) == 3, "who administers reads all"
    served.access.grant("@chiefs", Scope.READ)
    assert paths(chief) == []
    with pytest.raises(UsageError, match="at most"):
        served.access.grant("@everyone", Scope.ADMIN)


def test_a_session_ends_by_itself_and_when_told(tmp_path: Path, issuer: str) -> None:
    with team(tmp_path, issuer, session_hours=1 / 3600) as served:
        answer = served.sign_in("1").json()
        assert answer["expires"] <= time.time() + 1
        for _ in range(600):
            status = served.of(answer["token"]).get("/api/me").status_code
            if status == 401:
                break
            time.sleep(0.05)
        assert status == 401
        kept = served.sign_in("2").json()
        assert [token.user for token in served.tokens.all()] == ["luis@casa.example"]
        assert kept["token"] not in (served.folder / "tokens.json").read_text()
    with team(tmp_path / "b", issuer) as served:
        ana = served.signed_in("1")
        assert ana.post("/auth/logout").json() == {"signed_out": True}
        assert ana.get("/api/me").status_code == 401
        lasting = served.of(served.tokens.create("luis", Scope.READ))
        assert lasting.post("/auth/logout").json() == {"signed_out": False}
        assert lasting.get("/api/me").status_code == 200


def test_who_has_no_verified_name_is_refused(served: Team) -> None:
    for person, cause in (("3", "not verified"), ("4", "gives no «email»")):
        answer = served.sign_in(person)
        assert (answer.status_code, cause in answer.text) == (403, True)
    assert served.tokens.all() == []


def test_a_program_exchanges_an_id_token(served: Team, issuer: str) -> None:
    token = id_token(issuer, "fuente")
    answer = served.browser().post("/auth/token", json={"id_token": token})
    assert answer.status_code == 200, answer.text
    assert served.of(answer.json()["token"]).get("/api/me").json()["user"] == "ana@casa.example"
    head, body, seal = token.split(".")
    forged = f"{head}.{body}.{seal[:-6]}AAAAAA"
    for wrong in (forged, "x", id_token(issuer, "another-program"), f"{head}.{body}."):
        refused = served.browser().post("/auth/token", json={"id_token": wrong})
        assert refused.status_code == 401, wrong


def id_token(issuer: str, client: str) -> str:
    """The token that another program gets for ana."""
    back = "http://localhost:1/back"
    query = f"response_type=code&client_id={client}&redirect_uri={back}&scope=openid email&nonce=n"
    location = at_provider(f"{issuer}/oauth2/authorize?{query}", "1")
    found = re.search(r"code=([^&]+)", location)
    assert found, location
    form = {"grant_type": "authorization_code", "code": found[1], "redirect_uri": back}
    answer = httpx.post(f"{issuer}/oauth2/token", data=form, auth=(client, "s"))
    return str(answer.json()["id_token"])


def test_a_callback_that_nobody_began_is_refused(served: Team) -> None:
    answer = served.browser().get("/auth/callback?code=x&state=y")
    assert answer.status_code == 401
    sent = served.browser().get("/auth/login").headers["location"]
    back = at_provider(sent, "1").removeprefix("http://localhost")
    assert served.browser().get(back).status_code == 401, "another browser's sign-in"


def test_a_provider_that_is_away_is_named(tmp_path: Path) -> None:
    with team(tmp_path, "http://127.0.0.1:9") as served:
        assert served.browser().get("/auth/login").status_code == 502
        assert served.browser().post("/auth/token", json={"id_token": "a.b.c"}).status_code == 502


def test_signing_in_is_noted(served: Team) -> None:
    served.audit.start("jefa")
    served.signed_in("1").get("/api/documents")
    said = [(entry.who, entry.what) for entry in served.audit.entries()][1:]
    assert said == [("ana@casa.example", "sign in"), ("ana@casa.example", "GET /api/documents")]


def test_a_session_is_no_reason_to_listen_elsewhere(tmp_path: Path) -> None:
    tokens, everywhere = Tokens(tmp_path), Listening("0.0.0.0", behind_proxy=True)
    tokens.begin_session("ana", (), 60.0)
    assert access(tokens, Listening()).startswith("fuente-"), "the run has a token of its own"
    with pytest.raises(UsageError, match="no tokens"):
        access(tokens, everywhere)
    assert access(tokens, everywhere, signing_in=True) == ""


def test_a_client_without_name_or_secret_is_stated(
    tmp_path: Path, issuer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="oidc_client"), team(tmp_path, issuer, oidc_client=""):
        pass
    monkeypatch.delenv("RAG_OIDC_SECRET")
    with pytest.raises(UsageError, match="RAG_OIDC_SECRET"), team(tmp_path / "b", issuer):
        pass


def test_damaged_scopes_open_nothing(tmp_path: Path) -> None:
    (tmp_path / "access.json").write_text('{"opened": {}, "groups": {}, "scopes": {"a": "all"}}')
    with pytest.raises(LibraryDamaged):
        Access(tmp_path).rules()
