"""Paths -> parsers -> chunks -> vectors -> store: what `rag ingest` and `rag reindex` do.

`decisions` compares a file with what is known of it, `window` reads ahead in several processes,
`batches` embeds and stores, `run` joins them, `similarity` tells near-duplicates, `watch` waits for
changes. Knows nothing about search.
"""

from rag.indexing.decisions import ATTEMPTS
from rag.indexing.ingest import Ingest
from rag.indexing.progress import OnProgress
from rag.indexing.reindex import reindex, require_same_model
from rag.indexing.watch import watch

__all__ = ["ATTEMPTS", "Ingest", "OnProgress", "reindex", "require_same_model", "watch"]
