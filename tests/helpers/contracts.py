"""What every part behind a protocol must do: one suite a protocol, for the fake and the real ones.

A test module subclasses a suite as `Test...` and says with a fixture which part it is run on.
"""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from rag.errors import GeneratorFailed
from rag.protocols import (
    Embedder,
    Generator,
    QAModel,
    Reranker,
    VectorIndex,
    Vectors,
)
from rag.schema import Prompt
from tests.helpers.fakes import make_passage, make_prompt, make_question

Filled = tuple[VectorIndex, list[int], Vectors]
"""An index, and the ids (n,) and unit vectors (n, d) it was made of."""

TEXTS = [
    "El ascensor admite ocho personas.",
    "The warranty lasts two years.",
    "La garantía cubre las piezas y la mano de obra durante dos años, salvo mal uso.",
    "¿Qué? ¡Eso! ñandú 🙂 中文 العربية",
]

HALF = "medio \ud83d"  # half of an emoji, as broken JSON files hold it
ODD = ["", " \n", "a" * 5000, "palabra " * 3000, HALF]


class EmbedderContract:
    """Fixture `embedder`: any `Embedder`."""

    def test_unit_rows_of_the_stated_dimension(self, embedder: Embedder) -> None:
        for rows in (embedder.encode_queries(TEXTS), embedder.encode_documents(TEXTS)):
            assert rows.shape == (len(TEXTS), embedder.dimension)
            assert rows.dtype == np.float32
            np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3)

    def test_nothing_in_nothing_out(self, embedder: Embedder) -> None:
        assert embedder.encode_documents([]).shape == (0, embedder.dimension)
        assert embedder.encode_queries([]).shape == (0, embedder.dimension)

    def test_a_text_has_one_vector_whatever_its_company(self, embedder: Embedder) -> None:
        together = embedder.encode_documents(TEXTS)
        again = embedder.encode_documents(TEXTS)
        np.testing.assert_array_equal(together, again)
        for text, row in zip(TEXTS, together, strict=True):
            # padding to the longest of a batch changes the last bits
            assert float(embedder.encode_documents([text])[0] @ row) > 0.998

    def test_a_text_is_nearest_to_itself(self, embedder: Embedder) -> None:
        nearest = embedder.encode_queries(TEXTS) @ embedder.encode_documents(TEXTS).T
        assert nearest.argmax(axis=1).tolist() == list(range(len(TEXTS)))

    def test_odd_texts_have_vectors_too(self, embedder: Embedder) -> None:
        rows = embedder.encode_documents(ODD)
        assert rows.shape == (len(ODD), embedder.dimension)
        assert np.isfinite(rows).all()

    def test_tokens_are_counted_without_limit(self, embedder: Embedder) -> None:
        assert embedder.count_tokens("") == 0
        assert embedder.count_tokens(HALF) >= 1
        assert embedder.count_tokens("dos años") >= 2
        assert embedder.count_tokens("dos años " * 2000) >= 4000

    def test_fingerprint_names_the_model(self, embedder: Embedder) -> None:
        assert embedder.fingerprint
        assert embedder.fingerprint == embedder.fingerprint.strip()


class VectorIndexContract:
    """Fixture `filled`: any `VectorIndex`, with what it holds."""

    def test_a_vector_finds_its_own_id_first(self, filled: Filled) -> None:
        index, ids, vectors = filled
        assert index.count == len(ids)
        for key, row in zip(ids, vectors, strict=True):
            (found, score), *_ = index.search(row, 3)
            assert found == key
            assert score == pytest.approx(1, abs=1e-3)

    def test_best_first_and_no_more_than_asked(self, filled: Filled) -> None:
        index, ids, vectors = filled
        for k in (1, 3, len(ids), len(ids) + 50):
            found = index.search(vectors[0], k)
            assert len(found) == min(k, len(ids))
            assert len({key for key, _ in found}) == len(found)
            assert all(a[1] >= b[1] for a, b in itertools.pairwise(found))

    def test_only_what_is_allowed(self, filled: Filled) -> None:
        index, ids, vectors = filled
        allowed = ids[1::2]
        found = index.search(vectors[0], len(ids), allowed)
        assert sorted(key for key, _ in found) == sorted(allowed)
        assert index.search(vectors[0], 5, []) == []
        assert index.search(vectors[0], 5, [10**9]) == []

    def test_the_same_neighbours_as_by_hand(self, filled: Filled) -> None:
        index, ids, vectors = filled
        query = -vectors[0]
        by_hand = {key: float(row @ query) for key, row in zip(ids, vectors, strict=True)}
        for key, score in index.search(query, len(ids)):
            assert score == pytest.approx(by_hand[key], abs=1e-5)


class RerankerContract:
    """Fixture `reranker`: any `Reranker`."""

    PASSAGES = (
        make_passage("El mantenimiento anual cuesta cuarenta euros.", "Tarifas", 1),
        make_passage("The elevator holds eight persons.", "Lift", 2),
        make_passage("La garantía cubre dos años.", "Garantía", 3),
    )

    def test_one_finite_score_a_passage(self, reranker: Reranker) -> None:
        scores = reranker.rerank(make_question("¿Cuánto dura la garantía?"), self.PASSAGES)
        assert len(scores) == len(self.PASSAGES)
        assert np.isfinite(scores).all()
        assert all(isinstance(score, float) for score in scores)
        assert reranker.name

    def test_half_characters_are_taken(self, reranker: Reranker) -> None:
        assert len(reranker.rerank(make_question(HALF), self.PASSAGES)) == len(self.PASSAGES)

    def test_no_passages_no_scores(self, reranker: Reranker) -> None:
        assert reranker.rerank(make_question("¿Cuánto dura?"), []) == []

    def test_the_order_of_the_passages_changes_nothing(self, reranker: Reranker) -> None:
        question = "¿Cuánto dura la garantía?"
        forth = reranker.rerank(make_question(question), self.PASSAGES)
        back = reranker.rerank(make_question(question), self.PASSAGES[::-1])
        assert forth == pytest.approx(back[::-1], abs=2e-2)

    def test_the_passage_that_says_it_beats_the_others(self, reranker: Reranker) -> None:
        scores = reranker.rerank(make_question("La garantía cubre dos años."), self.PASSAGES)
        assert scores.index(max(scores)) == 2


class ReaderContract:
    """Fixture `reader`: any `Reader`, trained or not."""

    QUESTION = "¿Cuánto dura la garantía?"

    def test_one_finite_verdict_a_text(self, reader: QAModel) -> None:
        verdicts = reader.read(self.QUESTION, TEXTS)
        assert len(verdicts) == len(TEXTS)
        for verdict in verdicts:
            figures = (verdict.relevance, verdict.answerable, verdict.score)
            assert all(isinstance(figure, float) for figure in figures)
            assert np.isfinite(figures).all()
        assert reader.name

    def test_spans_are_slices_of_the_text_as_given(self, reader: QAModel) -> None:
        texts = [*TEXTS, *ODD, f"  \n\t{TEXTS[2]}  "]
        for text, verdict in zip(texts, reader.read(self.QUESTION, texts), strict=True):
            assert 0 <= verdict.start <= verdict.end <= len(text)
            if text.strip() and text is not HALF:
                assert text[verdict.start : verdict.end].strip()

    def test_nothing_in_nothing_out(self, reader: QAModel) -> None:
        assert reader.read(self.QUESTION, []) == []

    def test_a_text_has_one_verdict_whatever_its_company(self, reader: QAModel) -> None:
        for text, verdict in zip(TEXTS, reader.read(self.QUESTION, TEXTS), strict=True):
            (alone,) = reader.read(self.QUESTION, [text])
            # padding to the longest of a batch changes the last bits
            assert alone.relevance == pytest.approx(verdict.relevance, abs=5e-2)
            assert alone.answerable == pytest.approx(verdict.answerable, abs=5e-2)

    @pytest.mark.parametrize("question", ["", HALF, "¿Qué? " * 3000])
    def test_odd_questions_are_read_too(self, reader: QAModel, question: str) -> None:
        assert len(reader.read(question, TEXTS)) == len(TEXTS)


class GeneratorContract:
    """Fixture `generator`: any `Generator`. `prompt` is one that it can answer."""

    def prompt(self) -> Prompt:
        return make_prompt("¿Cuánto dura la garantía?", "La garantía cubre dos años.")

    def test_deltas_join_to_a_text(self, generator: Generator) -> None:
        deltas = list(generator.stream(self.prompt(), lambda: False))
        assert all(isinstance(delta, str) for delta in deltas)
        assert "".join(deltas).strip()

    def test_stop_ends_it_at_once(self, generator: Generator) -> None:
        assert "".join(generator.stream(self.prompt(), lambda: True)) == ""

    def test_stop_ends_it_within_a_delta(self, generator: Generator) -> None:
        deltas: list[str] = []
        stream = generator.stream(self.prompt(), lambda: bool(deltas))
        deltas.extend(stream)
        assert len(deltas) == 1

    def test_who_goes_away_leaves_it_free(self, generator: Generator) -> None:
        whole = "".join(generator.stream(self.prompt(), lambda: False))
        for _ in range(8):  # more than may wait
            stream = iter(generator.stream(self.prompt(), lambda: False))
            assert whole.startswith(next(stream))
            del stream
        assert "".join(generator.stream(self.prompt(), lambda: False)) == whole

    def test_threads_get_what_one_gets(self, generator: Generator) -> None:
        def ask(_: int) -> str:
            return "".join(generator.stream(self.prompt(), lambda: False))

        alone = ask(0)
        with ThreadPoolExecutor(3) as pool:
            assert set(pool.map(ask, range(6))) == {alone}

    def test_half_characters_are_taken(self, generator: Generator) -> None:
        prompt = make_prompt(HALF, HALF)
        assert isinstance("".join(generator.stream(prompt, lambda: False)), str)
        assert generator.count_tokens(HALF) >= 1

    def test_its_measures_are_sane(self, generator: Generator) -> None:
        assert generator.name
        assert generator.context_window > 0
        assert generator.count_tokens("") == 0
        assert generator.count_tokens("dos años") >= 2


class LanguageModelContract(GeneratorContract):
    """Fixture `generator`: one with a language model, and a context of a few hundred tokens."""

    def test_a_prompt_that_is_too_long_is_refused(self, generator: Generator) -> None:
        prompt = make_prompt("dos años " * generator.context_window, "")
        with pytest.raises(GeneratorFailed, match=r"prompt takes \d+ tokens") as caught:
            list(generator.stream(prompt, lambda: False))
        assert "passages" in caught.value.next_command
        assert list(generator.stream(self.prompt(), lambda: False))

    def test_a_prompt_within_the_window_is_taken(self, generator: Generator) -> None:
        words = ["a"]
        while generator.count_tokens(" ".join([*words, "a"])) < generator.context_window:
            words.append("a")
        prompt = make_prompt(" ".join(words[:-1]), "")
        # nothing is raised; a model with real weights may have nothing to say to it
        assert isinstance(list(generator.stream(prompt, lambda: False)), list)
