"""A finished evaluation: figures with intervals, comparison with another, gates, files.

Figures are given over all questions, per language and per kind of question.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval import metrics
from eval.datasets import Question
from eval.judging import NAMES, plain_text
from eval.metrics import Estimate
from rag.errors import UsageError
from rag.schema import Answer, Passage

METRICS = (*(name for name in NAMES if name != "latency"), "latency_p50", "latency_p95")
"""The stable names, as gates and run.json use them; `judging` says what each means."""

LOWER_IS_BETTER = frozenset(
    {"confidently_wrong", "wrongly_refused", "wrong_short", "latency_p50", "latency_p95"}
)

Figures = Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class Row:
    """One question, its answer, and the value of every metric that applies."""

    question: Question
    passages: tuple[Passage, ...]
    answer: Answer
    values: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Run:
    """An evaluation. `figures` maps a group (all, a language, a kind) to metric estimates."""

    dataset: str
    created: str
    seconds: float
    figures: Mapping[str, Figures]
    rows: tuple[Row, ...]

    @property
    def languages(self) -> list[str]:
        """Returns the languages of the questions, sorted."""
        return sorted({row.question.language for row in self.rows})


def estimates(rows: Sequence[Row]) -> dict[str, Estimate]:
    """Returns every metric that applies to some row, with its bootstrap interval."""
    found = {
        name: metrics.bootstrap(column, statistic=statistic)
        for name, (column, statistic) in _columns([row.values for row in rows]).items()
    }
    return {name: estimate for name, estimate in found.items() if estimate}


def compare(run: Run, baseline: Mapping[str, Mapping[str, float | None]]) -> dict[str, Estimate]:
    """Returns paired differences (this run minus the other) over the questions both have, by id.

    Raises UsageError when they share none.
    """
    shared = [row for row in run.rows if row.question.id in baseline]
    if not shared:
        raise UsageError("the two runs share no question", "compare runs of the same question set")
    here = _columns([row.values for row in shared])
    there = _columns([baseline[row.question.id] for row in shared])
    found = {
        name: metrics.bootstrap(column, there[name][0], statistic)
        for name, (column, statistic) in here.items()
    }
    return {name: estimate for name, estimate in found.items() if estimate}


def _columns(
    values: Sequence[Mapping[str, float | None]],
) -> dict[str, tuple[list[float | None], metrics.Statistic]]:
    """Returns by metric its value for each question, and the statistic that sums them up."""
    latency = [row.get("latency") for row in values]
    return {
        **{n: ([row.get(n) for row in values], metrics.mean) for n in NAMES if n != "latency"},
        "latency_p50": (latency, metrics.percentile(50)),
        "latency_p95": (latency, metrics.percentile(95)),
    }


def groups(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Returns the rows by group: all, each language, each kind."""
    groups = {"all": list(rows)}
    for attribute in ("language", "kind"):
        parts: dict[str, list[Row]] = {}
        for row in rows:
            parts.setdefault(getattr(row.question, attribute), []).append(row)
        groups |= {name: parts[name] for name in sorted(parts) if name}
    return groups


def interval(estimate: Estimate | None, sign: str = "") -> str:
    """Returns `0.812 [0.790, 0.833]`, a dash without a figure; `sign` "+" marks gains."""
    if estimate is None:
        return "–"
    value, low, high = (
        f"{number:{sign}.3f}" for number in (estimate.value, estimate.low, estimate.high)
    )
    return f"{value} [{low}, {high}]"


# ---------------------------------------------------------------- gates


def parse_gate(text: str) -> tuple[str, str, float]:
    """Returns (group, metric, bound) of `f1=0.6` or, for one language or kind, `es/f1=0.6`."""
    name, _, bound = text.partition("=")
    group, _, metric = name.strip().rpartition("/")
    try:
        value = float(bound)
    except ValueError:
        value = float("nan")
    if metric not in METRICS or math.isnan(value):
        raise UsageError(
            f"--fail-under {text} is not METRIC=VALUE", f"the metrics are: {', '.join(METRICS)}"
        )
    return group or "all", metric, value


def check_gate(run: Run, group: str, metric: str, bound: float) -> str:
    """Returns what to say when the figure misses its bound; empty when it holds.

    A figure of LOWER_IS_BETTER fails above its bound, every other one below it. A metric that
    no question of the set bears on fails: a gate that measures nothing must not pass.
    """
    estimate = run.figures.get(group, {}).get(metric)
    name = metric if group == "all" else f"{group}/{metric}"
    if estimate is None:
        return f"{name} has no value on {run.dataset}, bound {bound:g}"
    if metric in LOWER_IS_BETTER:
        return f"{name} is {estimate.value:.4g}, above {bound:g}" if estimate.value > bound else ""
    return f"{name} is {estimate.value:.4g}, under {bound:g}" if estimate.value < bound else ""


# ---------------------------------------------------------------- files


def summary(run: Run) -> dict[str, Any]:
    """Returns the figures as run.json and `rag eval --json` have them."""
    return {
        "dataset": run.dataset,
        "created": run.created,
        "seconds": round(run.seconds, 3),
        "questions": len(run.rows),
        "models": sorted({row.answer.model for row in run.rows}),
        "figures": {
            group: {name: asdict(estimate) for name, estimate in figures.items()}
            for group, figures in run.figures.items()
        },
    }


def save(run: Run, folder: Path) -> None:
    """Writes run.json and answers.jsonl."""
    folder.mkdir(parents=True, exist_ok=True)
    values = {row.question.id: dict(row.values) for row in run.rows}
    content = {**summary(run), "values": values}
    _write(folder / "run.json", json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    lines = (json.dumps(_record(row), ensure_ascii=False) + "\n" for row in run.rows)
    _write(folder / "answers.jsonl", "".join(lines))


def read_values(path: Path) -> dict[str, dict[str, float | None]]:
    """Returns the values by question id of a saved run.json (or of the folder that holds it)."""
    file = path / "run.json" if path.is_dir() else path
    try:
        values: dict[str, dict[str, float | None]] = json.loads(file.read_text("utf-8"))["values"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{file} is not a saved run: {type(error).__name__} {error}",
            "give the run.json that «rag eval --out» wrote",
        ) from error
    return values


def _record(row: Row) -> dict[str, Any]:
    question, answer = row.question, row.answer
    return {
        "id": question.id,
        "language": question.language,
        "kind": question.kind,
        "question": question.text,
        "gold": list(question.answers),
        "unanswerable": question.unanswerable,
        "found": answer.found,
        "confidence": answer.confidence,
        "short": answer.short,
        "text": plain_text(answer),
        "citations": [
            {"path": c.passage.path, "page": c.page, "quote": c.quote} for c in answer.citations
        ],
        "passages": [
            {"path": p.path, "page": p.page, "start": p.chunk.start, "score": p.score}
            for p in row.passages
        ],
        "values": dict(row.values),
        "seconds": dict(answer.seconds),
    }


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
