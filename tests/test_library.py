"""The parts joined: real files, a real store and index, and fakes for the models."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rag.answering.evidence import READ_AGAIN
from rag.answering.prompts import NOT_FOUND
from rag.config import Settings
from rag.errors import EmptyLibrary, ModelMismatch, ModelMissing, UsageError
from rag.library import Library
from rag.protocols import probability
from rag.schema import Filters, Outcome, Reindexed, Turn
from rag.system import processes
from tests.helpers.answering import NEVER, Scripted, open_library, proved, write_files
from tests.helpers.fakes import FakeEmbedder, FakeQAModel, FakeReranker

FILES = {
    "es/ascensor.md": "# Ascensor\n\nEl ascensor admite ocho personas. Se revisa cada mes.\n",
    "es/garantia.txt": "La garantía dura dos años. No cubre el mal uso.\n",
    "en/lift.html": "<html><body><h1>Lift</h1><p>The lift holds eight persons. It is checked "
    "every month by the owner of the house.</p></body></html>",
    "en/roto.pdf": "%PDF-1.7 this is not one",
}
LIFT = "¿Cuántas personas admite el ascensor?"
WARRANTY = "¿Cuánto dura la garantía?"


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(tmp_path_factory.mktemp("documents"), FILES)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, documents: Path) -> Iterator[Library]:
    """Only read by the tests."""
    with open_library(tmp_path_factory.mktemp("library")) as opened:
        opened.ingest([documents])
        yield opened


def test_an_answer_with_its_proof(library: Library) -> None:
    stream = library.ask(LIFT)
    assert stream.passages[0].path == "es/ascensor.md"
    assert "".join(stream) == stream.answer.text == "El ascensor admite ocho personas. [1]"
    (citation,) = stream.answer.citations
    assert citation.passage.path == "es/ascensor.md"
    assert citation.headings == stream.answer.passages[0].chunk.headings
    assert proved(library, stream.answer)
    assert stream.answer.short is None, "no QA model has pointed at any words"


def test_a_question_in_english_reaches_spanish_and_back(library: Library) -> None:
    answer = library.ask("How many persons does the lift hold?").answer
    assert answer.question.language == "en"
    assert answer.passages[0].path == "en/lift.html"
    assert {passage.chunk.language for passage in answer.passages} == {"es", "en"}


def test_abstaining_gives_the_nearest_passages_and_nothing_else(
    documents: Path, tmp_path: Path
) -> None:
    with open_library(tmp_path, min_confidence=NEVER) as library:
        library.ingest([documents])
        stream = library.ask(LIFT)
        answer = stream.answer
    assert (answer.found, answer.citations, answer.short) == (False, (), None)
    assert answer.text == NOT_FOUND["es"]
    assert answer.passages == stream.passages
    assert answer.passages[0].path == "es/ascensor.md"


def test_a_generator_that_invents_proves_nothing(documents: Path, tmp_path: Path) -> None:
    invention = Scripted(["Lo firma Napoleón [9].", " Fue en Bailén."])
    with open_library(tmp_path, invention) as library:
        library.ingest([documents])
        answer = library.ask(LIFT).answer
    assert "Napoleón" not in answer.text
    assert answer.model == "extractive"  # the documents' own words stand instead


def test_a_reader_reads_each_passage_once_and_the_best_sentences(
    documents: Path, tmp_path: Path
) -> None:
    reader = FakeQAModel()
    with open_library(tmp_path, qa_model=reader) as library:
        library.ingest([documents])
        answer = library.ask(LIFT).answer
        chunks = library.status().chunks
        assert chunks < len(reader.texts) <= chunks + READ_AGAIN
        assert proved(library, answer)
    assert probability(answer.signals["answerable"]) > 0.9


def test_nothing_is_read_where_the_reader_is_off(library: Library) -> None:
    answer = library.ask(LIFT).answer
    assert all(passage.signals.relevance is None for passage in answer.passages)


def test_the_history_frees_a_follow_up(library: Library) -> None:
    history = [Turn("¿Cuánto dura la garantía?", "Dos años.")]
    answer = library.ask("¿Y qué no cubre?", history).answer
    assert answer.question.standalone == "¿Y qué no cubre? (garantía)"
    assert answer.citations[0].passage.path == "es/garantia.txt"


def test_search_is_ordered_and_bounded(library: Library) -> None:
    passages = library.search("garantía ascensor lift", 2)
    assert len(passages) == 2
    assert passages[0].score >= passages[1].score
    for passage in library.search(LIFT, 100):
        document = library.document(passage.chunk.document_id)
        assert document is not None
        assert document.text[passage.chunk.start : passage.chunk.end] == passage.chunk.text


@pytest.mark.parametrize(
    ("filters", "paths"),
    [
        (Filters(paths=("es",)), {"es/ascensor.md", "es/garantia.txt"}),
        (Filters(paths=("es/garantia.txt",)), {"es/garantia.txt"}),
        (Filters(languages=("en",)), {"en/lift.html"}),
        (Filters(suffixes=(".md", ".html")), {"es/ascensor.md", "en/lift.html"}),
        (Filters(paths=("es",), suffixes=(".txt",)), {"es/garantia.txt"}),
        (Filters(paths=("de",)), set()),
        (Filters(), {"es/ascensor.md", "es/garantia.txt", "en/lift.html"}),
    ],
)
def test_filters_act_inside_the_search(library: Library, filters: Filters, paths: set[str]) -> None:
    assert {passage.path for passage in library.search(LIFT, 10, filters)} == paths
    stream = library.ask(LIFT, filters=filters)
    assert {passage.path for passage in stream.passages} == paths
    assert {citation.passage.path for citation in stream.answer.citations} <= paths
    on_lifts = paths & {"es/ascensor.md", "en/lift.html"}  # the guarantee speaks of something else
    if on_lifts:
        assert stream.answer.found
    else:
        assert stream.answer.confidence < Settings().min_confidence


def test_weigh_is_what_an_answer_rests_on(library: Library) -> None:
    passages, evidence = library.score_evidence(LIFT)
    answer = library.ask(LIFT).answer
    assert evidence.confidence() >= answer.confidence > 0  # what the answer leaves unsaid costs
    assert [passage.chunk for passage in passages] == [passage.chunk for passage in answer.passages]
    assert evidence.sentences[0].text in TEXT_OF_LIFT


TEXT_OF_LIFT = FILES["es/ascensor.md"]


def test_the_state_of_a_library(library: Library) -> None:
    status = library.status()
    assert (status.documents, status.consistent, status.problems) == (3, True, ())
    assert status.files == {"ok": 3, "unreadable": 1}
    assert status.languages == {"es": 2, "en": 1}
    assert status.embedder == FakeEmbedder().fingerprint
    assert status.generation is not None
    assert status.generation["vectors"] == status.chunks
    assert status.generation["current"] is True
    assert [document.path for document in library.documents()] == [
        "en/lift.html",
        "es/ascensor.md",
        "es/garantia.txt",
    ]
    assert library.document(10**6) is None


def test_an_empty_library_says_how_to_fill_it(tmp_path: Path) -> None:
    with open_library(tmp_path / "new") as library:
        for call in (library.ask, library.search, library.score_evidence):
            with pytest.raises(EmptyLibrary) as caught:
                call(LIFT)
            assert str(tmp_path / "new") in caught.value.message
            assert caught.value.next_command.startswith("rag ingest")
        assert library.status().consistent


def test_an_empty_question_is_wrong_usage(library: Library) -> None:
    for question in ("", " \n"):
        with pytest.raises(UsageError, match="empty"):
            library.ask(question)


def test_another_embedder_is_refused_until_it_reindexes_the_stored_text(tmp_path: Path) -> None:
    documents, folder = write_files(tmp_path / "documents", FILES), tmp_path / "library"
    with open_library(folder) as library:
        library.ingest([documents])
    other = FakeEmbedder("other:1", dimension=32)
    with open_library(folder, embedder=other) as library:
        for call in (library.ask, library.search, lambda _: library.ingest([documents])):
            with pytest.raises(ModelMismatch) as caught:
                call(LIFT)
            assert caught.value.next_command == "rag reindex"
            assert "fake:1" in caught.value.message
            assert "other:1" in caught.value.message
            assert "do not compare" in caught.value.message
        shutil.rmtree(documents)
        seen: list[tuple[int, int]] = []
        assert library.reindex(lambda done, total: seen.append((done, total))) == Reindexed(3, 3)
        assert seen[-1] == (3, 3)
        assert library.ask(LIFT).answer.found
        assert library.status().embedder == "other:1"


def test_an_ingest_reports_as_it_goes_and_stops_when_asked(documents: Path, tmp_path: Path) -> None:
    stages: list[str] = []
    with open_library(tmp_path) as library:
        report = library.ingest(
            [documents],
            progress=lambda beat: stages.append(beat.stage),
            stop=lambda: "ready" in stages or "failed" in stages,
        )
        assert report.stopped == (len(report.files) < len(FILES))
        whole = library.ingest([documents])
        assert not whole.stopped
        assert [report.outcome for report in whole.failed] == [Outcome.UNREADABLE]
        with pytest.raises(UsageError, match="nowhere"):
            library.ingest([Path("nowhere")])


def test_parts_are_chosen_by_name(documents: Path, tmp_path: Path) -> None:
    settings = Settings(library=tmp_path, generator="pluma")
    with Library.open(settings=settings, embedder=FakeEmbedder()) as library:
        library.ingest([documents])
        with pytest.raises(ModelMissing, match="pluma"):
            library.ask(LIFT)
    named = replace(settings, generator="extractive", reranker="none")
    with Library.open(settings=named, embedder=FakeEmbedder(), reranker=FakeReranker()) as library:
        assert library.search(LIFT)[0].signals.rerank is not None


def test_open_takes_a_path_over_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with Library.open(tmp_path / "a") as library:
        assert library.settings.library == tmp_path / "a"
        assert library.settings.origins["library"] == "flag"
    with Library.open(tmp_path / "b", Settings(passages=3)) as library:
        assert (library.settings.library, library.settings.passages) == (tmp_path / "b", 3)


def test_opening_a_library_loads_nothing_that_speaks_to_servers() -> None:
    code = "import sys, rag.library; print(sorted({'httpx', 'torch'} & set(sys.modules)))"
    done = subprocess.run(processes.python("-c", code), capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"
