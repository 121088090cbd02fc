"""Whatever a draft says, what is left of it is proved letter by letter."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.citations import MARK, Cited, quoted, settled, verify
from rag.languages import sentences
from rag.readers import read
from rag.schema import Chunk, Document, Passage, Section, Sentence

CORPUS = Path(__file__).parent.parent / "corpus/documents"
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
    chunk = Chunk(document.id, start, end, document.text[start:end], id=start + 1)
    return Passage(chunk, document.title, document.path, 0.5)


def split(passages: list[Passage]) -> list[Sentence]:
    return [
        Sentence(index, each.chunk.start + a, each.chunk.start + b, each.chunk.text[a:b])
        for index, each in enumerate(passages)
        for a, b in sentences(each.chunk.text)
    ]


PASSAGES = [passage(DOCUMENT, 0, BORDER - 1), passage(DOCUMENT, BORDER, len(TEXT))]
LAST = "El ascensor admite ocho personas. [1]"


def check(draft: str, document: Document | None = DOCUMENT) -> Cited:
    return verify(draft, PASSAGES, split(PASSAGES), lambda _: document, sentences)


ODD = st.text(st.sampled_from("aAñ 1.?!…\n\t\0[]()«»🙂e\u0301\u200b\u2028Sr"), max_size=60)
MARKS = st.sampled_from("[0] [1] [2] [3] [999] [1000] [01] [1][2] [1 ] [[9]1] [ 1 2] [1".split(" "))
DRAFTS = st.lists(st.one_of(ODD, MARKS, st.sampled_from(sentences(TEXT)).map(str)), max_size=9).map(
    "".join
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Document, list[Passage], list[Sentence]]:
    text = draw(ODD.filter(len))
    place = st.integers(0, len(text))
    spans = draw(st.lists(st.tuples(place, place).filter(lambda s: s[0] < s[1]), max_size=4))
    document = replace(DOCUMENT, text=text, pages=(0,), sections=())
    passages = [passage(document, start, end) for start, end in spans]
    kept = draw(st.integers(0, 9))  # some passages have no evidence of their own
    return document, passages, split(passages)[:kept]


@given(cases(), DRAFTS)
def test_nothing_unproved_is_left(
    case: tuple[Document, list[Passage], list[Sentence]], draft: str
) -> None:
    document, passages, evidence = case
    cited = verify(draft, passages, evidence, {document.id: document}.get, sentences)
    for each in cited.citations:
        assert each.quote == document.text[each.start : each.end] != ""
        assert each.passage in passages
        assert each.passage.chunk.start <= each.start < each.end <= each.passage.chunk.end
    marks = [int(number) for number in MARK.findall(cited.text)]
    assert list(dict.fromkeys(marks)) == [each.number for each in cited.citations]
    assert bool(cited.text) == bool(cited.citations)


@given(cases(), DRAFTS)
def test_a_document_that_is_gone_or_changed_proves_nothing(
    case: tuple[Document, list[Passage], list[Sentence]], draft: str
) -> None:
    document, passages, evidence = case
    changed = replace(document, text="¡" * len(document.text))
    for now in (None, changed):
        cited = verify(draft, passages, evidence, lambda _, now=now: now, sentences)  # type: ignore[misc]
        assert cited == Cited("", ())


@given(cases(), DRAFTS, st.integers(0, 90))
@example((DOCUMENT, PASSAGES, split(PASSAGES)), "[2] mal uso.[2]La garantía dura", 15)
@example((DOCUMENT, PASSAGES, split(PASSAGES)), "[2] La garantía. no cubre. Sr.", 20)
def test_what_is_settled_stays_as_it_is(
    case: tuple[Document, list[Passage], list[Sentence]], draft: str, written: int
) -> None:
    document, passages, evidence = case
    early = draft[: settled(draft[:written], sentences)]
    shown, whole = (
        verify(each, passages, evidence, {document.id: document}.get, sentences)
        for each in (early, draft)
    )
    assert whole.text.startswith(shown.text)
    assert whole.citations[: len(shown.citations)] == shown.citations


@pytest.mark.parametrize(
    ("draft", "ready"),
    [
        ("", ""),
        ("Ocho personas", ""),
        ("Ocho personas. ", "Ocho personas."),
        ("Ocho personas. [1] Cada", "Ocho personas. [1]"),
        ("[1] Ocho personas. Cada", ""),
        ("[1] Ocho personas.\nCada", "[1] Ocho personas.\n"),
        ("[1] Ocho personas. Cada mes [1]", "[1] Ocho personas. Cada mes [1]"),
        ("Ocho [1].\n- [2] Dos años. Las", "Ocho [1].\n"),
    ],
)
def test_a_mark_waits_for_its_words(draft: str, ready: str) -> None:
    assert draft[: settled(draft, sentences)] == ready


def test_a_mark_before_its_words_quotes_what_they_rest_on() -> None:
    cited = check("[2] [1] No cubre el mal uso [1], y se revisa cada mes.")
    assert cited.text == "[1] [2] No cubre el mal uso [2], y se revisa cada mes."
    assert cited.citations[0].quote == "No cubre el mal uso."
    assert check("[1] Se revisa cada mes.").citations[0].quote == "Se revisa cada mes."


def test_marks_are_numbered_as_they_appear() -> None:
    cited = check("La garantía dura dos años [2]. El ascensor admite ocho personas [1].")
    assert cited.text == "La garantía dura dos años [1]. El ascensor admite ocho personas [2]."
    assert [each.quote for each in cited.citations] == [
        "La garantía dura dos años.",
        "El ascensor admite ocho personas.",
    ]
    assert [(each.page, each.headings) for each in cited.citations] == [
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
        "El ascensor admite ocho personas. [1] Sube a la luna.",
        "Sube a la luna. El ascensor admite ocho personas. [1] Baja al mar. [9]",
        "Sube a la luna [3]. El ascensor admite ocho personas. [1]",
        "Sube a la luna.\n\nEl ascensor admite ocho personas. [1]\n\nBaja al mar [[9]1]",
    ],
)
def test_what_has_no_proof_goes(draft: str) -> None:
    assert check(draft).text == LAST


@pytest.mark.parametrize(
    ("draft", "text"),
    [
        ("Admite ocho [9], no más [1].", "Admite ocho, no más [1]."),
        ("Admite [9] ocho personas [1].", "Admite ocho personas [1]."),
        ("Se usa .NET , dicen [1] .", "Se usa .NET , dicen [1] ."),
        ("Ocho [[9]1] [1].", "Ocho [ 1] [1]."),
        ("Lo dijo el Sr. Ruiz [1].", "Lo dijo el Sr. Ruiz [1]."),
        ("1. Ocho personas [1]\n2. Cada mes [1]", "1. Ocho personas [1]\n2. Cada mes [2]"),
        ("Ocho. [1] [2] Cada mes. [1]", "Ocho. [1] [2] Cada mes. [3]"),
        ("43.150 [1]. Sube a la luna.", "43.150 [1]."),
        ("[1] Ocho personas.", "[1] Ocho personas."),
    ],
)
def test_what_is_left_reads_well(draft: str, text: str) -> None:
    assert check(draft).text == text


def test_rows_without_a_full_stop_each_have_their_own_quote() -> None:
    rows = "Compras 9 1.028 3,6 9 4,2\nCalidad 14 2.310 4,3 9 3,0 y una nota mucho más larga"
    document = replace(DOCUMENT, text=rows, sections=())
    found = [passage(document, 0, len(rows))]
    first, second = rows.split("\n")
    cited = verify(f"{first} [1] {second} [1]", found, split(found), lambda _: document, sentences)
    assert [each.quote for each in cited.citations] == [first, second]


@pytest.mark.parametrize("name", ["es/sesgos.md", "en/evaluation-metrics.pdf"])
def test_a_draft_of_quotes_is_kept_and_each_has_its_own(name: str) -> None:
    document = replace(read(CORPUS / name).document, id=1)
    found = [passage(document, 0, len(document.text))]
    evidence = [each for each in split(found) if len(each.text) > 20]
    for three in zip(evidence, evidence[7:], evidence[3:], strict=False):
        words = [" ".join(each.text.split()) for each in three]
        draft = " ".join(f"{each} [1]" for each in words)
        cited = verify(draft, found, evidence, lambda _: document, sentences)
        assert MARK.sub("[1]", cited.text) == draft
        assert [" ".join(each.quote.split()) for each in cited.citations] == words


def test_without_evidence_the_whole_passage_is_quoted() -> None:
    (citation,) = verify(LAST, PASSAGES, [], lambda _: DOCUMENT, sentences).citations
    assert citation.quote == LIFT


def test_a_gone_document_takes_only_its_own_citations() -> None:
    other = replace(DOCUMENT, id=2)
    found = [PASSAGES[0], passage(other, BORDER, len(TEXT))]
    draft = "La garantía dura dos años [2]. El ascensor admite ocho personas [1]."
    cited = verify(draft, found, split(found), {1: DOCUMENT}.get, sentences)
    assert cited.text == "El ascensor admite ocho personas [1]."
    assert [each.passage for each in cited.citations] == [PASSAGES[0]]


def test_quoted_tells_a_true_quote_from_a_moved_one() -> None:
    (citation,) = check(LAST).citations
    assert quoted(citation, {1: DOCUMENT})
    assert quoted(citation, lambda _: DOCUMENT)
    assert not quoted(citation, {})
    assert not quoted(replace(citation, start=citation.start + 1), {1: DOCUMENT})
    assert not quoted(citation, {1: replace(DOCUMENT, text=f" {TEXT}")})


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
