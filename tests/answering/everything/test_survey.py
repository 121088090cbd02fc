"""Every passage that could say it is read; what is found is listed by document and cited."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from rag.answering import QuestionAnalyzer
from rag.answering.everything import Survey, Surveyor, everything_asked
from rag.answering.everything.wording import Outcome
from rag.answering.prepared import Prepared
from rag.config import Settings
from rag.indexing.index_sync import open_index
from rag.retrieval import Retriever
from rag.schema import SurveyProgress
from rag.storage import Store
from rag.text import search_terms
from tests.helpers.fakes import FakeEmbedder, FakeQAModel, make_entry

CORPUS = {
    "aceite.md": ("es", ["El aceite de oliva se guarda a 15 grados.", "Llama al 949 222 333."]),
    "copia.md": ("es", ["El aceite de oliva se guarda a 15 grados.", "El olivar es del socio."]),
    "contrato.md": ("es", ["Marta Quesada firma.", "La marta es un animal; Quesada, un pueblo."]),
    "oil.md": ("en", ["Olive oil is kept at 15 degrees.", "Call 949 222 333, or ask the mill."]),
    "carbono.md": ("es", ["El carbono es un elemento.", "El carbón se quema."]),
}


@pytest.fixture
def filled(store: Store) -> Store:
    store.generations.set_embedder("fake:1")
    for path, (language, texts) in CORPUS.items():
        entry = make_entry(f"/d/{path}", texts, path=path)
        document = replace(entry.document, language=language)
        terms = [search_terms(text, language) for text in texts]
        store.add(replace(entry, document=document, terms=terms))
    return store


def begun(store: Store, question: str, model: FakeQAModel | None = None) -> Survey:
    analyzer = QuestionAnalyzer(store, "es")
    index = open_index(store)[0]
    surveyor = Surveyor(
        lambda text, filters, language: analyzer.analyze(text, filters, language=language),
        analyzer.documents,
        Retriever(store, FakeEmbedder(), lambda: index, Settings()),
        model,
        store.documents.get,
    )
    asked = analyzer.analyze(question)
    request = everything_asked(asked)
    assert request is not None
    return Survey(request, asked, surveyor)


def answered(survey: Survey, stop: Callable[[], bool] = lambda: False) -> Prepared:
    steps = survey.run(stop)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            prepared: Prepared = end.value
            return prepared


def quotes(prepared: Prepared) -> list[str]:
    return [citation.quote for citation in prepared.citations]


def text(prepared: Prepared) -> str:
    return "\n".join(block.text for block in prepared.blocks)


def test_what_is_found_is_grouped_by_document_and_every_item_is_cited(filled: Store) -> None:
    prepared = answered(begun(filled, "¿Qué documentos mencionan el aceite de oliva?"))
    assert [citation.passage.path for citation in prepared.citations] == [
        "aceite.md",
        "copia.md",
        "oil.md",
    ]
    assert "3 documentos" in prepared.blocks[0].text
    assert all(f"[{n}]" in text(prepared) for n in (1, 2, 3))
    assert "Leídos" in text(prepared)


def test_doubles_are_joined_and_cite_every_document(filled: Store) -> None:
    prepared = answered(begun(filled, "Lista todas las frases que mencionan el aceite de oliva"))
    assert "El aceite de oliva se guarda a 15 grados. [1][2]" in text(prepared)
    assert "3 documentos y 2 pasajes" in prepared.blocks[0].text


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("¿Qué documentos mencionan a Marta Quesada?", ["Marta Quesada firma."]),
        ("¿Qué documentos mencionan el carbón?", ["El carbón se quema."]),
        ("Which documents mention olive oil?", [*[CORPUS["aceite.md"][1][0]] * 2,
                                                CORPUS["oil.md"][1][0]]),
    ],
)  # fmt: skip
def test_words_are_said_together_and_are_no_others(
    filled: Store, question: str, found: Sequence[str]
) -> None:
    assert sorted(quotes(answered(begun(filled, question)))) == sorted(found)


def test_things_of_a_kind_are_joined_by_their_value(filled: Store) -> None:
    prepared = answered(begun(filled, "Lista todos los teléfonos que aparecen en los documentos"))
    assert len(prepared.citations) == 2
    assert "un pasaje" in prepared.blocks[0].text
    assert {citation.quote[slice(*citation.answer_span)] for citation in prepared.citations
            if citation.answer_span} == {"949 222 333"}  # fmt: skip


def test_the_documents_that_do_not_say_it(filled: Store) -> None:
    prepared = answered(begun(filled, "¿Qué documentos no mencionan el aceite?"))
    assert sorted(one.passage.path for one in prepared.citations) == ["carbono.md", "contrato.md"]


def test_nothing_found_is_said_with_what_was_read(filled: Store) -> None:
    prepared = answered(begun(filled, "¿Qué documentos mencionan el submarino?"))
    assert not prepared.citations
    assert "No hay ningún pasaje" in text(prepared)


def test_progress_comes_before_anything_is_read_and_a_stop_says_what_was_read(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.answering.everything.survey._BATCH", 1)
    survey = begun(filled, "¿Qué documentos mencionan el aceite?")
    steps = survey.run(lambda: False)
    first = next(steps)
    assert first.read == 0
    assert next(steps) == SurveyProgress(1, first.total)
    looks = iter([False, True, True, True])
    stopped = answered(survey, lambda: next(looks))
    assert f"leídos 1 de {first.total}" in text(stopped)
    assert "muestra" not in text(stopped)


def test_the_number_that_may_be_missing_grows_with_what_is_expected() -> None:
    most = [Outcome((), (), 1, 1, expected).most for expected in (0.0, 0.04, 0.5, 3.0)]
    assert most == [0, 0, 2, 6]


def test_what_may_be_missing_is_estimated_by_a_model_alone(filled: Store) -> None:
    question = "¿Qué documentos mencionan el aceite?"
    assert "muestra" not in text(answered(begun(filled, question)))
    assert "muestra" in text(answered(begun(filled, question, FakeQAModel())))
