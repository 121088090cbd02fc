"""The process that runs a GGUF model, and the connection to it.

The child (`llama_child`) listens on a socket in a private folder and asks for a key, so nobody else
of this machine can use it. Where it has died it is started again for the next question.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import tempfile
import threading
import weakref
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
from httpx_sse import EventSource

from rag.errors import GeneratorFailed, ModelMissing, needing
from rag.llms.serving import Emit
from rag.models.batching import without_surrogates
from rag.models.openai_protocol import message_of, plain
from rag.system.processes import environment, python

_WORKER = ("-m", "rag.llms.llama_child")
_SLEEPING = {"OMP_WAIT_POLICY": "PASSIVE"}
"""Threads that wait for others sleep: those that spin take fifteen times as long on busy cores."""

_SILENCE = 600.0  # seconds in which a slow processor reads a long prompt


class LlamaServer:
    """The child process and the connection to it. It is started again where it has ended."""

    def __init__(self, path: Path, **settings: int | str) -> None:
        """Loads the model; `settings` are those of `llama_child`.

        Raises ModelMissing where it does not load.
        """
        self._path = path
        self._settings = settings
        self._starting = threading.Lock()
        self._running: _Running | None = None
        self._start()

    def tokens_of(self, text: str, *, control: bool, first: bool = False) -> list[int]:
        """Returns the ids of a text; only with `control` are control tokens read as such."""
        body = {"content": text, "parse_special": control, "add_special": first}
        return [int(key) for key in self._asked("/tokenize", body)["tokens"]]

    def text_of(self, ids: Sequence[int]) -> str:
        """Returns how the vocabulary spells some ids, control tokens too."""
        return str(self._asked("/detokenize", {"tokens": list(ids)})["content"])

    async def stream(self, body: Mapping[str, Any], emit: Emit) -> None:
        """Hands on the pieces of an answer; to disconnect ends it."""
        running = self._start()
        ended = False
        try:
            async with (
                httpx.AsyncClient(**running.options(httpx.AsyncHTTPTransport)) as client,
                client.stream("POST", "/completion", json=body) as answer,
            ):
                if answer.status_code != 200:
                    raise self._failure(message_of((await answer.aread()).decode("utf-8")))
                async for event in EventSource(answer).aiter_sse():
                    row = json.loads(event.data)
                    if "error" in row:
                        raise self._failure(plain(row["error"]))
                    emit(without_surrogates(str(row.get("content", ""))))
                    ended = ended or bool(row.get("stop"))
        except (httpx.HTTPError, ValueError) as error:
            raise self._broken(running, error) from error
        if not ended:
            raise self._broken(running, EOFError("it ended in the middle of the answer"))

    def _asked(self, route: str, body: Mapping[str, Any]) -> Any:
        running = self._start()
        try:
            answer = running.client.post(route, json=body)
            answer.raise_for_status()
            return answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise self._broken(running, error) from error

    def _broken(self, running: _Running, error: Exception) -> GeneratorFailed:
        """Lets go of a child that failed: the next question gets another."""
        with self._starting:
            if self._running is running:
                self._running = None
        return self._failure(running.last_words() or str(error) or type(error).__name__)

    def _start(self) -> _Running:
        with self._starting:
            if self._running is None or self._running.child.poll() is not None:
                self._running = _Running(self._path, self._settings)
            return self._running

    def _failure(self, cause: str) -> GeneratorFailed:
        return GeneratorFailed(
            f"«{self._path.stem}» failed: {cause}", "ask again, or take another: rag models list"
        )


class _Running:
    """A child that has loaded its model. It ends when this object does."""

    def __init__(self, path: Path, settings: Mapping[str, int | str]) -> None:
        with needing("llm", f"model «{path.stem}»"):
            if find_spec("xllamacpp") is None:  # the child imports it
                raise ImportError("no xllamacpp")
        folder = tempfile.TemporaryDirectory(prefix="fuente-")
        self._words = Path(folder.name) / "stderr"
        self._key = secrets.token_urlsafe(32)
        with self._words.open("wb") as words:
            self.child = subprocess.Popen(
                python(*_WORKER),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=words,
                text=True,
                env={**_SLEEPING, **environment(os.environ)},
            )
        clients: list[httpx.Client] = []
        self._end = weakref.finalize(self, _end, clients, self.child, folder)
        host = "127.0.0.1" if os.name == "nt" else str(Path(folder.name) / "model.sock")
        wanted = {"path": str(path.absolute()), "host": host, "key": self._key, **settings}
        self._address = self._handshake(wanted)
        if not self._address:
            cause = self.last_words() or f"llama.cpp ended with {self.child.wait()}"
            self._end()
            raise ModelMissing(f"model «{path}» does not load: {cause}", "rag models list")
        self.client = httpx.Client(**self.options(httpx.HTTPTransport))
        clients.append(self.client)

    def options(self, transport: type) -> dict[str, Any]:
        """Returns how to connect: over the socket where there is one, never by a proxy."""
        socket = self._address.removeprefix("unix://")
        local = socket != self._address
        return {
            "base_url": "http://model" if local else self._address,
            "headers": {"Authorization": f"Bearer {self._key}"},
            "timeout": _SILENCE,
            "trust_env": False,
            **({"transport": transport(uds=socket)} if local else {}),
        }

    def last_words(self) -> str:
        """Returns the last line that llama.cpp wrote; "" for none."""
        try:
            lines = self._words.read_text(encoding="utf-8", errors="replace").split("\n")
        except OSError:
            return ""
        written = [line for line in lines if line.strip()]
        return plain(written[-1]) if written else ""

    def _handshake(self, wanted: Mapping[str, Any]) -> str:
        assert self.child.stdin  # noqa: S101 - a pipe, as asked for above
        assert self.child.stdout  # noqa: S101
        try:
            self.child.stdin.write(json.dumps(wanted) + "\n")
            self.child.stdin.flush()
            return self.child.stdout.readline().strip()
        except OSError:  # it has ended already
            return ""


def _end(
    clients: Sequence[httpx.Client],
    child: subprocess.Popen[str],
    folder: tempfile.TemporaryDirectory[str],
) -> None:
    """Closes the connections, then the child, and removes the folder of its socket."""
    for client in clients:
        client.close()
    child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe:
            pipe.close()
    folder.cleanup()
