"""Two questions in one: both figures, each with its cells; what no part answers is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

from rag.answering.evidence import EvidenceScorer
from rag.config import Settings
from rag.library import Library
from rag.schema import BlockKind

TABLE = """# Gastos por área

| Área | Presupuesto | Gasto real | Personas |
| --- | --- | --- | --- |
| Limpieza | 5.500 € | 7.200 € | 25 |
| Formación | 4.000 € | 2.950 € | 12 |
| Imprenta | 1.250 € | 1.000 € | 31 |
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("parts")
    (folder / "gastos.md").write_text(TABLE, encoding="utf-8")
    settings = replace(Settings(library=folder / "library"), generator="extractive")
    with Library.open(settings=settings) as opened:
        opened.ingest([folder / "gastos.md"])
    return folder / "library"


def test_both_figures_are_answered_and_cited(library: Path) -> None:
    settings = replace(Settings(library=library), generator="extractive")
    with Library.open(settings=settings) as opened:
        question = "¿Cuál fue el gasto real de limpieza y cuántas personas hay en formación?"
        answer = opened.ask(question).answer
    assert answer.found
    rows = [block for block in answer.blocks if block.kind is BlockKind.ROW]
    asked = [cell.text for block in rows for cell in block.cells if cell.asked]
    assert asked == ["7.200 €", "12"]
    assert [block.citations for block in rows] == [(1,), (2,)]
    assert [citation.number for citation in answer.citations] == [1, 2]
    assert answer.short == "7.200 €; 12"


def test_no_sentence_is_scored_for_a_part_that_a_table_answers(library: Path) -> None:
    settings = replace(Settings(library=library), generator="extractive")
    with (
        Library.open(settings=settings) as opened,
        patch.object(
            EvidenceScorer, "score", autospec=True, side_effect=EvidenceScorer.score
        ) as score,
    ):
        opened.ask("¿Cuál fue el gasto real de limpieza y cuántas personas hay en formación?")
        assert score.call_count == 0
        opened.ask("¿Cuál fue el gasto real de limpieza y quién fundó la imprenta de Gutenberg?")
        assert score.call_count == 1


def test_of_a_part_without_an_answer_that_is_said(library: Path) -> None:
    settings = replace(Settings(library=library), generator="extractive")
    with Library.open(settings=settings) as opened:
        question = "¿Cuál fue el gasto real de limpieza y quién fundó la imprenta de Gutenberg?"
        answer = opened.ask(question).answer
    assert answer.blocks[0].kind is BlockKind.ROW
    assert "Gutenberg" in answer.blocks[-1].text
    assert answer.short is None
