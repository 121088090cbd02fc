"""The models: those inside the package, run by onnxruntime, and any other by name or folder.

`artefacts` finds and checks the bundled files, `session` runs them, `embedding` makes vectors of
texts and compares sentences with a question, `qa_model` predicts relevance and answer spans.
`huggingface` loads anyone's models with the extra `hf`.

Folders of strangers: `files` reads and copies without trust, `configs` judges their JSON, `folders`
says what may be loaded, `manifests` keeps sums of it, `unpacking` opens archives.
"""

from rag.models.artefacts import (
    Artefact as Artefact,
    bundled_folder as bundled_folder,
    fingerprint_of as fingerprint_of,
    load_artefact as load_artefact,
    same_weights as same_weights,
)
from rag.models.embedding import (
    BundledEmbedder as BundledEmbedder,
    BundledSelector as BundledSelector,
)
from rag.models.qa_model import BundledQAModel as BundledQAModel
