"""Whatever the content streams of a PDF show as text is read, or a note says it was left out."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import ContentStream, TextStringObject

from rag.parsing import parse
from tests.parsing import test_pdf_forms_and_hidden_text as hidden
from tests.parsing.test_pdf import Draw, pdf

WORDS = "agua balsa canal dique embalse fuente grifo hoya lluvia manantial noria pozo riego".split()
_TEXT = (b"Tj", b"TJ", b"'", b'"')


def shown(path: Path) -> Iterator[str]:
    """Gives the text of each operator that shows text, on all pages and in their forms."""
    reader = PdfReader(path)
    for page in reader.pages:
        yield from _shown(page.get_contents(), page["/Resources"], reader)


def _shown(stream: Any, resources: Any, reader: PdfReader) -> Iterator[str]:
    for operands, operator in ContentStream(stream, reader).operations:
        if operator == b"Do":
            item = resources["/XObject"][operands[0]].get_object()
            if item["/Subtype"] == "/Form":
                yield from _shown(item, item.get("/Resources", resources), reader)
        elif operator in _TEXT:
            parts = operands[0] if isinstance(operands[0], list) else [operands[-1]]
            yield "".join(part for part in parts if isinstance(part, TextStringObject | str))


def lost(path: Path) -> list[str]:
    """What is shown and neither read nor noted; hyphens at line ends and spaces do not count."""
    document = parse(path).document
    kept = _letters(" ".join([document.text, *(note.text for note in document.notes)]))
    return [text for text in shown(path) if _letters(text) not in kept]


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text)


def words(chance: random.Random, most: int) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randint(1, most)))


def prose(canvas: Any, chance: random.Random) -> None:
    for row in range(20):
        canvas.drawString(72, 760 - 13 * row, f"{words(chance, 9)}{chance.choice(['', '-', '.'])}")


def columns(canvas: Any, chance: random.Random) -> None:
    for row in range(20):
        for left in (72, 320):
            canvas.drawString(left, 760 - 13 * row, words(chance, 5))


def table(canvas: Any, chance: random.Random) -> None:
    ruled = chance.random() < 0.5
    for row in range(12):
        for column in range(4):
            label = words(chance, 2) if not (row and column) else f"{chance.random() * 100:.2f}"
            if chance.random() < 0.9:
                canvas.drawString(72 + 120 * column, 740 - 18 * row, label)
        if ruled:
            canvas.line(70, 734 - 18 * row, 540, 734 - 18 * row)


def scattered(canvas: Any, chance: random.Random) -> None:
    for _ in range(15):
        canvas.saveState()
        canvas.translate(chance.uniform(60, 500), chance.uniform(60, 780))
        canvas.rotate(chance.choice([0, 0, 0, 90, 180, 270, 30]))
        canvas.setFont("Helvetica", chance.choice([6, 10, 10, 24]))
        canvas.drawString(0, 0, words(chance, 3))
        canvas.restoreState()


def in_a_form(canvas: Any, chance: random.Random) -> None:
    name = f"f{chance.random()}"
    canvas.beginForm(name)
    prose(canvas, chance)
    canvas.endForm()
    canvas.doForm(name)


PAGES = [prose, columns, table, scattered, in_a_form]


@pytest.mark.parametrize("seed", range(12))
def test_text_of_every_operator_is_read_or_noted(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    pages = [partial(page, chance=chance) for page in chance.choices(PAGES, k=3)]
    path = pdf(tmp_path / "a.pdf", pages)
    assert lost(path) == []


@pytest.mark.parametrize(
    "draw", [*hidden.HIDDEN, *hidden.HIDDEN_ON_PAGES_OF_FEW_OBJECTS, hidden.marked, hidden.turned]
)
def test_text_that_nobody_sees_is_noted(tmp_path: Path, draw: Draw) -> None:
    assert lost(pdf(tmp_path / "a.pdf", [hidden.form(draw)])) == []


def test_heads_and_feet_that_are_left_out_are_noted(tmp_path: Path) -> None:
    def page(canvas: Any) -> None:
        canvas.drawString(72, 820, "Comunidad de regantes")
        prose(canvas, random.Random(3))
        canvas.drawString(300, 30, f"Página {canvas.getPageNumber()}")

    assert lost(pdf(tmp_path / "a.pdf", [page] * 5)) == []
