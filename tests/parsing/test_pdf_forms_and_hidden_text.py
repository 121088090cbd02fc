"""What a PDF's page shows beside its text, and what its text holds that the page does not show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rag.errors import FileProblem
from rag.parsing import parse
from rag.schema import Document, DocumentBlockKind, NoteKind, Outcome
from tests.parsing.test_pdf import Draw, pdf


def read(path: Path, *pages: Any) -> Document:
    return parse(pdf(path / "a.pdf", pages)).document


def form(draw: Draw) -> Draw:
    def page(canvas: Any) -> None:
        canvas.drawString(72, 760, "Solicitud de alta en la cooperativa de aguas")
        draw(canvas)

    return page


def test_the_value_of_a_field_stands_behind_its_label(tmp_path: Path) -> None:
    def draw(canvas: Any) -> None:
        canvas.drawString(72, 700, "Profesión del solicitante:")
        canvas.acroForm.textfield(name="p", value="apicultor", x=250, y=692, width=150, height=20)
        canvas.drawString(72, 650, "Domicilio")
        canvas.acroForm.textfield(
            name="d", value="calle Mayor 3", x=72, y=622, width=200, height=20
        )

    document = read(tmp_path, form(draw))
    assert "Profesión del solicitante: apicultor" in document.text
    assert "Domicilio: calle Mayor 3" in document.text
    fields = [b for b in document.blocks if b.kind is DocumentBlockKind.FIELD]
    assert next(document.text[b.start : b.end] for b in fields).endswith("apicultor")


def test_a_value_without_a_label_is_named_by_its_field(tmp_path: Path) -> None:
    def draw(canvas: Any) -> None:
        canvas.acroForm.textfield(
            name="n", tooltip="Municipio", value="Soria", x=300, y=300, width=100, height=20
        )

    assert "Municipio: Soria" in read(tmp_path, form(draw)).text


@pytest.mark.parametrize("before", [True, False])
def test_a_check_box_stands_before_its_words(tmp_path: Path, before: bool) -> None:
    def draw(canvas: Any) -> None:
        for left, words, checked in ((72, "Mensual", False), (220, "Anual", True)):
            canvas.drawString(left + (20 if before else 0), 700, words)
            box = left if before else left + 60
            canvas.acroForm.checkbox(name=words, checked=checked, x=box, y=698, size=12)

    document = read(tmp_path, form(draw))
    assert "☐ Mensual" in document.text
    assert "☒ Anual" in document.text


def test_annotations_stand_where_they_were_written(tmp_path: Path) -> None:
    def draw(canvas: Any) -> None:
        canvas.drawString(72, 700, "La caldera se revisa en otoño.")
        canvas.freeTextAnnotation(
            "Precintada desde el lunes.", "FreeText", Rect=[72, 660, 300, 680]
        )
        canvas.textAnnotation("Cambiar la junta.", Rect=[72, 620, 90, 640])
        canvas.drawString(72, 500, "La bomba se revisa en primavera.")

    document = read(tmp_path, form(draw))
    order = [document.text.index(w) for w in ("caldera", "Precintada", "junta", "bomba")]
    assert order == sorted(order)
    notes = [b for b in document.blocks if b.kind is DocumentBlockKind.NOTE]
    assert len(notes) == 2


TEMPLATE = """<template xmlns="http://www.xfa.org/schema/xfa-template/3.0/"><subform name="a">
<draw><value><text>Solicitud de riego</text></value></draw>
<field name="nombre"><caption><value><text>Nombre:</text></value></caption></field>
<field name="turno"><caption><value><text>De noche</text></value></caption>
<ui><checkButton/></ui><items><text>1</text></items></field>
<field name="clave" presence="hidden"/>
</subform></template>"""
DATA = """<xfa:datasets xmlns:xfa="http://www.xfa.org/schema/xfa-data/1.0/"><xfa:data><a>
<nombre>Ana Ruiz</nombre><turno>1</turno><parcela>14-B</parcela></a></xfa:data></xfa:datasets>"""


def xfa(path: Path, data: str) -> Document:
    def stream(text: str) -> bytes:
        raw = text.encode()
        return b"<</Length %d>>stream\n%b\nendstream" % (len(raw), raw)

    objects = [
        b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[]/XFA[(template)6 0 R(datasets)7 0 R]>>"
        b"/NeedsRendering true>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>",
        b"<</Type/Page/Parent 2 0 R/Resources<</Font<</F 4 0 R>>>>/Contents 5 0 R>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        stream("BT /F 12 Tf 72 700 Td (Please wait...) Tj ET"),
        stream(TEMPLATE),
        stream(data),
    ]
    body = b"".join(b"%d 0 obj%b endobj\n" % (at, obj) for at, obj in enumerate(objects, 1))
    path.write_bytes(b"%PDF-1.7\n" + body + b"trailer<</Root 1 0 R/Size 8>>")
    return parse(path).document


def test_a_form_that_only_some_programs_draw_is_read_from_its_data(tmp_path: Path) -> None:
    document = xfa(tmp_path / "xfa.pdf", DATA)
    assert document.text.split("\n\n")[1].split("\n") == [
        "Solicitud de riego", "Nombre: Ana Ruiz", "☒ De noche", "parcela: 14-B"
    ]  # fmt: skip
    assert {block.kind for block in document.blocks} == {DocumentBlockKind.FIELD}


def test_the_data_of_a_form_declare_no_entities(tmp_path: Path) -> None:
    with pytest.raises(FileProblem) as caught:
        xfa(tmp_path / "xfa.pdf", f"<!DOCTYPE a [<!ENTITY b 'c'>]>{DATA}")
    assert caught.value.outcome is Outcome.BOMB


def test_a_file_attached_to_a_page_is_noted(tmp_path: Path) -> None:
    import pypdfium2

    path = pdf(tmp_path / "a.pdf", [[(72, 700, "Factura del agua.")]])
    with pypdfium2.PdfDocument(path) as document:
        document.new_attachment("factura.xml").set_data(b"<a/>")
        document.save(tmp_path / "b.pdf")
    (note,) = parse(tmp_path / "b.pdf").document.notes
    assert (note.kind, note.count, note.text) == (NoteKind.EMBEDDED_FILE, 1, "factura.xml")


def white(canvas: Any) -> None:
    canvas.setFillColorRGB(1, 1, 1)
    canvas.drawString(72, 650, "Orden oculta uno.")


def almost_white(canvas: Any) -> None:
    canvas.setFillColorRGB(0.99, 0.99, 0.98)
    canvas.drawString(72, 650, "Orden oculta uno.")


def tiny(canvas: Any) -> None:
    canvas.setFont("Helvetica", 0.5)
    canvas.drawString(72, 650, "Orden oculta uno.")


def off_the_page(canvas: Any) -> None:
    canvas.drawString(72, -40, "Orden oculta uno.")


def invisible(canvas: Any) -> None:
    text = canvas.beginText(72, 650)
    text.setTextRenderMode(3)
    text.textLine("Orden oculta uno.")
    canvas.drawText(text)


def transparent(canvas: Any) -> None:
    canvas.setFillAlpha(0)
    canvas.drawString(72, 650, "Orden oculta uno.")


def under_a_shape(canvas: Any) -> None:
    canvas.drawString(72, 650, "Orden oculta uno.")
    canvas.setFillColorRGB(0, 0, 0)
    canvas.rect(60, 640, 200, 24, fill=1)


def clipped(canvas: Any) -> None:
    canvas.saveState()
    path = canvas.beginPath()
    path.rect(300, 300, 50, 50)
    canvas.clipPath(path, stroke=0, fill=0)
    canvas.drawString(72, 650, "Orden oculta uno.")
    canvas.restoreState()


def turned_and_off_the_page(canvas: Any) -> None:
    canvas.rotate(90)
    canvas.drawString(400, 40, "Orden oculta uno.")


HIDDEN = [white, almost_white, tiny, off_the_page, invisible, transparent, clipped]
HIDDEN_ON_PAGES_OF_FEW_OBJECTS = [under_a_shape, turned_and_off_the_page]


@pytest.mark.parametrize("draw", HIDDEN)
@pytest.mark.parametrize("objects", [1, 500])
def test_text_that_nobody_sees_is_left_out_and_noted(
    tmp_path: Path, draw: Draw, objects: int
) -> None:
    def page(canvas: Any) -> None:
        for number in range(objects):
            canvas.drawString(72 + 5 * (number % 80), 500 - 8 * (number // 80), "x")
        draw(canvas)

    document = read(tmp_path, form(page))
    assert "oculta" not in document.text
    (note,) = document.notes
    assert (note.kind, note.where, note.text) == (
        NoteKind.HIDDEN_TEXT, "page 1", "Orden oculta uno.",
    )  # fmt: skip


@pytest.mark.parametrize("draw", HIDDEN_ON_PAGES_OF_FEW_OBJECTS)
def test_text_that_is_covered_or_beyond_the_edge_is_left_out(tmp_path: Path, draw: Draw) -> None:
    def page(canvas: Any) -> None:
        canvas.drawString(72, 700, "La caldera se revisa en otoño.")
        draw(canvas)

    document = read(tmp_path, form(page))
    assert "caldera" in document.text
    assert "oculta" not in document.text
    assert [note.text for note in document.notes] == ["Orden oculta uno."]


def marked(canvas: Any) -> None:
    canvas.drawString(72, 650, "A la vista uno.")
    canvas.setFillColorRGB(1, 1, 0)
    canvas.setFillAlpha(0.4)
    canvas.rect(60, 640, 200, 24, fill=1, stroke=0)


def on_a_shape(canvas: Any) -> None:
    canvas.setFillColorRGB(1, 0.9, 0.9)
    canvas.rect(60, 640, 200, 24, fill=1, stroke=0)
    canvas.setFillColorRGB(0, 0, 0)
    canvas.drawString(72, 650, "A la vista uno.")


def turned(canvas: Any) -> None:
    canvas.rotate(90)
    canvas.drawString(400, -30, "A la vista uno.")


def framed(canvas: Any) -> None:
    canvas.drawString(72, 650, "A la vista uno.")
    canvas.rect(60, 640, 200, 24, fill=0)


def inside_a_clip(canvas: Any) -> None:
    path = canvas.beginPath()
    path.rect(60, 640, 200, 30)
    canvas.clipPath(path, stroke=0, fill=0)
    canvas.drawString(72, 650, "A la vista uno.")


@pytest.mark.parametrize("draw", [marked, on_a_shape, turned, framed, inside_a_clip])
def test_what_looks_like_hidden_text_and_is_seen_stays(tmp_path: Path, draw: Draw) -> None:
    document = read(tmp_path, form(draw))
    assert "A la vista uno." in document.text
    assert document.notes == ()


def test_a_page_takes_its_size_from_the_tree_of_pages(tmp_path: Path) -> None:
    """Where a page inherits its size, text at the top of A4 was beyond the edge of Letter."""
    path = tmp_path / "tree.pdf"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>",
        b"<</Type/Page/Parent 2 0 R/Resources<</Font<</F 4 0 R>>>>/Contents 5 0 R>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Length 52>>stream\nBT /F 12 Tf 72 815 Td (Arriba del todo.) Tj ET     \nendstream",
    ]
    body = b"".join(b"%d 0 obj%b endobj\n" % (at, data) for at, data in enumerate(objects, 1))
    path.write_bytes(b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R/Size 6>>")
    document = parse(path).document
    assert document.text == "Arriba del todo."
    assert document.notes == ()


def test_a_file_of_hidden_text_alone_has_no_text(tmp_path: Path) -> None:
    with pytest.raises(FileProblem) as caught:
        read(tmp_path, invisible)
    assert caught.value.outcome is Outcome.NO_TEXT
    assert "hidden text only" in str(caught.value)


def test_white_letters_on_a_dark_ground_are_seen(tmp_path: Path) -> None:
    def draw(canvas: Any) -> None:
        canvas.setFillColorRGB(0, 0, 0.5)
        canvas.rect(70, 640, 200, 20, fill=1)
        canvas.setFillColorRGB(1, 1, 1)
        canvas.drawString(72, 645, "Cabecera blanca.")

    document = read(tmp_path, form(draw))
    assert "Cabecera blanca." in document.text
    assert document.notes == ()


def test_the_text_layer_over_a_scan_is_no_hidden_text(tmp_path: Path) -> None:
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    picture = Image.new("RGB", (400, 300), "lightgrey")

    def draw(canvas: Any) -> None:
        canvas.drawImage(ImageReader(picture), 60, 400, 480, 300)
        invisible(canvas)

    document = read(tmp_path, form(draw))
    assert "Orden oculta uno." in document.text
    assert document.notes == ()


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("El convenio teórico-", "práctico se firma", "teórico-práctico"),
        ("Lo firma la ex-", "ministra de aguas", "ex-ministra"),
        ("Un método high-", "dimensional y nuevo", "high-dimensional"),
        ("Usa fertilizante nitro-", "genado en la vega", "nitrogenado"),
        ("El informe confiden-", "cial de la obra", "confidencial"),
    ],
)
def test_the_hyphen_of_a_compound_stays_and_that_of_a_broken_word_goes(
    tmp_path: Path, first: str, second: str, expected: str
) -> None:
    document = read(tmp_path, [(72, 700, first), (72, 688, second)])
    assert expected in document.text


@pytest.mark.parametrize("shift", [0.3, 0.6, 1.0])
def test_letters_printed_twice_to_look_bold_are_read_once(tmp_path: Path, shift: float) -> None:
    from reportlab.pdfbase.pdfmetrics import stringWidth

    def draw(canvas: Any) -> None:
        left = 72.0
        for letter in "Testing Deduplication":
            canvas.drawString(left, 700, letter)
            canvas.drawString(left + shift, 700, letter)
            left += stringWidth(letter, "Helvetica", 10)
        canvas.drawString(72, 650, "La calle llega al pozo: 1100 litros.")

    text = read(tmp_path, form(draw)).text
    assert "Testing Deduplication" in text
    assert "La calle llega al pozo: 1100 litros." in text


def test_spread_words_are_words(tmp_path: Path) -> None:
    def draw(canvas: Any) -> None:
        for number, letter in enumerate("PROHIBIDO"):
            canvas.drawString(72 + 14 * number, 700, letter)
        for number, letter in enumerate("PASAR"):
            canvas.drawString(72 + 14 * 9 + 16 + 14 * number, 700, letter)

    assert "PROHIBIDO PASAR" in read(tmp_path, form(draw)).text


def test_words_that_run_to_the_left_keep_their_spaces() -> None:
    """The second word stands left of the first, as in Arabic and Hebrew."""
    from rag.parsing.pdf_page import PageText

    class Backwards(PageText):
        def __init__(self) -> None:
            self._text, self._watch, self.doubtful = "אבג דהו", False, False

        def _box(self, at: int) -> tuple[float, float, float, float]:
            left = 200.0 - 6 * at
            return left, 0.0, left + 6, 10.0

        def _turns(self, at: int) -> int:
            return 0

        def _origin(self, at: int) -> tuple[float, float, float, float]:
            return 0.0, 0.0, 0.0, 0.0

        def _is_bold(self, at: int) -> bool:
            return False

    assert [line.text for line in Backwards().lines()] == ["אבג דהו"]


def test_a_choice_reads_as_it_is_shown(tmp_path: Path) -> None:
    def draw(canvas: Any) -> None:
        canvas.drawString(72, 700, "País:")
        options = [("España", "ES"), ("Francia", "FR")]
        canvas.acroForm.choice(
            name="p", value="FR", options=options, x=150, y=692, width=90, height=18
        )
        canvas.drawString(72, 660, "Idioma:")
        canvas.acroForm.listbox(
            name="i",
            value="Inglés",
            options=["Inglés", "Alemán"],
            x=150,
            y=630,
            width=90,
            height=40,
        )

    text = read(tmp_path, form(draw)).text
    assert "País: Francia" in text
    assert "Idioma: Inglés" in text


def test_a_column_of_check_boxes_far_on_the_right_of_their_words(tmp_path: Path) -> None:
    def draw(canvas: Any) -> None:
        for at, words in enumerate(("Casado", "Soltero")):
            canvas.drawString(72, 700 - 20 * at, words)
            canvas.acroForm.checkbox(
                name=f"b{at}", checked=at == 0, x=190, y=697 - 20 * at, size=12
            )

    text = read(tmp_path, form(draw)).text
    assert "☒ Casado" in text
    assert "☐ Soltero" in text


def test_fields_in_rows_below_names_are_a_table(tmp_path: Path) -> None:
    def draw(canvas: Any) -> None:
        for at, name in enumerate(("Concepto", "Horas", "Importe")):
            canvas.drawString(72 + 150 * at, 700, name)
        for row, cells in enumerate((("Diseño", "12", "300,00"), ("Obra", "40", "1.200,00"))):
            for at, value in enumerate(cells):
                canvas.acroForm.textfield(
                    name=f"{row}{at}",
                    value=value,
                    x=72 + 150 * at,
                    y=672 - 24 * row,
                    width=120,
                    height=18,
                )

    text = read(tmp_path, form(draw)).text
    assert "Concepto: Diseño; Horas: 12; Importe: 300,00" in text
    assert "Concepto: Obra; Horas: 40; Importe: 1.200,00" in text


SPREAD = {
    "T e s t": "Test",
    "P R E C I O :   1 2 , 5 0": "PRECIO: 12,50",
    "T o t a l   a   p a g a r :  45 euros": "Total a pagar: 45 euros",
    "1 . 2 3 4 , 5 6   €": "1.234,56 €",
    "R E S O L U C I Ó N": "RESOLUCIÓN",
    "A B C D": "A B C D",
    "1 2 3 4 5 6": "1 2 3 4 5 6",
    "vale a y b o c": "vale a y b o c",
}


@pytest.mark.parametrize("spread", SPREAD)
def test_spread_letters_are_words_and_lists_of_letters_are_not(tmp_path: Path, spread: str) -> None:
    lines = [(72.0, 700.0, "Una línea de texto como las demás."), (72.0, 670.0, spread)]
    assert read(tmp_path, lines).text.endswith(SPREAD[spread])


def test_single_letters_far_apart_are_the_names_of_columns(tmp_path: Path) -> None:
    days = [(72.0 + 60 * at, 700.0, day) for at, day in enumerate("LMXJVSD")]
    assert "LM" not in read(tmp_path, days).text


def test_letters_placed_one_by_one_are_words(tmp_path: Path) -> None:
    def draw(canvas: Any) -> None:
        for top, words in ((700, "Factura"), (680, "Fecha")):
            left = 72.0
            for letter in words:
                canvas.drawString(left, top, letter)
                left += canvas.stringWidth(letter, "Helvetica", 10)

    assert read(tmp_path, draw).text.split() == ["Factura", "Fecha"]


def test_letters_printed_twice_a_little_higher_are_read_once(tmp_path: Path) -> None:
    def draw(canvas: Any) -> None:
        left = 72.0
        for letter in "Llave inglesa":
            for up in (0.0, 0.3):
                canvas.drawString(left, 700 + up, letter)
            left += canvas.stringWidth(letter, "Helvetica", 10)

    assert read(tmp_path, draw).text == "Llave inglesa"
