"""A library inside llama-index: what goes over the bridge comes back whole."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.errors import EmptyLibrary
from rag.library import Library
from rag.llamaindex import LibraryRetriever, from_node, to_node
from rag.schema import Chunk, Filters, Passage
from tests.helpers.answering import open_library, write_files

EXAMPLE = Path(__file__).parent.parent / "examples/llamaindex_engine.py"
FILES = {
    "ascensor.md": "# Normas\n\n## Ascensor\n\nEl ascensor admite ocho personas.\n",
    "garantia.txt": "La garantía dura dos años. No cubre el mal uso.\n",
}
LIFT = "¿Cuántas personas admite el ascensor?"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = write_files(tmp_path_factory.mktemp("docs"), FILES)
    with open_library(tmp_path_factory.mktemp("library")) as opened:
        opened.ingest([folder])
        yield opened


@pytest.mark.parametrize("page", [None, 3])
def test_a_passage_comes_back_as_it_went(page: int | None) -> None:
    text = " Dos\n\tespacios y {llaves} «ñ»  "
    chunk = Chunk(7, 40, 40 + len(text), text, page, page, ("Uno", "Dos"), "es", id=12)
    passage = Passage(chunk, "Título", "a/b.pdf", 0.75)
    node = to_node(passage)
    assert from_node(node) == passage
    assert node.node.node_id == "12"
    assert node.node.text == text


def test_only_title_and_page_are_shown_to_a_model_and_none_is_embedded(library: Library) -> None:
    from llama_index.core.schema import MetadataMode

    node = to_node(library.search(LIFT, 1)[0]).node
    assert node.get_content(MetadataMode.EMBED) == node.text
    shown = node.get_content(MetadataMode.LLM)
    assert node.text in shown
    assert "title" in shown
    assert "document_id" not in shown
    assert "ascensor.md" not in shown


def test_a_node_from_elsewhere_is_refused() -> None:
    from llama_index.core.schema import NodeWithScore, TextNode

    with pytest.raises(KeyError):
        from_node(NodeWithScore(node=TextNode(text="de otro sitio"), score=1.0))


def test_the_retriever_gives_what_the_library_finds(library: Library) -> None:
    nodes = LibraryRetriever(library, k=2).retrieve(LIFT)
    found = library.search(LIFT, 2)
    assert [from_node(node).chunk for node in nodes] == [node.chunk for node in found]
    assert [node.score for node in nodes] == [node.score for node in found]
    assert from_node(nodes[0]).path == "ascensor.md"


def test_the_retriever_keeps_to_its_filters(library: Library) -> None:
    retriever = LibraryRetriever(library, filters=Filters(suffixes=(".txt",)))
    assert [from_node(node).path for node in retriever.retrieve(LIFT)] == ["garantia.txt"]


def test_a_failure_of_the_library_is_not_hidden(tmp_path: Path) -> None:
    with open_library(tmp_path) as empty, pytest.raises(EmptyLibrary):
        LibraryRetriever(empty).retrieve(LIFT)


def test_an_engine_of_llama_index_runs_on_a_library(library: Library) -> None:
    from llama_index.core.llms import MockLLM
    from llama_index.core.query_engine import RetrieverQueryEngine

    engine = RetrieverQueryEngine.from_args(LibraryRetriever(library, k=1), llm=MockLLM())
    response = engine.query(LIFT)
    assert "El ascensor admite ocho personas." in str(response)
    assert [from_node(node).path for node in response.source_nodes] == ["ascensor.md"]


def test_the_example_runs(library: Library) -> None:
    lines = runpy.run_path(str(EXAMPLE))["ask"](library, LIFT)
    found = library.search(LIFT, 3)
    assert "El ascensor admite ocho personas." in lines
    assert lines.splitlines()[-len(found) :] == [
        f"{item.path}, page None, {item.score:.2f}" for item in found
    ]
