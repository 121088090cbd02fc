"""The parts of the web app apart from drawing: words, text, uploads, jobs, launch."""

from __future__ import annotations

import ast
import dataclasses
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from hypothesis import given, strategies as st

from rag import uploads
from rag.errors import RagError, UsageError
from rag.jobs import NOTED, Job, Jobs, Row
from rag.library import Pace
from rag.schema import AnswerCell, Block, BlockKind, FileReport, Holder, Outcome, Progress, Purge
from tests.helpers.fakes import make_block
from tests.helpers.fakes_ui import HOSTILE, FakeLibrary
from ui import i18n, jobs_view, launch, safe_text, theme
from ui.i18n.labels import Words

UI = Path(launch.__file__).parent
QUIET = {
    "options.py",
    "spanish.py",
    "english.py",
    "theme.py",
    "launch.py",
}  # words, style sheet, terminal


# --- words ---


def test_both_languages_say_everything_with_the_same_gaps() -> None:
    for name, spanish, english in said_twice(i18n.ES, i18n.EN):
        assert type(spanish) is type(english)
        if isinstance(spanish, str):
            assert spanish
            assert gaps(spanish) == gaps(english), name
        elif isinstance(spanish, tuple):
            assert len(spanish) == len(english), name
        elif isinstance(spanish, dict):
            assert spanish.keys() == english.keys()
            assert all(gaps(text) == gaps(english[key]) for key, text in spanish.items()), name
    assert set(i18n.ES.outcomes) == set(Outcome)


def said_twice(spanish: Any, english: Any) -> Iterator[tuple[str, Any, Any]]:
    """Name and value in both languages of all words, those of single pages too."""
    for field in dataclasses.fields(spanish):
        one, other = getattr(spanish, field.name), getattr(english, field.name)
        if dataclasses.is_dataclass(one):
            yield from said_twice(one, other)
        else:
            yield field.name, one, other


def gaps(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_stated_failure_has_words() -> None:
    def below(kind: type[RagError]) -> Iterator[str]:
        for subclass in kind.__subclasses__():
            yield subclass.__name__
            yield from below(subclass)

    from rag import errors

    assert {name for name in below(RagError) if hasattr(errors, name)} == set(i18n.ES.errors)


@pytest.mark.parametrize("path", sorted(set(UI.glob("*.py"))), ids=lambda path: path.name)
def test_no_other_file_holds_words(path: Path) -> None:
    if path.name in QUIET:
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    silent = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    silent |= {id(node.value) for node in tree.body if isinstance(node, ast.Expr)}
    silent |= {  # the log is not the screen
        id(argument)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith((".exception", ".warning", "Error", "SignedOut"))
        for argument in ast.walk(node)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in silent
        ):
            bare = re.sub(r"<[^>]*>?|[\w:-]+=\"[^\"]*\"?|\(\d\)", "", node.value)
            spoken = re.search(r"[^\W\d_]{2,} +[^\W\d_]{2,}|[áéíóúñ¿¡]", bare)
            script = "export default" in node.value
            assert not spoken or script, f"line {node.lineno}: {node.value!r}"


@pytest.mark.parametrize(
    ("locale", "fallback", "chosen"),
    [
        ("es-MX", "en", "es"),
        ("en_GB", "es", "en"),
        ("fr", "es", "en"),
        ("ca", "en", "es"),
        (None, "en", "en"),
        (None, "de", "es"),
    ],
)
def test_the_browsers_language_comes_first(locale: str | None, fallback: str, chosen: str) -> None:
    assert i18n.choose(locale, fallback) == chosen


# --- text ---


@given(st.text())
def test_plain_text_cannot_open_a_tag(text: str) -> None:
    assert not set(safe_text.plain(text)) & set("<>\"'")


def test_plain_text_shows_cells_and_drops_what_turns_letters_around() -> None:
    assert safe_text.plain("Plazo\t90 días\u202e\u200b") == "Plazo │ 90 días"


def test_a_mark_becomes_a_chip_only_with_a_citation() -> None:
    drawn = safe_text.answer([make_block("Uno. [1] Dos [7].")], {1: 'a "b" <c>'}, 4)
    assert 'data-citation="4:1"' in drawn
    assert "&quot;b&quot; &lt;c&gt;" in drawn
    assert "[7]" in drawn
    assert drawn.count("<button") == 1


def test_rows_are_a_small_table_under_the_names_of_their_columns() -> None:
    cells = (AnswerCell("Mes", "Mayo"), AnswerCell("<b>", "11 %", asked=True))
    row = Block(BlockKind.ROW, "Mayo – <b>: 11 % [1]", (1,), cells=cells)
    drawn = safe_text.answer([row, replace(row, citations=(2,))], {1: "uno", 2: "dos"}, 0)
    assert drawn.count("<table>") == drawn.count("<thead>") == 1
    assert '<th scope="col">&lt;b&gt;</th>' in drawn
    assert drawn.count("<tr>") == 3
    assert drawn.count("<td><mark>11 %</mark></td>") == 2, "the asked cell is marked"
    assert [f'data-citation="0:{n}"' in drawn for n in (1, 2)] == [True, True]


def test_a_list_keeps_its_lead_in_and_the_numbers_of_the_document() -> None:
    block = Block(BlockKind.LIST, "Se hace así:\n1. Abrir.\n2. <i>Leer. [1]", (1,))
    drawn = safe_text.answer([block], {1: "tip"}, 0)
    assert drawn.startswith('<p>Se hace así:</p><ul class="items"><li>1. Abrir.</li>')
    assert drawn.count("<li>") == 2
    assert "<i>" not in drawn


def test_one_item_alone_is_prose() -> None:
    block = Block(BlockKind.LIST, "Si no cabe por poco, a 8 bits. [1]", (1,))
    drawn = safe_text.answer([block], {1: "tip"}, 0)
    assert drawn.startswith("<p>Si no cabe por poco")
    assert "<ul" not in drawn


@given(st.text(max_size=200), st.data())
def test_the_marked_part_is_the_quote(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    drawn = safe_text.marked(text, start, end, around=20)
    inside = drawn.partition("<mark>")[2].partition("</mark>")[0]
    assert inside == safe_text.plain(text[start:end])


@given(st.text(max_size=60), st.data())
def test_the_words_that_answer_are_bold_within_the_mark(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    drawn = safe_text.marked(f"{text}<i>", 0, len(text), span=(start, end))
    assert f"<b>{safe_text.plain(text[start:end])}</b>" in drawn.partition("</mark>")[0]
    assert "<i>" not in drawn


def test_a_quote_in_the_list_is_one_line_with_its_answer_in_bold() -> None:
    text = "\u202eDura\n <b>dos</b>\taños "
    at = text.index("dos")
    assert safe_text.stressed(text, (at, at + 3)) == ("Dura &lt;b&gt;<b>dos</b>&lt;/b&gt; │ años")
    assert safe_text.stressed(text, None) == "Dura &lt;b&gt;dos&lt;/b&gt; │ años"


def test_hostile_labels_keep_their_letters() -> None:
    bare = safe_text.label(HOSTILE, 500).replace("\\", "").replace("\u2060", "")
    assert bare == HOSTILE


def test_long_text_is_cut_at_a_word() -> None:
    assert safe_text.flat("uno dos\n tres cuatro", 10) == "uno dos…"
    assert safe_text.flat("x" * 30, 10) == "x" * 10 + "…"


# --- uploads ---


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Acta nº 3.pdf", "Acta nº 3.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\datos\\informe.docx", "informe.docx"),
        (".oculto.md", "oculto.md"),
        ('a<b>:"c|.txt', "a_b___c_.txt"),
        ("niño.md", "niño.md"),
        ("a\u202egnp.txt", "a_gnp.txt"),
    ],
)
def test_names_lose_what_a_file_system_would_understand(name: str, safe: str) -> None:
    assert uploads.safe_name(name) == safe


@pytest.mark.parametrize("name", ["", "/", "..", "a/", "   "])
def test_names_of_nothing_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="file name"):
        uploads.safe_name(name)


@given(st.text(min_size=1, max_size=300))
def test_any_name_stays_in_the_folder(name: str) -> None:
    try:
        safe = uploads.safe_name(name)
    except UsageError:
        return
    assert Path(safe).name == safe
    assert not safe.startswith((".", "~"))
    assert len(safe.encode()) < 255


def test_a_taken_name_gets_a_number_and_equal_bytes_do_not(tmp_path: Path) -> None:
    library = FakeLibrary(tmp_path).as_library()
    names = [uploads.save(library, "a.md", content).name for content in (b"1", b"2", b"1", b"3")]
    assert names == ["a.md", "a (2).md", "a.md", "a (3).md"]
    assert {path.name for path in uploads.folder_of(library).iterdir()} == set(names)


@pytest.mark.parametrize("words", [i18n.ES, i18n.EN])
def test_who_holds_a_removal_up_is_said(words: Words) -> None:
    text = jobs_view.pending(words, Purge(False, "", (Holder(4711, "rag search"),)))
    assert "rag search (4711)" in text
    assert jobs_view.pending(words, Purge(False)) == words.purge_pending


# --- jobs ---


def finish(job: Job) -> None:
    deadline = time.monotonic() + 20
    while not job.finished:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_jobs_run_one_after_the_other_and_report_rows(tmp_path: Path) -> None:
    fake = FakeLibrary(tmp_path, outcomes={"b.pdf": Outcome.ENCRYPTED})
    for name in ("a.md", "b.pdf", "c.md"):
        (tmp_path / name).write_text(name)
    jobs = Jobs(fake.as_library())
    first = jobs.submit([tmp_path / "a.md", tmp_path / "b.pdf"])
    finish(first)
    second = jobs.submit([tmp_path / "c.md"])
    finish(second)
    assert first.failed == ["b.pdf"]
    assert first.rows["a.md"].outcome == Outcome.OK
    assert jobs.all == [second]
    assert not jobs.active


def test_each_file_has_the_stage_it_is_in() -> None:
    job = Job(())
    for path, stage in [("a", "reading"), ("b", "queued"), ("a", "embedding"), ("b", "reading")]:
        job.take(Progress(0, 2, path, stage))
    assert {path: row.stage for path, row in job.rows.items()} == {"a": "embedding", "b": "reading"}


def test_the_pace_counts_what_is_new() -> None:
    now = iter([100.0, 104.0, 104.0])
    job = Job((), pace=Pace(lambda: next(now)))
    assert not job.pace.seconds
    job.take(Progress(10, 20, "old", "ready", FileReport("old", Outcome.UNCHANGED)))
    job.take(Progress(10, 20, "a", "reading"))
    job.take(Progress(12, 20, "a", "ready", FileReport("a", Outcome.OK, chunks=30)))
    assert (job.pace.passages / job.pace.seconds, job.pace.seconds_left) == (7.5, 16.0)


def test_failed_files_are_read_again_when_asked(tmp_path: Path) -> None:
    fake = FakeLibrary(tmp_path, outcomes={"b.pdf": Outcome.TIMEOUT})
    for name in ("a.md", "b.pdf"):
        (tmp_path / name).write_text(name)
    jobs = Jobs(fake.as_library())
    first = jobs.submit([tmp_path / "a.md", tmp_path / "b.pdf"])
    finish(first)
    assert first.missed() == [tmp_path / "b.pdf"]
    again = jobs.submit(first.missed(), retry=True)
    finish(again)
    assert again.rows["b.pdf"].outcome == Outcome.OK


def test_a_removed_file_can_be_added_again(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("a")
    job = Job((tmp_path,))
    for name in ("a.md", "gone.md"):
        report = FileReport(name, Outcome.STAYS_REMOVED)
        job.take(Progress(1, 2, name, "ready", report))
    assert job.kept_out() == [tmp_path / "a.md"]
    assert job.missed() == []


def test_a_job_that_was_stopped_before_its_turn_has_no_rows(tmp_path: Path) -> None:
    fake = FakeLibrary(tmp_path, gate=threading.Event())
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text(name)
    jobs = Jobs(fake.as_library())
    first, second = (jobs.submit([tmp_path / name]) for name in ("a.md", "b.md"))
    second.stop.set()
    assert fake.gate is not None
    fake.gate.set()
    finish(first)
    finish(second)
    assert (second.stopped, second.rows, second.unread) == (True, {}, 1)


def test_a_stop_leaves_no_row_in_the_middle(tmp_path: Path) -> None:
    fake = FakeLibrary(tmp_path, gate=threading.Event())
    names = ("a.md", "b.md", "c.md")
    for name in names:
        (tmp_path / name).write_text(name)
    jobs = Jobs(fake.as_library())
    job = jobs.submit([tmp_path / name for name in names])
    jobs.stop()
    assert fake.gate is not None
    fake.gate.set()
    finish(job)
    assert job.stopped
    assert all(row.outcome for row in job.rows.values())


def test_what_was_stopped_or_killed_is_known_to_the_next_process(tmp_path: Path) -> None:
    fake = FakeLibrary(tmp_path, gate=threading.Event())
    uploaded = uploads.save(fake.as_library(), "subido.md", b"x")
    paths = [tmp_path / "a.md", tmp_path / "b.md"]
    for path in paths:
        path.write_text("x")
    jobs = Jobs(fake.as_library())
    job = jobs.submit([*paths, uploaded])
    assert jobs.unfinished == [], "it is at work"
    assert Jobs(fake.as_library()).unfinished == paths, "uploads are listed by themselves"
    jobs.stop()
    assert fake.gate is not None
    fake.gate.set()
    finish(job)
    assert jobs.unfinished == paths
    finish(jobs.submit(paths))
    assert jobs.unfinished == []
    assert not (fake.settings.library / NOTED).exists(), "nothing is left of it"


@pytest.mark.parametrize(
    ("stage", "spanish"), [("reading", "página 40 de 212"), ("embedding", "pasaje 40 de 212")]
)
def test_a_long_file_says_how_far_it_is(stage: str, spanish: str) -> None:
    job = Job((Path("a.pdf"),))
    job.take(Progress(0, 1, "a.pdf", stage, step=40, steps=212))
    assert f"{i18n.ES.stages[stage]} · {spanish}" in jobs_view._row(
        i18n.ES, "a.pdf", job.rows["a.pdf"]
    )
    job.take(Progress(0, 1, "a.pdf", stage, step=1, steps=1))
    assert "·" not in jobs_view._row(i18n.ES, "a.pdf", job.rows["a.pdf"])


def test_rows_at_work_are_shown_before_those_that_wait() -> None:
    rows = [(f"done{n}", Row("ready", Outcome.OK)) for n in range(20)]
    rows += [("now", Row("reading")), *((f"next{n}", Row("queued")) for n in range(20))]
    shown = [path for path, _ in jobs_view._latest(rows)]
    assert len(shown) == 12
    assert shown[-3:] == ["now", "next0", "next1"]
    assert shown[0] == "done11"


def test_a_stated_failure_is_kept_for_the_screen(tmp_path: Path) -> None:
    fake = FakeLibrary(tmp_path)
    jobs = Jobs(fake.as_library())
    (tmp_path / "a.md").write_text("a")

    def fail(paths: object, job: object) -> None:
        raise UsageError("no", "yes")

    job = jobs.submit([tmp_path / "a.md"], finish=fail)
    finish(job)
    assert isinstance(job.error, UsageError)


def test_the_style_sheet_says_the_words_of_the_language() -> None:
    assert i18n.EN.upload_button in theme.style(i18n.EN)
    assert i18n.ES.upload_hint in theme.style(i18n.ES)
