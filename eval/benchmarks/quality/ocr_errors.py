"""Character errors of the extra `ocr` on pages that are scanned on purpose.

    python -m eval.benchmarks.quality.ocr_errors [--pages 3]

The first pages of the PDF samples are drawn at 200 dots an inch, turned by half a degree, speckled
and saved as JPEG; what is recognised is held against the text that pdfium reads from the same page.
An error is an edit of one character (Levenshtein), white space aside, as a share of the text.
"""

from __future__ import annotations

import argparse
import io
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image
from rapidfuzz.distance import Levenshtein

from rag.parsing.ocr import recognise

DOCUMENTS = Path(__file__).parents[3] / "corpus" / "documents"
_SCALE = 200 / 72  # dots an inch over points
_TURN, _NOISE, _QUALITY = 0.5, 12.0, 60  # degrees, deviation of a grey value, of JPEG


def scanned(page: pypdfium2.PdfPage, seed: int) -> Image.Image:
    """Returns a page as a scanner gives it: a little turned, speckled, and saved with losses."""
    image = page.render(scale=_SCALE).to_pil().convert("L").rotate(_TURN, fillcolor=255)
    noise = np.random.default_rng(seed).normal(0, _NOISE, (image.height, image.width))
    pixels = np.clip(np.asarray(image, dtype=np.float32) + noise, 0, 255).astype(np.uint8)
    saved = io.BytesIO()
    Image.fromarray(pixels).save(saved, "JPEG", quality=_QUALITY)
    return Image.open(saved)


def main() -> None:
    """Prints the share of wrong characters a language."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=3, help="of each document")
    flags = parser.parse_args()
    wrong: dict[str, int] = defaultdict(int)
    written: dict[str, int] = defaultdict(int)
    for path in sorted(DOCUMENTS.rglob("*.pdf")):
        language = path.parent.name
        with pypdfium2.PdfDocument(path) as document:
            for index in range(min(flags.pages, len(document))):
                page = document[index]
                text = _plain(page.get_textpage().get_text_range())
                lines = recognise(scanned(page, index))
                wrong[language] += Levenshtein.distance(
                    text, _plain(" ".join(line.text for line in lines))
                )
                written[language] += len(text)
    for language, count in written.items():
        share = wrong[language] / count
        print(f"{language}: {wrong[language]} of {count} characters wrong, {share:.4f}")


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", text)


if __name__ == "__main__":
    main()
