"""The bridge to llama-index: a library as a retriever for any of its engines and evaluators.

    engine = RetrieverQueryEngine.from_args(LibraryRetriever(library, k=5), llm=my_llm)

Foreign types are converted here and nowhere else. What goes into a node's metadata is kept out of
what llama-index embeds; the text of a node is the passage, letter by letter.
"""

from __future__ import annotations

from typing import Any

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from rag.library import Library
from rag.schema import Chunk, Filters, Passage


class LibraryRetriever(BaseRetriever):  # type: ignore[misc]  # llama-index is not fully typed
    """Retrieves the k best passages of a library."""

    def __init__(
        self, library: Library, k: int = 10, filters: Filters | None = None, **options: Any
    ) -> None:
        """`options` go to llama-index's BaseRetriever (callback_manager, verbose, ...)."""
        super().__init__(**options)
        self._library = library
        self._k = k
        self._filters = filters

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        passages = self._library.search(query_bundle.query_str, self._k, self._filters)
        return [to_node(passage) for passage in passages]


def to_node(passage: Passage) -> NodeWithScore:
    """Makes a llama-index node of a passage; the id is the chunk's, which is never reused."""
    chunk = passage.chunk
    metadata = {
        "document_id": chunk.document_id,
        "path": passage.path,
        "title": passage.title,
        "page": chunk.page_first,
        "page_last": chunk.page_last,
        "start": chunk.start,
        "end": chunk.end,
        "headings": list(chunk.headings),
        "language": chunk.language,
    }
    hidden = [name for name in metadata if name not in ("title", "page")]
    node = TextNode(
        id_=str(chunk.id),
        text=chunk.text,
        metadata=metadata,
        excluded_embed_metadata_keys=list(metadata),
        excluded_llm_metadata_keys=hidden,
    )
    return NodeWithScore(node=node, score=passage.score)


def from_node(scored: NodeWithScore) -> Passage:
    """Returns the passage that a node was made of. Raises KeyError for one from elsewhere."""
    data = scored.node.metadata
    chunk = Chunk(
        document_id=data["document_id"],
        start=data["start"],
        end=data["end"],
        text=scored.node.text,
        page_first=data["page"],
        page_last=data["page_last"],
        headings=tuple(data["headings"]),
        language=data["language"],
        id=int(scored.node.node_id),
    )
    return Passage(chunk, data["title"], data["path"], scored.score or 0.0)
