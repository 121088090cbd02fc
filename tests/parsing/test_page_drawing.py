"""Pages drawn in children: a hostile page ends as a typed outcome, and the next one is drawn."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import rag.parsing.page_images.drawer
from rag.config import Settings
from rag.errors import FileProblem
from rag.parsing.page_images import Drawer
from rag.parsing.pictures import MAX_SIDE
from rag.parsing.sandbox.parent import ChildProcess
from rag.schema import Outcome, PageImage
from tests.helpers import hostile_pages
from tests.helpers.answering import open_library
from tests.parsing.test_ocr import SPANISH, picture, scan
from tests.parsing.test_page_images import LINES, pdf
from tests.parsing.test_sandbox import gone

LIMITS = {Outcome.TIMEOUT, Outcome.MEMORY, Outcome.CRASHED, Outcome.UNREADABLE, Outcome.BOMB}
DRAWN = "drawn"
PATIENCE = 200.0  # seconds for what must be drawn, on a busy machine
ROOT = Path(__file__).parents[2]
SLOW = [pytest.param(maker, marks=pytest.mark.slow) for maker in hostile_pages.MAKERS[1:]]
posix = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

PLANTED = """
    import base64, os, sys, time
    from rag.parsing.page_images.task import work
    from rag.parsing.sandbox.child import serve

    def png(width, height):
        head = b"\\x89PNG\\r\\n\\x1a\\n\\x00\\x00\\x00\\rIHDR"
        return base64.b64encode(head + width.to_bytes(4, "big") + height.to_bytes(4, "big"))

    def planted(request, beat, seconds):
        fault = os.path.basename(request["path"]).partition(".")[0]
        answer = {"png": png(10, 10).decode(), "boxes": [[1, 2, 3, 4]], "picture": False}
        faults = {
            "giant": {"png": png(60_000, 60_000).decode()},
            "flat": {"png": png(0, 10).decode()},
            "no picture": {"png": base64.b64encode(b"GIF89a" * 9).decode()},
            "no base64": {"png": "???"},
            "endless": {"boxes": [[1e999, 0, 0, 0]]},
            "crooked": {"boxes": [[1, 2, 3]]},
            "many": {"boxes": [[1, 2, 3, 4]] * 20_000},
        }
        if fault == "crash":
            os.abort()
        if fault == "hang":
            time.sleep(600)
        if fault == "words":
            if request["words"]:
                time.sleep(600)
            answer["picture"] = True
        if fault in faults or fault in ("words", "plain"):
            return {**answer, **faults.get(fault, {})}
        return work(request, beat, seconds)

    serve(planted, int(sys.argv[1]), float(sys.argv[2]))
"""


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    script = tmp_path_factory.mktemp("worker") / "planted.py"
    script.write_text(textwrap.dedent(PLANTED))
    return [str(script)]


@pytest.fixture(scope="module")
def shared() -> Iterator[Drawer]:
    """For tests that only draw."""
    with contextlib.closing(Drawer(Settings().reader_memory_mb, deadline=PATIENCE)) as opened:
        yield opened


@pytest.fixture
def drawer(worker: list[str]) -> Iterator[Drawer]:
    with contextlib.closing(Drawer(1024, worker, PATIENCE)) as opened:
        yield opened


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return pdf(tmp_path / "good.pdf", LINES)


def children(drawer: Drawer) -> list[ChildProcess]:
    return [box._child for box in drawer._pool._all if box._child is not None]


def outcome_of(drawer: Drawer, path: Path, deadline: float = PATIENCE) -> str:
    drawer.deadline = deadline
    with pytest.raises(FileProblem) as caught:
        drawer.draw(path, 1, "x")
    drawer.deadline = PATIENCE
    assert path.name in caught.value.message
    assert caught.value.next_command
    return caught.value.outcome


def what_comes_of(drawer: Drawer, path: Path, quote: str = "") -> str:
    try:
        drawer.draw(path, 1, quote)
    except FileProblem as problem:
        return problem.outcome
    return DRAWN


def begun(action: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=action)
    thread.start()
    return thread


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("make", [hostile_pages.tiling, *SLOW], ids=lambda make: make.__name__)
def test_a_hostile_page_ends_and_the_next_one_is_drawn(
    shared: Drawer, tmp_path: Path, good: Path, make: Callable[[], bytes]
) -> None:
    path = tmp_path / "hostile.pdf"
    path.write_bytes(make())
    shared.deadline = 2.0
    assert what_comes_of(shared, path, "ab" * 200) in {DRAWN, *LIMITS}
    shared.deadline = PATIENCE
    assert len(shared.draw(good, 1, LINES[0]).boxes) == 1


@pytest.mark.parametrize("make", [hostile_pages.giant_page, hostile_pages.flat_page])
def test_a_page_of_any_size_becomes_an_image_of_one(
    shared: Drawer, tmp_path: Path, make: Callable[[], bytes]
) -> None:
    (tmp_path / "a.pdf").write_bytes(make())
    drawn = shared.draw(tmp_path / "a.pdf", 1, "")
    assert drawn.width == MAX_SIDE
    assert 1 <= drawn.height <= MAX_SIDE


@pytest.mark.parametrize(
    ("width", "height", "rows", "outcomes"),
    [
        (60_000, 60_000, 10, {Outcome.BOMB}),
        (200_000, 1_000, 10, {Outcome.BOMB}),
        (30_000, 3_000, 3_000, {DRAWN, Outcome.TIMEOUT}),  # as many pixels as may be
    ],
)
def test_bombs_of_images(
    shared: Drawer, tmp_path: Path, width: int, height: int, rows: int, outcomes: set[str]
) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(hostile_pages.png(width, height, rows))
    assert what_comes_of(shared, path) in outcomes


def test_memory_has_a_limit(tmp_path: Path, good: Path) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(hostile_pages.png(30_000, 3_000, 3_000))  # 270 MB, and copies of it
    with contextlib.closing(Drawer(400, deadline=PATIENCE)) as drawer:
        assert outcome_of(drawer, path) == Outcome.MEMORY
        assert drawer.draw(good, 1, LINES[0]).boxes


def test_a_page_is_drawn_while_another_one_hangs(tmp_path: Path, good: Path) -> None:
    path = tmp_path / "tiling.pdf"
    path.write_bytes(hostile_pages.tiling())
    with open_library(tmp_path / "library") as library:
        assert library.ingest([good]).counts() == {"ok": 1}
        (citation,) = library.ask("¿Cuándo empieza la molturación?").answer.citations[:1]
        drawer = library.originals._drawer
        drawer.deadline = PATIENCE
        seen: list[str] = []
        hanging = begun(lambda: seen.append(what_comes_of(drawer, path)))
        wait_for(lambda: len(children(drawer)) == 1)
        assert library.originals.cited(citation).boxes
        assert hanging.is_alive()
        assert len(children(drawer)) == 2
    hanging.join(PATIENCE)  # the library is closed, in the middle of the page
    assert seen == [Outcome.CRASHED]
    assert not children(drawer)


def test_a_quote_that_runs_over_is_marked_on_the_page_where_it_begins(
    tmp_path: Path, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_library(tmp_path / "library") as library:
        library.ingest([good])
        (citation,) = library.ask("¿Cuándo empieza la molturación?").answer.citations[:1]
        document = library.document(citation.passage.chunk.document_id)
        assert document is not None
        over = dataclasses.replace(document, pages=(0, citation.start + 5))
        monkeypatch.setattr(library._store.documents, "get", lambda _: over)
        drawn: list[str] = []
        monkeypatch.setattr(
            library.originals._drawer, "draw", lambda *request: drawn.append(request[2])
        )
        library.originals.cited(citation)
    assert drawn == [citation.quote[:5]]


@posix
def test_a_child_that_is_killed_in_the_middle_is_a_stated_failure(
    drawer: Drawer, tmp_path: Path, good: Path
) -> None:
    path = tmp_path / "hang.pdf"
    seen: list[str] = []
    hanging = begun(lambda: seen.append(what_comes_of(drawer, path)))
    wait_for(lambda: any(child.requests for child in children(drawer)))
    os.kill(children(drawer)[0]._process.pid, signal.SIGKILL)
    hanging.join(PATIENCE)
    assert seen == [Outcome.CRASHED]
    assert drawer.draw(good, 1, LINES[0]).boxes
    os.kill(children(drawer)[0]._process.pid, signal.SIGKILL)  # and one that waits
    wait_for(lambda: children(drawer)[0].dead)
    assert drawer.draw(good, 1, LINES[0]).boxes


@posix
def test_nothing_runs_on_after_the_library_is_closed(tmp_path: Path, good: Path) -> None:
    with open_library(tmp_path / "library") as library:
        library.ingest([good])
        (citation,) = library.ask("¿Cuándo empieza la molturación?").answer.citations[:1]
        library.originals.cited(citation)
        pids = [child._process.pid for child in children(library.originals._drawer)]
    assert pids
    assert all(map(gone, pids))


def test_a_page_that_met_its_deadline_is_not_drawn_again_until_its_file_changes(
    drawer: Drawer, tmp_path: Path
) -> None:
    path = tmp_path / "hang.pdf"
    path.write_bytes(b"1")
    assert outcome_of(drawer, path, deadline=0.5) == Outcome.TIMEOUT
    assert not children(drawer)
    assert outcome_of(drawer, path) == Outcome.TIMEOUT
    assert not children(drawer), "it was not tried"
    path.write_bytes(b"22")
    assert outcome_of(drawer, path, deadline=0.5) == Outcome.TIMEOUT
    assert len(drawer._given_up) == 2


def test_a_crash_is_tried_again(drawer: Drawer, tmp_path: Path) -> None:
    assert [outcome_of(drawer, tmp_path / "crash.pdf") for _ in range(2)] == [Outcome.CRASHED] * 2
    assert not drawer._given_up


def test_where_all_children_are_at_work_nobody_waits_for_ever(
    worker: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rag.parsing.page_images.drawer, "MOST", 1)
    monkeypatch.setattr(rag.parsing.page_images.drawer, "WAIT", 0.1)
    with contextlib.closing(Drawer(1024, worker, PATIENCE)) as drawer:
        hanging = begun(lambda: what_comes_of(drawer, tmp_path / "hang.pdf"))
        wait_for(lambda: any(child.requests for child in children(drawer)))
        assert outcome_of(drawer, tmp_path / "plain.pdf") == Outcome.TIMEOUT
        assert not drawer._given_up
    hanging.join(PATIENCE)


def test_a_child_is_kept_warm_and_others_are_not(drawer: Drawer, tmp_path: Path) -> None:
    drawer.draw(tmp_path / "plain.pdf", 1, "x")
    (first,) = children(drawer)
    drawer.draw(tmp_path / "plain.pdf", 1, "x")
    assert children(drawer) == [first]
    with contextlib.ExitStack() as stack:
        boxes = [stack.enter_context(drawer._pool.lent()) for _ in range(4)]
        for box in boxes:
            box.draw(tmp_path / "plain.pdf", 1, "x", 1.0, PATIENCE)
        assert len(children(drawer)) == 4
    assert len(children(drawer)) == rag.parsing.page_images.drawer.WARM


@pytest.mark.parametrize(
    "fault", ["giant", "flat", "no picture", "no base64", "endless", "crooked", "many"]
)
def test_what_a_child_sends_is_checked(drawer: Drawer, tmp_path: Path, fault: str) -> None:
    assert drawer.draw(tmp_path / "plain.pdf", 1, "x").boxes == ((1.0, 2.0, 3.0, 4.0),)
    assert outcome_of(drawer, tmp_path / f"{fault}.pdf") == Outcome.CRASHED


def test_a_picture_whose_words_take_too_long_is_shown_without_them(
    drawer: Drawer, tmp_path: Path
) -> None:
    drawer.draw(tmp_path / "plain.pdf", 1, "x")  # the child is there
    drawer.deadline = 3.0
    assert isinstance(drawer.draw(tmp_path / "words.pdf", 1, "x"), PageImage)
    assert not children(drawer), "it was still looking for them"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.png", "a.pdf"])
def test_the_quote_is_marked_on_a_picture(shared: Drawer, tmp_path: Path, name: str) -> None:
    pytest.importorskip("rapidocr")
    image = picture(*SPANISH)
    if name.endswith("png"):
        image.save(tmp_path / name)
    else:
        scan(tmp_path / name, image)
    assert shared.draw(tmp_path / name, 1, SPANISH[0]).boxes


def test_what_is_not_there_is_a_stated_problem(shared: Drawer, tmp_path: Path, good: Path) -> None:
    assert outcome_of(shared, tmp_path / "gone.pdf") == Outcome.UNREADABLE
    with pytest.raises(FileProblem, match="has 1 pages"):
        shared.draw(good, 2, "x")


def printed(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return done.stdout.strip()


def test_the_child_imports_what_draws_and_the_app_none_of_it(good: Path) -> None:
    inside = f"""
        import sys
        from rag.parsing import _PARSERS
        from rag.parsing.page_images.task import work
        ask = {{"path": {str(good)!r}, "page": 1, "quote": "x", "scale": 1, "words": False,
               "seconds": 9}}
        work(ask, lambda: None, 9.0)
        print(sorted({{name.split(".")[0] for name in sys.modules}} & {{"pypdfium2", "PIL", "pypdf",
              "lxml", "docx", "openpyxl", "onnxruntime", "rapidocr", "sqlite3"}}),
              [name for name, _ in _PARSERS.values() if f"rag.parsing.{{name}}" in sys.modules])
    """
    assert printed(inside) == "['PIL', 'pypdfium2'] []"
    outside = f"""
        import sys
        from pathlib import Path
        from rag.parsing import _PARSERS
        from rag.parsing.page_images import Drawer
        import rag.library
        drawer = Drawer(1024, deadline={PATIENCE})
        drawer.draw(Path({str(good)!r}), 1, "x")
        drawer.close()
        parsers = tuple(f"rag.parsing.{{name}}" for name, _ in _PARSERS.values())
        print([name for name in sys.modules if name.startswith(("pypdfium2", "PIL", "lxml",
              "rapidocr", *parsers))])
    """
    assert printed(outside) == "[]"
