"""Whatever a draft says, what is left of it is proved letter by letter, or marked."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import example, given, strategies as st

from rag.answering.citations import CheckedAnswer, Verifier, stands
from rag.answering.draft import MARK, complete_length
from rag.answering.prompts import NOT_FOUND
from rag.schema import Chunk, Document, Passage, Question, Section, Span, Support
from rag.text import split_sentences
from tests.helpers.answering import verify

LIFT = "El ascensor admite ocho personas. Se revisa cada mes."
WARRANTY = "La garantía dura dos años. No cubre el mal uso.\nLas piezas van aparte."
TEXT = f"{LIFT}\n{WARRANTY}"
BORDER = len(LIFT) + 1
DOCUMENT = Document(
    "guia.md",
    "Guía",
    TEXT,
    pages=(0, BORDER),
    sections=(Section(0, BORDER, ("Ascensor",)), Section(BORDER, len(TEXT), ("Garantía",))),
    id=1,
)


def passage(document: Document, start: int, end: int) -> Passage:
    chunk = Chunk(document.id, start, end, document.text[start:end], id=start + 1, language="es")
    return Passage(chunk, document.title, document.path, 0.5)


@dataclass(frozen=True)
class Found:
    support: Support
    score: float
    spans: tuple[tuple[int, Span], ...] = ()
    denied: bool = False


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


class WordJudge:
    """By the share of the words that the best sentence holds: .6 is support, .3 is some."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.passages = passages

    def is_claim(self, text: str) -> bool:
        return any(char.isalnum() for char in text)

    def attribute(self, text: str, cited: Sequence[int]) -> Found:
        held = [self.hold(text, index) for index in cited]
        if all(candidate.support is not Support.SUPPORTED for candidate in held):
            others = [i for i in range(len(self.passages)) if i not in cited]
            held += [candidate for i in others if (candidate := self.hold(text, i)).score >= 0.6]
        best = max(held, key=lambda item: item.score, default=Found(Support.NOT_FOUND, 0.0))
        if best.support is Support.NOT_FOUND:
            return replace(best, spans=())
        same = [candidate for candidate in held if candidate.support is best.support]
        return replace(best, spans=tuple(span for candidate in same for span in candidate.spans))

    def hold(self, text: str, index: int) -> Found:
        chunk = self.passages[index].chunk
        spans = split_sentences(chunk.text) or [(0, len(chunk.text))]
        shares = [
            len(words(text) & words(chunk.text[a:b])) / (len(words(text)) or 1) for a, b in spans
        ]
        share = max(shares)
        a, b = spans[shares.index(share)]
        mark = Support.PARTLY if share >= 0.3 else Support.NOT_FOUND
        mark = Support.SUPPORTED if share >= 0.6 else mark
        return Found(mark, share, ((index, (chunk.start + a, chunk.start + b)),))


PASSAGES = [passage(DOCUMENT, 0, BORDER - 1), passage(DOCUMENT, BORDER, len(TEXT))]
LAST = "El ascensor admite ocho personas. [1]"
UP = "Sube a la luna."


def verifier_of(
    passages: Sequence[Passage] = PASSAGES, document: Document = DOCUMENT, asked: str = ""
) -> Verifier:
    question = Question(asked, asked, asked, "es")
    return Verifier(passages, WordJudge(passages), lambda _: document, question)  # type: ignore[arg-type]


def verified(
    draft: str, passages: Sequence[Passage] = PASSAGES, document: Document | None = DOCUMENT
) -> CheckedAnswer:
    return verify(draft, passages, WordJudge(passages), lambda _: document)


def check(draft: str, document: Document | None = DOCUMENT) -> CheckedAnswer:
    return verified(draft, document=document)


def marks(cited: CheckedAnswer) -> list[tuple[str, Support | None]]:
    return [(block.text, block.support) for block in cited.blocks]


ODD = st.text(st.sampled_from("aAñ 1.?!…\n\t\0[]()«»🙂e\u0301\u200b\u2028Sr"), max_size=60)
MARKS = st.sampled_from("[0] [1] [2] [3] [999] [1000] [01] [1][2] [1 ] [[9]1] [ 1 2] [1".split(" "))
DRAFTS = st.lists(
    st.one_of(ODD, MARKS, st.sampled_from(split_sentences(TEXT)).map(str)), max_size=9
).map("".join)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Document, list[Passage]]:
    text = draw(ODD.filter(len))
    offset = st.integers(0, len(text))
    spans = draw(st.lists(st.tuples(offset, offset).filter(lambda s: s[0] < s[1]), max_size=4))
    document = replace(DOCUMENT, text=text, pages=(0,), sections=())
    return document, [passage(document, start, end) for start, end in spans]


@given(cases(), DRAFTS)
def test_nothing_is_called_proved_that_is_not(
    case: tuple[Document, list[Passage]], draft: str
) -> None:
    document, passages = case
    cited = verified(draft, passages, document)
    for citation in cited.citations:
        assert citation.quote == document.text[citation.start : citation.end] != ""
        assert citation.passage in passages
        assert (
            citation.passage.chunk.start
            <= citation.start
            < citation.end
            <= citation.passage.chunk.end
        )
    numbers = [int(number) for number in MARK.findall(cited.text)]
    assert list(dict.fromkeys(numbers)) == [citation.number for citation in cited.citations]
    assert bool(cited.text) == bool(cited.citations)
    assert cited.text == cited.text.strip()
    for block in cited.blocks:
        assert block.text == block.text.strip() != ""
        assert list(dict.fromkeys(map(int, MARK.findall(block.text)))) == list(block.citations)
        assert bool(block.citations) == (block.support not in (None, Support.NOT_FOUND))
    assert all(block.gap.isspace() or not block.gap for block in cited.blocks)


@given(cases(), DRAFTS)
def test_a_document_that_is_gone_or_changed_proves_nothing(
    case: tuple[Document, list[Passage]], draft: str
) -> None:
    document, passages = case
    changed = replace(document, text="¡" * len(document.text))
    for now in (None, changed):
        assert verified(draft, passages, now) == CheckedAnswer((), ())


@given(cases(), DRAFTS, st.lists(st.integers(0, 90), max_size=6))
@example((DOCUMENT, PASSAGES), "[2] mal uso.[2]La garantía dura", [15])
@example((DOCUMENT, PASSAGES), "[2] La garantía. no cubre. Sr.", [20])
@example((DOCUMENT, PASSAGES), "Ocho personas.\n[1]\nCada mes [1] 1. Ocho [1", [3, 17, 20])
def test_however_it_is_cut_it_reads_the_same_and_takes_nothing_back(
    case: tuple[Document, list[Passage]], draft: str, cuts: list[int]
) -> None:
    document, passages = case
    verifier = verifier_of(passages, document)
    shown = ""
    for start, end in itertools.pairwise([0, *sorted(cuts), len(draft)]):
        shown += verifier.add(draft[start:end])
        assert verifier.checked.text == shown
    shown += verifier.finish()
    assert verifier.checked == verified(draft, passages, document)
    assert verifier.checked.text == shown


@pytest.mark.parametrize(
    ("draft", "ready"),
    [
        ("", ""),
        ("Ocho personas", ""),
        ("Ocho personas. ", ""),
        ("Ocho personas. [1]", ""),
        ("Ocho personas. [1] [", ""),
        ("Ocho personas. [1] Cada", "Ocho personas. [1] "),
        ("[1] Ocho personas. Cada", "[1] Ocho personas. "),
        ("[1] Ocho personas.\n", ""),
        ("[1] Ocho personas.\n[2", ""),
        ("Ocho [1].\n- [2] Dos años. Las", "Ocho [1].\n- [2] Dos años. "),
    ],
)
def test_a_sentence_waits_for_its_marks(draft: str, ready: str) -> None:
    assert draft[: complete_length(draft)] == ready


def test_a_mark_before_its_words_quotes_what_they_rest_on() -> None:
    cited = check("[2] [1] No cubre el mal uso [2], y se revisa cada mes [1].")
    assert cited.text == "No cubre el mal uso [1], y se revisa cada mes [2]."
    assert [citation.quote for citation in cited.citations] == [
        "No cubre el mal uso.",
        "Se revisa cada mes.",
    ]
    assert check("[1] Se revisa cada mes.").text == "Se revisa cada mes. [1]"


def test_marks_are_numbered_as_they_appear() -> None:
    cited = check("La garantía dura dos años [2]. El ascensor admite ocho personas [1].")
    assert cited.text == "La garantía dura dos años [1]. El ascensor admite ocho personas [2]."
    assert [citation.quote for citation in cited.citations] == [
        "La garantía dura dos años.",
        "El ascensor admite ocho personas.",
    ]
    assert [(citation.page, citation.headings) for citation in cited.citations] == [
        (2, ("Garantía",)),
        (1, ("Ascensor",)),
    ]


def test_two_sentences_of_a_passage_are_two_citations_and_one_twice_is_one() -> None:
    cited = check("Admite ocho personas [1]. Se revisa cada mes [1]. El ascensor, ocho [1].")
    assert MARK.findall(cited.text) == ["1", "2", "1"]
    assert cited.citations[1].quote == "Se revisa cada mes."


@pytest.mark.parametrize(
    "draft",
    [
        "El ascensor admite ocho personas. [1]",
        "El ascensor admite ocho personas. [0] [1] [3] [999]",
        "El ascensor admite ocho personas. [7][1][7]",
        "El ascensor admite ocho personas. [2]",
        "El ascensor admite ocho personas.",
        "El ascensor admite ocho personas.\n[1]\n",
    ],
)
def test_marks_of_nothing_go_and_a_proof_that_was_not_cited_comes(draft: str) -> None:
    assert check(draft).text == LAST


@pytest.mark.parametrize(
    "draft", [f"{LAST} {UP}", f"{UP} {LAST}", f"{UP} [1]\n\n{LAST}", f"{UP} [9] {LAST}"]
)
def test_what_has_no_proof_is_marked_and_has_no_citation(draft: str) -> None:
    cited = check(draft)
    assert sorted(marks(cited)) == [(LAST, Support.SUPPORTED), (UP, Support.NOT_FOUND)]
    assert len(cited.citations) == 1


def test_a_sentence_is_as_good_as_its_parts() -> None:
    cited = check("El ascensor admite ocho personas [1] y baja al mar de noche [2].")
    assert cited.text == "El ascensor admite ocho personas [1] y baja al mar de noche."
    assert [block.support for block in cited.blocks] == [Support.PARTLY]


@pytest.mark.parametrize(
    ("draft", "struck"),
    [
        ("La garantía dura tres años [2].", 1),  # another figure
        ("La garantía dura dos años [1].", 0),  # the wrong passage: the mark is mended
        ("La garantía dura dos años, hasta marzo [2].", 1),
        ("La garantía de Otis dura dos años [2].", 1),  # a name of no passage
        ("La garantía de Orona dura dos años [2].", 0),  # the question's
        ("El ascensor admite ocho personas y la garantía dura dos años [1][2].", 0),
        ("4. La garantía dura dos años [2].", 0),  # numbers its own list
    ],
)
def test_a_sentence_with_a_figure_or_name_from_nowhere_is_struck(draft: str, struck: int) -> None:
    verifier = verifier_of(asked="¿Qué garantía da Orona?")
    shown = verifier.add(f"{LAST} {draft} ") + verifier.finish()
    assert verifier.struck == struck
    assert len(verifier.checked.blocks) == 2 - struck
    assert "dos años" in shown or struck


def test_a_name_is_looked_for_in_its_own_language_only() -> None:
    english = replace(PASSAGES[0], chunk=replace(PASSAGES[0].chunk, language="en"))
    verifier = verifier_of([english])
    verifier.add("El ascensor de Londres admite ocho personas [1]. ")
    verifier.finish()
    assert verifier.struck == 0


def test_a_draft_without_any_proof_leaves_nothing() -> None:
    assert check(f"{UP} Baja al mar. [1] [2]") == CheckedAnswer((), ())


def test_nothing_is_given_out_before_the_first_proof() -> None:
    verifier = verifier_of()
    assert verifier.add(f"{UP} Baja al mar. Así es. ") == ""
    assert verifier.add(f"{LAST} Ya") == f"{UP} Baja al mar. Así es. {LAST}"


def test_a_draft_that_was_cut_keeps_its_complete_sentences() -> None:
    for tail, kept in (
        (" Se revisa cada", ""),
        (" Se revisa cada mes.", " Se revisa cada mes. [2]"),
    ):
        verifier = verifier_of()
        shown = verifier.add(LAST + tail) + verifier.finish(cut=True)
        assert shown == LAST + kept


def test_the_words_of_a_refusal_are_not_shown() -> None:
    verifier = verifier_of()
    assert verifier.add(f"{NOT_FOUND['es']} {LAST} Ya") == LAST


def test_what_a_model_dresses_up_is_flattened_first() -> None:
    draft = "El [ascensor](http://evil.example) admite <img src=x>ocho personas [1]. Ya"
    assert verifier_of().add(draft) == "El ascensor admite ocho personas [1]."


@pytest.mark.parametrize(
    ("draft", "text"),
    [
        ("Admite ocho [9], no más [1].", "Admite ocho [1], no más."),
        ("Admite [9] ocho personas [1].", "Admite [1] ocho personas [1]."),
        ("Lo dijo el Sr. ascensor [1].", "Lo dijo el Sr. ascensor [1]."),
        ("1. Ocho personas [1]\n2. Cada mes [1]", "1. Ocho personas [1]\n2. Cada mes [2]"),
        ("Ocho. [1] [2] Cada mes. [1]", "Ocho. [1] Cada mes. [2]"),
        ("[1] Ocho personas.", "Ocho personas. [1]"),
        ("[1]. Ocho personas.\n[1]. Cada mes.", "Ocho personas. [1]\nCada mes. [2]"),
    ],
)
def test_what_is_left_reads_well(draft: str, text: str) -> None:
    assert check(draft).text == text


def test_rows_without_a_full_stop_each_have_their_own_quote() -> None:
    rows = "Compras 9 1.028 3,6 9 4,2\nCalidad 14 2.310 4,3 9 3,0 y una nota mucho más larga"
    document = replace(DOCUMENT, text=rows, sections=())
    found = [passage(document, 0, len(rows))]
    first, second = rows.split("\n")
    cited = verified(f"{first} [1] {second} [1]", found, document)
    assert [citation.quote for citation in cited.citations] == [first, second]


def test_a_gone_document_takes_only_its_own_citations() -> None:
    other = replace(DOCUMENT, id=2)
    found = [PASSAGES[0], passage(other, BORDER, len(TEXT))]
    draft = "La garantía dura dos años [2]. El ascensor admite ocho personas [1]."
    cited = verify(draft, found, WordJudge(found), {1: DOCUMENT}.get)
    assert cited.text == "La garantía dura dos años. El ascensor admite ocho personas [1]."
    assert [citation.passage for citation in cited.citations] == [PASSAGES[0]]


def test_quoted_tells_a_true_quote_from_a_moved_one() -> None:
    (citation,) = check(LAST).citations
    assert stands(citation, lambda _: DOCUMENT)
    assert not stands(citation, lambda _: None)
    assert not stands(replace(citation, start=citation.start + 1), lambda _: DOCUMENT)
    assert not stands(citation, lambda _: replace(DOCUMENT, text=f" {TEXT}"))


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ((19, 32), "ocho personas"),
        ((19, 60), "ocho personas."),
        ((0, len("El ascensor admite ocho personas.")), None),
        ((0, 200), None),
        ((40, 45), None),
        (None, None),
    ],
)
def test_a_citation_knows_which_of_its_words_answer(
    span: tuple[int, int] | None, expected: str | None
) -> None:
    (citation,) = check(LAST).citations
    there = replace(citation, passage=replace(citation.passage, answer_span=span)).answer_span
    assert (there and citation.quote[slice(*there)]) == expected
