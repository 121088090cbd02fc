"""Automatic numbers of DOCX paragraphs: what Word shows is in the text."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.parsing import parse
from rag.schema import Document, DocumentBlockKind
from tests.parsing.packages import Parts, docx, paragraph, style, styles

SPANISH = '<w:lang w:val="es-ES"/>'


def level(at: int, text: str, form: str = "decimal", more: str = "", start: int = 1) -> str:
    return (
        f'<w:lvl w:ilvl="{at}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def numbering(*levels: str, more: str = "") -> Parts:
    """One list, of the name 1; `more` nodes stand behind it."""
    xml = (
        f'<w:numbering><w:abstractNum w:abstractNumId="5">{"".join(levels)}</w:abstractNum>'
        f'<w:num w:numId="1"><w:abstractNumId w:val="5"/></w:num>{more}</w:numbering>'
    )
    return {"word/numbering.xml": ("numbering", xml)}


def item(words: str, at: int = 0, name: int = 1) -> str:
    return paragraph(words, f'<w:numPr><w:ilvl w:val="{at}"/><w:numId w:val="{name}"/></w:numPr>')


def read(tmp_path: Path, body: str, parts: Parts) -> Document:
    parts.setdefault("word/styles.xml", styles(defaults=SPANISH))
    return parse(docx(tmp_path / "a.docx", body, parts)).document


@pytest.mark.parametrize(
    ("levels", "shown"),
    [
        ((level(0, "%1."), level(1, "%1.%2")), ["1. a", "1.1 b", "1.2 c", "2. d", "2.1 e"]),
        (
            (level(0, "Cláusula %1:", "ordinalText"), level(1, "%2)", "lowerLetter")),
            ["Cláusula Primero: a", "a) b", "b) c", "Cláusula Segundo: d", "a) e"],
        ),
        (
            (level(0, "Título %1", "upperRoman"), level(1, "%1.%2.", "decimal")),
            ["Título I a", "I.1. b", "I.2. c", "Título II d", "II.1. e"],
        ),
        (
            (
                level(0, "Artículo %1.-", "upperRoman"),
                level(1, "%1.%2", more="<w:isLgl/>"),
            ),
            ["Artículo I.- a", "1.1 b", "1.2 c", "Artículo II.- d", "2.1 e"],
        ),
        (
            (level(0, "\uf0b7", "bullet"), level(1, "o", "bullet")),
            ["a", "b", "c", "d", "e"],
        ),
        (
            (level(0, "%1", "none"), level(1, "(%2)", "decimalZero", start=7)),
            ["a", "(07) b", "(08) c", "d", "(07) e"],
        ),
        (
            (level(0, "%1"), level(1, "%2", more='<w:lvlRestart w:val="0"/>')),
            ["1 a", "1 b", "2 c", "2 d", "3 e"],
        ),
        (
            (level(0, "%1.º", more='<w:suff w:val="nothing"/>'), level(1, "%1/%2", "ordinal")),
            ["1.ºa", "1/1º b", "1/2º c", "2.ºd", "2/1º e"],
        ),
    ],
    ids="decimal clauses roman legal bullets none no-restart glued".split(),
)
def test_formats_and_levels(tmp_path: Path, levels: tuple[str, ...], shown: list[str]) -> None:
    body = "".join(item(words, at) for words, at in zip("abcde", (0, 1, 1, 0, 1), strict=True))
    document = read(tmp_path, body, numbering(*levels))
    assert document.text.split("\n") == shown
    blocks = [(block.kind, block.level) for block in document.blocks]
    assert blocks == [(DocumentBlockKind.LIST_ITEM, at) for at in (1, 2, 2, 1, 2)]


def test_a_list_goes_on_and_another_starts_again(tmp_path: Path) -> None:
    again = (
        '<w:num w:numId="2"><w:abstractNumId w:val="5"/><w:lvlOverride w:ilvl="0">'
        '<w:startOverride w:val="1"/></w:lvlOverride></w:num>'
        '<w:num w:numId="3"><w:abstractNumId w:val="5"/></w:num>'
    )
    body = item("a") + item("b") + paragraph("entre") + item("c") + item("d", name=2)
    body += item("e", name=2) + item("f", name=3)
    document = read(tmp_path, body, numbering(level(0, "%1."), more=again))
    lines = document.text.split()
    assert lines == "1. a 2. b entre 3. c 1. d 2. e 3. f".split()


def test_an_override_may_change_the_format(tmp_path: Path) -> None:
    changed = (
        '<w:num w:numId="2"><w:abstractNumId w:val="5"/><w:lvlOverride w:ilvl="0">'
        f"{level(0, '%1)', 'lowerRoman', start=4)}</w:lvlOverride></w:num>"
    )
    document = read(tmp_path, item("a", name=2), numbering(level(0, "%1."), more=changed))
    assert document.text == "iv) a"


def test_styles_number_headings_and_direct_properties_take_numbers_away(tmp_path: Path) -> None:
    numbered = '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'
    parts = numbering(
        level(0, "%1.", more='<w:pStyle w:val="heading1"/>'),
        level(1, "%1.%2.", more='<w:pStyle w:val="heading2"/>'),
    )
    parts["word/styles.xml"] = styles(
        style("heading 1", numbered), style("heading 2", numbered), style("Mío", "", "heading2")
    )
    body = (
        paragraph("Objeto", '<w:pStyle w:val="heading1"/>')
        + paragraph("Partes", '<w:pStyle w:val="heading2"/>')
        + paragraph("Lugar", '<w:pStyle w:val="Mío"/>')
        + paragraph("Anexo", '<w:pStyle w:val="heading1"/><w:numPr><w:numId w:val="0"/></w:numPr>')
        + paragraph("fin")
    )
    document = read(tmp_path, body, parts)
    assert document.text.split("\n\n") == ["1. Objeto", "1.1. Partes", "1.2. Lugar", "Anexo", "fin"]
    assert document.headings_at(document.text.index("Lugar")) == ("1. Objeto", "1.2. Lugar")


def test_a_list_style_stands_between_a_list_and_its_levels(tmp_path: Path) -> None:
    linked = (
        '<w:abstractNum w:abstractNumId="8"><w:numStyleLink w:val="Actas"/></w:abstractNum>'
        '<w:num w:numId="4"><w:abstractNumId w:val="8"/></w:num>'
    )
    parts = numbering(level(0, "Punto %1:"), more=linked)
    basis = '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'
    parts["word/styles.xml"] = styles(style("Actas", basis, kind="numbering"))
    assert read(tmp_path, item("a", name=4), parts).text == "Punto 1: a"


def test_numbered_cells_have_their_numbers_and_empty_paragraphs_none(tmp_path: Path) -> None:
    cell = "<w:tc><w:tcPr/>{}</w:tc>"
    rows = "".join(
        f"<w:tr>{cell.format(item(''))}{cell.format(paragraph(words))}</w:tr>"
        for words in ("40", "50")
    )
    body = f"<w:tbl><w:tblPr/>{rows}</w:tbl>{item('')}{item('fin')}"
    document = read(tmp_path, body, numbering(level(0, "%1.")))
    assert document.text == "1. | 40\n2. | 50\n\n4. fin"


def test_deleted_and_hidden_paragraphs_are_not_counted(tmp_path: Path) -> None:
    numbers = '<w:numPr><w:numId w:val="1"/></w:numPr>'
    deleted = (
        f"<w:p><w:pPr>{numbers}<w:rPr><w:del/></w:rPr></w:pPr>"
        "<w:del><w:r><w:delText>fuera</w:delText></w:r></w:del></w:p>"
    )
    hidden = paragraph("oculto", f"{numbers}<w:rPr><w:vanish/></w:rPr>", "<w:vanish/>")
    document = read(tmp_path, item("a") + deleted + hidden + item("b"), numbering(level(0, "%1.")))
    assert document.text == "1. a\n2. b"


@pytest.mark.parametrize(
    "xml",
    [
        '<w:numbering><w:num w:numId="1"/></w:numbering>',
        '<w:numbering><w:num w:numId="1"><w:abstractNumId w:val="x"/></w:num></w:numbering>',
        '<w:numbering><w:abstractNum w:abstractNumId="5"><w:numStyleLink w:val="no"/>'
        '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="5"/></w:num></w:numbering>',
        '<w:numbering><w:abstractNum w:abstractNumId="5"><w:lvl w:ilvl="x"><w:start w:val="z"/>'
        '<w:lvlText/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="5"/>'
        "</w:num></w:numbering>",
    ],
)
def test_damaged_numbering_leaves_the_words(tmp_path: Path, xml: str) -> None:
    assert read(tmp_path, item("a"), {"word/numbering.xml": ("numbering", xml)}).text == "a"


def test_a_bullet_that_is_a_check_box_is_shown(tmp_path: Path) -> None:
    font = '<w:rPr><w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/></w:rPr>'
    levels = level(0, "☐", "bullet"), level(1, "\uf0fe", "bullet", font), level(2, "•", "bullet")
    body = "".join(item(words, at) for at, words in enumerate(("Plan", "Obra", "Fin")))
    assert read(tmp_path, body, numbering(*levels)).text == "☐ Plan\n☑ Obra\nFin"
