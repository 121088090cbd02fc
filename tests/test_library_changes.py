"""A library that changes while it is used: removals, new versions of files, threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rag.errors import EmptyLibrary, FileProblem, ModelMismatch, UsageError
from rag.library import Library
from tests.helpers.answering import open_library, proved, write_files
from tests.helpers.fakes import FakeEmbedder

FILES = {
    "es/ascensor.md": "# Ascensor\n\nEl ascensor admite ocho personas. Se revisa cada mes.\n",
    "es/garantia.txt": "La garantía dura dos años. No cubre el mal uso.\n",
}
LIFT = "¿Cuántas personas admite el ascensor?"
WARRANTY = "¿Cuánto dura la garantía?"


@pytest.fixture
def copied(tmp_path: Path) -> Iterator[tuple[Library, Path]]:
    """A library that the test may change, and the folder it was made of."""
    folder = write_files(tmp_path / "own", FILES)
    with open_library(tmp_path / "library") as opened:
        opened.ingest([folder])
        yield opened, folder


def test_what_was_removed_is_never_found_again(copied: tuple[Library, Path]) -> None:
    library, folder = copied
    sentence = "El ascensor admite ocho personas."
    assert library.ask(sentence).answer.citations[0].passage.path == "es/ascensor.md"
    assert library.remove([Path("es/ascensor.md")]).paths == ("es/ascensor.md",)
    for question in (sentence, LIFT, "ascensor"):
        assert {passage.path for passage in library.search(question, 100)} == {"es/garantia.txt"}
        assert "ascensor" not in library.ask(question).answer.text
    assert library.status().consistent
    assert (folder / "es/ascensor.md").exists()
    library.ingest([folder], again=True)
    assert library.ask(sentence).answer.citations[0].passage.path == "es/ascensor.md"


def test_an_answer_begun_before_a_removal_ends_well(copied: tuple[Library, Path]) -> None:
    library, _ = copied
    stream = library.ask(LIFT)
    library.remove([Path("es")])
    assert "".join(stream) == stream.answer.text
    assert not stream.answer.found
    with pytest.raises(EmptyLibrary):
        library.ask(LIFT)


@pytest.mark.parametrize("dimension", [64, 32])
def test_what_another_model_has_taken_over_is_not_searched_with_the_old_one(
    copied: tuple[Library, Path], tmp_path: Path, dimension: int
) -> None:
    library, _ = copied
    assert library.search(LIFT)
    other = FakeEmbedder("other:1", dimension)
    with open_library(tmp_path / "library", embedder=other) as second:
        second.reindex()
    for _ in range(2):  # and not at the second try either
        with pytest.raises(ModelMismatch):
            library.search(LIFT)
    with open_library(tmp_path / "library") as second:
        second.reindex()
    assert library.search(LIFT)


def test_answers_come_from_the_old_vectors_until_a_reindex_is_done(
    copied: tuple[Library, Path], tmp_path: Path
) -> None:
    library, folder = copied
    before = library.search(LIFT)
    for path in folder.rglob("*.*"):
        path.unlink()  # a reindex reads no file
    seen: list[int] = []

    def progress(done: int, total: int) -> None:
        assert library.search(LIFT) == before
        seen.append(done)

    with open_library(tmp_path / "library", embedder=FakeEmbedder("other:1", 32)) as second:
        assert not second.reindex(progress, lambda: True).finished
        assert library.search(LIFT) == before
        assert second.status().problems
        assert second.reindex(progress).finished
        assert seen == [2]
        assert second.search(LIFT)
        assert second.status().consistent


def test_a_file_that_changes_is_answered_from_as_it_is(copied: tuple[Library, Path]) -> None:
    library, folder = copied
    (folder / "es/ascensor.md").write_text("El ascensor admite nueve personas.\n", "utf-8")
    report = library.ingest([folder])
    assert report.counts() == {"ok": 1, "unchanged": 1}
    answer = library.ask(LIFT).answer
    assert "nueve personas" in answer.text
    assert "ocho" not in "".join(passage.chunk.text for passage in answer.passages)
    assert proved(library, answer)


def test_remove_takes_paths_as_on_disk_and_as_shown(copied: tuple[Library, Path]) -> None:
    library, folder = copied
    with pytest.raises(UsageError, match="otro"):
        library.remove([folder / "es/garantia.txt", folder / "es/otro.md"])
    assert len(library.documents()) == 2  # all or nothing
    both = [folder / "es/garantia.txt", Path("es/garantia.txt")]
    assert library.remove(both).paths == ("es/garantia.txt",)
    assert library.remove([folder]).paths == ("es/ascensor.md",)
    assert library.documents() == []


def test_two_ask_while_a_third_ingests(copied: tuple[Library, Path]) -> None:
    library, folder = copied
    write_files(
        folder,
        {f"more/{n}.md": f"La norma {n} obliga a {n} pruebas del ascensor.\n" for n in range(12)},
    )
    done = threading.Event()
    wrong: list[object] = []
    answered = [0, 0]

    def ask(index: int) -> None:
        while not done.is_set() or not answered[index]:
            try:
                stream = library.ask(LIFT if index else WARRANTY)
                shown = "".join(stream)
                answer = stream.answer
                if shown != answer.text or not answer.found or not proved(library, answer):
                    wrong.append(answer)
            except Exception as error:  # whatever it is, the test must see it
                wrong.append(error)
            answered[index] += 1

    threads = [threading.Thread(target=ask, args=(index,)) for index in (0, 1)]
    for thread in threads:
        thread.start()
    try:
        small = replace(library.settings, batch_chunks=2)  # commits often
        with Library.open(settings=small, embedder=FakeEmbedder()) as writer:
            report = writer.ingest([folder])
    finally:
        done.set()
        for thread in threads:
            thread.join(timeout=60)
    assert wrong == []
    assert report.counts() == {"ok": 12, "unchanged": 2}
    assert min(answered) > 0
    assert library.search("norma 7 pruebas", 1)[0].path == "more/7.md"
    assert library.status().consistent


def test_the_same_library_may_be_asked_and_filled_from_threads(
    copied: tuple[Library, Path],
) -> None:
    library, folder = copied
    write_files(folder, {f"more/{n}.txt": f"La norma {n} es nueva.\n" for n in range(6)})
    filling = threading.Thread(target=library.ingest, args=([folder],))
    filling.start()
    answers = [library.ask(WARRANTY).answer for _ in range(5)]
    filling.join(timeout=60)
    assert all("dos años" in answer.text for answer in answers)
    assert library.search("norma 5 nueva", 1)[0].path == "more/5.txt"


def test_a_citation_without_a_page_has_no_image(copied: tuple[Library, Path]) -> None:
    library, folder = copied
    (citation,) = library.ask(LIFT).answer.citations
    with pytest.raises(FileProblem, match="no pages"):
        library.originals.cited(citation)
    (folder / "es/ascensor.md").unlink()
    with pytest.raises(FileProblem, match="not where it was"):
        library.originals.cited(citation)
