"""Requests to the server whose library is used, and its failures as they were stated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx

from rag import errors, json_output
from rag.config import TOKEN_VARIABLE
from rag.errors import FileProblem, RagError, ServerRefused, SignedOut, UsageError
from rag.schema import Outcome
from rag.system import addresses

_SECONDS = httpx.Timeout(30.0, read=600.0)  # a language model may write for minutes
_SIGN_IN = f"export {TOKEN_VARIABLE}=TOKEN, or sign in again"
_UNAUTHORIZED = 401
_JSON = {"content-type": "application/json"}


class Connection:
    """Sends requests with one token. May be used from several threads."""

    def __init__(self, address: str, token: str) -> None:
        """Raises UsageError for an address that is none, or would get the token unencrypted."""
        parts = urlsplit(address)
        self.address = addresses.shown(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(f"«{self.address}» is no address", "RAG_SERVER=http://127.0.0.1:8502")
        if parts.scheme == "http" and parts.hostname not in addresses.LOCAL:
            raise UsageError(f"the token would go to {self.address} unencrypted", "take https://…")
        headers = {"authorization": f"Bearer {token}"} if token else {}
        # the environment may name a proxy, which the token is not for
        self._client = httpx.Client(
            base_url=address, headers=headers, timeout=_SECONDS, trust_env=False
        )

    def get(self, path: str) -> Any:
        """Returns the JSON at a path. Raises RagError as the server states it."""
        return self._sent("GET", path)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Returns the JSON of the answer to a JSON body. Raises RagError."""
        return self._sent("POST", path, content=_dumped(body), headers=_JSON)

    def upload(self, path: str, files: list[tuple[str, bytes]]) -> Any:
        """Sends files by name and content. Raises RagError."""
        return self._sent("POST", path, files=[("files", file) for file in files])

    def delete(self, path: str) -> Any:
        """Returns the JSON of what was deleted. Raises RagError."""
        return self._sent("DELETE", path)

    @contextmanager
    def lines(self, path: str, body: Mapping[str, Any]) -> Iterator[Iterator[str]]:
        """Gives the lines of an answer while they come. Raises RagError."""
        with (
            self._reached(),
            self._client.stream("POST", path, content=_dumped(body), headers=_JSON) as answer,
        ):
            if answer.is_error:
                answer.read()
                raise stated(answer.status_code, self._content(answer))
            yield answer.iter_lines()

    def close(self) -> None:
        """Ends the connections."""
        self._client.close()

    def _sent(self, method: str, path: str, **more: Any) -> Any:
        with self._reached():
            answer = self._client.request(method, path, **more)
        content = self._content(answer)
        if answer.is_error:
            raise stated(answer.status_code, content)
        return content

    def _content(self, answer: httpx.Response) -> Any:
        try:
            return answer.json()
        except ValueError as error:
            said = f"{self.address} answered {answer.status_code}, and no JSON"
            raise ServerRefused(said, "is it the address of `rag serve`?") from error

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except httpx.HTTPError as error:
            said = f"the server {self.address} does not answer: {error or type(error).__name__}"
            raise ServerRefused(said, "rag serve, or unset RAG_SERVER") from error


def _dumped(body: Mapping[str, Any]) -> bytes:
    return json_output.dump(dict(body)).encode()  # UTF-8 has no lone surrogates: they are escaped


def stated(status: int, problem: Any) -> RagError:
    """Returns the failure that problem details (RFC 9457) tell, of the class that they name."""
    told = problem if isinstance(problem, dict) else {}
    detail, step = str(told.get("detail", f"status {status}")), str(told.get("next", ""))
    if status == _UNAUTHORIZED:
        return SignedOut(detail, _SIGN_IN)
    name = str(told.get("type", "")).removeprefix("urn:fuente:")
    kind = getattr(errors, name, None)
    if kind is FileProblem:
        return FileProblem(Outcome(told.get("outcome", Outcome.UNREADABLE)), detail, step)
    if isinstance(kind, type) and issubclass(kind, RagError):
        return kind(detail, step)
    return ServerRefused(detail, step)
