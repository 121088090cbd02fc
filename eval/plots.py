"""The plots of an evaluation, each as an HTML image tag that holds its SVG.

Draws what it is given and knows nothing about how it was measured.
"""

from __future__ import annotations

import atexit
import base64
import io
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from html import escape
from typing import Any

import numpy as np

from eval import metrics
from eval.metrics import Estimate
from rag.errors import ModelMissing

# Okabe and Ito's palette: told apart by colour-blind readers, and in grey.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")
STYLE = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e6e6e6",
    "svg.fonttype": "path",  # looks the same where the font is missing
    "svg.hashsalt": "fuente",  # the same run gives the same bytes
}
SMALL = (4.7, 3.3)  # inches


def bars(groups: Mapping[str, Mapping[str, Estimate]], names: Sequence[str]) -> str:
    """Draws one bar per metric and group, from 0 to 1, with its interval as a whisker."""
    height = 0.8 / len(groups)

    def draw(axes: Any) -> None:
        for number, (group, figures) in enumerate(groups.items()):
            heights = [i + number * height for i, name in enumerate(names) if name in figures]
            found = [figures[name] for name in names if name in figures]
            _bars(axes, heights, found, height * 0.9, COLOURS[number % len(COLOURS)], group)
        axes.set_yticks([i + 0.4 - height / 2 for i in range(len(names))], names)
        axes.set_ylim(len(names) - 0.1, -0.3)  # the first metric on top
        axes.set_xlim(0, 1.12)
        axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1.0])
        axes.grid(visible=False, axis="y")
        if len(groups) > 1:
            axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))

    inches = (9.6, 0.19 * len(names) * (len(groups) + 0.6) + 0.8)
    return _image("the metrics as bars, per language", inches, draw)


def _bars(
    axes: Any, positions: list[float], found: list[Estimate], height: float, colour: str, label: str
) -> None:
    values = [estimate.value for estimate in found]
    whiskers = [
        [estimate.value - estimate.low for estimate in found],
        [estimate.high - estimate.value for estimate in found],
    ]
    style = {"elinewidth": 1, "ecolor": "#333333"}
    axes.barh(positions, values, height, xerr=whiskers, color=colour, label=label, error_kw=style)
    for position, estimate in zip(positions, found, strict=True):
        axes.text(estimate.high + 0.01, position, f"{estimate.value:.3f}", va="center", fontsize=8)


def abstention(confidence: Sequence[float], unanswerable: Sequence[bool]) -> str:
    """Draws precision and recall of withholding an answer, over the threshold of confidence."""
    thresholds, precision, recall = metrics.abstention_curve(confidence, unanswerable)

    def draw(axes: Any) -> None:
        axes.step(thresholds, precision, where="post", color=COLOURS[0], label="precision")
        axes.step(thresholds, recall, where="post", color=COLOURS[5], ls="--", label="recall")
        axes.set(xlabel="answers up to this confidence withheld", xlim=(0, 1), ylim=(0, 1.03))
        axes.legend(frameon=False, loc="lower right")

    return _image("abstention precision and recall over the threshold", SMALL, draw)


def coverage(confidence: Sequence[float], quality: Sequence[float]) -> str:
    """Draws the mean F1 of the answers given, the surest ones first."""
    share, mean = metrics.coverage_curve(confidence, quality)

    def draw(axes: Any) -> None:
        axes.plot(share, mean, color=COLOURS[0])
        axes.set(xlabel="share of the answers given, surest first", ylabel="mean F1")
        axes.set(xlim=(0, 1), ylim=(0, 1.03))

    return _image("mean F1 over coverage", SMALL, draw)


def reliability(confidence: Sequence[float], right: Sequence[float]) -> str:
    """Draws the share right by stated confidence; calibrated answers lie on the diagonal."""
    points = metrics.reliability(confidence, right)

    def draw(axes: Any) -> None:
        axes.plot([0, 1], [0, 1], color="#999999", lw=1, ls="--")
        stated, share, counts = ([point[i] for point in points] for i in range(3))
        sizes = [20 + 180 * count / max(counts) for count in counts]
        axes.plot(stated, share, color=COLOURS[0], lw=1)
        axes.scatter(stated, share, s=sizes, color=COLOURS[0], zorder=3)
        axes.set(xlabel="stated confidence", ylabel="share right", xlim=(0, 1), ylim=(0, 1.03))

    return _image("reliability diagram", SMALL, draw)


def histogram(seconds: Sequence[float]) -> str:
    """Draws how long the answers took, with the median and the 95th percentile marked."""

    def draw(axes: Any) -> None:
        axes.hist(seconds, bins=min(40, max(len(seconds) // 4, 5)), color=COLOURS[4])
        for q, line in ((50, "-"), (95, "--")):
            value = float(np.percentile(seconds, q))
            axes.axvline(value, color="#333333", lw=1, ls=line, label=f"p{q}: {value:.2f} s")
        axes.set(xlabel="seconds to the complete answer", ylabel="questions")
        axes.legend(frameon=False)

    return _image("histogram of latency", SMALL, draw)


def _image(alt: str, inches: tuple[float, float], draw: Callable[[Any], None]) -> str:
    mpl, figure_of = _matplotlib()
    with mpl.rc_context():
        mpl.rcdefaults()  # matplotlib reads a file `matplotlibrc` of the working directory
        mpl.rcParams.update(STYLE)
        figure = figure_of(figsize=inches, layout="constrained")
        draw(figure.subplots())
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    # As an image, not inline: the ids inside one SVG would clash with those of the next.
    return f'<img alt="{escape(alt)}" src="data:image/svg+xml;base64,{data}">'


@cache
def _matplotlib() -> tuple[Any, Any]:
    """Imports the library; returns it and its class of figures.

    It writes its list of fonts to the home folder unless told of another, and reads settings there:
    the folder is a fresh one, of this process alone, and is removed at its end.
    """
    folder = tempfile.mkdtemp(prefix="fuente-fonts-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ.setdefault("MPLCONFIGDIR", folder)
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ModelMissing("matplotlib is not installed", "pip install 'fuente[eval]'") from error
    return mpl, Figure
