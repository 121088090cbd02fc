"""How far a long file is while it is embedded."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import Any, cast

from rag.indexing.batch_writer import InFlightBatch, PendingDocument
from rag.schema import Chunk


def pending(count: int) -> PendingDocument:
    chunks = [Chunk(1, 0, 1, "x")] * count
    return PendingDocument(cast(Any, None), cast(Any, None), cast(Any, None), chunks, b"")


def test_a_batch_knows_which_document_is_in_the_model() -> None:
    documents = [pending(2), pending(1), pending(4)]
    batch = InFlightBatch(documents, Future(), threading.Event())
    at = [(documents.index(item), done) for item, done in map(batch.at, range(8))]
    assert at == [(0, 0), (0, 1), (1, 0), (2, 0), (2, 1), (2, 2), (2, 3), (2, 4)]
