"""What `test_crash` kills: one ingest with a fake model, telling each file once it is stored.

python -m tests.helpers.crash_child LIBRARY FOLDER
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rag.config import Settings
from rag.indexing import Ingest
from rag.indexing.index_sync import publish
from rag.protocols import Vectors
from rag.schema import Progress
from rag.storage import Store
from tests.helpers.fakes import FakeEmbedder


class SlowEmbedder(FakeEmbedder):
    """Leaves time to be killed in the middle."""

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        time.sleep(0.01)
        return super().encode_documents(texts)


def tell(beat: Progress) -> None:
    if beat.report is not None:
        print(json.dumps([beat.report.path, beat.report.outcome]), flush=True)


def main() -> None:
    """One run to its end, with `begin` before and `done` after it."""
    library, folder = map(Path, sys.argv[1:])
    store = Store(library)
    settings = Settings(chunk_tokens=30, chunk_overlap=5, batch_chunks=6)
    with store.writing():
        print('"begin"', flush=True)
        Ingest(store, SlowEmbedder, settings, tell).run([folder], prune=True)
        publish(store)
    print('"done"', flush=True)


if __name__ == "__main__":
    main()
