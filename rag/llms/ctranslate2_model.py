"""A causal language model in 8 bits on a processor, by CTranslate2: no torch to answer.

`convert` makes such a folder of one of transformers, with the extra `hf`; to run it the extra `cpu`
is enough.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.errors import ModelMissing, needing, stated
from rag.llms.chat_template import load_chat, read_json, stop_ids
from rag.llms.sampling import Sampling, room_for_answer, shared_length
from rag.llms.serving import Emit
from rag.models.folders import CONFIG, SOURCE_CONFIG
from rag.protocols import Stop
from rag.schema import Prompt
from rag.system.processes import sleep_while_waiting

_BESIDE = (
    "tokenizer.json tokenizer_config.json special_tokens_map.json chat_template.jinja "
    "generation_config.json LICENSE"
).split()
_WINDOW = 4096  # of models that do not say
_SHORTEST, _MOST = 48, 4  # tokens of a beginning that is worth keeping, and how many are kept


class CTranslate2Writer:
    """One model, one answer at a time, in the order in which they are asked for."""

    slots = 1

    def __init__(
        self,
        folder: Path,
        sampling: Sampling,
        *,
        threads: int = 0,
        context_tokens: int = 0,
    ) -> None:
        """Loads the folder; `threads` 0: one a core. Raises ModelMissing."""
        self.name = folder.name
        self._sampling = sampling
        self._chat = load_chat(folder)
        self._library = _library(folder)
        with stated(f"model «{folder}» does not load", "rag models import FOLDER --precision int8"):
            self._model = self._library.Generator(
                str(folder), device="cpu", intra_threads=threads or os.cpu_count() or 1
            )
        self._ends = stop_ids(folder, self._chat)
        config = read_json(folder / SOURCE_CONFIG)
        window = int(config.get("max_position_embeddings") or _WINDOW)
        self._window = min(window, context_tokens or window)
        self.context_window = self._window - self._chat.overhead
        self._beginnings = Beginnings()

    def count_tokens(self, text: str) -> int:
        """Returns the length in the model's tokens."""
        return self._chat.count(text)

    def write(self, prompt: Prompt, emit: Emit, stop: Stop) -> None:
        """Stops within a token; the prompt is read in one piece."""
        ids = self._chat.encode(prompt.messages)
        most = room_for_answer(len(ids), self._window, self._sampling.max_tokens, self.name)
        if stop():
            return
        reader, ends = self._chat.reader(), self._ends

        # The model's own thread drops this function last. It must not hold the model: a thread
        # that destroys the pool it belongs to waits for itself, and the process is aborted.
        def on_token(step: Any) -> bool:
            if step.token_id not in ends:
                emit(reader.read(step.token_id))
            return stop()

        fixed = self._beginnings.of(ids)
        tokens = [self._chat.token(key) for key in ids]
        self._library.set_random_seed(self._sampling.seed)
        self._model.generate_batch(
            [tokens[fixed:]],
            static_prompt=tokens[:fixed] or None,
            include_prompt_in_result=False,
            max_length=most,
            end_token=ends,
            callback=on_token,
            **_options(self._sampling),
        )


class Beginnings:
    """Which beginning of a prompt to keep: what prompts turn out to share, a few of them."""

    def __init__(self) -> None:
        self._kept: list[list[int]] = []
        self._last: list[int] = []

    def of(self, ids: Sequence[int]) -> int:
        """Returns the length of the beginning that is kept, now or from now on; 0 for none."""
        tokens = list(ids)  # at least one of them is left to read
        kept = [len(start) for start in self._kept if tokens[: len(start)] == start != tokens]
        shared = shared_length(self._last, ids[:-1])
        self._last = tokens
        if kept:
            return max(kept)
        if shared < _SHORTEST or len(self._kept) >= _MOST:
            return 0
        self._kept.append(tokens[:shared])
        return shared


def convert(source: Path, target: Path, precision: str = "int8") -> Path:
    """Makes a CTranslate2 folder of a checked one of transformers; returns `target`.

    Takes as much memory as the model in its own precision. Raises ModelMissing for an architecture
    that CTranslate2 does not know, and without the extras.
    """
    _library(source)
    try:
        with (
            stated(f"«{source.name}» cannot be converted", 'set generator = "transformers"'),
            needing("hf", f"converting «{source.name}»"),
        ):
            from ctranslate2.converters import TransformersConverter

            made = TransformersConverter(
                str(source), low_cpu_mem_usage=True, trust_remote_code=False, load_as_float16=False
            )
            made.convert(str(target), quantization=precision, force=True)
    except ModelMissing:
        shutil.rmtree(target, ignore_errors=True)
        raise
    for name in _BESIDE:
        if (source / name).is_file():
            shutil.copyfile(source / name, target / name)
    shutil.copyfile(source / CONFIG, target / SOURCE_CONFIG)
    return target


def _library(folder: Path) -> Any:
    sleep_while_waiting()
    with needing("cpu", f"model «{folder.name}»"):
        import ctranslate2
    return ctranslate2


def _options(sampling: Sampling) -> dict[str, Any]:
    if sampling.greedy:
        return {"sampling_topk": 1}
    return {
        "sampling_topk": sampling.top_k,
        "sampling_topp": sampling.top_p,
        "sampling_temperature": sampling.temperature,
    }
