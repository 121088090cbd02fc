"""Holds a language model to the form that its prompt asks for, token by token.

Sentences that each end in the mark of a passage shown, or the refusal and nothing else. Needs
`llguidance`, which nothing of the product does: the grammar was measured, and left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from rag.answering.prompts import NOT_FOUND

_INSIDE = r"(?:[^\[\]\n.!?]|[.!?][^\s\[\].!?])"  # of a sentence: «3.5», not «. And»
_SENTENCE = rf"[^\[\]\s.,;:!?]{_INSIDE}+[.!?]?(?: ?\[[1-{{last}}]\])+\.?"


def pattern(passages: int) -> str:
    """Returns the regular expression of an answer from so many passages, at most nine."""
    sentence = _SENTENCE.replace("{last}", str(passages))
    refusals = "|".join(re.escape(text).replace("\\ ", " ") for text in NOT_FOUND.values())
    return rf"(?:{sentence}(?:\s{{1,2}}{sentence})*|{refusals})"


class AnswerGrammar:
    """Takes the tokens that may not follow from the logits of several answers at once."""

    def __init__(self, tokenizer: Any, passages: Sequence[int], prompt_tokens: int) -> None:
        """`passages`: how many each answer was shown; `prompt_tokens` with their padding."""
        from llguidance import LLMatcher
        from llguidance.hf import from_tokenizer

        vocabulary = from_tokenizer(tokenizer)
        self._prompt_tokens = prompt_tokens
        self._matchers = [
            LLMatcher(vocabulary, LLMatcher.grammar_from_regex(pattern(count)))
            for count in passages
        ]

    def __call__(self, ids: Any, logits: Any) -> Any:
        """Returns the logits (answers, vocabulary), those that may not follow minus infinity."""
        import torch

        for row, matcher in enumerate(self._matchers):
            if ids.shape[1] > self._prompt_tokens and not matcher.is_stopped():
                matcher.consume_token(int(ids[row, -1]))
            if not matcher.is_stopped():
                bits = np.frombuffer(matcher.compute_bitmask(), dtype=np.uint8)
                allowed = np.zeros(logits.shape[1], dtype=bool)
                known = np.unpackbits(bits, bitorder="little")[: len(allowed)]
                allowed[: len(known)] = known
                logits[row, torch.from_numpy(~allowed)] = float("-inf")
        return logits
