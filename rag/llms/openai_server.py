"""A server that speaks the OpenAI chat protocol: Ollama, llama-server, vLLM and others.

Streams server-sent events; a reader who stops disconnects, which frees the server too. The key
comes from the caller and stands in no message.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import httpx
from httpx_sse import EventSource, SSEError

from rag.errors import GeneratorFailed
from rag.llms.cancelling import run_unless
from rag.llms.sampling import Sampling, room_for_answer
from rag.llms.serving import Emit
from rag.models.batching import without_surrogates
from rag.models.openai_protocol import (
    BUSY,
    ServedModel,
    message_of,
    offered,
    parse_address,
    pause,
    plain,
)
from rag.protocols import Stop
from rag.schema import Prompt
from rag.system import addresses

SLOTS = 4  # servers work on several answers together: as many at least
_CONNECT, _SILENCE = 5.0, 120.0  # seconds to connect, and without a sign from the server
_TRIES, _PAUSE = 3, 0.5
_WINDOW = 4096  # of servers that do not say
_LETTERS = 3  # to a token, or fewer: an estimate that is rather too high
_START = "start the server, or correct base_url"


class OpenAIWriter:
    """Answers from a server. Raises GeneratorFailed for whatever goes wrong with it."""

    def __init__(
        self,
        base_url: str,
        sampling: Sampling,
        *,
        model: str = "",
        key: str = "",
        context_tokens: int = 0,
        at_once: int = SLOTS,
    ) -> None:
        """`base_url` ends in /v1 as a rule. `model` "" stands for the only one of the server.

        Connects to nothing yet. Raises UsageError for what is no address.
        """
        self._url, self._login, self.host = parse_address(base_url, "base_url")
        self.slots = max(SLOTS, at_once)
        self._model = model
        self._key = key
        self._sampling = sampling
        self._context_tokens = context_tokens

    @property
    def local(self) -> bool:
        """Tells whether the passages stay on this machine."""
        return self.host in addresses.LOCAL

    @property
    def name(self) -> str:
        """Returns the model's name; asks the server where it was not configured."""
        return self._model or self._chosen.name

    @property
    def context_window(self) -> int:
        """Returns the tokens configured, else what the server says, else 4096."""
        return self._context_tokens or self._chosen.window or _WINDOW

    def count_tokens(self, text: str) -> int:
        """Estimates the length, rather too high: the server's tokenizer is not here."""
        return max(math.ceil(len(text) / _LETTERS), len(text.split()))

    def models(self) -> list[ServedModel]:
        """Asks which models the server offers."""
        try:
            with httpx.Client(**self._options()) as client:
                answer = client.get("/models")
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        if answer.status_code != 200:
            raise self._refusal(answer)
        try:
            return offered(answer.json()["data"])
        except (ValueError, KeyError, TypeError) as error:
            raise self._not_openai("its list of models is none") from error

    def write(self, prompt: Prompt, emit: Emit, stop: Stop) -> None:
        """Disconnects as soon as `stop()` is True, whatever the server is at."""
        body = self._body(prompt)
        run_unless(stop, self._converse(body, emit))

    def _body(self, prompt: Prompt) -> dict[str, Any]:
        sampling = self._sampling
        tokens = sum(self.count_tokens(message.content) for message in prompt.messages)
        most = room_for_answer(tokens, self.context_window, sampling.max_tokens, self.name)
        body: dict[str, Any] = {
            "model": self.name,
            "messages": [
                {"role": message.role, "content": without_surrogates(message.content)}
                for message in prompt.messages
            ],
            "stream": True,
            "max_tokens": most,
            "temperature": max(sampling.temperature, 0.0),
            "top_p": sampling.top_p,
            "seed": sampling.seed,
        }
        if sampling.top_k:
            body["top_k"] = sampling.top_k  # not of the protocol: only where it is asked for
        return body

    @cached_property
    def _chosen(self) -> ServedModel:
        """Returns the configured model, or the server's only one."""
        choice = self.models()
        if self._model:
            same = (model for model in choice if model.name == self._model)
            return next(same, ServedModel(self._model))
        if len(choice) != 1:
            names = ", ".join(model.name for model in choice[:8]) or "none"
            raise GeneratorFailed(
                f"the server at {self._url} offers {len(choice)} models: {names}",
                "set generator_model to one of them",
            )
        return choice[0]

    async def _converse(self, body: Mapping[str, Any], emit: Emit) -> None:
        async with httpx.AsyncClient(**self._options()) as client:
            for attempt in range(1, _TRIES + 1):
                try:
                    async with client.stream("POST", "/chat/completions", json=body) as answer:
                        if answer.status_code == 200:
                            await self._relay(answer, emit)
                            return
                        await answer.aread()
                        if answer.status_code not in BUSY or attempt == _TRIES:
                            raise self._refusal(answer)
                        seconds = pause(answer, attempt)
                except httpx.ConnectError as error:
                    if attempt == _TRIES:
                        raise self._unreachable(error) from error
                    seconds = _PAUSE * attempt
                except httpx.HTTPError as error:  # it was at work: asking again could go on forever
                    raise self._unreachable(error) from error
                await asyncio.sleep(seconds)

    async def _relay(self, answer: httpx.Response, emit: Emit) -> None:
        """Hands on the text of an event stream. Raises GeneratorFailed where it does not end."""
        ended = False
        try:
            async for event in EventSource(answer).aiter_sse():
                if event.data == "[DONE]":
                    return
                choice = self._choice(event.data)
                emit(without_surrogates(str((choice.get("delta") or {}).get("content") or "")))
                ended = ended or bool(choice.get("finish_reason"))
        except SSEError as error:
            raise self._not_openai("it sends no events") from error
        if not ended:
            raise GeneratorFailed(
                f"the server at {self._url} broke off in the middle of the answer", "ask again"
            )

    def _choice(self, event: str) -> Mapping[str, Any]:
        try:
            row = json.loads(event)
        except ValueError as error:
            raise self._not_openai("an event of it is no JSON") from error
        if not isinstance(row, dict):
            raise self._not_openai("an event of it is no object")
        if row.get("error"):
            raise GeneratorFailed(
                f"the server at {self._url} gave up: {plain(row['error'])}", "ask again"
            )
        choices = row.get("choices") or [{}]
        return choices[0] if isinstance(choices[0], dict) else {}

    def _options(self) -> dict[str, Any]:
        """Returns how to connect: with key or login, and never to where the server redirects."""
        return {
            "base_url": self._url,
            "headers": {"Authorization": f"Bearer {self._key}"} if self._key else {},
            "auth": self._login,
            "timeout": httpx.Timeout(_SILENCE, connect=_CONNECT),
            "trust_env": not self.local,  # a proxy of the environment is for what is elsewhere
            "follow_redirects": False,
        }

    def _unreachable(self, error: httpx.HTTPError) -> GeneratorFailed:
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            return GeneratorFailed(f"no server answers at {self._url}", _START)
        if isinstance(error, httpx.TimeoutException):
            return GeneratorFailed(
                f"the server at {self._url} has been silent for {_SILENCE:g} s", "ask again"
            )
        cause = type(error).__name__
        return GeneratorFailed(f"the server at {self._url} broke off ({cause})", "ask again")

    def _refusal(self, answer: httpx.Response) -> GeneratorFailed:
        advice = {
            400: "lower passages or context_tokens",
            401: "set its key: export RAG_API_KEY=…",
            403: "set its key: export RAG_API_KEY=…",
            404: f"see which models it has: curl {self._url}/models",
            **dict.fromkeys(BUSY, "ask again in a moment"),
        }
        status, message = answer.status_code, message_of(answer.text)
        return GeneratorFailed(
            f"the server at {self._url} refused ({status}): {message}", advice.get(status, _START)
        )

    def _not_openai(self, cause: str) -> GeneratorFailed:
        return GeneratorFailed(
            f"the server at {self._url} does not speak the OpenAI protocol: {cause}",
            "correct base_url; it ends in /v1 as a rule",
        )
