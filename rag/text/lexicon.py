"""Which stems of the other language mean the same as a stem: 30,000 pairs from parallel text.

`rag train lexicon` writes the table; README.md beside it says from what.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("lexicon.tsv")
MOST = 3
"""Translations of a stem, the surest first: more find no more."""


def translations(stem: str, language: str) -> Sequence[str]:
    """Returns at most MOST stems of the other language; none for names and unknown words."""
    return _table().get(language, {}).get(stem, ())


@cache
def _table() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Returns the table by language and stem.

    The file has one pair on a line, Spanish first, surer pairs first.
    """
    table: dict[str, dict[str, list[str]]] = {"es": defaultdict(list), "en": defaultdict(list)}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        spanish, english = line.split("\t")
        for stem, other, language in ((spanish, english, "es"), (english, spanish, "en")):
            if len(table[language][stem]) < MOST:
                table[language][stem].append(other)
    return table
