"""An answer made of the documents' own sentences, so that every word of it can be verified.

Takes the best sentence, then others that add something: for a question that wants an explanation up
to `max_sentences`, for one that wants a fact only when the short answer is not in the first. Knows
nothing about how sentences were found and scored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.protocols import Stop
from rag.schema import Prompt, Sentence

_EXPLAINS = re.compile(
    r"\b(qué (?:es|son|significa|ventajas|inconvenientes|pasos|riesgos|medidas)|cómo|por qué|"
    r"expli\w+|descr\w+|compar\w+|diferencias?|resum\w+|cuáles|para qué|"
    r"what (?:is|are|does|happens|steps|risks|measures)|how (?!many|much|long|old|far)|why|"
    r"explain|describe|compare|differences?|summar\w+|list)\b",
    re.IGNORECASE,
)
_RELATIVE = 0.55  # a further sentence must score at least this share of the best one
_SAME = 0.6  # of two sentences that share this much of their words, one says enough
_WORD = re.compile(r"[^\W_]{3,}")
_REFERENCE = re.compile(r"\[(\d{1,3})\]")  # a paper's own «[3]» is no mark of ours
_WINDOW = 1_000_000  # no model reads the prompt: nothing limits it


class ExtractiveGenerator:
    """Quotes; deterministic, instant, in the language of the documents."""

    name = "extractive"
    context_window = _WINDOW

    def __init__(self, max_sentences: int = 4) -> None:
        self._max_sentences = max_sentences

    def count_tokens(self, text: str) -> int:
        """Words: nothing here has tokens."""
        return len(text.split())

    def stream(self, prompt: Prompt, stop: Stop) -> Iterator[str]:
        """One sentence with its mark a delta."""
        for place, sentence in enumerate(self._choose(prompt)):
            if stop():
                return
            words = _REFERENCE.sub(r"(\1)", _one_line(sentence.text))
            yield f"{' ' if place else ''}{words} [{sentence.passage + 1}]"

    def _choose(self, prompt: Prompt) -> list[Sentence]:
        if not prompt.evidence:
            return []
        best, *rest = prompt.evidence
        limit = self._max_sentences if _EXPLAINS.search(prompt.question) else 2
        if prompt.short is not None:
            limit = 1
        chosen = [best]
        for sentence in rest:
            if len(chosen) >= limit or sentence.score < _RELATIVE * best.score:
                break
            if not _repeats(sentence, chosen):
                chosen.append(sentence)
        return _in_reading_order(chosen)


def _one_line(text: str) -> str:
    """White space collapsed; the cells of a table row, parted by tabs, stay apart."""
    return " │ ".join(" ".join(cell.split()) for cell in text.split("\t"))


def _repeats(sentence: Sentence, chosen: Sequence[Sentence]) -> bool:
    words = _words(sentence)
    return any(
        len(words & other) >= _SAME * min(len(words), len(other)) for other in map(_words, chosen)
    )


def _words(sentence: Sentence) -> set[str]:
    return {word.casefold() for word in _WORD.findall(sentence.text)}


def _in_reading_order(chosen: Sequence[Sentence]) -> list[Sentence]:
    """The best sentence first; further ones of its passage in the order of the text."""
    best = chosen[0]
    return [best, *sorted(chosen[1:], key=lambda each: (each.passage, each.start))]
