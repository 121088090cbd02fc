"""The models: those inside the package, run by onnxruntime, and any other by name or folder.

`artefacts` finds and checks the bundled files, `session` runs them, `embedding` makes vectors of
texts, `reading` judges passages and finds answers in them. `huggingface` loads anyone's models with
the extra `hf`; `late_interaction` reranks with token vectors of either; `turns` is what they share.
"""

from rag.models.artefacts import Artefact, bundled_folder, load_artefact
from rag.models.embedding import BundledEmbedder
from rag.models.reading import BundledReader

__all__ = [
    "Artefact",
    "BundledEmbedder",
    "BundledReader",
    "bundled_folder",
    "load_artefact",
]
