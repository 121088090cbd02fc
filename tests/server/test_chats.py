"""Conversations and feedback through the API: each user's own."""

from __future__ import annotations

import json
from typing import Any

from starlette.testclient import TestClient

from rag.server.tokens import Scope
from tests.server.conftest import Served

LIFT = "¿Cuántas personas admite el ascensor?"


def ask(client: TestClient, conversation: str = "new", **more: Any) -> Any:
    asked = {"question": LIFT, "conversation": conversation, **more}
    return client.post("/api/ask", json=asked)


def test_a_conversation_is_kept_found_renamed_and_deleted(served: Served) -> None:
    client = served.client()
    kept = ask(client).json()
    ask(client, kept["conversation"])
    (row,) = client.get("/api/conversations", params={"words": "ASCENSOR"}).json()["conversations"]
    assert (row["id"], row["title"], row["count"]) == (kept["conversation"], LIFT, 2)
    assert client.get("/api/conversations?words=granero").json()["conversations"] == []
    address = f"/api/conversations/{row['id']}"
    turns = client.get(address).json()["turns"]
    assert [turn["state"] for turn in turns] == ["answered", "answered"]
    assert turns[0]["answer"]["citations"] == kept["citations"]
    assert client.patch(address, json={"title": "El ascensor"}).json()["title"] == "El ascensor"
    assert client.delete(address).status_code == 200
    assert client.get(address).status_code == 404


def test_what_was_said_in_it_is_the_history(served: Served) -> None:
    client = served.client()
    kept = ask(client).json()["conversation"]
    leaning = {"question": "¿Y cada cuánto se revisa?", "conversation": kept}
    answer = client.post("/api/ask", json=leaning).json()
    alone = client.post("/api/ask", json={"question": leaning["question"]}).json()
    assert answer["standalone"] != alone["standalone"]


def test_a_streamed_answer_is_kept_too(served: Served) -> None:
    client = served.client()
    last = ask(client, stream=True).text.strip().rpartition("data: ")[2]
    kept = json.loads(last)
    turns = client.get(f"/api/conversations/{kept['conversation']}").json()["turns"]
    assert turns[0]["id"] == kept["turn"]
    assert turns[0]["answer"]["answer"] == kept["answer"]


def test_answers_are_judged(served: Served) -> None:
    client = served.client()
    kept = ask(client).json()
    address = f"/api/conversations/{kept['conversation']}/turns/{kept['turn']}/feedback"
    judged = {"good": False, "reason": "wrong", "right_answer": "nueve"}
    assert client.put(address, json=judged).status_code == 200
    (turn,) = client.get(f"/api/conversations/{kept['conversation']}").json()["turns"]
    assert {name: turn["feedback"][name] for name in judged} == judged
    assert served.library.conversations.questions()[0]["answers"] == ["nueve"]
    assert client.delete(address).json()["feedback"] is None
    assert client.put(address.replace(str(kept["turn"]), "999"), json=judged).status_code == 404


def test_nobody_sees_anothers(served: Served) -> None:
    kept = ask(served.client()).json()
    other = served.client(Scope.ADMIN)
    address = f"/api/conversations/{kept['conversation']}"
    assert other.get("/api/conversations").json()["conversations"] == []
    assert served.library.conversations.all() == [], "the web app is its owner's"
    for answer in (
        other.get(address),
        other.patch(address, json={"title": "a"}),
        other.delete(address),
        other.put(f"{address}/turns/{kept['turn']}/feedback", json={"good": True}),
        ask(other, kept["conversation"]),
    ):
        assert answer.status_code == 404
    assert served.client().get(address).json()["title"] == LIFT


def test_answers_are_counted_for_monitoring(served: Served) -> None:
    client = served.client()
    messages = [{"role": "user", "content": LIFT}]
    for stream in (False, True):
        client.post("/api/ask", json={"question": LIFT, "stream": stream})
        client.post("/v1/chat/completions", json={"messages": messages, "stream": stream})
    assert [usage.found for usage in served.library.conversations.usage.since(0)] == [True] * 4
