"""Fits `rag/retrieval/language_shift.json`: how the vectors of two languages lie apart.

    python -m eval.calibration.languages FOLDER [--write rag/retrieval/language_shift.json]

FOLDER holds the same documents as text in `es` and in `en`, as the development articles are, so
that the means of their paragraphs differ by the language alone.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from rag.config import Settings
from rag.factory import make_embedder
from rag.protocols import Vectors

LANGUAGES = ("es", "en")
_SHORTEST = 100  # characters of a paragraph: a heading says too little
_PLACES = 4  # decimals of a vector of length 3


def main() -> None:
    """Reads the flags, fits, prints what lies apart, writes the file when asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", type=Path)
    flags = parser.parse_args()
    embedder = make_embedder(Settings())
    texts = {name: list(_paragraphs(flags.folder / name)) for name in LANGUAGES}
    means = {name: embedder.encode_documents(texts[name]).mean(axis=0) for name in LANGUAGES}
    fitted = fit(means)
    print({name: len(texts[name]) for name in LANGUAGES}, fitted["means"])
    if flags.write:
        text = json.dumps({**fitted, "embedder": embedder.fingerprint})
        flags.write.write_text(text + "\n", encoding="utf-8")


def fit(means: dict[str, Vectors]) -> dict[str, object]:
    """Returns the direction from one mean to the other, and the products of both with it."""
    first, second = LANGUAGES
    way = means[second] - means[first]
    direction = way / float(way @ way)
    products = {name: round(float(mean @ direction), _PLACES) for name, mean in means.items()}
    rounded = np.asarray(direction, np.float64).round(_PLACES)
    return {"direction": rounded.tolist(), "means": products}


def _paragraphs(folder: Path) -> Iterator[str]:
    for path in sorted(folder.iterdir()):
        for paragraph in path.read_text(encoding="utf-8").split("\n\n"):
            if len(paragraph) >= _SHORTEST:
                yield paragraph


if __name__ == "__main__":
    main()
