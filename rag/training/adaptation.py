"""`rag train embedder --library`: the library's own model, learnt from its own documents, offline.

    documents → questions → a map, its strength chosen on the rest ─┐
    one part of the documents at a time held back, asked both ways ─┴→ accepted, or nothing changes

The held-back parts together are all documents, each asked by a map that knows nothing of it nor of
its near copies; the map that is kept is then learnt from all of them in the same way. Needs no
torch: the vectors of the passages are in the library already.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from rag.errors import RagError
from rag.indexing import require_same_model
from rag.indexing.index_sync import adopt, model_of
from rag.library import Library
from rag.models import Adaptation, load_adaptation
from rag.models.adapted import before, next_name, save_adaptation
from rag.storage import Store, of_system
from rag.training import guard
from rag.training.held_back import interval
from rag.training.learner import Learner
from rag.training.linear_map import Floats, Places
from rag.training.own_corpus import OwnCorpus, gather

FEWEST_DOCUMENTS, FEWEST_QUESTIONS = 8, 100  # below these an interval says nothing

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class AdaptationSettings:
    """All that decides the result, beside the library."""

    seed: int = 1
    parts: int = 5
    strengths: tuple[float, ...] = (2.0, 4.0, 8.0, 16.0, 32.0)
    questions: int = 6_000
    passages: int = 20_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of it. `model` is the fingerprint of the model in use afterwards."""

    accepted: bool
    reason: str
    model: str
    figures: Mapping[str, float]
    seconds: float


def adapt(
    library: Library, settings: AdaptationSettings | None = None, say: Say = lambda _: None
) -> Verdict:
    """Learns, measures, and takes the model into use where it is surely better.

    Raises RagError when the library is too small to tell, ModelMismatch, LibraryBusy.
    """
    began, settings = time.monotonic(), settings or AdaptationSettings()
    with _opened(library) as store:
        embedder, current = library.embedder, _current(store)
        require_same_model(store, embedder.fingerprint)
        say("asking the documents")
        sizes = settings.questions, settings.passages
        corpus = gather(store, embedder, *sizes, settings.seed)
        fair = _fair(corpus, current)
        _require_enough(len(fair), len(np.unique(corpus.question_group[fair])), current)
        say(f"{len(corpus.asked.gold)} questions to {corpus.documents} documents; measuring")
        learner = Learner(
            corpus.asked, corpus.question_group, settings.strengths, settings.parts, settings.seed
        )
        matrix, strength = learner.learn()
        now = learner.gains(current.matrix if current else None)
        gained = now[fair], learner.held_back()[fair]
        figures = _figures(*gained, corpus.question_group[fair], settings.seed)
        figures |= guard.compare(embedder.encode_queries, matrix)
        reason = _refusal(figures)
        if reason is None:
            told = {
                "questions": dict(corpus.kinds),
                "documents": corpus.documents,
                "strength": strength,
                "newest": corpus.newest,
                "settings": asdict(settings),
                "figures": figures,
            }
            say("taking it into use")
            _take(store, matrix, embedder.fingerprint, told)
        seconds = round(time.monotonic() - began, 1)
        return Verdict(reason is None, reason or "", model_of(store), figures, seconds)


def rollback(library: Library) -> str:
    """Back to the model before the one in use; its fingerprint. Raises RagError where none is."""
    with _opened(library) as store, store.writing():
        used = store.generations.adaptation()
        if used is None:
            raise RagError(
                f"the library {library.settings.library} is searched with the embedder itself: "
                "there is nothing to go back to",
                "rag status",
            )
        former = before(store.folder, used)
        adopt(store, load_adaptation(store.folder, former) if former else None)
        return model_of(store)


def _figures(now: Floats, after: Floats, group: Places, seed: int) -> dict[str, float]:
    low, high = interval(after - now, group, seed)
    values = {
        "mrr_before": now.mean(),
        "mrr_after": after.mean(),
        "gain": (after - now).mean(),
        "low": low,
        "high": high,
        "first_before": (now == 1).mean(),
        "first_after": (after == 1).mean(),
        "ten_before": (now > 0).mean(),
        "ten_after": (after > 0).mean(),
    }
    return {name: round(float(value), 4) for name, value in values.items()}


def _refusal(figures: Mapping[str, float]) -> str | None:
    """Why the model is not taken; None when it is."""
    if not figures["low"] > 0:
        return (
            f"no sure gain on held-back documents: {figures['gain']:+.3f}, "
            f"95 % between {figures['low']:+.3f} and {figures['high']:+.3f}"
        )
    return guard.lost(figures)


def _take(store: Store, matrix: Floats, base: str, told: Mapping[str, Any]) -> None:
    """Writes the generation and makes it current."""
    with store.writing():
        require_same_model(store, base)
        used = model_of(store)
        name = next_name(store.folder)
        adaptation = Adaptation(name, base, used if used != base else None, matrix, told)
        try:
            save_adaptation(store.folder, adaptation)
        except OSError as error:
            raise of_system(store.folder, error) from error
        adopt(store, adaptation)


def _current(store: Store) -> Adaptation | None:
    used = model_of(store)
    return load_adaptation(store.folder, used) if used == store.generations.adaptation() else None


def _fair(corpus: OwnCorpus, current: Adaptation | None) -> Places:
    """Questions that tell the new model from the one in use: to documents neither has learnt from.

    A group is named after its oldest document, and numbers of documents only grow.
    """
    newest = int(current.record.get("newest", 0)) if current else 0
    return np.flatnonzero(corpus.question_group > newest)


def _require_enough(questions: int, documents: int, current: Adaptation | None) -> None:
    if questions >= FEWEST_QUESTIONS and documents >= FEWEST_DOCUMENTS:
        return
    found = f"{questions} questions to {documents} documents"
    if current:
        found += f" that the model in use, {current.name}, has not learnt from"
    raise RagError(
        f"too little to measure on: {found}; {FEWEST_QUESTIONS} and {FEWEST_DOCUMENTS} are the "
        "least",
        "rag ingest FOLDER",
    )


@contextmanager
def _opened(library: Library) -> Iterator[Store]:
    with closing(Store(library.settings.library)) as store:
        yield store
