"""The stretches of passages that a language model is shown: short, around what answers best.

A small model on a processor reads a hundred tokens a second, so that what it is shown decides when
its first words come; and what stands beside the answer leads it astray.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.schema import Passage, Sentence, Span
from rag.text import split_sentences


def excerpts(
    passages: Sequence[Passage], evidence: Sequence[Sentence], most: int, characters: int
) -> list[tuple[int, Passage]]:
    """Returns at most `most` passages with their indices, those with the best sentences first.

    `evidence` is best first. Each passage is cut to whole sentences around its best one, to
    `characters` where that one is no longer.
    """
    best: dict[int, Span] = {}
    for sentence in evidence:
        best.setdefault(sentence.passage, (sentence.start, sentence.end))
    order = dict.fromkeys([*best, *range(len(passages))])
    return [
        (index, _cut(passages[index], best.get(index), characters)) for index in list(order)[:most]
    ]


def _cut(passage: Passage, best: Span | None, characters: int) -> Passage:
    """Returns the passage as the sentences around its best one, or around its first."""
    chunk = passage.chunk
    spans = split_sentences(chunk.text)
    if len(chunk.text) <= characters or not spans:
        return passage
    start, end = (0, 1) if best is None else (best[0] - chunk.start, best[1] - chunk.start)
    inside = [index for index, (left, right) in enumerate(spans) if left < end and start < right]
    first, last = (inside[0], inside[-1]) if inside else (0, 0)
    while True:
        # what follows a sentence explains it more often than what precedes it
        wider = [
            (low, high)
            for low, high in ((first, last + 1), (first - 1, last))
            if low >= 0 and high < len(spans) and spans[high][1] - spans[low][0] <= characters
        ]
        if not wider:
            break
        first, last = wider[0] if len(wider) == 1 or (last - first) % 3 else wider[-1]
    left, right = spans[first][0], spans[last][1]
    shown = replace(
        chunk, start=chunk.start + left, end=chunk.start + right, text=chunk.text[left:right]
    )
    return replace(passage, chunk=shown)
