"""Runs an artefact without torch: texts to token ids, ids through onnxruntime."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from rag import scheduling
from rag.errors import ModelMissing, stated
from rag.models.artefacts import REINSTALL, Artefact
from rag.models.batching import batches_by_length, without_surrogates

Ids = NDArray[np.int64]
Floats = NDArray[np.float32]
Passes = Iterator[tuple[list[int], Ids, list[Floats]]]
"""For each pass the indices of its rows, their mask (batch, length) and the model's outputs."""

ROOM = 4096  # padded tokens a pass: about half a second on two cores, so a question can wait for it
ROOM_PARALLEL = 200  # of a pass of one thread, at most: two questions with a passage, or sentences


class Session:
    """One loaded model. Thread-safe: one pass at a time, those of questions first."""

    def __init__(self, artefact: Artefact, threads: int = 0, parallel: bool = False) -> None:
        """`threads` 0: one a core; `parallel`: `run_parallel` is all that will be called.

        Raises ModelMissing when onnxruntime cannot load it.
        """
        self._threads = threads or os.cpu_count() or 1
        self._artefact = artefact
        with stated(f"model «{artefact.name}» does not load", REINSTALL):
            self._session = loaded(artefact, 1 if parallel else self._threads)
            if parallel:
                self._single = self._session
            self._tokenizer = Tokenizer.from_str(artefact.tokenizer)
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._inputs = [tensor.name for tensor in self._session.get_inputs()]
        self._queue = scheduling.PassQueue()
        self.max_tokens = artefact.max_tokens
        self.start, self.end = (self._id(token) for token in ("[CLS]", "[SEP]"))

    def tokenize(self, texts: Sequence[str]) -> list[Encoding]:
        """Returns the texts' tokens, without special ones and not cut."""
        clean = [without_surrogates(text) for text in texts]
        return self._tokenizer.encode_batch_fast(clean, add_special_tokens=False)

    def tokenize_with_offsets(self, texts: Sequence[str]) -> list[Encoding]:
        """Does as `tokenize`, with the characters where each token stands."""
        clean = [without_surrogates(text) for text in texts]
        return self._tokenizer.encode_batch(clean, add_special_tokens=False)

    def run(
        self,
        rows: Sequence[Sequence[int]],
        kinds: Sequence[Sequence[int]] = (),
    ) -> Passes:
        """Runs passes over `rows` of token ids, those of like length together.

        Yields the indices of a batch's rows, their mask (batch, length) and the model's outputs.
        `kinds`: the token types of each row, for models that take them.
        """
        for batch in batches_by_length([len(row) for row in rows], ROOM):
            inputs = self._inputs_of(batch, rows, kinds)
            with self._queue.take():
                outputs = _pass(self._session, inputs)
            yield batch, inputs["attention_mask"], outputs

    def run_parallel(
        self, rows: Sequence[Sequence[int]], kinds: Sequence[Sequence[int]] = ()
    ) -> Passes:
        """Does as `run`, in small passes of one thread each, side by side.

        A third more rows a second than passes on all threads, which wait for each other.
        """
        lengths = [len(row) for row in rows]
        batches = list(
            batches_by_length(lengths, min(ROOM_PARALLEL, sum(lengths) // self._threads))
        )
        for first in range(0, len(batches), self._threads):
            group = batches[first : first + self._threads]
            inputs = [self._inputs_of(batch, rows, kinds) for batch in group]
            with self._queue.take():
                outputs = self._passes(inputs)
            for batch, tensors, found in zip(group, inputs, outputs, strict=True):
                yield batch, tensors["attention_mask"], found

    def _passes(self, inputs: Sequence[Mapping[str, Ids]]) -> list[list[Floats]]:
        if len(inputs) == 1:  # alone: all threads
            return [_pass(self._session, inputs[0])]
        threads = self._background_workers if scheduling.stepped_back() else self._workers
        return list(threads.map(partial(_pass, self._single), inputs))

    @cached_property
    def _single(self) -> Any:
        """Returns the model again, for passes of one thread each."""
        return loaded(self._artefact, 1)

    @cached_property
    def _workers(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._threads, "passes")

    @cached_property
    def _background_workers(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._threads, "passes-behind", scheduling.step_back)

    def _inputs_of(
        self, batch: Sequence[int], rows: Sequence[Sequence[int]], kinds: Sequence[Sequence[int]]
    ) -> dict[str, Ids]:
        inputs = {"input_ids": _pad([rows[i] for i in batch])}
        inputs["attention_mask"] = _pad([[1] * len(rows[i]) for i in batch])
        if "token_type_ids" in self._inputs:
            inputs["token_type_ids"] = _pad([kinds[i] for i in batch])
        return inputs

    def _id(self, token: str) -> int:
        found = self._tokenizer.token_to_id(token)
        if found is None:
            raise ModelMissing(f"model «{self._artefact.name}» has no token {token}", REINSTALL)
        return found


def loaded(artefact: Artefact, threads: int) -> Any:
    """Loads the graph into onnxruntime: the same sums of integers on every processor."""
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
    return [np.asarray(output) for output in session.run(None, dict(inputs))]


def _pad(rows: Sequence[Sequence[int]]) -> Ids:
    """Returns an array (rows, longest) with zeros behind; the padding token of BERT is 0 too."""
    table = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
    for index, row in enumerate(rows):
        table[index, : len(row)] = row
    return table
