"""The bundled QA model: how relevant is a passage, does it answer, and which words are the answer.

It runs one pass per (question, passage) pair; longer passages are read in overlapping windows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from rag.models.artefacts import Artefact
from rag.models.session import Floats, Session
from rag.protocols import SpanPrediction

QUESTION_TOKENS = 64  # capped before pairing: a long question shall not push the passage out
OVERLAP = 64  # tokens that neighbouring windows share: more than an answer
ANSWER_TOKENS = 30
NO_SPAN = -1e4  # score of a passage without a single token


@dataclass(frozen=True, slots=True)
class _Window:
    passage: int
    ids: list[int]
    kinds: list[int]
    lead: int  # tokens before the passage's
    spans: list[tuple[int, int]]  # of its passage tokens, in characters


class BundledQAModel:
    """Reads (question, passage) pairs. Thread-safe."""

    def __init__(self, artefact: Artefact, threads: int = 0) -> None:
        """`threads` 0: one a core. Raises ModelMissing when the artefact does not load."""
        self._session = Session(artefact, threads, parallel=True)
        self.name = artefact.name
        self.fingerprint = artefact.fingerprint

    def read(self, question: str, passages: Sequence[str]) -> list[SpanPrediction]:
        """Returns one prediction per passage; a longer one has that of its best window.

        `score`: log-probability of the span among all of its window (start times end). Whether
        there is an answer at all is what `answerable` says.
        """
        windows = list(self._windows(question, passages))
        best: list[SpanPrediction | None] = [None] * len(passages)
        rows, kinds = [window.ids for window in windows], [window.kinds for window in windows]
        for batch, _, outputs in self._session.run_parallel(rows, kinds):
            for index, start, end, judged in zip(batch, *outputs, strict=True):
                found = windows[index].passage
                best[found] = _better(best[found], _prediction(windows[index], start, end, judged))
        return [prediction for prediction in best if prediction is not None]

    def _windows(self, question: str, passages: Sequence[str]) -> Iterator[_Window]:
        session = self._session
        most = min(QUESTION_TOKENS, session.max_tokens // 3)
        asked = session.tokenize([question])[0].ids[:most]
        head = [session.start, *asked, session.end]
        room = session.max_tokens - len(head) - 1
        for passage, text in enumerate(session.tokenize_with_offsets(passages)):
            for at in _starts(len(text.ids), room):
                ids = text.ids[at : at + room]
                kinds = [0] * len(head) + [1] * (len(ids) + 1)
                spans = text.offsets[at : at + room]
                yield _Window(passage, [*head, *ids, session.end], kinds, len(head), spans)


def _starts(length: int, room: int) -> range:
    """Returns where windows of `room` tokens begin; at least one, the last reaches the end."""
    overlap = min(OVERLAP, room // 2)
    return range(0, max(1, length - overlap), room - overlap)


def _prediction(window: _Window, start: Floats, end: Floats, judged: Floats) -> SpanPrediction:
    """Returns the prediction of a row; `start` and `end` are logits of all of its tokens."""
    relevance, answerable = (float(logit) for logit in judged[:2])
    if not window.spans:
        return SpanPrediction(relevance, answerable, 0, 0, NO_SPAN)
    inside = slice(window.lead, window.lead + len(window.spans))
    first, last, score = best_span(_log_softmax(start[inside]), _log_softmax(end[inside]))
    return SpanPrediction(
        relevance, answerable, window.spans[first][0], window.spans[last][1], score
    )


def _log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max()
    return np.asarray(shifted - np.log(np.exp(shifted).sum()), dtype=np.float32)


def best_span(start: Floats, end: Floats) -> tuple[int, int, float]:
    """Returns first and last token, and score, of the best span of at most 30 tokens."""
    behind = np.full(ANSWER_TOKENS - 1, -np.inf, dtype=np.float32)
    ends = np.lib.stride_tricks.sliding_window_view(np.concatenate([end, behind]), ANSWER_TOKENS)
    sums = start[:, None] + ends
    first, further = divmod(int(sums.argmax()), ANSWER_TOKENS)
    return first, first + further, float(sums[first, further])


def _better(one: SpanPrediction | None, other: SpanPrediction) -> SpanPrediction:
    """Returns of two windows' predictions the one that answers, and is sure where."""
    if one is None or other.answerable + other.score > one.answerable + one.score:
        return other
    return one
