"""A causal language model in 8 bits on a processor, by CTranslate2: no torch to answer.

`convert` makes such a folder of one of transformers, with the extra `hf`; to run it the extra `cpu`
is enough. Knows nothing about retrieval.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.errors import ModelMissing
from rag.llms.chat_template import load_chat, read_json, stop_ids
from rag.llms.sampling import Sampling, room_for_answer
from rag.llms.serving import Emit
from rag.protocols import Stop
from rag.schema import Prompt

WEIGHTS = "model.bin"
SOURCE_CONFIG = "source.json"  # the config of the model it was made from: its window, its ends
_BESIDE = (
    "tokenizer.json tokenizer_config.json special_tokens_map.json chat_template.jinja "
    "generation_config.json LICENSE"
).split()
_WINDOW = 4096
_SHORTEST, _MOST = 48, 4  # tokens of a beginning that is worth keeping, and how many are kept
_EXTRA = 'pip install "fuente[cpu]"'


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
        reuse: bool = True,
    ) -> None:
        """`reuse`: keep the state after a beginning that prompts share. Raises ModelMissing."""
        self.name = folder.name
        self._sampling = sampling
        self._chat = load_chat(folder)
        self._library = _library(folder)
        self._model = _load(self._library, folder, threads)
        self._ends = stop_ids(folder, self._chat)
        config = read_json(folder / SOURCE_CONFIG)
        window = int(config.get("max_position_embeddings") or _WINDOW)
        self._window = min(window, context_tokens or window)
        self.context_window = self._window - self._chat.overhead
        self._beginnings = Beginnings() if reuse else None

    def count_tokens(self, text: str) -> int:
        """In the model's tokens."""
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

        fixed = self._beginnings.of(ids) if self._beginnings else 0
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
        """Length of the beginning whose state is kept, or shall be from now on; 0 for none."""
        # at least one token is left to read
        kept = [len(each) for each in self._kept if list(ids[: len(each)]) == each != list(ids)]
        shared = _shared(self._last, ids[:-1])
        self._last = list(ids)
        if kept:
            return max(kept)
        if shared < _SHORTEST or len(self._kept) >= _MOST:
            return 0
        self._kept.append(list(ids[:shared]))
        return shared


def convert(source: Path, target: Path, precision: str = "int8") -> Path:
    """Makes a CTranslate2 folder of a checked one of transformers; returns `target`.

    Takes as much memory as the model in its own precision. Raises ModelMissing for an architecture
    that CTranslate2 does not know, and without the extras.
    """
    _library(source)
    try:
        from ctranslate2.converters import TransformersConverter

        made = TransformersConverter(
            str(source), low_cpu_mem_usage=True, trust_remote_code=False, load_as_float16=False
        )
        made.convert(str(target), quantization=precision, force=True)
    except ImportError as error:
        raise ModelMissing(
            f"converting «{source.name}» needs the extra «hf» ({error})", 'pip install "fuente[hf]"'
        ) from error
    except Exception as error:  # whatever transformers and safetensors find wrong with the folder
        shutil.rmtree(target, ignore_errors=True)
        cause = (str(error).splitlines() or [type(error).__name__])[0]
        raise ModelMissing(
            f"«{source.name}» cannot be converted: {cause}", 'set generator = "transformers"'
        ) from error
    for name in _BESIDE:
        if (source / name).is_file():
            shutil.copyfile(source / name, target / name)
    shutil.copyfile(source / "config.json", target / SOURCE_CONFIG)
    return target


def _library(folder: Path) -> Any:
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that wait shall sleep
    try:
        import ctranslate2
    except ImportError as error:
        raise ModelMissing(
            f"model «{folder.name}» needs the extra «cpu», which is not installed ({error})", _EXTRA
        ) from error
    return ctranslate2


def _load(library: Any, folder: Path, threads: int) -> Any:
    try:
        return library.Generator(
            str(folder), device="cpu", intra_threads=threads or os.cpu_count() or 1
        )
    except (RuntimeError, ValueError) as error:
        cause = str(error).splitlines()[0]
        raise ModelMissing(
            f"model «{folder}» does not load: {cause}", "rag models import FOLDER --precision int8"
        ) from error


def _options(sampling: Sampling) -> dict[str, Any]:
    if sampling.greedy:
        return {"sampling_topk": 1}
    return {
        "sampling_topk": sampling.top_k,
        "sampling_topp": sampling.top_p,
        "sampling_temperature": sampling.temperature,
    }


def _shared(one: Sequence[int], other: Sequence[int]) -> int:
    """Length of the common beginning."""
    pairs = zip(one, other, strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
