"""Markdown, HTML, DOCX and plain text: clean sentences, headings as sections, rows as lines."""

from __future__ import annotations

import zipfile
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from rag.errors import FileProblem
from rag.parsing import parse
from rag.schema import Document, Outcome


def written(path: Path, text: str | bytes) -> Document:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return parse(path).document


def headings_of(document: Document, words: str) -> tuple[str, ...]:
    return document.headings_at(document.text.index(words))


MARKDOWN = """---
title: "Manual de riego"
tags: [agua]
---

Antes de *empezar*, lea la [guía](https://ejemplo.org) y `config.toml`.

# Zonas

Un párrafo cortado
en dos líneas.

Setext
------

1. Abrir la llave
2. Cerrar **siempre** la llave

```python
# no es un título
    x = 1
```

| Zona | Litros |
|------|-------:|
| Norte | 40 |
| Sur |  |

<div>Nota <b>final</b></div>

![un mapa](mapa.png)
"""


def test_markdown_reads_clean(tmp_path: Path) -> None:
    document = written(tmp_path / "a.md", MARKDOWN)
    assert document.title == "Manual de riego"
    assert document.path == "a.md"
    assert document.pages == ()
    assert document.text == (
        "Antes de empezar, lea la guía y config.toml.\n\nZonas\n\n"
        "Un párrafo cortado en dos líneas.\n\nSetext\n\n"
        "1. Abrir la llave\n2. Cerrar siempre la llave\n\n"
        "# no es un título\n    x = 1\n\n"
        "Zona | Litros\nZona: Norte; Litros: 40\nZona: Sur\n\nNota final\n\nun mapa"
    )
    assert headings_of(document, "Antes") == ()
    assert headings_of(document, "Un párrafo") == ("Zonas",)
    assert headings_of(document, "2. Cerrar") == ("Zonas", "Setext")


@pytest.mark.parametrize(
    "text",
    [
        "Hola <span style='display:none'>secreto</span> a todos.",
        "Hola a todos.\n\n<div hidden>\n\nsecreto\n\n</div>",
    ],
)
def test_markdown_hides_what_its_markup_hides(tmp_path: Path, text: str) -> None:
    document = written(tmp_path / "a.md", text)
    assert document.text == "Hola a todos."
    assert [note.text for note in document.notes] == ["secreto"]


def test_a_single_top_heading_is_the_title_and_no_section_name(tmp_path: Path) -> None:
    document = written(tmp_path / "a.md", "# Guía\n\nUno\n\n## Parte\n\nDos")
    assert document.title == "Guía"
    assert headings_of(document, "Uno") == ()
    assert headings_of(document, "Dos") == ("Parte",)


def test_several_top_headings_are_no_title(tmp_path: Path) -> None:
    document = written(tmp_path / "mis_notas.md", "# Lunes\n\nUno\n\n# Martes\n\nDos")
    assert document.title == "mis notas"
    assert headings_of(document, "Uno") == ("Lunes",)


def word_file(path: Path) -> Path:
    file = docx.Document()
    file.add_paragraph("Informe anual", style="Title")
    file.add_heading("Cuentas", level=1)
    file.add_paragraph("Las ventas subieron.")
    file.add_heading("Detalle", level=2)
    for words in ("uno", "dos"):
        file.add_paragraph(words, style="List Bullet")
    table = file.add_table(rows=3, cols=2)
    for row, cells in zip(
        table.rows, [("Zona", "Litros"), ("Norte", "40"), ("", "50")], strict=True
    ):
        for cell, words in zip(row.cells, cells, strict=True):
            cell.text = words
    table.cell(1, 0).merge(table.cell(2, 0))
    file.save(str(path))
    return path


def test_docx_headings_lists_and_rows(tmp_path: Path) -> None:
    document = parse(word_file(tmp_path / "informe.doc")).document
    assert document.title == "Informe anual"
    assert document.text == (
        "Informe anual\n\nCuentas\n\nLas ventas subieron.\n\nDetalle\n\nuno\ndos\n\n"
        "Zona | Litros\nZona: Norte; Litros: 40\nZona: Norte; Litros: 50"
    )
    assert headings_of(document, "Informe") == ()
    assert headings_of(document, "dos") == ("Cuentas", "Detalle")


def test_docx_spanish_style_names_are_headings(tmp_path: Path) -> None:
    file = docx.Document()
    style = file.styles.add_style("Encabezado propio", 1)
    style.element.find(f"{{{style.element.nsmap['w']}}}name").set(
        f"{{{style.element.nsmap['w']}}}val", "Título 2"
    )
    for words in ("Alcance", "Plazos"):
        file.add_paragraph(words).style = style
        file.add_paragraph(f"Sobre {words}.")
    file.save(str(tmp_path / "a.docx"))
    document = parse(tmp_path / "a.docx").document
    assert headings_of(document, "Sobre Alcance") == ("Alcance",)
    assert headings_of(document, "Sobre Plazos") == ("Plazos",)


def test_docx_reads_controls_and_insertions_but_no_deleted_or_hidden_text(tmp_path: Path) -> None:
    file = docx.Document()
    body = file.element.body
    for number, inner in enumerate(
        (
            "<w:ins><w:r><w:t>nuevo</w:t></w:r></w:ins><w:del><w:r><w:delText>viejo</w:delText></w:r></w:del>",
            "<w:r><w:rPr><w:vanish/></w:rPr><w:t>oculto</w:t></w:r><w:r><w:t>visible</w:t></w:r>",
        )
    ):
        body.insert(number, parse_xml(f"<w:p {nsdecls('w')}>{inner}</w:p>"))
    control = "<w:sdtContent><w:p><w:r><w:t>campo</w:t></w:r></w:p></w:sdtContent>"
    body.insert(2, parse_xml(f"<w:sdt {nsdecls('w')}>{control}</w:sdt>"))
    file.save(str(tmp_path / "a.docx"))
    assert parse(tmp_path / "a.docx").document.text == "nuevo\n\nvisible\n\ncampo"


def test_docx_bold_lines_are_headings_where_there_are_no_styles(tmp_path: Path) -> None:
    file = docx.Document()
    file.add_paragraph("Primero.")
    for words in ("Objeto", "Renta"):
        file.add_paragraph().add_run(words).bold = True
        file.add_paragraph(f"El arrendador fija: {words}.")
    file.save(str(tmp_path / "a.docx"))
    assert headings_of(parse(tmp_path / "a.docx").document, "fija: Objeto") == ("Objeto",)


def test_docx_with_a_damaged_part_is_unreadable(tmp_path: Path) -> None:
    source = word_file(tmp_path / "a.docx")
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["word/document.xml"] = members["word/document.xml"][:300]
    with zipfile.ZipFile(tmp_path / "b.docx", "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    with pytest.raises(FileProblem) as caught:
        parse(tmp_path / "b.docx")
    assert caught.value.outcome is Outcome.UNREADABLE


WRAPPED = """La cooperativa recoge la aceituna entre octubre y enero, y la
molturación empieza el mismo día para que el aceite no pierda sus
propiedades. Quien entrega tarde espera a la mañana siguiente.

Cada socio recibe un vale con el peso, la variedad y el rendi-
miento graso que el laboratorio midió en la muestra de su partida.

  - Picual: 22 %
  - Arbequina: 19 %
"""


def test_text_joins_hard_wrapped_lines(tmp_path: Path) -> None:
    document = written(tmp_path / "notas de campo.txt", WRAPPED.replace("\n", "\r\n"))
    assert document.title == "notas de campo"
    assert document.text == (
        "La cooperativa recoge la aceituna entre octubre y enero, y la molturación empieza el "
        "mismo día para que el aceite no pierda sus propiedades. Quien entrega tarde espera a la "
        "mañana siguiente.\n\nCada socio recibe un vale con el peso, la variedad y el rendimiento "
        "graso que el laboratorio midió en la muestra de su partida.\n\n"
        "- Picual: 22 %\n- Arbequina: 19 %"
    )
    assert [section.headings for section in document.sections] == [()]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("Traiga:\n- DNI\n- libro\n\nGracias.", ["- DNI", "- libro"]),
        ("Premios:\n\n1. 300 euros\n\n2. 200 euros\n", ["1. 300 euros", "2. 200 euros"]),
        ("a) uno\nb) dos\n(c) tres", ["a) uno", "b) dos", "(c) tres"]),
        ("— ¿Vienes?\n— No.", []),
        ("- solo uno\nNada más.", []),
    ],
)
def test_items_of_lists_in_text_are_blocks(tmp_path: Path, text: str, items: list[str]) -> None:
    document = written(tmp_path / "a.txt", text)
    assert [document.text[block.start : block.end] for block in document.blocks] == items


def test_text_leaves_short_lines_alone(tmp_path: Path) -> None:
    poem = "Verde que te quiero verde.\nVerde viento. Verdes ramas.\nEl barco sobre la mar."
    assert written(tmp_path / "a.txt", poem).text == poem


def test_text_in_an_old_encoding(tmp_path: Path) -> None:
    assert written(tmp_path / "a.txt", "Mañana será otro día.".encode("cp1252")).text == (
        "Mañana será otro día."
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_more_text_than_is_kept_is_not_even_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    monkeypatch.setattr("rag.parsing.txt.MAX_CHARACTERS", 40)
    path = tmp_path / "una línea.txt"
    path.write_bytes(
        ("El niño comió piñas en la montaña y nada más que eso. " * 50).encode(encoding)
    )
    reading = parse(path)
    assert reading.outcome == Outcome.PARTIAL
    assert "20 million" in reading.reason
    assert reading.document.text == "El niño comió piñas en la montaña y nada"
    path.write_bytes("El niño comió piñas en la montaña y nada".encode(encoding))
    assert parse(path).outcome == Outcome.OK


@pytest.mark.parametrize("mark", ["\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069"])
def test_marks_of_direction_split_no_numbers(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"Teléfono: {mark}949 000{mark} 111{mark}", encoding="utf-8")
    assert parse(path).document.text == "Teléfono: 949 000 111"


def test_a_key_of_a_json_file_is_no_title_of_it(tmp_path: Path) -> None:
    path = tmp_path / "sedes de la empresa.json"
    path.write_text('{"empresa": "Aguas", "sedes": [{"ciudad": "Soria"}]}')
    assert parse(path).document.title == "sedes de la empresa"
