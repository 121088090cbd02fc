"""A model brought in by a process of its own, which may use the network.

The process of the web app must not, whatever a library in it would like to look up, and the hub's
client reads whether it may only once.
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import IO, Any, cast

from rag.config import Settings
from rag.errors import ModelMissing, RagError, UsageError
from rag.llms.hub import Accept
from rag.system.processes import environment, python
from rag.system.telemetry import online

_WORKER = ("-m", "rag.llms.pull_child")
_KINDS = {kind.__name__: kind for kind in (UsageError, ModelMissing)}


def pull_apart(settings: Settings, name: str, accept: Accept, sha256: str = "") -> None:
    """Downloads a model as `shop.pull` does, from a process that must not use the network itself.

    Raises UsageError and ModelMissing as that does, and ModelMissing where the process dies.
    """
    wanted = {"models": str(settings.models.expanduser().absolute()), "name": name}
    with subprocess.Popen(
        python(*_WORKER),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=environment(online(os.environ)),
    ) as child:
        said = cast(IO[str], child.stdin)
        _say(said, {**wanted, "sha256": sha256})
        for line in cast(IO[str], child.stdout):
            answer: dict[str, str] = json.loads(line)
            if "licence" in answer:
                _say(said, accept(answer["licence"]))
            elif "name" in answer:
                return
            else:
                kind = _KINDS.get(answer["kind"], RagError)
                raise kind(answer["message"], answer["next_command"])
        code = child.wait()
    raise ModelMissing(
        f"«{name}» was not brought in: what downloads it ended with code {code}",
        f"rag models pull {name}",
    )


def _say(said: IO[str], what: Any) -> None:
    said.write(f"{json.dumps(what)}\n")
    said.flush()
