"""Ingest on real folders with a fake model: what is embedded, kept, dropped and told."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rag.config import Settings
from rag.errors import ModelMismatch, UsageError
from rag.ingest import ATTEMPTS, Ingest, reindex
from rag.schema import IngestReport, Outcome, Progress
from rag.store import Store
from tests.fakes import FakeEmbedder

posix = pytest.mark.skipif(os.name != "posix", reason="links and pipes of POSIX")
BROKEN = b"%PDF-1.7\nthis is where the damage begins"


class Bench:
    """A library, a model that notes what it embeds, and a folder of documents."""

    def __init__(self, store: Store, root: Path) -> None:
        self.store = store
        self.root = root
        self.embedder = FakeEmbedder()
        self.beats: list[Progress] = []

    def write(self, name: str, content: str | bytes, root: Path | None = None) -> Path:
        """A file whose date is long past, as most files' are."""
        path = (root or self.root) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        age(path)
        return path

    def ingest(
        self,
        *paths: Path,
        prune: bool = False,
        stop: Callable[[], bool] = lambda: False,
        **changes: int,
    ) -> IngestReport:
        settings = Settings(chunk_tokens=20, chunk_overlap=4, **changes)  # type: ignore[arg-type]
        self.embedder.documents.clear()
        self.beats.clear()
        run = Ingest(self.store, self.embedder, settings, self.beats.append, stop)
        with self.store.writing():
            report = run.run(paths or [self.root], prune)
        assert self.store.check() == []
        return report

    @property
    def embedded(self) -> int:
        return len(self.embedder.documents)

    def finds(self, word: str) -> set[str]:
        keys = [key for key, _ in self.store.keywords.search([(word,)], 99)]
        return {path for _, _, path in self.store.documents.chunks(keys).values()}


def age(path: Path, by: int = 3600) -> None:
    then = path.stat().st_mtime_ns - by * 10**9
    os.utime(path, ns=(then, then))


def outcomes(report: IngestReport) -> dict[str, Outcome]:
    return {each.path: each.outcome for each in report.files}


@pytest.fixture
def bench(store: Store, tmp_path: Path) -> Bench:
    bench = Bench(store, tmp_path / "docs")
    bench.write("a.md", "# Ascensor\n\nEl ascensor admite ocho personas.\n")
    bench.write("sub/b.txt", "The warranty lasts two years.\n")
    return bench


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
        bench.embedder,
        Settings(batch_chunks=1),
        lambda beat: stored.append(bench.store.documents.counts()[0]) if beat.report else None,
    )
    report = run.run([bench.root])
    assert stored == [1, 2]
    assert [each.path for each in report.files] == ["a.md", "sub/b.txt"]


def test_beats_follow_the_stages(bench: Bench) -> None:
    bench.ingest(batch_chunks=1)
    assert [(b.path, b.stage) for b in bench.beats] == [
        ("a.md", "reading"),
        ("a.md", "embedding"),
        ("a.md", "ready"),
        ("sub/b.txt", "reading"),
        ("sub/b.txt", "embedding"),
        ("sub/b.txt", "ready"),
    ]
    assert {(beat.done, beat.total) for beat in bench.beats} == {(0, 2), (1, 2), (2, 2)}


def test_an_unchanged_folder_costs_nothing(bench: Bench) -> None:
    bench.ingest()
    report = bench.ingest()
    assert report.counts() == {"unchanged": 2}
    assert (bench.embedded, report.chunks) == (0, 0)
    assert {beat.stage for beat in bench.beats} == {"ready"}, "not even read"


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


def test_a_copy_is_not_embedded_and_outlives_the_original(bench: Bench) -> None:
    bench.write("copy.md", (bench.root / "a.md").read_bytes())  # in the same batch
    report = bench.ingest()
    assert outcomes(report)["copy.md"] is Outcome.DUPLICATE
    assert "a.md" in next(each.reason for each in report.files if each.path == "copy.md")
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
    before = bench.store.documents.vectors()[0].tolist()
    bench.write("a.md", "# Otra\n\nOtra casa con el mismo nombre.", tmp_path / "other")
    bench.ingest(tmp_path / "other", prune=True)
    assert bench.store.documents.vectors()[0].tolist()[:2] == before
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


# --- trouble -------------------------------------------------------------------------------------


def test_a_broken_file_does_not_end_the_batch(bench: Bench) -> None:
    bench.write("aa.pdf", BROKEN)
    bench.write("empty.txt", b"")
    report = bench.ingest()
    assert {each.path for each in report.failed} == {"aa.pdf", "empty.txt"}
    assert all(each.reason and each.outcome for each in report.failed)
    assert report.counts()["ok"] == 2
    failed = {beat.path for beat in bench.beats if beat.stage == "failed"}
    assert failed == {"aa.pdf", "empty.txt"}
    assert bench.store.ledger.counts()["ok"] == 2


def test_a_broken_file_is_given_up_until_it_changes(bench: Bench) -> None:
    path = bench.write("x.pdf", BROKEN)

    def was_read() -> bool:
        return ("x.pdf", "reading") in [(beat.path, beat.stage) for beat in bench.beats]

    for attempt in range(1, ATTEMPTS + 3):
        report = bench.ingest()
        assert [each.path for each in report.failed] == ["x.pdf"]
        assert was_read() == (attempt <= ATTEMPTS)
    bench.write("x.pdf", BROKEN + b" and goes on")
    for attempt in range(1, ATTEMPTS + 2):
        bench.ingest()
        assert was_read() == (attempt <= ATTEMPTS), "other bytes get as many attempts"
    path.unlink()
    bench.write("x.pdf", "Ya es un texto.")
    assert outcomes(bench.ingest())["x.pdf"] is Outcome.OK


def test_too_large_until_the_limit_is_raised(bench: Bench) -> None:
    for _ in range(ATTEMPTS + 2):
        report = bench.ingest(max_file_mb=0)
        assert report.counts() == {"too_large": 2}
    assert bench.ingest().counts() == {"ok": 2}


def test_a_file_that_changes_to_broken_drops_its_text(bench: Bench) -> None:
    bench.ingest()
    bench.write("a.md", BROKEN)
    report = bench.ingest()
    assert [each.path for each in report.failed] == ["a.md"]
    assert bench.finds("ascensor") == set()
    assert bench.store.documents.counts() == (1, 1)


def test_a_file_that_vanishes_while_it_waits(bench: Bench) -> None:
    def vanish() -> bool:
        (bench.root / "a.md").unlink(missing_ok=True)
        return False

    report = bench.ingest(stop=vanish)
    assert outcomes(report) == {"a.md": Outcome.UNREADABLE, "sub/b.txt": Outcome.OK}


def test_stop_keeps_what_was_done_and_prunes_nothing(bench: Bench) -> None:
    bench.ingest()
    (bench.root / "a.md").unlink()
    for number in range(5):
        bench.write(f"n{number}.md", f"El texto número {number}.")
    asked: list[int] = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 3

    report = bench.ingest(stop=stop, prune=True)
    assert report.stopped
    assert list(outcomes(report)) == ["n0.md", "n1.md", "n2.md"]
    assert bench.store.documents.counts()[0] == 5
    again = bench.ingest(prune=True)
    assert not again.stopped
    assert again.counts() == {"unchanged": 4, "ok": 2, "removed": 1}


def test_a_failure_of_the_model_loses_no_earlier_batch(bench: Bench) -> None:
    class Failing(FakeEmbedder):
        def encode_documents(self, texts):  # type: ignore[no-untyped-def]
            if any("warranty" in text for text in texts):
                raise MemoryError
            return super().encode_documents(texts)

    bench.embedder = Failing()
    with pytest.raises(MemoryError):
        bench.ingest(batch_chunks=1)
    assert bench.store.documents.counts() == (1, 1)
    assert bench.store.check() == []
    bench.embedder = FakeEmbedder()
    assert bench.ingest().counts() == {"unchanged": 1, "ok": 1}


def test_hidden_files_links_and_pipes(bench: Bench, tmp_path: Path) -> None:
    secret = bench.write("secret.md", "El secreto.", tmp_path / "outside")
    bench.write(".hidden.md", "Lo oculto.")
    if os.name == "posix":
        (bench.root / "out.md").symlink_to(secret)
        (bench.root / "loop").symlink_to(bench.root)
        (bench.root / "self.md").symlink_to("self.md")
        os.mkfifo(bench.root / "pipe.md")
    assert bench.ingest().counts() == {"ok": 2}


@posix
def test_a_name_that_is_no_utf8(bench: Bench) -> None:
    name = os.fsdecode(b"caf\xe9.md")
    try:
        bench.write(name, "El café torrefacto.")
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    assert outcomes(bench.ingest())["caf\ufffd.md"] is Outcome.OK
    assert bench.finds("torrefact") == {"caf\ufffd.md"}
    bench.write("copia.md", "El café torrefacto.")
    assert outcomes(bench.ingest())["copia.md"] is Outcome.DUPLICATE
    assert bench.ingest(prune=True).counts() == {"unchanged": 4}
    (bench.root / name).unlink()
    assert bench.ingest(prune=True).counts() == {"unchanged": 3, "removed": 1}


# --- another model -------------------------------------------------------------------------------


def test_another_model_is_refused_with_the_way_out(bench: Bench) -> None:
    bench.ingest()
    bench.embedder = FakeEmbedder("fake:2")
    with pytest.raises(ModelMismatch, match=r"fake:1.*fake:2") as caught:
        bench.ingest()
    assert caught.value.next_command == "rag reindex"
    assert bench.embedded == 0


def test_an_empty_library_takes_any_model(bench: Bench) -> None:
    bench.ingest()
    bench.store.forget([record.source for record in bench.store.ledger.below(str(bench.root))])
    bench.embedder = FakeEmbedder("fake:2", dimension=32)
    assert bench.ingest().counts() == {"ok": 2}
    assert bench.store.generations.embedder() == "fake:2"


def test_reindex_gives_what_a_fresh_ingest_gives(bench: Bench, tmp_path: Path) -> None:
    long = "\n\n".join(f"# Parte {i}\n\nEl párrafo número {i}." for i in range(300))
    bench.write("long.md", long)
    bench.ingest()
    wide = FakeEmbedder("fake:2", dimension=32)
    steps: list[tuple[int, int]] = []
    count = reindex(bench.store, wide, lambda done, total: steps.append((done, total)))
    assert steps[-1] == (count, count)
    assert count == bench.store.documents.counts()[1] > 256
    fresh = Bench(Store(tmp_path / "fresh"), bench.root)
    fresh.embedder = wide
    fresh.ingest()
    for mine, theirs in zip(
        bench.store.documents.vectors(), fresh.store.documents.vectors(), strict=True
    ):
        np.testing.assert_array_equal(mine, theirs)
    bench.embedder = wide
    assert bench.ingest().counts() == {"unchanged": 3}
    fresh.store.close()


def test_a_reindex_that_breaks_off_changes_nothing(bench: Bench) -> None:
    bench.ingest()
    before = bench.store.documents.vectors()[1]

    def broken(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reindex(bench.store, FakeEmbedder("fake:2", dimension=32), broken)
    np.testing.assert_array_equal(bench.store.documents.vectors()[1], before)
    assert bench.store.generations.embedder() == "fake:1"
