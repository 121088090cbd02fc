"""No text of a file is dropped in silence: every text node of every part is read or noted.

The parts are taken apart with lxml alone, so that nothing which a parser overlooks is overlooked
here as well. What is no text of the document is named below, tag by tag.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import docx
import pptx
import pytest
from lxml import etree
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from rag.parsing import parse
from rag.parsing.characters import clean_line
from tests.parsing import packages
from tests.parsing.packages import Parts, open_document, paragraph, row, style, styles, table

NO_CONTENT = re.compile(
    r"\[Content_Types\]|.*\.rels|docProps/.*|custom(XML|Xml)/.*|META-INF/.*|meta\.xml|settings\.xml"
    r"|(word|ppt)/(theme/.*|settings|styles|fontTable|webSettings|numbering|presProps|viewProps"
    r"|tableStyles|commentAuthors|authors|stylesWithEffects)\.?.*|ppt/(notes|handout)Masters/.*"
)
NO_TEXT = frozenset(
    """f formatCode instrText delInstrText align posOffset pctWidth pctHeight creator date
    note-citation page-number tableStyleId attrName""".split()
)
"""Codes of fields and charts, measures, what a comment's author and day are written as, and the
marks of notes."""


def text_nodes(path: Path) -> Iterator[tuple[str, str]]:
    """Yields (part, text) for every text node that a program might show."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if not name.endswith(".xml") or NO_CONTENT.fullmatch(name):
                continue
            root = etree.fromstring(archive.read(name))
            prompts = "slideLayout" in name or "slideMaster" in name
            for element in root.iter("*"):
                placeholders = "boolean(ancestor::*[local-name()='sp'][.//*[local-name()='ph']])"
                if prompts and element.xpath(placeholders):
                    continue
                parent = element.getparent()
                if etree.QName(element).localname not in NO_TEXT and element.text:
                    yield name, element.text
                if element.tail and parent is not None:
                    yield name, element.tail


def dropped(path: Path) -> list[tuple[str, str]]:
    """The text nodes that are neither in the document nor in its notes."""
    document = parse(path).document
    kept = clean_line(" ".join([document.text, *(note.text for note in document.notes)]))
    words = ((name, clean_line(text)) for name, text in text_nodes(path))
    return [(name, text) for name, text in words if text and text not in kept]


def word(words: str, run: str = "") -> str:
    return f'<w:r><w:rPr>{run}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r>'


def everything(path: Path) -> Path:
    """A Word document with all that Word lets one put into it."""
    box = (
        f"<w:txbxContent>{paragraph('en la caja')}{table(row('caja a', 'caja b'))}</w:txbxContent>"
    )
    chart = """<c:chartSpace><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>título del gráfico</a:t>
    </a:r></a:p></c:rich></c:tx></c:title><c:plotArea><c:bar3DChart><c:ser><c:tx><c:strRef>
    <c:f>Hoja!A1</c:f><c:strCache><c:pt idx="0"><c:v>serie</c:v></c:pt></c:strCache></c:strRef>
    </c:tx><c:cat><c:strLit><c:pt idx="0"><c:v>categoría</c:v></c:pt></c:strLit></c:cat><c:val>
    <c:numLit><c:formatCode>General</c:formatCode><c:pt idx="0"><c:v>4417</c:v></c:pt>
    </c:numLit></c:val></c:ser></c:bar3DChart></c:plotArea></c:chart></c:chartSpace>"""
    diagram = (
        '<dgm:dataModel><dgm:ptLst><dgm:pt modelId="1"><dgm:t><a:p><a:r><a:t>en el esquema</a:t>'
        "</a:r></a:p></dgm:t></dgm:pt></dgm:ptLst></dgm:dataModel>"
    )
    notes = {"footnote": "al pie", "endnote": "al final", "comment": "comentario"}
    parts: Parts = {
        f"word/{kind}s.xml": (
            f"{kind}s",
            f'<w:{kind}s><w:{kind} w:id="1" w:author="Ana">{paragraph(words)}</w:{kind}>'
            f"</w:{kind}s>",
        )
        for kind, words in notes.items()
    }
    parts |= {
        "word/chart1.xml": ("chart", chart),
        "word/data1.xml": ("diagramData", diagram),
        "word/header1.xml": (
            "header",
            f"<w:hdr>{paragraph('membrete')}{table(row('x', 'y'))}</w:hdr>",
        ),
        "word/footer1.xml": ("footer", f"<w:ftr>{paragraph('pie')}{paragraph('Página 2')}</w:ftr>"),
        "word/styles.xml": styles(style("heading 1"), style("caption")),
    }
    marks = "".join(f'<w:r><w:{k}Reference w:id="1"/></w:r>' for k in notes)
    control = f"<w:sdt><w:sdtPr/><w:sdtContent>{word('control')}</w:sdtContent></w:sdt>"
    drawings = (
        '<w:r><w:drawing><wp:inline><c:chart r:id="chart1"/></wp:inline></w:drawing></w:r>'
        '<w:r><w:drawing><wp:inline><dgm:relIds r:dm="data1"/></wp:inline></w:drawing></w:r>'
        f"<w:r><w:pict><v:textbox>{box}</v:textbox></w:pict></w:r>"
    )
    part = "<m:{0}><m:r><m:t>{1}</m:t></m:r></m:{0}>".format
    formula = f"<m:oMath><m:f>{part('num', 'a+b')}{part('den', 'c')}</m:f></m:oMath>"
    inner = table(row("interior a", "interior b"))
    nested = (
        f"<w:tbl><w:tr><w:tc>{paragraph('fuera')}</w:tc><w:tc>{inner}<w:p/></w:tc></w:tr></w:tbl>"
    )
    changes = (
        f"<w:p><w:ins>{word('insertado')}</w:ins><w:del><w:r><w:delText>borrado</w:delText></w:r>"
        f"</w:del><w:moveFrom>{word('movido')}</w:moveFrom></w:p>"
        f"<w:p><w:moveTo>{word('movido')}</w:moveTo></w:p>"
    )
    page = '<w:{0}Reference r:id="{0}1"/>'.format
    body = (
        paragraph("Capítulo", '<w:pStyle w:val="heading1"/>')
        + f"<w:p>{word('texto')}{marks}{control}{drawings}{formula}{word('oculto', '<w:vanish/>')}"
        f"<w:hyperlink>{word('enlace')}</w:hyperlink><w:fldSimple>{word('campo')}</w:fldSimple>"
        f"<w:smartTag>{word('lista')}</w:smartTag><w:r><w:ruby><w:rt>{word('guía')}</w:rt>"
        f"<w:rubyBase>{word('base')}</w:rubyBase></w:ruby></w:r></w:p>"
        + changes + nested + table(row("deshecho", "1", properties="<w:del/>"), row("a", "b"))
        + f"<w:customXml>{paragraph('en otra marca')}</w:customXml>"
        + f"<w:sectPr>{page('header')}{page('footer')}</w:sectPr>"
    )  # fmt: skip
    return packages.docx(path, body, parts)


def by_library(path: Path) -> Path:
    """A Word document as python-docx writes it, with its template and all."""
    document = docx.Document()
    document.add_heading("Memoria", 0)
    document.add_heading("Objeto", 1)
    document.add_paragraph("uno", style="List Number")
    document.add_paragraph("dos", style="List Bullet")
    commented = document.add_paragraph("con comentario")
    document.add_comment(commented.runs, text="revisar", author="Ana", initials="A")
    cells = document.add_table(2, 3).rows
    cells[0].cells[0].merge(cells[0].cells[1]).text = "unidas"
    cells[1].cells[2].text = "última"
    document.sections[0].header.paragraphs[0].text = "membrete"
    document.sections[0].footer.paragraphs[0].text = "pie"
    document.save(str(path))
    return path


def slides(path: Path) -> Path:
    show = pptx.Presentation()
    area = (Inches(1), Inches(1), Inches(5), Inches(3))
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text = "Título"
    slide.placeholders[1].text = "uno\ndos"
    grid = slide.shapes.add_table(2, 2, *area).table
    grid.cell(0, 0).merge(grid.cell(0, 1))
    for at, words in enumerate(("unidas", "", "celda", "otra")):
        grid.cell(at // 2, at % 2).text = words
    slide.shapes.add_group_shape().shapes.add_textbox(*area).text_frame.text = "en el grupo"
    slide.notes_slide.notes_text_frame.text = "para decir"
    bars = CategoryChartData()
    bars.categories = ["enero", "mayo"]
    bars.add_series("agua", (31.5, 44))
    chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *area, bars).chart
    chart.chart_title.text_frame.text = "consumo"
    points = XyChartData()
    points.add_series("pozo").add_data_point(17, 23)
    slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, *area, points)
    show.save(str(path))
    return path


def text(path: Path) -> Path:
    """An OpenDocument text with all that a program lets one put into it."""
    hanging = """<text:note><text:note-citation>1</text:note-citation><text:note-body>
    <text:p>al pie</text:p></text:note-body></text:note><office:annotation>
    <dc:creator>Ana</dc:creator><dc:date>2024-05-03</dc:date><text:p>comentario</text:p>
    </office:annotation><draw:frame><draw:text-box><text:p>en la caja</text:p></draw:text-box>
    </draw:frame><draw:g><draw:custom-shape><text:p>en la forma</text:p></draw:custom-shape>
    </draw:g>"""
    inline = """<text:a>enlace</text:a><text:span>trozo</text:span><text:ruby><text:ruby-base>base
    </text:ruby-base><text:ruby-text>guía</text:ruby-text></text:ruby>
    <text:hidden-text text:is-hidden="true">oculto</text:hidden-text>"""
    cells = """<table:table-row><table:table-cell><text:p>{}</text:p></table:table-cell>
    <table:table-cell><text:list><text:list-item><text:p>{}</text:p></text:list-item></text:list>
    </table:table-cell></table:table-row>"""
    body = f"""<text:tracked-changes><text:changed-region><text:deletion><text:p>borrado</text:p>
    </text:deletion></text:changed-region></text:tracked-changes>
    <text:h text:outline-level="1">Capítulo</text:h><text:p>texto{hanging}{inline}</text:p>
    <text:list><text:list-header><text:p>cabeza</text:p></text:list-header><text:list-item>
    <text:p>uno</text:p><text:list><text:list-item><text:p>dos</text:p></text:list-item>
    </text:list></text:list-item></text:list>
    <table:table>{cells.format("a", "b")}{cells.format("c", "d")}</table:table>
    <text:section><text:p>sección</text:p></text:section><text:table-of-content><text:index-body>
    <text:index-title><text:p>Índice</text:p></text:index-title></text:index-body>
    </text:table-of-content>
    <text:numbered-paragraph><text:p>numerado</text:p></text:numbered-paragraph>"""
    return open_document(path, "text", body)


def sheet(path: Path) -> Path:
    """An OpenDocument sheet with comments, drawings, merged, hidden and repeated cells."""
    note = """<office:annotation><dc:creator>Ana</dc:creator><dc:date>2024-05-03</dc:date>
    <text:p>comentario</text:p></office:annotation>"""
    cell = "<table:table-cell {}>{}<text:p>{}</text:p></table:table-cell>".format
    body = f"""<table:table table:name="Gastos"><table:shapes><draw:frame><draw:text-box>
    <text:p>en la caja</text:p></draw:text-box></draw:frame></table:shapes>
    <table:table-column/><table:table-column table:visibility="collapse"/><table:table-column/>
    <table:table-row>{cell("", note, "Zona")}{cell("", "", "Clave")}{cell("", "", "Litros")}
    </table:table-row><table:table-row table:visibility="filter">{cell("", "", "filtrada")}
    </table:table-row><table:table-row>{cell('table:number-columns-spanned="2"', "", "Norte")}
    <table:covered-table-cell/>{cell("", "", "40")}</table:table-row></table:table>
    <table:table table:name="Otra" table:style-name="oculta"><table:table-row>
    {cell("", "", "secreto")}</table:table-row></table:table>"""
    hides = """<style:style style:name="oculta" style:family="table"><style:table-properties
    table:display="false"/></style:style>"""
    return open_document(path, "spreadsheet", body, hides)


def show(path: Path) -> Path:
    """An OpenDocument presentation with its notes, comments and running lines."""
    box = "<draw:frame {}><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>".format
    body = f"""<presentation:footer-decl presentation:name="f1">pie</presentation:footer-decl>
    <draw:page presentation:use-footer-name="f1">{box('presentation:class="title"', "Título")}
    {box("", "cuerpo")}<draw:g>{box("", "en el grupo")}</draw:g><draw:custom-shape>
    <text:p>en la forma</text:p></draw:custom-shape><draw:frame><table:table><table:table-row>
    <table:table-cell><text:p>celda</text:p></table:table-cell><table:table-cell><text:p>otra
    </text:p></table:table-cell></table:table-row></table:table></draw:frame>
    <office:annotation><dc:creator>Ana</dc:creator><dc:date>2024-05-03</dc:date>
    <text:p>comentario</text:p></office:annotation><presentation:notes>{box("", "para decir")}
    </presentation:notes></draw:page>"""
    return open_document(path, "presentation", body)


@pytest.mark.parametrize(
    ("build", "suffix"),
    [
        (everything, "docx"), (by_library, "docx"), (slides, "pptx"), (text, "odt"),
        (sheet, "ods"), (show, "odp"),
    ],
)  # fmt: skip
def test_every_text_is_read_or_noted(
    tmp_path: Path, build: Callable[[Path], Path], suffix: str
) -> None:
    path = build(tmp_path / f"a.{suffix}")
    assert len(list(text_nodes(path))) >= 8
    assert dropped(path) == []
