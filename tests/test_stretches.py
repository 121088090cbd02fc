"""A document's text as a person reads it: its blocks in order, and paragraphs between them."""

from __future__ import annotations

from hypothesis import given, strategies as st

from rag.schema import Document, DocumentBlock, DocumentBlockKind

HEADING, PARAGRAPH = DocumentBlockKind.HEADING, DocumentBlockKind.PARAGRAPH


def words(document: Document, start: int = 0, end: int | None = None) -> list[tuple[str, str]]:
    return [
        (block.kind, document.text[block.start : block.end])
        for block in document.stretches(start, end)
    ]


def test_text_between_blocks_is_paragraphs() -> None:
    text = "antes\nde\n\nTítulo\n\nuno\n \n dos"
    start = text.index("Título")
    document = Document("a", "a", text, blocks=(DocumentBlock(start, start + 6, HEADING, 1),))
    assert words(document) == [
        (PARAGRAPH, "antes\nde"),
        (HEADING, "Título"),
        (PARAGRAPH, "uno"),
        (PARAGRAPH, "dos"),
    ]


def test_a_block_belongs_to_the_page_on_which_it_starts() -> None:
    text = "fila larga\n\nfin"
    document = Document(
        "a", "a", text, pages=(0, 5), blocks=(DocumentBlock(0, 10, DocumentBlockKind.ROW),)
    )
    assert words(document, 0, 5) == [("row", "fila larga")]
    assert words(document, 5) == [(PARAGRAPH, "fin")]


@given(st.text("a \n\tñ", max_size=60), st.data())
def test_nothing_is_left_out_and_nothing_is_twice(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    blocks = tuple(
        DocumentBlock(start, end, HEADING)
        for start, end in zip(cuts[::2], cuts[1::2], strict=False)
    )
    document = Document("a", "a", text, blocks=blocks)
    stretches = list(document.stretches())
    shown = [index for block in stretches for index in range(block.start, block.end)]
    assert shown == sorted(set(shown))
    assert {index for index, sign in enumerate(text) if not sign.isspace()} <= set(shown)
