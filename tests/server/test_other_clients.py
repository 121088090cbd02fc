"""The OpenAI package, agents of the Model Context Protocol, and odd requests."""

from __future__ import annotations

from collections import Counter
from typing import Any

import anyio
import pytest
from mcp import Client
from openai import OpenAI
from starlette.testclient import TestClient

from eval.benchmarks.hostile import api_requests
from rag.errors import UsageError
from rag.schema import Turn
from rag.server.agents import create_agents_server
from rag.server.forms import ChatMessage
from rag.server.openai_chat import conversation
from rag.server.tokens import Scope
from tests.server.conftest import Served

LIFT = "How many persons does the lift hold?"


@pytest.fixture
def openai(served: Served) -> OpenAI:
    return OpenAI(
        base_url="http://localhost/v1",
        api_key=served.values[Scope.READ],
        http_client=served.client(),
    )


def test_the_openai_package_asks_the_library(openai: OpenAI) -> None:
    assert [model.id for model in openai.models.list()] == ["fuente"]
    messages: Any = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": LIFT},
    ]
    answer = openai.chat.completions.create(model="fuente", messages=messages)
    text = answer.choices[0].message.content or ""
    assert text.startswith("The lift holds eight persons. [1]")
    assert "Sources:\n[1] en/lift.md" in text
    (citation,) = answer.choices[0].message.annotations or []
    assert citation.model_dump()["quote"] == "The lift holds eight persons."


def test_it_streams(openai: OpenAI) -> None:
    messages: Any = [{"role": "user", "content": [{"type": "text", "text": LIFT}]}]
    stream: Any = openai.chat.completions.create(model="x", messages=messages, stream=True)
    chunks = list(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text.startswith("The lift holds eight persons. [1]")
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert {chunk.model for chunk in chunks} == {"x"}


def test_messages_are_a_chat_and_a_question() -> None:
    said = [("system", "s"), ("user", "a"), ("assistant", "b"), ("user", "c")]
    messages = [ChatMessage(role=role, content=text) for role, text in said]  # type: ignore[arg-type]
    assert conversation(messages) == ("c", [Turn("a", "b")])
    with pytest.raises(UsageError, match="not the user's"):
        conversation(messages[:3])


def test_agents_search_ask_and_open(served: Served) -> None:
    async def talk() -> None:
        async with Client(create_agents_server(served.library)) as client:
            tools = {tool.name for tool in (await client.list_tools()).tools}
            assert tools == {"ask", "search", "list_documents", "open_document"}
            answer = await client.call_tool("ask", {"question": LIFT})
            content = answer.structured_content or {}
            assert content["citations"][0]["quote"] == "The lift holds eight persons."
            listed = await client.call_tool("list_documents", {})
            rows = (listed.structured_content or {})["documents"]
            opened = await client.call_tool(
                "open_document", {"document_id": rows[0]["id"], "start": 6}
            )
            assert (opened.structured_content or {})["text"].startswith("The lift")
            read = await client.read_resource(f"fuente://documents/{rows[0]['id']}")
            assert "eight persons" in str(read.contents[0])
            missing = await client.call_tool("open_document", {"document_id": 999_999})
            assert missing.is_error
            found = await client.call_tool("search", {"query": "garantía", "only": ["es"]})
            assert (found.structured_content or {})["passages"][0]["path"] == "es/garantia.txt"

    anyio.run(talk)


# schemathesis hands the client raw bytes by a name that the client would rather not hear
_RAW = pytest.mark.filterwarnings("ignore:Use .content:DeprecationWarning")


@_RAW
def test_odd_requests_are_no_errors_of_the_server(served: Served) -> None:
    """Every route with what its schema allows and forbids: whatever is answered is stated."""
    answered, faults = Counter[int](), list[str]()
    api_requests.fuzz(served.client(Scope.ADMIN), 600, 1, answered, faults)
    assert faults == []
    assert answered.total() >= 600
    assert {200, 404, 422} <= answered.keys()
    assert served.library.status().consistent


@_RAW
def test_what_states_nothing_is_seen_by_the_fuzzer(served: Served) -> None:
    @served.app.get("/api/broken")
    def broken(number: int = 0) -> None:
        raise ZeroDivisionError

    answered, faults = Counter[int](), list[str]()
    headers = {"authorization": f"Bearer {served.values[Scope.ADMIN]}"}
    client = TestClient(served.app, "http://localhost", False, headers=headers)
    served.app.openapi_schema = None
    api_requests.fuzz(client, 200, 1, answered, faults)
    assert answered[500]
    assert "/api/broken" in faults[0]
