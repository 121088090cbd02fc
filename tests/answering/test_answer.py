"""What leaves the answerer has been verified, whatever a generator says and however it is cut."""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import example, given, strategies as st

from rag.answering import Answerer
from rag.answering.citations import stands
from rag.answering.draft import MARK
from rag.answering.evidence import EvidenceScorer
from rag.answering.prompts import NOT_FOUND, STOPPED
from rag.config import Settings
from rag.protocols import Generator
from rag.schema import (
    Answer,
    Block,
    BlockKind,
    Chunk,
    Document,
    Fallback,
    Filters,
    Note,
    NoteKind,
    Passage,
    Question,
    Support,
    Turn,
    WeightedTerms,
)
from rag.text import split_sentences
from tests.helpers.answering import ALWAYS, CALIBRATION, NEVER, FakeAnalyzer, Scripted
from tests.helpers.fakes import FakeEmbedder

TEXTS = {
    1: "El ascensor admite ocho personas. Se revisa cada mes. Tiene 13 botones.",
    2: "La garantía dura dos años. No cubre el mal uso. El contrato empezó el 3 de mayo de 2021.",
    3: "Según Ruiz [3] y Gil [12], el motor consume poco.",
    5: "Según el anexo, la garantía dura tres años. Nada más.",
    6: "El motor M-20 admite ocho. El motor M-200 admite nueve.",
    4: "El contrato del seguro empezó tarde. El seguro empezó el 13 de mayo.",
}
LIFT = "¿Cuántas personas admite el ascensor?"
WARRANTY = "¿Qué no cubre la garantía?"
LIFT_SAID = "El ascensor admite ocho personas. [1]"
UP = "Sube a la luna."


@dataclass
class Desk:
    """An answerer over three documents, with all that was asked of its parts."""

    generator: Generator | None = None
    min_confidence: float = ALWAYS
    order: Sequence[int] = (1, 2, 3)
    searches: list[tuple[Question, int]] = field(default_factory=list)

    written_answers: str = "always"

    def __post_init__(self) -> None:
        self.documents = {
            key: Document(f"{key}.md", f"Guía {key}", text, "es", id=key)
            for key, text in TEXTS.items()
        }
        self.answerer = Answerer(
            FakeAnalyzer(),
            self,  # type: ignore[arg-type]
            EvidenceScorer(FakeEmbedder(), CALIBRATION),
            lambda key: self.documents.get(key),
            self.generator,
            Settings(min_confidence=self.min_confidence, written_answers=self.written_answers),
            FakeEmbedder(),
        )

    def search(self, question: Question, k: int) -> list[Passage]:
        self.searches.append((question, k))
        return [
            Passage(
                Chunk(key, 0, len(TEXTS[key]), TEXTS[key], language="es", id=key),
                f"Guía {key}",
                f"{key}.md",
                1 / rank,
            )
            for rank, key in enumerate(self.order[:k], start=1)
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
        assert all(stands(citation, self.documents.get) for citation in answer.citations)
        marks = dict.fromkeys(int(number) for number in MARK.findall(answer.text))
        assert list(marks) == [citation.number for citation in answer.citations]
        assert {number for block in answer.blocks for number in block.citations} == set(marks)
        if not answer.found:
            assert (answer.text, answer.short) == (NOT_FOUND[answer.question.language], None)
        return answer


def scripted(*deltas: str) -> Answer:
    return Desk(Scripted(deltas)).read()


def test_the_answer_says_what_it_is_made_of() -> None:
    desk = Desk()
    answer = desk.read()
    assert answer.text == LIFT_SAID
    assert (answer.short, answer.found, answer.model) == (None, True, "extractive")
    question = answer.question
    assert (question.text, question.standalone, question.language) == (LIFT, LIFT, "es")
    (citation,) = answer.citations
    assert (citation.quote, citation.passage.path) == ("El ascensor admite ocho personas.", "1.md")
    assert answer.blocks == (Block(BlockKind.SENTENCE, LIFT_SAID, (1,), Support.SUPPORTED, 1.0),)
    assert set(answer.seconds) == {"search", "evidence", "generate", "total"}
    assert answer.seconds["total"] == pytest.approx(sum(answer.seconds.values()) / 2)
    assert 0 < answer.confidence < 1
    assert desk.searches == [(answer.question, Settings().passages)]


def test_the_passages_know_where_the_answer_stands() -> None:
    for passage in Desk().read().passages:
        assert passage.answer_span in split_sentences(passage.chunk.text)


def test_passages_are_there_before_a_word_is_written() -> None:
    generator = Scripted([LIFT_SAID])
    stream = Desk(generator).answerer.ask(LIFT)
    assert [passage.path for passage in stream.passages] == ["1.md", "2.md", "3.md"]
    assert generator.prompts == []
    assert stream.answer.text == LIFT_SAID


@pytest.mark.parametrize(
    "deltas",
    [
        [LIFT_SAID],
        list(LIFT_SAID),
        ["El ascensor admite ocho personas. [", "1", "]"],
        ["El ascensor admite ocho personas.", " [9]", " [1]", " [0]"],
        ["El ascensor admite ocho personas.", " [2]"],
        ["El ascensor admite ", "ocho personas."],
        ["El ascensor admite ocho personas. [999]", "[1]"],
    ],
)
def test_every_sentence_cites_what_proves_it(deltas: list[str]) -> None:
    answer = scripted(*deltas)
    assert answer.text == LIFT_SAID
    (block,) = answer.blocks
    assert (block.support, block.citations) == (Support.SUPPORTED, (1,))


@pytest.mark.parametrize(
    "deltas",
    [
        [LIFT_SAID, f" {UP} [4]"],
        [LIFT_SAID, " Sube a", " la luna."],
        [f"{UP}\n", LIFT_SAID],
        [f"{UP} [3] ", LIFT_SAID],
    ],
)
def test_a_sentence_without_proof_is_marked(deltas: list[str]) -> None:
    answer = scripted(*deltas)
    supports = {block.text: block.support for block in answer.blocks}
    assert supports == {LIFT_SAID: Support.SUPPORTED, UP: Support.NOT_FOUND}


@pytest.mark.parametrize("draft", ["", " ", "Cien [4].", f"{UP} [1] [2]", "["])
def test_where_a_model_proves_nothing_the_documents_words_stand(draft: str) -> None:
    answer = scripted(draft)
    assert (answer.text, answer.model) == (LIFT_SAID, "extractive")
    assert answer.extractive is not None
    assert answer.extractive.text == LIFT_SAID


@pytest.mark.parametrize("draft", [NOT_FOUND["es"], "The passages do not mention it. [1]"])
def test_where_a_model_finds_nothing_the_documents_words_stand(draft: str) -> None:
    answer = scripted(draft)
    assert (answer.text, answer.model) == (LIFT_SAID, "extractive")


def test_where_a_model_speaks_of_something_else_the_documents_words_stand() -> None:
    """It proves what it says, and misses what answers best."""
    other = "La garantía dura dos años. [2]"
    desk = Desk(Scripted([other]), order=(1, 2))
    assert desk.read().text == LIFT_SAID
    both = Desk(Scripted([other, f" {LIFT_SAID}"]), order=(1, 2))
    stream = both.answerer.ask(LIFT)
    assert [len(stream.blocks) for _ in stream] == [2], "nothing is shown before it agrees"
    assert stream.answer.text.startswith("La garantía dura dos años.")


@pytest.mark.parametrize(
    ("question", "written"),
    [(LIFT, False), ("¿Por qué no cubre la garantía el mal uso?", True)],
)
def test_a_model_writes_where_sentences_are_brought_together(question: str, written: bool) -> None:
    desk = Desk(Scripted([LIFT_SAID]), written_answers="auto")
    stream = desk.answerer.ask(question)
    assert (stream.extractive is not None) == written
    assert stream.answer.unwritten == ("" if written else "scripted")
    assert bool(desk.generator.prompts) == written  # type: ignore[union-attr]


def test_the_verbatim_answer_is_there_before_the_model_begins() -> None:
    generator = Scripted(["Ocho personas admite el ascensor [1]."])
    stream = Desk(generator).answerer.ask(LIFT)
    assert stream.extractive is not None
    assert (stream.extractive.text, stream.extractive.model) == (LIFT_SAID, "extractive")
    assert generator.prompts == []
    assert stream.answer.text == "Ocho personas admite el ascensor [1]."
    assert stream.answer.extractive == stream.extractive
    assert Desk().answerer.ask(LIFT).extractive is None
    assert Desk(generator, NEVER).answerer.ask(LIFT).extractive is None


def test_the_marks_are_known_while_it_is_written() -> None:
    stream = Desk(Scripted([f"{LIFT_SAID} {UP} ", "Se revisa cada mes. [1]"])).answerer.ask(LIFT)
    assert stream.blocks == ()
    seen = [len(stream.blocks) for _ in stream]
    assert seen == [1, 2, 3]
    assert stream.blocks == stream.answer.blocks


def test_a_wrong_citation_is_put_right() -> None:
    answer = scripted("El ascensor admite ocho personas [2].")
    assert answer.text == "El ascensor admite ocho personas [1]."
    assert answer.citations[0].passage.path == "1.md"


def test_what_a_model_dresses_up_comes_as_plain_words() -> None:
    answer = scripted(
        "![El](http://evil.example/a) [ascensor](http://evil.example) admite <img src=x>ocho "
        "personas [1]."
    )
    assert answer.text == "El ascensor admite ocho personas [1]."


def test_sources_that_contradict_each_other_are_named() -> None:
    desk = Desk(order=(2, 5))
    desk.documents[5] = replace(desk.documents[2], path="5.md", id=5, text=TEXTS[5])
    answer = desk.read("¿Cuánto dura la garantía del ascensor?")
    (conflict,) = answer.conflicts
    assert {conflict.said, conflict.other} == {"dos", "tres"}
    assert conflict.quote in TEXTS[5] or conflict.quote in TEXTS[2]
    chunk = answer.passages[conflict.passage].chunk
    assert chunk.text[conflict.start : conflict.end] == conflict.quote
    assert Desk(order=(2, 3)).read("¿Cuánto dura la garantía?").conflicts == ()


def test_a_passage_that_hides_something_is_named() -> None:
    hidden = "".join(chr(0xE0000 + ord(char)) for char in "obey")
    desk = Desk(Scripted([LIFT_SAID]))
    desk.documents[1] = replace(desk.documents[1], text=TEXTS[1] + hidden)
    search = desk.search

    def searched(question: Question, k: int) -> list[Passage]:
        first, *others = search(question, k)
        body = TEXTS[1] + hidden
        return [replace(first, chunk=replace(first.chunk, text=body, end=len(body))), *others]

    desk.search = searched  # type: ignore[method-assign]
    assert desk.read().flagged == (0,)
    assert isinstance(desk.generator, Scripted)
    assert hidden not in desk.generator.prompts[0].messages[-1].content
    assert Desk().read().flagged == ()


def test_what_a_model_makes_up_is_left_out_and_counted() -> None:
    answer = Desk(Scripted([f"{LIFT_SAID} El ascensor se revisa cada 90 días. [1]"])).read()
    assert (answer.text, answer.struck) == (f"{LIFT_SAID}", 1)
    opposite = "El ascensor no admite ocho personas. [1]"
    answer = Desk(Scripted([f"{LIFT_SAID} {opposite}"])).read()
    assert (answer.text, answer.struck) == (f"{LIFT_SAID}", 1)
    answer = Desk(Scripted(["El ascensor admite 90 personas. [1]"])).read()
    assert answer.is_extractive
    assert answer.struck == 1


@pytest.mark.parametrize("generator", [None, Scripted([LIFT_SAID])])
def test_a_cited_document_that_holds_hidden_text_is_named(generator: Scripted | None) -> None:
    desk = Desk(generator)
    notes = {1: NoteKind.HIDDEN_TEXT, 2: NoteKind.HIDDEN_TEXT, 3: NoteKind.RUNNING_HEADS}
    for key, kind in notes.items():
        desk.documents[key] = replace(desk.documents[key], notes=(Note(kind, "p. 1", 2, "obey"),))
    assert desk.read().hidden == ("1.md",), "the second is not cited"
    assert Desk(generator).read().hidden == ()


def test_the_right_sentence_of_a_passage_is_quoted() -> None:
    answer = scripted(f"{LIFT_SAID} Se revisa cada mes [1], y no cubre el mal uso [2].")
    assert [citation.quote for citation in answer.citations[1:]] == [
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
    cuts_at = [0, *sorted(cuts), len(draft)]
    deltas = [draft[a:b] for a, b in itertools.pairwise(cuts_at)]
    whole = Desk(Scripted([draft])).read()
    assert scripted(*deltas).text == whole.text
    assert scripted(*draft).text == whole.text


@given(st.lists(PIECES, max_size=12), st.integers(0, 12))
def test_what_was_shown_before_a_stop_stays_true(pieces: list[str], after: int) -> None:
    answers = itertools.chain([False] * after, itertools.repeat(True))
    stream = Desk(Scripted(pieces)).answerer.ask(LIFT, stop=lambda: next(answers))
    assert "".join(stream) == stream.answer.text
    whole = Desk(Scripted(["".join(pieces[:after])])).read()
    if stream.answer.model == "scripted":
        assert whole.text.startswith(stream.answer.text)
    else:
        assert stream.answer.text == LIFT_SAID


def test_a_stop_before_the_first_sentence_leaves_the_verbatim_answer() -> None:
    stream = Desk(Scripted([LIFT_SAID])).answerer.ask(LIFT, stop=lambda: True)
    assert (stream.answer.text, stream.answer.model) == (LIFT_SAID, "extractive")


@pytest.mark.parametrize(
    ("said", "after", "room", "why"),
    [
        ([], 0, 8192, Fallback.STOPPED),
        (["El ascensor ", "es azul"], 1, 8192, Fallback.STOPPED),
        (["El ascensor admite 90 personas. [1] ", "Y"], 1, 8192, Fallback.STOPPED),
        (["El ascensor admite 90 personas. [1]"], 99, 8192, Fallback.UNPROVED),
        (["La luna es de queso. [1]"], 99, 8192, Fallback.UNPROVED),
        ([NOT_FOUND["es"]], 99, 8192, Fallback.SILENT),
        ([" "], 99, 8192, Fallback.SILENT),
        ([LIFT_SAID], 99, 520, Fallback.NO_ROOM),
        ([LIFT_SAID], 99, 8192, None),
    ],
)
def test_the_verbatim_answer_says_why_it_stands_alone(
    said: list[str], after: int, room: int, why: Fallback | None
) -> None:
    stops = itertools.chain([False] * after, itertools.repeat(True))
    desk = Desk(Scripted(said, context_window=room))
    answer = desk.answerer.ask(LIFT, stop=lambda: next(stops)).answer
    assert (answer.fallback, answer.is_extractive) == (why, why is not None)


def test_a_model_that_quotes_word_for_word_has_written() -> None:
    answer = Desk(Scripted([LIFT_SAID])).read()
    assert answer.extractive is not None
    assert answer.text == answer.extractive.text
    assert not answer.is_extractive


def test_a_stop_before_the_first_quote_is_not_called_not_found() -> None:
    desk = Desk(Scripted([LIFT_SAID]))
    del desk.documents[1], desk.documents[2], desk.documents[3]
    stream = desk.answerer.ask(LIFT, stop=lambda: True)
    assert stream.answer.text == STOPPED["es"]
    assert not stream.answer.found


def test_stop_keeps_the_sentences_that_are_complete() -> None:
    answers = itertools.chain([False] * 2, itertools.repeat(True))
    generator = Scripted([f"{LIFT_SAID} Se", " revisa", " cada mes. [1]"])
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
    desk = Desk(Scripted(["El ascensor admite ocho personas. [1] Se", " revisa cada mes. [1]"]))
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
    assert [passage.path for passage in answer.passages] == ["1.md", "2.md", "3.md"]
    assert all(passage.answer_span is None for passage in answer.passages)


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
    assert (answer.question.language, answer.text) == (language, NOT_FOUND[language])


def test_what_comes_nearest_is_no_bare_heading() -> None:
    text = "Normas\n\nEl ascensor admite ocho personas."
    desk = Desk(min_confidence=NEVER, order=(6,))
    desk.documents[6] = Document("6.md", "Guía", text, "es", id=6)
    chunk = Chunk(6, 0, len(text), text, language="es", headings=("Normas",), id=6)
    desk.search = lambda question, k: [Passage(chunk, "Guía", "6.md", 1.0)]  # type: ignore[method-assign]
    (nearest,) = desk.read().nearest
    assert nearest.quote == "El ascensor admite ocho personas."


def test_nothing_found_at_all_is_an_answer_too() -> None:
    answer = Desk(order=()).read()
    assert (answer.found, answer.passages, answer.confidence) == (False, (), 0.0)


def test_a_papers_own_references_are_not_our_marks() -> None:
    answer = Desk().read("¿Qué consume el motor?")
    assert answer.text.startswith("Según Ruiz (3) y Gil (12), el motor consume poco. [1]")
    assert answer.citations[0].quote == TEXTS[3]


def test_a_follow_up_is_searched_with_its_subject() -> None:
    generator = Scripted(["No cubre el mal uso. [2]"])
    desk = Desk(generator)
    history = [Turn("¿Cuánto dura la garantía?", "Dos años. [1]")]
    answer = desk.read("¿Y qué no cubre?", history)
    assert answer.question.text == "¿Y qué no cubre?"
    assert answer.question.standalone == "¿Y qué no cubre? (garantía)"
    assert [question for question, _ in desk.searches] == [answer.question]
    (prompt,) = generator.prompts
    assert [message.role for message in prompt.messages] == ["system", "user", "assistant", "user"]
    assert "[1]" not in prompt.messages[2].content
    assert answer.question.standalone in prompt.messages[-1].content


def test_only_passages_that_were_shown_to_the_model_may_be_cited() -> None:
    sentences = [f"{LIFT_SAID} No cubre el mal uso. [2]"]
    generous = Scripted(sentences)
    assert len(Desk(generous, order=(1, 2)).read().citations) == 2
    took = sum(generous.count_tokens(message.content) for message in generous.prompts[0].messages)
    narrow = Scripted(sentences, context_window=512 + took - 1)
    answer = Desk(narrow, order=(1, 2)).read()
    assert len(narrow.prompts[0].passages) == answer.used == 1
    assert answer.text == f"{LIFT_SAID} No cubre el mal uso."
    assert len(answer.citations) == 1


def test_where_not_one_passage_fits_the_model_is_not_asked() -> None:
    tiny = Scripted([LIFT_SAID], context_window=520)
    answer = Desk(tiny).read()
    assert tiny.prompts == []
    assert (answer.text, answer.model, answer.used) == (LIFT_SAID, "extractive", 0)


# --- questions of several parts ------------------------------------------------------------------


def in_parts(desk: Desk, *questions: str) -> Answer:
    """The answer to a question that is understood as these."""
    analyze = desk.answerer._analyzer.analyze

    def analyzed(text: str, *arguments: object, **named: object) -> Question:
        parts = tuple(analyze(question) for question in questions)
        return replace(analyze(text), parts=parts)

    desk.answerer._analyzer.analyze = analyzed  # type: ignore[method-assign]
    return desk.read(" y ".join(questions))


def test_two_parts_are_two_answers() -> None:
    answer = in_parts(Desk(), LIFT, "¿Qué consume el motor?")
    assert answer.text.startswith(f"{LIFT_SAID}\nSegún Ruiz (3)")
    assert [citation.passage.path for citation in answer.citations] == ["1.md", "3.md"]
    assert answer.short is None
    assert len({passage.chunk.id for passage in answer.passages}) == len(answer.passages)


def test_a_part_that_nothing_answers_is_said_to_be_open() -> None:
    answer = in_parts(Desk(min_confidence=0.5), LIFT, "¿Quién ganó la batalla de Bailén?")
    assert answer.found
    assert answer.text == (
        f"{LIFT_SAID}\nDe «¿Quién ganó la batalla de Bailén?» no encuentro nada en tus documentos."
    )


# --- one question --------------------------------------------------------------------------------


def test_a_question_is_read_once() -> None:
    counts = {"language": 0, "terms": 0}

    class Counting(FakeAnalyzer):
        def language(self, text: str, history: Sequence[Turn] = ()) -> str:
            counts["language"] += 1
            return super().language(text, history)

        def _terms(self, text: str, language: str, translate: bool = True) -> WeightedTerms:
            counts["terms"] += 1
            return super()._terms(text, language, translate)

    desk = Desk()
    desk.answerer._analyzer = Counting()
    for module in ("evidence", "stream", "citations", "extractive_answer", "answer_span"):
        source = importlib.import_module(f"rag.answering.{module}")
        assert not {"detect_language", "query_terms"} & set(vars(source)), module
    desk.read("¿Qué no cubre la garantía del ascensor?")
    assert counts == {"language": 1, "terms": 1}


def test_a_follow_up_in_the_other_language_is_searched_and_weighed_in_its_own() -> None:
    desk = Desk()
    history = [Turn("How much does the warranty of the lift cover?", "Two years.")]
    answer = desk.read("¿Y la cabina?", history)
    assert answer.question.standalone != "¿Y la cabina?"
    assert answer.question.language == "es"
    assert [question.language for question, _ in desk.searches] == ["es"]
    assert answer.signals["foreign"] == 0.0, "the evidence of Spanish passages is not foreign to it"


def test_an_identifier_that_is_nowhere_is_not_in_the_documents() -> None:
    class Knowing(FakeAnalyzer):
        def _occurs(self, filters: Filters, terms: Sequence[str]) -> bool:
            return "m-20" in terms

    desk = Desk(order=(6,))
    desk.answerer._analyzer = Knowing()
    assert desk.read("¿Cuántos admite el motor M-20?").found
    assert not desk.read("¿Cuántos admite el motor M-7?").found


def test_only_sentences_about_the_code_that_is_asked_for_answer() -> None:
    desk = Desk(order=(6,))
    answer = desk.read("¿Cuántos admite el motor M-20?")
    assert "ocho" in answer.text
    assert "nueve" not in answer.text
    assert not desk.read("¿Cuántos admite el motor M-2?").found
