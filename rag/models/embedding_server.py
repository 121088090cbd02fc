"""Passages are embedded by a server that speaks the OpenAI protocol; questions are not.

The same model is here too: it counts tokens, embeds questions, and says of one passage of each
request whether the server is that model. So no vector of another one is ever stored, also where
the server is started anew with another model in the middle of an ingest.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import httpx
import numpy as np

from rag.config import EMBED_VARIABLE
from rag.errors import EmbedderFailed, ModelMismatch, UsageError
from rag.models.batching import unit, without_surrogates
from rag.models.openai_protocol import BUSY, message_of, parse_address, pause
from rag.protocols import Embedder, Vectors
from rag.system import addresses

MOST_TEXTS, MOST_BYTES = 128, 600_000
"""Of a request; the same server's own limits are above it."""

_MOST_CHARACTERS = 20_000  # of a text: no window of a model reaches so far
_CONNECT, _SILENCE = 5.0, 120.0  # seconds to connect, and without a sign from the server
_TRIES, _PAUSE = 4, 0.5
_NUMBER_BYTES, _HEAD_BYTES = 32, 100_000  # of an answer: a number as JSON, and what is around them
_LEAST_SIMILAR = 0.999  # cosine of one text by one model; .998 with its prefix twice, .993 without
_PROBE = "El almacén 7 abre a las nueve. The lift holds eight persons and is checked every month."
_START = "start the server, or correct embed_at"

_log = logging.getLogger(__name__)


class ServedEmbedder:
    """The vectors of passages by a server. Thread-safe.

    Raises EmbedderFailed where it gives none, and ModelMismatch where it is another model.
    """

    pass_characters = MOST_BYTES
    """Of texts that are to be embedded together: a server may have a larger processor."""

    def __init__(self, here: Embedder, address: str, model: str = "", token: str = "") -> None:
        """`here` is the library's embedder. `address` ends in /v1 as a rule. Connects to nothing.

        Raises UsageError for what is no address, or would get the token unencrypted.
        """
        self._url, login, host = parse_address(address, "embed_at")
        local = host in addresses.LOCAL
        if (token or login) and not local and not self._url.startswith("https://"):
            raise UsageError(f"the token would go to {self._url} unencrypted", "take https://…")
        if not local:
            _log.warning("passages of your documents are sent to %s", host)
        self._here, self._model = here, model
        self.fingerprint, self.dimension = here.fingerprint, here.dimension
        self.count_tokens, self.encode_queries = here.count_tokens, here.encode_queries
        # one that was taught by prefixes wants them; the protocol knows texts alone
        self._prefix: str = getattr(here, "passage_prefix", "")
        self._options: dict[str, Any] = {
            "base_url": self._url,
            "headers": {"authorization": f"Bearer {token}"} if token else {},
            "auth": login,
            "trust_env": not local,  # a proxy of the environment is for what is elsewhere
            "follow_redirects": False,
        }

    def require_same_model(self) -> None:
        """Asks for one vector. Raises ModelMismatch and EmbedderFailed."""
        self._embed([])

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Returns shape (n, dimension), rows of unit length."""
        rows = [self._embed(part) for part in _parts(texts)]
        return np.concatenate(rows) if rows else np.empty((0, self.dimension), np.float32)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        """Returns the vectors of the texts of one request, behind that of the probe."""
        content = [without_surrogates(self._prefix + text) for text in (_PROBE, *texts)]
        body = {"model": self._model or "default", "input": content, "encoding_format": "float"}
        answer = self._asked(body)
        self._require_fingerprint(answer)
        rows = unit(self._rows(answer, len(content)))
        similarity = float(rows[0] @ self._probe)
        if similarity < _LEAST_SIMILAR:
            raise self._mismatch(f"a test passage is {similarity:.3f} like the same one here")
        return rows[1:]

    @cached_property
    def _probe(self) -> Vectors:
        (row,) = self._here.encode_documents([_PROBE])
        return np.asarray(row, dtype=np.float32)

    def _require_fingerprint(self, answer: Mapping[str, Any]) -> None:
        stated = answer.get("fingerprint", self.fingerprint)  # other servers have none
        if stated != self.fingerprint:
            raise self._mismatch(f"it has {addresses.printable(str(stated), 80)}")

    def _rows(self, answer: Mapping[str, Any], number: int) -> Vectors:
        """Returns the vectors of an answer as they stand, (number, dimension)."""
        try:
            found = {int(row["index"]): row["embedding"] for row in answer["data"]}
            rows = np.array([found[index] for index in range(number)], dtype=np.float32)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise self._foreign(f"not one vector a text ({type(error).__name__})") from error
        if rows.ndim != 2 or rows.shape[1] != self.dimension:
            width = rows.shape[1] if rows.ndim == 2 else 0
            raise self._mismatch(f"its vectors have {width} numbers, not {self.dimension}")
        if not np.isfinite(rows).all() or not np.any(rows, axis=1).all():
            raise self._foreign("a vector of it is no direction")
        return rows

    def _asked(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Sends a request until it is answered, or tried often enough."""
        timeout = httpx.Timeout(_SILENCE, connect=_CONNECT)
        with httpx.Client(**self._options, timeout=timeout) as client:
            for attempt in range(1, _TRIES + 1):
                last, seconds = attempt == _TRIES, _PAUSE * 2**attempt
                try:
                    with client.stream("POST", "/embeddings", json=body) as answer:
                        content = self._content(answer, len(body["input"]))
                    if answer.status_code == 200:
                        return self._object(content)
                    if last or answer.status_code not in BUSY:
                        raise self._refusal(answer, content)
                    seconds = pause(answer, attempt)
                except httpx.ReadTimeout as error:  # it may be at work still
                    raise self._unreachable(error) from error
                except httpx.HTTPError as error:  # it may be started anew: nothing is done twice
                    if last:
                        raise self._unreachable(error) from error
                time.sleep(seconds)
        raise AssertionError("the last try returns or raises")

    def _content(self, answer: httpx.Response, texts: int) -> bytes:
        """Reads an answer. Raises EmbedderFailed for one that is longer than vectors are."""
        most, content = texts * self.dimension * _NUMBER_BYTES + _HEAD_BYTES, bytearray()
        for part in answer.iter_bytes():
            content += part
            if len(content) > most:
                raise self._foreign(f"its answer is longer than {most} bytes")
        return bytes(content)

    def _object(self, content: bytes) -> Mapping[str, Any]:
        try:
            found = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise self._foreign("its answer is no JSON") from error
        if not isinstance(found, dict):
            raise self._foreign("its answer is no object")
        return found

    def _refusal(self, answer: httpx.Response, content: bytes) -> EmbedderFailed:
        advice = {
            401: f"export {EMBED_VARIABLE}=TOKEN",
            403: f"export {EMBED_VARIABLE}=TOKEN",
            404: f"set embed_model, or correct embed_at; curl {self._url}/models",
        }
        status, said = answer.status_code, message_of(content.decode("utf-8", "replace"))
        return EmbedderFailed(
            f"the embedding server at {self._url} refused ({status}): {said}",
            advice.get(status, _START),
        )

    def _unreachable(self, error: httpx.HTTPError) -> EmbedderFailed:
        cause = "does not answer" if isinstance(error, httpx.ConnectError) else "broke off"
        if isinstance(error, httpx.TimeoutException):
            cause = f"has been silent for {_SILENCE:g} s"
        return EmbedderFailed(f"the embedding server at {self._url} {cause}", _START)

    def _foreign(self, cause: str) -> EmbedderFailed:
        return EmbedderFailed(
            f"the server at {self._url} gives no embeddings of the OpenAI protocol: {cause}",
            "correct embed_at; it ends in /v1 as a rule",
        )

    def _mismatch(self, cause: str) -> ModelMismatch:
        return ModelMismatch(
            f"the server at {self._url} has another model than {self.fingerprint}: {cause}",
            "serve that model there (rag serve has it), or unset embed_at",
        )


def _parts(texts: Sequence[str]) -> Iterator[list[str]]:
    """Gives the texts in their order, as many at a time as one request takes."""
    part: list[str] = []
    size = 0
    for text in texts:
        text = text[:_MOST_CHARACTERS]
        length = len(json.dumps(text))
        if part and (len(part) == MOST_TEXTS or size + length > MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(text)
        size += length
    if part:
        yield part
