"""Candidates from two searches become one list: found, filtered, weighed, reranked."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st

from rag.config import Settings
from rag.indexing.index_sync import open_index
from rag.protocols import SpanPrediction
from rag.retrieval.language_shift import LanguageShift
from rag.retrieval.passage_scoring import QAPassageScorer
from rag.retrieval.retriever import Retriever, blend, normalise
from rag.schema import Filters, Passage
from rag.storage import Store
from rag.text import detect_language, search_terms
from tests.helpers.fakes import (
    FakeEmbedder,
    FakeQAModel,
    FakeReranker,
    make_entry,
    make_passage,
    make_question,
)

CORPUS = {
    "casa/ascensor.md": ("es", "El ascensor admite ocho personas."),
    "casa/garantia.md": ("es", "La garantía del ascensor dura dos años."),
    "casa/tarifas.pdf": ("es", "El mantenimiento cuesta cuarenta euros."),
    "house/lift.md": ("en", "The lift carries eight persons."),
    "house/warranty.md": ("en", "The warranty of the lift lasts two years."),
}
SETTINGS = Settings(candidates=10, rerank_depth=3)


def put(store: Store, path: str, language: str, text: str) -> None:
    entry = make_entry(f"/root/{path}", [text], path=path)
    document = replace(entry.document, language=language)
    store.add(replace(entry, document=document, terms=[search_terms(text, language)]))


def fill(store: Store, corpus: dict[str, tuple[str, str]]) -> Store:
    """Puts in texts by path, with their language."""
    store.generations.set_embedder("fake:1")
    for path, (language, text) in corpus.items():
        put(store, path, language, text)
    return store


@pytest.fixture
def filled(store: Store) -> Store:
    return fill(store, CORPUS)


def retriever(
    store: Store, reranker: object = None, model: FakeQAModel | None = None, **changes: int
) -> Searcher:
    index = open_index(store)[0]
    settings = replace(SETTINGS, **changes)  # type: ignore[arg-type]
    scorer = model and QAPassageScorer(model, settings.qa_chars)
    return Searcher(
        Retriever(store, FakeEmbedder(), lambda: index, settings, reranker, scorer)  # type: ignore[arg-type]
    )


class Searcher:
    """A retriever that is asked in words."""

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever

    def search(
        self, text: str, k: int, filters: Filters | None = None, language: str | None = None
    ) -> list[Passage]:
        question = make_question(text, language or detect_language(text, "es"), filters)
        return self._retriever.search(question, k)


def paths(passages: Sequence[Passage]) -> list[str]:
    return [passage.path for passage in passages]


def test_the_passage_that_says_it_comes_first(filled: Store) -> None:
    search = retriever(filled).search
    assert paths(search("¿Cuánto dura la garantía?", 5))[0] == "casa/garantia.md"
    assert paths(search("How long is the warranty?", 5))[0] == "house/warranty.md"
    by_words = {passage.path for passage in search("garantías", 5) if passage.signals.keyword}
    assert by_words == {"casa/garantia.md", "house/warranty.md"}, "another form of the word"


def test_scores_fall_within_their_range_and_say_whence(filled: Store) -> None:
    passages = retriever(filled).search("ascensor personas", 10)
    assert len(passages) == len(CORPUS)
    scores = [passage.score for passage in passages]
    assert 0 <= scores[-1] <= scores[0] <= 1
    assert scores == sorted(scores, reverse=True)
    assert all(
        set(passage.signals.as_dict()) == {"dense", "keyword", "fused"} for passage in passages
    )
    assert passages[0].signals.dense == pytest.approx(
        max(passage.signals.dense for passage in passages)
    )


@pytest.mark.parametrize("k", [0, 1, 2, 99])
def test_no_more_than_asked(filled: Store, k: int) -> None:
    assert len(retriever(filled).search("ascensor", k)) == min(k, len(CORPUS))


def test_a_long_list_ends_lower_than_it_begins(filled: Store) -> None:
    for number in range(40):
        put(filled, f"more/{number}.md", "es", f"El ascensor {number} admite {number} personas.")
    passages = retriever(filled).search("ascensor personas", 45)
    assert len(set(paths(passages))) == 45
    assert all(a.score >= b.score for a, b in itertools.pairwise(passages))


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        (Filters(languages=("en",)), {"house/lift.md", "house/warranty.md"}),
        (Filters(paths=("house",)), {"house/lift.md", "house/warranty.md"}),
        (Filters(suffixes=(".pdf",)), {"casa/tarifas.pdf"}),
        (Filters(paths=("nowhere",)), set()),
    ],
)
def test_filters_restrict_before_ranking(filled: Store, filters: Filters, wanted: set[str]) -> None:
    passages = retriever(filled, candidates=2).search("ascensor garantía", 2, filters)
    assert set(paths(passages)) == wanted


def test_a_question_of_function_words_alone(filled: Store) -> None:
    passages = retriever(filled).search("¿y de la que?", 3)
    assert len(passages) == 3
    assert all(passage.signals.keyword == 0 for passage in passages)


@pytest.mark.parametrize("question", ["", " ", '"OR* NEAR(', "🙂", "\ud83d", "a" * 5000])
def test_odd_questions_are_answered_with_a_list(filled: Store, question: str) -> None:
    assert len(retriever(filled).search(question, 2)) == 2


def test_an_empty_library_has_no_passages(store: Store) -> None:
    assert retriever(store).search("ascensor", 5) == []


def test_a_stale_index_misses_but_never_mistakes(filled: Store) -> None:
    stale = retriever(filled)
    filled.forget(["/root/casa/garantia.md"])
    put(filled, "casa/nueva.md", "es", "La piscina abre en mayo.")
    found = stale.search("garantía del ascensor", 10)
    assert "casa/garantia.md" not in paths(found)
    assert all(passage.chunk.text == CORPUS[passage.path][1] for passage in found)
    assert "casa/nueva.md" in paths(stale.search("piscina", 10))[:2], "its words find it already"


TWINS = {
    "es/aviso.md": ("es", "Aviso 4711: Otis revisa el ascensor Delta en Jaén cada lunes."),
    "en/notice.md": ("en", "Notice 4711: Otis revisa el ascensor Delta Jaén every lunes."),
    "en/other.md": ("en", "Otis sold nine engines of the old Delta series to a museum."),
    "es/piscina.md": ("es", "La piscina abre en mayo."),
}


@pytest.fixture
def twins(store: Store) -> Store:
    return fill(store, TWINS)


def lost(store: Store, monkeypatch: pytest.MonkeyPatch, twin: dict[str, float]) -> dict[str, float]:
    """What each passage loses to the question's language, by path; `twin` as in `retrieve`."""
    search = retriever(store).search
    monkeypatch.setattr("rag.retrieval.retriever.TWIN", twin)
    found = {passage.path: passage.score for passage in search("Otis Delta", 5, language="es")}
    monkeypatch.setattr("rag.retrieval.retriever.FOREIGN", dict.fromkeys((True, False, None), 0.0))
    before = {passage.path: passage.score for passage in search("Otis Delta", 5, language="es")}
    return {path: before[path] - found[path] for path in found}


def test_of_a_text_and_its_translation_the_readers_language_goes_first(
    twins: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    score = lost(twins, monkeypatch, {"fake": 0.5})
    assert score["es/aviso.md"] == 0
    assert score["en/notice.md"] > 3 * score["en/other.md"] > 0.01


def test_without_a_known_cosine_all_in_another_language_lose_alike(
    twins: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    score = lost(twins, monkeypatch, {})
    assert score["es/aviso.md"] == 0
    assert score["en/notice.md"] == pytest.approx(score["en/other.md"])


def test_with_no_choice_of_language_nothing_is_lost(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, {path: row for path, row in TWINS.items() if row[0] == "en"})
    assert set(lost(store, monkeypatch, {"fake": 0.5}).values()) == {0.0}


# --- reranking -----------------------------------------------------------------------------------


class Contrary:
    """Likes best what came last."""

    name = "contrary"

    def __init__(self) -> None:
        self.seen: list[Passage] = []

    def rerank(self, question: str, passages: Sequence[Passage]) -> list[float]:
        self.seen = list(passages)
        return [float(index) for index in range(len(passages))]


@pytest.fixture
def no_preference(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is taken off the score of what is in another language."""
    monkeypatch.setattr("rag.retrieval.retriever.FOREIGN", dict.fromkeys((True, False, None), 0.0))


@pytest.mark.usefixtures("no_preference")
def test_a_reranker_sees_the_head_and_the_tail_stays_below(filled: Store) -> None:
    reranker = Contrary()
    plain = retriever(filled).search("garantía del ascensor", 10)
    passages = retriever(filled, reranker).search("garantía del ascensor", 10)
    assert reranker.seen == plain[:3]
    assert set(paths(passages[:3])) == set(paths(plain[:3]))
    assert paths(passages[3:]) == paths(plain[3:])
    assert [set(p.signals.as_dict()) >= {"rerank"} for p in passages] == [True] * 3 + [False] * 2
    assert all(a.score >= b.score for a, b in itertools.pairwise(passages))
    assert all(passage.score <= 1 for passage in passages)


def test_a_reranker_can_change_the_order(filled: Store) -> None:
    put(filled, "house/lift2.md", "en", "The lift carries eight persons too.")
    plain = retriever(filled).search("lift carries eight persons", 2)
    passages = retriever(filled, Contrary(), rerank_depth=2).search("lift carries eight persons", 2)
    assert set(paths(plain)) == {"house/lift2.md", "house/lift.md"}
    assert paths(passages) == paths(plain)[::-1]


def test_one_passage_needs_no_reranker(store: Store) -> None:
    store.generations.set_embedder("fake:1")
    put(store, "a.md", "es", "El ascensor.")
    reranker = Contrary()
    assert paths(retriever(store, reranker).search("ascensor", 5)) == ["a.md"]
    assert reranker.seen == []


def test_the_fake_reranker_agrees_with_its_words(filled: Store) -> None:
    passages = retriever(filled, FakeReranker()).search("¿Cuánto dura la garantía?", 5)
    assert passages[0].path == "casa/garantia.md"
    assert passages[0].signals.rerank == max(p.signals.rerank or 0 for p in passages)


# --- reading -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_preference")
def test_the_head_is_read_once_and_the_tail_stays_below(filled: Store) -> None:
    reader = FakeQAModel()
    plain = retriever(filled, FakeReranker()).search("garantía del ascensor", 10)
    passages = retriever(filled, FakeReranker(), reader).search("garantía del ascensor", 10)
    assert reader.texts == [passage.chunk.text for passage in plain[:3]]
    assert set(paths(passages[:3])) == set(paths(plain[:3]))
    assert paths(passages[3:]) == paths(plain[3:])
    assert all(a.score >= b.score for a, b in itertools.pairwise(passages))
    read = {"relevance", "answerable", "span", "unread", "rerank"}
    assert [set(passage.signals.as_dict()) >= read for passage in passages] == [True] * 3 + [
        False
    ] * 2
    before = {passage.path: passage.score for passage in plain}
    for passage in passages[:3]:
        assert passage.answer_span is not None
        assert passage.chunk.text[slice(*passage.answer_span)].isalpha()
        assert passage.signals.unread == before[passage.path]
    assert all(passage.answer_span is None for passage in passages[3:])


def test_what_the_reader_finds_relevant_rises(filled: Store) -> None:
    class Disagrees(FakeQAModel):
        def read(self, question: str, texts: Sequence[str], /) -> list[SpanPrediction]:
            return [SpanPrediction(9.0 * ("piscina" in text), 0.0, 0, 0, 0.0) for text in texts]

    put(filled, "casa/piscina.md", "es", "La garantía de la piscina, y no la del ascensor.")
    spanish = Filters(languages=("es",))
    plain = paths(retriever(filled).search("garantía del ascensor", 3, spanish))
    assert "casa/piscina.md" in plain[1:]
    passages = retriever(filled, None, Disagrees()).search("garantía del ascensor", 3, spanish)
    assert paths(passages).index("casa/piscina.md") < plain.index("casa/piscina.md")
    assert all(passage.answer_span is None for passage in passages), "it pointed at nothing"


def test_one_passage_is_read_too(store: Store) -> None:
    store.generations.set_embedder("fake:1")
    put(store, "a.md", "es", "El ascensor.")
    reader = FakeQAModel()
    (passage,) = retriever(store, None, reader).search("ascensor", 5)
    assert reader.texts == ["El ascensor."]
    assert passage.score == 1
    assert passage.signals.relevance is not None


def test_nothing_found_is_not_read(store: Store) -> None:
    reader = FakeQAModel()
    assert retriever(store, None, reader).search("ascensor", 5) == []
    assert reader.texts == []


def test_a_blend_is_a_share_of_both() -> None:
    passages = [replace(make_passage("a", number=n), score=s) for n, s in ((1, 1.0), (2, 0.0))]
    weights = {("es", "es"): 0.25}
    assert [item.score for item in blend(passages, [-3.0, 5.0], weights, "es")] == [0.75, 0.25]
    assert blend([], [], weights, "es") == []


# --- normalise -----------------------------------------------------------------------------------

scores = st.dictionaries(st.integers(0, 99), st.floats(-1e3, 1e3), max_size=30)


@given(scores, st.integers(1, 40))
def test_normalise_keeps_the_order_and_the_range(raw: dict[int, float], depth: int) -> None:
    scaled = normalise(raw, depth)
    assert scaled.keys() == raw.keys()
    for a, b in itertools.combinations(raw, 2):
        assert (raw[a] - raw[b]) * (scaled[a] - scaled[b]) >= 0
    head = sorted(scaled.values(), reverse=True)[:depth]
    assert not raw or max(scaled.values()) == 1
    assert all(0 <= value <= 1 for value in head)


def test_normalise_by_example() -> None:
    assert normalise({1: 4.0, 2: 2.0, 3: 1.0}, 2) == {1: 1.0, 2: 0.0, 3: -0.5}
    assert normalise({1: 0.3}, 5) == {1: 1.0}
    assert normalise({}, 5) == {}


def test_of_two_that_say_the_same_the_question_s_language_comes_first(store: Store) -> None:
    store.generations.set_embedder("fake:1")
    put(store, "a.md", "en", "Tesla Smiljan 1856.")
    put(store, "b.md", "es", "Tesla: Smiljan 1856.")
    search = retriever(store).search
    assert paths(search("Tesla Smiljan 1856", 2, language="es")) == ["b.md", "a.md"]
    assert paths(search("Tesla Smiljan 1856", 2, language="en")) == ["a.md", "b.md"]
    english = Filters(languages=("en",))
    [alone] = search("Tesla Smiljan 1856", 2, english, language="es")
    assert alone.score == 1.0, "nothing is lost where there is no choice"


def test_everything_that_could_be_about_it_and_the_rest(filled: Store) -> None:
    question = make_question("garantía del ascensor")
    index = open_index(filled)[0]
    whole = Retriever(filled, FakeEmbedder(), lambda: index, SETTINGS)
    could, rest = whole.everything([question], 0.9, 1)
    assert next(passage.path for passage in whole.passages(could)) == "casa/garantia.md"
    assert len(could) + len(rest) == len(CORPUS)
    named = replace(question, filters=Filters(paths=("casa/tarifas.pdf",)))
    could, rest = whole.everything([named], 0.0, 1)
    assert [passage.path for passage in whole.passages(could)] == ["casa/tarifas.pdf"]
    assert rest == []


def test_a_moved_question_finds_the_other_language_and_shows_cosines_as_they_are(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = {p.path: p.signals.dense for p in retriever(filled).search("ascensor", 5)}
    vectors = filled.documents.vectors_of(range(1, 6))
    means = {"es": 0.0, "en": 1.0}
    chunks = filled.documents.chunks(list(vectors))
    rows = np.stack([vectors[key] for key in chunks])
    english = np.array([chunk.language == "en" for chunk, _, _ in chunks.values()], float)
    direction = np.linalg.lstsq(rows, english, rcond=None)[0].astype(np.float32)
    shift = LanguageShift(direction, means, "fake:1")
    monkeypatch.setattr("rag.retrieval.retriever.load_shift", lambda: shift)
    moved = {p.path: p.signals.dense for p in retriever(filled).search("ascensor", 5)}
    assert moved == pytest.approx(plain, abs=1e-4)
