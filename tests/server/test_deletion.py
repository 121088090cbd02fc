"""What was uploaded, read, asked, kept and then removed through the API leaves no byte behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from rag.server.api import create_app
from rag.server.audit import Audit
from rag.server.callers import Callers
from rag.server.tokens import Scope
from tests.server.conftest import Served
from tests.server.test_uploads import ended, send
from tests.storage.test_purge import bytes_of

SECRET = "zarzaparrilla"


def holding(folder: Path, word: str) -> list[str]:
    stem = word[:-2]  # as the keyword index has it
    wanted = [form.encode() for form in (stem, stem.capitalize(), stem.upper())]
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 3
    return [path.name for path in files if any(form in bytes_of(path) for form in wanted)]


def test_nothing_of_a_removed_document_is_left_in_any_file(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = served.library.settings.library
    audit = Audit(folder)
    audit.start("ana")
    app = create_app(served.library, Callers(folder).find, audit=audit)
    with TestClient(app, "http://localhost") as client:
        client.headers["authorization"] = f"Bearer {served.values[Scope.ADMIN]}"
        text = f"# Infusiones\n\nLa infusión de la casa lleva {SECRET} y menta.\n"
        ended(client, send(client, infusiones_md=text.encode()).json()["id"])
        asked = {"question": "¿Qué lleva la infusión de la casa?", "conversation": "new"}
        kept = client.post("/api/ask", json=asked).json()
        assert SECRET in kept["answer"]
        client.post("/api/search", json={"query": "infusión"})
        assert len(holding(folder, SECRET)) >= 3, "database, uploads, conversations"
        removed = client.post("/api/remove", json={"paths": ["infusiones.md"]}).json()
        assert removed["deleted"] == ["infusiones.md"]
        assert removed["purge"]["state"] == "complete", removed
        assert holding(folder, SECRET) == []
        (turn,) = client.get(f"/api/conversations/{kept['conversation']}").json()["turns"]
        assert (turn["state"], turn["answer"]) == ("erased", None)
        assert "infusiones" not in client.get("/api/documents").text
