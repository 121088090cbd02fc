"""What a sentence states that none of the passages it was made from does.

A figure or a date that neither the cited passages nor any other one hold, and a name that none
holds, are made up whatever the rest of the sentence says: such a sentence is not shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.answering.support.features import without_number
from rag.schema import Passage
from rag.text.facts import Facts, facts_of, missing_names, missing_numbers
from rag.text.languages import DATA

_TITLES = frozenset[str]().union(*(words.abbreviations for words in DATA.values()))  # «Sr.»


def invents(
    sentence: str, language: str, question: str, cited: Sequence[Passage], shown: Sequence[Passage]
) -> bool:
    """Tells whether the sentence, without its marks, has a number or name from nowhere.

    The `cited` passages must hold its numbers and months together, or one of those `shown` all of
    them. A name may stand in any passage shown or in the `question`; one from a passage in another
    `language` may be spelt otherwise, so that none is missed then.
    """
    claim = facts_of(without_number(sentence))
    proofs = (cited, *([passage] for passage in shown))
    if all(missing_numbers(claim, _facts(passages)) for passages in proofs):
        return True
    if any(passage.chunk.language != language for passage in shown):
        return False
    names = replace(claim, names=claim.names - _TITLES)
    return missing_names(names, _facts(shown, question)) > 0


def _facts(passages: Sequence[Passage], *texts: str) -> Facts:
    parts = [
        part
        for passage in passages
        for part in (passage.title, *passage.chunk.headings, passage.chunk.text)
    ]
    return facts_of("\n".join([*parts, *texts]))
