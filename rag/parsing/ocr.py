"""Words in images, by rapidocr on onnxruntime: the extra `ocr`.

The models lie inside rapidocr's package and are named by their paths, so nothing is looked for
elsewhere or downloaded. They know Spanish and English, among many others, with their accents. Knows
nothing about files.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HOW_TO_GET = 'pip install "fuente[ocr]" reads scanned pages and images, then ingest again'

_DETECTION_SIDE = 1_300  # pixels: lines are found on a smaller copy, in half the time
_MIN_SCORE = 0.6
_GOOD_SCORE = 0.85
_MIN_SIDE = 8  # pixels
THREADS = max(1, min(4, (os.cpu_count() or 1) // 2))  # several children run side by side
# The model has no «¡», and writes an «i» or an exclamation mark for it.
_EXCLAMATION = re.compile(r"(?<!\w)[i!](?=[A-ZÁÉÍÓÚÜÑ][^!¡?]*!)")
_SPECK = re.compile("[\u2e80-\uffff]")  # one Chinese sign is a smudge


@dataclass(frozen=True, slots=True)
class Found:
    """A line of text; its box in pixels from the top left."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        return self.left, self.top, self.right, self.bottom


def is_installed() -> bool:
    """Whether the extra is there."""
    return find_spec("rapidocr") is not None


def recognise(
    image: Any, tell: Callable[[], None] = lambda: None, late: Callable[[], bool] = lambda: False
) -> list[Found]:
    """Lines of text in a PIL image, from top to bottom; `tell` is called before each.

    Those for which no time is left, once it is `late`, are missing.
    Raises ImportError without the extra `ocr`.
    """
    import numpy as np
    from rapidocr.utils.process_img import get_rotate_crop_image

    engine = _engine()
    pixels = np.asarray(image.convert("RGB"))[:, :, ::-1]  # the models were taught blue first
    if min(pixels.shape[:2]) < _MIN_SIDE:
        return []
    tell()
    found = []
    boxes = engine(pixels, use_det=True, use_cls=False, use_rec=False).boxes
    for box in [] if boxes is None else boxes:
        tell()
        if late():
            break
        text, score = _read(engine, get_rotate_crop_image(pixels, box.copy()))
        if text and score >= _MIN_SCORE and not _SPECK.fullmatch(text):
            (left, top), (right, bottom) = box.min(axis=0), box.max(axis=0)
            found.append(Found(text, *map(float, (left, top, right, bottom))))
    return found


def _read(engine: Any, crop: Any) -> tuple[str, float]:
    """The words of one line. What reads badly is tried upside down: the model made to tell which
    way is up (`use_cls`) turns lines over that stand well."""
    best = ("", 0.0)
    for pixels in (crop, crop[::-1, ::-1].copy()):
        read = engine(pixels, use_det=False, use_cls=False, use_rec=True)
        text, score = (read.txts or ("",))[0].strip(), (read.scores or (0.0,))[0]
        if score > best[1]:
            best = (_EXCLAMATION.sub("¡", text), float(score))
        if best[1] >= _GOOD_SCORE:
            break
    return best


@lru_cache(maxsize=1)
def _engine() -> Any:
    """Loaded once a process: half a second and 100 MB."""
    import rapidocr

    models = Path(rapidocr.__file__).parent / "models"
    parameters: dict[str, Any] = {
        "Global.log_level": "error",
        "EngineConfig.onnxruntime.intra_op_num_threads": THREADS,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        "Det.limit_type": "max",
        "Det.limit_side_len": _DETECTION_SIDE,
    }
    for part, pattern in (
        ("Det", "*_det_*.onnx"),
        ("Rec", "*_rec_*.onnx"),
        ("Cls", "*_cls_*.onnx"),
    ):
        parameters[f"{part}.model_path"] = str(next(iter(sorted(models.glob(pattern)))))
    return rapidocr.RapidOCR(params=parameters)
