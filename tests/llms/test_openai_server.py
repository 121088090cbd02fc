"""A server that speaks the OpenAI protocol: well, badly, slowly, and not at all."""

from __future__ import annotations

import base64
import logging
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from rag.errors import GeneratorFailed, UsageError
from rag.llms import openai_server
from rag.llms.openai_server import OpenAIWriter
from rag.llms.sampling import Sampling
from rag.llms.serving import Served
from tests.helpers.chat_server import ANSWER, ChatServer, serving
from tests.helpers.contracts import LanguageModelContract
from tests.helpers.fakes import make_prompt

PROMPT = make_prompt("¿Cuánto dura la garantía?", "La garantía cubre dos años.")


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with serving() as running:
        yield running


def writer(server: ChatServer, model: str = "plain", **options: Any) -> OpenAIWriter:
    return OpenAIWriter(server.url, Sampling(24), model=model, **options)


def answer(server: ChatServer, model: str = "plain", **options: Any) -> str:
    return "".join(Served(writer(server, model, **options)).stream(PROMPT, lambda: False))


class TestContract(LanguageModelContract):
    @pytest.fixture
    def generator(self, server: ChatServer) -> Served:
        return Served(writer(server), waiting=8)


def test_the_messages_and_the_sampling_are_sent(server: ChatServer) -> None:
    chosen = Sampling(24, temperature=0.7, top_p=0.9, top_k=40, seed=3)
    made = OpenAIWriter(server.url + "/", chosen, key="secreta")
    assert "".join(Served(made).stream(PROMPT, lambda: False)).strip() == ANSWER
    (body,) = server.bodies
    assert body["messages"] == [{"role": "user", "content": PROMPT.messages[0].content}]
    assert (body["model"], body["stream"], body["max_tokens"]) == ("plain", True, 24)
    assert (body["temperature"], body["top_p"], body["top_k"], body["seed"]) == (0.7, 0.9, 40, 3)
    assert {headers["Authorization"] for headers in server.headers} == {"Bearer secreta"}


def test_characters_that_arrive_in_pieces_are_whole(server: ChatServer) -> None:
    assert answer(server, "split") == ANSWER + "\u2028."


def test_the_only_model_of_a_server_needs_no_name(server: ChatServer) -> None:
    made = writer(server, "")
    assert (made.name, made.context_window) == ("plain", 400)
    server.models = [{"id": "uno"}, {"id": "dos", "meta": {"n_ctx": 77}}, "broken"]
    assert [model.window for model in made.models()] == [0, 77]
    with pytest.raises(GeneratorFailed, match="2 models: uno, dos"):
        _ = writer(server, "").name
    assert writer(server, "dos").context_window == 77
    assert writer(server, "dos", context_tokens=9).context_window == 9
    assert writer(server, "otro").context_window == 4096


@pytest.mark.parametrize(
    ("model", "expected", "advice"),
    [
        ("locked", r"refused \(401\): no key", "RAG_API_KEY"),
        ("unknown", r"refused \(404\): model not found", "/models"),
        ("short", r"refused \(400\): context length exceeded", "context_tokens"),
        ("broken", "broke off in the middle", "again"),
        ("failing", r"gave up: out of \[31m memory", "again"),
        ("foreign", "does not speak the OpenAI protocol", "/v1"),
        ("page", "does not speak the OpenAI protocol: it sends no events", "/v1"),
    ],
)
def test_what_goes_wrong_is_named(
    server: ChatServer, model: str, expected: str, advice: str
) -> None:
    with pytest.raises(GeneratorFailed, match=expected) as caught:
        answer(server, model, key="secreta")
    assert advice in caught.value.next_command
    assert "secreta" not in str(caught.value)


def test_a_server_that_is_busy_is_asked_again(server: ChatServer) -> None:
    server.refusals = 2
    assert answer(server, "busy").strip() == ANSWER
    assert len(server.bodies) == 3
    server.refusals = 99
    with pytest.raises(GeneratorFailed, match=r"503\): full"):
        answer(server, "busy")
    assert len(server.bodies) == 6


def test_a_server_that_is_silent_is_given_up(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openai_server, "_SILENCE", 0.2)
    with pytest.raises(GeneratorFailed, match=r"silent for 0\.2 s"):
        answer(server, "silent")


def test_no_server_is_said_at_once() -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        made = OpenAIWriter(url, Sampling(), model="plain", context_tokens=99)
        with pytest.raises(GeneratorFailed, match="no server answers") as caught:
            list(Served(made).stream(PROMPT, lambda: False))
    assert "base_url" in caught.value.next_command


@pytest.mark.parametrize("model", ["slow", "silent"])
def test_who_stops_disconnects(server: ChatServer, model: str) -> None:
    list(Served(writer(server, model)).stream(PROMPT, lambda: bool(server.bodies)))
    assert server.left.wait(20)


def test_who_goes_away_disconnects(server: ChatServer) -> None:
    stream = iter(Served(writer(server, "slow")).stream(PROMPT, lambda: False))
    assert next(stream) == "palabra "
    del stream
    assert server.left.wait(20)


def test_a_redirect_is_not_followed(server: ChatServer) -> None:
    with serving() as other:
        server.redirect = other.url
        for model in ("moved", ""):  # the answer, and the list of models
            with pytest.raises(GeneratorFailed, match=r"refused \(307\)"):
                answer(server, model, key="secreta")
        assert (other.headers, other.bodies) == ([], [])


def test_a_login_in_the_address_goes_to_the_server_and_into_no_message(
    server: ChatServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url = server.url.replace("//", "//me%40x:secreta%2F@")
    for model in ("locked", "failing", "foreign"):
        made = OpenAIWriter(url, Sampling(), model=model, context_tokens=400)
        with pytest.raises(GeneratorFailed) as caught:
            list(Served(made).stream(PROMPT, lambda: False))
        assert "secreta" not in f"{caught.value} {caught.value.next_command}"
    expected = base64.b64encode(b"me@x:secreta/").decode()
    assert server.headers[-1]["Authorization"] == f"Basic {expected}"
    assert "secreta" not in caplog.text
    with pytest.raises(UsageError) as refused:
        OpenAIWriter("ftp://me:secreta@host/v1", Sampling())
    assert "secreta" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:11434", "ftp://host/v1", "http://", "http://host:x/v1", "http://[/v1", "a\0b"],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="base_url"):
        OpenAIWriter(url, Sampling())


def test_it_knows_whether_passages_leave_the_machine() -> None:
    assert OpenAIWriter("http://localhost:1/v1", Sampling()).local
    assert not OpenAIWriter("https://llm.example.org/v1", Sampling()).local
    assert not OpenAIWriter("http://localhost:1@llm.example.org/v1", Sampling()).local
