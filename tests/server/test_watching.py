"""What a monitoring system reads: figures that are true, and nothing of what was asked."""

from __future__ import annotations

import json
import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from rag.server.access import Access
from rag.server.tokens import Scope
from tests.server.conftest import Served


def figures(page: str) -> dict[tuple[str, str, str], float]:
    return {
        (one.name, one.labels.get("route", ""), one.labels.get("status", "")): one.value
        for family in text_string_to_metric_families(page)
        for one in family.samples
    }


def test_requests_and_the_library_are_counted(served: Served) -> None:
    client = served.client()
    for _ in range(3):
        client.post("/api/ask", json={"question": "¿Cuántas personas admite el ascensor?"})
    client.get("/api/documents/999999")
    served.stranger().get("/api/a-secret-name")
    page = client.get("/metrics")
    assert page.headers["content-type"].startswith("text/plain")
    found = figures(page.text)
    count = "fuente_request_seconds_count"
    assert found[count, "/api/ask", "200"] == 3
    assert found[count, "/api/documents/{document_id}", "404"] == 1
    assert found[count, "other", "401"] == 1
    assert found["fuente_documents", "", ""] == 3
    assert found["fuente_consistent", "", ""] == 1
    assert found["fuente_requests_in_hand", "", ""] == 1, "this one"
    assert "ascensor" not in page.text
    assert "secret" not in page.text


def test_who_may_not_read_all_gets_no_figures(served: Served) -> None:
    Access(served.library.settings.library).allow("test-read", "es")
    assert served.client().get("/metrics").status_code == 403
    assert served.client(Scope.ADMIN).get("/metrics").status_code == 200
    assert served.stranger().get("/metrics").status_code == 401


def test_the_dashboard_asks_for_figures_that_are_served(served: Served) -> None:
    client = served.client(Scope.ADMIN)
    client.post("/api/search", json={"query": "ascensor"})
    page = client.get("/metrics").text
    board = json.loads((Path(__file__).parents[2] / "deploy/grafana.json").read_text("utf-8"))
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    assert len(asked) >= 8
    for expression in asked:
        for name in re.findall(r"fuente_\w+", expression):
            assert f"{name}{{" in page or f"\n{name} " in page, name
    routes = {route.path for route in served.app.routes if hasattr(route, "path")}
    named = {
        part
        for text in asked
        for found in re.findall(r'route=~"([^"]+)"', text)
        for part in found.split("|")
    }
    assert named <= routes
