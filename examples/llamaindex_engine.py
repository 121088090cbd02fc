"""A llama-index query engine over a library of Fuente.

    python examples/llamaindex_engine.py .rag "¿Qué es RAG?"

`MockLLM` only repeats its prompt, so that this runs without a language model: put your own there.
The passages and their places are Fuente's either way.
"""

from __future__ import annotations

import sys
from pathlib import Path

from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine

from rag.library import Library
from rag.llamaindex import LibraryRetriever, from_node


def ask(library: Library, question: str) -> str:
    """What the engine says, and below it the place of each passage it was shown."""
    engine = RetrieverQueryEngine.from_args(LibraryRetriever(library, k=3), llm=MockLLM())
    response = engine.query(question)
    passages = [from_node(node) for node in response.source_nodes]
    places = [f"{each.path}, page {each.page}, {each.score:.2f}" for each in passages]
    return "\n".join([str(response), *places])


if __name__ == "__main__":
    with Library.open(Path(sys.argv[1])) as opened:
        sys.stdout.write(ask(opened, sys.argv[2]) + "\n")
