"""Fits `rag/answering/support/support.json`: how an answer's sentence is held to its passages.

    python -m eval.calibration.support DATA [--limit 130] \
        [--write rag/answering/support/support.json]

The weights and thresholds are fitted on three fifths of the pairs of `support_pairs`, divided by
their documents; `eval.benchmarks.quality.support` measures the shipped file on the others.
«supported» is marked from the least probability at which PRECISE of what is marked so is supported
by the passage; «not found» below the one that KEPT of what is supported passes. Needs the
development data.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.calibration.support_pairs import Pair, read_pairs
from rag.answering.support import Attributor
from rag.answering.support.features import FEATURES
from rag.answering.support.model import Scale
from rag.models import BundledEmbedder, bundled_folder, load_artefact
from rag.protocols import Vectors
from rag.retrieval import weighted_terms
from rag.schema import Chunk, Passage, WeightedTerms
from rag.text import query_terms, search_terms, split_sentences

PRECISE = 0.9
KEPT = 0.95
KINDS = ("same", "cross")

Rows = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class MeasuredPair:
    """A pair with its features."""

    pair: Pair
    features: Mapping[str, float]

    @property
    def kind(self) -> str:
        """Names the model that judges the pair."""
        return "same" if self.pair.claim_language == self.pair.passage_language else "cross"


def main() -> None:
    """Reads the flags, fits, prints the file's content and writes the file when asked."""
    parser = flags_of(__doc__)
    parser.add_argument("--write", type=Path)
    flags = parser.parse_args()
    pairs = [pair for pair in read_data(flags) if is_for_fitting(pair)]
    rows = list(measure(pairs))
    models = {kind: fit(FEATURES, [row for row in rows if row.kind == kind]) for kind in KINDS}
    text = json.dumps(
        {"models": {kind: as_json(scale) for kind, scale in models.items()}}, indent=2
    )
    print(text)
    if flags.write:
        flags.write.write_text(text + "\n", encoding="utf-8")


def flags_of(doc: str | None) -> argparse.ArgumentParser:
    """Returns a parser of the flags that fitting and measuring share."""
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--limit", type=int, default=130, help="pairs a source, way and languages")
    return parser


def read_data(flags: argparse.Namespace) -> list[Pair]:
    """Reads the pairs that the flags ask for. Ends the program where there are no data."""
    if not (flags.data / "retrieval/scifact").is_dir():
        sys.exit(f"{flags.data} holds no data: this measurement needs the development data")
    return read_pairs(flags.data, flags.limit)


def is_for_fitting(pair: Pair) -> bool:
    """Tells whether the pair's document is among those that the weights are fitted on."""
    return int(sha256(f"{pair.source}{pair.group}".encode()).hexdigest(), 16) % 5 < 3


# --- features ------------------------------------------------------------------------------------


class PreparedEmbedder:
    """The bundled embedder with the vectors of all texts made in one go: ten times as fast."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        texts = {pair.claim for pair in pairs}
        for passage in {pair.passage for pair in pairs}:
            texts |= {passage[start:end] for start, end in split_sentences(passage)}
        ordered = sorted(texts)
        self._model = BundledEmbedder(load_artefact(bundled_folder("embedder")))
        self._rows = self._model.encode_documents(ordered)
        self._numbers = {text: number for number, text in enumerate(ordered)}
        self.fingerprint, self.dimension = self._model.fingerprint, self._model.dimension

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Returns rows that are there already, shape (texts, dimension)."""
        return np.asarray(self._rows[[self._numbers[text] for text in texts]])

    encode_queries = encode_documents

    def count_tokens(self, text: str) -> int:
        """Counts as the model does."""
        return self._model.count_tokens(text)


def measure(pairs: Sequence[Pair]) -> Iterator[MeasuredPair]:
    """Yields each pair with its features, as an answer's sentence would have them."""
    embedder = PreparedEmbedder(pairs)
    counts = _frequencies(pairs)
    grouped: dict[tuple[str, ...], list[Pair]] = defaultdict(list)
    for pair in pairs:
        key = (pair.passage, pair.passage_language, pair.title, pair.claim_language)
        grouped[key].append(pair)
    for number, ((text, language, title, claimed), members) in enumerate(grouped.items(), 1):

        def claim_terms(claim: str, spoken: str = claimed) -> tuple[str, WeightedTerms]:
            groups = query_terms(claim, spoken, translate=False)
            return spoken, weighted_terms(groups, groups, counts, len(grouped))

        chunk = Chunk(1, 0, len(text), text, language=language, id=1)
        attributor = Attributor([Passage(chunk, title, "pair", 1.0)], claim_terms, embedder)
        yield from (MeasuredPair(pair, attributor.features(pair.claim, 0)) for pair in members)
        if number % 200 == 0:
            print(f"{number} of {len(grouped)} passages", file=sys.stderr)


def _frequencies(pairs: Sequence[Pair]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for text, language in {(pair.passage, pair.passage_language) for pair in pairs}:
        counts.update(set(search_terms(text, language)))
    return dict(counts)


# --- fitting -------------------------------------------------------------------------------------


def fit(names: Sequence[str], rows: Sequence[MeasuredPair]) -> Scale:
    """Weights by logistic regression, each source counting the same; thresholds as said above."""
    from sklearn.linear_model import LogisticRegression

    values = np.array([[row.features[name] for name in names] for row in rows])
    supported = np.array([row.pair.supported for row in rows])
    shares = Counter((row.pair.source, row.pair.supported) for row in rows)
    weights = np.array([1 / shares[row.pair.source, row.pair.supported] for row in rows])
    weights *= len(rows) / weights.sum()
    # in deviations: a cosine moves by a tenth, and a penalty on raw weights would keep it out
    spread = np.where(np.std(values, axis=0) > 0, np.std(values, axis=0), 1.0)
    model = LogisticRegression(C=1.0, max_iter=2000)
    model.fit(values / spread, supported, sample_weight=weights)
    pairs = zip(names, model.coef_[0] / spread, strict=True)
    fitted = {name: round(float(weight), 4) for name, weight in pairs}
    scale = Scale({"intercept": round(float(model.intercept_[0]), 4), **fitted}, 1.0, 0.0)
    scores = np.array([scale.score(row.features) for row in rows])
    full = precise_from(scores, supported, weights)
    partly = min(full, float(np.quantile(scores[supported], 1 - KEPT)))
    return Scale(scale.weights, round(full, 4), round(partly, 4))


def precise_from(scores: Rows, supported: Flags, weights: Rows) -> float:
    """Returns the least score from which PRECISE of what is above it, by weight, is supported."""
    order = np.argsort(-scores)
    right = np.cumsum((weights * supported)[order]) / np.cumsum(weights[order])
    enough = np.nonzero(right >= PRECISE)[0]
    return float(scores[order][enough[-1]]) if len(enough) else 1.0


def as_json(scale: Scale) -> dict[str, object]:
    """Returns the scale as it stands in the file."""
    return {"weights": scale.weights, "supported": scale.supported, "partly": scale.partly}


if __name__ == "__main__":
    main()
