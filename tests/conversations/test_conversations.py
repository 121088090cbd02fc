"""Conversations are kept through a kill, found by words, and deleted so that nothing is left."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rag.conversations import Conversations, answer_json
from rag.conversations.conversations import TITLE
from rag.conversations.file import NAME
from rag.errors import LibraryDamaged, RagError
from rag.schema import (
    Answer,
    AnswerCell,
    Block,
    BlockKind,
    Conflict,
    Feedback,
    Filters,
    Signals,
    Support,
    TurnState,
)
from rag.storage import Store
from tests.helpers.answering import open_library, write_files
from tests.helpers.fakes import make_passage
from tests.helpers.fakes_ui import answer, passage

QUESTION = "¿Qué garantía tiene el ascensor?"
TEXT = "El ascensor tiene una garantía de siete años."


@pytest.fixture
def kept(tmp_path: Path) -> Conversations:
    return Conversations(tmp_path)


@pytest.fixture
def anywhere(store: Store) -> Conversations:
    """Those of a library on either engine."""
    return Conversations(store.folder, store.database)


def an_answer(text: str = TEXT) -> Answer:
    return answer(QUESTION, f"{text} [1]", passage(text), short="siete años")


def same(one: Answer | None, other: Answer) -> bool:
    """Whether they say the same: groups of terms may be lists or tuples."""
    assert one is not None
    alike = (one.citations, one.passages, one.blocks) == (
        other.citations,
        other.passages,
        other.blocks,
    )
    return alike and answer_json.dump(one) == answer_json.dump(other)


def keep(kept: Conversations, question: str = QUESTION, text: str = TEXT) -> str:
    made = kept.begin(question)
    kept.answer(kept.ask(made.id, question), an_answer(text))
    return made.id


def traces(folder: Path, *words: str) -> list[str]:
    needles = [word.encode(code) for word in words for code in ("utf-8", "utf-16-le")]
    return [
        path.name
        for path in folder.rglob("*")
        if path.is_file() and any(needle in path.read_bytes() for needle in needles)
    ]


def test_an_answer_comes_back_whole() -> None:
    whole = an_answer()
    cited = replace(
        whole.citations[0].passage, answer_span=(3, 9), signals=Signals(0.5, 2.0, 0.7, rerank=0.1)
    )
    cells = (AnswerCell("h", "c", True),)
    row = Block(BlockKind.ROW, "a [1]", (1,), Support.PARTLY, 0.5, "\n", cells)
    question = replace(
        whole.question,
        filters=Filters(paths=("a/b",), since="2026-01-01"),
        parts=(whole.question,),
        vector=np.ones(3, np.float32),
    )
    whole = replace(
        whole,
        question=question,
        blocks=(*whole.blocks, row),
        citations=(replace(whole.citations[0], passage=cited),),
        passages=(cited,),
        conflicts=(Conflict(1, "7", 0, 0, 3, "El ", "8"),),
        extractive=an_answer("Otra cosa."),
    )
    again = answer_json.load_answer(answer_json.dump(whole))
    assert same(again, whole)
    assert again.extractive is not None
    assert again.question.parts[0].text == QUESTION
    assert again.question.vector is None
    assert again.citations[0].answer_span == (3, 9)


def test_fields_of_another_version_are_no_obstacle() -> None:
    text = answer_json.dump(an_answer()).replace('{"question"', '{"unknown":[1],"question"', 1)
    assert answer_json.load_answer(text).citations == an_answer().citations
    for broken in ("[]", "{}", "7", '{"question":{}}', "no"):
        with pytest.raises(ValueError, match=r"in the place of|no Answer|Expecting"):
            answer_json.load_answer(broken)


@pytest.mark.both_engines
def test_a_conversation_is_kept_with_its_turns_scope_and_feedback(
    anywhere: Conversations, store: Store
) -> None:
    kept = anywhere
    scope = Filters(paths=("actas",), languages=("es",))
    made = kept.begin(QUESTION, scope)
    first, second = kept.ask(made.id, QUESTION), kept.ask(made.id, "¿Y la caldera?")
    kept.answer(first, an_answer())
    kept.rate(first, Feedback(False, "le falta algo", "Siete"))
    again = Conversations(store.folder, store.database)
    assert again.get(made.id) == replace(made, turns=2, changed=again.all()[0].changed)
    assert again.all()[0].scope == scope
    one, two = again.turns(made.id)
    assert same(one.answer, an_answer())
    assert (one.state, two.answer, two.state) == (TurnState.ANSWERED, None, TurnState.ASKED)
    assert one.feedback is not None
    assert (one.feedback.good, one.feedback.right_answer) == (False, "Siete")
    assert [turn.id for turn in again.rated()] == [first]
    assert [turn.id for turn in again.turns(made.id, last=1)] == [second]
    again.answer(first, an_answer("Otra."))
    assert not again.rated(), "another answer is not what was judged"


@pytest.mark.both_engines
def test_titles_are_the_first_question_on_one_line(anywhere: Conversations) -> None:
    assert anywhere.begin("¿Qué\n es  esto?").title == "¿Qué es esto?"
    long = anywhere.begin("palabra " * 40)
    assert len(long.title) <= TITLE + 1
    assert long.title.endswith("palabra…")
    anywhere.rename(long.id, "  Garantías  ")
    anywhere.rename(long.id, "   ")
    assert anywhere.all()[0].title == "Garantías"


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("words", "found"),
    [("GARANTIA siete", 1), ("años", 1), ("caldera", 1), ("caldera siete", 0), ("", 2), ("%", 0)],
)
def test_words_find_conversations_whatever_their_accents(
    anywhere: Conversations, words: str, found: int
) -> None:
    keep(anywhere)
    keep(anywhere, "¿Y la caldera?", "Nada de eso.")
    assert len(anywhere.all(words)) == found


@pytest.mark.both_engines
def test_a_title_of_its_own_is_found_too(anywhere: Conversations) -> None:
    anywhere.rename(keep(anywhere), "Asuntos de octubre")
    assert anywhere.all("OCTUBRE siete")
    assert not anywhere.all("octubre noviembre")


def test_nothing_of_a_deleted_conversation_is_left(kept: Conversations, tmp_path: Path) -> None:
    others = [keep(kept, f"Pregunta {n}", f"Respuesta {n} " * 40) for n in range(30)]
    secret = [keep(kept, f"zarapito {n}", f"correlimos {n} " * (n * 9)) for n in range(30)]
    assert traces(tmp_path, "zarapito", "correlimos") == [NAME]
    for key in secret:
        kept.delete([key])
    assert not traces(tmp_path, "zarapito", "correlimos")
    assert {item.id for item in kept.all()} == set(others)


def test_a_kill_between_deletion_and_sweep_is_made_good(
    kept: Conversations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(kept)
    key = keep(kept, "zarapito", "correlimos " * 50)
    with monkeypatch.context() as patch:
        patch.setattr(kept._file, "sweep", lambda: None)
        kept.delete([key])
    with sqlite3.connect(tmp_path / NAME) as connection:
        assert connection.execute("SELECT count(*) FROM unswept").fetchone()[0] == 1
    connection.close()
    Conversations(tmp_path)
    with sqlite3.connect(tmp_path / NAME) as connection:
        assert connection.execute("SELECT count(*) FROM unswept").fetchone()[0] == 0
    connection.close()
    assert not traces(tmp_path, "zarapito", "correlimos")


_KILLED = """
import os, signal, sys
from pathlib import Path
from rag.conversations import Conversations
kept = Conversations(Path(sys.argv[1]))
made = kept.begin("¿Se guarda?")
while True:
    kept.ask(made.id, "otra")
    print(made.id, flush=True)
"""


def test_what_was_kept_survives_a_kill(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    lines = [child.stdout.readline().strip() for _ in range(5)]
    child.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    child.wait(30)
    lines += child.stdout.read().split()
    child.stdout.close()
    again = Conversations(tmp_path)
    assert again.count(lines[0]) in (len(lines), len(lines) + 1)
    with sqlite3.connect(tmp_path / NAME) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_a_removed_document_takes_its_words_out_of_the_answers(tmp_path: Path) -> None:
    docs = write_files(
        tmp_path / "docs",
        {"a.md": "El zarapito anida en la ría de Betanzos.\n", "b.md": "La caldera es nueva.\n"},
    )
    with open_library(tmp_path / "library") as library:
        library.ingest([docs])
        kept = library.conversations
        made = kept.begin("¿Dónde anida?")
        turns = [kept.ask(made.id, "¿Dónde anida?") for _ in range(2)]
        for turn, info in zip(turns, library.documents(), strict=True):
            text = info.path + " zarapito" * (info.path == "a.md")
            kept.answer(turn, answer("¿?", f"{text} [1]", passage(text, number=info.id)))
        library.remove([docs / "a.md"])
        states = [turn.state for turn in kept.turns(made.id)]
        assert states == [TurnState.ERASED, TurnState.ANSWERED]
        assert kept.turns(made.id)[0].question == "¿Dónde anida?"
    assert not traces(tmp_path / "library", "zarapito")


def test_usage_has_no_words(kept: Conversations, tmp_path: Path) -> None:
    kept.usage.add(an_answer())
    (note,) = kept.usage.since(0)
    assert (note.found, note.language, dict(note.seconds)) == (True, "es", {"total": 0.34})
    assert not traces(tmp_path, "ascensor", "siete")


def test_an_empty_folder_has_none_and_makes_no_file(kept: Conversations, tmp_path: Path) -> None:
    assert not any((kept.all("x"), kept.turns("x"), kept.rated(), kept.usage.since(0)))
    assert kept.get("x") is None
    assert kept.forget_documents([1]) == 0
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_keeps_nothing(kept: Conversations, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        assert not kept.writable
        with pytest.raises(RagError, match="cannot be written"):
            kept.begin("¿?")
    finally:
        tmp_path.chmod(0o700)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"no database " * 100)
    with pytest.raises(LibraryDamaged, match=NAME):
        Conversations(tmp_path)


def test_the_file_is_its_owners_alone(kept: Conversations, tmp_path: Path) -> None:
    keep(kept)
    assert (tmp_path / NAME).stat().st_mode & 0o077 == 0


def test_a_file_of_before_there_were_owners_is_brought_up_to_date(
    kept: Conversations, tmp_path: Path
) -> None:
    begun = kept.begin(QUESTION)
    kept.answer(kept.ask(begun.id, QUESTION), an_answer())
    with sqlite3.connect(tmp_path / NAME) as old:
        old.execute("ALTER TABLE conversations DROP COLUMN owner")
        old.execute("PRAGMA user_version = 1")
    old.close()
    again = Conversations(tmp_path)
    assert [found.id for found in again.all("garantia")] == [begun.id]
    assert again.turns(begun.id)[0].answer is not None
    assert again.begin(QUESTION, owner="ana").owner == "ana"


@pytest.mark.both_engines
def test_each_owner_has_their_own(anywhere: Conversations) -> None:
    mine, other = anywhere.begin(QUESTION), anywhere.begin(QUESTION, owner="ana")
    assert [found.id for found in anywhere.all()] == [mine.id]
    assert [found.id for found in anywhere.all("ascensor", "ana")] == [other.id]
    assert anywhere.get(other.id) is None
    assert anywhere.get(other.id, "ana") == other


@pytest.mark.both_engines
def test_documents_that_go_take_answers_along_and_usage_stays(
    anywhere: Conversations, store: Store
) -> None:
    turn = anywhere.ask(anywhere.begin(QUESTION).id, QUESTION)
    quoted = make_passage("El ascensor admite ocho personas.", number=7)
    anywhere.answer(turn, replace(an_answer(), passages=(quoted,)))
    anywhere.usage.add(an_answer())
    assert anywhere.forget_documents([8]) == 0
    assert anywhere.forget_documents([7, 8]) == 1
    (conversation,) = anywhere.all()
    assert anywhere.turns(conversation.id)[0].state == TurnState.ERASED
    assert not anywhere.all("siete")
    assert len(anywhere.usage.since(0)) == 1
    anywhere.delete([conversation.id])
    assert anywhere.all() == []
    assert store.purging.due == bool(store.database)
