"""Fits how an answer's sentences are held to their passages, and says how often that is right.

    python -m eval.benchmarks.quality.support DATA \
        [--limit 130] [--write support.json]

The pairs of `support_pairs` are divided by their documents: three fifths to fit weights and
thresholds, the rest to measure. «supported» is marked from the least probability at which PRECISE
of what is marked so is said by the passage; «not found» below the one that KEPT of what is said
passes. The file
in use is rag/answering/support/support.json. Needs the development data.
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

from eval import metrics
from eval.benchmarks.quality.support_pairs import Pair, read_pairs
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

Rows = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Measured:
    """A pair with its features."""

    pair: Pair
    features: Mapping[str, float]

    @property
    def kind(self) -> str:
        """The model that judges it."""
        return "same" if self.pair.claimed == self.pair.spoken else "cross"


def main() -> None:
    """Reads the flags, measures, fits, prints the tables, writes the file when asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--limit", type=int, default=130, help="pairs a source, way and languages")
    parser.add_argument("--write", type=Path)
    flags = parser.parse_args()
    if not (flags.data / "retrieval/scifact").is_dir():
        sys.exit(f"{flags.data} holds no data: this measurement needs the development data")
    rows = list(measure(read_pairs(flags.data, flags.limit)))
    fitted, held = {}, [each for each in rows if not _fits(each.pair)]
    for kind in ("same", "cross"):
        scale = fit(FEATURES, [each for each in rows if each.kind == kind and _fits(each.pair)])
        fitted[kind] = scale
        report(kind, scale, [each for each in held if each.kind == kind])
    found = {name: scale_json(scale) for name, scale in fitted.items()}
    print(json.dumps(found, indent=2))
    if flags.write:
        flags.write.write_text(json.dumps({"models": found}, indent=2) + "\n", encoding="utf-8")


class Prepared:
    """The bundled embedder with the vectors of all texts made in one go: ten times as fast."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        texts = {pair.claim for pair in pairs}
        for passage in {pair.passage for pair in pairs}:
            texts |= {passage[start:end] for start, end in split_sentences(passage)}
        ordered = sorted(texts)
        self._model = BundledEmbedder(load_artefact(bundled_folder("embedder")))
        self._rows = self._model.encode_documents(ordered)
        self._places = {text: place for place, text in enumerate(ordered)}
        self.fingerprint, self.dimension = self._model.fingerprint, self._model.dimension

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Rows that are there already."""
        return np.asarray(self._rows[[self._places[text] for text in texts]])

    encode_queries = encode_documents

    def count_tokens(self, text: str) -> int:
        """As the model counts."""
        return self._model.count_tokens(text)


def measure(pairs: Sequence[Pair]) -> Iterator[Measured]:
    """The features of each pair, as an answer's sentence would have them."""
    embedder = Prepared(pairs)
    counts = _frequencies(pairs)
    grouped: dict[tuple[str, ...], list[Pair]] = defaultdict(list)
    for pair in pairs:
        grouped[pair.passage, pair.spoken, pair.title, pair.claimed].append(pair)
    for number, ((text, spoken, title, claimed), own) in enumerate(grouped.items(), 1):

        def claim_terms(claim: str, language: str = claimed) -> tuple[str, WeightedTerms]:
            groups = query_terms(claim, language, translate=False)
            return language, weighted_terms(groups, groups, counts, len(grouped))

        chunk = Chunk(1, 0, len(text), text, language=spoken, id=1)
        attributor = Attributor([Passage(chunk, title, "pair", 1.0)], claim_terms, embedder)
        yield from (Measured(pair, attributor.features(pair.claim, 0)) for pair in own)
        if number % 200 == 0:
            print(f"{number} of {len(grouped)} passages", file=sys.stderr)


def fit(names: Sequence[str], rows: Sequence[Measured]) -> Scale:
    """Weights by logistic regression, each source counting the same; thresholds as said above."""
    from sklearn.linear_model import LogisticRegression

    values = np.array([[each.features[name] for name in names] for each in rows])
    said = np.array([each.pair.said for each in rows])
    shares = Counter((each.pair.source, each.pair.said) for each in rows)
    weights = np.array([1 / shares[each.pair.source, each.pair.said] for each in rows])
    weights *= len(rows) / weights.sum()
    model = LogisticRegression(C=1.0, max_iter=2000).fit(values, said, sample_weight=weights)
    pairs = zip(names, model.coef_[0], strict=True)
    fitted = {name: round(float(weight), 4) for name, weight in pairs}
    scale = Scale({"intercept": round(float(model.intercept_[0]), 4), **fitted}, 1.0, 0.0)
    scores = np.array([scale.score(each.features) for each in rows])
    supported = precise_from(scores, said, weights)
    partly = min(supported, float(np.quantile(scores[said], 1 - KEPT)))
    return Scale(scale.weights, round(supported, 4), round(partly, 4))


def precise_from(scores: Rows, said: Flags, weights: Rows) -> float:
    """The least score from which PRECISE of what is above it, by weight, is said."""
    order = np.argsort(-scores)
    right = np.cumsum((weights * said)[order]) / np.cumsum(weights[order])
    enough = np.nonzero(right >= PRECISE)[0]
    return float(scores[order][enough[-1]]) if len(enough) else 1.0


def report(kind: str, scale: Scale, rows: Sequence[Measured]) -> None:
    """Precision and recall of the marks, with the share of each mark by source and way."""
    marks = [scale.support(scale.score(each.features)) for each in rows]
    print(f"\n{kind}: {len(rows)} pairs held out")
    for name, passing in (("supported", ("supported",)), ("or partly", ("supported", "partly"))):
        passed = [mark in passing for mark in marks]
        right = [float(each.pair.said) for each, ok in zip(rows, passed, strict=True) if ok]
        kept = [float(ok) for each, ok in zip(rows, passed, strict=True) if each.pair.said]
        wrong = [float(ok) for each, ok in zip(rows, passed, strict=True) if not each.pair.said]
        print(f"  {name}: precision {_share(right)}, recall {_share(kept)}")
        print(f"    passed though not said {_share(wrong)}", end="; ")
        print(f"were half of them said, precision {_even(kept, wrong):.3f}")
    by: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for each, mark in zip(rows, marks, strict=True):
        pair = each.pair
        by[pair.source, f"{pair.claimed}→{pair.spoken}", pair.how][mark] += 1
    for key, counts in sorted(by.items()):
        total = counts.total()
        shares = "  ".join(
            f"{mark} {counts[mark] / total:.2f}" for mark in ("supported", "partly", "not_found")
        )
        print(f"  {' '.join(key):34} {total:4}  {shares}")


def scale_json(scale: Scale) -> dict[str, object]:
    """As it stands in the file."""
    return {"weights": scale.weights, "supported": scale.supported, "partly": scale.partly}


def _even(kept: Sequence[float], wrong: Sequence[float]) -> float:
    """Precision, were there as many claims that are said as that are not."""
    right, false = float(np.mean(kept)), float(np.mean(wrong))
    return right / (right + false) if right + false else 0.0


def _share(values: Sequence[float]) -> str:
    interval = metrics.bootstrap(values)
    if interval is None:
        return "-"
    return f"{interval.value:.3f} [{interval.low:.3f}, {interval.high:.3f}]"


def _fits(pair: Pair) -> bool:
    """Whether the pair's document is among those that the weights are fitted on."""
    return int(sha256(f"{pair.source}{pair.group}".encode()).hexdigest(), 16) % 5 < 3


def _frequencies(pairs: Sequence[Pair]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for text, spoken in {(pair.passage, pair.spoken) for pair in pairs}:
        counts.update(set(search_terms(text, spoken)))
    return dict(counts)


if __name__ == "__main__":
    main()
