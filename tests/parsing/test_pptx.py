"""PPTX: slides as pages, titles as headings, tables and charts as rows, notes after them."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pptx
import pytest
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from rag.errors import FileProblem
from rag.parsing import parse
from rag.schema import Outcome

AREA = (Inches(1), Inches(2), Inches(6), Inches(3))


def deck(path: Path) -> Path:
    package = pptx.Presentation()
    first = package.slides.add_slide(package.slide_layouts[0])
    first.shapes.title.text = "Plan de riego"
    first.placeholders[1].text = "Campaña 2024"
    package.slides.add_slide(package.slide_layouts[6])  # blank
    second = package.slides.add_slide(package.slide_layouts[1])
    second.shapes.title.text = "Zonas"
    second.placeholders[1].text = "Norte primero\nSur después"
    table = second.shapes.add_table(3, 2, *AREA).table
    rows = [("Zona", "Litros"), ("Norte", "40"), ("", "50")]
    for number, cells in enumerate(rows):
        for column, words in enumerate(cells):
            table.cell(number, column).text = words
    table.cell(1, 0).merge(table.cell(2, 0))
    group = second.shapes.add_group_shape()
    group.shapes.add_textbox(*AREA).text_frame.text = "En un grupo"
    second.notes_slide.notes_text_frame.text = "Decir que el pozo está seco."
    third = package.slides.add_slide(package.slide_layouts[6])
    data = CategoryChartData()
    data.categories = ["Enero", "Mayo"]
    data.add_series("Agua", (1.5, None))
    third.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *AREA, data)
    package.save(str(path))
    return path


def test_slides_are_pages_with_all_their_words(tmp_path: Path) -> None:
    document = parse(deck(tmp_path / "plan.pptx")).document
    assert document.title == "Plan de riego"
    assert document.text == (
        "Plan de riego\n\nCampaña 2024\n\n"
        "Zonas\n\nNorte primero\nSur después\n\n"
        "Zona | Litros\nZona: Norte; Litros: 40\nZona: Norte; Litros: 50\n\n"
        "En un grupo\n\nDecir que el pozo está seco.\n\n"
        "Agua\nEnero; Agua: 1.5\nMayo"
    )
    pages = [document.page_at(document.text.index(words)) for words in ("Plan", "Zonas", "pozo")]
    assert pages == [1, 3, 3]
    assert document.page_at(document.text.index("Enero")) == 4
    assert document.headings_at(document.text.index("pozo")) == ("Zonas",)
    assert document.headings_at(document.text.index("Enero")) == ()


def test_what_repeats_at_the_foot_is_read_once(tmp_path: Path) -> None:
    package = pptx.Presentation()
    layout = package.slide_layouts[1]
    for number in range(2):
        slide = package.slides.add_slide(layout)
        slide.shapes.title.text = f"Parte {number}"
        for place in layout.placeholders:
            if place.placeholder_format.type.name in ("FOOTER", "SLIDE_NUMBER"):
                copy: Any = slide.shapes.clone_placeholder(place)
                assert copy is None
        for shape in slide.placeholders:
            if shape.placeholder_format.type.name == "FOOTER":
                shape.text = "Reservado"
            elif shape.placeholder_format.type.name == "SLIDE_NUMBER":
                shape.text = "7"
    package.save(str(tmp_path / "a.pptx"))
    assert parse(tmp_path / "a.pptx").document.text == "Parte 0\n\nReservado\n\nParte 1"


def replaced(source: Path, target: Path, name: str, data: bytes) -> Path:
    with zipfile.ZipFile(source) as archive:
        members = {each: archive.read(each) for each in archive.namelist()}
    members[name] = data
    with zipfile.ZipFile(target, "w") as archive:
        for each, content in members.items():
            archive.writestr(each, content)
    return target


def test_a_deck_with_a_damaged_part_is_unreadable(tmp_path: Path) -> None:
    source = deck(tmp_path / "a.pptx")
    broken = replaced(source, tmp_path / "b.pptx", "ppt/slides/slide3.xml", b"<p:sld")
    with pytest.raises(FileProblem) as caught:
        parse(broken)
    assert caught.value.outcome == Outcome.UNREADABLE


def test_a_deck_without_words_has_no_text(tmp_path: Path) -> None:
    package = pptx.Presentation()
    package.slides.add_slide(package.slide_layouts[6])
    package.save(str(tmp_path / "a.pptx"))
    with pytest.raises(FileProblem) as caught:
        parse(tmp_path / "a.pptx")
    assert caught.value.outcome == Outcome.NO_TEXT
