"""Summaries: of what, how long, in the document's order, every sentence cited."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from rag.answering import QuestionAnalyzer
from rag.answering.layout import Layout
from rag.answering.prepared import Prepared
from rag.answering.summaries import Summariser
from rag.answering.summaries.scope import wish_of
from rag.schema import Chunk, Document, DocumentInfo, Intent, Passage, Section
from rag.storage import Store

PARTS = {
    "El puerto": "El puerto de la villa recibe cada día unos treinta barcos de pesca. Abre a las "
    "seis de la mañana todos los días del año.",
    "La lonja": "La lonja vende el pescado en una subasta que empieza a las cinco. Cada caja "
    "lleva el nombre del barco que la trajo.",
    "El faro": "El faro se construyó en 1862 para avisar de las rocas del cabo. Hoy funciona sin "
    "farero y se puede visitar en verano.",
}
TITLE = "Guía del puerto pesquero"


def document(number: int = 1, title: str = TITLE) -> Document:
    text, sections = f"{title}\n\nAutora: Ana Ruiz.\n\n", []
    for heading, words in PARTS.items():
        start = len(text)
        text += f"{heading}\n\n{words}\n\n"
        sections.append(Section(start, len(text), (title, heading)))
    return Document(f"{number}.md", title, text, "es", sections=tuple(sections), id=number)


def summed_up(store: Store, question: str, *documents: Document) -> Prepared | None:
    found = {one.id: one for one in documents or (document(),)}
    infos = [
        DocumentInfo(one.id, one.path, one.title, one.language, 1, 0, "", ".md")
        for one in found.values()
    ]
    asked = replace(QuestionAnalyzer(store, "es").analyze(question), intent=Intent.SUMMARY)
    passages = [
        Passage(
            Chunk(one.id, start, start + 5, one.text[start : start + 5]), one.title, one.path, 1.0
        )
        for one in found.values()
        for start in (0, *(section.start for section in one.sections))
    ]
    layout_of = cache(lambda key: Layout(found[key]))
    return Summariser(lambda filters: infos, None).summary(asked, passages, layout_of)


def test_a_sentence_of_every_section_in_order_and_cited(store: Store) -> None:
    answer = summed_up(store, "Resume la guía del puerto en tres frases")
    assert answer is not None
    quotes = [citation.quote for citation in answer.citations]
    assert [quote.split()[1] for quote in quotes] == ["puerto", "lonja", "faro"]
    assert all(f"[{n}]" in block.text for n, block in enumerate(answer.blocks[:-1], start=1))
    assert answer.blocks[-1].text == "Recoge 3 de 3 secciones."


@pytest.mark.parametrize(
    ("question", "sentences"),
    [
        ("Resume la guía del puerto en dos frases", 2),
        ("Resume la guía del puerto en 4 líneas", 4),
        ("Hazme un resumen breve de la guía del puerto", 3),
        ("¿De qué trata la guía del puerto?", 5),
        ("Resume la guía del puerto", 6),
    ],
)
def test_as_long_as_it_is_wished(store: Store, question: str, sentences: int) -> None:
    answer = summed_up(store, question)
    assert answer is not None
    assert len(answer.citations) == sentences


def test_one_section(store: Store) -> None:
    answer = summed_up(store, "Resume el apartado sobre la lonja de la guía del puerto")
    assert answer is not None
    assert all("lonja" in c.headings[-1] for c in answer.citations)


@pytest.mark.parametrize(
    ("question", "heading"),
    [
        ("Resume el apartado sobre la lonja en 2 frases", "La lonja"),
        ("Resume la parte que habla de barcos de pesca en dos frases", "El puerto"),
        ("Resume la sección de las rocas del cabo", "El faro"),
    ],
)
def test_a_section_is_told_by_its_heading_or_by_what_it_says(
    store: Store, question: str, heading: str
) -> None:
    answer = summed_up(store, question)
    assert answer is not None
    assert {citation.headings[-1] for citation in answer.citations} == {heading}
    assert len(answer.citations) <= 2


def test_a_section_that_is_not_there_is_not_summed_up(store: Store) -> None:
    assert summed_up(store, "Resume el apartado sobre jardinería en 3 frases") is None


@pytest.mark.parametrize("verb", ["Summarise", "Summarize", "Please summarise"])
def test_a_section_in_so_many_sentences_is_asked_for_in_english(store: Store, verb: str) -> None:
    wish = wish_of(
        QuestionAnalyzer(store, "en").analyze(f"{verb} the section on cleaning in 3 sentences")
    )
    assert (wish.of_section, wish.sentences) == (True, 3)
    assert [word.text for word in wish.asked] == ["cleaning"]


def test_the_document_that_is_named(store: Store) -> None:
    other = document(2, "Manual de la biblioteca")
    answer = summed_up(store, "Resume el manual de la biblioteca", document(), other)
    assert answer is not None
    assert {citation.passage.chunk.document_id for citation in answer.citations} == {2}


def test_all_documents_by_their_leads(store: Store) -> None:
    other = document(2, "Manual de la biblioteca")
    answer = summed_up(store, "¿De qué tratan mis documentos?", document(), other)
    assert answer is not None
    assert [c.passage.chunk.document_id for c in answer.citations] == [1, 2]
    assert answer.blocks[-1].text == "Recoge 2 de 2 documentos."


@pytest.mark.parametrize(
    ("question", "sentences"),
    [
        ("Resume la carpeta contratos", 12),
        ("Resume la carpeta contratos en dos frases", 2),
    ],
)
def test_the_documents_of_a_folder(store: Store, question: str, sentences: int) -> None:
    documents = [
        replace(document(1, "Uno"), path="contratos/uno.md"),
        replace(document(2, "Dos"), path="contratos/viejos/dos.md"),
        replace(document(3, "Tres"), path="actas/tres.md"),
    ]
    answer = summed_up(store, question, *documents)
    assert answer is not None
    titles = [block.text.partition(":")[0] for block in answer.blocks[:-1]]
    assert titles == ["Uno", "Dos"]
    assert len(answer.citations) == sentences
    assert {c.passage.path for c in answer.citations} == {one.path for one in documents[:2]}
    assert answer.blocks[-1].text == "Recoge 2 de 2 documentos."


def test_nothing_to_sum_up(store: Store) -> None:
    empty = Document("a.md", "Nada", "Nada\n", "es", id=1)
    assert summed_up(store, "Resume la guía del puerto", empty) is None


def test_a_text_without_sections_is_summed_up_to_its_end(store: Store) -> None:
    lines = (f"En el año {1900 + n} el puerto amplió su muelle número {n}." for n in range(60))
    plain = Document("1.md", TITLE, f"{TITLE}\n\n" + "\n\n".join(lines), "es", id=1)
    answer = summed_up(store, "Resume la guía del puerto", plain)
    assert answer is not None
    years = [int(citation.quote.split()[3]) for citation in answer.citations]
    assert years == sorted(years)
    assert years[0] == 1900
    assert years[-1] > 1950
    assert not any("secciones" in block.text for block in answer.blocks)


def test_of_a_text_and_its_translation_that_of_the_questions_language(store: Store) -> None:
    english = replace(document(2), language="en")
    for documents in ((english, document()), (document(), english)):
        answer = summed_up(store, "Resume la guía del puerto", *documents)
        assert answer is not None
        assert {citation.passage.chunk.document_id for citation in answer.citations} == {1}
