"""The store against a plain dict, over a thousand random steps."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from rag.indexing.index_sync import index_of
from rag.schema import Outcome
from rag.storage import Store
from rag.storage.vector_index import FaissIndex
from tests.helpers.fakes import FakeEmbedder, make_entry, make_record
from tests.helpers.postgres import Server

SOURCES = [f"/root/{name}.md" for name in ("a", "b", "c", "sub/d")]
WORDS = ["uno", "dos", "tres", "arb-77", "ñandú"]
texts = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join), max_size=3)
bodies = texts.filter(bool).map(tuple)
sources = st.sampled_from(SOURCES)


class StoreMachine(RuleBasedStateMachine):
    """Does to a store what an ingest does, and to `files` the same by hand."""

    steps = 0
    server: Server | None = None

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.database = ExitStack()
        server = StoreMachine.server
        self.address = self.database.enter_context(server.library()) if server else ""
        self.store = Store(self.folder, self.address)
        self.store.generations.set_embedder("fake:1")
        self.files: dict[str, tuple[str, ...]] = {}
        self.seen: dict[int, tuple[int, str]] = {}  # chunk id -> (document id, text), for ever
        self.index = index_of(self.store)[0]

    def teardown(self) -> None:
        self.store.close()
        self.database.close()
        shutil.rmtree(self.folder)

    @rule(source=sources, body=bodies)
    def add_or_change(self, source: str, body: tuple[str, ...]) -> None:
        entry = make_entry(source, body)
        with self.store.transaction():
            held = self.store.documents.find(entry.record.content_hash)
            if held is None:
                self.store.add(entry)
            else:
                self.store.record(entry.record, held)
        self.files[source] = body

    @rule(source=sources)
    def remove(self, source: str) -> None:
        self.store.forget([source])
        self.files.pop(source, None)

    @rule(old=sources, new=sources)
    def rename(self, old: str, new: str) -> None:
        known = self.store.ledger.get(old)
        if known is None or known.document_id is None or old == new:
            return
        with self.store.transaction():
            path = new.rsplit("/", 1)[-1]
            self.store.record(replace(known, source=new, path=path), known.document_id)
            self.store.ledger.forget([old])
        self.files[new] = self.files.pop(old)

    @rule(source=sources)
    def change_to_broken(self, source: str) -> None:
        self.store.record(make_record(source, "0", outcome=Outcome.CRASHED), None)
        self.files.pop(source, None)

    @rule(source=sources, body=bodies)
    def fail_in_the_middle(self, source: str, body: tuple[str, ...]) -> None:
        with contextlib.suppress(KeyboardInterrupt), self.store.transaction():
            self.store.forget(SOURCES)
            self.store.add(make_entry(source, (*body, "nunca")))
            raise KeyboardInterrupt

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = Store(self.folder, self.address)
        self.index = self.store.index or self.index

    @rule()
    def renew_index(self) -> None:
        self.index = index_of(self.store)[0]
        chunks = sorted(self.store.documents.chunks(self.all_ids()))
        assert self.index.count == len(chunks)
        if isinstance(self.index, FaissIndex):
            assert self.index.ids().tolist() == chunks

    @rule(word=st.sampled_from(WORDS))
    def search_keywords(self, word: str) -> None:
        part = "arb" if word == "arb-77" else word
        found = self.store.keywords.search([(part,)], 1000)
        held = {text for body in self.files.values() for text in body if word in text.split()}
        chunks = self.store.documents.chunks(key for key, _ in found)
        assert len(chunks) == len(found)
        assert {chunk.text for chunk, _, _ in chunks.values()} == held
        assert all(score > 0 for _, score in found)

    @rule(body=bodies)
    def search_vectors(self, body: tuple[str, ...]) -> None:
        """With whatever generation was last opened, stale ones too."""
        query = FakeEmbedder().encode_queries(body[:1])[0]
        found = dict(self.index.search(query, 1000))
        for key, (chunk, _, path) in self.store.documents.chunks(found).items():
            assert self.seen[key] == (chunk.document_id, chunk.text)
            assert any(
                source.endswith(path) and chunk.text in self.files[source] for source in self.files
            )
            vector = FakeEmbedder().encode_documents([chunk.text])[0]
            assert found[key] == pytest.approx(float(vector @ query), abs=1e-5)

    @invariant()
    def holds_what_it_should(self) -> None:
        StoreMachine.steps += 1
        assert self.store.check() == []
        documents = {"\n".join(body): body for body in self.files.values()}
        chunks = sum(map(len, documents.values()))
        assert self.store.documents.counts() == (len(documents), chunks)
        for source, body in self.files.items():
            record = self.store.ledger.get(source)
            document = self.store.documents.get(record.document_id or 0) if record else None
            assert document is not None
            assert document.text == "\n".join(body)

    @invariant()
    def never_gives_an_id_twice(self) -> None:
        for key, (chunk, _, _) in self.store.documents.chunks(self.all_ids()).items():
            known = (chunk.document_id, chunk.text)
            if key not in self.seen:
                assert key > max(self.seen, default=0) - 10, "ids grow"
            assert self.seen.setdefault(key, known) == known

    def all_ids(self) -> list[int]:
        return [int(key) for key in self.store.documents.vector_ids()]


@pytest.mark.hypothesis  # for `make explore`: only tests under @given are marked by themselves
@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_hundreds_of_random_steps(engine: str, request: pytest.FixtureRequest) -> None:
    StoreMachine.steps = 0
    examples = 3 * settings().max_examples // 10
    if engine == "postgres":  # where a step takes five times as long
        StoreMachine.server, examples = request.getfixturevalue("postgres"), examples // 3
    run_state_machine_as_test(
        StoreMachine, settings=settings(max_examples=examples, stateful_step_count=45)
    )
    StoreMachine.server = None
    assert StoreMachine.steps >= 33 * examples
