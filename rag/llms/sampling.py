"""How the next token is chosen, the same for every backend."""

from __future__ import annotations

from dataclasses import dataclass

from rag.errors import GeneratorFailed


@dataclass(frozen=True, slots=True)
class Sampling:
    """Greedy by default: the same question has the same answer."""

    max_tokens: int = 512
    temperature: float = 0.0
    top_p: float = 1.0  # of the likeliest tokens, as many as have this probability together
    top_k: int = 0  # and no more than these; 0: all
    seed: int = 0

    @property
    def greedy(self) -> bool:
        """Tells whether the likeliest token is always taken."""
        return self.temperature <= 0


def room_for_answer(prompt_tokens: int, window: int, most: int, name: str) -> int:
    """Returns the tokens left for an answer. Raises GeneratorFailed where there are none."""
    if prompt_tokens >= window:
        raise GeneratorFailed(
            f"the prompt takes {prompt_tokens} tokens, «{name}» reads {window}",
            "lower passages or chunk_tokens, or take a model with a larger window",
        )
    return min(most, window - prompt_tokens)
