"""`rag train embedder`: from multilingual-e5-small's file to the embedder that ships.

In order: read the packed model, cut its vocabulary, quantize and export. The float encoder is kept
in the run's folder, the artefact beneath it; a run that was killed repeats neither. Nothing is
trained: the data folder's texts say which pieces stay and how wide the activations are.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from torch import nn

from rag.training import packed, pieces
from rag.training.encoding import load_encoder
from rag.training.export import export_embedder
from rag.training.recipe import ENCODER_FILES, Outcome, Run, need, reading
from rag.training.rows import (
    PAIRS,
    PARALLEL,
    QUESTIONS,
    Pair,
    Parallel,
    pair_rows,
    parallel_rows,
    passages_of,
    question_rows,
)

QUERY, PASSAGE = "query: ", "passage: "  # how the model was taught to tell them apart
NEEDED = {
    PARALLEL: "both languages are met in it",
    PAIRS: "questions and passages are taken from it",
    QUESTIONS: "questions and passages are taken from it",
}
LONG_WORDS = (110, 250)  # of the joined passages: a chunk's length and two of them
SHOWN = {"sentences": 24, "passages": 16, "pairs": 24}  # texts that scales are set by, twice each
ARTEFACT = "artefact"


@dataclass(frozen=True, slots=True)
class EmbedderSettings:
    """What decides the result, beside the data and the start model."""

    version: str = "4"
    seed: int = 5
    pieces: int = 45_000


@dataclass(frozen=True, slots=True)
class Material:
    """The data folder's texts; `passages` are sentences joined."""

    sentences: list[Parallel]
    passages: list[Parallel]
    pairs: list[Pair]
    questions: list[Pair]

    @property
    def asked(self) -> list[Pair]:
        """Returns all questions with their passages."""
        return [*self.pairs, *self.questions]

    def texts(self) -> Iterable[str]:
        """Yields all of it once, the joined passages left out."""
        for row in self.sentences:
            yield from (row.en, row.es)
        for pair in self.asked:
            yield from (pair.query, pair.passage)


def train_embedder(
    data: Path,
    out: Path,
    settings: EmbedderSettings,
    start: Path | None = None,
) -> Outcome:
    """Makes the embedder, or goes on; `out` becomes the encoder's folder with its record.

    `start` is the packed file, the installed one by default. Raises UsageError for what is missing
    or another run in `out`, ModelMissing, RagError for data that is torn.
    """
    start = start or packed.installed_file()
    record = Run(out, "embedder", asdict(settings), [*need(data, NEEDED), start])
    if record.done:
        return record.done
    with reading(data):
        material = gather(data)
    cut(start, out, settings.pieces, material)
    export(out, settings.version, settings.seed, material)
    return record.finish()


def gather(data: Path) -> Material:
    """Reads the data folder: sentences, sentences joined to passages, questions with passages."""
    sentences = parallel_rows(data)
    passages = [row for words in LONG_WORDS for row in passages_of(sentences, words)]
    questions = [
        Pair(row.question, row.context, f"{row.source}/{row.language}")
        for row in question_rows(data / QUESTIONS)
    ]
    return Material(sentences, passages, pair_rows(data), questions)


def cut(start: Path, folder: Path, size: int, material: Material) -> tuple[nn.Module, Tokenizer]:
    """Returns the whole model with the vocabulary cut to `size` pieces; made once a folder."""
    if not all((folder / name).exists() for name in ENCODER_FILES):
        held = packed.read_packed(start)
        texts = sorted(set(material.texts()))
        names, rows = pieces.select(held, pieces.needed(held, texts, size))
        save(packed.encoder(held, rows), pieces.tokenizer_of(names), folder)
    return load_encoder(folder).eval(), Tokenizer.from_file(str(folder / "tokenizer.json"))


def export(folder: Path, version: str, seed: int, material: Material) -> Path:
    """Returns the artefact beneath an encoder's folder, made where it is not there yet."""
    target = folder / ARTEFACT
    if not (target / "model.json").exists():  # it is written last
        texts = examples(material, random.Random(seed))  # noqa: S311 - no secret is drawn
        export_embedder(folder, target, version, texts, (QUERY, PASSAGE))
    return target


def examples(material: Material, draw: random.Random) -> list[str]:
    """Draws pairs of texts of each kind, that the scales of the activations are set by."""

    def some(kind: str, rows: Sequence[Any]) -> list[Any]:
        return draw.sample(rows, min(SHOWN[kind], len(rows)))

    short = passages_of(material.sentences, LONG_WORDS[0])
    pairs = [(row.es, row.en) for row in some("sentences", material.sentences)]
    pairs += [(row.es, row.en) for row in some("passages", short)]
    pairs += [(row.query, row.passage) for row in some("pairs", material.pairs)]
    return [text for pair in pairs for text in pair]


def save(model: Any, tokenizer: Tokenizer, folder: Path) -> None:
    """Writes an encoder's folder; the tokenizer last, which says that it is whole."""
    model.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
