"""Whether a passage says what is claimed: facts that must agree, the right sentence, the marks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from rag.answering.draft import MARK
from rag.answering.prompts import refuses
from rag.answering.support import Attributor, Scale, SupportModel, contradiction, load_model
from rag.answering.support.features import FEATURES
from rag.models import BundledEmbedder, bundled_folder, load_artefact
from rag.parsing import parse
from rag.protocols import Vectors
from rag.schema import Chunk, Document, Passage, Support
from rag.text import split_sentences
from rag.text.facts import counts_otherwise, facts_of, missing_names, missing_numbers
from tests.helpers.answering import FakeAnalyzer, verify
from tests.helpers.fakes import FakeEmbedder

CORPUS = Path(__file__).parents[2] / "corpus/documents"
GUIDE = (
    "La garantía del ascensor dura dos años. No cubre el mal uso. "
    "El mantenimiento cuesta 1.250 euros al año y lo hace Talleres Ruiz desde mayo de 2021. "
    "La cabina admite ocho personas, salvo en agosto."
)
OTHER = "The lift was inspected in 2019 by the city. Its motor uses 15 kW."
COVERS = {"intercept": -3.0, **dict.fromkeys(FEATURES, 0.0), "covers": 6.0, "numbers": -6.0}
NEAR = {"intercept": -3.0, **dict.fromkeys(FEATURES, 0.0), "near": 6.0}
MODEL = SupportModel(Scale(COVERS, 0.8, 0.3), Scale(NEAR, 0.8, 0.3))
"""A readable one; the fitted one may change at any time."""


def passage(text: str, number: int = 1, language: str = "es") -> Passage:
    return Passage(Chunk(number, 100, 100 + len(text), text, language=language), "Guía", "g", 1.0)


def judge(*passages: Passage, model: SupportModel = MODEL) -> Attributor:
    weigh = FakeAnalyzer().claim_terms
    return Attributor(passages or (passage(GUIDE),), weigh, FakeEmbedder(), model)


def quotes(text: str, *cited: int, passages: tuple[Passage, ...] = ()) -> list[str]:
    passages = passages or (passage(GUIDE), passage(OTHER, 2, "en"))
    held = judge(*passages).attribute(text, cited)
    return [
        passages[index].chunk.text[start - 100 : end - 100] for index, (start, end) in held.spans
    ]


# --- facts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3.5 million", "3,5 millones"),
        ("1,028 euros", "1.028 €"),
        ("€40", "cuarenta euros"),
        ("12 %", "12 por ciento"),
        ("twelve percent", "12%"),
        ("2 years", "dos años"),
        ("3 mil personas", "3000 people"),
        ("7B", "7B"),
        ("in May 2021", "en mayo de 2021"),
    ],
)
def test_numbers_agree_however_they_are_written(one: str, other: str) -> None:
    assert missing_numbers(facts_of(one), facts_of(other)) == 0
    assert missing_numbers(facts_of(other), facts_of(one)) == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("17 semanas", "19 semanas"),
        ("5 años", "5 meses"),
        ("10 %", "10 euros"),
        ("2.5 GB", "25 GB"),
        ("tres", "treinta"),
        ("en mayo", "en junio"),
        ("1,5 millones", "1,5 euros y 2 millones"),
        ("ocho", "muchas"),
    ],
)
def test_other_numbers_units_and_months_do_not(one: str, other: str) -> None:
    assert missing_numbers(facts_of(one), facts_of(other)) == 1


def test_names_are_looked_for_as_words_and_across_languages_by_their_beginning() -> None:
    claim = facts_of("It was signed in London by Ruiz with ARB-77.")
    assert missing_names(claim, facts_of("Ruiz firmó en Londres el ARB-77")) == 1
    assert missing_names(claim, facts_of("Ruiz firmó en Londres el ARB-77"), across=True) == 0
    assert missing_names(claim, facts_of("nadie")) == 3
    assert facts_of("Hoy llueve. Mañana no.").names == frozenset()


@pytest.mark.parametrize(
    "text", ["No cubre nada", "It isn't so", "sin garantía", "They never paid", "ni uno"]
)
def test_a_not_is_seen(text: str) -> None:
    assert facts_of(text).negated
    assert not facts_of("La norma cubre el uso").negated


def test_opposites_are_seen_where_only_one_side_is_said() -> None:
    rises, falls = facts_of("El coste aumenta"), facts_of("El coste disminuye")
    assert rises.opposes(falls)
    assert falls.opposes(rises)
    assert not rises.opposes(facts_of("El coste aumenta o disminuye"))
    assert not rises.opposes(rises)


@given(st.text(max_size=60))
def test_any_text_has_facts_and_agrees_with_itself(text: str) -> None:
    facts = facts_of(text)
    assert missing_numbers(facts, facts) == 0
    assert missing_names(facts, facts) == 0
    assert not facts.opposes(facts)


# --- judging -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("No cubre el mal uso.", "No cubre el mal uso."),
        ("no  cubre el MAL uso", "No cubre el mal uso."),
        ("4. No cubre el mal uso.", "No cubre el mal uso."),  # an item of the writer's own list
        ("La cabina admite ocho personas", "La cabina admite ocho personas, salvo en agosto."),
        (
            "La garantía del ascensor dura dos años. No cubre el mal uso.",
            "La garantía del ascensor dura dos años. No cubre el mal uso.",
        ),
    ],
)
def test_what_is_quoted_is_supported_beyond_doubt(claim: str, quote: str) -> None:
    held = judge().attribute(claim, (0,))
    assert (held.support, held.score) == (Support.SUPPORTED, 1.0)
    assert quotes(claim, 0) == [quote]


def test_a_quotation_that_left_out_a_not_is_none() -> None:
    denied = passage("Es falso, no es cierto que la garantía cubra el mal uso de la cabina.")
    assert judge(denied).attribute("la garantía cubra el mal uso de la cabina", (0,)).score < 1


@pytest.mark.parametrize(
    ("claim", "denied"),
    [
        ("La garantía cubre el mal uso.", True),
        ("Cubre el mal uso.", True),
        ("No cubre el mal uso.", False),
        ("La garantía del ascensor no dura dos años.", True),
        ("La garantía del ascensor dura dos años.", False),
        ("El motor no gasta mucho.", False),  # nobody says anything of it
    ],
)
def test_what_a_passage_says_the_opposite_of_is_denied(claim: str, denied: bool) -> None:
    for cited in ((), (0,)):
        assert judge().attribute(claim, cited).denied == denied


def test_the_best_sentence_is_quoted_with_a_neighbour_that_adds() -> None:
    assert quotes("El mantenimiento anual cuesta 1250 euros.", 0) == [
        "El mantenimiento cuesta 1.250 euros al año y lo hace Talleres Ruiz desde mayo de 2021."
    ]
    both = "La garantía dura dos años y el mal uso queda fuera."
    assert quotes(both, 0) == ["La garantía del ascensor dura dos años. No cubre el mal uso."]


def test_a_number_that_is_not_there_lowers_the_mark() -> None:
    right = judge().attribute("El mantenimiento cuesta 1250 euros cada año.", (0,))
    wrong = judge().attribute("El mantenimiento cuesta 1350 euros cada año.", (0,))
    assert right.support is Support.SUPPORTED
    assert wrong.support is Support.NOT_FOUND
    assert wrong.spans == ()


@pytest.mark.parametrize(
    ("claim", "source", "otherwise"),
    [
        ("Recibe 6 candidatos.", "Recibe 40 candidatos y entrega 6.", True),
        ("Recibe cuarenta candidatos.", "Recibe 40 candidatos y entrega 6.", False),
        ("Entrega 6.", "Recibe 40 candidatos y entrega 6.", False),
        ("Entrega 6 pasajes.", "Recibe 40 candidatos y entrega 6.", False),
        ("Hay 6 candidatos.", "Un candidato es 6 veces mejor.", False),
    ],
)
def test_what_is_counted_must_be_counted_so(claim: str, source: str, otherwise: bool) -> None:
    assert counts_otherwise(claim, source, "es") is otherwise


def test_a_number_of_another_row_proves_nothing() -> None:
    table = (
        "Dato: Registro de preguntas; Plazo: 90 días; Después: Se borra\n"
        "Dato: Registro de accesos; Plazo: 1 año; Después: Se borra\n"
        "Dato: Contratos; Plazo: 3 años; Después: Se borra"
    )
    held = judge(passage(table))
    right = held.attribute("El registro de accesos se borra después de un plazo de 1 año.", (0,))
    wrong = held.attribute("El registro de accesos se borra después de un plazo de 3 años.", (0,))
    assert right.support is Support.SUPPORTED
    assert wrong.support is not Support.SUPPORTED


def test_a_wrong_citation_is_put_right_and_a_missing_one_found() -> None:
    claims = [
        "El mantenimiento cuesta 1.250 euros al año y lo hace Talleres Ruiz desde mayo de 2021."
    ]
    claim = "El mantenimiento cuesta 1250 euros cada año."
    assert quotes(claim, 1) == quotes(claim) == quotes(claim, 0) == claims


def test_two_passages_that_say_it_are_both_kept() -> None:
    twice = passage(GUIDE), passage(f"Resumen. {GUIDE}", 2)
    assert quotes("No cubre el mal uso.", 0, 1, passages=twice) == ["No cubre el mal uso."] * 2
    assert quotes("No cubre el mal uso.", passages=twice) == ["No cubre el mal uso."]


def test_across_languages_nearness_decides() -> None:
    class Twins(FakeEmbedder):
        def _encode(self, texts: list[str]) -> Vectors:  # type: ignore[override]
            rows = np.zeros((len(texts), 2), dtype=np.float32)
            for row, text in zip(rows, texts, strict=True):
                row[int("motor" not in text)] = 1
            return rows

    weigh = FakeAnalyzer().claim_terms
    held = Attributor([passage(OTHER, 2, "en")], weigh, Twins(), MODEL).attribute(
        "El motor consume quince kilovatios.", (0,)
    )
    assert held.support is Support.SUPPORTED
    (span,) = held.spans
    assert OTHER[span[1][0] - 100 : span[1][1] - 100] == "Its motor uses 15 kW."


@given(st.text(max_size=80), st.text(min_size=1, max_size=80), st.lists(st.just(0), max_size=1))
def test_any_claim_can_be_held_to_any_passage(claim: str, text: str, cited: list[int]) -> None:
    held = judge(passage(text)).attribute(claim, cited)
    assert 0 <= held.score <= 1
    assert bool(held.spans) == (held.support is not Support.NOT_FOUND)
    for _, (start, end) in held.spans:
        assert 100 <= start < end <= 100 + len(text)


def test_nothing_is_said_by_words_that_name_nothing() -> None:
    assert not judge().is_claim(" y de la ")
    assert judge().is_claim("Sí, 43 personas")


@pytest.mark.parametrize("name", ["es/sesgos.md", "en/evaluation-metrics.pdf"])
def test_a_draft_of_quotes_is_kept_and_each_has_its_own(name: str) -> None:
    document = replace(parse(CORPUS / name).document, id=1)
    chunk = Chunk(1, 0, len(document.text), document.text, language=name[:2])
    found = [Passage(chunk, document.title, document.path, 1.0)]
    parts = [
        document.text[a:b]
        for a, b in split_sentences(document.text)
        if b - a > 30 and not refuses(document.text[a:b])
    ]
    holding = Attributor(found, FakeAnalyzer().claim_terms, None, MODEL)
    for three in zip(parts, parts[7:], parts[3:], strict=False):
        sentences = [" ".join(sentence.split()) for sentence in three]
        draft = " ".join(f"{sentence} [1]" for sentence in sentences)
        cited = verify(draft, found, holding, lambda _: document)
        assert MARK.sub("[1]", cited.text) == draft
        assert {block.support for block in cited.blocks} == {Support.SUPPORTED}
        assert [" ".join(citation.quote.split()) for citation in cited.citations] == sentences


def test_the_fitted_model_tells_a_paraphrase_from_a_swapped_fact() -> None:
    def mark(claim: str) -> Support:
        return attributor.attribute(claim, (0,)).support

    # its weights are those of this embedder's cosines
    embedder = BundledEmbedder(load_artefact(bundled_folder("embedder")))
    attributor = Attributor([passage(GUIDE)], FakeAnalyzer().claim_terms, embedder, load_model())

    assert mark("La garantía dura dos años.") is Support.SUPPORTED
    assert mark("El mantenimiento cuesta 1.250 euros al año.") is Support.SUPPORTED
    assert mark("La garantía se extiende durante dos años.") is Support.SUPPORTED
    assert mark("El mantenimiento cuesta 9.430 euros al año.") is not Support.SUPPORTED
    assert mark("La garantía no dura dos años.") is not Support.SUPPORTED
    assert mark("La luna gira alrededor de la Tierra en 27 días.") is Support.NOT_FOUND


def test_the_fitted_models_know_the_features_and_order_their_thresholds() -> None:
    model = load_model()
    for scale in (model.same, model.cross):
        assert set(scale.weights) <= {"intercept", *FEATURES}
        assert 0 < scale.partly <= scale.supported < 1


# --- conflicts -----------------------------------------------------------------------------------

CAMERON = "James Cameron", "Ana Ruiz"


@pytest.mark.parametrize(
    ("one", "other", "values"),
    [
        (
            "El piloto de Olivo duró 17 semanas en Jaén.",
            "El piloto Olivo de Jaén duró 19 semanas.",
            ("17", "19"),
        ),
        (
            "The contract was signed in 2019 by the council.",
            "The council signed the contract in 2021.",
            ("2019", "2021"),
        ),
        (
            "The game was played at the stadium in Tampa on a cold night.",
            "The game was played at the stadium in Glendale on a cold night.",
            ("Tampa", "Glendale"),
        ),
        ("Avatar: Directed by James Cameron.", "Avatar: Directed by Ana Ruiz.", CAMERON),
    ],
)
def test_another_number_date_or_name_for_the_same_is_a_conflict(
    one: str, other: str, values: tuple[str, str]
) -> None:
    found = contradiction(one, other)
    assert found is not None
    assert (found.value, found.other_value) == values
    back = contradiction(other, one)
    assert back is not None
    assert (back.value, back.other_value) == values[::-1]


def test_each_sentence_of_a_quote_is_compared_by_itself() -> None:
    quote = "La obra se adjudicó en mayo a Vías SA.\nEl piloto de Olivo duró 17 semanas en Jaén."
    found = contradiction(quote, "El piloto Olivo de Jaén duró 19 semanas.")
    assert found is not None
    assert (found.value, found.other_value) == ("17", "19")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("El piloto de Olivo duró 17 semanas.", "El piloto de Olivo duró diecisiete semanas."),
        ("El piloto de Olivo duró 17 semanas.", "El piloto de Olivo costó 19 euros."),
        ("El piloto de Olivo duró 17 semanas.", "La garantía del ascensor dura 19 semanas."),
        ("La fase dura 3 semanas y la otra 5 semanas.", "La fase dura 3 semanas la primera vez."),
        ("The game was played in Tampa.", "The game was played in Tampa, Florida."),
        ("", ""),
    ],
)
def test_the_same_or_something_else_is_none(one: str, other: str) -> None:
    assert contradiction(one, other) is None


@given(st.text(max_size=80))
def test_no_text_contradicts_itself(text: str) -> None:
    assert contradiction(text, text) is None


def test_documents_stay_as_they_are() -> None:
    document = Document("g", "g", GUIDE)
    held = judge(passage(GUIDE)).attribute("No cubre el mal uso.", (0,))
    ((_, (start, end)),) = held.spans
    assert document.text[start - 100 : end - 100] == "No cubre el mal uso."
