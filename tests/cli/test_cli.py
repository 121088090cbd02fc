"""The command `rag` as scripts rely on it: ingest, ask, search; JSON keys and exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rag.library import Library
from tests.helpers.answering import write_files
from tests.helpers.chat_server import serving
from tests.helpers.commandline import FILES, LIFT, Rag, stated

HEAVY = "torch transformers sentence_transformers llama_index faiss streamlit numpy pypdfium2 docx"
ANSWER_KEYS = set(
    "question answer short found language model citations passages seconds confidence "
    "standalone intent blocks conflicts used fallback unwritten struck flagged hidden".split()
)
CITATION_KEYS = {"number", "path", "page", "start", "end", "quote", "headings"}
PLACE_KEYS = {"path", "page", "start", "end", "score"}


# --- ingest ---


def test_ingest_counts_and_names_what_failed(rag: Rag, tmp_path: Path) -> None:
    write_files(tmp_path / "docs", {**FILES, "malo/roto.pdf": "%PDF-1.7 not one"})
    outcome = rag("ingest", "docs", "--json")
    assert outcome.code == 0
    report = outcome.json
    assert {"files", "failed", "chunks", "seconds"} <= set(report)
    assert report["files"] == {"ok": 2, "unreadable": 1}
    (failed,) = report["failed"]
    assert set(failed) == {"path", "outcome", "reason"}
    assert (failed["path"], failed["outcome"]) == ("malo/roto.pdf", "unreadable")
    assert report["chunks"] == 2
    assert "malo/roto.pdf" in outcome.err
    again = rag("ingest", "docs", "--json").json
    assert again["files"] == {"unchanged": 2, "unreadable": 1}
    assert again["chunks"] == 0


def test_ingest_says_it_in_words_too(rag: Rag, tmp_path: Path) -> None:
    write_files(tmp_path / "docs", FILES)
    assert "2 files: 2 ok" in rag("ingest", "docs").out


def test_ingest_takes_several_paths_and_prunes_only_when_told(filled: Rag, tmp_path: Path) -> None:
    (tmp_path / "docs/garantia.txt").unlink()
    assert filled("ingest", "docs", "--json").json["files"] == {"unchanged": 1}
    write_files(tmp_path / "more", {"a.md": "Otra norma."})
    report = filled("ingest", "docs", "more/a.md", "--prune", "--json").json
    assert report["files"] == {"unchanged": 1, "ok": 1, "removed": 1}


def test_ingest_where_all_files_fail_is_a_failure(rag: Rag, tmp_path: Path) -> None:
    write_files(tmp_path / "docs", {"roto.pdf": "%PDF-1.7 not one"})
    outcome = rag("ingest", "docs", "--json")
    assert outcome.code == 1
    assert outcome.json["failed"][0]["path"] == "roto.pdf"


def test_ingest_of_nothing_there_is_wrong_usage(rag: Rag) -> None:
    stated(rag("ingest", "nowhere"), 2, "nowhere")
    assert rag("ingest").code == 2


# --- ask ---


def test_ask_gives_the_whole_contract(filled: Rag, tmp_path: Path) -> None:
    answer = filled("ask", LIFT, "--json").json
    assert set(answer) == ANSWER_KEYS
    assert (answer["question"], answer["found"], answer["language"]) == (LIFT, True, "es")
    assert "ocho personas" in answer["answer"]
    (citation,) = answer["citations"]
    assert set(citation) == CITATION_KEYS
    assert citation["quote"] == "El ascensor admite ocho personas."
    assert (citation["path"], citation["page"], citation["number"]) == ("ascensor.md", None, 1)
    assert all(set(item) == PLACE_KEYS for item in answer["passages"])
    with Library.open(tmp_path / ".rag") as library:
        texts = {item.path: library.document(item.id) for item in library.documents()}
    document = texts["ascensor.md"]
    assert document is not None
    assert document.text[citation["start"] : citation["end"]] == citation["quote"]


def test_ask_shows_the_quote_and_where_it_stands(filled: Rag) -> None:
    out = filled("ask", LIFT).out
    assert "El ascensor admite ocho personas. [1]" in out
    assert "[1] ascensor.md" in out
    assert "«El ascensor admite ocho personas.»" in out


def test_ask_for_what_is_not_there_shows_the_nearest(
    filled: Rag, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_MIN_CONFIDENCE", "1.1")
    outcome = filled("ask", LIFT)
    assert outcome.code == 0
    assert "No lo encuentro" in outcome.out
    assert "ascensor.md" in outcome.out
    answer = filled("ask", LIFT, "--json").json
    assert (answer["found"], answer["short"], answer["citations"]) == (False, None, [])
    assert answer["passages"]


def test_a_file_of_questions_gives_a_line_each(filled: Rag, tmp_path: Path) -> None:
    history = [{"question": "¿Cuánto dura la garantía?", "answer": "Dos años."}]
    rows: list[dict[str, object]] = [
        {"id": "a", "question": LIFT, "answers": ["ocho"], "kind": "fact"},
        {"id": 7, "question": "¿Y qué no cubre?", "history": history},
    ]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (tmp_path / "in.jsonl").write_text("\n\n".join(lines), "utf-8")
    outcome = filled("ask", "--questions", "in.jsonl", "--out", "out.jsonl")
    assert (outcome.code, outcome.out) == (0, "")
    assert "2/2" in outcome.err
    answers = [
        json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()
    ]
    assert [answer["id"] for answer in answers] == ["a", 7]
    assert all(set(answer) == {"id", *ANSWER_KEYS} for answer in answers)
    assert answers[1]["standalone"] == "¿Y qué no cubre? (garantía)"
    assert answers[1]["citations"][0]["path"] == "garantia.txt"


def test_a_server_is_asked_several_questions_at_once(
    filled: Rag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [json.dumps({"id": number, "question": LIFT}) for number in range(6)]
    (tmp_path / "in.jsonl").write_text("\n".join(lines), "utf-8")
    with serving() as server:
        monkeypatch.setenv("RAG_BASE_URL", server.url)
        monkeypatch.setenv("RAG_GENERATOR_MODEL", "together")
        monkeypatch.setenv("RAG_WRITTEN_ANSWERS", "always")
        flags = ("--questions", "in.jsonl", "--out", "out.jsonl", "--at-once", "2")
        assert filled("ask", *flags).code == 0, "alone, a question would wait until it fails"
    answers = [
        json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()
    ]
    assert [answer["id"] for answer in answers] == list(range(6))


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("{", "line 2 is no JSON"),
        ("[]", "line 2 has no question"),
        ('{"id": "x"}', "line 2 has no question"),
        ('{"question": " "}', "line 2 has no question"),
        ('{"question": "¿Y?", "history": [{"question": "a"}]}', "line 2 has a history"),
        ('{"question": "¿Y?", "history": ["a"]}', "line 2 has a history"),
    ],
)
def test_a_bad_line_is_named_before_anything_is_asked(
    filled: Rag, tmp_path: Path, line: str, word: str
) -> None:
    (tmp_path / "in.jsonl").write_text(f'{{"question": "{LIFT}"}}\n{line}\n', "utf-8")
    stated(filled("ask", "--questions", "in.jsonl", "--out", "out.jsonl"), 2, word)
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize("command", ["ask", "search"])
@pytest.mark.parametrize(
    "flags",
    [
        [],
        [LIFT, "--questions", "in.jsonl", "--out", "out.jsonl"],
        ["--questions", "in.jsonl"],
        [LIFT, "--out", "out.jsonl"],
        ["--questions", "missing.jsonl", "--out", "out.jsonl"],
        ["--questions", "in.jsonl", "--out", "missing/out.jsonl"],
    ],
)
def test_flags_that_do_not_go_together(
    filled: Rag, tmp_path: Path, command: str, flags: list[str]
) -> None:
    (tmp_path / "in.jsonl").write_text(f'{{"question": "{LIFT}"}}', "utf-8")
    stated(filled(command, *flags), 2)


# --- search ---


def test_search_gives_the_whole_contract(filled: Rag) -> None:
    found = filled("search", LIFT, "-k", "1", "--json").json
    assert set(found) == {"passages"}
    (passage,) = found["passages"]
    assert set(passage) >= {*PLACE_KEYS, "text", "signals"}
    assert passage["path"] == "ascensor.md"
    assert {"dense", "keyword", "fused"} <= set(passage["signals"])
    assert passage["end"] - passage["start"] == len(passage["text"])
    assert len(filled("search", LIFT, "--json").json["passages"]) == 2


def test_search_shows_places_and_texts(filled: Rag) -> None:
    out = filled("search", LIFT).out
    assert "1. ascensor.md" in out
    assert "El ascensor admite ocho personas." in out


def test_search_takes_a_file_of_questions(filled: Rag, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(f'{{"id": 1, "question": "{LIFT}"}}\n', "utf-8")
    flags = ("--questions", "in.jsonl", "--out", "out.jsonl")
    assert filled("search", *flags, "-k", "1").code == 0
    (line,) = (tmp_path / "out.jsonl").read_text("utf-8").splitlines()
    row = json.loads(line)
    assert set(row) == {"id", "question", "passages"}
    assert (row["id"], row["question"], len(row["passages"])) == (1, LIFT, 1)
    filled("search", *flags)
    assert len(json.loads((tmp_path / "out.jsonl").read_text("utf-8"))["passages"]) == 2


@pytest.mark.parametrize("k", ["0", "-1", "1001", "diez"])
def test_search_for_an_impossible_number_is_wrong_usage(rag: Rag, k: str) -> None:
    assert rag("search", LIFT, "-k", k).code == 2


# --- the entry point ---


COMMANDS = "ingest ask search chat eval status remove reindex config doctor".split()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(rag: Rag, command: str) -> None:
    outcome = rag(command, "--help")
    assert outcome.code == 0
    assert "--library" in outcome.out


def test_help_lists_the_commands_and_nonsense_is_wrong_usage(rag: Rag) -> None:
    listed = rag("--help").out
    assert all(command in listed for command in COMMANDS)
    assert rag("frobnicate").code == 2
    assert rag("ask", LIFT, "--frobnicate").code == 2


ENTRY = "from rag.cli import main; main()"
TRY = """
    from rag.cli import main
    try:
        main()
    except SystemExit as done:
        if done.code:
            raise
"""


def run(*arguments: object, cwd: Path, code: str = ENTRY) -> subprocess.CompletedProcess[str]:
    """The real command in a process of its own, with the bundled model."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RAG_")}
    root = str(Path(__file__).parents[2])
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=cwd,
        env={**environment, "PYTHONPATH": root, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )


@pytest.mark.parametrize("arguments", [["--help"], ["ask", "--help"], ["config", "--json"]])
def test_the_cheap_commands_load_nothing_heavy(tmp_path: Path, arguments: list[str]) -> None:
    code = f"""
import sys, atexit
heavy = {HEAVY.split()!r}
atexit.register(lambda: print("LOADED", [n for n in heavy if n in sys.modules], file=sys.stderr))
{ENTRY}
"""
    done = run(*arguments, cwd=tmp_path, code=code)
    assert done.returncode == 0, done.stderr
    assert "LOADED []" in done.stderr


@pytest.mark.slow
def test_the_real_command_answers_from_a_real_library(tmp_path: Path) -> None:
    write_files(tmp_path / "docs", FILES)
    # one process for both: most of the time goes into loading the model
    code = f"import sys\nfor sys.argv[1:] in (['ingest', 'docs', '--json'], sys.argv[1:]):\n{TRY}"
    done = run("ask", LIFT, "--json", cwd=tmp_path, code=code)
    assert done.returncode == 0, done.stderr
    report, answer = map(json.loads, done.stdout.splitlines())
    assert report["files"] == {"ok": 2}
    assert set(answer) == ANSWER_KEYS
    assert answer["passages"][0]["path"] == "ascensor.md"
    for citation in answer["citations"]:
        assert citation["quote"] in FILES[citation["path"]]


def test_the_real_command_fails_in_words(tmp_path: Path) -> None:
    done = run("remove", "otro.md", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: otro.md is not in the library")


def test_an_empty_path_is_not_the_working_directory(filled: Rag) -> None:
    for command in ("ingest", "remove"):
        outcome = filled(command, "")
        assert outcome.code == 2
        assert "a path is empty" in outcome.err
    assert "ascensor.md" in filled("status", "--verbose").out
