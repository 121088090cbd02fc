"""A GGUF model by llama.cpp, on a processor or a GPU, in a process of its own: extra `llm`.

Several answers share the passes, and the keys and values of a prompt's beginning are kept for the
next. What messages say is turned into tokens apart from the template, with control tokens off.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from rag.errors import ModelMissing, stated
from rag.llms.cancelling import run_unless
from rag.llms.llama_child import PROMPTS_MB
from rag.llms.llama_server import LlamaServer
from rag.llms.sampling import Sampling, room_for_answer
from rag.llms.serving import Emit
from rag.llms.template_sandbox import ADVICE, ChatTemplate, overhead
from rag.models.batching import without_surrogates
from rag.models.folders import gguf_of, weight_bytes
from rag.models.gguf import Header, read_header
from rag.protocols import Stop
from rag.schema import Message, Prompt

_WINDOW = 8192  # tokens for which memory is taken: passages, a chat and an answer fit in half
_MARK = "\ue07e{}\ue07f"  # private use: where a message stands in what the template writes
_MARKED = re.compile("\ue07e(\\d+)\ue07f")
_PRIVATE = re.compile("[\ue07e\ue07f]")


def window_of(header: Header, context_tokens: int) -> int:
    """Returns the tokens of one answer with its prompt, for which memory is taken."""
    return min(header.window or _WINDOW, context_tokens or _WINDOW)


def memory_of(folder: Path, context_tokens: int, at_once: int) -> int:
    """Returns the bytes that a GGUF model takes: weights, keys and values, earlier prompts."""
    path = gguf_of(folder)
    assert path is not None  # noqa: S101 - who calls knows that the folder holds one
    header = read_header(path)
    cache = header.cache_bytes(window_of(header, context_tokens) * at_once)
    return weight_bytes(folder) + cache + PROMPTS_MB * 2**20


class LlamaCppWriter:
    """One model; `slots` answers at a time. Raises GeneratorFailed for what goes wrong in it."""

    def __init__(
        self,
        folder: Path,
        sampling: Sampling,
        *,
        threads: int = 0,
        context_tokens: int = 0,
        at_once: int = 1,
        adapter: Path | None = None,
    ) -> None:
        """Starts the process and loads the folder's file. `threads` 0: one a core.

        `adapter`: what the model has learnt besides, a GGUF file.


        Raises ModelMissing for a folder that does not load, and without the extra.
        """
        path = gguf_of(folder)
        if path is None:
            raise ModelMissing(f"{folder} holds no GGUF file", "rag models list")
        self.name = folder.name
        self.slots = at_once
        self._sampling = sampling
        with stated(f"model «{folder}» does not load", "rag models list"):
            header = read_header(path)
        if not header.template:
            raise ModelMissing(f"model «{self.name}» has no chat template", ADVICE)
        self._window = window_of(header, context_tokens)
        self._server = LlamaServer(
            path,
            window=self._window,
            slots=at_once,
            threads=threads or os.cpu_count() or 1,
            adapter="" if adapter is None else str(adapter.absolute()),
        )
        self._chat = _Chat(self._server, header)

    @cached_property
    def context_window(self) -> int:
        """Returns the tokens for prompt and answer, without those that the template adds."""
        return self._window - overhead(self._chat.encode, self._chat.count)

    def count_tokens(self, text: str) -> int:
        """Returns the length in the model's tokens."""
        return self._chat.count(text)

    def write(self, prompt: Prompt, emit: Emit, stop: Stop) -> None:
        """Stops within a token, or within 64 tokens of the prompt."""
        if stop():
            return
        ids = self._chat.encode(prompt.messages)
        most = room_for_answer(len(ids), self._window, self._sampling.max_tokens, self.name)
        body = {"prompt": ids, "n_predict": most, "stream": True, **_options(self._sampling)}
        run_unless(stop, self._server.stream(body, emit))


class _Chat:
    """The model's own tokenizer, asked over the socket, with the template of its file."""

    def __init__(self, server: LlamaServer, header: Header) -> None:
        self._server = server
        ids = {
            name: header.metadata.get(f"tokenizer.ggml.{name}_token_id") for name in ("bos", "eos")
        }
        self._bos = ids["bos"]
        named = {
            f"{name}_token": server.text_of([key]) for name, key in ids.items() if key is not None
        }
        self._template = ChatTemplate(header.template, named)

    def encode(self, messages: Sequence[Message]) -> list[int]:
        """Returns the ids up to the answer. Raises ModelMissing when the template refuses."""
        marked = [Message(m.role, _MARK.format(index)) for index, m in enumerate(messages)]
        parts = _MARKED.split(self._template.render(marked))
        ids: list[int] = []
        for position, part in enumerate(parts):
            if position % 2:
                ids += self._server.tokens_of(_plain(messages[int(part)].content), control=False)
            elif part:
                ids += self._server.tokens_of(part, control=True, first=position == 0)
        # a vocabulary that begins every text, and a template that does so too
        return ids[1:] if ids[:2] == [self._bos, self._bos] else ids

    def count(self, text: str) -> int:
        """Returns the length of a text in tokens, without those of the template."""
        return len(self._server.tokens_of(_plain(text), control=False))


def _plain(text: str) -> str:
    return _PRIVATE.sub("", without_surrogates(text))


def _options(sampling: Sampling) -> dict[str, Any]:
    """Returns the sampling as llama.cpp has it, with all that it adds of its own switched off."""
    return {
        "temperature": max(sampling.temperature, 0.0),
        "top_k": 1 if sampling.greedy else sampling.top_k,
        "top_p": sampling.top_p,
        "min_p": 0.0,
        "seed": sampling.seed,
        "samplers": ["top_k", "top_p", "temperature"],
        "cache_prompt": True,
    }
