"""The library's embedder by the OpenAI protocol, for `rag worker --embed-at` and other clients.

A text that begins with the prefix that the model was taught for questions is embedded as one; any
other is a passage, with or without that prefix.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
from fastapi import FastAPI
from numpy.typing import NDArray
from starlette.responses import Response

from rag.library import Library
from rag.server.forms import EmbeddingRequest, Json


def install(app: FastAPI, library: Library) -> None:
    """Adds the route to `app`."""

    @app.post("/v1/embeddings", tags=["openai"])
    def embeddings(form: EmbeddingRequest) -> Response:
        """Gives the vectors of texts, of unit length, and which model they are of."""
        texts = [form.input] if isinstance(form.input, str) else form.input
        embedder = library.embedder
        rows = embedded(library, texts)
        data = [
            {"object": "embedding", "index": index, "embedding": _written(row, form)}
            for index, row in enumerate(rows)
        ]
        tokens = sum(map(embedder.count_tokens, texts))
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        names = {"model": embedder.fingerprint, "fingerprint": embedder.fingerprint}
        return Json({"object": "list", "data": data, "usage": usage, **names})


def embedded(library: Library, texts: Sequence[str]) -> NDArray[np.float32]:
    """Returns the vectors (texts, dimension) of questions and passages, told by their prefix."""
    embedder = library.embedder
    asked, read = (getattr(embedder, f"{kind}_prefix", "") for kind in ("query", "passage"))
    rows = np.empty((len(texts), embedder.dimension), dtype=np.float32)
    queries = [bool(asked) and text.startswith(asked) for text in texts]
    for kind, prefix, encode in (
        (True, asked, embedder.encode_queries),
        (False, read, embedder.encode_documents),
    ):
        chosen = [index for index, query in enumerate(queries) if query is kind]
        if chosen:
            rows[chosen] = encode([texts[index].removeprefix(prefix) for index in chosen])
    return rows


def _written(row: NDArray[np.float32], form: EmbeddingRequest) -> Any:
    if form.encoding_format == "base64":
        return base64.b64encode(row.astype("<f4").tobytes()).decode()
    return [float(value) for value in row]
