"""Runs an artefact: texts to token ids, ids through onnxruntime. No torch.

Knows nothing about what the outputs mean.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from rag.errors import ModelMissing
from rag.models.artefacts import REINSTALL, Artefact
from rag.models.turns import Turns, alike, whole

Ids = NDArray[np.int64]
Floats = NDArray[np.float32]
ROOM = 4096  # padded tokens a pass: about half a second on two cores, so a question can wait for it


class Session:
    """One loaded model. Thread-safe: one pass at a time, urgent ones first."""

    def __init__(self, artefact: Artefact, threads: int = 0) -> None:
        """`threads` 0: one a core. Raises ModelMissing when onnxruntime cannot load it."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or os.cpu_count() or 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # A laptop has other work: threads that wait shall sleep.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(
                artefact.graph, options, providers=["CPUExecutionProvider"]
            )
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
        urgent: bool = False,
    ) -> Iterator[tuple[list[int], Ids, list[Floats]]]:
        """Passes over `rows` of token ids, those of like length together.

        Yields the places of a batch's rows, their mask (batch, length) and the model's outputs.
        `kinds`: the token types of each row, for models that take them.
        """
        for batch in alike([len(row) for row in rows], ROOM):
            inputs = {"input_ids": _padded([rows[i] for i in batch])}
            ones = [[1] * len(rows[i]) for i in batch]
            inputs["attention_mask"] = _padded(ones)
            if "token_type_ids" in self._inputs:
                inputs["token_type_ids"] = _padded([kinds[i] for i in batch])
            with self._turns.take(urgent):
                outputs = self._pass(inputs)
            yield batch, inputs["attention_mask"], outputs

    def _id(self, artefact: Artefact, token: str) -> int:
        found = self._tokenizer.token_to_id(token)
        if found is None:
            raise ModelMissing(f"model «{artefact.name}» has no token {token}", REINSTALL)
        return found

    def _pass(self, inputs: Mapping[str, Ids]) -> list[Floats]:
        return [np.asarray(each) for each in self._session.run(None, dict(inputs))]


def _padded(rows: Sequence[Sequence[int]]) -> Ids:
    """Shape (rows, longest), zeros behind; the padding token of BERT is 0 too."""
    table = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
    for place, row in enumerate(rows):
        table[place, : len(row)] = row
    return table
