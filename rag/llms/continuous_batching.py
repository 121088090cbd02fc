"""Writes several sequences at a time with one model: continuous batching, by transformers.

Each pass of the model serves all sequences in hand; one that ends makes room for the next at once
(Orca: Yu et al. 2022, OSDI).
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Sequence
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from rag.llms.sampling import Sampling
from rag.protocols import Stop

if TYPE_CHECKING:
    from transformers import GenerationConfig

PAGE = 64  # tokens of keys and values that are kept together
PASS_CPU = 512  # tokens a pass on a processor: of new prompts, and one of each answer
IDLE_SECONDS = 1.0  # without a sequence, after which the model's thread ends
_POLL = 0.05  # seconds between two looks at whether to stop


class Batcher:
    """A model that writes for several threads at once. Thread-safe."""

    def __init__(
        self, model: Any, ends: Sequence[int], sampling: Sampling, window: int, at_once: int
    ) -> None:
        """`ends`: tokens that end an answer. `window`: tokens of the longest sequence."""
        self._ends = frozenset(ends)
        self._manager = _manager(model, self._ends, sampling, window, at_once)
        self._numbers = itertools.count()
        self._changed = threading.Lock()
        self._results: dict[str, SimpleQueue[Any]] = {}
        self._running = False

    def tokens(self, prompt: Sequence[int], most: int, stop: Stop) -> Iterator[int]:
        """Yields at most `most` tokens after the prompt, up to one that ends the answer.

        Raises RuntimeError when the model fails.
        """
        if most < 1 or stop():
            return
        name, results = self._submit(prompt, most)
        given = 0
        try:
            while not stop():
                result = _next(results)
                if result is None:
                    continue
                if isinstance(result, Exception) or result.error:
                    raise RuntimeError(str(getattr(result, "error", None) or result))
                for token in result.generated_tokens[given:]:
                    if token in self._ends or stop():
                        return
                    given += 1
                    yield token
                if result.is_finished():
                    return
        finally:
            self._leave(name)

    def _submit(self, prompt: Sequence[int], most: int) -> tuple[str, SimpleQueue[Any]]:
        results: SimpleQueue[Any] = SimpleQueue()
        name = f"answer-{next(self._numbers)}"
        with self._changed:
            self._results[name] = results
            if not self._running:
                self._manager.start()
                self._running = True
                threading.Thread(target=self._deliver, daemon=True).start()
            ends = sorted(self._ends) or None
            self._manager.add_request(list(prompt), name, most, streaming=True, eos_token_id=ends)
        return name, results

    def _leave(self, name: str) -> None:
        with self._changed:
            self._results.pop(name, None)
            if self._running:
                self._manager.cancel_request(name)  # nothing happens where it has ended

    def _deliver(self) -> None:
        """Hands each result to who waits for it, until nobody has for a while."""
        idle = 0.0
        while True:
            result = self._manager.get_result(timeout=_POLL)
            with self._changed:
                idle = 0.0 if self._results or result else idle + _POLL
                if result is not None and result.request_id in self._results:
                    self._results[result.request_id].put(result)
                elif idle > IDLE_SECONDS or not self._manager.is_running():
                    return self._rest()

    def _rest(self) -> None:
        """Ends the model's thread: as long as it lives the process does."""
        failed = self._manager.background_thread_status.fatal_error
        self._manager.stop(block=True, keep_for_next_session=failed is None)
        self._running = False
        for results in self._results.values():
            results.put(failed or RuntimeError("the model's thread has ended"))


def _next(results: SimpleQueue[Any]) -> Any:
    try:
        return results.get(timeout=_POLL)
    except Empty:
        return None


def _manager(
    model: Any, ends: frozenset[int], sampling: Sampling, window: int, at_once: int
) -> Any:
    from transformers import ContinuousBatchingConfig

    options: dict[str, Any] = {"page_size": PAGE, "max_requests_per_batch": at_once}
    if model.device.type == "cpu":  # by itself it takes nearly all memory that is free
        options["num_blocks"] = at_once * (window // PAGE + 2)
        options["max_batch_tokens"] = max(PASS_CPU, 2 * at_once)
    seed = None if sampling.greedy else sampling.seed
    return model.init_continuous_batching(
        generation_config=_config(ends, sampling),
        continuous_batching_config=ContinuousBatchingConfig(seed=seed, **options),
    )


def _config(ends: frozenset[int], sampling: Sampling) -> GenerationConfig:
    from transformers import GenerationConfig

    drawn: dict[str, Any] = {"do_sample": not sampling.greedy}
    if not sampling.greedy:
        drawn |= {"temperature": sampling.temperature, "top_p": sampling.top_p}
        drawn["top_k"] = sampling.top_k or None
    return GenerationConfig(  # type: ignore[no-untyped-call]
        eos_token_id=sorted(ends) or -1,
        pad_token_id=min(ends, default=0),
        max_new_tokens=sampling.max_tokens,
        **drawn,
    )
