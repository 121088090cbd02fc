"""Ingest of what is broken, odd, stopped midway, or was embedded by another model."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.errors import FileProblem, ModelMismatch
from rag.indexing import reindex
from rag.indexing.decisions import ATTEMPTS, hash_of
from rag.indexing.index_sync import require_same_model
from rag.indexing.sources import Source
from rag.parsing.sandbox import Sandbox
from rag.schema import Outcome
from rag.storage import Store
from tests.helpers.fakes import FakeEmbedder
from tests.helpers.ingesting import Bench, outcomes
from tests.helpers.vectors import all_vectors

posix = pytest.mark.skipif(os.name != "posix", reason="links and pipes of POSIX")
BROKEN = b"%PDF-1.7\nthis is where the damage begins"


def test_a_broken_file_does_not_end_the_batch(bench: Bench) -> None:
    bench.write("aa.pdf", BROKEN)
    bench.write("empty.txt", b"")
    report = bench.ingest()
    assert {item.path for item in report.failed} == {"aa.pdf", "empty.txt"}
    assert all(item.reason and item.outcome for item in report.failed)
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
        assert [item.path for item in report.failed] == ["x.pdf"]
        assert was_read() == (attempt <= ATTEMPTS)
    bench.write("x.pdf", BROKEN + b" and goes on")
    for attempt in range(1, ATTEMPTS + 2):
        bench.ingest()
        assert was_read() == (attempt <= ATTEMPTS), "other bytes get as many attempts"
    path.unlink()
    bench.write("x.pdf", "Ya es un texto.")
    assert outcomes(bench.ingest())["x.pdf"] is Outcome.OK


def test_another_limit_is_a_reason_to_read_a_failed_file_again(bench: Bench) -> None:
    bench.write("x.pdf", BROKEN)

    def read(**changes: Any) -> bool:
        bench.ingest(**changes)
        return ("x.pdf", "reading") in [(beat.path, beat.stage) for beat in bench.beats]

    for _ in range(ATTEMPTS):
        assert read()
    assert not read()
    assert read(read_timeout=90)
    known = bench.store.ledger.get(str(bench.root / "x.pdf"))
    assert known is not None
    assert known.attempts == 1
    assert read(read_timeout=90)


def test_a_failure_that_no_attempt_can_mend_is_not_repeated(bench: Bench) -> None:
    bench.write("empty.txt", b"")
    for attempt in range(2):
        assert bench.ingest().counts()["no_text"] == 1
        stages = {beat.stage for beat in bench.beats if beat.path == "empty.txt"}
        assert ("reading" in stages) == (attempt == 0)


def test_too_large_until_the_limit_is_raised(bench: Bench) -> None:
    for _ in range(ATTEMPTS + 2):
        report = bench.ingest(max_file_mb=0)
        assert report.counts() == {"too_large": 2}
    assert bench.ingest().counts() == {"ok": 2}


def test_a_file_that_changes_to_broken_drops_its_text(bench: Bench) -> None:
    bench.ingest()
    bench.write("a.md", BROKEN)
    report = bench.ingest()
    assert [item.path for item in report.failed] == ["a.md"]
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

    def stop() -> bool:
        return any(beat.report for beat in bench.beats if beat.path == "n1.md")

    report = bench.ingest(stop=stop, prune=True, batch_chunks=1)
    assert report.stopped
    assert list(outcomes(report)) == ["sub/b.txt", "n0.md", "n1.md", "n2.md"], "and that in hand"
    assert bench.store.documents.counts()[0] == 5
    again = bench.ingest(prune=True)
    assert not again.stopped
    assert again.counts() == {"unchanged": 4, "ok": 2, "removed": 1}


def test_a_stop_does_not_wait_for_a_very_long_document(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(FakeEmbedder):
        def encode_documents(self, texts):  # type: ignore[no-untyped-def]
            time.sleep(0.02)
            return super().encode_documents(texts)

    def stop() -> bool:
        return any(beat.stage == "embedding" for beat in bench.beats)

    monkeypatch.setattr("rag.indexing.batch_writer.GRACE_SECONDS", 0.0)
    bench.write("long.md", " ".join(f"palabra{number}" for number in range(9_000)))
    bench.embedder = Slow()
    report = bench.ingest(stop=stop, batch_chunks=2)
    assert report.stopped
    assert "long.md" not in outcomes(report)
    assert bench.store.documents.counts()[0] == len(report.files), "what was done before is kept"
    assert len(bench.embedder.documents) < 300, "of some five hundred passages"
    bench.embedder = FakeEmbedder()
    assert bench.ingest().counts()["ok"] == 3 - len(report.files)


def test_a_stop_before_the_first_batch_keeps_what_was_read(bench: Bench) -> None:
    def stop() -> bool:
        return any(beat.stage == "reading" and beat.path == "sub/b.txt" for beat in bench.beats)

    report = bench.ingest(stop=stop)
    assert report.stopped
    assert list(outcomes(report)) in ([], ["a.md"], ["a.md", "sub/b.txt"])
    assert bench.ingest().counts() in ({"ok": 2}, {"ok": 1, "unchanged": 1}, {"unchanged": 2})


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
    report = bench.ingest()
    assert report.counts()["ok"] == 2
    if os.name == "posix":
        named = {item.path: item.outcome for item in report.failed}
        assert named == {
            "out.md": Outcome.OUTSIDE,
            "pipe.md": Outcome.UNSUPPORTED,
            "self.md": Outcome.UNREADABLE,
        }
        assert bench.beats[-1].done == bench.beats[-1].total == 5
        assert bench.ingest(prune=True).counts() == {"unchanged": 2} | dict.fromkeys(
            named.values(), 1
        )


@posix
def test_what_cannot_be_seen_is_not_pruned(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.ingest()
    scan, look = os.scandir, os.lstat

    def locked(path: Path) -> Any:
        if "sub" in Path(path).parts:
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    def unseen(path: Path, **options: Any) -> Any:
        if Path(path).parent.name == "sub":
            raise PermissionError(13, "Permission denied", str(path))
        return look(path, **options)

    monkeypatch.setattr(os, "scandir", locked)
    monkeypatch.setattr(os, "lstat", unseen)
    assert outcomes(bench.ingest(prune=True)) == {
        "sub": Outcome.UNREADABLE,
        "a.md": Outcome.UNCHANGED,
    }
    monkeypatch.undo()
    assert bench.ingest(prune=True).counts() == {"unchanged": 2}


def test_nothing_is_pruned_where_the_walk_was_cut(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.ingest()
    (bench.root / "a.md").unlink()
    monkeypatch.setattr("rag.indexing.sources.MOST_ENTRIES", 0)
    assert bench.ingest(prune=True).counts() == {"too_large": 1}
    monkeypatch.undo()
    assert bench.ingest(prune=True).counts() == {"unchanged": 1, "removed": 1}


@posix
def test_a_file_that_becomes_a_pipe_holds_nothing_up(bench: Bench) -> None:
    def swap() -> bool:
        (bench.root / "a.md").unlink(missing_ok=True)
        os.mkfifo(bench.root / "a.md")
        return False

    made = iter([swap])
    report = bench.ingest(stop=lambda: next(made, bool)())
    assert outcomes(report) == {"a.md": Outcome.UNSUPPORTED, "sub/b.txt": Outcome.OK}


def test_a_file_with_more_bytes_than_the_system_says(bench: Bench) -> None:
    path = bench.write("grows.md", b"x" * 3_000_000)
    source = Source(path, "grows.md", 9, 0)
    with pytest.raises(FileProblem, match="the limit is 1 MB") as caught:
        hash_of(source, 1)
    assert caught.value.outcome is Outcome.TOO_LARGE


@posix
def test_a_name_that_is_no_utf8(bench: Bench) -> None:
    name = os.fsdecode(b"caf\xe9.md")
    try:
        bench.write(name, "El café torrefacto.")
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    assert outcomes(bench.ingest())["caf\\xe9.md"] is Outcome.OK
    assert bench.finds("torrefact") == {"caf\\xe9.md"}
    bench.write("copia.md", "El café torrefacto.")
    assert outcomes(bench.ingest())["copia.md"] is Outcome.DUPLICATE
    assert bench.ingest(prune=True).counts() == {"unchanged": 4}
    (bench.root / name).unlink()
    assert bench.ingest(prune=True).counts() == {"unchanged": 3, "removed": 1}


# --- another model -------------------------------------------------------------------------------


def test_another_model_is_refused_with_the_way_out(bench: Bench) -> None:
    bench.ingest()
    bench.write("new.md", "Un texto nuevo.")
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


def never() -> bool:
    return False


def test_reindex_gives_what_a_fresh_ingest_gives(bench: Bench, tmp_path: Path) -> None:
    long = "\n\n".join(f"# Parte {i}\n\nEl párrafo número {i}." for i in range(300))
    bench.write("long.md", long)
    bench.ingest()
    wide = FakeEmbedder("fake:2", dimension=32)
    steps: list[tuple[int, int]] = []
    report = lambda done, total: steps.append((done, total))  # noqa: E731
    result = reindex(bench.store, wide, report, never)
    assert result.finished
    assert steps[-1] == (result.done, result.total)
    assert result.total == bench.store.documents.counts()[1] > 256
    fresh = Bench(Store(tmp_path / "fresh"), bench.root)
    fresh.embedder = wide
    fresh.ingest()
    for one, theirs in zip(all_vectors(bench.store), all_vectors(fresh.store), strict=True):
        np.testing.assert_array_equal(one, theirs)
    bench.embedder = wide
    assert bench.ingest().counts() == {"unchanged": 3}
    fresh.store.close()


def test_a_reindex_that_breaks_off_changes_nothing(bench: Bench) -> None:
    bench.ingest()
    before = all_vectors(bench.store)[1]

    def broken(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reindex(bench.store, FakeEmbedder("fake:2", dimension=32), broken, never)
    np.testing.assert_array_equal(all_vectors(bench.store)[1], before)
    assert bench.store.generations.embedder() == "fake:1"


@pytest.mark.parametrize("killed", [False, True], ids=["stopped", "killed"])
def test_a_reindex_goes_on_where_it_was(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, killed: bool
) -> None:
    """Meanwhile the old vectors are searched, and what goes and comes is taken care of."""
    monkeypatch.setattr(sys.modules["rag.indexing.reindex"], "BATCH", 2)
    bench.write("long.md", "\n\n".join(f"# Parte {i}\n\nEl párrafo {i}." for i in range(9)))
    bench.ingest()
    before = all_vectors(bench.store)[1]
    steps: list[int] = []

    def progress(done: int, total: int) -> None:
        steps.append(done)
        if killed and len(steps) == 2:
            raise KeyboardInterrupt

    first = FakeEmbedder("fake:2", dimension=32)
    try:
        result = reindex(bench.store, first, progress, lambda: len(steps) == 2)
        assert not result.finished
    except KeyboardInterrupt:
        assert killed
    assert steps == [2, 4]
    assert bench.store.check() == []
    np.testing.assert_array_equal(all_vectors(bench.store)[1], before)
    with pytest.raises(ModelMismatch, match="4 of 11 passages"):
        require_same_model(bench.store, "fake:2")
    require_same_model(bench.store, "fake:1")
    (bench.root / "a.md").unlink()
    bench.write("nuevo.md", "Un texto nuevo.")
    bench.ingest(prune=True)
    again = FakeEmbedder("fake:2", dimension=32)
    assert reindex(bench.store, again, lambda done, total: None, never).finished
    assert len(first.documents) == 4
    assert len(again.documents) == 11 - 3  # one of the four that were done has gone
    assert bench.store.pending.embedder() == ""
    assert all_vectors(bench.store)[1].shape == (11, 32)
    assert bench.store.check() == []
    require_same_model(bench.store, "fake:2")


def test_a_reindex_of_a_third_model_begins_anew(bench: Bench) -> None:
    bench.ingest()
    reindex(bench.store, FakeEmbedder("fake:2"), lambda done, total: None, lambda: True)
    third = FakeEmbedder("fake:3", dimension=16)
    assert reindex(bench.store, third, lambda done, total: None, never).finished
    assert len(third.documents) == bench.store.documents.counts()[1]
    assert bench.store.generations.embedder() == "fake:3"


def test_what_was_read_in_part_is_read_again_when_asked_or_when_pictures_can_be(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sys.modules["rag.indexing.decisions"]
    able = {"ocr": False}
    monkeypatch.setattr(module.util, "find_spec", lambda name: able["ocr"] or None)
    path = bench.write("tabla.json", b'{"a": "el ascensor"}\n{"b": "roto\n')
    bench.ingest(path)
    (known,) = (bench.store.ledger.get(str(path)),)
    assert known is not None
    assert known.outcome == Outcome.PARTIAL
    assert bench.ingest(path).counts() == {"unchanged": 1}
    assert bench.ingest(path, retry=True).counts() == {"partial": 1}
    able["ocr"] = True
    assert bench.ingest(path).counts() == {"partial": 1}
    assert bench.ingest(path).counts() == {"unchanged": 1}
    copy = bench.write("copia.json", path.read_bytes())
    bench.ingest(copy)
    assert bench.ingest(path, retry=True).counts() == {"unchanged": 1}, "it is another file's too"


def test_what_was_read_in_part_stays_where_it_cannot_be_read_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = bench.write("tabla.json", b'{"a": "el ascensor"}\n{"b": "roto\n')
    bench.ingest(path)
    failing = FileProblem(Outcome.TIMEOUT, "tabla.json gave no sign of life", "try again")
    monkeypatch.setattr(Sandbox, "parse", lambda *_: (_ for _ in ()).throw(failing))
    assert bench.ingest(path, retry=True).counts() == {"unchanged": 1}
    assert bench.finds("ascensor") == {"tabla.json"}
