"""An answer made of the documents' own sentences: nothing in it is written by a model.

What is chosen by offset is cited by offset; no sentence is looked for again by its words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.answering.citations import GetDocument, verified_citation
from rag.answering.composing import Composition, Piece
from rag.answering.prompts import PART_NOT_FOUND
from rag.schema import (
    AnswerCell,
    Block,
    BlockKind,
    Citation,
    Document,
    Passage,
    Support,
)
from rag.text.languages import DATA

NAME = "extractive"
_REFERENCE = re.compile(r"\[(\d{1,3})\]")  # a paper's own «[3]» is no mark of ours
_MARKUP = re.compile(
    r"\*\*|__|~~|`+|(?:^|(?<=\s))#{1,6}\s|[▶►▪◦‣●○■□▸]\s*|(?<!\S)\*(?=\S)|(?<=\S)\*(?!\S)"
)
_BULLET = re.compile(r"[-–—•▪◦*‣▶►●○·]\s+")
_BULLETED = "• "


def as_blocks(
    composition: Composition,
    passages: Sequence[Passage],
    get_document: GetDocument,
    language: str,
) -> tuple[tuple[Block, ...], tuple[Citation, ...]]:
    """Returns the pieces as blocks, each with its own citation by offset.

    A piece that its document does not hold at its place is left out.
    """
    blocks: list[Block] = []
    citations: list[Citation] = []
    for piece in composition.pieces:
        number = len(citations) + 1
        passage = passages[piece.passage]
        document = get_document(passage.chunk.document_id)
        citation = verified_citation(number, passage, piece.span, get_document)
        if document is None or citation is None:
            continue
        citations.append(citation)
        follows = not citations[:-1] or _follows(citations[-2], citation, document)
        blocks.append(_block(document, piece, number, " " if follows else "\n"))
    word = yes_or_no(composition.yes, language)
    if blocks and word:
        blocks[0] = replace(blocks[0], gap="\n")
        blocks.insert(0, Block(BlockKind.SENTENCE, f"{word}."))
    for part in composition.open if blocks else ():
        text = PART_NOT_FOUND[language].format(part=plain(part))
        blocks.append(Block(BlockKind.SENTENCE, text, gap="\n"))
    return tuple(blocks), tuple(citations)


def yes_or_no(yes: bool | None, language: str) -> str | None:
    """Returns the word that says it; None where nothing does."""
    return None if yes is None else DATA[language].yes if yes else DATA[language].no


def _follows(before: Citation, citation: Citation, document: Document) -> bool:
    """Tells whether two quotes stand in one paragraph, so that they are read in one breath."""
    same = before.passage.chunk.document_id == document.id
    return same and "\n" not in document.text[before.end : citation.start].strip(" ")


def _block(document: Document, piece: Piece, number: int, gap: str) -> Block:
    cells = tuple(_cell(document, piece, index) for index in range(len(piece.cells)))
    if piece.kind is BlockKind.ROW and cells:
        text = row_text(cells)
    elif piece.kind is BlockKind.LIST:
        text = "\n".join(_item(document.text[slice(*line)]) for line in piece.lines)
    else:
        text = plain(document.text[slice(*piece.span)])
    text = f"{text} [{number}]"
    gap = gap if piece.kind is BlockKind.SENTENCE else "\n"
    return Block(piece.kind, text, (number,), Support.SUPPORTED, 1.0, gap, cells)


def _cell(document: Document, piece: Piece, index: int) -> AnswerCell:
    cell = piece.cells[index]
    names = [plain(document.text[slice(*name)]) for name in cell.headers]
    words = plain(document.text[cell.start : cell.end])
    return AnswerCell(" ".join(dict.fromkeys(names)), words, index == piece.asked)


def row_text(cells: Sequence[AnswerCell]) -> str:
    """Returns «label – column: cell; column: cell»."""
    first, *others = cells
    said = "; ".join(f"{cell.header}: {cell.text}" if cell.header else cell.text for cell in others)
    return f"{first.text} – {said}" if said else first.text


def _item(text: str) -> str:
    """Returns a list item on one line, with one kind of bullet or its own number."""
    bullet = _BULLET.match(text)
    return _BULLETED + plain(text[bullet.end() :]) if bullet else plain(text)


def plain(text: str) -> str:
    """Returns a quote as it is shown: on one line, without the marks of Markdown."""
    words = _REFERENCE.sub(r"(\1)", _MARKUP.sub("", text))
    return " ".join(words.replace("|", " ").split())
