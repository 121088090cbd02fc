"""An evaluation from question set to saved run, on a library that knows its answers by heart."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Any

import pytest

from eval import facts, run, runs
from eval.datasets import Dataset
from rag.errors import UsageError
from rag.schema import Answer, Filters, Passage, Turn
from tests.helpers.fakes import make_question
from tests.helpers.judged import GUIDE, WITHHELD, answered, cite, passage, question


@dataclass
class FakeStream:
    """An answer in two deltas; it exists only once they are read."""

    final: Answer
    read: bool = False

    def __iter__(self) -> Iterator[str]:
        yield self.final.text[:3]
        yield self.final.text[3:]
        self.read = True

    @property
    def answer(self) -> Answer:
        assert self.read, "the stream must be read first"
        return self.final


@dataclass
class FakeLibrary:
    """Answers and passages by question."""

    answers: Mapping[str, Answer]
    passages: Mapping[str, Sequence[Passage]] = field(default_factory=dict)
    searched: list[tuple[str, int]] = field(default_factory=list)
    histories: list[tuple[Turn, ...]] = field(default_factory=list)

    def search(self, question: str, k: int = 10, filters: Filters | None = None) -> list[Passage]:
        self.searched.append((question, k))
        return list(self.passages.get(question, ()))[:k]

    def ask(
        self, question: str, history: Sequence[Turn] = (), filters: Filters | None = None
    ) -> FakeStream:
        self.histories.append(tuple(history))
        answer = self.answers[question]
        if answer.question.text == "¿?":  # no other was given
            answer = replace(answer, question=make_question(question))
        return FakeStream(answer)


# ---------------------------------------------------------------- a run


def small_run(f1: Sequence[float] = (1.0, 0.0)) -> tuple[Any, Dataset]:
    """Answerable questions, right where `f1` is 1, and one unanswerable, withheld."""
    questions = [question(str(i), language="es" if i % 2 else "en") for i in range(len(f1))]
    questions.append(question("u", answers=(), evidence=(), unanswerable=True, kind="none"))
    right = passage("es/guia.pdf", GUIDE, 2)
    answers = {
        f"p{i}": answered("x [1]", "Ana Ruiz" if score else "nadie", [cite(right, GUIDE)])
        for i, score in enumerate(f1)
    }
    library = FakeLibrary({**answers, "pu": WITHHELD}, {f"p{i}": [right] for i in range(len(f1))})
    return library, Dataset("small", tuple(questions))


def test_evaluate_groups_and_beats() -> None:
    library, dataset = small_run()
    beats: list[tuple[int, int]] = []
    done = run.evaluate(library, dataset, depth=7, beat=lambda *beat: beats.append(beat))
    assert beats == [(1, 3), (2, 3), (3, 3)]
    assert library.searched[0] == ("p0", 7)
    assert set(done.figures) == {"all", "en", "es", "none"}
    assert set(done.figures["all"]) == set(runs.METRICS) - set(facts.NAMES)
    assert done.figures["all"]["f1"].value == pytest.approx(2 / 3)
    assert done.figures["all"]["f1_short"].count == 2
    assert done.figures["en"]["f1"].value == 1.0
    assert done.figures["all"]["answered"].value == pytest.approx(2 / 3)
    assert done.figures["all"]["abstention_recall"].value == 1.0
    assert "recall@1" not in done.figures["none"]


def test_a_follow_up_is_searched_in_its_standalone_form() -> None:
    history = (Turn("¿El puente?", "Se abrió en 1910."),)
    library: Any = FakeLibrary(
        {"p1": answered("x", question=make_question("¿Quién diseñó el puente?"))}
    )
    run.evaluate(library, Dataset("one", (question("1", history=history),)))
    assert library.histories == [history]
    assert library.searched == [("¿Quién diseñó el puente?", run.DEPTH)]


def test_compare_is_paired_by_id() -> None:
    worse = run.evaluate(*small_run((1.0, 0.0, 0.0, 0.0)))
    better = run.evaluate(*small_run((1.0, 1.0, 0.0, 0.0)))
    there = {row.question.id: row.values for row in worse.rows}
    same = runs.compare(worse, there)
    assert all((e.value, e.low, e.high) == (0, 0, 0) for e in same.values())
    assert runs.compare(better, there)["f1_short"].value == pytest.approx(0.25)
    only_first = {"0": there["0"], "gone": there["1"]}
    assert runs.compare(better, only_first)["f1_short"].value == 0.0
    with pytest.raises(UsageError, match="share no question"):
        runs.compare(better, {"gone": {}})


# ---------------------------------------------------------------- gates


@pytest.mark.parametrize(
    ("gate", "expected"),
    [
        ("f1=0.6", ""),
        ("f1=0.7", "f1 is 0.6667, under 0.7"),
        ("en/f1=1", ""),
        ("es/f1_short=0.5", "es/f1_short is 0, under 0.5"),
        ("latency_p95=60", ""),
        ("latency_p50=-1", "above -1"),
        ("none/recall@5=0", "no value"),
        ("fr/f1=0", "no value"),
    ],
)
def test_gates(gate: str, expected: str) -> None:
    done = run.evaluate(*small_run())
    message = runs.check_gate(done, *runs.parse_gate(gate))
    assert expected in message
    assert bool(message) is bool(expected)


@pytest.mark.parametrize("gate", ["f1", "f1=", "f1=high", "f1=nan", "speed=3", "=1"])
def test_a_gate_that_is_none_is_refused(gate: str) -> None:
    with pytest.raises(UsageError, match="METRIC=VALUE"):
        runs.parse_gate(gate)


# ---------------------------------------------------------------- main


@pytest.fixture
def questions_file(tmp_path: Path) -> Path:
    row = {
        "id": "1",
        "question": "p1",
        "answers": ["Ana Ruiz"],
        "evidence": [{"path": "es/guia.pdf", "page": 2, "quote": "Lo diseñó Ana Ruiz."}],
        "language": "es",
    }
    none = {"id": "u", "question": "pu", "answers": [], "unanswerable": True, "language": "es"}
    path = tmp_path / "set.jsonl"
    path.write_text(f"{json.dumps(row)}\n{json.dumps(none)}\n", encoding="utf-8")
    return path


def test_main_writes_a_run_that_can_be_compared_with(
    questions_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library, _ = small_run((1.0, 1.0))
    out = tmp_path / "out" / "first"
    assert run.main(questions_file, library, out) == 0
    saved = json.loads((out / "run.json").read_text("utf-8"))
    assert saved["figures"]["es"]["f1"]["value"] == 1.0
    assert set(saved["values"]) == {"1", "u"}
    records = [json.loads(line) for line in (out / "answers.jsonl").read_text("utf-8").splitlines()]
    assert [record["id"] for record in records] == ["1", "u"]
    assert records[0]["citations"][0]["path"] == "es/guia.pdf"
    assert "Ana Ruiz" in (out / "report.html").read_text("utf-8")
    capsys.readouterr()
    worse, _ = small_run((0.0, 0.0))
    assert run.main(questions_file, worse, against=out / "run.json") == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if "f1_short" in line)
    assert "-1.000" in line


def test_main_fails_with_the_gate_named(
    questions_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library, _ = small_run((0.0, 0.0))
    assert run.main(questions_file, library, fail_under=["answered=0.1", "es/f1=0.9"]) == 1
    text = capsys.readouterr().err
    assert "gate failed: es/f1 is 0.5, under 0.9" in text
    assert "answered" not in text


def test_main_refuses_before_it_asks(questions_file: Path, tmp_path: Path) -> None:
    library: Any = FakeLibrary({})
    broken = tmp_path / "run.json"
    broken.write_text("[]", encoding="utf-8")
    with pytest.raises(UsageError, match="not a saved run"):
        run.main(questions_file, library, against=broken)
    with pytest.raises(UsageError, match="not a saved run"):
        run.main(questions_file, library, against=tmp_path)  # a folder: its run.json
    with pytest.raises(UsageError, match="METRIC=VALUE"):
        run.main(questions_file, library, fail_under=["f1>0.5"])
    assert library.searched == []


class OwnLibrary(FakeLibrary):
    """Stands for rag.library.Library: opened on a folder, it finds what was ingested."""

    failed: tuple[SimpleNamespace, ...] = ()
    opened: list[tuple[Path, object]]

    @classmethod
    def open(cls, path: Path, settings: object) -> OwnLibrary:
        cls.opened = [(path, settings)]
        return cls({})

    def __enter__(self) -> OwnLibrary:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def ingest(self, paths: Sequence[Path]) -> SimpleNamespace:
        (root,) = paths
        found = [
            passage(str(file.relative_to(root)), file.read_text("utf-8"))
            for file in sorted(root.rglob("*.txt"))
        ]
        self.passages = {"¿Quién lo diseñó?": found}
        self.answers = {"¿Quién lo diseñó?": answered("x", "Ana Ruiz")}
        return SimpleNamespace(failed=self.failed)


@pytest.fixture
def squad_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(run, "Library", OwnLibrary)
    row = {"id": "1", "question": "¿Quién lo diseñó?", "answers": [{"text": "Ana Ruiz"}]}
    paragraphs = [{"context": GUIDE, "qas": [row]}, {"context": "Otra cosa.", "qas": []}]
    path = tmp_path / "squad.json"
    path.write_text(json.dumps({"data": [{"title": "T", "paragraphs": paragraphs}]}), "utf-8")
    return path


def test_a_set_with_documents_is_asked_of_a_library_of_its_own(
    squad_file: Path, tmp_path: Path
) -> None:
    settings = object()
    asked: Any = SimpleNamespace(settings=settings)  # has neither search nor ask
    assert run.main(squad_file, asked, tmp_path / "out", fail_under=["recall@1=1", "f1=1"]) == 0
    ((folder, given),) = OwnLibrary.opened
    assert given is settings
    assert not folder.exists()


def test_unread_documents_stop_the_evaluation(
    squad_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: Any = SimpleNamespace(settings=None)
    lost = SimpleNamespace(path="001-T/001.txt", reason="", outcome="crashed")
    monkeypatch.setattr(OwnLibrary, "failed", (lost,))
    with pytest.raises(UsageError, match=r"1 of 2 documents of squad .* 001-T/001\.txt: crashed"):
        run.main(squad_file, asked)
