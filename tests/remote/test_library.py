"""A library over a server gives what the one in the folder gives, and says what it cannot."""

from __future__ import annotations

import inspect
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from rag import errors
from rag.config import Settings
from rag.conversations import Conversations, answer_json
from rag.conversations.usage import UsageLog
from rag.errors import FileProblem, ServerRefused, SignedOut, UsageError
from rag.indexing.originals import Originals
from rag.library import Library
from rag.remote import RemoteLibrary
from rag.remote.connection import Connection, stated
from rag.remote.offered import OFFERED, shape
from rag.schema import Answer, Feedback, Filters, Note, Outcome, Turn, TurnState
from rag.server.tokens import Scope
from rag.storage.collections import Collections
from tests.helpers.fakes import FakeGenerator
from tests.remote.conftest import Held, holding

LIFT = "How many persons does the lift hold?"
KINDS = (Library, Originals, Collections, Conversations, UsageLog)


def untimed(answer: Answer) -> str:
    """What is kept of an answer, without what differs from one asking to the next."""
    extractive = replace(answer.extractive, seconds={}) if answer.extractive else None
    return answer_json.dump(replace(answer, seconds={}, extractive=extractive))


def test_it_finds_and_answers_as_the_folder_does(held: Held) -> None:
    far, near = held.user("finder", Scope.ADMIN), held.library
    assert far.documents() == near.documents()
    assert far.documents(Filters(paths=("es",))) == near.documents(Filters(paths=("es",)))
    assert far.files() == near.files()
    assert far.search("garantía", 3) == near.search("garantía", 3)
    assert far.fits(Filters(languages=("en",)))
    assert far.status() == near.status()
    for info in near.documents():
        assert far.document(info.id) == near.document(info.id)
    assert far.notes([1, 2]) == near.notes([1, 2])
    for question in (LIFT, "¿Qué documentos hay?", "¿Cuánto dura la garantía?", "¿Quién fue Kant?"):
        stream = far.ask(question)
        same = near.ask(question)
        assert stream.passages == same.passages
        assert "".join(stream) == "".join(same)
        assert untimed(stream.answer) == untimed(same.answer)
    leaning = far.ask("And how often is it checked?", [Turn(LIFT, "Eight.")]).answer
    assert "every month" in leaning.text


def test_a_language_model_is_followed_while_it_writes(tmp_path: Path) -> None:
    writer = FakeGenerator("The lift holds eight persons [1]. It is checked every month [1].")
    with holding(tmp_path, writer) as held:
        stream = held.user("reader").ask(LIFT)
        assert stream.extractive is not None
        assert stream.extractive.text.startswith("The lift holds eight persons.")
        counts = [len(stream.blocks) for _ in stream]
        assert counts[0] < counts[-1] == 2
        assert stream.answer.model == "fake"
        assert untimed(stream.answer) == untimed(held.library.ask(LIFT).answer)


def test_who_stops_gets_what_was_written_by_then(tmp_path: Path) -> None:
    with holding(tmp_path, FakeGenerator("The lift holds eight persons [1]. " * 400)) as held:
        begun = threading.Event()
        stream = held.user("reader").ask(LIFT, stop=begun.is_set)
        for _ in stream:
            begun.set()
        assert 0 < len(stream.answer.blocks) < 400


def test_conversations_are_each_users_own(held: Held) -> None:
    ana, luis = held.user("ana"), held.user("luis")
    begun = ana.conversations.begin(LIFT, Filters(paths=("en",)))
    turn = ana.conversations.ask(begun.id, LIFT)
    answer = ana.ask(LIFT).answer
    ana.conversations.answer(turn, answer)
    (kept,) = ana.conversations.turns(begun.id)
    assert (kept.state, kept.answer) == (TurnState.ANSWERED, answer)
    ana.conversations.rate(turn, Feedback(True, "so it is"))
    assert ana.conversations.turns(begun.id)[0].feedback is not None
    ana.conversations.rename(begun.id, "Lifts")
    (listed,) = ana.conversations.all("lifts")
    assert (listed.title, listed.owner, listed.scope.paths) == ("Lifts", "ana", ("en",))
    assert ana.conversations.count(begun.id) == 1
    assert luis.conversations.all() == []
    assert luis.conversations.get(begun.id) is None
    with pytest.raises(ServerRefused, match="no such conversation"):
        luis.conversations.turns(begun.id)
    for call in (
        lambda: luis.conversations.rename(begun.id, "mine"),
        lambda: luis.conversations.delete([begun.id]),
        lambda: luis.conversations.drop(turn),
        lambda: luis.conversations.rate(turn, None),
        lambda: luis.conversations.answer(turn, answer),
        lambda: luis.conversations.ask(begun.id, "?"),
    ):
        with pytest.raises(ServerRefused, match="no such conversation"):
            call()
    with pytest.raises(ServerRefused, match="scope admin"):
        luis.conversations.rated()
    assert [t.id for t in held.user("chief", Scope.ADMIN).conversations.rated()] == [turn]
    ana.conversations.delete([begun.id])
    assert ana.conversations.all() == []


def test_what_one_may_not_read_is_not_there(held: Held) -> None:
    held.library.collections.add("closed", [i.id for i in held.library.documents(Filters(("es",)))])
    held.access.allow("eva", "en")
    try:
        eva = held.user("eva")
        (lift,) = eva.documents()
        assert (lift.path, lift.source) == ("en/lift.md", "en/lift.md")
        assert [file.path for file in eva.files()] == ["en/lift.md"]
        status = eva.status()
        assert (status.documents, status.chunks, dict(status.files)) == (1, lift.chunks, {})
        assert eva.collections.names() == {}
        assert eva.collections.of_documents() == {}
        with pytest.raises(UsageError, match="no collection"):
            eva.collections.named("closed")
        closed = next(i for i in held.library.documents() if i.path.startswith("es"))
        for look in (
            lambda: eva.document(closed.id),
            lambda: eva.originals.page(closed.id, 1),
            lambda: eva.originals.content(closed.id),
            lambda: eva.originals.path(closed.id),
        ):
            with pytest.raises(ServerRefused, match="no such document"):
                look()
        citation = held.library.ask("¿Cuánto dura la garantía?").answer.citations[0]
        with pytest.raises(ServerRefused, match="no such document"):
            eva.originals.cited(citation)
        assert {p.path for p in eva.search("garantía del ascensor", 50)} <= {"en/lift.md"}
        wide = Filters(readable=("es", "en"))
        assert {p.path for p in eva.search("garantía", 50, wide)} <= {"en/lift.md"}
        assert "dos años" not in eva.ask("¿Cuánto dura la garantía?", filters=wide).answer.text
        assert not eva.may_change
        with pytest.raises(ServerRefused):
            eva.remove([Path("en/lift.md")])
        with pytest.raises(ServerRefused):
            eva.collections.add("mine", [closed.id])
    finally:
        held.access.deny("eva", "en")
        (held.library.settings.library / "access.json").unlink()
        held.library.collections.delete("closed")


def test_who_may_write_removes_and_collects(tmp_path: Path) -> None:
    with holding(tmp_path) as held:
        writer = held.user("writer", Scope.WRITE)
        assert writer.may_change
        lift = next(info for info in writer.documents() if info.path == "en/lift.md")
        writer.collections.add("lifts", [lift.id])
        writer.collections.rename("lifts", "Lifts and stairs")
        assert writer.collections.names() == {"Lifts and stairs": 1}
        assert writer.originals.content(lift.id).startswith(b"# Lift")
        assert writer.originals.path(lift.id) == Path("lift.md"), "where it lies is not told"
        assert writer.remove([Path(lift.source)]).paths == ("en/lift.md",)
        assert len(held.library.documents()) == 2


def test_every_method_is_sent_or_says_that_it_is_elsewhere(held: Held) -> None:
    far = held.user("whole", Scope.ADMIN)
    parts = dict(
        zip(
            KINDS,
            (far, far.originals, far.collections, far.conversations, far.conversations.usage),
            strict=True,
        )
    )
    here = {"Library.ask", "Library.close", "Originals.close", "UsageLog.add"}
    for kind, part in parts.items():
        for name, method in inspect.getmembers(kind, inspect.isfunction):
            if name.startswith("_") or f"{kind.__name__}.{name}" in {*OFFERED, *here}:
                continue
            with pytest.raises(UsageError, match="server's machine"):
                getattr(part, name)()
            assert method
    with pytest.raises(UsageError, match="server's machine"):
        _ = far.embedder


def test_the_types_of_every_offered_method_are_known() -> None:
    for method in OFFERED.values():
        assert shape(method).result is not None
    assert shape(Library.notes).result == dict[int, tuple[Note, ...]]


def test_failures_are_those_that_the_server_states(held: Held) -> None:
    far = held.user("asker")
    with pytest.raises(UsageError, match="question is empty"):
        far.ask(" ")
    with pytest.raises(SignedOut, match="token"):
        held.by("fuente-unknown")
    with pytest.raises(ServerRefused, match="does not answer"):
        RemoteLibrary(Settings(server="http://127.0.0.1:9"), "x")
    caught = stated(422, {"type": "urn:fuente:FileProblem", "detail": "d", "outcome": "timeout"})
    assert isinstance(caught, FileProblem)
    assert caught.outcome == Outcome.TIMEOUT
    assert type(stated(409, {"type": "urn:fuente:EmptyLibrary"})) is errors.EmptyLibrary
    assert type(stated(500, "no problem details")) is ServerRefused
    assert type(stated(500, {"type": "urn:fuente:contextmanager"})) is ServerRefused


@pytest.mark.parametrize("address", ["ftp://a", "example", "http://other.example", ""])
def test_a_token_goes_to_no_address_that_does_not_hide_it(address: str) -> None:
    with pytest.raises(UsageError):
        Connection(address, "x")


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("Library.search", {"question": "a", "k": 10**9}),
        ("Library.search", {"question": "a", "k": "3"}),
        ("Library.search", {"question": "\ud800"}),
        ("Library.search", {"question": "a" * 30_000}),
        ("Library.search", {"question": None}),
        ("Library.search", {"question": "a", "filters": {"paths": "es"}}),
        ("Library.search", {"question": "a", "filters": [1]}),
        ("Library.search", {}),
        ("Library.documents", {"nobody": 1}),
        ("Library.document", {"document_id": 10**30}),
        ("Library.document", {"document_id": True, "x": 1}),
        ("Library.notes", {"document_ids": {"a": 1}}),
        ("Library.remove", {"paths": "all"}),
        ("Originals.page", {"document_id": 1, "number": 1, "scale": 1e9}),
        ("Originals.page", {"document_id": 1, "number": -1}),
        ("Originals.cited", {"citation": {}}),
        ("Conversations.answer", {"turn": 1, "answer": {"question": 1}}),
        ("Conversations.turns", {"conversation": 1}),
        ("Conversations.delete", {"conversations": [[]]}),
        ("UsageLog.since", {"at": "x"}),
        ("Library.ingest", {"paths": ["/etc"]}),
        ("Library.__init__", {}),
        ("Library.configure", {"settings": {}}),
    ],
)
def test_odd_calls_are_refused_with_a_reason(held: Held, call: str, arguments: object) -> None:
    name = f"odd-{abs(hash((call, str(arguments)))) % 10**9}"
    far = held.user(name, Scope.ADMIN)
    body = {"call": call, "arguments": arguments}
    with pytest.raises(errors.RagError) as caught:
        far.connection.post("/api/library", body)
    assert "server failed" not in caught.value.message
    assert caught.value.message
