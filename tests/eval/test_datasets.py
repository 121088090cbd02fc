"""Question sets of the three layouts."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from eval.datasets import Dataset, Evidence, guess_language, load, write_corpus
from eval.judging import same_file
from rag.errors import UsageError
from rag.schema import Turn

QUESTION = {
    "id": "q1",
    "question": "¿Cuándo?",
    "answers": ["en 1912", "1912"],
    "unanswerable": False,
    "evidence": [{"path": "es/guia.pdf", "page": 3, "quote": "Se hundió en 1912."}],
    "language": "es",
    "kind": "fact",
    "history": [{"question": "¿El Titanic?", "answer": "Un barco."}],
}


def write(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    data = text.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


# ---------------------------------------------------------------- our own


@pytest.mark.parametrize("name", ["set.jsonl", "set.jsonl.gz"])
def test_own_lines_keep_every_field(tmp_path: Path, name: str) -> None:
    dataset = load(write(tmp_path / name, [QUESTION]))
    (question,) = dataset.questions
    assert dataset.name == "set"
    assert dataset.corpus is None
    assert (question.id, question.text, question.language) == ("q1", "¿Cuándo?", "es")
    assert question.answers == ("en 1912", "1912")
    assert question.evidence == (Evidence("es/guia.pdf", 3, "Se hundió en 1912."),)
    assert question.kind == "fact"
    assert question.history == (Turn("¿El Titanic?", "Un barco."),)


def test_only_the_question_is_required(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"question": "¿Qué es un token?", "answers": None},
        {"question": "What is it for?"},
    ]
    first, second = load(write(tmp_path / "q.jsonl", rows)).questions
    assert (first.id, first.language, first.answers) == ("1", "es", ())
    assert (second.id, second.language, second.unanswerable) == ("2", "en", False)


def test_a_line_separator_inside_a_string_is_no_line_end(tmp_path: Path) -> None:
    rows = [{"question": "one\u2028two"}]
    assert load(write(tmp_path / "q.jsonl", rows)).questions[0].text == "one\u2028two"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"question": "a"}\n{"question": ', "line 2"),
        ('{"question": "a"}\n{"answers": []}\n', "line 2"),
        ('{"id": "x", "question": "a"}\n{"id": "x", "question": "b"}\n', "«x» twice"),
        ('["no object"]\n', "line 1"),
        ("\n", "no question"),
    ],
)
def test_a_broken_set_is_refused_by_line(tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=expected):
        load(path)


def test_a_missing_file_and_broken_gzip_are_stated(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load(tmp_path / "absent.jsonl")
    (tmp_path / "bad.jsonl.gz").write_bytes(b"not gzip")
    with pytest.raises(UsageError, match="cannot be read"):
        load(tmp_path / "bad.jsonl.gz")


@pytest.mark.parametrize(
    ("text", "language"),
    [("¿Cuál es el coste?", "es"), ("What is the cost?", "en"), ("HNSW", "en")],
)
def test_guess_language(text: str, language: str) -> None:
    assert guess_language([text]) == language


# ---------------------------------------------------------------- SQuAD

CONTEXT = "El puente se abrió en 1910. Lo diseñó Ana Ruiz; costó 3,5 millones. Hoy está cerrado."


def squad(version: int) -> dict[str, Any]:
    answer = {"text": "Ana Ruiz", "answer_start": CONTEXT.index("Ana Ruiz")}
    rows: list[dict[str, Any]] = [
        {"id": "a", "question": "¿Quién diseñó el puente?", "answers": [answer, answer]},
    ]
    if version == 2:
        rows[0]["is_impossible"] = False
        rows.append({"id": "b", "question": "¿Y el río?", "answers": [], "is_impossible": True})
    paragraphs = [{"context": "Otro.", "qas": []}, {"context": CONTEXT, "qas": rows}]
    return {"version": str(version), "data": [{"title": "Puente_A/B", "paragraphs": paragraphs}]}


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("name", ["dev.json", "dev.json.gz"])
def test_squad_points_into_the_files_it_writes(tmp_path: Path, version: int, name: str) -> None:
    dataset = load(write(tmp_path / name, [squad(version)]))
    first, *rest = dataset.questions
    assert dataset.name == "dev"
    assert (first.language, first.answers, first.unanswerable) == ("es", ("Ana Ruiz",), False)
    assert [question.unanswerable for question in rest] == [True] * (version - 1)
    assert all(not question.evidence for question in rest)
    (evidence,) = first.evidence
    assert evidence.quote == "Lo diseñó Ana Ruiz; costó 3,5 millones."
    assert write_corpus(dataset, tmp_path / "files") == 2
    text = (tmp_path / "files" / evidence.path).read_text("utf-8")
    assert text == f"Puente A/B\n\n{CONTEXT}\n"


def test_squad_may_be_indented(tmp_path: Path) -> None:
    path = tmp_path / "dev.json"
    path.write_text(json.dumps(squad(2), indent=2), encoding="utf-8")
    assert len(load(path).questions) == 2


# ---------------------------------------------------------------- BEIR


def beir(folder: Path, qrels: Mapping[str, str], suffix: str = "") -> Path:
    corpus = [
        {"_id": "d/1", "title": "Wings", "text": "About wings."},
        {"_id": "d2", "title": "", "text": "About tails."},
    ]
    queries = [{"_id": "1", "text": "what is a wing"}, {"_id": "2", "text": "not judged"}]
    write(folder / f"corpus.jsonl{suffix}", corpus)
    write(folder / f"queries.jsonl{suffix}", queries)
    for name, text in qrels.items():
        target = folder / f"{name}{suffix}"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(gzip.compress(text.encode()) if suffix else text.encode())
    return folder


HEADED = "query-id\tcorpus-id\tscore\n1\td/1\t2\n1\td2\t0\n"


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("name", ["qrels/test.tsv", "qrels/train.tsv", "qrels.tsv"])
def test_beir_points_into_the_files_it_writes(tmp_path: Path, name: str, suffix: str) -> None:
    dataset = load(beir(tmp_path / "wings", {name: HEADED}, suffix))
    (question,) = dataset.questions  # the one without judgements is left out
    assert dataset.name == "wings"
    assert (question.id, question.text, question.answers) == ("1", "what is a wing", ())
    (evidence,) = question.evidence  # grade 0 is no evidence
    assert evidence.grade == 2
    assert write_corpus(dataset, tmp_path / "files") == 2
    assert (tmp_path / "files" / evidence.path).read_text("utf-8") == "Wings\n\nAbout wings.\n"


def test_beir_prefers_test_judgements_and_reads_trec(tmp_path: Path) -> None:
    qrels = {"qrels/test.tsv": "1 0 d2 1\n", "qrels/dev.tsv": HEADED}
    (question,) = load(beir(tmp_path / "w", qrels)).questions
    assert [evidence.path for evidence in question.evidence] == ["d2.txt"]


@pytest.mark.parametrize(
    ("qrels", "expected"),
    [
        ({}, "has no qrels"),
        ({"qrels/dev.tsv": HEADED, "qrels/train.tsv": HEADED}, "several"),
        ({"qrels.tsv": "query-id corpus-id score\n1 d2\n"}, "line 2"),
        ({"qrels.tsv": "9 d2 1\n"}, "no question"),
    ],
)
def test_a_broken_beir_folder_is_refused(
    tmp_path: Path, qrels: Mapping[str, str], expected: str
) -> None:
    with pytest.raises(UsageError, match=expected):
        load(beir(tmp_path / "w", qrels))


def test_a_set_without_documents_writes_none(tmp_path: Path) -> None:
    assert write_corpus(Dataset("own", ()), tmp_path / "files") == 0


# ---------------------------------------------------------------- paths


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("docs/es/Geology.md", "es/Geology.md", True),
        ("Geology.md", "docs/es/Geology.md", True),
        ("es/Geology.md", "en/Geology.md", False),
        ("es/Geology.md", "es/Paleogeology.md", False),
        ("ogy.md", "Geology.md", False),
        ("", "a.md", False),
    ],
)
def test_same_file(one: str, other: str, same: bool) -> None:
    assert same_file(one, other) is same
    assert same_file(other, one) is same
