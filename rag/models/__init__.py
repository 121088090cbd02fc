"""The models: those inside the package, run by onnxruntime, and any other by name or folder.

`artefacts` finds and checks the bundled files, `session` runs them, `embedding` makes vectors of
texts, `reading` judges passages and finds answers in them, `adapted` is a library's own map over an
embedder's vectors. `huggingface` loads anyone's models with the extra `hf`; `late_interaction`
reranks with token vectors of either; `turns` is what they share.

Folders of strangers: `files` meets, reads and copies without trust, `configs` judges their JSON,
`folders` says what may be loaded. Language models: `installed` keeps a folder of them with their
`manifests`, `unpacking` opens archives, `hub` pulls them, `machine` and `catalogue` say what would
fit.
"""

from rag.models.adapted import Adaptation, load_adaptation
from rag.models.artefacts import Artefact, bundled_folder, fingerprint_of, load_artefact
from rag.models.embedding import BundledEmbedder
from rag.models.reading import BundledReader

__all__ = [
    "Adaptation",
    "Artefact",
    "BundledEmbedder",
    "BundledReader",
    "bundled_folder",
    "fingerprint_of",
    "load_adaptation",
    "load_artefact",
]
