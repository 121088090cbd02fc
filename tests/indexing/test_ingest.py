"""Ingest on real folders with a fake model: what is embedded, kept, dropped and told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rag.config import Settings
from rag.errors import UsageError
from rag.indexing import Ingest
from rag.protocols import Embedder
from rag.schema import Outcome
from rag.storage import Store
from tests.helpers.fakes import FakeEmbedder
from tests.helpers.ingesting import Bench, outcomes
from tests.helpers.vectors import all_vectors

# --- the usual -----------------------------------------------------------------------------------


def test_a_folder_goes_in(bench: Bench) -> None:
    report = bench.ingest()
    assert outcomes(report) == {"a.md": Outcome.OK, "sub/b.txt": Outcome.OK}
    assert report.counts() == {"ok": 2}
    assert report.chunks == bench.embedded == bench.store.documents.counts()[1] == 2
    assert set(report.seconds) == {"reading", "embedding", "storing", "total"}
    languages = {info.path: info.language for info in bench.store.documents.infos()}
    assert languages == {"a.md": "es", "sub/b.txt": "en"}
    assert bench.finds("ascensor") == {"a.md"}
    assert bench.finds("warranti") == {"sub/b.txt"}


def test_every_file_is_told_once_and_only_when_it_is_stored(bench: Bench) -> None:
    stored: list[int] = []
    bench.embedder = FakeEmbedder()
    run = Ingest(
        bench.store,
        lambda: bench.embedder,
        Settings(batch_chunks=1),
        lambda beat: stored.append(bench.store.documents.counts()[0]) if beat.report else None,
    )
    report = run.run([bench.root])
    assert stored == [1, 2]
    assert [file.path for file in report.files] == ["a.md", "sub/b.txt"]


def test_beats_follow_the_stages(bench: Bench) -> None:
    bench.ingest(batch_chunks=1)
    for path in ("a.md", "sub/b.txt"):
        stages = [beat.stage for beat in bench.beats if beat.path == path]
        assert list(dict.fromkeys(stages)) == ["queued", "reading", "embedding", "ready"]
    assert [beat.done for beat in bench.beats] == sorted(beat.done for beat in bench.beats)
    assert {(beat.done, beat.total) for beat in bench.beats} == {(0, 2), (1, 2), (2, 2)}


def test_the_order_of_the_store_is_that_of_the_names(bench: Bench) -> None:
    """Whichever reader was faster: the first file is by far the longest to read."""
    bench.write("0.html", "<p>" + "</p><p>".join(f"Párrafo {n}." for n in range(3000)))
    for number in range(1, 9):
        bench.write(f"{number}.txt", f"El texto número {number}.")
    bench.ingest(batch_chunks=3)
    infos = sorted(bench.store.documents.infos(), key=lambda info: info.id)
    assert [info.path for info in infos] == sorted(info.path for info in infos)
    assert infos[0].chunks > 100


def test_an_unchanged_folder_costs_nothing(bench: Bench) -> None:
    bench.ingest()
    report = bench.ingest()
    assert report.counts() == {"unchanged": 2}
    assert (bench.embedded, report.chunks) == (0, 0)
    assert {beat.stage for beat in bench.beats} == {"ready"}, "not even read"


def test_an_unchanged_folder_needs_no_model(bench: Bench) -> None:
    def never() -> Embedder:
        raise AssertionError("a model was loaded")

    bench.write("empty.txt", "")
    bench.ingest()
    with bench.store.writing():
        report = Ingest(bench.store, never, Settings()).run([bench.root])
    assert report.counts() == {"unchanged": 2, "no_text": 1}
    bench.write("new.md", "Un texto nuevo.")
    with bench.store.writing(), pytest.raises(AssertionError, match="was loaded"):
        Ingest(bench.store, never, Settings()).run([bench.root])
    assert bench.store.documents.counts()[0] == 2


def test_a_new_date_alone_changes_nothing(bench: Bench) -> None:
    bench.ingest()
    (bench.root / "a.md").touch()
    for _ in range(2):
        assert bench.ingest().counts() == {"unchanged": 2}
        assert bench.embedded == 0


def test_a_change_right_after_the_last_look_is_seen(bench: Bench) -> None:
    path = bench.write("c.txt", "uno dos tres")
    path.touch()
    facts = path.stat()
    bench.ingest()
    path.write_text("uno dos seis")
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))  # same size, same date
    assert outcomes(bench.ingest())["c.txt"] is Outcome.OK
    assert (bench.finds("tres"), bench.finds("seis")) == (set(), {"c.txt"})


def test_a_changed_file_replaces_its_text(bench: Bench) -> None:
    bench.ingest()
    bench.write("a.md", "# Ascensor\n\nAhora admite nueve gigantes.\n")
    report = bench.ingest()
    assert outcomes(report) == {"a.md": Outcome.OK, "sub/b.txt": Outcome.UNCHANGED}
    assert bench.embedded == 1
    assert bench.finds("person") == set()
    assert bench.finds("gigant") == {"a.md"}
    assert bench.store.documents.counts() == (2, 2)


def test_a_renamed_file_is_not_embedded_again(bench: Bench) -> None:
    bench.ingest()
    (bench.root / "a.md").rename(bench.root / "z.md")
    report = bench.ingest()
    assert outcomes(report) == {"sub/b.txt": Outcome.UNCHANGED, "z.md": Outcome.RENAMED}
    assert bench.embedded == 0
    assert bench.finds("ascensor") == {"z.md"}
    assert bench.ingest().counts() == {"unchanged": 2}


def test_a_title_made_of_the_name_follows_it(bench: Bench) -> None:
    bench.write("plan_de_obra.txt", "El muro del patio se levanta en mayo.")
    bench.ingest()
    (bench.root / "plan_de_obra.txt").rename(bench.root / "muro_viejo.txt")
    (bench.root / "a.md").rename(bench.root / "z.md")
    report = bench.ingest()
    assert report.counts() == {"renamed": 2, "unchanged": 1}
    assert bench.embedded == 0
    titles = {info.path: info.title for info in bench.store.documents.infos()}
    assert titles["muro_viejo.txt"] == "muro viejo"
    assert titles["z.md"] == "Ascensor", "its own, from its text"
    assert (bench.finds("obra"), bench.finds("viej")) == (set(), {"muro_viejo.txt"})


def test_nearly_the_same_text_is_told(bench: Bench) -> None:
    lines = [
        f"La cláusula {number} obliga a las partes a {number * 7} pagos." for number in range(60)
    ]
    bench.write("contrato.txt", "\n".join(lines))
    bench.write("contrato_firmado.txt", "\n".join([*lines, "Firmado en Madrid."]))
    bench.write("otro.txt", " ".join(f"palabra{number}" for number in range(400)))
    for _ in range(2):
        reasons = {file.path: file.reason for file in bench.ingest().files}
        assert "the same as contrato.txt" in reasons["contrato_firmado.txt"]
        assert {reasons["otro.txt"], reasons["contrato.txt"]} == {""}
        bench.write("contrato_firmado.txt", "\n".join([*lines, "Firmado en Toledo."]))


def test_a_copy_is_not_embedded_and_outlives_the_original(bench: Bench) -> None:
    bench.write("copy.md", (bench.root / "a.md").read_bytes())  # in the same batch
    report = bench.ingest()
    assert outcomes(report)["copy.md"] is Outcome.DUPLICATE
    assert "a.md" in next(file.reason for file in report.files if file.path == "copy.md")
    assert bench.embedded == bench.store.documents.counts()[0] == 2
    (bench.root / "a.md").unlink()
    assert outcomes(bench.ingest(prune=True))["a.md"] is Outcome.REMOVED
    assert bench.finds("ascensor") == {"copy.md"}
    (bench.root / "copy.md").unlink()
    bench.ingest(prune=True)
    assert bench.finds("ascensor") == set()


def test_two_files_that_change_places(bench: Bench) -> None:
    bench.ingest()
    one, two = bench.root / "a.md", bench.root / "sub/b.txt"
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    bench.ingest()
    assert (bench.finds("ascensor"), bench.finds("warranti")) == ({"sub/b.txt"}, {"a.md"})
    assert bench.store.documents.counts()[0] == 2


# --- other folders -------------------------------------------------------------------------------


def test_prune_keeps_to_the_given_folder(bench: Bench, tmp_path: Path) -> None:
    other = tmp_path / "other"
    bench.write("o.md", "La torre lejana.", other)
    bench.write("sub2/p.md", "Un texto vecino.")
    bench.ingest(bench.root, other)
    for path in ("sub/b.txt", "sub2/p.md"):
        (bench.root / path).unlink()
    (other / "o.md").unlink()
    assert Outcome.REMOVED not in bench.ingest().counts()
    assert bench.store.documents.counts()[0] == 4
    assert outcomes(bench.ingest(bench.root / "sub", prune=True)) == {"sub/b.txt": Outcome.REMOVED}
    assert (bench.finds("vecin"), bench.finds("torr")) == ({"sub2/p.md"}, {"o.md"})


def test_a_second_folder_leaves_the_first_alone(bench: Bench, tmp_path: Path) -> None:
    bench.ingest()
    before = all_vectors(bench.store)[0].tolist()
    bench.write("a.md", "# Otra\n\nOtra casa con el mismo nombre.", tmp_path / "other")
    bench.ingest(tmp_path / "other", prune=True)
    assert all_vectors(bench.store)[0].tolist()[:2] == before
    assert len(bench.store.ledger.named("a.md")) == 2
    assert bench.ingest().counts() == {"unchanged": 2}


@pytest.mark.parametrize("spelling", ["docs/sub/..", "../{parent}/docs", "./docs/"])
def test_one_folder_however_spelled(
    bench: Bench, spelling: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.ingest()
    monkeypatch.chdir(bench.root.parent)
    path = Path(spelling.format(parent=bench.root.parent.name))
    assert bench.ingest(path).counts() == {"unchanged": 2}
    (bench.root / "a.md").unlink()
    assert bench.ingest(path, prune=True).counts() == {"unchanged": 1, "removed": 1}


def test_the_library_itself_is_no_document(tmp_path: Path) -> None:
    bench = Bench(Store(tmp_path / "docs" / "library"), tmp_path / "docs")
    bench.write("a.md", "Un texto.")
    for _ in range(2):
        assert list(outcomes(bench.ingest())) == ["a.md"]
    bench.store.close()


def test_a_path_that_is_not_there_changes_nothing(bench: Bench) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        bench.ingest(bench.root, bench.root / "nowhere")
    assert bench.store.documents.counts() == (0, 0)
