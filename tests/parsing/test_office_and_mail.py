"""OpenDocument, EPUB and e-mail: structure kept, order kept, attachments under their names."""

from __future__ import annotations

import base64
import zipfile
from email.message import EmailMessage
from pathlib import Path

import docx
import pytest

from rag.errors import FileProblem
from rag.parsing import parse
from rag.parsing.attachments import MAX_ATTACHMENTS
from rag.schema import Document, NoteKind, Outcome

SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for name, long in {
        "office": "office",
        "text": "text",
        "table": "table",
        "draw": "drawing",
        "presentation": "presentation",
    }.items()
)


def problem(path: Path) -> FileProblem:
    with pytest.raises(FileProblem) as caught:
        parse(path)
    return caught.value


def headings_of(document: Document, words: str) -> tuple[str, ...]:
    return document.headings_at(document.text.index(words))


def zipped(path: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def opendocument(path: Path, kind: str, body: str, manifest: str = "") -> Path:
    content = (
        f"<office:document-content {SPACES}><office:body><office:{kind}>{body}"
        f"</office:{kind}></office:body></office:document-content>"
    )
    return zipped(
        path,
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": content,
            "META-INF/manifest.xml": f"<manifest>{manifest}</manifest>",
            "meta.xml": '<m xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Acta</dc:title></m>',
        },
    )


ODT = """<text:tracked-changes><text:p>borrado</text:p></text:tracked-changes>
<text:h text:outline-level="1">Orden del día</text:h>
<text:p>Hay<text:s/>quórum<text:note><text:note-citation>1</text:note-citation><text:note-body>
<text:p>Nota al pie.</text:p></text:note-body></text:note>; se<text:line-break/>abre.
<office:annotation><text:p>comentario</text:p></office:annotation></text:p>
<text:h text:outline-level="2">Acuerdos</text:h>
<text:list><text:list-item><text:p>Uno</text:p></text:list-item>
<text:list-item><text:p>Dos</text:p></text:list-item></text:list>
<table:table><table:table-row><table:table-cell><text:p>Zona</text:p></table:table-cell>
<table:table-cell><text:p>Litros</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell><text:p>Norte</text:p></table:table-cell>
<table:table-cell><text:p>40</text:p></table:table-cell></table:table-row></table:table>"""


def test_odt_headings_lists_notes_and_rows(tmp_path: Path) -> None:
    document = parse(opendocument(tmp_path / "a.odt", "text", ODT)).document
    assert document.title == "Acta"
    assert document.text == (
        "Orden del día\n\nHay quórum; se\nabre.\n\nNota al pie.\n\ncomentario\n\n"
        "Acuerdos\n\nUno\nDos\n\nZona | Litros\nZona: Norte; Litros: 40"
    )
    assert headings_of(document, "Dos") == ("Orden del día", "Acuerdos")


def test_ods_sheets_are_pages_and_padding_costs_nothing(tmp_path: Path) -> None:
    def row(*cells: str, repeated: int = 1) -> str:
        inside = "".join(
            f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in cells
        )
        empty = '<table:table-cell table:number-columns-repeated="16384"/>'
        return (
            f'<table:table-row table:number-rows-repeated="{repeated}">{inside}{empty}'
            "</table:table-row>"
        )

    body = (
        f'<table:table table:name="Gastos">{row("Mes", "Euros")}'
        f"{row('Mayo', '12,50 €', repeated=2)}{row(repeated=1048570)}</table:table>"
        f'<table:table table:name="Otra">{row("fin")}'
        "</table:table>"
    )
    document = parse(opendocument(tmp_path / "a.ods", "spreadsheet", body)).document
    assert document.text == (
        "Gastos\n\nMes | Euros\nMes: Mayo; Euros: 12,50 €\nMes: Mayo; Euros: 12,50 €\n\nOtra\n\nfin"
    )
    assert document.page_at(document.text.index("fin")) == 2


def test_odp_slides_are_pages_and_notes_come_last(tmp_path: Path) -> None:
    body = """<draw:page><draw:frame><draw:text-box><text:p>Cuerpo</text:p></draw:text-box>
    </draw:frame><draw:frame presentation:class="title"><draw:text-box><text:p>Título</text:p>
    </draw:text-box></draw:frame><presentation:notes><draw:frame><draw:text-box><text:p>Decir esto.
    </text:p></draw:text-box></draw:frame></presentation:notes></draw:page>
    <draw:page><draw:frame><draw:text-box><text:p>Fin</text:p></draw:text-box></draw:frame>
    </draw:page>"""
    document = parse(opendocument(tmp_path / "a.odp", "presentation", body)).document
    assert document.text == "Título\n\nCuerpo\n\nDecir esto.\n\nFin"
    assert headings_of(document, "Decir") == ("Título",)
    assert headings_of(document, "Fin") == ()
    assert document.page_at(document.text.index("Fin")) == 2


@pytest.mark.parametrize(
    ("body", "manifest", "outcome"),
    [
        ("<text:p>hola</text:p>", "<encryption-data/>", Outcome.ENCRYPTED),
        ("<text:p>hola", "", Outcome.UNREADABLE),
        ("<text:p/>", "", Outcome.NO_TEXT),
    ],
    ids=["encrypted", "damaged", "blank"],
)
def test_opendocument_outcomes(tmp_path: Path, body: str, manifest: str, outcome: Outcome) -> None:
    path = opendocument(tmp_path / "a.odt", "text", body, manifest)
    assert problem(path).outcome == outcome


def test_entities_are_refused_wherever_they_stand(tmp_path: Path) -> None:
    laughs = '<!DOCTYPE a [<!ENTITY b "risa">]><a>&b;</a>'
    members = {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": laughs,
               "META-INF/manifest.xml": ""}  # fmt: skip
    assert problem(zipped(tmp_path / "a.odt", members)).outcome == Outcome.BOMB
    package = {"mimetype": "application/epub+zip", "META-INF/container.xml": laughs}
    assert problem(zipped(tmp_path / "a.epub", package)).outcome == Outcome.BOMB


CONTAINER = '<c xmlns="urn:x"><rootfile full-path="OEBPS/libro.opf"/></c>'
PACKAGE = """<package xmlns="http://www.idpf.org/2007/opf"
  xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>El pozo</dc:title></metadata>
<manifest><item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="b" href="texto/dos.xhtml" media-type="application/xhtml+xml"/>
<item id="a" href="texto/uno%%20.xhtml" media-type="application/xhtml+xml"/>
<item id="x" href="falta.xhtml" media-type="application/xhtml+xml"/>
<item id="i" href="mapa.svg" media-type="image/svg+xml"/></manifest>
<spine><itemref idref="n"/><itemref idref="a"/><itemref idref="b"/>%s<itemref idref="i"/></spine>
</package>"""
PAGE = '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>'
CHAPTERS = {
    "OEBPS/nav.xhtml": f'{PAGE}<nav><a href="texto/dos.xhtml#x">Capítulo segundo</a></nav></body>',
    "OEBPS/texto/uno .xhtml": f"{PAGE}<h1>Capítulo primero</h1><p>Llueve.</p>"
    "<aside><p>Nota del autor.</p></aside></body></html>",
    "OEBPS/texto/dos.xhtml": f'{PAGE}<script src="a.js"/><p>Escampa.</p></body></html>',
}


def book(path: Path, missing: bool = False, members: dict[str, str] | None = None) -> Path:
    package = PACKAGE % ('<itemref idref="x"/>' if missing else "")
    every = {"mimetype": "application/epub+zip", "META-INF/container.xml": CONTAINER,
             "OEBPS/libro.opf": package, **CHAPTERS, **(members or {})}  # fmt: skip
    return zipped(path, every)


def test_epub_chapters_follow_the_spine(tmp_path: Path) -> None:
    document = parse(book(tmp_path / "a.epub")).document
    assert document.title == "El pozo"
    assert document.text == "Capítulo primero\n\nLlueve.\n\nNota del autor.\n\nEscampa."
    assert headings_of(document, "Nota") == ("Capítulo primero",)
    assert headings_of(document, "Escampa") == ("Capítulo segundo",)


@pytest.mark.parametrize(
    ("link", "member"),
    [
        ("cap%C3%ADtulo%201.xhtml", "capítulo 1.xhtml"),
        ("cap%C3%ADtulo%201.xhtml", "cap%C3%ADtulo%201.xhtml"),
        ("capítulo 1.xhtml", "cap%C3%ADtulo%201.xhtml"),
        ("cap%C3%ADtulo%201.xhtml", "cap\u0069\u0301tulo 1.xhtml"),
        ("Capitulo1.xhtml#inicio", "capitulo1.xhtml"),
    ],
    ids=["encoded", "both encoded", "member encoded", "accents", "case"],
)
def test_chapters_are_found_however_their_names_are_written(
    tmp_path: Path, link: str, member: str
) -> None:
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><manifest>'
        f'<item id="a" href="{link}" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="a"/></spine></package>'
    )
    members = {"mimetype": "application/epub+zip", "META-INF/container.xml": CONTAINER,
               "OEBPS/libro.opf": package, f"OEBPS/{member}": f"{PAGE}<p>Llueve.</p>"}  # fmt: skip
    found = parse(zipped(tmp_path / "a.epub", members))
    assert (found.document.text, found.outcome) == ("Llueve.", Outcome.OK)


def test_a_book_without_one_of_its_chapters_is_partial(tmp_path: Path) -> None:
    found = parse(book(tmp_path / "a.epub", missing=True))
    assert found.outcome is Outcome.PARTIAL
    assert "1 chapters" in found.reason


def test_a_locked_book_is_encrypted_but_locked_fonts_are_not(tmp_path: Path) -> None:
    lock = '<e xmlns="urn:x"><CipherReference URI="%s"/></e>'
    font = {"META-INF/encryption.xml": lock % "OEBPS/letra.otf"}
    assert parse(book(tmp_path / "a.epub", members=font)).outcome is Outcome.OK
    chapter = {"META-INF/encryption.xml": lock % "OEBPS/texto/dos.xhtml"}
    assert problem(book(tmp_path / "b.epub", members=chapter)).outcome == Outcome.ENCRYPTED


def message(subject: str = "Reunión del jueves") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Ana Peña <ana@example.org>"
    mail["To"] = "luis@example.org"
    mail["Subject"] = subject
    return mail


def saved(path: Path, mail: EmailMessage) -> Path:
    path.write_bytes(mail.as_bytes())
    return path


def word(path: Path, *paragraphs: str) -> bytes:
    file = docx.Document()
    file.add_heading("Objeto", level=1)
    for words in paragraphs:
        file.add_paragraph(words)
    file.save(str(path))
    return path.read_bytes()


def test_a_mail_with_its_attachments(tmp_path: Path) -> None:
    mail = message()
    mail.set_content("Nos vemos a las cinco.\n")
    mail.add_alternative("<p>Nos vemos a las <b>cinco</b>.</p>", subtype="html")
    office = "vnd.openxmlformats-officedocument.wordprocessingml.document"
    content = word(tmp_path / "w.docx", "El pozo se limpia en mayo.")
    mail.add_attachment(content, "application", office, filename="../año/orden del día.docx")
    mail.add_attachment("Zona,Litros\nNorte,40\n", subtype="csv", filename="riego.csv")
    mail.add_attachment(b"ID3\x03\x00 sonido", maintype="audio", subtype="mpeg", filename="voz.mp3")
    found = parse(saved(tmp_path / "a.eml", mail))
    document = found.document
    assert document.title == "Reunión del jueves"
    assert document.text == (
        "From: Ana Peña <ana@example.org>\nTo: luis@example.org\nSubject: Reunión del jueves\n"
        "Attachments: orden del día.docx, riego.csv, voz.mp3\n\n"
        "Nos vemos a las cinco.\n\n"
        "orden del día.docx\n\nObjeto\n\nEl pozo se limpia en mayo.\n\n"
        "riego.csv\n\nZona | Litros\nZona: Norte; Litros: 40"
    )
    assert headings_of(document, "El pozo") == ("orden del día.docx",)  # «Objeto» is its title
    assert headings_of(document, "Norte") == ("riego.csv",)
    assert found.outcome is Outcome.PARTIAL
    assert "voz.mp3" in found.reason
    assert "MP3" in found.reason


def test_a_plain_text_that_only_points_at_the_page_is_not_taken(tmp_path: Path) -> None:
    mail = message()
    mail.set_content("Véalo en su navegador.")
    mail.add_alternative(f"<p>{'La molturación empieza en mayo. ' * 20}</p>", subtype="html")
    text = parse(saved(tmp_path / "a.eml", mail)).document.text
    assert "molturación" in text
    assert "navegador" not in text


def test_an_image_in_the_text_of_a_mail_is_no_attachment(tmp_path: Path) -> None:
    mail = message()
    mail.set_content("<p>Saludos <img src='cid:logo'></p>", subtype="html")
    mail.add_related(b"\x89PNG", maintype="image", subtype="png", cid="<logo>")
    found = parse(saved(tmp_path / "a.eml", mail))
    assert found.outcome is Outcome.OK
    assert found.document.text.endswith("\n\nSaludos")
    assert [note.kind for note in found.document.notes] == [NoteKind.PICTURE]
    fields = [found.document.text[block.start : block.end] for block in found.document.blocks]
    assert fields[1:] == ["To: luis@example.org", "Subject: Reunión del jueves"]


def test_mails_in_mails_up_to_a_depth(tmp_path: Path) -> None:
    mail = message("0")
    mail.set_content("cuerpo 0")
    for number in range(1, 6):
        outer = message(str(number))
        outer.set_content(f"cuerpo {number}")
        outer.add_attachment(mail)
        mail = outer
    found = parse(saved(tmp_path / "a.eml", mail))
    assert [f"cuerpo {number}" in found.document.text for number in range(6)] == [
        False,
        False,
        True,
        True,
        True,
        True,
    ]
    assert "too deep" in found.reason


def test_bombs_in_mails_cost_the_attachment_only(tmp_path: Path) -> None:
    mail = message()
    mail.set_content("hola")
    bomb = zipped(tmp_path / "z", {"word/document.xml": "a" * 30_000_000}).read_bytes()
    for number in range(3):
        mail.add_attachment(bomb, "application", "zip", filename=f"{number}.docx")
    mail.add_attachment("sigue aquí", filename="nota.txt")
    found = parse(saved(tmp_path / "a.eml", mail))
    assert found.document.text.endswith("nota.txt\n\nsigue aquí")
    assert found.reason.count("built to exhaust") == 3


def test_attachments_share_one_allowance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.parsing.attachments.MAX_UNPACKED", 1_000)
    mail = message()
    mail.set_content("hola")
    for number in range(3):
        mail.add_attachment(f"{number} " * 200, filename=f"{number}.txt")
    found = parse(saved(tmp_path / "a.eml", mail))
    assert "1.txt" in found.document.text.split("\n\n")
    assert "2.txt" not in found.document.text.split("\n\n")
    assert "too much to unpack" in found.reason


def test_too_many_attachments_are_cut(tmp_path: Path) -> None:
    mail = message()
    mail.set_content("hola")
    for number in range(MAX_ATTACHMENTS + 1):
        mail.add_attachment("x", filename=f"{number}.txt")
    found = parse(saved(tmp_path / "a.eml", mail))
    assert f"first {MAX_ATTACHMENTS}" in found.reason


@pytest.mark.parametrize(
    "data",
    [
        "Subject: Año nuevo\nFrom: a\n\nQué bien",
        "Subject: =?utf-8?q?A=C3=B1o_nuevo?=\nContent-Type: text/plain; charset=nada\n\nQué bien",
        "Subject: =?iso-8859-1?Q?A=F1o_nuevo?=\nContent-Transfer-Encoding: base64\n\n"
        + base64.b64encode("Qué bien".encode()).decode(),
        "Subject: Año nuevo\nContent-Type: multipart/mixed\n\nQué bien",
    ],
    ids=["raw", "unknown charset", "base64", "no boundary"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_mails_that_break_the_rules_are_read(tmp_path: Path, data: str, encoding: str) -> None:
    (tmp_path / "a.eml").write_bytes(data.encode(encoding))
    document = parse(tmp_path / "a.eml").document
    assert document.title == "Año nuevo"
    assert "Qué bien" in document.text


def test_an_encrypted_mail_is_told(tmp_path: Path) -> None:
    text = 'Subject: x\nFrom: a\nContent-Type: multipart/encrypted; boundary="b"\n\n--b\n\nx\n--b--'
    (tmp_path / "a.eml").write_text(text)
    assert problem(tmp_path / "a.eml").outcome == Outcome.ENCRYPTED


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<p>El plazo es de dos meses desde la firma.</p>", "plano"),
        ("<p>El plazo es de dos meses desde la firma.</p><p>Son 700 euros.</p>", "700 euros"),
        ("<p>El plazo es de dos meses desde la firma. Se paga al acabar la obra.</p>", "al acabar"),
    ],
)
def test_the_page_of_a_mail_is_read_where_it_says_more(
    tmp_path: Path, page: str, expected: str
) -> None:
    message = EmailMessage()
    message["From"] = "ana@aguas.es"
    message.set_content("(plano) El plazo es de dos meses desde la firma.\n")
    message.add_alternative(page, subtype="html")
    (tmp_path / "a.eml").write_bytes(message.as_bytes())
    assert expected in parse(tmp_path / "a.eml").document.text


HEAD = "From: ana@x.es\nSubject: Obra\nContent-Type: text/plain; charset=utf-8"
PLAIN = {
    "flowed": (
        f"{HEAD}; format=flowed\n\nEl presupuesto de la \nreforma es de 300 \neuros.\nOtra.\n"
        "-- \nAna",
        ["El presupuesto de la reforma es de 300 euros.\nOtra.\n--\nAna"],
    ),
    "quoted": (
        f"{HEAD}\n\nDe acuerdo.\n> Se paga en mayo\n> y en junio.\n>> Antes.\nHasta luego.",
        ["De acuerdo.\n\nSe paga en mayo\ny en junio.\n\nAntes.\n\nHasta luego."],
    ),
    "flowed and quoted": (
        f"{HEAD}; format=flowed\n\n> Se paga \n> en mayo.\nVale.",
        ["Se paga en mayo.\n\nVale."],
    ),
    "out of a mailbox": (f"From ana@x.es Tue Sep  3 10:00:00 2024\n{HEAD}\n\nHola.", ["Hola."]),
}


@pytest.mark.parametrize("name", PLAIN)
def test_plain_texts_of_mails_read_as_programs_show_them(tmp_path: Path, name: str) -> None:
    mail, words = PLAIN[name]
    (tmp_path / "a.eml").write_text(mail)
    document = parse(tmp_path / "a.eml").document
    assert document.text == f"From: ana@x.es\nSubject: Obra\n\n{words[0]}"
