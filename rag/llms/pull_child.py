"""The process that brings a model in: `python -m rag.llms.pull_child`, started by `pull_apart`.

It may use the network, which the process that started it may not, and ends when its stdin does:
with that process.
"""

from __future__ import annotations

import json
import os
import queue
import threading
from pathlib import Path
from typing import Any

from rag.config import Settings
from rag.errors import ModelMissing, RagError, UsageError
from rag.llms import shop


def main() -> None:
    """Brings in what the first line of stdin names; says on stdout how that ended."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the libraries print goes to stderr
    lines: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(lines,), daemon=True).start()

    def say(**what: str) -> None:
        answers.write(f"{json.dumps(what)}\n")
        answers.flush()

    def accept(licence: str) -> bool:
        say(licence=licence)
        return bool(lines.get())

    wanted = lines.get()
    try:
        settings = Settings(models=Path(wanted["models"]))
        came = shop.pull(settings, wanted["name"], accept, sha256=wanted["sha256"])
        say(name=came.name)
    except RagError as problem:
        kinds = (kind for kind in (UsageError, ModelMissing) if isinstance(problem, kind))
        kind = next(kinds, RagError).__name__
        say(kind=kind, message=problem.message, next_command=problem.next_command)


def _listen(lines: queue.SimpleQueue[Any]) -> None:
    """Takes what is said to this process, until nobody is there to say it."""
    with os.fdopen(os.dup(0), "rb", 0) as said:  # unbuffered: a buffer's lock holds up the end
        for line in said:
            lines.put(json.loads(line))
    os._exit(1)  # who asked is gone: what is there is kept, and another pull goes on with it


if __name__ == "__main__":
    main()
