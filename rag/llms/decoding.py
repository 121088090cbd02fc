"""Writes tokens with a causal language model of transformers, one sequence at a time.

In place of `generate`, for four things that it has not together: a stop between the pieces of the
prompt too, the keys and values of a prompt's beginning kept for the next one, guesses looked up in
the prompt over such a warm cache (transformers 5.23 feeds it all tokens again and goes on from the
wrong place), and little work a token.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rag.llms.sampling import Sampling, shared_length
from rag.protocols import Stop

if TYPE_CHECKING:
    from torch import Tensor

Pick = Callable[["Tensor"], "Tensor"]
"""Logits (n, vocabulary) to the n tokens chosen."""

PREFILL = 256  # tokens of the prompt a pass on a processor: a second or two until a stop is seen
PREFILL_GPU = 2048
_LONGEST, _SHORTEST = 4, 2  # tokens that must recur before what followed them is guessed to follow


class Decoder:
    """A model with the cache of its last sequence. Not for two threads at a time."""

    def __init__(
        self, model: Any, ends: Sequence[int], guesses: int = 0, reuse: bool = True
    ) -> None:
        """`ends`: tokens that end an answer. `guesses`: tokens looked up at a time, 0 for none."""
        self._model = model
        self._ends = frozenset(ends)
        self._guesses = guesses
        self._reuse = reuse
        self._cache: Any = None
        self._held: list[int] = []  # the tokens whose keys and values are in the cache
        self.reused = 0  # tokens of the last prompt that were in the cache already

    def forget(self) -> None:
        """Frees the cache."""
        self._cache, self._held, self.reused = None, [], 0

    def tokens(
        self, prompt: Sequence[int], sampling: Sampling, most: int, stop: Stop
    ) -> Iterator[int]:
        """Yields at most `most` tokens after the prompt, up to one that ends the answer."""
        pick = _picker(sampling, self._model.device)
        if not self._read(prompt, stop):
            return
        known = _Known(prompt)
        written = 0
        while written < most and not stop():
            guessed = known.guess(min(self._guesses, most - written - 1)) if self._guesses else []
            for token in self._step(known.tokens[-1], guessed, pick):
                if token in self._ends:
                    return
                known.add(token)
                written += 1
                yield token

    def _read(self, prompt: Sequence[int], stop: Stop) -> bool:
        """Brings the cache to all of the prompt but its last token; False when stopped."""
        self._keep(shared_length(self._held, prompt[:-1]) if self._reuse else 0)
        self.reused = len(self._held)
        size = PREFILL if self._model.device.type == "cpu" else PREFILL_GPU
        for start in range(len(self._held), len(prompt) - 1, size):
            if stop():
                return False
            self._forward(prompt[start : min(start + size, len(prompt) - 1)], 1)
        return True

    def _step(self, last: int, guessed: Sequence[int], pick: Pick) -> list[int]:
        """Returns the guesses that the model agrees with, and one token of its own."""
        chosen = pick(self._forward([last, *guessed], len(guessed) + 1)).tolist()
        agreed = shared_length(guessed, chosen)
        self._keep(len(self._held) - len(guessed) + agreed)
        return [int(token) for token in chosen[: agreed + 1]]

    def _forward(self, tokens: Sequence[int], last: int) -> Tensor:
        """Returns logits (last, vocabulary) of the last tokens; all of them enter the cache."""
        import torch
        from transformers import DynamicCache

        with torch.inference_mode():
            if self._cache is None:
                self._cache = DynamicCache(config=self._model.config)
                if self._guesses:
                    self._cache.activate_past_recording()
            ids = torch.tensor([list(tokens)], device=self._model.device)
            found = self._model(
                input_ids=ids, past_key_values=self._cache, use_cache=True, logits_to_keep=last
            )
            self._held += tokens
            logits: Tensor = found.logits[0, -last:].float()
            return logits

    def _keep(self, count: int) -> None:
        """Cuts the cache to its first `count` tokens, or empties it where it cannot be cut."""
        surplus = len(self._held) - count
        if not surplus:
            return
        if count and self._cache.is_croppable:
            self._cache.crop(-surplus)
            del self._held[count:]
        else:
            self._cache, self._held = None, []


class _Known:
    """The tokens so far, and where each short run of them was last followed by what."""

    def __init__(self, tokens: Sequence[int]) -> None:
        self.tokens: list[int] = []
        self._after: dict[tuple[int, ...], int] = {}
        for token in tokens:
            self.add(token)

    def add(self, token: int) -> None:
        position = len(self.tokens)
        for length in range(_SHORTEST, min(_LONGEST, position) + 1):
            self._after[tuple(self.tokens[position - length :])] = position
        self.tokens.append(token)

    def guess(self, most: int) -> list[int]:
        """Returns what followed when the last tokens stood there before; of runs, the longest."""
        for length in range(_LONGEST, _SHORTEST - 1, -1):
            position = self._after.get(tuple(self.tokens[-length:]))
            if position is not None:
                return self.tokens[position : position + max(most, 0)]
        return []


def _picker(sampling: Sampling, device: Any) -> Pick:
    """Returns what takes the likeliest token, or draws within temperature, top-k and top-p."""
    import torch
    from transformers.generation import logits_process as warpers

    if sampling.greedy:
        return lambda logits: logits.argmax(dim=-1)
    source = torch.Generator(device=device).manual_seed(sampling.seed)
    steps: list[Any] = [warpers.TemperatureLogitsWarper(sampling.temperature)]
    if sampling.top_k:
        steps.append(warpers.TopKLogitsWarper(sampling.top_k))
    if sampling.top_p < 1:
        steps.append(warpers.TopPLogitsWarper(sampling.top_p))

    def pick(logits: Tensor) -> Tensor:
        for step in steps:
            logits = step(None, logits)
        return torch.multinomial(logits.softmax(dim=-1), 1, generator=source)[:, 0]

    return pick
