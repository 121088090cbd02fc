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
from rag.parsing.ooxml import A
from rag.schema import Document, DocumentBlockKind, NoteKind, Outcome
from tests.parsing.packages import Parts, named, relations, zipped

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
        for placeholder in layout.placeholders:
            if placeholder.placeholder_format.type.name in ("FOOTER", "SLIDE_NUMBER"):
                copy: Any = slide.shapes.clone_placeholder(placeholder)
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
        members = {member: archive.read(member) for member in archive.namelist()}
    members[name] = data
    with zipfile.ZipFile(target, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return target


@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("ppt/slides/slide3.xml", "Norte primero"),
        ("ppt/notesSlides/notesSlide1.xml", "pozo"),
        ("ppt/slideLayouts/slideLayout7.xml", ""),
    ],
)
def test_a_damaged_part_costs_itself(tmp_path: Path, name: str, lost: str) -> None:
    source = deck(tmp_path / "a.pptx")
    whole = parse(source).document.text
    found = parse(replaced(source, tmp_path / "b.pptx", name, b"<p:sld"))
    assert found.outcome is Outcome.PARTIAL
    assert name in found.reason
    left = [line for line in whole.split("\n") if not lost or lost not in line]
    assert found.document.text.endswith("Agua\nEnero; Agua: 1.5\nMayo")
    assert (lost in found.document.text) is (not lost)
    if "slide3" not in name:
        assert [line for line in found.document.text.split("\n") if line] == list(
            filter(None, left)
        )
    assert found.document.page_at(found.document.text.index("Enero")) == 4


@pytest.mark.parametrize("data", [b"<c:x", b"", b"<a/>"], ids=["damaged", "empty", "strange"])
def test_a_broken_chart_does_not_take_the_slide_with_it(tmp_path: Path, data: bytes) -> None:
    source = deck(tmp_path / "a.pptx")
    with zipfile.ZipFile(source) as archive:
        chart = next(name for name in archive.namelist() if name.startswith("ppt/charts/chart"))
    found = parse(replaced(source, tmp_path / "b.pptx", chart, data)).document
    assert found.text.endswith("Decir que el pozo está seco.")


def test_a_deck_without_words_has_no_text(tmp_path: Path) -> None:
    package = pptx.Presentation()
    package.slides.add_slide(package.slide_layouts[6])
    package.save(str(tmp_path / "a.pptx"))
    with pytest.raises(FileProblem) as caught:
        parse(tmp_path / "a.pptx")
    assert caught.value.outcome == Outcome.NO_TEXT


def shown(
    tmp_path: Path, shapes: str, parts: Parts | None = None, attributes: str = ""
) -> Document:
    """The document of one slide with these shapes; `parts` are related to the slide."""
    slide = (
        f"<p:sld {attributes}><p:cSld><p:spTree><p:nvGrpSpPr/>{shapes}</p:spTree></p:cSld></p:sld>"
    )
    show = '<p:presentation><p:sldIdLst><p:sldId r:id="slide1"/></p:sldIdLst></p:presentation>'
    main: Parts = {"ppt/presentation.xml": ("officeDocument", show)}
    slides: Parts = {"ppt/slides/slide1.xml": ("slide", slide)}
    members = {name: named(xml) for name, (_, xml) in {**main, **slides, **(parts or {})}.items()}
    people = {name: part for name, part in (parts or {}).items() if "uthors" in name}
    members["_rels/.rels"] = relations(main)
    members["ppt/_rels/presentation.xml.rels"] = relations(slides | people)
    members["ppt/slides/_rels/slide1.xml.rels"] = relations(parts or {})
    if "ppt/layout.xml" in members:
        masters = {name: part for name, part in (parts or {}).items() if "master" in name}
        members["ppt/_rels/layout.xml.rels"] = relations(masters)
    found = parse(zipped(tmp_path / "a.pptx", members))
    assert found.outcome is Outcome.OK, found.reason
    return found.document


def shape(*paragraphs: str, place: str = "", name: str = "", styles: str = "") -> str:
    lines = "".join(
        words if words.startswith("<a:p>") else f"<a:p><a:r><a:t>{words}</a:t></a:r></a:p>"
        for words in paragraphs
    )
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="1" {name}/><p:cNvSpPr/><p:nvPr>{place}</p:nvPr></p:nvSpPr>'
        f"<p:txBody><a:bodyPr/><a:lstStyle>{styles}</a:lstStyle>{lines}</p:txBody></p:sp>"
    )


def line(words: str, properties: str = "", level: int = 0) -> str:
    return f'<a:p><a:pPr lvl="{level}">{properties}</a:pPr><a:r><a:t>{words}</a:t></a:r></a:p>'


def frame(inside: str) -> str:
    return (
        '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="2"/></p:nvGraphicFramePr><a:graphic>'
        f"<a:graphicData>{inside}</a:graphicData></a:graphic></p:graphicFrame>"
    )


def test_numbers_are_those_that_are_shown(tmp_path: Path) -> None:
    def auto(kind: str, start: str = "") -> str:
        return f'<a:buAutoNum type="{kind}" {start}/>'

    lines = [
        line("a", auto("arabicPeriod")),
        line("b", auto("alphaLcParenR"), 1),
        line("c", auto("alphaLcParenR"), 1),
        line("d", auto("arabicPeriod")),
        line("e", auto("romanUcParenBoth", 'startAt="4"')),
        line("f", '<a:buChar char="–"/>'),
        line("g", '<a:buChar char="§"/>'),
        line("h", "<a:buNone/>"),
        line("i", auto("arabicPeriod")),
    ]
    document = shown(tmp_path, shape(*lines))
    assert document.text == "1. a\na) b\nb) c\n2. d\n(IV) e\nf\ng\nh\n1. i"
    levels = [block.level for block in document.blocks]
    assert levels == [1, 2, 2, 1, 1, 1, 1, 1]


BULLET = '<a:lvl1pPr><a:buChar char="•"/></a:lvl1pPr>'


@pytest.mark.parametrize(
    ("own_style", "layout", "master", "listed"),
    [
        ("", "", "", False),
        (BULLET, "", "", True),
        ("", BULLET, "", True),
        ("", "", BULLET, True),
        ("<a:lvl1pPr><a:buNone/></a:lvl1pPr>", BULLET, BULLET, False),
        ("", "<a:lvl1pPr><a:buNone/></a:lvl1pPr>", BULLET, False),
    ],
)
def test_bullets_come_from_the_layout_and_the_master(
    tmp_path: Path, own_style: str, layout: str, master: str, listed: bool
) -> None:
    placeholder = '<p:ph idx="3"/>'
    tree = "<p:cSld><p:spTree>{}</p:spTree></p:cSld>"
    parts: Parts = {
        "ppt/layout.xml": (
            "slideLayout",
            f"<p:sldLayout>{tree.format(shape(place=placeholder, styles=layout))}</p:sldLayout>",
        ),
        "ppt/master.xml": (
            "slideMaster",
            f"<p:sldMaster>{tree.format('')}<p:txStyles><p:bodyStyle>{master}</p:bodyStyle>"
            "</p:txStyles></p:sldMaster>",
        ),
    }
    document = shown(tmp_path, shape("a", place=placeholder, styles=own_style), parts)
    assert document.text == "a"
    assert [block.level for block in document.blocks] == [1] * listed


def test_what_layout_and_master_show_is_read_unless_switched_off(tmp_path: Path) -> None:
    tree = "<p:cSld><p:spTree>{}</p:spTree></p:cSld>"
    prompt = shape("Haga clic para escribir", place='<p:ph type="body" idx="1"/>')
    parts: Parts = {
        "ppt/layout.xml": (
            "slideLayout",
            f"<p:sldLayout>{tree.format(shape('Borrador') + prompt)}</p:sldLayout>",
        ),
        "ppt/master.xml": (
            "slideMaster",
            f"<p:sldMaster>{tree.format(shape('Confidencial'))}</p:sldMaster>",
        ),
    }
    assert shown(tmp_path, shape("a"), parts).text == "a\n\nBorrador\n\nConfidencial"
    assert shown(tmp_path, shape("a"), parts, 'showMasterSp="0"').text == "a"


def test_hidden_shapes_and_specks_are_kept_apart(tmp_path: Path) -> None:
    speck = '<a:p><a:r><a:rPr sz="100"/><a:t>mota</a:t></a:r><a:r><a:t>b</a:t></a:r></a:p>'
    document = shown(tmp_path, shape("oculto", name='hidden="1"') + shape(speck))
    assert document.text == "b"
    notes = [(note.kind, note.count, note.text) for note in document.notes]
    assert notes == [(NoteKind.HIDDEN_TEXT, 2, "oculto … mota")]


def test_comments_of_both_kinds_have_their_author_and_day(tmp_path: Path) -> None:
    body = "<p188:txBody><a:p><a:r><a:t>{}</a:t></a:r></a:p></p188:txBody>"
    parts: Parts = {
        "ppt/comment1.xml": (
            "comments",
            '<p:cmLst><p:cm authorId="0" dt="2024-05-03T10:00:00"><p:text>Revisar</p:text></p:cm>'
            "</p:cmLst>",
        ),
        "ppt/comment2.xml": (
            "comments",
            f'<p188:cmLst><p188:cm authorId="{{A}}" created="2024-06-01T09:00:00">'
            f'<p188:replyLst><p188:reply authorId="0" created="2024-06-02T09:00:00">'
            f"{body.format('Hecho')}</p188:reply></p188:replyLst>{body.format('Falta la fuente')}"
            "</p188:cm></p188:cmLst>",
        ),
        "ppt/commentAuthors.xml": (
            "commentAuthors",
            '<p:cmAuthorLst><p:cmAuthor id="0" name="Ana Peña"/></p:cmAuthorLst>',
        ),
        "ppt/authors.xml": (
            "authors",
            '<p188:authorLst><p188:author id="{A}" name="Luis"/></p188:authorLst>',
        ),
    }
    document = shown(tmp_path, shape("a"), parts)
    assert document.text.split("\n\n") == [
        "a",
        "Ana Peña (2024-05-03): Revisar",
        "Luis (2024-06-01): Falta la fuente",
        "Ana Peña (2024-06-02): Hecho",
    ]
    kinds = {block.kind for block in document.blocks}
    assert kinds == {DocumentBlockKind.NOTE}


def cell(words: str, attributes: str = "") -> str:
    return (
        f"<a:tc {attributes}><a:txBody><a:p><a:r><a:t>{words}</a:t></a:r></a:p></a:txBody></a:tc>"
    )


def test_a_table_with_two_levels_of_names(tmp_path: Path) -> None:
    rows = [
        cell("Zona", 'rowSpan="2"') + cell("2023", 'gridSpan="2"') + cell("", 'hMerge="1"'),
        cell("", 'vMerge="1"') + cell("Litros") + cell("Euros"),
        cell("Norte") + cell("") + cell("7"),
    ]
    xml = "".join(f"<a:tr>{cells}</a:tr>" for cells in rows)
    document = shown(tmp_path, frame(f'<a:tbl><a:tblPr firstRow="1"/>{xml}</a:tbl>'))
    block = document.blocks[-1]
    names = [[document.text[s:e] for s, e in found.headers] for found in block.cells]
    assert names == [["Zona"], ["2023", "Euros"]]
    assert document.text[block.start : block.end] == "Zona: Norte; 2023 – Euros: 7"


def test_a_smart_art_is_a_list_and_a_broken_one_costs_itself(tmp_path: Path) -> None:
    def point(name: str, words: str = "", kind: str = "node") -> str:
        text = f"<dgm:t><a:p><a:r><a:t>{words}</a:t></a:r></a:p></dgm:t>" if words else ""
        return f'<dgm:pt modelId="{name}" type="{kind}">{text}</dgm:pt>'

    links = "".join(
        f'<dgm:cxn srcId="{source}" destId="{target}" srcOrd="{order}"/>'
        for source, target, order in [("d", "2", 1), ("d", "1", 0), ("1", "3", 0)]
    )
    xml = (
        f"<dgm:dataModel><dgm:ptLst>{point('d', kind='doc')}{point('2', 'Cierre')}"
        f"{point('3', 'Detalle')}{point('1', 'Inicio')}</dgm:ptLst><dgm:cxnLst>{links}</dgm:cxnLst>"
        "</dgm:dataModel>"
    )
    drawing = frame('<dgm:relIds r:dm="data1"/>') + shape("después")
    document = shown(tmp_path, drawing, {"ppt/data1.xml": ("diagramData", xml)})
    assert document.text == "Inicio\nDetalle\nCierre\n\ndespués"
    assert [block.level for block in document.blocks] == [1, 2, 1]


POINTS = '<c:pt idx="0"><c:v>{}</c:v></c:pt><c:pt idx="1"><c:v>{}</c:v></c:pt>'


def series(name: str, categories: str, values: str, code: str = "General") -> str:
    return (
        f"<c:ser><c:tx><c:strRef><c:strCache><c:pt idx='0'><c:v>{name}</c:v></c:pt></c:strCache>"
        f"</c:strRef></c:tx><c:cat>{categories}</c:cat><c:val><c:numRef><c:numCache>"
        f"<c:formatCode>{code}</c:formatCode>{values}</c:numCache></c:numRef></c:val></c:ser>"
    )


TITLE = "<c:title><c:tx><c:rich><a:p><a:r><a:t>{}</a:t></a:r></a:p></c:rich></c:tx></c:title>"
WORDS = f"<c:strRef><c:strCache>{POINTS.format('Enero', 'Mayo')}</c:strCache></c:strRef>"
LEVELS = (
    f"<c:multiLvlStrRef><c:multiLvlStrCache><c:lvl>{POINTS.format('Enero', 'Mayo')}</c:lvl>"
    "<c:lvl><c:pt idx='0'><c:v>2024</c:v></c:pt></c:lvl></c:multiLvlStrCache></c:multiLvlStrRef>"
)


@pytest.mark.parametrize("kind", ["bar3DChart", "barChart", "pieChart", "surface3DChart", "xChart"])
def test_charts_of_all_kinds_are_tables_with_their_titles(tmp_path: Path, kind: str) -> None:
    columns = series("Agua", WORDS, POINTS.format("0.1", "31"))
    columns += series("Cuota", WORDS, POINTS.format("0.255", "1"), "0.0%")
    xml = (
        f"<c:chartSpace><c:chart>{TITLE.format('Consumo')}<c:plotArea><c:{kind}>{columns}"
        f"</c:{kind}><c:valAx>{TITLE.format('miles de litros')}</c:valAx></c:plotArea></c:chart>"
        "</c:chartSpace>"
    )
    drawing = frame('<c:chart r:id="chart1"/>') + shape("después")
    document = shown(tmp_path, drawing, {"ppt/chart1.xml": ("chart", xml)})
    assert document.text == (
        "Consumo\n\nAgua | Cuota\nEnero; Agua: 0.1; Cuota: 25.5%\nMayo; Agua: 31; Cuota: 100.0%"
        "\n\nmiles de litros\n\ndespués"
    )


def test_charts_of_points_of_groups_and_of_the_new_kind(tmp_path: Path) -> None:
    points = (
        "<c:ser><c:tx><c:v>Pozo</c:v></c:tx>"
        f"<c:xVal><c:numLit>{POINTS.format('1', '2')}</c:numLit></c:xVal>"
        f"<c:yVal><c:numLit>{POINTS.format('7', '8')}</c:numLit></c:yVal></c:ser>"
    )
    grouped = series("Agua", LEVELS, POINTS.format("3", "4"))
    new = (
        '<cx:chartSpace><cx:chartData><cx:data id="0"><cx:strDim type="cat"><cx:lvl>'
        '<cx:pt idx="0">Alta</cx:pt></cx:lvl></cx:strDim><cx:numDim type="val"><cx:lvl>'
        '<cx:pt idx="0">9</cx:pt></cx:lvl></cx:numDim></cx:data></cx:chartData><cx:chart>'
        "<cx:plotArea><cx:plotAreaRegion><cx:series><cx:tx><cx:txData><cx:v>Saldo</cx:v>"
        "</cx:txData></cx:tx></cx:series></cx:plotAreaRegion></cx:plotArea></cx:chart>"
        "</cx:chartSpace>"
    )
    chart = "<c:chartSpace><c:chart><c:plotArea><c:x>{}</c:x></c:plotArea></c:chart></c:chartSpace>"
    parts: Parts = {
        "ppt/chart1.xml": ("chart", chart.format(points)),
        "ppt/chart2.xml": ("chart", chart.format(grouped)),
        "ppt/chart3.xml": ("chartEx", new),
    }
    drawing = frame('<c:chart r:id="chart1"/>') + frame('<c:chart r:id="chart2"/>')
    third = frame('<cx:chart r:id="chart3"/>')
    drawing += f"<mc:AlternateContent><mc:Choice>{third}</mc:Choice></mc:AlternateContent>"
    assert shown(tmp_path, drawing, parts).text == (
        "Pozo\n1; Pozo: 7\n2; Pozo: 8\n\n"
        "Agua\n2024 Enero; Agua: 3\n2024 Mayo; Agua: 4\n\n"
        "Saldo\nAlta; Saldo: 9"
    )


def test_pictures_by_their_texts_and_files_inside(tmp_path: Path) -> None:
    picture = '<p:pic><p:nvPicPr><p:cNvPr id="3" {}/></p:nvPicPr></p:pic>'
    ole = frame('<p:oleObj progId="Excel.Sheet.12"/>')
    document = shown(
        tmp_path, picture.format('descr="Mapa del acuífero"') + picture.format("") + ole
    )
    assert document.text == "Mapa del acuífero"
    notes = {note.kind: (note.count, note.text) for note in document.notes}
    assert notes == {
        NoteKind.EMBEDDED_FILE: (1, "Excel.Sheet.12"),
        NoteKind.PICTURE: (1, ""),
    }


def test_a_bullet_that_is_a_check_box_is_shown(tmp_path: Path) -> None:
    package = pptx.Presentation()
    slide = package.slides.add_slide(package.slide_layouts[1])
    frame = slide.placeholders[1].text_frame
    frame.text = "Plan\nObra\nFin"
    bullets = (("☐", ""), ("\uf0fe", "Wingdings"), ("•", "Arial"))
    for paragraph, (character, font) in zip(frame.paragraphs, bullets, strict=True):
        properties = paragraph._p.get_or_add_pPr()
        if font:
            properties.append(properties.makeelement(f"{A}buFont", {"typeface": font}))
        properties.append(properties.makeelement(f"{A}buChar", {"char": character}))
    package.save(str(tmp_path / "a.pptx"))
    assert parse(tmp_path / "a.pptx").document.text == "☐ Plan\n☑ Obra\nFin"
