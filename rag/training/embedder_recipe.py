"""`rag train embedder`: from the data folder to an encoder that reads Spanish and English.

In order: translate the search questions, choose the Spanish words and their vectors, distil, turn
the vectors so that translations meet. Each intermediate result is kept in the run's folder, so a
run that was killed repeats none of them.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import nn

from rag.training import evaluation, translation_map
from rag.training.embedder import Batches, Losses, spanish_words_only
from rag.training.encoding import load_encoder
from rag.training.recipe import (
    ENCODER_FILES,
    Outcome,
    Run,
    load_tokenizer,
    need,
    reading,
    start_folder,
)
from rag.training.rows import (
    PAIRS,
    PARALLEL,
    QUESTIONS,
    Parallel,
    Question,
    pair_rows,
    parallel_rows,
    passages_of,
    question_rows,
)
from rag.training.steps import Schedule, Show, forget_checkpoints, run
from rag.training.translation import translatable, translate, translate_words
from rag.training.vocabulary import extend, spanish_words, word_vectors

WORDS = 15_400
COMMON = 60_000  # Spanish words of the language at large that are candidates
ALIGNED = 20_000  # sentences a source that the translation table is learnt from
# A text counts for the vocabulary by the size of its source, so that tatoeba's everyday words do
# not push out all others; pairs and translations as if their sources had so many rows.
SOURCE_POWER = -0.4
PAIR_ROWS, TRANSLATED_ROWS = 2_000, 10_000
NEEDED = {
    PARALLEL: "the embedder learns Spanish from its parallel sentences",
    PAIRS: "the embedder takes words and questions from it",
}
TRANSLATED, DICTIONARY = "translated.html", "dictionary.html"


@dataclass(frozen=True, slots=True)
class EmbedderSettings:
    """All that decides the result, beside the data and the start model."""

    steps: int = 300
    seed: int = 1
    translate: bool = True
    words: int = WORDS
    rate: float = 5e-4
    warmup: int = 10
    measure_every: int = 100


@dataclass(frozen=True, slots=True)
class Material:
    """What there is to learn from; `passages` are long parallel texts."""

    sentences: list[Parallel]
    passages: list[Parallel]
    spanish: list[tuple[str, float]]
    """Texts of the vocabulary with their weights."""


def train_embedder(
    data: Path,
    out: Path,
    settings: EmbedderSettings,
    start: Path | None = None,
    development: Path | None = None,
    show: Show | None = None,
) -> Outcome:
    """Trains, or goes on; `out` becomes a model folder with its record and learning curve.

    `development` holds the XQuAD-style sets (see `evaluation.load_development`). Raises UsageError
    for what is missing or another run in `out`, ModelMissing, RagError for data that is torn.
    """
    start = start or start_folder()
    teacher_tokenizer = load_tokenizer(start)
    names = NEEDED | ({QUESTIONS: "its questions are translated"} if settings.translate else {})
    files = need(data, names) + [start / name for name in ENCODER_FILES]
    record = Run(out, "embedder", asdict(settings), files)
    if record.done:
        return record.done
    with reading(data):
        material = gather(data, out, settings)
        measured = evaluation.load_development(development) if development else None
    teacher = load_encoder(start)
    tokenizer, words = _vocabulary(out, settings, teacher_tokenizer, teacher, material)
    student = load_encoder(start, words)
    spanish_words_only(student, len(words), teacher)
    batches = Batches(tokenizer, teacher_tokenizer, material.sentences, material.passages)

    def measure(model: nn.Module) -> dict[str, float]:
        return evaluation.retrieval(model, tokenizer, measured) if measured else {}

    losses = Losses(teacher.to("cuda" if torch.cuda.is_available() else "cpu"))
    schedule = _schedule(settings)
    trained = run(student, batches, losses, out, schedule, measure if measured else None, show)
    _save(trained, tokenizer, out)
    matrix = translation_map.learn(trained, tokenizer, _translated(material), settings.seed)
    translation_map.save(matrix, out)
    figures = evaluation.retrieval(trained, tokenizer, measured, matrix) if measured else {}
    outcome = record.finish(figures)
    forget_checkpoints(out)
    return outcome


def _translated(material: Material) -> list[list[Parallel]]:
    """Questions and passages with their translation; any parallel text where there is none."""
    kinds = [
        [row for row in rows if row.source.startswith("mt-")]
        for rows in (material.sentences, material.passages)
    ]
    return kinds if all(kinds) else [material.sentences, material.passages]


def gather(data: Path, out: Path, settings: EmbedderSettings) -> Material:
    """Reads the data folder and translates; `out` keeps the translations."""
    sentences, pairs = parallel_rows(data), pair_rows(data)
    sizes = Counter(row.source for row in sentences)
    spanish = [(row.es, sizes[row.source] ** SOURCE_POWER) for row in sentences]
    passages = {row.passage for row in pairs if row.source.endswith("es")}
    spanish += [(text, PAIR_ROWS**SOURCE_POWER) for text in sorted(passages)]
    material = Material(sentences, passages_of(sentences), spanish)
    if settings.translate:
        english = translatable(question_rows(data / QUESTIONS), pairs)
        for row, other in zip(english, translate(english, out / TRANSLATED), strict=True):
            if other is not None:
                _add(material, row, other)
    return material


def _add(material: Material, en: Question, es: Question) -> None:
    """A translated question and passage: parallel text of two lengths."""
    material.sentences.append(Parallel(en.question, es.question, "mt-questions"))
    material.passages.append(Parallel(en.context, es.context, f"mt-passages-{en.source}"))
    material.spanish.append((es.context, TRANSLATED_ROWS**SOURCE_POWER))


def _vocabulary(
    out: Path,
    settings: EmbedderSettings,
    old: Tokenizer,
    teacher: nn.Module,
    material: Material,
) -> tuple[Tokenizer, NDArray[np.float32]]:
    """The tokenizer with Spanish words and all word vectors; made once a run."""
    kept, vectors = out / "vocabulary.json", out / "words.npy"
    if kept.exists() and vectors.exists():
        return Tokenizer.from_file(str(kept)), np.load(vectors)
    forms = common_words(old)
    frequencies = {word: sum(share for _, share in group) for word, group in forms.items()}
    new = extend(old, spanish_words(old, material.spanish, frequencies, settings.words))
    dictionary = translate_words(forms, out / DICTIONARY) if settings.translate else {}
    known: Any = teacher.get_parameter("embeddings.word_embeddings.weight")
    rows = _few_of_each(material.sentences, settings.seed)
    words = word_vectors(old, new, known.detach().numpy(), rows, dictionary)
    new.save(str(kept))
    half = out / "words.half.npy"
    np.save(half, words)
    half.replace(vectors)
    return new, words


def common_words(tokenizer: Tokenizer) -> dict[str, list[tuple[str, float]]]:
    """The written forms of Spanish at large with their frequencies, by normalised word."""
    import wordfreq

    forms: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for form in wordfreq.top_n_list("es", COMMON):
        word = tokenizer.normalizer.normalize_str(form)
        if word.isalpha():
            forms[word].append((form, wordfreq.word_frequency(form, "es")))
    return dict(forms)


def _few_of_each(rows: Sequence[Parallel], seed: int) -> list[Parallel]:
    """At most ALIGNED of a source, and none of a machine's questions."""
    shuffled = [row for row in rows if row.source != "mt-questions"]
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - no secret is drawn
    taken: dict[str, int] = defaultdict(int)
    kept = []
    for row in shuffled:
        taken[row.source] += 1
        if taken[row.source] <= ALIGNED:
            kept.append(row)
    return kept


def _schedule(settings: EmbedderSettings) -> Schedule:
    return Schedule(
        steps=settings.steps,
        word_rate=settings.rate,
        warmup=settings.warmup,
        seed=settings.seed,
        measure_every=settings.measure_every,
    )


def _save(model: nn.Module, tokenizer: Tokenizer, folder: Path) -> None:
    model.save_pretrained(folder)  # type: ignore[operator]
    tokenizer.save(str(folder / "tokenizer.json"))
