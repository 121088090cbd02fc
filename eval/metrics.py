"""Formulas of the evaluation: answers, rankings, abstention, confidence intervals. All pure.

Works on strings, flags and lists; knows nothing about libraries, passages or files. Text is
compared as Unicode: nothing here assumes ASCII.
"""

from __future__ import annotations

import math
import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelMissing

Floats = NDArray[np.float64]

# «al» and «del» stay: they hold a preposition, and dropping it changes what is said.
ARTICLES: Mapping[str, frozenset[str]] = {
    "en": frozenset({"a", "an", "the"}),
    "es": frozenset({"el", "la", "los", "las", "lo", "un", "una", "unos", "unas"}),
}
RESAMPLES = 1000  # the interval is stable to some thousandths
LEVEL = 0.95  # of confidence, of all intervals
OVERLAP = 0.5
"""Share of a quote's words that must stand in another text to say that it shows the quote."""


# ---------------------------------------------------------------- answers


def answer_tokens(text: str, language: str) -> list[str]:
    """Returns the words of an answer without case, punctuation and articles.

    As the SQuAD script does, with the punctuation of Unicode category P and the articles of the
    language as in MLQA (Lewis et al. 2020). A text of nothing but articles keeps them.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = "".join(c for c in folded if not _is_punctuation(c)).split()
    articles = ARTICLES.get(language, frozenset())
    return [word for word in words if word not in articles] or words


def _is_punctuation(character: str) -> bool:
    return character in string.punctuation or unicodedata.category(character).startswith("P")


def exact_match(prediction: str, golds: Sequence[str], language: str) -> float:
    """Returns 1.0 when the prediction equals one of the gold answers after normalising."""
    tokens = answer_tokens(prediction, language)
    return float(any(tokens == answer_tokens(gold, language) for gold in golds))


def f1(prediction: str, golds: Sequence[str], language: str) -> float:
    """Returns the highest F1 over bags of words with any gold answer (Rajpurkar et al. 2016)."""
    return max((_f1(prediction, gold, language) for gold in golds), default=0.0)


def _f1(prediction: str, gold: str, language: str) -> float:
    guess, truth = answer_tokens(prediction, language), answer_tokens(gold, language)
    if not guess or not truth:
        return float(guess == truth)
    common = (Counter(guess) & Counter(truth)).total()
    return 2 * common / (len(guess) + len(truth))


# ---------------------------------------------------------------- quotes


def contains(text: str, answer: str) -> bool:
    """Tells whether `answer` stands in `text` as whole words, case and white space aside."""
    wanted = _plain(answer)
    return (
        bool(wanted) and re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", _plain(text)) is not None
    )


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("\u00ad", "")
    return " ".join(folded.split())


def overlap(text: str, quote: str) -> float:
    """Returns the share of the words of `quote` that `text` holds in runs of three or more.

    Forgives what page layout does to a sentence: hyphens at line ends, table rules, line breaks.
    """
    words, wanted = _words(text), _words(quote)
    if not words or not wanted:
        return 0.0
    blocks = SequenceMatcher(None, words, wanted, autojunk=False).get_matching_blocks()
    shortest = min(3, len(wanted))
    return sum(block.size for block in blocks if block.size >= shortest) / len(wanted)


def bears_on(text: str, quote: str) -> bool:
    """Tells whether two texts show the same passage: either holds at least half of the other.

    Or a line of the text holds all words of the quote: a table's row between whose cells the names
    of their columns stand.
    """
    shared = overlap(text, quote) >= OVERLAP or overlap(quote, text) >= OVERLAP
    return shared or _row_holds(text, quote)


def _row_holds(text: str, quote: str) -> bool:
    wanted = Counter(_words(quote))
    return len(wanted) > 1 and any(wanted <= Counter(_words(line)) for line in text.splitlines())


def _words(text: str) -> list[str]:
    joined = re.sub(r"(?<=\w)[-\u00ad\u2010]\s*\n\s*(?=\w)", "", text)
    return re.findall(r"\w+", _plain(joined))


# ---------------------------------------------------------------- rankings


def ranking(ranked: Sequence[str], grades: Mapping[str, int]) -> dict[str, float]:
    """Returns the recall@1, @5, @10, mrr and ndcg@10 of distinct ids, best first, by ir-measures.

    `grades` gives every relevant id its gain. Raises ModelMissing without ir-measures.
    """
    try:
        import ir_measures
    except ImportError as error:
        raise ModelMissing("ir-measures is not installed", "pip install 'fuente[eval]'") from error
    measures = {
        **{f"recall@{k}": ir_measures.R @ k for k in (1, 5, 10)},
        "mrr": ir_measures.RR,
        "ndcg@10": ir_measures.nDCG @ 10,
    }
    qrels = [ir_measures.Qrel("q", key, grade) for key, grade in grades.items()]
    run = [ir_measures.ScoredDoc("q", key, -float(i)) for i, key in enumerate(ranked)]
    if not run or not qrels:
        return dict.fromkeys(measures, 0.0)
    found = ir_measures.calc_aggregate(measures.values(), qrels, run)
    return {name: float(found[measure]) for name, measure in measures.items()}


# ---------------------------------------------------------------- abstention


def abstention_curve(
    confidence: Sequence[float], unanswerable: Sequence[bool]
) -> tuple[Floats, Floats, Floats]:
    """Returns (threshold, precision, recall) when every answer below the threshold is withheld.

    A withheld answer counts as right where the question is unanswerable. Thresholds rise; each
    is the least at which the given number of answers is withheld.
    """
    scores, truth = np.asarray(confidence, float), np.asarray(unanswerable, float)
    order = np.argsort(scores, kind="stable")
    withheld = np.arange(1, len(scores) + 1)
    hits = np.cumsum(truth[order])
    last = np.append(np.diff(scores[order]) > 0, True)[: len(scores)]  # ties fall together
    precision, recall = hits / withheld, hits / max(truth.sum(), 1)
    return scores[order][last], precision[last], recall[last]


def coverage_curve(confidence: Sequence[float], quality: Sequence[float]) -> tuple[Floats, Floats]:
    """Returns (coverage, mean quality of what is answered) as less sure answers are given."""
    order = np.argsort(-np.asarray(confidence, float), kind="stable")
    answered = np.arange(1, len(order) + 1)
    return answered / max(len(order), 1), np.cumsum(np.asarray(quality, float)[order]) / answered


def reliability(
    confidence: Sequence[float], right: Sequence[float], bins: int = 10
) -> list[tuple[float, float, int]]:
    """Returns (mean confidence, share right, count) of each equal-width bin that is not empty."""
    scores, truth = np.asarray(confidence, float), np.asarray(right, float)
    bin_of = np.minimum((scores * bins).astype(int), bins - 1)
    return [
        (float(scores[mask].mean()), float(truth[mask].mean()), int(mask.sum()))
        for mask in (bin_of == i for i in range(bins))
        if mask.any()
    ]


# ---------------------------------------------------------------- intervals


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval over `count` questions."""

    value: float
    low: float
    high: float
    count: int


Statistic = Callable[[Floats], Floats]
"""Sums up the last axis, leaving NaN out; NaN where nothing is known."""


def mean(values: Floats) -> Floats:
    """Returns the mean of what is not NaN, over the last axis."""
    known = ~np.isnan(values)
    count = known.sum(axis=-1)
    total = np.where(known, values, 0.0).sum(axis=-1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def percentile(q: float) -> Statistic:
    """Returns the q-th percentile, 0 to 100, interpolated linearly as numpy does."""

    def statistic(values: Floats) -> Floats:
        ordered = np.sort(values, axis=-1)  # NaN goes last
        rank = q / 100 * (np.maximum((~np.isnan(values)).sum(axis=-1), 1) - 1)
        below = np.floor(rank).astype(int)[..., None]
        above = np.ceil(rank).astype(int)[..., None]
        low = np.take_along_axis(ordered, below, -1)[..., 0]
        high = np.take_along_axis(ordered, above, -1)[..., 0]
        return np.asarray(low + (high - low) * (rank % 1))

    return statistic


def rate(values: Sequence[bool]) -> str:
    """Returns the count and share with the Wilson (1927) interval."""
    n, hits, z = len(values), sum(values), 1.96
    if not n:
        return "-"
    share, spread = hits / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return f"{hits} of {n}, {share:.3f} [{low:.3f}, {high:.3f}]"


def bootstrap(
    values: Sequence[float | None],
    baseline: Sequence[float | None] | None = None,
    statistic: Statistic = mean,
) -> Estimate | None:
    """Returns the percentile bootstrap over questions (Efron 1979); None when no value is known.

    With `baseline`, the same questions of another run, the estimate is of the difference
    `statistic(values) - statistic(baseline)`, both drawn with the same resamples. The seed is
    fixed: the same values give the same interval.
    """
    here = np.array(values, float)  # None becomes NaN
    there = None if baseline is None else np.array(baseline, float)

    def difference(rows: NDArray[np.int64]) -> Floats:
        found = statistic(here[rows])
        return found if there is None else found - statistic(there[rows])

    size = len(here)
    value = float(difference(np.arange(size))) if size else float("nan")
    if np.isnan(value):
        return None
    random = np.random.default_rng(0)
    blocks = max(1, RESAMPLES * size // 4_000_000)  # about 32 MB of draws at a time
    drawn = [
        difference(random.integers(0, size, (len(part), size)))
        for part in np.array_split(np.arange(RESAMPLES), blocks)
    ]
    tails = ((1 - LEVEL) / 2 * 100, (1 + LEVEL) / 2 * 100)
    low, high = np.nanpercentile(np.concatenate(drawn), tails)
    count = int(np.sum(~np.isnan(here)))
    # Rounding may put the ends a hair past a constant value.
    return Estimate(value, min(float(low), value), max(float(high), value), count)
