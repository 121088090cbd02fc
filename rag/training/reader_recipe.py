"""`rag train qa`: from an encoder and the data folder to a reader.

Two stages, each with checkpoints of its own: the base mixture, then (where there are any) articles
with questions in both languages, a share of the base mixed in. What is left out of the second stage
is what it is measured on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tokenizers import Tokenizer
from torch import nn

from rag.errors import UsageError
from rag.training import evaluation
from rag.training.evaluation import Development
from rag.training.mixture import EXTRA, SETS, article_tasks, base_tasks, replayed, weight_of
from rag.training.reader import Reader, load_reader, loss, save_reader
from rag.training.reading import ReadingBatches, Task
from rag.training.recipe import ENCODER_FILES, Outcome, Run, load_tokenizer, need, reading
from rag.training.rows import PAIRS, QUESTIONS, pair_rows, question_rows
from rag.training.steps import Schedule, Show, forget_checkpoints, run
from rag.training.translation import translatable, translate

TRANSLATED = "translated.html"
SAMPLED = 150  # questions of a measure on the way; the last one takes them all
SAMPLED_WAYS = ("en>en", "es>es")
NEEDED = {QUESTIONS: "the reader learns from its questions"}


@dataclass(frozen=True, slots=True)
class ReaderSettings:
    """All that decides the result, beside the data and the start model.

    `steps` and `article_steps` are those of the two stages, 0 for none; `replay` is the share of
    the base mixture in the second; `fold` («K/N») and `without` leave articles out of it.
    """

    steps: int = 2_100
    article_steps: int = 800
    seed: int = 1
    translate: bool = True
    replay: float = 0.35
    fold: str | None = None
    without: tuple[str, ...] = ()
    rate: float = 1.5e-4
    article_rate: float = 1e-4
    warmup: int = 60
    measure_every: int = 300


@dataclass(frozen=True, slots=True)
class Folders:
    """Where everything is: `articles` holds the sets of the second stage, None for no such stage;
    `development` those that are measured; `extra` more questions for the base mixture.
    """

    data: Path
    out: Path
    start: Path
    articles: Path | None = None
    development: Path | None = None
    extra: Path | None = None


def train_reader(folders: Folders, settings: ReaderSettings, show: Show | None = None) -> Outcome:
    """Trains, or goes on; `out` becomes a reader's folder with its record, a folder a stage.

    Raises UsageError for what is missing, settings that mean nothing or another run in `out`;
    RagError for data that is torn.
    """
    _check(folders, settings)
    tokenizer = load_tokenizer(folders.start)
    record = Run(folders.out, "reader", _told(settings), _files(folders, settings))
    if record.done:
        return record.done
    with reading(folders.data):
        base = _base(folders, settings)
        chosen = (
            article_tasks(folders.articles, settings.fold, settings.without)
            if folders.articles
            else None
        )
        measured = evaluation.load_development(folders.development) if folders.development else None
    model = load_reader(folders.start)
    stage = _Stage(model, tokenizer, measured, show)
    figures: dict[str, float] = {}
    if settings.steps:
        figures |= stage.run(folders.out / "base", base, weight_of, _schedule(settings))
    if chosen:
        tasks, weights = replayed(chosen.tasks, base, settings.replay)
        # what is trained on is not measured: without a fold there is nothing honest to say
        stage.measured = measured.of(chosen.without) if measured and chosen.without else None
        figures |= stage.run(folders.out / "articles", tasks, weights, _second(settings))
    save_reader(model, tokenizer, folders.out)
    outcome = record.finish(figures)
    for name in ("base", "articles"):
        forget_checkpoints(folders.out / name)
    return outcome


class _Stage:
    """Runs a mixture on the model, unless an earlier start of the same run has done so."""

    def __init__(
        self, model: Reader, tokenizer: Tokenizer, measured: Development | None, show: Show | None
    ) -> None:
        self.model, self.tokenizer = model, tokenizer
        self.measured, self.show = measured, show

    def run(
        self,
        folder: Path,
        tasks: Sequence[Task],
        weights: Callable[[str], float],
        schedule: Schedule,
    ) -> dict[str, float]:
        """The figures of the stage, by «STAGE/direction measure»."""
        done = folder / "done.json"
        if done.exists():
            self.model.load_state_dict(load_reader(folder).state_dict())
            return dict(json.loads(done.read_text(encoding="utf-8")))
        batches = ReadingBatches(self.tokenizer, tasks, weights)
        measure = self._glance if self.measured else None
        run(self.model, batches, loss, folder, schedule, measure, self.show)
        save_reader(self.model, self.tokenizer, folder)
        figures = {f"{folder.name}/{name}": value for name, value in self._measure().items()}
        done.write_text(json.dumps(figures) + "\n", encoding="utf-8")
        return figures

    def _measure(self) -> dict[str, float]:
        if self.measured is None:
            return {}
        return evaluation.reading(self.model, self.tokenizer, self.measured)

    def _glance(self, model: nn.Module) -> dict[str, float]:
        if self.measured is None:
            return {}
        few = self.measured.sample(SAMPLED)
        return evaluation.reading(model, self.tokenizer, few, SAMPLED_WAYS)


def _base(folders: Folders, settings: ReaderSettings) -> list[Task]:
    questions = list(question_rows(folders.data / QUESTIONS))
    if not settings.translate:
        return base_tasks(questions, [], folders.extra, settings.seed)
    english = translatable(questions, pair_rows(folders.data))
    _borrow(folders.start, folders.out)
    translated = translate(english, folders.out / TRANSLATED)
    return base_tasks(questions, translated, folders.extra, settings.seed)


def _borrow(start: Path, out: Path) -> None:
    """The embedder's run has translated the same rows; `translate` looks whether they are."""
    for name in (TRANSLATED, TRANSLATED.replace(".html", ".source.html")):
        if (start / name).exists() and not (out / name).exists():
            (out / name).write_bytes((start / name).read_bytes())


def _check(folders: Folders, settings: ReaderSettings) -> None:
    if folders.articles is None and (settings.fold or settings.without):
        raise UsageError(
            "--fold and --without leave articles out of the second stage, and there is none",
            "add --articles FOLDER",
        )
    if folders.articles and not any((folders.articles / name).exists() for name in SETS):
        raise UsageError(
            f"{folders.articles} has none of the question sets: {', '.join(SETS)}",
            "give the folder that holds them, or leave out --articles",
        )
    if not 0 <= settings.replay < 1:
        raise UsageError(f"--replay {settings.replay} is no share", "--replay 0.3")
    if not settings.steps and not folders.articles:
        raise UsageError("--steps 0 leaves nothing to do", "add --articles FOLDER")


def _files(folders: Folders, settings: ReaderSettings) -> list[Path]:
    names = NEEDED | ({PAIRS: "its questions are translated"} if settings.translate else {})
    files = need(folders.data, names) + [folders.start / name for name in ENCODER_FILES]
    if folders.articles:
        files += [folders.articles / name for name in SETS]
    if folders.extra:
        files += [folders.extra / name for name, _ in EXTRA.values()]
    return [path for path in files if path.exists()]


def _told(settings: ReaderSettings) -> dict[str, object]:
    """As JSON gives it back: no tuples."""
    return asdict(settings) | {"without": list(settings.without)}


def _schedule(settings: ReaderSettings) -> Schedule:
    return Schedule(
        steps=settings.steps,
        rate=settings.rate,
        word_rate=2 * settings.rate,
        head_rate=1e-3,
        warmup=settings.warmup,
        seed=settings.seed,
        measure_every=settings.measure_every,
    )


def _second(settings: ReaderSettings) -> Schedule:
    """Gently: few rows, and heads that have learnt their work."""
    return Schedule(
        steps=settings.article_steps,
        rate=settings.article_rate,
        word_rate=2 * settings.article_rate,
        head_rate=2 * settings.article_rate,
        warmup=settings.warmup // 2,
        seed=settings.seed + 1,
        measure_every=settings.measure_every,
    )
