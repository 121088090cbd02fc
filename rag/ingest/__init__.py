"""Paths -> readers -> chunks -> vectors -> store: what `rag ingest` and `rag reindex` do.

`decisions` compares a file with what is known of it, `window` reads ahead in several processes,
`batches` embeds and stores, `run` joins them, `similarity` tells near-duplicates, `watch` waits for
changes. Knows nothing about search.
"""

from rag.ingest.decisions import ATTEMPTS
from rag.ingest.reindex import reindex, require_same_model
from rag.ingest.run import Ingest
from rag.ingest.telling import OnProgress
from rag.ingest.watch import watch

__all__ = ["ATTEMPTS", "Ingest", "OnProgress", "reindex", "require_same_model", "watch"]
