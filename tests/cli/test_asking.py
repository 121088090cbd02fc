"""`rag ask` of everything: what was found by document, and how much was read."""

from __future__ import annotations

from tests.helpers.commandline import Rag


def test_every_passage_is_read_and_counted(filled: Rag) -> None:
    outcome = filled("ask", "¿Qué documentos mencionan el ascensor?")
    assert outcome.code == 0
    assert "ascensor.md" in outcome.out
    assert "Leídos" in outcome.out


def test_it_is_json_for_scripts(filled: Rag) -> None:
    outcome = filled("ask", "¿Qué documentos mencionan el ascensor?", "--json")
    assert outcome.json["found"]
    assert {one["path"] for one in outcome.json["citations"]} >= {"ascensor.md"}
