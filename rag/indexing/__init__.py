"""Paths -> parsers -> chunks -> vectors -> store: what `rag ingest` and `rag reindex` do.

`decisions` compares a file with what is known of it, `read_ahead` reads in several processes,
`batch_writer` cuts, embeds and stores, `ingest` joins them, `near_duplicates` finds texts that are
nearly the same, `index_sync` publishes the FAISS file, `watch` waits for changes. `queued` leaves
an ingest to other processes, `working` is one of them.
"""

from rag.indexing.ingest import Ingest as Ingest
from rag.indexing.ledger_updater import remove as remove
from rag.indexing.progress import OnProgress as OnProgress, Pace as Pace
from rag.indexing.queued import Queued as Queued
from rag.indexing.reindex import reindex as reindex
from rag.indexing.watch import watch as watch
from rag.indexing.working import Worker as Worker
