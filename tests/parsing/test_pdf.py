"""PDF: pages, clean sentences, sections, title, and what happens to bad files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from rag.errors import FileProblem
from rag.parsing import parse
from rag.parsing.hyphens import before_break
from rag.parsing.lines import Line, looks_wrapped, merge_rows, paragraphs
from rag.schema import Document, Outcome

reportlab = pytest.importorskip("reportlab.pdfgen.canvas")

Draw = Callable[[Any], None]
Text = tuple[float, float, str]


def pdf(path: Path, pages: Sequence[Sequence[Text] | Draw], **options: Any) -> Path:
    """Write a PDF: for each page the texts at (left, bottom), or a function that draws."""
    canvas = reportlab.Canvas(str(path), **options)
    for page in pages:
        canvas.setFont("Helvetica", 10)
        if callable(page):
            page(canvas)
        else:
            for left, bottom, words in page:
                canvas.drawString(left, bottom, words)
        canvas.showPage()
    canvas.save()
    return path


def lines_at(top: float, *lines: str) -> list[Text]:
    return [(72, top - 12 * number, line) for number, line in enumerate(lines)]


def headed(canvas: Any, number: int, *body: str) -> None:
    """A page with a running header, a page number, a heading in large type and body text."""
    canvas.drawString(72, 800, "Manual de la almazara")
    canvas.drawString(300, 30, f"Página {number} de 4")
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(72, 740, f"Capítulo {'ABCD'[number - 1]}")
    canvas.setFont("Helvetica", 10)
    for left, bottom, words in lines_at(700, *body):
        canvas.drawString(left, bottom, words)


def page_text(document: Document, page: int) -> str:
    edges = [*document.pages, len(document.text)]
    return document.text[edges[page - 1] : edges[page]]


def outcome_of(path: Path) -> str:
    with pytest.raises(FileProblem) as caught:
        parse(path)
    return caught.value.outcome


def test_every_page_has_its_offset_even_an_empty_one(tmp_path: Path) -> None:
    pages = [lines_at(700, "Primera."), [], lines_at(700, "Tercera.")]
    document = parse(pdf(tmp_path / "a.pdf", pages)).document
    assert document.text == "Primera.\n\nTercera."
    assert len(document.pages) == 3
    assert [document.page_at(document.text.index(word)) for word in ("Prim", "Terc")] == [1, 3]
    assert document.page_end(0) == document.pages[1]
    assert document.page_end(document.text.index("Terc")) == len(document.text)


def test_an_empty_first_page_keeps_the_count_right(tmp_path: Path) -> None:
    document = parse(pdf(tmp_path / "a.pdf", [[], lines_at(700, "Segunda.")])).document
    assert document.page_at(0) == 2
    assert len(document.pages) == 2


def test_wrapped_lines_become_one_sentence_and_broken_words_whole(tmp_path: Path) -> None:
    body = lines_at(
        700,
        "La molturación empieza el mismo día para que el aceite no pierda sus propie-",
        "dades, y quien entrega tarde espera a la mañana siguiente, salvo que llueva.",
        "Fin.",
    )
    document = parse(pdf(tmp_path / "a.pdf", [body])).document
    assert "no pierda sus propiedades, y quien" in document.text
    assert document.text.endswith("salvo que llueva. Fin.")


def test_a_sentence_runs_on_over_the_page_break(tmp_path: Path) -> None:
    long = "El depósito se revisa cada primavera antes de que empiece el riego de la zona"
    document = parse(
        pdf(tmp_path / "a.pdf", [lines_at(60, long), lines_at(700, "norte.")])
    ).document
    assert document.text == f"{long} norte."
    assert document.page_at(len(document.text) - 1) == 2


def test_table_rows_are_lines_with_the_names_of_their_columns(tmp_path: Path) -> None:
    rows = [("Zona", "Litros"), ("Norte", "40"), ("Sur", "55")]
    cells = [
        (72 + 200 * column, 700 - 14 * row, words)
        for row, line in enumerate(rows)
        for column, words in enumerate(line)
    ]
    document = parse(
        pdf(tmp_path / "a.pdf", [[*cells, (72, 600, "Después de la tabla.")]])
    ).document
    assert document.text == (
        "Zona | Litros\nZona: Norte; Litros: 40\nZona: Sur; Litros: 55\n\nDespués de la tabla."
    )


def test_cells_of_several_lines_stay_in_their_row(tmp_path: Path) -> None:
    cells: list[Text] = [
        (72, 700, "Síntoma"), (250, 700, "Causa"), (420, 700, "Remedio"),
        (72, 680, "No responde"), (250, 680, "El disco está"), (250, 668, "lleno de registros"),
        (420, 680, "Rotación"),
        (72, 648, "Contesta en"), (72, 636, "otro idioma"), (250, 648, "El prompt es"),
        (250, 636, "antiguo"), (420, 648, "Cambiarlo"),
    ]  # fmt: skip
    assert parse(pdf(tmp_path / "a.pdf", [cells])).document.text == (
        "Síntoma | Causa | Remedio\n"
        "Síntoma: No responde; Causa: El disco está lleno de registros; Remedio: Rotación\n"
        "Síntoma: Contesta en otro idioma; Causa: El prompt es antiguo; Remedio: Cambiarlo"
    )


def test_rows_at_even_distance_are_not_taken_for_one(tmp_path: Path) -> None:
    cells = [
        (left, 700 - 12 * row, words)
        for row, line in enumerate([("enero", "4"), ("febrero", "5"), ("marzo", "6")])
        for left, words in zip((72, 250), line, strict=True)
    ]
    assert parse(pdf(tmp_path / "a.pdf", [cells])).document.text == "enero\t4\nfebrero\t5\nmarzo\t6"


def running(tmp_path: Path) -> Document:
    pages = [
        lambda canvas, n=n: headed(canvas, n, f"El texto de la parte {n} dice algo distinto aquí.")
        for n in range(1, 5)
    ]
    return parse(pdf(tmp_path / "manual.pdf", pages)).document


def test_running_headers_are_kept_once_and_page_numbers_never(tmp_path: Path) -> None:
    document = running(tmp_path)
    (note,) = document.notes
    assert (note.kind, note.where, note.count) == ("running_heads", "pages 1-4", 7)
    assert "Manual de la almazara" in note.text
    assert document.text.count("Manual de la almazara") == 1
    assert "Página" not in document.text
    assert page_text(document, 3).strip() == (
        "Capítulo C\n\nEl texto de la parte 3 dice algo distinto aquí."
    )


def test_large_type_makes_sections(tmp_path: Path) -> None:
    document = running(tmp_path)
    assert document.headings_at(document.text.index("parte 2")) == ("Capítulo B",)
    starts = [section.start for section in document.sections]
    assert starts == sorted(starts)
    assert document.sections[0].start == 0
    assert document.sections[-1].end == len(document.text)


def test_totals_at_the_foot_of_each_page_are_no_running_lines(tmp_path: Path) -> None:
    pages = [
        [*lines_at(700, f"Factura {n}00."), (72, 60, f"Total: {n * 37} euros")] for n in range(1, 6)
    ]
    document = parse(pdf(tmp_path / "a.pdf", pages)).document
    assert document.text.count("Total") == 5


def test_two_pages_are_too_few_to_tell_a_header(tmp_path: Path) -> None:
    pages = [lines_at(800, "Acta", "Uno."), lines_at(800, "Acta", "Dos.")]
    assert parse(pdf(tmp_path / "a.pdf", pages)).document.text.count("Acta") == 2


def test_the_outline_gives_the_sections(tmp_path: Path) -> None:
    def first(canvas: Any) -> None:
        canvas.drawString(72, 700, "1. Objeto del contrato")
        canvas.drawString(72, 660, "El arrendador cede la finca.")
        canvas.bookmarkPage("p1")
        canvas.addOutlineEntry("Objeto del contrato", "p1", 0)

    def second(canvas: Any) -> None:
        canvas.drawString(72, 700, "La renta se paga en enero.")
        canvas.bookmarkPage("p2")
        canvas.addOutlineEntry("Renta", "p2", 1)
        canvas.drawString(72, 500, "Firmas")
        canvas.drawString(72, 460, "En Jaén.")
        canvas.bookmarkPage("p4")
        canvas.addOutlineEntry("Firmas", "p4", 0)

    document = parse(pdf(tmp_path / "a.pdf", [first, second])).document
    assert document.headings_at(document.text.index("En Jaén")) == ("Firmas",)
    assert document.headings_at(document.text.index("cede")) == ("Objeto del contrato",)
    assert document.headings_at(document.text.index("paga")) == ("Objeto del contrato", "Renta")


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("Ordenanza de aguas", "Ordenanza de aguas"),
        ("Microsoft Word - x.doc", "ordenanza 2024"),
        ("informe_v2.indd", "ordenanza 2024"),
        ("untitled", "ordenanza 2024"),
    ],
)
def test_the_declared_title_counts_when_it_is_one(
    tmp_path: Path, declared: str, expected: str
) -> None:
    def draw(canvas: Any) -> None:
        canvas.setTitle(declared)
        canvas.drawString(72, 700, "Texto cualquiera de una página.")

    assert parse(pdf(tmp_path / "ordenanza_2024.pdf", [draw])).document.title == expected


def test_the_largest_words_of_the_first_page_are_a_title(tmp_path: Path) -> None:
    def draw(canvas: Any) -> None:
        canvas.setFont("Helvetica", 22)
        canvas.drawString(72, 760, "Plan de sequía")
        canvas.setFont("Helvetica", 10)
        canvas.drawString(72, 700, "Este plan ordena el uso del agua en la comarca.")

    assert parse(pdf(tmp_path / "a.pdf", [draw])).document.title == "Plan de sequía"


def test_a_scan_has_no_text(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", [lambda canvas: canvas.rect(100, 100, 50, 50, fill=1)])
    assert outcome_of(path) == Outcome.NO_TEXT


def test_a_password_is_asked_for_only_when_there_is_one(tmp_path: Path) -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption

    locked = StandardEncryption("secreta", ownerPassword="dueño")
    opened = StandardEncryption("", ownerPassword="dueño", canCopy=0)
    page = [lines_at(700, "Reservado.")]
    assert outcome_of(pdf(tmp_path / "a.pdf", page, encrypt=locked)) == Outcome.ENCRYPTED
    assert parse(pdf(tmp_path / "b.pdf", page, encrypt=opened)).document.text == "Reservado."


@pytest.mark.parametrize("keep", [20, 400, 700])
def test_a_truncated_pdf_gives_its_text_or_is_unreadable(tmp_path: Path, keep: int) -> None:
    path = pdf(tmp_path / "a.pdf", [lines_at(700, "Hola.")])
    path.write_bytes(path.read_bytes()[:keep])
    assert outcome_of(path) in (Outcome.UNREADABLE, Outcome.NO_TEXT)


def test_pypdf_steps_in_when_pdfium_opens_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pypdfium2

    def refuse(path: Path) -> None:
        raise pypdfium2.PdfiumError("no", err_code=3)

    path = pdf(tmp_path / "a.pdf", [lines_at(700, "Primera."), lines_at(700, "Segunda.")])
    monkeypatch.setattr(pypdfium2, "PdfDocument", refuse)
    document = parse(path).document
    assert document.page_at(document.text.index("Segunda.")) == 2
    assert document.text == "Primera.\n\nSegunda."


def fail_on(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    import pypdfium2

    original = pypdfium2.PdfDocument.__getitem__

    def load(document: Any, index: int) -> Any:
        if index == number:
            raise pypdfium2.PdfiumError("no")
        return original(document, index)

    monkeypatch.setattr(pypdfium2.PdfDocument, "__getitem__", load)


def test_pypdf_mends_the_pages_that_pdfium_cannot_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = pdf(tmp_path / "a.pdf", [lines_at(700, "Primera."), lines_at(700, "Segunda.")])
    fail_on(monkeypatch, 1)
    reading = parse(path)
    assert reading.outcome is Outcome.OK
    assert page_text(reading.document, 2) == "Segunda."


def test_a_page_that_nobody_can_read_makes_the_reading_partial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = pdf(tmp_path / "a.pdf", [lines_at(700, f"Página {n}.") for n in "abc"])
    fail_on(monkeypatch, 1)
    monkeypatch.setattr("rag.parsing.pdf._open_pypdf", lambda path: None)
    reading = parse(path)
    assert reading.outcome is Outcome.PARTIAL
    assert "1 of 3 pages" in reading.reason
    assert reading.reason.endswith(": 2")
    assert len(reading.document.pages) == 3
    assert page_text(reading.document, 3) == "Página c."


def test_every_page_beats(tmp_path: Path) -> None:
    beats: list[None] = []
    parse(pdf(tmp_path / "a.pdf", [lines_at(700, "x y z")] * 3), lambda *page: beats.append(None))
    assert len(beats) == 3


def line(text: str, row: float, left: float = 0, **rest: Any) -> Line:
    return Line(text, left, left + len(text), -row, 1.0, **rest)


@pytest.mark.parametrize(
    ("first", "second", "hyphen", "known", "expected"),
    [
        ("el rendi-", "miento", False, set(), "el rendimiento"),
        ("el rendi", "miento", True, set(), "el rendimiento"),
        ("estado franco-", "alemán", False, {"franco-alemán"}, "estado franco-alemán"),
        ("virus COVID-", "19", False, set(), "virus COVID-19"),
        ("la España post-", "Franco", False, set(), "la España post-Franco"),
        ("dijo -", "y calló", False, set(), "dijo - y calló"),
        ("una línea", "otra", False, set(), "una línea otra"),
    ],
)
def test_broken_words_are_mended(
    first: str, second: str, hyphen: bool, known: set[str], expected: str
) -> None:
    before = before_break(first, second, hyphen, known)
    assert before + second == expected


def test_paragraphs_part_where_the_writer_did() -> None:
    wide = "una línea que llega hasta el final del todo"
    lines = [
        line(wide, 0),
        line("y termina aquí.", 1),
        line("Empieza otra que también llega hasta el fin", 2),
        line("• un punto", 3),
        line("• otro punto", 4),
        line("Tras un hueco", 7),
        line("Una fila", 8, tabular=True),
    ]
    assert [(part.separator, part.text) for part in paragraphs(lines)] == [
        ("\n\n", f"{wide} y termina aquí."),
        ("\n\n", "Empieza otra que también llega hasta el fin"),
        ("\n", "• un punto"),
        ("\n", "• otro punto"),
        ("\n\n", "Tras un hueco"),
        ("\n", "Una fila"),
    ]


def test_pieces_of_one_row_are_merged_in_reading_order() -> None:
    pieces = [line("H", 0), line("2", 0.2, left=1), line("O", 0, left=2), line("total", 0, left=30)]
    merged = merge_rows(pieces)
    assert [row.text for row in merged] == ["H 2 O total"]
    assert merged[0].tabular


def test_turned_text_is_never_joined_to_level_text() -> None:
    parts = paragraphs([line("sigue en la línea", 0), line("abajo girado", 1, turns=1)])
    assert len(parts) == 2


def test_only_evenly_filled_lines_look_wrapped() -> None:
    assert looks_wrapped("\n".join(["x" * 70] * 5 + ["x" * 20]))
    assert not looks_wrapped("\n".join(["x" * 70, "x" * 10, "x" * 12, "x" * 30, "x" * 5]))
    assert not looks_wrapped("x" * 500)
