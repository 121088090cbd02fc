"""`rag access`, `audit`, `backup`, `restore` and `privacy` as a person meets them."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.conversations import Conversations
from rag.server.audit import FILE
from tests.helpers.answering import write_files
from tests.helpers.commandline import Rag, stated

IBAN = "ES91 2100 0418 4502 0005 1332"


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config"


def test_access_is_opened_shown_and_taken_back(rag: Rag) -> None:
    assert "no rules" in rag("access", "list").out
    assert rag("access", "group", "legal", "ana", "luis").code == 0
    assert rag("access", "allow", "@legal", "contratos/").code == 0
    shown = rag("access", "list", "--json").json
    opened = {"@legal": ["contratos"]}
    assert shown == {"opened": opened, "groups": {"legal": ["ana", "luis"]}, "scopes": {}}
    assert "contratos" in rag("access", "list").out
    assert rag("access", "deny", "@legal", "contratos").code == 0
    assert rag("access", "list", "--json").json["opened"] == {"@legal": []}
    stated(rag("access", "allow", "ana", "/etc"), 2, "no path of the library")


def test_what_is_done_here_is_noted_and_a_change_of_it_found_out(filled: Rag) -> None:
    stated(filled("audit", "verify"), 2, "rag audit start")
    assert filled("audit", "start").code == 0
    assert filled("remove", "garantia.txt").code == 0
    assert filled("ingest", "docs").code == 0
    rows = filled("audit", "list", "--json").json["entries"]
    assert [row["what"] for row in rows] == ["audit start", "rag remove", "rag ingest"]
    assert "rag remove" in filled("audit", "list").out
    head = filled("audit", "head").out.strip()
    assert filled("audit", "verify", "--head", head, "--json").json == {
        "whole": True,
        "problem": "",
    }
    stated(filled("audit", "verify", "--head", "1"), 2, "no head")
    assert filled("audit", "forget", "--days", "1").code == 0
    log = Path(".rag") / FILE
    log.write_text(log.read_text().replace("rag remove", "rag ingest"))
    found = filled("audit", "verify", "--json")
    assert (found.code, found.json["whole"]) == (1, False)
    assert "not as it was written" in found.json["problem"]


def test_a_library_goes_into_a_file_and_comes_back(filled: Rag) -> None:
    written = filled("backup", "a.backup", "--json").json
    assert written["parts"] == 1
    restored = filled("restore", "a.backup", "--library", "again", "--json").json
    assert (restored["documents"], restored["consistent"]) == (2, True)
    assert filled("ask", "¿Cuánto dura la garantía?", "--library", "again", "--json").json["found"]
    stated(filled("backup", "a.backup"), 2, "there already")
    stated(filled("restore", "a.backup"), 2, "not empty")


def test_the_report_names_documents_and_kinds_and_prints_nothing_of_them(
    rag: Rag, tmp_path: Path
) -> None:
    text = f"La cuenta es {IBAN}.\n"
    write_files(tmp_path / "docs", {"a.md": text, "b.md": "El pozo se limpia en mayo.\n"})
    assert rag("ingest", "docs").code == 0
    printed = rag("privacy", "report", "--json")
    (row,) = printed.json["documents"]
    assert (row["path"], row["kinds"]) == ("a.md", {"iban": 1})
    assert text[row["found"][0]["start"] : row["found"][0]["end"]] == IBAN
    shown = rag("privacy", "report")
    assert "a.md" in shown.out
    assert "ES91" not in printed.out + shown.out


def test_old_conversations_go(filled: Rag) -> None:
    kept = Conversations(Path(".rag"))
    for owner in ("", "ana"):
        kept.begin("¿Qué?", owner=owner)
    assert filled("privacy", "forget", "--days", "1", "--json").json["deleted"] == 0
    assert filled("privacy", "forget", "--json").json["deleted"] == 0, "kept for ever"
    assert filled("privacy", "forget", "--days", "0", "--json").json["deleted"] == 2
    assert kept.all() == kept.all(owner="ana") == []


def test_what_the_settings_keep_no_longer_goes(
    filled: Rag, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert filled("audit", "start").code == 0
    kept = Conversations(Path(".rag"))
    kept.begin("¿Qué?")
    for name in ("CONVERSATIONS", "AUDIT"):
        monkeypatch.setenv(f"RAG_KEEP_{name}_DAYS", "1e-9")
    said = filled("privacy", "forget", "--json").json
    assert said == {"deleted": 1, "conversations": 1, "questions": 0, "audit_entries": 1}
    assert kept.all() == []
    assert filled("audit", "verify").code == 0
    rows = filled("audit", "list", "--json").json["entries"]
    assert [row["what"] for row in rows] == ["rag privacy forget", "audit forget"]
