"""Scans and images: which pages are pictures, their words in order, what is said without OCR."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from rag.config import Settings
from rag.errors import FileProblem
from rag.parsing import ocr, parse
from rag.parsing.ocr import Found
from rag.parsing.page_images.render import render_page
from rag.parsing.sandbox import Sandbox
from rag.parsing.scan import in_order, lines_of
from rag.schema import Outcome

canvas = pytest.importorskip("reportlab.pdfgen.canvas")
reportlab_utils = pytest.importorskip("reportlab.lib.utils")

SPANISH = ("El año próximo habrá sequía en la región.", "¿Cuántos litros caben en el depósito?")
Recognised = list[tuple[str, float, float]]


def picture(*lines: str, size: tuple[int, int] = (1000, 240)) -> Image.Image:
    image = Image.new("RGB", size, "white")
    font = ImageFont.truetype(str(Path(canvas.__file__).parent.parent / "fonts/Vera.ttf"), 36)
    for number, line in enumerate(lines):
        ImageDraw.Draw(image).text((40, 40 + 80 * number), line, "black", font)
    return image


def scan(path: Path, *pages: Image.Image | str) -> Path:
    """A PDF whose pages are images or, for strings, text."""
    sheet = canvas.Canvas(str(path), pagesize=(500, 300))
    for page in pages:
        if isinstance(page, str):
            sheet.drawString(40, 200, page)
        else:
            sheet.drawImage(reportlab_utils.ImageReader(page), 0, 100, 500, 120)
        sheet.showPage()
    sheet.save()
    return path


@pytest.fixture
def recognised(monkeypatch: pytest.MonkeyPatch) -> list[Found]:
    """What the next pictures say; the models stay out of it."""
    found: list[Found] = []

    def recognise(image: Any, tell: Callable[[], None] = lambda: None) -> list[Found]:
        tell()
        return list(found)

    monkeypatch.setattr(ocr, "is_installed", lambda: True)
    monkeypatch.setattr(ocr, "recognise", recognise)
    return found


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is not installed."""
    monkeypatch.setattr(ocr, "is_installed", lambda: False)


def line(text: str, top: float, left: float = 100, height: float = 30) -> Found:
    return Found(text, left, top, left + 14 * len(text), top + height)


PROSE = "El pozo se limpia una vez al año, en mayo, antes de regar la huerta grande del norte."


def test_pages_that_are_pictures_are_recognised(tmp_path: Path, recognised: list[Found]) -> None:
    recognised += [line("La bomba se revisa", 100), line("antes del verano.", 140)]
    beats: list[int] = []
    found = parse(scan(tmp_path / "a.pdf", PROSE, picture()), lambda *page: beats.append(1))
    assert found.outcome is Outcome.OK
    assert found.document.text == f"{PROSE}\n\nLa bomba se revisa antes del verano."
    assert found.document.page_at(found.document.text.index("bomba")) == 2
    assert len(beats) >= 3


def test_a_page_with_text_is_not_recognised(tmp_path: Path, recognised: list[Found]) -> None:
    recognised.append(line("nunca", 100))
    sheet = canvas.Canvas(str(tmp_path / "a.pdf"), pagesize=(500, 300))
    sheet.drawImage(reportlab_utils.ImageReader(picture()), 0, 0, 500, 300)
    for number in range(3):
        sheet.drawString(40, 200 - 20 * number, f"{number} {PROSE}")
    sheet.save()
    assert "nunca" not in parse(tmp_path / "a.pdf").document.text


def test_a_stamp_does_not_hide_a_picture(tmp_path: Path, recognised: list[Found]) -> None:
    recognised.append(line(PROSE, 100))
    sheet = canvas.Canvas(str(tmp_path / "a.pdf"), pagesize=(500, 300))
    sheet.drawImage(reportlab_utils.ImageReader(picture()), 0, 0, 500, 300)
    sheet.drawString(40, 20, "Página 3 de 7")
    sheet.save()
    assert parse(tmp_path / "a.pdf").document.text == PROSE


@pytest.mark.usefixtures("without")
def test_without_the_extra_the_outcome_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(FileProblem) as caught:
        parse(scan(tmp_path / "a.pdf", picture(*SPANISH)))
    assert caught.value.outcome == Outcome.NO_TEXT
    assert "fuente[ocr]" in caught.value.next_command
    found = parse(scan(tmp_path / "b.pdf", PROSE, picture(), picture(), PROSE))
    assert found.outcome is Outcome.PARTIAL
    assert "2-3" in found.reason
    assert "fuente[ocr]" in found.reason
    picture().save(tmp_path / "c.png")
    with pytest.raises(FileProblem) as caught:
        parse(tmp_path / "c.png")
    assert caught.value.outcome == Outcome.UNSUPPORTED
    assert "fuente[ocr]" in caught.value.next_command


def test_blank_pages_lack_nothing(tmp_path: Path, recognised: list[Found]) -> None:
    assert parse(scan(tmp_path / "a.pdf", PROSE, "")).outcome is Outcome.OK
    assert recognised == []


def test_what_there_is_no_time_for_is_left_out_and_said(
    tmp_path: Path, recognised: list[Found]
) -> None:
    recognised.append(line("algo", 100))
    found = parse(scan(tmp_path / "a.pdf", PROSE, picture()), seconds=-1)
    assert found.outcome is Outcome.PARTIAL
    assert found.document.text == PROSE
    assert "split" in found.reason
    assert parse(tmp_path / "a.pdf", seconds=math.inf).outcome is Outcome.OK


def test_a_page_that_cannot_be_recognised_costs_itself_only(
    tmp_path: Path, recognised: list[Found], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(image: Any, tell: object) -> list[Found]:
        raise RuntimeError("bad allocation")

    monkeypatch.setattr(ocr, "recognise", broken)
    found = parse(scan(tmp_path / "a.pdf", PROSE, picture()))
    assert found.document.text == PROSE
    assert found.outcome is Outcome.PARTIAL


@pytest.mark.parametrize("kind", ["png", "jpeg", "tiff", "webp", "bmp"])
def test_images_are_documents_of_one_page(
    tmp_path: Path, recognised: list[Found], kind: str
) -> None:
    recognised.append(line("Recibo de agua", 100))
    picture().save(tmp_path / f"a.{kind}")
    document = parse(tmp_path / f"a.{kind}").document
    assert (document.text, document.pages) == ("Recibo de agua", (0,))


def test_the_images_of_a_tiff_are_pages(tmp_path: Path, recognised: list[Found]) -> None:
    recognised.append(line("Recibo de agua", 100))
    picture().save(tmp_path / "a.tiff", save_all=True, append_images=[picture(), picture()])
    assert len(parse(tmp_path / "a.tiff").document.pages) == 3


def test_images_without_words_or_with_too_many_pixels(
    tmp_path: Path, recognised: list[Found], monkeypatch: pytest.MonkeyPatch
) -> None:
    picture().save(tmp_path / "a.png")
    with pytest.raises(FileProblem) as caught:
        parse(tmp_path / "a.png")
    assert caught.value.outcome == Outcome.NO_TEXT
    monkeypatch.setattr("rag.parsing.pictures.MAX_PIXELS", 1_000)
    with pytest.raises(FileProblem) as caught:
        parse(tmp_path / "a.png")
    assert caught.value.outcome == Outcome.BOMB
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:200])
    monkeypatch.undo()
    monkeypatch.setattr(ocr, "is_installed", lambda: True)
    with pytest.raises(FileProblem) as caught:
        parse(tmp_path / "a.png")
    assert caught.value.outcome == Outcome.UNREADABLE
    assert recognised == []


def test_columns_of_prose_are_read_one_after_the_other() -> None:
    title = line("Un título que va por encima de las dos columnas de la página", 0)
    left = [line(f"columna izquierda {number}", 100 + 40 * number) for number in range(4)]
    right = [line(f"columna derecha {number}", 100 + 40 * number, 600) for number in range(4)]
    mixed = [title, *(line for pair in zip(left, right, strict=True) for line in pair)]
    assert in_order(mixed) == [title, *left, *right]


def test_rows_of_a_table_stay_rows() -> None:
    cells = [
        line(text, 40 * row, 200 * column)
        for row, texts in enumerate([("Zona", "Litros"), ("Norte", "40"), ("Sur", "50")])
        for column, text in enumerate(texts)
    ]
    assert in_order(cells[::-1]) == cells


def test_boxes_of_other_heights_are_one_size_of_letters() -> None:
    found = [
        line("mano", 0, height=26),
        line("Ángulo", 40, height=34),
        line("TÍTULO", 90, height=70),
    ]
    small, same, large = lines_of(found, scale=2.0)
    assert small.size == same.size == 17
    assert large.size == 35


@pytest.mark.parametrize("name", ["a.png", "a.pdf"])
def test_the_quote_is_marked_where_the_picture_has_it(tmp_path: Path, name: str) -> None:
    image = picture(*SPANISH)
    if name.endswith("png"):
        image.save(tmp_path / name)
    else:
        scan(tmp_path / name, image)
    seen: list[Any] = []

    def recognise(drawn: Any) -> list[Found]:
        seen.append(drawn)
        return [line(text, 40 + 80 * number) for number, text in enumerate(SPANISH)]

    page = render_page(
        tmp_path / name, 1, "habrá sequía en la región. ¿Cuántos litros", 1, recognise
    )
    assert len(seen) == 1
    assert seen[0].size == (page.width, page.height)
    first, second = page.boxes
    assert first[0] == 100 + 14 * SPANISH[0].index("habrá")
    assert second[2] == 100 + 14 * SPANISH[1].index(" caben")
    assert Image.open(io.BytesIO(page.png)).size == (page.width, page.height)


def test_without_the_extra_the_picture_is_shown_unmarked(tmp_path: Path) -> None:
    def missing(drawn: Any) -> list[Found]:
        raise ImportError

    picture(*SPANISH).save(tmp_path / "a.png")
    assert render_page(tmp_path / "a.png", 1, "sequía", 1, missing).boxes == ()
    assert render_page(tmp_path / "a.png", 1, "sequía").boxes == ()
    with pytest.raises(FileProblem):
        render_page(tmp_path / "a.png", 2, "sequía")


def test_the_models_read_spanish_with_its_accents() -> None:
    rapidocr = pytest.importorskip("rapidocr")
    beats: list[int] = []
    found = ocr.recognise(picture(*SPANISH), lambda: beats.append(1))
    assert [line.text for line in found] == list(SPANISH)
    assert len(beats) >= 3
    for number, line in enumerate(found):
        assert line.left == pytest.approx(40, abs=15)
        assert line.top == pytest.approx(45 + 80 * number, abs=15)
    engine = ocr._engine()  # loaded once; its models lie in the package, so none is downloaded
    for part in (engine.cfg.Det, engine.cfg.Rec):
        assert Path(part.model_path).is_relative_to(Path(rapidocr.__file__).parent)


def test_a_line_that_stands_on_its_head_is_read() -> None:
    pytest.importorskip("rapidocr")
    found = ocr.recognise(picture("El año que viene", size=(450, 120)).rotate(180))
    assert [line.text for line in found] == ["El año que viene"]


@pytest.mark.slow
def test_it_fits_into_the_sandbox(tmp_path: Path) -> None:
    """Address space, open files, no network, no written files: the models ask for none of it."""
    pytest.importorskip("rapidocr")
    picture("Habrá sequía", size=(400, 120)).save(tmp_path / "a.png")
    with Sandbox(timeout=250, memory_mb=Settings().reader_memory_mb) as sandbox:
        assert sandbox.parse(tmp_path / "a.png").document.text == "Habrá sequía"
