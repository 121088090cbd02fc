"""A numbered part of a document, asked for by its number."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answering.composing import compose
from rag.answering.layout import Layout
from rag.schema import Chunk, Document, DocumentBlock, DocumentBlockKind, Intent, Passage
from tests.answering.composing.test_compose import asked
from tests.helpers.answering import evidence_text, material_of

STATUTES = (
    "Estatutos\n\nArtículo 1. De los fines\n1.1. Fomentar el ciclismo.\n"
    "Artículo 2. De los órganos\n2.1. La asamblea.\n2.2. La junta.\n"
    "Artículo 12. De la cuota\n12.1. Se abona por semestres.\n"
)
LEVELS = {"Artículo": 1, "1.": 2, "2.": 2, "12": 2}


def blocks() -> list[DocumentBlock]:
    found = []
    start = 0
    for line in STATUTES.splitlines(keepends=True):
        level = next((level for mark, level in LEVELS.items() if line.startswith(mark)), 0)
        if level:
            end = start + len(line.rstrip())
            found.append(DocumentBlock(start, end, DocumentBlockKind.LIST_ITEM, level))
        start += len(line)
    return found


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "¿Qué establece el artículo 2?",
            "Artículo 2. De los órganos\n2.1. La asamblea.\n2.2. La junta. [1]",
        ),
        ("¿Qué dice la cláusula 12.1?", "12.1. Se abona por semestres. [1]"),
        ("¿Qué dice el apartado 2.2?", "2.2. La junta. [1]"),
    ],
)
def test_a_part_is_given_whole_and_is_believed(question: str, expected: str) -> None:
    material = material_of(asked(question), STATUTES, "1.1", blocks=blocks())
    assert evidence_text(material) == expected
    assert compose(material).sure


@pytest.mark.parametrize("question", ["¿Qué dice el artículo 3?", "¿Qué dice el artículo?"])
def test_a_number_that_is_not_there_is_not_made_up(question: str) -> None:
    material = material_of(asked(question), STATUTES, "1.1", blocks=blocks())
    assert not compose(material).sure


def test_a_heading_gives_its_section_without_what_follows_it() -> None:
    text = "# 3. Horario\n\nDe lunes a viernes.\n\n# 4. Precio\n\nEs gratis.\n"
    spans = [(0, text.index("\n")), (text.index("# 4"), text.index("\n\nEs"))]
    headings = [DocumentBlock(a + 2, b, DocumentBlockKind.HEADING, 1) for a, b in spans]
    question = asked("What does section 3 say?", Intent.SUMMARY, "en")
    material = material_of(question, text, "Es gratis", blocks=headings)
    assert evidence_text(material).startswith("3. Horario\nDe lunes a viernes.")
    assert "Es gratis" not in evidence_text(material)


def test_two_documents_with_such_a_part_leave_it_open() -> None:
    material = material_of(asked("¿Qué dice el apartado 2.2?"), STATUTES, "1.1", blocks=blocks())
    other = Document("o.md", "Otra", STATUTES, "es", id=2, blocks=tuple(blocks()))
    layouts = {1: material.layout(0), 2: Layout(other)}
    chunk = Chunk(2, 0, len(STATUTES), STATUTES, language="es", id=2)
    passages = [*material.passages, Passage(chunk, "Otra", "o.md", 0.5)]
    material = replace(material, passages=passages, layout_of=layouts.__getitem__)
    assert not compose(material).sure
