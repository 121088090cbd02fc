"""The same cell of several documents: a series, its sum, mean, extreme and change, each cited."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answering import QuestionAnalyzer
from rag.answering.layout import Layout
from rag.answering.prepared import Prepared
from rag.answering.tables import computed
from rag.answering.tables.documents import kin, newest, says_several
from rag.schema import BlockKind, Document, DocumentInfo, Intent
from rag.storage import Store

SPENT = {1: ("3.500 €", "800 €"), 2: ("4.000 €", "900 €"), 3: ("4.500 €", "850 €")}


def report(quarter: int, unit: str = "€") -> Document:
    training, print_ = (text.replace("€", unit) for text in SPENT[quarter])
    text = (
        f"Gastos del trimestre {quarter}\n\nÁrea | Presupuesto | Gasto real\n"
        f"Formación | 5.000 {unit} | {training}\nImprenta | 700 {unit} | {print_}\n"
    )
    return Document(f"gastos-t{quarter}.md", text.splitlines()[0], text, "es", id=quarter)


def listed(documents: dict[int, Document]) -> list[DocumentInfo]:
    return [
        DocumentInfo(key, one.path, one.title, "es", 1, 0, "", ".md")
        for key, one in documents.items()
    ]


def asked(store: Store, question: str, documents: dict[int, Document]) -> Prepared | None:
    analyzed = QuestionAnalyzer(store, "es").analyze(question)
    # the store is empty: in it «trimestre 3» is nowhere
    known = replace(analyzed.subject, absent=())
    analyzed = replace(analyzed, intent=Intent.COMPUTATION, subject=known)
    # the search has found one of them alone: the others are known by their names
    return computed(analyzed, [2], listed(documents), lambda key: Layout(documents[key]))


QUARTERS = {number: report(number) for number in SPENT}


@pytest.mark.parametrize(
    ("question", "short"),
    [
        ("¿Cuál fue el gasto real total en formación en los tres trimestres?", "12.000 €"),
        ("¿Cuánto gasto real hubo en formación en los tres trimestres?", "12.000 €"),
        ("¿Cuál fue la media de gasto real en imprenta en los tres trimestres?", "850 €"),
        ("¿En cuál de los tres trimestres fue mayor el gasto real en imprenta?", None),
        ("¿Cuánto aumentó el gasto real en formación del trimestre 1 al trimestre 3?", None),
    ],
)
def test_tables_of_one_shape_are_computed_together(
    store: Store, question: str, short: str | None
) -> None:
    answer = asked(store, question, QUARTERS)
    assert answer is not None
    rows = [block for block in answer.blocks if block.kind is BlockKind.ROW]
    assert {citation.passage.path for citation in answer.citations} >= {
        f"gastos-t{n}.md" for n in (1, 3)
    }
    assert len(rows) == len(answer.citations)
    for citation in answer.citations:
        document = QUARTERS[citation.passage.chunk.document_id]
        assert document.text[citation.start : citation.end] == citation.quote
    expected = {3: "Gastos del trimestre 2: 900 €", 4: "+1.000 € (+28,6 %)"}
    assert answer.short == (short or expected[3 if "mayor" in question else 4])


def test_other_units_are_shown_side_by_side_and_refused_with_the_reason(store: Store) -> None:
    question = "¿Cuál fue el gasto real total en formación en los tres trimestres?"
    answer = asked(store, question, {1: report(1), 2: report(2), 3: report(3, "$")})
    assert answer is not None
    assert (answer.short, answer.found) == (None, False)
    assert [block.kind for block in answer.blocks] == [BlockKind.REFUSAL] + [BlockKind.ROW] * 3
    assert "unidades distintas" in answer.blocks[0].text
    assert "Gastos del trimestre 3: 4.500 $ [3]" in answer.blocks[0].text


def test_what_lacks_a_document_is_not_added_up(store: Store) -> None:
    question = "¿Cuánto gasto real hubo en formación en los cuatro trimestres?"
    answer = asked(store, question, QUARTERS)
    assert answer is not None
    assert answer.short is None
    assert len(answer.blocks) == 3


FILING = """Acme Corp quarterly report

Statements of operations (in millions)

Line | Three months ended March 2022 | Three months ended March 2023
Revenue | $900 | $1,100
Cost of revenue | 300 | 350
"""


@pytest.mark.parametrize(
    ("question", "intent"),
    [
        ("How have Acme's total net sales changed over time?", Intent.COMPARISON),
        ("Is there a trend in Acme's sales over the reported periods?", Intent.YES_NO),
    ],
)
def test_a_change_over_time_in_one_document_is_the_row_with_its_periods(
    store: Store, question: str, intent: Intent
) -> None:
    document = Document("acme.pdf", "Acme", FILING, "en", id=1)
    analyzed = replace(QuestionAnalyzer(store, "en").analyze(question), intent=intent)
    answer = computed(analyzed, [1], listed({1: document}), lambda key: Layout(document))
    assert answer is not None
    assert [block.kind for block in answer.blocks] == [BlockKind.ROW]
    assert [cell.text for cell in answer.blocks[0].cells[1:]] == ["$900", "$1,100"]


def test_one_quarter_and_one_year_are_no_two_documents() -> None:
    infos = [
        DocumentInfo(n, f"{name}.pdf", name, "en", 1, 0, "", ".pdf")
        for n, name in enumerate(("2022 Q3 ACME", "2023 Q2 ACME"), start=1)
    ]
    assert not says_several("What was the income of Q2 2022?", infos)
    assert says_several("How did income change from 2022 to 2023?", infos)
    assert says_several("What was the income in Q2 and in Q3?", infos)


def test_documents_are_of_one_kind_by_their_names() -> None:
    paths = "actas/2025-03.md", "actas/2025-11.md", "actas/2026-01.md", "guia.md"
    infos = [
        DocumentInfo(n, path, path, "es", 1, 0, "", ".md") for n, path in enumerate(paths, start=1)
    ]
    assert [[info.id for info in group] for group in kin([2], infos)] == [[1, 2, 3]]
    assert newest([1, 4], infos) == [3, 4]
