"""Page images: the right words are yellow, wherever and however the page sets them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from rag.errors import FileProblem
from rag.parsing.page_images.quotes import find_quote
from rag.parsing.page_images.render import render_page
from rag.parsing.pictures import MAX_SIDE
from rag.schema import Outcome, PageImage

reportlab = pytest.importorskip("reportlab.pdfgen.canvas")

LINES = (
    "La molturación empieza el mismo día para",
    "que el aceite no pierda sus propie-",
    "dades.",
)


def pdf(
    path: Path, *pages: tuple[str, ...], size: tuple[float, float] = (400, 300), turn: int = 0
) -> Path:
    canvas = reportlab.Canvas(str(path), pagesize=size)
    for lines in pages:
        canvas.setPageRotation(turn)
        canvas.setFont("Helvetica", 12)
        for number, line in enumerate(lines):
            canvas.drawString(40, 250 - 20 * number, line)
        canvas.showPage()
    canvas.save()
    return path


def picture(image: PageImage) -> Image.Image:
    return Image.open(io.BytesIO(image.png)).convert("RGB")


def yellow_pixels(image: PageImage) -> int:
    red, green, blue = np.moveaxis(np.asarray(picture(image)).astype(int), 2, 0)
    return int(((red > 240) & (green > 200) & (blue < 150)).sum())


def test_the_quote_is_marked_line_by_line(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", LINES)
    image = render_page(path, 1, "el aceite no pierda sus propiedades.")
    assert (image.width, image.height) == (800, 600)
    assert picture(image).size == (800, 600)
    first, second = image.boxes
    # In pixels: the second line stands at (300 - 230) * 2 from the top, the third 40 below it.
    assert first[1] < (300 - 230) * 2 < first[3]
    assert second[1] < (300 - 210) * 2 < second[3]
    assert first[0] > 80  # «que» before the quote stays white
    assert second[0] == pytest.approx(80, abs=4)
    assert yellow_pixels(image) > 3000


def test_without_the_quote_the_page_is_shown_unmarked(tmp_path: Path) -> None:
    image = render_page(pdf(tmp_path / "a.pdf", LINES), 1, "esto no está en ninguna parte")
    assert image.boxes == ()
    assert yellow_pixels(image) == 0


@pytest.mark.parametrize("quote", ["", " . "])
def test_a_quote_without_letters_marks_nothing(tmp_path: Path, quote: str) -> None:
    assert render_page(pdf(tmp_path / "a.pdf", LINES), 1, quote).boxes == ()


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_boxes_follow_the_rotation_of_the_page(tmp_path: Path, turn: int) -> None:
    image = render_page(pdf(tmp_path / "a.pdf", LINES, turn=turn), 1, "La molturación empieza")
    (box,) = image.boxes
    wide = box[2] - box[0] > box[3] - box[1]
    assert wide == (turn in (0, 180))
    left, top, right, bottom = (int(edge) for edge in box)
    inside = np.asarray(picture(image))[top:bottom, left:right]
    assert (inside.max(axis=2) < 100).sum() > 100  # the letters are inside the box


def test_a_quote_over_a_page_break_is_marked_on_both_pages(tmp_path: Path) -> None:
    path = pdf(
        tmp_path / "a.pdf",
        ("Otra frase. El depósito se revisa cada primavera",),
        ("antes de que empiece el riego. Y otra más.",),
    )
    quote = "El depósito se revisa cada primavera antes de que empiece el riego."
    for page in (1, 2):
        assert len(render_page(path, page, quote).boxes) == 1


@pytest.mark.parametrize("size", [(400, 300), (5_000, 400), (300, 14_000)])
def test_images_have_a_largest_size(tmp_path: Path, size: tuple[float, float]) -> None:
    image = render_page(pdf(tmp_path / "a.pdf", LINES, size=size), 1, "", scale=50)
    assert max(image.width, image.height) == pytest.approx(MAX_SIDE, abs=1)


def test_what_is_not_there_is_a_stated_problem(tmp_path: Path) -> None:
    (tmp_path / "b.pdf").write_text("no pdf")
    path = pdf(tmp_path / "a.pdf", LINES)
    for missing, page in ((tmp_path / "c.pdf", 1), (tmp_path / "b.pdf", 1), (path, 2), (path, 0)):
        with pytest.raises(FileProblem) as caught:
            render_page(missing, page, "x")
        assert caught.value.outcome == Outcome.UNREADABLE
        assert missing.name in caught.value.message


@pytest.mark.parametrize(
    ("page", "quote", "expected"),
    [
        ("una o\ufb01cina", "Oficina", ["o\ufb01cina"]),
        ("el rendi\ufffemiento graso", "rendimiento", ["rendi\ufffemiento"]),
        ("la cigu\u00a8en\u02dca", "ciguena", ["cigu\u00a8en\u02dca"]),
        ("dijo: ¿vienes? Sí.", "¿Vienes?", ["¿vienes?"]),
        ("número 12.345,6 total", "12345,6", ["12.345,6"]),
        ("nada", "otra cosa", []),
        ("un texto corto", "", []),
    ],
)
def test_find_quote(page: str, quote: str, expected: list[str]) -> None:
    assert [page[start:end] for start, end in find_quote(page, quote)] == expected


def test_find_quote_skips_what_a_reader_dropped_in_the_middle() -> None:
    page = (
        "La renta se paga en enero de cada año [pie de página] y se revisa con el índice de precios"
    )
    quote = "La renta se paga en enero de cada año y se revisa con el índice de precios"
    marked = [page[start:end] for start, end in find_quote(page, quote)]
    assert marked == [
        "La renta se paga en enero de cada año",
        "y se revisa con el índice de precios",
    ]


def test_a_common_phrase_is_no_quote() -> None:
    page = "De acuerdo con lo dispuesto en el artículo 3 de esta norma, se archiva."
    quote = "El plazo es de quince días, con lo dispuesto en el reglamento de aguas y sus anejos."
    assert find_quote(page, quote) == []
