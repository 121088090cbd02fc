"""Pages of documents as images, with the cited text marked."""

from __future__ import annotations

from pathlib import Path

from tests.parsing.test_page_images import pdf
from tests.server.conftest import Served


def test_the_page_of_a_citation_is_drawn_with_its_quote_marked(
    served: Served, tmp_path: Path
) -> None:
    served.library.ingest([pdf(tmp_path / "riego.pdf", ("La huerta se riega los lunes.",))])
    client = served.client()
    answer = client.post("/api/ask", json={"question": "¿Cuándo se riega la huerta?"}).json()
    citation = answer["citations"][0]
    rows = client.get("/api/documents").json()["documents"]
    (key,) = (row["id"] for row in rows if row["path"] == citation["path"] == "riego.pdf")
    address = f"/api/documents/{key}/pages/{citation['page']}"
    marks = {"start": citation["start"], "end": citation["end"]}
    image = client.get(address, params=marks)
    assert image.headers["content-type"] == "image/png"
    assert image.headers["x-marks"] == "1"
    assert image.content.startswith(b"\x89PNG")
    plain = client.get(address)
    assert plain.headers["x-marks"] == "0"
    assert plain.content != image.content


def test_what_has_no_such_page_is_a_stated_problem(served: Served) -> None:
    client = served.client()
    rows = client.get("/api/documents").json()["documents"]
    assert client.get("/api/documents/999999/pages/1").status_code == 404
    answer = client.get(f"/api/documents/{rows[0]['id']}/pages/1")
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:fuente:FileProblem")
