"""The process that runs a GGUF model: `python -m rag.llms.llama_child`, started by `llama_server`.

llama.cpp reads a stranger's file in C++ and aborts the process it is in when something is wrong
with it, so it has one of its own. It listens on a socket in a private folder, asks for a key, and
ends when its stdin does: with the process that started it.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

BATCH = 64  # tokens of a prompt a pass: a stop waits for one pass at most
_RECURRING = 4  # tokens that must recur before what followed them is guessed to follow
_GUESSED = 8  # tokens of the passages that are guessed to follow at a time
_LOGGED = 1  # errors only
PROMPTS_MB = 256  # of memory for the keys and values of earlier prompts


def main() -> None:
    """Loads the model that the first line of stdin describes, prints its address, and serves."""
    wanted = json.loads(sys.stdin.readline())
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the library prints goes to stderr
    _without_core_files()
    import xllamacpp

    server = xllamacpp.Server(_parameters(xllamacpp, wanted))
    answers.write(f"{server.listening_address}\n")
    answers.close()
    sys.stdin.read()
    os._exit(0)  # who asked is gone: nothing is finished for nobody


def _parameters(library: Any, wanted: dict[str, Any]) -> Any:
    found = library.CommonParams()
    found.model.path = wanted["path"]
    found.hostnames = [wanted["host"]]
    found.api_keys = [wanted["key"]]
    found.n_ctx, found.n_parallel = wanted["window"] * wanted["slots"], wanted["slots"]
    found.n_batch = found.n_ubatch = BATCH
    for processors in (found.cpuparams, found.cpuparams_batch):
        processors.n_threads = wanted["threads"]
        processors.poll = 0  # threads that wait sleep: a person's machine has other work
    if wanted["adapter"]:
        found.lora_adapters = [library.CommonAdapterLoraInfo(wanted["adapter"])]
    guessing = library.common_speculative_type
    found.speculative.types = [guessing.COMMON_SPECULATIVE_TYPE_NGRAM_SIMPLE]
    found.speculative.ngram_simple.size_n = _RECURRING
    found.speculative.ngram_simple.size_m = _GUESSED
    found.cache_ram_mib = PROMPTS_MB
    found.verbosity = _LOGGED
    found.offline, found.warmup = True, False
    found.ui = found.endpoint_slots = found.use_jinja = False
    return found


def _without_core_files() -> None:
    """Keeps what people asked out of core files."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
