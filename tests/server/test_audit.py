"""The audit log: every kind of tampering is found, and nothing is found where there was none."""

from __future__ import annotations

import json
import random
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from rag.errors import UsageError
from rag.server.api import create_app
from rag.server.audit import FILE, Audit, Entry
from rag.server.callers import Callers
from rag.server.tokens import Scope
from tests.server.conftest import Served

EACH_KIND = 100
ENTRIES = 12


def kept(folder: Path, entries: int = ENTRIES) -> Audit:
    audit = Audit(folder / "library", folder / "config")
    audit.start("ana")
    for number in range(entries - 1):
        audit.note("ana", "POST /api/ask", number=number)
    return audit


def lines_of(audit: Audit) -> list[str]:
    return audit.path.read_text().splitlines(keepends=True)


def edited(lines: list[str], chance: random.Random) -> list[str]:
    at = chance.randrange(len(lines))
    row = json.loads(lines[at])
    name = chance.choice(["at", "who", "what", "about", "number", "previous", "seal"])
    row[name] = {"at": 0.5, "about": {"number": -1}, "number": row["number"] + 1}.get(name, "eva")
    return [*lines[:at], json.dumps(row) + "\n", *lines[at + 1 :]]


def deleted(lines: list[str], chance: random.Random) -> list[str]:
    at = chance.randrange(len(lines) - 1)  # not at the end: that is cutting it short
    return lines[:at] + lines[at + 1 :]


def reordered(lines: list[str], chance: random.Random) -> list[str]:
    one, other = chance.sample(range(len(lines)), 2)
    swapped = list(lines)
    swapped[one], swapped[other] = lines[other], lines[one]
    return swapped


def cut_short(lines: list[str], chance: random.Random) -> list[str]:
    return lines[: chance.randrange(len(lines))]


def made_anew(lines: list[str], chance: random.Random, key: bytes = b"a guess") -> list[str]:
    """The whole chain computed again behind an edit, with a key that one has made up."""
    at, previous, anew = chance.randrange(len(lines)), "", []
    for number, line in enumerate(lines):
        row = json.loads(line) | {"previous": previous}
        row |= {"who": "eva"} if number == at else {}
        previous = row["seal"] = Entry(**row).sealed_by(key)
        anew.append(json.dumps(row) + "\n")
    return anew


@pytest.mark.parametrize("tamper", [edited, deleted, reordered, cut_short, made_anew])
def test_a_log_that_was_tampered_with_is_found_out(tmp_path: Path, tamper: Any) -> None:
    audit, chance = kept(tmp_path), random.Random(5)
    lines = lines_of(audit)
    for _ in range(EACH_KIND):
        audit.path.write_text("".join(tamper(lines, chance)))
        assert audit.verify(), audit.path.read_text()
        audit.path.write_text("".join(lines))
        assert audit.verify() == ""


def test_who_has_the_key_is_found_out_by_the_head(tmp_path: Path) -> None:
    audit = kept(tmp_path)
    noted, (anchor,) = audit.head(), (tmp_path / "config/audit").glob("*.json")
    key = bytes.fromhex(json.loads(anchor.read_text())["key"])
    anew = made_anew(lines_of(audit), random.Random(1), key)
    audit.path.write_text("".join(anew))
    assert "made anew" in audit.verify()
    row = json.loads(anchor.read_text())
    last = json.loads(anew[-1])
    anchor.write_text(json.dumps(row | {"head": [last["number"], last["seal"]]}))
    assert audit.verify() == "", "who holds key and anchor can do anything"
    assert "made anew" in audit.verify(noted), "but to a head that was noted elsewhere"


def test_a_log_that_is_gone_is_found_out_and_gone_on_with_it_stays_so(tmp_path: Path) -> None:
    audit = kept(tmp_path)
    audit.path.unlink()
    assert "missing" in audit.verify()
    audit.note("ana", "POST /api/ask")
    assert "missing" in audit.verify()
    with pytest.raises(UsageError, match="already"):
        audit.start("ana")


def test_a_log_cut_short_is_not_healed_by_what_comes_after(tmp_path: Path) -> None:
    audit = kept(tmp_path)
    audit.path.write_text("".join(lines_of(audit)[:-2]))
    audit.note("ana", "POST /api/ask")
    assert "does not follow" in audit.verify()


@pytest.mark.parametrize("left", ["half a line", "no head"])
def test_a_writer_that_was_killed_is_no_tampering(tmp_path: Path, left: str) -> None:
    audit = kept(tmp_path)
    (anchor,) = (tmp_path / "config/audit").glob("*.json")
    before = anchor.read_bytes()
    if left == "half a line":
        audit.path.write_bytes(audit.path.read_bytes() + b'{"number": 13, "wh')
    else:
        audit.note("ana", "POST /api/ask")
        anchor.write_bytes(before)
    assert audit.verify() == ""
    audit.note("ana", "POST /api/ask")
    assert audit.verify() == ""
    assert audit.head()[0] == ENTRIES + (1 if left == "half a line" else 2)


def test_several_writers_make_one_chain(tmp_path: Path) -> None:
    kept(tmp_path, 1)

    def write() -> None:
        audit = Audit(tmp_path / "library", tmp_path / "config")
        for _ in range(10):
            audit.note("ana", "POST /api/ask")

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    audit = Audit(tmp_path / "library", tmp_path / "config")
    assert (audit.verify(), audit.head()[0]) == ("", 41)


def test_old_entries_go_and_the_rest_stays_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit = kept(tmp_path)
    at = [entry.at for entry in audit.entries()]
    monkeypatch.setattr("rag.server.audit.time.time", lambda: at[4] + 24 * 3600)
    assert audit.forget(1, "ana") == 4
    assert audit.verify() == ""
    assert [entry.number for entry in audit.entries()][:2] == [5, 6]
    lines = lines_of(audit)
    audit.path.write_text("".join(lines[1:]))
    assert "before number 6 are missing" in audit.verify()
    with pytest.raises(UsageError, match="missing"):
        audit.forget(1, "ana")


def test_a_sealed_entry_says_who_took_off_what(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit = kept(tmp_path)
    entries = list(audit.entries())
    for at, gone in ((2, 2), (5, 3)):
        monkeypatch.setattr("rag.server.audit.time.time", lambda at=at: entries[at].at + 24 * 3600)
        assert audit.forget(1, "eva") == gone
        cut, last = list(audit.entries())[-1], entries[at - 1]
        said = {"days": 1, "entries": gone, "through": last.number, "seal": last.seal}
        assert (cut.who, cut.what, cut.about) == ("eva", "audit forget", said)
        assert audit.head() == (cut.number, cut.seal)
        assert audit.verify() == ""
    assert audit.forget(1, "eva") == 0
    (anchor,) = (tmp_path / "config/audit").glob("*.json")
    before, lines = anchor.read_text(), lines_of(audit)
    quietly = entries[6]
    anchor.write_text(json.dumps(json.loads(before) | {"starts": [[quietly.number, quietly.seal]]}))
    audit.path.write_text("".join(lines[2:]))
    assert "no entry says that they went" in audit.verify()


@pytest.mark.parametrize("killed", ["before the log", "after the log"])
def test_a_kill_while_old_entries_go_is_no_tampering(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed: str
) -> None:
    audit = kept(tmp_path)
    at = [entry.at for entry in audit.entries()]
    (anchor,) = (tmp_path / "config/audit").glob("*.json")
    whole, began = audit.path.read_bytes(), json.loads(anchor.read_text())
    with monkeypatch.context() as patch:
        patch.setattr("rag.server.audit.time.time", lambda: at[4] + 24 * 3600)
        audit.forget(1, "ana")
    both = [*began["starts"], *json.loads(anchor.read_text())["starts"]]
    anchor.write_text(json.dumps(began | {"starts": both}))
    if killed == "before the log":
        audit.path.write_bytes(whole)
    assert audit.verify() == ""
    audit.note("ana", "POST /api/ask")
    assert audit.verify() == ""


def test_where_none_is_kept_nothing_is_written(tmp_path: Path) -> None:
    audit = Audit(tmp_path / "library", tmp_path / "config")
    audit.note("ana", "POST /api/ask")
    assert not audit.path.exists()
    with pytest.raises(UsageError, match="rag audit start"):
        audit.verify()


def test_the_server_notes_who_asks_and_no_word_of_what(served: Served, tmp_path: Path) -> None:
    folder = served.library.settings.library
    audit = Audit(folder, tmp_path / "config")
    audit.start("ana")
    app = create_app(served.library, Callers(folder).find, audit=audit)
    headers = {"authorization": f"Bearer {served.values[Scope.READ]}"}
    client = TestClient(app, "http://localhost", headers=headers)
    client.post("/api/ask", json={"question": "¿Cuántas personas admite el ascensor?"})
    client.get("/healthz")
    last = list(audit.entries())[-1]
    assert (last.who, last.what) == ("test-read", "POST /api/ask")
    assert "ascensor" not in audit.path.read_text()
    assert [entry.what for entry in audit.entries()] == ["audit start", "POST /api/ask"]
    assert asdict(last)["seal"]


def test_what_cannot_be_noted_is_not_done(served: Served, tmp_path: Path) -> None:
    folder = served.library.settings.library
    audit = Audit(folder, tmp_path / "config")
    audit.start("ana")
    audit.path.unlink()
    audit.path.mkdir()
    app = create_app(served.library, Callers(folder).find, audit=audit)
    headers = {"authorization": f"Bearer {served.values[Scope.ADMIN]}"}
    client = TestClient(app, "http://localhost", headers=headers)
    answer = client.post("/api/remove", json={"paths": ["es"]})
    assert (answer.status_code, answer.json()["next"]) == (503, "rag audit verify")
    assert len(served.library.documents()) == 3
    assert (folder / FILE).is_dir()
