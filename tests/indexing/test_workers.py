"""Any number of workers at the queue of one library: nothing lost, nothing doubled."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from rag.config import Settings
from rag.errors import LibraryBusy, ModelMismatch, RagError, UsageError
from rag.indexing import Queued, Worker
from rag.indexing.index_sync import settle
from rag.indexing.queued import MOST_FILES, Portion, portions, queue_of
from rag.indexing.sources import Source, discover
from rag.schema import IngestReport, Outcome, Progress
from rag.storage import Store
from tests.helpers.fakes import FakeEmbedder
from tests.helpers.ingesting import age, outcomes
from tests.helpers.postgres import Server
from tests.helpers.worker_child import SETTINGS

PATIENCE = 120.0  # seconds: other work may have the machine


@pytest.fixture
def store(address: str, tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "library", address)
    yield opened
    opened.close()


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    return tmp_path / "docs"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        age(path)


def text_of(number: int) -> str:
    return f"# Documento {number}\n\nEl almacén {number} abre a las {number % 24} horas.\n"


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has died is missed sooner than usual."""
    for name, seconds in {"HEARTBEAT": 0.3, "STALLED": 3.0, "_AGAIN_SECONDS": 1}.items():
        monkeypatch.setattr(f"rag.storage.postgres.working.{name}", seconds)


class Hired:
    """A worker in a thread of this process."""

    def __init__(self, store: Store, embedder: FakeEmbedder, settings: Settings) -> None:
        self.embedder = embedder
        self._store = Store(store.folder, store.address)
        self._done = threading.Event()
        self.beats: list[Progress] = []
        worker = Worker(
            self._store, lambda: embedder, settings, self.beats.append, self._done.is_set
        )
        self._thread = threading.Thread(target=worker.run, args=(False,))
        self._thread.start()

    def close(self) -> None:
        self._done.set()
        self._thread.join(PATIENCE)
        self._store.close()


@contextmanager
def hired(store: Store, number: int = 1, settings: Settings = SETTINGS) -> Iterator[list[Hired]]:
    with ExitStack() as stack:
        crew = [Hired(store, FakeEmbedder(), settings) for _ in range(number)]
        for worker in crew:
            stack.callback(worker.close)
        yield crew


def queued(
    store: Store, *paths: Path, stop: Callable[[], bool] | None = None, retry: bool = False
) -> IngestReport:
    return Queued(store, SETTINGS, stop=stop).run(paths, retry=retry)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.05)


def test_files_come_back_with_their_outcomes(store: Store, docs: Path) -> None:
    write(docs, {f"{n % 3}/{n}.md": text_of(n) for n in range(2 * MOST_FILES)})
    write(docs, {"z/twin.md": text_of(7), "empty.txt": "", "z/noise.bin": "\0\1\2"})
    with hired(store, 2) as crew:
        report = queued(store, docs)
        found = outcomes(report)
        assert found.pop("empty.txt") is Outcome.NO_TEXT
        assert found.pop("z/noise.bin") is Outcome.UNSUPPORTED
        assert sum(outcome is Outcome.DUPLICATE for outcome in found.values()) == 1
        assert set(found.values()) == {Outcome.OK, Outcome.DUPLICATE}
        assert len(report.files) == 2 * MOST_FILES + 3
        assert report.chunks == store.documents.counts()[1]
        assert sum(len(worker.embedder.documents) for worker in crew) == report.chunks
        again = queued(store, docs)
    assert set(outcomes(again).values()) <= {
        Outcome.UNCHANGED,
        Outcome.NO_TEXT,
        Outcome.UNSUPPORTED,
    }
    assert store.documents.counts()[0] == 2 * MOST_FILES
    assert store.check() == []
    assert queue_of(store).files(range(99)) == []


def test_killed_workers_lose_nothing_and_double_nothing(store: Store, docs: Path) -> None:
    dice = random.Random(23)
    number = 5 * MOST_FILES
    write(docs, {f"{n % 5}/{n}.md": text_of(n) for n in range(number)})
    reports: list[IngestReport] = []
    follower = threading.Thread(target=lambda: reports.append(queued(store, docs)))
    command = [sys.executable, "-m", "tests.helpers.worker_child", str(store.folder), store.address]

    def stored() -> int:
        with watcher.snapshot():
            return watcher.documents.counts()[0]

    watcher = Store(store.folder, store.address)
    workers = [subprocess.Popen(command) for _ in range(2)]
    try:
        follower.start()
        for kill in range(1, 5):  # each once some more is there, at any moment of what follows
            until(lambda: stored() >= kill * number // 6)  # noqa: B023
            time.sleep(dice.random() * 0.3)
            victim = workers.pop(dice.randrange(2))
            victim.kill()
            victim.wait()
            workers.append(subprocess.Popen(command))
        follower.join(2 * PATIENCE)
        assert not follower.is_alive()
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
        watcher.close()
    found = outcomes(reports[0])
    assert len(found) == len(reports[0].files) == number
    assert set(found.values()) <= {Outcome.OK, Outcome.UNCHANGED}  # stored, not yet said
    assert store.documents.counts()[0] == len(store.ledger.infos()) == number
    assert store.check() == []
    assert not queue_of(store).states(range(99))


def test_a_job_that_ends_every_worker_is_given_up(
    store: Store, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.indexing.working.MOST_TRIES", 3)
    write(docs, {"a.md": text_of(1), "b/c.md": text_of(2)})
    queue = queue_of(store)
    with ExitStack() as stack:
        reports: list[IngestReport] = []
        other = Store(store.folder, store.address)
        stack.callback(other.close)
        paths = (docs / "a.md", docs / "b")
        thread = threading.Thread(target=lambda: reports.append(queued(other, *paths)))
        thread.start()
        until(lambda: queue.waiting() == 2)
        queue.note_tried(min(queue.states(range(99))), 3)  # as three that died have left it
        stack.enter_context(hired(store))
        thread.join(PATIENCE)
    assert sorted(outcomes(reports[0]).values()) == [Outcome.CRASHED, Outcome.OK]
    (failed,) = reports[0].failed
    assert "has died" in failed.reason
    assert queue.states(range(99)) == {}


def test_a_worker_outlives_the_servers_connections(
    store: Store, docs: Path, postgres: Server
) -> None:
    number = 2 * MOST_FILES
    write(docs, {f"{n}.md": text_of(n) for n in range(number)})
    parts = portions(discover([docs], store.folder).sources)
    names = [tuple(s.location.relative_to(docs) for s in part) for _, _, part in parts]
    name = store.connection().execute("SELECT current_database()").fetchone()[0]
    cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"

    def stored() -> int:
        with suppress(RagError):
            return store.documents.counts()[0]
        return 0

    with hired(store):
        queue_of(store).put([Portion(docs, part, False, False, "").values() for part in names])
        until(lambda: stored() > 5)
        postgres.run(cut)
        until(lambda: stored() == number)
    assert store.check() == []


def test_the_same_files_queued_twice_are_embedded_once(store: Store, docs: Path) -> None:
    write(docs, {f"{n}.md": text_of(n) for n in range(MOST_FILES + 9)})
    with ExitStack() as stack:
        other = Store(store.folder, store.address)
        stack.callback(other.close)
        thread = threading.Thread(target=queued, args=(other, docs))
        thread.start()
        until(lambda: queue_of(store).waiting() == 2)
        crew = stack.enter_context(hired(store, 2))
        report = queued(store, docs)
        thread.join(PATIENCE)
    assert {file.outcome for file in report.files} <= {Outcome.OK, Outcome.UNCHANGED}
    embedded = [text for worker in crew for text in worker.embedder.documents]
    assert len(embedded) == len(set(embedded)) == store.documents.counts()[1]


def test_a_stop_takes_out_what_nobody_has_begun(store: Store, docs: Path) -> None:
    write(docs, {f"{n}.md": text_of(n) for n in range(3 * MOST_FILES)})
    report = queued(store, docs, stop=lambda: True)
    assert report.stopped
    assert report.files == ()
    assert queue_of(store).waiting() == 0
    with hired(store):
        assert set(outcomes(queued(store, docs)).values()) == {Outcome.OK}


def test_a_stop_ends_the_job_in_hand(store: Store, docs: Path) -> None:
    write(docs, {f"{n}.md": text_of(n) for n in range(MOST_FILES)})

    class Waiting(FakeEmbedder):
        def encode_documents(self, texts):  # type: ignore[no-untyped-def]
            time.sleep(0.4)
            return super().encode_documents(texts)

    worker = Hired(store, Waiting(), replace(SETTINGS, batch_chunks=2))
    try:
        report = queued(store, docs, stop=lambda: bool(worker.embedder.documents))
    finally:
        worker.close()
    assert report.stopped
    assert 0 < store.documents.counts()[0] < MOST_FILES


def test_another_model_is_said_to_whoever_asked(store: Store, docs: Path) -> None:
    write(docs, {"a.md": text_of(1)})
    with hired(store):
        queued(store, docs)
    store.generations.set_embedder("another:1")
    write(docs, {"b.md": text_of(2)})
    with hired(store), pytest.raises(ModelMismatch, match="another:1") as caught:
        queued(store, docs)
    assert caught.value.next_command == "rag reindex"
    assert store.documents.counts()[0] == 1


def test_a_folder_that_a_worker_has_not(store: Store, docs: Path) -> None:
    """What is not to be seen is reported; what was read of it before stays."""
    write(docs, {"a.md": text_of(1)})
    with hired(store):
        queued(store, docs)
        write(docs, {"a.md": text_of(2)})
        queue = queue_of(store)
        (job,) = queue.put([Portion(docs, (Path("gone.md"),), False, False, "").values()])
        until(lambda: job not in queue.states([job]))
        (file,) = (file for file in queue.files([job]) if file.path)
    assert '"unreadable"' in file.report
    assert "share its folder" in file.report
    assert store.documents.counts()[0] == 1


def test_a_renamed_file_is_one_of_the_same_root_alone(
    store: Store, docs: Path, tmp_path: Path
) -> None:
    write(docs, {"a.md": text_of(1)})
    with hired(store) as (worker,):
        queued(store, docs)
        (docs / "a.md").rename(docs / "b.md")
        assert outcomes(queued(store, docs)) == {"b.md": Outcome.RENAMED}
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        (docs / "b.md").rename(elsewhere / "c.md")
        assert outcomes(queued(store, elsewhere)) == {"c.md": Outcome.DUPLICATE}
        assert len(worker.embedder.documents) == 1


def test_what_is_to_be_unreadable_is_so_at_any_worker(store: Store, docs: Path) -> None:
    write(docs, {"a.md": "Escriba a ana.perez@example.org antes del martes.\n"})
    with hired(store):
        Queued(store, replace(SETTINGS, redact="all")).run([docs])
    (document,) = store.documents.infos()
    text = store.documents.get(document.id)
    assert text is not None
    assert "ana.perez" not in text.text


def test_nothing_of_a_removed_file_stays_in_the_queue(
    store: Store, docs: Path, postgres: Server
) -> None:
    words = ("cormoranes", "chorlitejo")
    write(docs, {"b.md": text_of(1), "cormoranes.md": "# Aves\n\nUn chorlitejo y otras aves.\n"})
    with hired(store):
        queued(store, docs)
    assert len(postgres.files_with(*words)) > 1
    store.remove([str(docs / "cormoranes.md")])
    with store.writing():
        assert settle(store)[1].complete
    assert postgres.files_with(*words) == set()
    assert store.documents.counts()[0] == 1


def test_one_who_writes_alone_waits_for_workers_and_they_for_him(store: Store) -> None:
    database, other = store.database, Store(store.folder, store.address)
    assert database is not None
    assert other.database is not None
    with database.sharing(lambda: False):
        with other.database.sharing(lambda: True):  # together
            pass
        with pytest.raises(LibraryBusy, match="fuente"), other.writing(patience=0.2):
            pass
        took = threading.Event()
        leave = threading.Event()

        def write_alone() -> None:
            with other.writing():
                took.set()
                leave.wait(PATIENCE)

        thread = threading.Thread(target=write_alone)
        thread.start()
        time.sleep(0.1)
        assert not took.is_set()
    assert took.wait(PATIENCE)
    with pytest.raises(LibraryBusy), store.writing():  # not a worker: nobody waits for it
        pass
    with pytest.raises(InterruptedError), database.sharing(lambda: True):
        pass
    leave.set()
    thread.join(PATIENCE)
    with database.sharing(lambda: False):
        assert database.claim("x")
        assert not other.database.claim("x")
    assert other.database.claim("x")
    other.close()


def test_portions_keep_their_root_and_odd_names(tmp_path: Path) -> None:
    files = {"a/b ñ.md": "x", "a/c\n%.md": "y", **{f"{n}.md": str(n) for n in range(MOST_FILES)}}
    write(tmp_path, files)
    odd = tmp_path / b"a/\xe9.md".decode("utf-8", "surrogateescape")
    odd.write_text("z")
    sources = discover([tmp_path], tmp_path / "library").sources
    parts = list(portions(sources))
    assert sorted(len(part) for _, _, part in parts) == [3, MOST_FILES]
    assert {root for root, _, _ in parts} == {tmp_path}
    portion = Portion(
        tmp_path, tuple(s.location.relative_to(tmp_path) for s in sources), True, False, "iban"
    )
    assert Portion.of(portion.values()) == portion
    large = [Source(tmp_path / f"{n}.md", f"{n}.md", 3_000_000, 0) for n in range(3)]
    assert [len(part) for _, _, part in portions(large)] == [1, 1, 1]


def test_a_folder_has_no_queue(tmp_path: Path) -> None:
    store = Store(tmp_path / "library")
    with pytest.raises(UsageError, match="is a folder") as caught:
        Queued(store, SETTINGS)
    assert "rag copy" in caught.value.next_command
    store.close()
