"""`rag train lexicon`: the table that search translates a question's words by.

The parallel text as content stems, aligned in both directions; a pair stays where either direction
is fairly sure of it. A minute, no model. Knows nothing about how the table is used.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from rag.text import fold, search_terms
from rag.training.alignment import Table, translation_table
from rag.training.recipe import need
from rag.training.rows import PARALLEL, Parallel, parallel_rows

LEAST_CHANCE = 0.12  # of one stem given the other, in either direction
LEAST_SEEN = 1.5  # expected times that one stood for the other
LONGEST = 40  # stems of a sentence that are looked at

StemPair = tuple[str, str]
"""Spanish, English."""


def train_lexicon(data: Path, out: Path) -> int:
    """Writes the table to `out`, a pair a line, surer ones first; returns their number.

    Raises UsageError for a data folder without the parallel text.
    """
    need(data, {PARALLEL: "the lexicon is learnt from its sentences"})
    pairs = learn(parallel_rows(data))
    half = out.with_name(f"{out.name}.half")
    half.write_text("".join(f"{es}\t{en}\n" for es, en in pairs), encoding="utf-8")
    half.replace(out)
    return len(pairs)


def learn(rows: Iterable[Parallel]) -> list[StemPair]:
    """Returns pairs of stems that translate each other, surer ones first; none with itself."""
    sentences = [(stems(row.es, "es"), stems(row.en, "en")) for row in rows]
    spanish, english = (_numbered(side) for side in zip(*sentences, strict=True))
    numbers = [
        ([spanish[word] for word in es], [english[word] for word in en])
        for es, en in sentences
        if es and en
    ]
    names = list(spanish), list(english)
    forth = _named(translation_table(numbers), *names)
    back = _named(translation_table([(en, es) for es, en in numbers]), *names[::-1])
    chances: dict[StemPair, list[float]] = defaultdict(list)
    for pair, chance in chain(forth, (((es, en), chance) for (en, es), chance in back)):
        chances[pair].append(chance)
    sure = [pair for pair, both in chances.items() if max(both) >= LEAST_CHANCE]
    others = [(es, en) for es, en in sure if es != en]
    return sorted(others, key=lambda pair: (-sum(chances[pair]), pair))


def stems(text: str, language: str) -> list[str]:
    """Returns the content stems, once, of the bare form, as a question's words are stemmed."""
    found = dict.fromkeys(search_terms(fold(text), language))
    return [stem for stem in found if len(stem) > 1 and stem.isalpha()][:LONGEST]


def _numbered(sentences: Iterable[Sequence[str]]) -> dict[str, int]:
    """Numbers the stems from 1 up."""
    words = dict.fromkeys(word for sentence in sentences for word in sentence)
    return {word: number for number, word in enumerate(words, start=1)}


def _named(
    table: Table, sources: Sequence[str], targets: Sequence[str]
) -> Iterator[tuple[tuple[str, str], float]]:
    """Yields ((source, target), chance) of what was seen; not what comes from no word."""
    seen = (table.seen >= LEAST_SEEN) & (table.source > 0)
    for s, t, chance in zip(
        table.source[seen], table.target[seen], table.chance[seen], strict=True
    ):
        yield (sources[s - 1], targets[t - 1]), float(chance)
