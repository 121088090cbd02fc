"""Paths -> parsers -> chunks -> vectors -> store: what `rag ingest` and `rag reindex` do.

`decisions` compares a file with what is known of it, `read_ahead` reads in several processes,
`batches` cuts and embeds, `batch_writer` stores, `ingest` joins them, `near_duplicates` finds texts
that are nearly the same, `watch` waits for changes.
"""

from rag.indexing.ingest import Ingest
from rag.indexing.progress import OnProgress
from rag.indexing.reindex import reindex, require_same_model
from rag.indexing.watch import watch

__all__ = ["Ingest", "OnProgress", "reindex", "require_same_model", "watch"]
