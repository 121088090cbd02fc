"""Chunks are exact slices in order, lose no text and keep to their size, whatever the text."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given, settings, strategies as st

import rag.indexing.chunking
from rag.indexing.chunking import Chunker
from rag.schema import Chunk, Document, Section

ODD = [
    *"aeioñ .,;:!?¿¡\n\t-_0123",
    "\n\n",
    "palabra ",
    "Una frase corta. ",
    "e\u0301",
    "👩\u200d👩\u200d👧",
    "🇪🇸",
    "中文字。",
    "العربية ",
    "\u200fעברית",
    "\u00a0",
    "\u2028",
    "x" * 60,
]
pieces = st.lists(st.sampled_from(ODD), max_size=120).map("".join)
any_text = st.one_of(pieces, st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
repeated = st.tuples(pieces.filter(str.strip), st.integers(2, 40)).map(
    lambda pair: pair[0] * pair[1]
)


def words(text: str) -> int:
    return len(text.split())


def characters(text: str) -> int:
    return len(text.encode())


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Any text under sections that may leave gaps, be empty, or not be there."""
    text = draw(st.one_of(any_text, repeated))
    edges = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    spans = draw(st.permutations(list(itertools.pairwise(edges))))
    sections = tuple(Section(a, b, (f"{a}",)) for a, b in spans if draw(st.booleans()))
    pages = tuple(sorted({0, *draw(st.lists(st.integers(0, len(text)), max_size=3))}))
    return Document("a.md", "A", text, sections=sections, pages=pages, language="es", id=7)


def uncovered(document: Document, chunks: list[Chunk]) -> str:
    seen = bytearray(len(document.text))
    for chunk in chunks:
        seen[chunk.start : chunk.end] = b"\1" * (chunk.end - chunk.start)
    return "".join(c for c, flag in zip(document.text, seen, strict=True) if not flag).strip()


def has_marks(text: str) -> bool:
    return any(rag.indexing.chunking._is_joined(text, at) for at in range(len(text)))


def plain(text: str) -> Document:
    return Document("a.md", "A", text, pages=(0,), language="es", id=7)


@settings(max_examples=3 * settings().max_examples)
@given(documents(), st.integers(1, 30), st.integers(0, 30), st.sampled_from([words, characters]))
# An overlap that is all of its neighbour but white space: both start at one place, or end at one.
@example(plain(" 0\x80"), 3, 1, characters)
@example(plain("11\n"), 2, 1, characters)
# Two pieces that start at one place, in text that repeats itself: there were gaps.
@example(plain("a a, .    " * 4), 7, 2, characters)
def test_exact_ordered_complete_and_small(document, size, overlap, count) -> None:  # type: ignore[no-untyped-def]
    chunks = Chunker(count, size, overlap).split(document)
    for chunk in chunks:
        assert chunk.text == document.text[chunk.start : chunk.end]
        assert chunk.text.strip() == chunk.text != ""
        sections_here = [part for part in document.sections if part.start <= chunk.start < part.end]
        assert chunk.headings == (sections_here[0].headings if sections_here else ())
        assert not sections_here or chunk.end <= sections_here[0].end
        room = 2 * rag.indexing.chunking._LONGEST_LETTER if has_marks(chunk.text) else 0
        assert count(chunk.text) <= size + room or len(chunk.text) <= size + room
        assert (chunk.document_id, chunk.language) == (7, "es")
        assert 1 <= (chunk.page_first or 0) <= (chunk.page_last or 0) <= len(document.pages)
    for before, after in itertools.pairwise(chunks):  # none lies within its neighbour
        assert before.start < after.start
        assert before.end < after.end
    assert uncovered(document, chunks) == ""


def test_repeated_text_is_addressed_to_its_end() -> None:
    document = Document("a", "A", "Uno dos tres. " * 40 + "Fin.")
    chunks = Chunker(words, 10, 3).split(document)
    assert uncovered(document, chunks) == ""
    assert chunks[-1].end == len(document.text)


def test_neighbours_share_the_overlap() -> None:
    document = Document("a", "A", " ".join(f"Frase número {i} aquí." for i in range(40)))
    chunks = Chunker(words, 20, 8).split(document)
    assert len(chunks) > 5
    for before, after in itertools.pairwise(chunks):
        assert 0 < words(document.text[after.start : before.end]) <= 8


def test_sentences_stay_whole_where_they_fit() -> None:
    document = Document("a", "A", " ".join(f"La frase {i} tiene, sí, comas." for i in range(30)))
    for chunk in Chunker(words, 25, 0).split(document):
        assert chunk.text.startswith("La frase")
        assert chunk.text.endswith("comas.")


def test_sections_are_never_mixed() -> None:
    text = "Uno\n\nCorto.\n\nDos\n\nTambién."
    middle = text.index("Dos")
    parts = (Section(0, middle, ("Uno",)), Section(middle, len(text), ("Dos",)))
    chunks = Chunker(words, 100, 10).split(Document("a", "A", text, sections=parts))
    assert [chunk.headings for chunk in chunks] == [("Uno",), ("Dos",)]


@pytest.mark.parametrize("text", ["", " \n\t\u2003 "])
def test_nothing_gives_no_chunks(text: str) -> None:
    assert Chunker(words, 10, 2).split(Document("a", "A", text)) == []


def test_a_word_without_end_does_not_make_a_chunk_without_end() -> None:
    # a tokenizer that knows no such word counts one token for all of it
    chunks = Chunker(words, 50, 5).split(Document("a", "A", "7f" * 20_000))
    assert len(chunks) > 10
    assert max(len(chunk.text) for chunk in chunks) <= 2000


@pytest.mark.timeout(60)
def test_a_long_section_is_cut_in_linear_time() -> None:
    text = " ".join(f"Frase {i % 97}." for i in range(60_000))
    chunks = Chunker(words, 300, 40).split(Document("a", "A", text))
    assert chunks[-1].end == len(text)


@pytest.mark.parametrize("longest", [40, 41, 60, 1000])
def test_a_section_too_long_to_be_cut_at_once_is_cut_in_parts(
    monkeypatch: pytest.MonkeyPatch, longest: int
) -> None:
    monkeypatch.setattr(rag.indexing.chunking, "LONGEST", longest)
    text = "Una frase corta de siete palabras seguidas. " * 9 + "x" * 99 + " fin."
    document = Document("a.md", "A", text, sections=(Section(5, len(text), ("Uno",)),))
    chunks = Chunker(words, 8, 2).split(document)
    assert uncovered(document, chunks).strip() == ""
    assert [chunk.start for chunk in chunks] == sorted(chunk.start for chunk in chunks)
    assert all(text[chunk.start : chunk.end] == chunk.text for chunk in chunks)
    assert {chunk.headings for chunk in chunks} == {(), ("Uno",)}
    cut = [chunk.text for chunk in chunks if chunk.end < 300 and not chunk.text.startswith("Una")]
    assert longest == 1000 or cut, "a part ends within a sentence, at white space"
    assert all(text[chunk.end : chunk.end + 1] in ("", " ", "x") for chunk in chunks[1:])


@pytest.mark.parametrize("letter", ["👩‍👩‍👧‍👦", "e\u0323\u0301", "👍🏽", "क्‍ष"])
def test_no_letter_is_cut_that_is_seen_as_one(letter: str) -> None:
    document = Document(path="a", title="a", text=letter * 1_500)
    chunks = Chunker(len, 50, 7).split(document)
    assert len(chunks) > 20
    for chunk in chunks:
        assert chunk.text == document.text[chunk.start : chunk.end]
        assert chunk.start % len(letter) == chunk.end % len(letter) == 0
