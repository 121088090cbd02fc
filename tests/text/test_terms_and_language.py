"""Languages are told apart, sentences found and terms made, of plain text and of odd Unicode."""

from __future__ import annotations

import itertools
import unicodedata

import pytest
from hypothesis import example, given, strategies as st

from rag.text import detect_language, fold, query_terms, search_terms, split_sentences

odd_text = st.text(
    st.one_of(
        st.sampled_from(
            [*"aeñúéÉ .!?…\n\t\"'»)-_/·0123456789", "\u0301", "\u200d", "🙂", "中", "ع"]
        ),
        st.characters(exclude_categories=["Cs"]),
    )
)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("¿Cuál es el plazo de devolución?", "es"),
        ("What is the refund period?", "en"),
        ("Plazo de entrega: tres semanas", "es"),
        ("la garantia cubre las piezas", "es"),
        ("warranty of the device", "en"),
        ("a no me", "en"),  # words of both languages say nothing
        ("MiniLM", "en"),
        ("", "en"),
    ],
)
def test_detect(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_detect_takes_the_default_when_nothing_speaks() -> None:
    assert detect_language("MiniLM 2024", default="es") == "es"


def test_separate_accents_change_nothing() -> None:
    text = "¿Qué indemnización cubrirá el señor Ibáñez?"
    apart = unicodedata.normalize("NFD", text)
    assert apart != text
    assert search_terms(apart, "es") == search_terms(text, "es")
    assert query_terms(apart, "es") == query_terms(text, "es")
    assert detect_language(apart) == detect_language(text)


def test_fold() -> None:
    assert fold("INDEMNIZACIÓN Straße ﬁn") == "indemnizacion strasse fin"


def test_terms_are_stems_without_function_words() -> None:
    assert search_terms("Las ventanas de la ventana", "es") == ["ventan", "ventan"]
    assert search_terms("The running of the runners", "en") == ["run", "runner"]
    assert search_terms("de la que", "es") == []


@pytest.mark.parametrize("word", ["garantías", "indemnización", "interés", "años", "Múnich"])
@pytest.mark.parametrize("language", ["es", "en"])
def test_accents_decide_nothing(word: str, language: str) -> None:
    for written, asked in itertools.product((word, fold(word), word.upper()), repeat=2):
        (group,) = query_terms(asked, "es")
        assert query_terms(word, "es") == [group]
        # once: a term more would double its weight
        assert len(set(group) & set(search_terms(written, language))) == 1


@given(odd_text)
def test_a_question_reads_the_same_without_its_accents(text: str) -> None:
    bare = "".join(
        char for char in unicodedata.normalize("NFD", text) if char not in "\u0301\u0303"
    )
    assert query_terms(bare, "es") == query_terms(text, "es")


def test_codes_stay_whole_and_in_parts() -> None:
    assert search_terms("El ARB-77 mide 3.5", "es") == [
        "arb-77",
        "arb",
        "77",
        "mid",
        "3.5",
        "3",
        "5",
        "arb77",
    ]


def test_query_terms_offer_the_stem_of_each_language_once() -> None:
    groups = query_terms("garantía garantía ARB-77", "es")
    assert groups[0][0] in search_terms("garantía", "es")
    assert len(groups) == len(set(groups))
    assert ("arb-77", "arb77", "arb 77") in groups


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_question_finds_the_terms_of_its_own_language(language: str) -> None:
    text = "Las cláusulas cubren running warranties del ARB-77"
    offered = {term for group in query_terms(text, language) for term in group}
    assert set(search_terms(text, language)) <= offered


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Uno. Dos.", ["Uno.", "Dos."]),
        ("El Sr. Ruiz vive en la C. Mayor. Es alto.", ["El Sr. Ruiz vive en la C. Mayor.", None]),
        ("Mide 3.5 m. y pesa poco.", ["Mide 3.5 m. y pesa poco."]),
        ("¿Sí? ¡No! «Bien.» Ya", ["¿Sí?", "¡No!", "«Bien.»", "Ya"]),
        ("Título\n\nUna línea\notra", ["Título", "Una línea", "otra"]),
        ("Espere... Siga", ["Espere...", "Siga"]),
        ("J. R. R. Tolkien wrote it.", ["J. R. R. Tolkien wrote it."]),
        ("Véase la fig. 3 y el art. 4.", ["Véase la fig. 3 y el art. 4."]),
        ("1. Uno.\n3.2. Dos. Tres", ["1. Uno.", "3.2. Dos.", "Tres"]),
        ("Artículo 2. De los órganos\nIV. Final", ["Artículo 2. De los órganos", "IV. Final"]),
        ("b. Uno\nCláusula 3.ª. Dos\n4.\nTres", ["b. Uno", "Cláusula 3.ª. Dos", "4.", "Tres"]),
        ("Dice que sí. [1] 3. Otra [1]", ["Dice que sí.", "[1] 3. Otra [1]"]),
        ("Véase la cláusula 3. Otra cosa", ["Véase la cláusula 3.", "Otra cosa"]),
        ("Born [O.S. 28 June] here.", ["Born [O.S. 28 June] here."]),
        ("Eran 12. Otra cosa. En 2024. Fin", ["Eran 12. Otra cosa.", "En 2024.", "Fin"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_sentences(text: str, wanted: list[str | None] | None) -> None:
    found = [text[start:end] for start, end in split_sentences(text)]
    if wanted is None:
        assert found == ["See fig. 3 and no. 4."]
    else:
        assert len(found) == len(wanted)
        assert all(want in (None, got) for want, got in zip(wanted, found, strict=True))


@given(odd_text)
def test_sentences_are_ordered_trimmed_and_complete(text: str) -> None:
    spans = split_sentences(text)
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
    edges = [0, *itertools.chain.from_iterable(spans), len(text)]
    between = [text[edges[i] : edges[i + 1]] for i in range(0, len(edges), 2)]
    assert not "".join(between).strip()


@given(odd_text)
@example("U¼E")
@example("garantías")
def test_terms_take_any_text(text: str) -> None:
    for language in ("es", "en"):
        found, groups = set(search_terms(text, language)), query_terms(text, language)
        # the stem of a word's bare form is for those who ask without accents: not every term is
        # offered, but each word of a text finds the text
        assert bool(found) == bool(groups)
        assert all(not found.isdisjoint(group) for group in groups)
    assert detect_language(text) in ("es", "en")


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", ["a" + "." * 10**6 + "x", "a." + " " * 10**6 + "#", "?!" * 10**6])
def test_long_runs_cost_no_square(text: str) -> None:
    # squared, any of these would take hours
    assert len(split_sentences(text)) <= 2


@pytest.mark.parametrize(
    ("asked", "said", "language"),
    [
        ("¿Cómo pido una copia?", "pedir", "es"),
        ("¿Cuándo se siembra el trigo?", "sembramos", "es"),
        ("Who was chosen?", "chose", "en"),
        ("How much was paid?", "pay", "en"),
    ],
)
def test_a_verb_is_met_by_its_irregular_forms(asked: str, said: str, language: str) -> None:
    met = {term for group in query_terms(asked, language) for term in group}
    assert met & set(search_terms(said, language))
