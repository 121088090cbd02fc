"""Judged answers become questions of an evaluation set, those from which the truth is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval import run
from rag.conversations import Conversations
from rag.errors import UsageError
from rag.schema import Feedback
from tests.helpers.answering import open_library, write_files
from tests.helpers.fakes_ui import answer, passage

TEXT = "El ascensor admite ocho personas."


def judge(kept: Conversations, question: str, text: str, feedback: Feedback) -> None:
    made = kept.begin(question)
    for asked in ("¿Y antes?", question):
        turn = kept.ask(made.id, asked)
        kept.answer(turn, answer(asked, text and f"{text} [1]", passage(text or "Nada.")))
    kept.rate(turn, feedback)


def test_only_what_is_known_becomes_a_question(tmp_path: Path) -> None:
    kept = Conversations(tmp_path)
    judge(kept, "¿Cuántas?", TEXT, Feedback(True))
    judge(kept, "¿Quién?", "", Feedback(True))
    judge(kept, "¿Cuándo?", TEXT, Feedback(False, "mal", " En mayo "))
    judge(kept, "¿Por qué?", TEXT, Feedback(False, "mal"))
    rows = {row["question"]: row for row in kept.questions()}
    assert set(rows) == {"¿Cuántas?", "¿Quién?", "¿Cuándo?"}
    assert rows["¿Cuántas?"]["evidence"] == [{"path": "informe.pdf", "page": 2, "quote": TEXT}]
    assert rows["¿Cuántas?"]["answers"] == [TEXT]
    assert [turn["question"] for turn in rows["¿Cuántas?"]["history"]] == ["¿Y antes?"]
    assert rows["¿Quién?"]["unanswerable"]
    assert rows["¿Cuándo?"]["answers"] == ["En mayo"]


def test_they_are_evaluated(tmp_path: Path) -> None:
    docs = write_files(tmp_path / "docs", {"a.md": f"# Ascensor\n\n{TEXT}\n"})
    with open_library(tmp_path / "library") as library:
        library.ingest([docs])
        with pytest.raises(UsageError, match="judged"):
            run.main(None, library)
        judge(library.conversations, "¿Cuántas personas admite?", TEXT, Feedback(True))
        assert run.main(None, library, out=tmp_path / "out") == 0
    assert "feedback" in (tmp_path / "out" / "run.json").read_text(encoding="utf-8")
