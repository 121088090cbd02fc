"""Both sides of a comparison: columns or rows of one table, or a sentence for each side."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answering.composing.material import Material, Piece
from rag.answering.composing.prose import paragraph_piece
from rag.answering.composing.rows import as_piece, header, label, row_piece
from rag.answering.layout import Layout
from rag.schema import Chunk, DocumentBlock, DocumentBlockKind, Sentence

_PASSAGES = 5
_ROWS = 8
_SIDE = 0.12  # share of the question that one side of it must add
_NAMES = 0.6  # share of a cell's words that the question must say to mean it


def compared(material: Material) -> list[Piece]:
    """Returns the pieces that say both sides; empty where nothing compares them."""
    return _table(material) or _sentences(material)


def _table(material: Material) -> list[Piece]:
    """Returns the rows that the question names two of, or all where it names two columns."""
    seen: set[int] = set()
    for index in material.nearest[:_PASSAGES]:
        layout, chunk = material.layout(index), material.passages[index].chunk
        if layout is None:
            continue
        for rows in layout.tables:
            inside = rows[0].start < chunk.end and rows[-1].end > chunk.start
            if inside and rows[0].start not in seen:
                seen.add(rows[0].start)
                if pieces := _of_table(material, layout, rows, index):
                    return pieces
    return []


def _of_table(
    material: Material, layout: Layout, rows: Sequence[DocumentBlock], passage: int
) -> list[Piece]:
    chunk = material.passages[passage].chunk
    filled = [row for row in rows if row.kind is DocumentBlockKind.ROW and len(row.cells) > 1]
    named = [row for row in filled if _named(material, label(layout, row), chunk)]
    if 2 <= len(named) <= _ROWS:
        return [as_piece(material, layout, row, passage) for row in named]
    columns = filled[0].cells[1:] if filled else ()
    if sum(_named(material, header(layout, cell), chunk) for cell in columns) < 2:
        return []
    return [as_piece(material, layout, row, passage) for row in filled[:_ROWS]]


def _named(material: Material, name: str, chunk: Chunk) -> bool:
    """Tells whether the question says most of a name, by its first words in brackets left out."""
    terms = material.terms(name.split("(")[0], chunk)
    return bool(terms) and material.question.terms.share_of(terms) >= _NAMES


def _sentences(material: Material) -> list[Piece]:
    """Returns sentences, each of which says a side that those before it leave open.

    Of several that say it the one that speaks most like the best sentence is taken: «la léxica
    compara palabras» beside «la semántica compara vectores».
    """
    best = material.sentences[0]
    chunk = material.passages[best.passage].chunk
    terms, first = material.topic, material.terms(best.text, chunk)
    chosen, known = [best], set(first)
    while len(chosen) < _MOST:
        found: list[tuple[float, Sentence, set[str]]] = []
        for sentence in material.sentences[1:_LOOKED_AT]:
            other = material.passages[sentence.passage].chunk
            if other.language != chunk.language or sentence.score < _LEAST * best.score:
                continue
            words = material.terms(sentence.text, other)
            gain = terms.covered(known | words) - terms.covered(known)
            if gain >= _SIDE:
                alike = len(words & first) / len(words | first)
                found.append((sentence.score + gain + _ALIKE * alike, sentence, words))
        if not found:
            break
        _, sentence, words = max(found, key=lambda entry: entry[0])
        chosen.append(sentence)
        known |= words
    length = _WORDS // len(chosen)
    return [
        row_piece(material, sentence) or paragraph_piece(material, sentence, length)
        for sentence in chosen
    ]


_LOOKED_AT = 24  # sentences, best first
_LEAST = 0.1  # of the best one's score: what scores less is about something else
_ALIKE = 1.5  # what it weighs that a sentence speaks like the best one
_MOST = 3
_WORDS = 130
