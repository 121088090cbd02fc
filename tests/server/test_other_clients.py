"""The OpenAI package, agents of the Model Context Protocol, and ten thousand odd requests."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
import schemathesis
from hypothesis import given, settings
from mcp import Client
from openai import OpenAI
from starlette.testclient import TestClient

from rag.errors import UsageError
from rag.schema import Turn
from rag.server.agents import create_agents_server
from rag.server.forms import ChatMessage
from rag.server.openai_chat import conversation
from rag.server.problems import KIND
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


def test_odd_requests_are_no_errors_of_the_server(served: Served) -> None:
    """Every route with what its schema allows: whatever is answered is stated."""
    client = served.client(Scope.ADMIN)
    schema = schemathesis.openapi.from_dict(client.get("/openapi.json").json())
    found: Any = schema.get_all_operations()
    operations = [operation.ok() for operation in found]
    assert len(operations) >= 9
    for operation in operations:
        _try(operation, client)


def _try(operation: Any, client: TestClient) -> None:
    @settings(max_examples=60)
    @given(case=operation.as_strategy())
    def run(case: Any) -> None:
        sent = case.as_transport_kwargs(base_url="http://localhost")
        names = ("method", "url", "params", "json", "data")
        answer = client.request(**{name: sent[name] for name in names if name in sent})
        assert answer.status_code not in (401, 421, 500), answer.text
        assert answer.status_code < 400 or answer.headers["content-type"] == KIND

    run()
