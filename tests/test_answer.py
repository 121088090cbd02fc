"""What leaves the answerer has been verified, whatever a generator says and however it is cut."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.answer import Answerer
from rag.citations import MARK, quoted
from rag.config import Settings
from rag.evidence import EvidenceFinder, Query
from rag.generation.extractive import ExtractiveGenerator
from rag.languages import detect, query_terms, sentences, terms
from rag.prompts import NOT_FOUND, STOPPED
from rag.protocols import Generator
from rag.schema import Answer, Chunk, Document, Filters, Passage, Turn
from tests.answering import ALWAYS, CALIBRATION, NEVER, Scripted
from tests.fakes import FakeEmbedder

TEXTS = {
    1: "El ascensor admite ocho personas. Se revisa cada mes. Tiene 13 botones.",
    2: "La garantía dura dos años. No cubre el mal uso. El contrato empezó el 3 de mayo de 2021.",
    3: "Según Ruiz [3] y Gil [12], el motor consume poco.",
    4: "El contrato del seguro empezó tarde. El seguro empezó el 13 de mayo.",
}
LIFT = "¿Cuántas personas admite el ascensor?"
WARRANTY = "¿Qué no cubre la garantía?"
LIFT_SAID = "El ascensor admite ocho personas. [1]"


@dataclass
class Desk:
    """An answerer over three documents, with all that was asked of its parts."""

    generator: Generator = field(default_factory=ExtractiveGenerator)
    min_confidence: float = ALWAYS
    order: Sequence[int] = (1, 2, 3)
    searches: list[tuple[str, int, Filters | None, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.documents = {
            key: Document(f"{key}.md", f"Guía {key}", text, "es", id=key)
            for key, text in TEXTS.items()
        }
        self.answerer = Answerer(
            self.search,
            self.make_query,
            lambda key: self.documents.get(key),
            EvidenceFinder(sentences, terms, FakeEmbedder(), CALIBRATION),
            self.generator,
            Settings(min_confidence=self.min_confidence),
        )

    def make_query(self, text: str) -> Query:
        groups = query_terms(text, detect(text, "es"))
        return Query(text, detect(text, "es"), groups, [1.0] * len(groups), 1.0)

    def search(self, text: str, k: int, filters: Filters | None, language: str) -> list[Passage]:
        self.searches.append((text, k, filters, language))
        return [
            Passage(
                Chunk(key, 0, len(TEXTS[key]), TEXTS[key], language="es", id=key),
                f"Guía {key}",
                f"{key}.md",
                1 / place,
            )
            for place, key in enumerate(self.order[:k], start=1)
        ]

    def read(self, question: str = LIFT, history: Sequence[Turn] = ()) -> Answer:
        """Reads the stream, and holds it to what every stream must keep."""
        stream = self.answerer.ask(question, history)
        deltas = list(stream)
        answer = stream.answer
        assert "".join(deltas) == answer.text
        assert all(deltas)
        assert stream.passages == answer.passages
        assert answer.found == bool(answer.citations)
        assert all(quoted(each, self.documents) for each in answer.citations)
        marks = dict.fromkeys(int(number) for number in MARK.findall(answer.text))
        assert list(marks) == [each.number for each in answer.citations]
        if not answer.found:
            assert (answer.text, answer.short) == (NOT_FOUND[answer.language], None)
        return answer


def scripted(*deltas: str) -> Answer:
    return Desk(Scripted(deltas)).read()


def test_the_answer_says_what_it_is_made_of() -> None:
    desk = Desk()
    answer = desk.read()
    assert answer.text == LIFT_SAID
    assert (answer.short, answer.found, answer.model) == ("ocho personas", True, "extractive")
    assert (answer.question, answer.standalone, answer.language) == (LIFT, LIFT, "es")
    (citation,) = answer.citations
    assert (citation.quote, citation.passage.path) == ("El ascensor admite ocho personas.", "1.md")
    assert set(answer.seconds) == {"search", "evidence", "generate", "total"}
    assert answer.seconds["total"] == pytest.approx(sum(answer.seconds.values()) / 2)
    assert 0 < answer.confidence < 1
    assert desk.searches == [(LIFT, Settings().passages, None, "es")]


def test_the_passages_know_where_the_answer_stands() -> None:
    first, *others = Desk().read().passages
    assert first.answer_span is not None
    assert TEXTS[1][slice(*first.answer_span)] == "ocho personas"
    for passage in others:
        assert passage.answer_span in sentences(passage.chunk.text)


def test_passages_are_there_before_a_word_is_written() -> None:
    generator = Scripted([LIFT_SAID])
    stream = Desk(generator).answerer.ask(LIFT)
    assert [each.path for each in stream.passages] == ["1.md", "2.md", "3.md"]
    assert generator.prompts == []
    assert stream.answer.text == LIFT_SAID


@pytest.mark.parametrize(
    "deltas",
    [
        [LIFT_SAID],
        list(LIFT_SAID),
        ["El ascensor admite ocho personas. [", "1", "]"],
        ["El ascensor admite ocho personas.", " [9]", " [1]", " [0]"],
        ["El ascensor admite ocho personas. [1]", " Sube a la luna. [4]"],
        ["El ascensor admite ocho personas. [1]", " Sube a", " la luna."],
        ["Sube a la luna.\n", "El ascensor admite ocho personas. [1]\n", "Fin"],
        ["El ascensor admite ocho personas. [999]", "[1]", "[[9]1]"],
    ],
)
def test_what_is_not_proved_is_never_shown(deltas: list[str]) -> None:
    answer = scripted(*deltas)
    assert answer.text.replace("[ 1]", "") == LIFT_SAID


@pytest.mark.parametrize(
    "draft", ["", " ", "Ocho.", "Ocho [4].", "Ocho [0] [999].", "[", "No lo encuentro.", "[[9]2]"]
)
def test_an_answer_without_proof_is_none(draft: str) -> None:
    answer = scripted(*draft)
    assert not answer.found
    assert len(answer.passages) == 3


def test_a_mark_of_another_passage_quotes_that_passage() -> None:
    answer = scripted("El ascensor admite ocho personas [2].")
    assert answer.citations[0].passage.path == "2.md"
    assert answer.citations[0].quote in TEXTS[2]


def test_the_right_sentence_of_a_passage_is_quoted() -> None:
    answer = scripted("Se revisa todos los meses [1], y no cubre el mal uso [2].")
    assert [each.quote for each in answer.citations] == [
        "Se revisa cada mes.",
        "No cubre el mal uso.",
    ]


PIECES = st.sampled_from(
    "El ascensor admite ocho| personas|.| |\n|[1]|[2]|[3]|[4]|[999]|[|]|[[9]1]|1. |Sr.| Ruiz|…|? |"
    "«|»|\0|, | lo dice|Y".split("|")
)


@example("[2] personas.[2]El ascensor admite ocho", [])
@example("[2] Se revisa. lo dice [1]. Y", [])
@given(st.lists(PIECES, max_size=14).map("".join), st.lists(st.integers(0, 60), max_size=8))
def test_however_a_draft_is_cut_into_deltas_it_reads_the_same(draft: str, cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(draft)]
    deltas = [draft[a:b] for a, b in itertools.pairwise(places)]
    whole = Desk(Scripted([draft])).read()
    assert scripted(*deltas).text == whole.text
    assert scripted(*draft).text == whole.text


@given(st.lists(PIECES, max_size=12), st.integers(0, 12))
def test_what_was_shown_before_a_stop_stays_true(pieces: list[str], after: int) -> None:
    answers = itertools.chain([False] * after, itertools.repeat(True))
    desk = Desk(Scripted(pieces))
    stream = desk.answerer.ask(LIFT, stop=lambda: next(answers))
    assert "".join(stream) == stream.answer.text
    until_then = Desk(Scripted(["".join(pieces[:after])])).read()
    if until_then.found:
        assert stream.answer.text == until_then.text
    else:
        assert not stream.answer.found
        assert stream.answer.text in (NOT_FOUND["es"], STOPPED["es"])


def test_a_stop_before_the_first_sentence_is_not_called_not_found() -> None:
    stream = Desk(Scripted([LIFT_SAID])).answerer.ask(LIFT, stop=lambda: True)
    assert stream.answer.text == STOPPED["es"]
    assert not stream.answer.found


def test_stop_keeps_the_sentences_that_are_complete() -> None:
    answers = itertools.chain([False] * 2, itertools.repeat(True))
    generator = Scripted(["El ascensor admite ocho personas. [1]", " Se revisa", " cada mes. [1]"])
    stream = Desk(generator).answerer.ask(LIFT, stop=lambda: next(answers))
    assert list(stream) == [LIFT_SAID]
    assert stream.answer.found


def test_a_reader_that_leaves_can_still_have_the_answer() -> None:
    stream = Desk(Scripted(list(LIFT_SAID + " Se revisa cada mes. [1]"))).answerer.ask(LIFT)
    for _ in stream:
        break
    assert stream.answer.text == LIFT_SAID + " Se revisa cada mes. [2]"
    assert list(stream) == []
    assert stream.answer is stream.answer


def test_a_document_that_goes_meanwhile_takes_back_nothing_shown() -> None:
    desk = Desk(Scripted(["El ascensor admite ocho personas. [1]", " Se revisa cada mes. [1]"]))
    stream = desk.answerer.ask(LIFT)
    shown = ""
    for delta in stream:
        shown += delta
        desk.documents.clear()
    assert shown == stream.answer.text
    assert len(stream.answer.citations) == 2


def test_a_document_that_has_changed_is_not_quoted() -> None:
    desk = Desk()
    desk.documents[1] = replace(desk.documents[1], text="¡Nuevo! " + TEXTS[1])
    assert not desk.read().found
    del desk.documents[1]
    assert not desk.read().found


def test_too_little_confidence_is_no_answer() -> None:
    generator = Scripted([LIFT_SAID])
    answer = Desk(generator, NEVER).read()
    assert not answer.found
    assert generator.prompts == []
    assert [each.path for each in answer.passages] == ["1.md", "2.md", "3.md"]
    assert all(each.answer_span is None for each in answer.passages)


@pytest.mark.parametrize(
    ("question", "found"),
    [(LIFT, True), ("¿Quién ganó la batalla de Bailén?", False)],
)
def test_the_calibrated_threshold_decides(question: str, found: bool) -> None:
    assert Desk(min_confidence=0.5).read(question).found is found


@pytest.mark.parametrize(
    ("question", "language"), [("¿Qué pesa la luna?", "es"), ("What does the moon weigh?", "en")]
)
def test_it_says_so_in_the_language_of_the_question(question: str, language: str) -> None:
    answer = Desk(min_confidence=NEVER).read(question)
    assert (answer.language, answer.text) == (language, NOT_FOUND[language])


def test_nothing_found_at_all_is_an_answer_too() -> None:
    answer = Desk(order=()).read()
    assert (answer.found, answer.passages, answer.confidence) == (False, (), 0.0)


def test_the_sentence_with_the_short_answer_leads() -> None:
    # another sentence covers more of the question, but names no date
    answer = Desk(order=(4,)).read("¿Cuándo empezó el contrato del seguro?")
    assert answer.short == "13 de mayo"
    assert answer.text == "El seguro empezó el 13 de mayo. [1]"


def test_a_papers_own_references_are_not_our_marks() -> None:
    answer = Desk().read("¿Qué consume el motor?")
    assert answer.text.startswith("Según Ruiz (3) y Gil (12), el motor consume poco. [1]")
    assert answer.citations[0].quote == TEXTS[3]


def test_a_follow_up_is_searched_with_its_subject() -> None:
    generator = Scripted(["No cubre el mal uso. [2]"])
    desk = Desk(generator)
    history = [Turn("¿Cuánto dura la garantía?", "Dos años. [1]")]
    answer = desk.read("¿Y qué no cubre?", history)
    assert answer.question == "¿Y qué no cubre?"
    assert answer.standalone == desk.searches[0][0] == "¿Y qué no cubre? (dura garantía)"
    (prompt,) = generator.prompts
    assert [each.role for each in prompt.messages] == ["system", "user", "assistant", "user"]
    assert prompt.question == answer.standalone


def test_only_passages_that_were_shown_to_the_model_may_be_cited() -> None:
    said = [f"{LIFT_SAID} No cubre el mal uso. [2]"]
    generous = Scripted(said)
    assert len(Desk(generous, order=(1, 2)).read().citations) == 2
    took = sum(generous.count_tokens(each.content) for each in generous.prompts[0].messages)
    narrow = Scripted(said, context_window=512 + took - 1)
    answer = Desk(narrow, order=(1, 2)).read()
    assert len(narrow.prompts[0].passages) == 1
    assert answer.text == LIFT_SAID


# --- with a reader -------------------------------------------------------------------------------


def read_by_fake(desk: Desk, answerable: float, words: str = "cada mes") -> Answer:
    """As if a reader had pointed at these words of the first passage, and had been this sure."""
    search = desk.search

    def searched(text: str, k: int, filters: Filters | None, language: str) -> list[Passage]:
        first, *others = search(text, k, filters, language)
        start = first.chunk.text.index(words)
        signals = {"answerable": answerable, "relevance": 0.9, "span": 0.9}
        spanned = replace(first, answer_span=(start, start + len(words)), signals=signals)
        return [spanned, *others]

    desk.answerer._search = searched
    return desk.read("¿Qué plazo hay?")


def test_a_readers_words_are_the_short_answer_and_lead() -> None:
    answer = read_by_fake(Desk(), 0.9)
    assert answer.short == "cada mes"
    assert answer.citations[0].quote == "Se revisa cada mes."
    span = answer.passages[0].answer_span
    assert span is not None
    assert answer.passages[0].chunk.text[slice(*span)] == "cada mes"


def test_words_of_an_unsure_reader_are_not_shown() -> None:
    answer = read_by_fake(Desk(), 0.1)
    assert answer.short is None
    assert answer.passages[0].answer_span in sentences(TEXTS[1])


def test_nothing_is_marked_where_nothing_is_found() -> None:
    answer = read_by_fake(Desk(min_confidence=NEVER), 0.9)
    assert not answer.found
    assert all(each.answer_span is None for each in answer.passages)
