"""The HTTP API: what it gives, and what it refuses, as problem details."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rag import json_output
from rag.schema import Answer
from rag.server import guard
from rag.server.problems import KIND
from rag.server.tokens import Scope
from tests.server.conftest import Served

LIFT = "¿Cuántas personas admite el ascensor?"


def test_it_answers_as_the_command_line_does(served: Served) -> None:
    answer = served.client().post("/api/ask", json={"question": LIFT}).json()
    alone = json_output.of_answer(served.library.ask(LIFT).answer)
    assert {**answer, "seconds": 0} == {**json.loads(json_output.dump(alone)), "seconds": 0}
    assert answer["citations"][0]["quote"] == "El ascensor admite ocho personas."


def test_an_answer_comes_as_events(served: Served) -> None:
    asked = {"question": LIFT, "stream": True, "history": [{"question": "a", "answer": "b"}]}
    events = _events(served.client().post("/api/ask", json=asked).text)
    names = [name for name, _ in events]
    assert (names[0], names[-1]) == ("passages", "done")
    text = "".join(value["text"] for name, value in events if name == "text")
    assert text == events[-1][1]["answer"] == "El ascensor admite ocho personas. [1]"


def test_how_far_the_library_is_read_comes_as_events(served: Served) -> None:
    asked = {"question": "¿Qué documentos mencionan el ascensor?", "stream": True}
    events = _events(served.client().post("/api/ask", json=asked).text)
    steps = [value for name, value in events if name == "progress"]
    assert steps[0]["read"] == 0
    assert steps[-1]["read"] == steps[-1]["total"] > 0
    assert events[-1][0] == "done"
    assert events[-1][1]["citations"]


def test_a_failure_in_the_middle_of_events_is_an_event(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rag.errors import GeneratorFailed
    from rag.library import AnswerStream

    def fail(_: AnswerStream) -> Answer:
        raise GeneratorFailed("the model has ended", "ask again")

    monkeypatch.setattr(AnswerStream, "answer", property(fail))
    events = _events(served.client().post("/api/ask", json={"question": LIFT, "stream": True}).text)
    assert events[-1][0] == "error"
    assert events[-1][1]["detail"] == "the model has ended"


def test_a_search_can_be_limited(served: Served) -> None:
    client = served.client()
    found = client.post("/api/search", json={"query": "lift ascensor", "k": 5}).json()["passages"]
    assert {passage["path"] for passage in found} >= {"es/ascensor.md", "en/lift.md"}
    asked = {"query": "lift ascensor", "only": ["en"], "languages": ["en"]}
    found = client.post("/api/search", json=asked).json()["passages"]
    assert {passage["path"] for passage in found} == {"en/lift.md"}


def test_documents_are_listed_and_read(served: Served) -> None:
    client = served.client()
    rows = client.get("/api/documents").json()["documents"]
    assert [row["path"] for row in rows] == ["en/lift.md", "es/ascensor.md", "es/garantia.txt"]
    assert "source" not in rows[0], "where files lie on the server is nobody's business"
    one = client.get(f"/api/documents/{rows[2]['id']}?start=3&length=8").json()
    assert one["text"] == "garantía"
    assert client.get("/api/documents/999999").status_code == 404
    assert client.get(f"/api/documents/{2**70}").status_code == 404
    assert client.get("/api/status").json()["documents"] == 3


def test_removing_needs_a_token_that_may_write(served: Served) -> None:
    body = {"paths": ["es/garantia.txt"]}
    refused = served.client().post("/api/remove", json=body)
    assert refused.status_code == 403
    assert "scope write" in refused.json()["detail"]
    done = served.client(Scope.ADMIN).post("/api/remove", json=body).json()
    assert done["removed"] == ["es/garantia.txt"]
    assert served.client().get("/api/status").json()["documents"] == 2
    unknown = served.client(Scope.WRITE).post("/api/remove", json={"paths": ["nada.txt"]})
    assert (unknown.status_code, unknown.json()["type"]) == (422, "urn:fuente:UsageError")


def test_without_a_token_nothing_is_told(served: Served) -> None:
    stranger = served.stranger()
    for path in ("/api/status", "/api/documents", "/openapi.json", "/v1/models", "/nothing"):
        answer = stranger.get(path)
        assert answer.status_code == 401, path
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["content-type"] == KIND
    assert stranger.get("/healthz").json() == {"status": "ok"}
    assert stranger.get("/readyz").json() == {"status": "ready"}
    for wrong in ("Bearer x", "Basic x", "Bearer", f"Basic {served.values[Scope.ADMIN]}"):
        answer = stranger.get("/api/status", headers={"authorization": wrong})
        assert answer.status_code == 401, wrong


def test_who_guesses_tokens_has_to_wait(served: Served) -> None:
    stranger = served.stranger()
    codes = [stranger.get("/api/status").status_code for _ in range(25)]
    assert codes == [401] * 20 + [429] * 5
    assert served.client().get("/api/status").status_code == 200, "a right one is never locked out"


def test_a_revoked_token_ends_at_once(served: Served) -> None:
    client = served.client()
    assert client.get("/api/status").status_code == 200
    served.tokens.revoke("test-read")
    assert client.get("/api/status").status_code == 401


def test_another_host_is_not_served(served: Served) -> None:
    assert served.stranger("evil.example").get("/healthz").status_code == 421


def test_too_large_a_request_is_refused(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MOST_BODY", 2000)
    client = served.client()
    large = {"question": "a" * 3000}
    assert client.post("/api/ask", json=large).status_code == 413
    headers = {"content-length": "no", "content-type": "application/json"}
    assert client.post("/api/ask", content=b"{}", headers=headers).status_code == 400


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, "body.question"),
        ({"question": ""}, "body.question"),
        ({"question": "a", "unknown": 1}, "body.unknown"),
        ({"question": "a", "languages": ["fr"]}, "body.languages.0"),
        ({"question": "a", "history": [{"question": "a"}]}, "body.history.0.answer"),
    ],
)
def test_a_body_of_another_form_is_a_stated_problem(
    served: Served, body: dict[str, Any], where: str
) -> None:
    answer = served.client().post("/api/ask", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, KIND)
    assert [error["where"] for error in answer.json()["errors"]] == [where]


def test_what_nobody_foresaw_tells_no_more_than_that(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret /home/ana/documents")

    monkeypatch.setattr(served.library, "search", fail)
    client = served.stranger()
    client.headers["authorization"] = f"Bearer {served.values[Scope.READ]}"
    answer = client.post("/api/search", json={"query": "a"})
    assert (answer.status_code, answer.headers["content-type"]) == (500, KIND)
    assert "secret" not in answer.text


def _events(text: str) -> list[tuple[str, Any]]:
    blocks = [block.split("\n") for block in text.strip().split("\n\n")]
    return [
        (name.removeprefix("event: "), json.loads(data.removeprefix("data: ")))
        for name, data in blocks
    ]
