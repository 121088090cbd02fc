"""Runs an artefact: texts to token ids, ids through onnxruntime. No torch.

Knows nothing about what the outputs mean.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from rag import courtesy
from rag.errors import ModelMissing
from rag.models.artefacts import REINSTALL, Artefact
from rag.models.turns import Turns, alike, whole

Ids = NDArray[np.int64]
Floats = NDArray[np.float32]
Passes = Iterator[tuple[list[int], Ids, list[Floats]]]
"""Of each pass: the places of its rows, their mask (batch, length), the model's outputs."""

ROOM = 4096  # padded tokens a pass: about half a second on two cores, so a question can wait for it
ROOM_BESIDE = 200  # of a pass of one thread, at most: two questions with a passage, or sentences


class Session:
    """One loaded model. Thread-safe: one pass at a time, those of questions first."""

    def __init__(self, artefact: Artefact, threads: int = 0, beside: bool = False) -> None:
        """`threads` 0: one a core; `beside`: `run_beside` is all that will be called.

        Raises ModelMissing when onnxruntime cannot load it.
        """
        self._threads = threads or os.cpu_count() or 1
        self._artefact = artefact
        try:
            self._session = loaded(artefact, 1 if beside else self._threads)
            if beside:
                self._single = self._session
            self._tokenizer = Tokenizer.from_str(artefact.tokenizer)
        except Exception as error:  # onnxruntime and tokenizers each raise what they like
            cause = str(error).splitlines()[0]
            raise ModelMissing(
                f"model «{artefact.name}» does not load: {cause}", REINSTALL
            ) from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._inputs = [each.name for each in self._session.get_inputs()]
        self._turns = Turns()
        self.max_tokens = artefact.max_tokens
        self.start, self.end = (self._id(artefact, token) for token in ("[CLS]", "[SEP]"))

    def tokenize(self, texts: Sequence[str]) -> list[Encoding]:
        """Without special tokens, not cut."""
        clean = whole(texts)
        return self._tokenizer.encode_batch_fast(clean, add_special_tokens=False)

    def tokenize_with_offsets(self, texts: Sequence[str]) -> list[Encoding]:
        """As `tokenize`, and each token's place in characters."""
        return self._tokenizer.encode_batch(whole(texts), add_special_tokens=False)

    def run(
        self,
        rows: Sequence[Sequence[int]],
        kinds: Sequence[Sequence[int]] = (),
    ) -> Passes:
        """Passes over `rows` of token ids, those of like length together.

        Yields the places of a batch's rows, their mask (batch, length) and the model's outputs.
        `kinds`: the token types of each row, for models that take them.
        """
        for batch in alike([len(row) for row in rows], ROOM):
            inputs = self._inputs_of(batch, rows, kinds)
            with self._turns.take():
                outputs = _pass(self._session, inputs)
            yield batch, inputs["attention_mask"], outputs

    def run_beside(
        self, rows: Sequence[Sequence[int]], kinds: Sequence[Sequence[int]] = ()
    ) -> Passes:
        """As `run`, in small passes of one thread each, side by side.

        A third more rows a second than passes on all threads, which wait for each other.
        """
        lengths = [len(row) for row in rows]
        batches = list(alike(lengths, min(ROOM_BESIDE, sum(lengths) // self._threads)))
        for first in range(0, len(batches), self._threads):
            group = batches[first : first + self._threads]
            inputs = [self._inputs_of(batch, rows, kinds) for batch in group]
            with self._turns.take():
                outputs = self._passes(inputs)
            for batch, each, found in zip(group, inputs, outputs, strict=True):
                yield batch, each["attention_mask"], found

    def _passes(self, inputs: Sequence[Mapping[str, Ids]]) -> list[list[Floats]]:
        if len(inputs) == 1:  # nothing to put beside it: all threads
            return [_pass(self._session, inputs[0])]
        threads = self._behind if courtesy.stepped_back() else self._beside
        return list(threads.map(partial(_pass, self._single), inputs))

    @cached_property
    def _single(self) -> Any:
        """The model again, for passes of one thread each."""
        return loaded(self._artefact, 1)

    @cached_property
    def _beside(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._threads, "passes")

    @cached_property
    def _behind(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._threads, "passes-behind", courtesy.step_back)

    def _inputs_of(
        self, batch: Sequence[int], rows: Sequence[Sequence[int]], kinds: Sequence[Sequence[int]]
    ) -> dict[str, Ids]:
        inputs = {"input_ids": _padded([rows[i] for i in batch])}
        inputs["attention_mask"] = _padded([[1] * len(rows[i]) for i in batch])
        if "token_type_ids" in self._inputs:
            inputs["token_type_ids"] = _padded([kinds[i] for i in batch])
        return inputs

    def _id(self, artefact: Artefact, token: str) -> int:
        found = self._tokenizer.token_to_id(token)
        if found is None:
            raise ModelMissing(f"model «{artefact.name}» has no token {token}", REINSTALL)
        return found


def loaded(artefact: Artefact, threads: int) -> Any:
    """An onnxruntime session of the graph: the same sums of integers on every processor."""
    import onnxruntime

    # where a program imported it before `rag`, the variable came too late for it
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # A laptop has other work: threads that wait shall sleep.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Without VNNI, x86-64 adds products of uint8 and int8 in 16 bits, which overflow, and the
    # vectors differ from other processors'. With this its weights become uint8, added in 32 bits.
    options.add_session_config_entry("session.x64quantprecision", "1")
    return onnxruntime.InferenceSession(artefact.graph, options, providers=["CPUExecutionProvider"])


def _pass(session: Any, inputs: Mapping[str, Ids]) -> list[Floats]:
    return [np.asarray(each) for each in session.run(None, dict(inputs))]


def _padded(rows: Sequence[Sequence[int]]) -> Ids:
    """Shape (rows, longest), zeros behind; the padding token of BERT is 0 too."""
    table = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
    for place, row in enumerate(rows):
        table[place, : len(row)] = row
    return table
