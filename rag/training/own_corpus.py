"""A library as training material: its passages with their vectors, its own questions with golds.

Everything is read in one snapshot. Knows nothing about how a model is learnt.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rag.protocols import Embedder
from rag.schema import Chunk
from rag.storage import Store
from rag.text import LANGUAGES, split_sentences
from rag.training.held_back import groups
from rag.training.linear_map import Asked, Places
from rag.training.own_questions import HEADING, OwnQuestion, ask

ENOUGH = 0.6  # share of an answer's sentence that a passage must hold


@dataclass(frozen=True, slots=True)
class OwnCorpus:
    """Questions over passages; `passage_group` and `question_group` hold near copies together."""

    asked: Asked
    passage_group: Places
    question_group: Places
    kinds: Mapping[str, int]
    """Number of questions of each kind."""
    newest: int
    """The greatest number of a document."""

    @property
    def documents(self) -> int:
        """Number of groups that questions were made from."""
        return len(np.unique(self.question_group))


def gather(
    store: Store, embedder: Embedder, most_questions: int, most_passages: int, seed: int
) -> OwnCorpus:
    """At most so many questions and passages, drawn by `seed`; the questions are embedded."""
    dice = random.Random(seed)  # noqa: S311 - no secret is drawn
    with store.snapshot():
        ids, vectors = store.documents.vectors()
        kept = sorted(dice.sample(range(len(ids)), min(most_passages, len(ids))))
        found = store.documents.chunks(int(ids[place]) for place in kept)
        chunks = [found[int(ids[place])][0] for place in kept]
        questions, gold = _questions(store, chunks, most_questions, dice)
    rows = np.array(vectors[kept])
    group = groups(rows, np.array([chunk.document_id for chunk in chunks], dtype=np.intp))
    of_document = {c.document_id: int(g) for c, g in zip(chunks, group, strict=True)}
    asked = Asked(
        embedder.encode_queries([each.text for each in questions]) if questions else rows[:0],
        rows,
        gold,
        _numbers(questions),
        _numbers(chunks),
    )
    return OwnCorpus(
        asked,
        group,
        np.array([of_document[each.document_id] for each in questions], dtype=np.intp),
        dict(Counter(each.kind for each in questions)),
        max((chunk.document_id for chunk in chunks), default=0),
    )


def _questions(
    store: Store, chunks: Sequence[Chunk], most: int, dice: random.Random
) -> tuple[list[OwnQuestion], list[list[int]]]:
    """Questions that a passage answers, and the places of those that do."""
    places: dict[int, list[int]] = defaultdict(list)
    for place, chunk in enumerate(chunks):
        places[chunk.document_id].append(place)
    pairs = []
    for number, own in places.items():
        document = store.documents.get(number)
        for question in ask(document, split_sentences) if document else ():
            golds = [place for place in own if _answers(chunks[place], question)]
            if golds:
                pairs.append((question, golds))
    if len(pairs) > most:
        pairs = [pairs[i] for i in sorted(dice.sample(range(len(pairs)), most))]
    return [question for question, _ in pairs], [golds for _, golds in pairs]


def _answers(chunk: Chunk, question: OwnQuestion) -> bool:
    shared = min(chunk.end, question.end) - max(chunk.start, question.start)
    whole = question.end - question.start
    return shared > 0 and (question.kind == HEADING or shared >= ENOUGH * whole)


def _numbers(rows: Sequence[Chunk] | Sequence[OwnQuestion]) -> Places:
    return np.array([LANGUAGES.index(row.language) for row in rows], dtype=np.intp)
