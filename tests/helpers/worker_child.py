"""What `test_workers` kills: one worker with a fake model, which leaves time to be killed.

python -m tests.helpers.worker_child FOLDER ADDRESS
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from rag.config import Settings
from rag.indexing import Worker
from rag.storage import Store
from rag.storage.postgres import working
from tests.helpers.crash_child import SlowEmbedder

SETTINGS = Settings(chunk_tokens=30, chunk_overlap=5, batch_chunks=6, threads=1)


def main() -> None:
    """Works until it is killed; a dead one's job is taken over sooner than usual."""
    vars(working).update(HEARTBEAT=0.3, STALLED=3.0)
    store = Store(Path(sys.argv[1]), sys.argv[2])
    never = threading.Event()
    Worker(store, SlowEmbedder, SETTINGS, lambda beat: None, never.is_set).run(once=False)


if __name__ == "__main__":
    main()
