"""A run as one HTML page that needs nothing else: figures, plots, and the worst questions.

Everything that comes from documents, questions or models is escaped. Knows a finished run and
nothing about how it was made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from eval import plots
from eval.judging import prediction
from eval.metrics import Estimate
from eval.runs import LOWER_IS_BETTER, METRICS, Row, Run, interval

WORST = 40  # questions that are shown with their answers
RIGHT = 0.5
"""An answer counts as right in the reliability diagram from this F1 on."""

_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #1d1d1f; background: #fff;
  max-width: 1080px; margin: 2.5rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.7rem; margin: 0; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .25rem; }
p { margin: .25rem 0 1rem; color: #555; max-width: 46rem; }
img { max-width: 100%; height: auto; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 1.5rem; }
.plots h2 { margin-top: 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .86rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .7rem .4rem 0;
  border-bottom: 1px solid #e6e6e6; }
.worst { table-layout: fixed; min-width: 50rem; } .worst td { overflow-wrap: anywhere; }
.worst th:nth-child(n+4) { width: 13%; } .worst th.n { width: 6rem; }
th { color: #555; font-weight: 600; } td.n, th.n { text-align: right; white-space: nowrap; }
td small { color: #777; }
.better { color: #00664b; } .worse { color: #a33b00; }
"""


def write_report(run: Run, differences: Mapping[str, Estimate], path: Path) -> None:
    """Writes the page. `differences` are against another run, as `runs.compare` gives them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(run, differences), encoding="utf-8")


def page(run: Run, differences: Mapping[str, Estimate]) -> str:
    """Returns the whole page as HTML."""
    models = ", ".join(sorted({row.answer.model for row in run.rows}))
    parts = (
        f"<h1>{escape(run.dataset)}</h1>",
        f"<p>{len(run.rows)} questions, asked {escape(run.created)} in {run.seconds:.0f} s, "
        f"answered by {escape(models)}. In brackets: 95 % bootstrap intervals.</p>",
        _bars(run),
        f'<div class="plots">{_curves(run)}</div>',
        "<h2>Figures</h2>",
        _figures(run, differences),
        f"<h2>The worst {min(WORST, len(run.rows))} questions</h2>",
        "<p>Those that do not satisfy or have the lowest F1 first; among equals, the surest "
        "answers first.</p>",
        _worst(run.rows),
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(run.dataset)}: evaluation</title><style>{_STYLE}</style></head>"
        f"<body>{''.join(parts)}</body></html>\n"
    )


# ---------------------------------------------------------------- plots


def _bars(run: Run) -> str:
    groups = run.languages if len(run.languages) > 1 else ["all"]
    figures = {group: run.figures[group] for group in groups}
    names = [n for n in METRICS if n not in LOWER_IS_BETTER and n in run.figures["all"]]
    return f"<h2>Metrics</h2>{plots.bars(figures, names)}"


def _curves(run: Run) -> str:
    """Returns the curves that this run has the questions for."""
    scored = [row for row in run.rows if row.values.get("f1") is not None]
    # Under withheld answers stands a confidence too, but no answer that could be right.
    given = [row for row in scored if row.answer.found]
    unanswerable = [row.question.unanswerable for row in run.rows]
    sections = []
    if any(unanswerable) and not all(unanswerable):
        confidence = [row.answer.confidence for row in run.rows]
        sections.append(("Abstention", plots.abstention(confidence, unanswerable)))
    if given:
        confidence = [row.answer.confidence for row in given]
        quality = [row.values["f1"] or 0.0 for row in given]
        right = [float(value >= RIGHT) for value in quality]
        sections.append(("Reliability of the confidence", plots.reliability(confidence, right)))
        sections.append(("Quality by coverage", plots.coverage(confidence, quality)))
    sections.append(("Latency", plots.histogram([row.values["latency"] or 0 for row in run.rows])))
    return "".join(f"<section><h2>{title}</h2>{image}</section>" for title, image in sections)


# ---------------------------------------------------------------- tables


def _figures(run: Run, differences: Mapping[str, Estimate]) -> str:
    """Returns one row per metric, one column per group, and the difference to the other run."""
    groups = [g for g in run.figures if len(run.languages) > 1 or g not in run.languages]
    heads = "".join(f'<th class="n">{escape(group)}</th>' for group in groups)
    rows = []
    for name in (metric for metric in METRICS if metric in run.figures["all"]):
        cells = "".join(f'<td class="n">{_cell(run.figures[g].get(name))}</td>' for g in groups)
        rows.append(f"<tr><td>{name}</td>{_difference(name, differences)}{cells}</tr>")
    against = '<th class="n">against the other run</th>' if differences else ""
    return (
        f'<div class="wide"><table><tr><th>metric</th>{against}{heads}</tr>'
        f"{''.join(rows)}</table></div>"
    )


def _cell(estimate: Estimate | None) -> str:
    value, _, rest = interval(estimate).partition(" ")
    return f"{value} <br><small>{rest}</small>" if rest else value


def _difference(name: str, differences: Mapping[str, Estimate]) -> str:
    if not differences:
        return ""
    estimate = differences.get(name)
    style = ""
    if estimate and (estimate.low > 0 or estimate.high < 0):  # the interval leaves out «equal»
        style = " better" if (estimate.value > 0) != (name in LOWER_IS_BETTER) else " worse"
    return f'<td class="n{style}">{interval(estimate, sign="+")}</td>'


def _worst(rows: Sequence[Row]) -> str:
    def badness(row: Row) -> tuple[float, float]:
        scores = (row.values.get(name) for name in ("satisfied", "f1", "ndcg@10"))
        return next((score for score in scores if score is not None), 1.0), -row.answer.confidence

    lines = [_line(row) for row in sorted(rows, key=badness)[:WORST]]
    heads = "<th>question</th><th>expected</th><th>answered</th><th>cited</th>"
    return (
        f'<div class="wide"><table class="worst"><tr>{heads}<th class="n">F1</th>'
        f'<th class="n">confidence</th></tr>{"".join(lines)}</table></div>'
    )


def _line(row: Row) -> str:
    question, answer = row.question, row.answer
    golds = question.answers or [" / ".join(fact) for fact in question.facts or ()]
    expected = "no answer" if question.unanswerable else "; ".join(golds)
    paths = dict.fromkeys(
        f"{e.path}{f', p. {e.page}' if e.page else ''}" for e in question.evidence
    )
    cited = dict.fromkeys(
        f"{c.passage.path}{f', p. {c.page}' if c.page else ''}" for c in answer.citations
    )
    score = row.values.get("f1")
    cells = (
        f"{escape(question.text)}<br><small>{escape(question.id)} {escape(question.kind)}</small>",
        f"{escape(_short(expected))}<br><small>{escape('; '.join(paths))}</small>",
        escape(_short(prediction(answer))) if answer.found else "<em>withheld</em>",
        f"<small>{escape('; '.join(cited)) if answer.found else ''}</small>",
    )
    numbers = ("–" if score is None else f"{score:.2f}", f"{answer.confidence:.2f}")
    left = "".join(f"<td>{cell}</td>" for cell in cells)
    right = "".join(f'<td class="n">{number}</td>' for number in numbers)
    return f"<tr>{left}{right}</tr>"


def _short(text: str, most: int = 240) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
