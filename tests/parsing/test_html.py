"""HTML: what a page shows is what is read; what it hides is kept apart and noted."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.parsing import parse
from rag.schema import Document, DocumentBlockKind, NoteKind


def written(path: Path, text: str | bytes) -> Document:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return parse(path).document


def page(path: Path, body: str) -> Document:
    return written(path / "a.html", f"<html><body><p>Hola.</p>{body}</body></html>")


def headings_of(document: Document, words: str) -> tuple[str, ...]:
    return document.headings_at(document.text.index(words))


def blocks(document: Document, kind: DocumentBlockKind) -> list[str]:
    return [document.text[b.start : b.end] for b in document.blocks if b.kind is kind]


HTML = """<!doctype html><html><head><title>Tarifas &amp; plazos</title>
<style>p {color: red}</style><script>var oculto = 1;</script></head><body>
<nav>Inicio | Contacto</nav>
<h1>Tarifas</h1><p>El plazo es de <b>quince</b>
 días<sup>2</sup>.<br>Sin excepciones.</p>
<div>Fuera <p>dentro</p> después</div>
<h2>Precios</h2>
<table><caption>Por zona</caption><tr><th>Zona</th><th>Precio</th></tr>
<tr><td>Norte</td><td>4 €</td></tr></table>
<table><tr><th>Sede:</th><td>Jaén</td></tr><tr><th>Año</th><td>1975</td></tr></table>
<ol start="3"><li>abrir</li><li>cerrar <ul><li>bien</li></ul></li></ol>
<p style="display: none">secreto</p><p hidden>secreto</p><template>secreto</template>
<pre>  a
    b</pre>
<footer>Aviso legal</footer></body></html>"""


def test_html_keeps_what_a_reader_sees(tmp_path: Path) -> None:
    document = written(tmp_path / "a.html", HTML)
    assert document.title == "Tarifas & plazos"
    assert document.text == (
        "Tarifas\n\nEl plazo es de quince días2.\nSin excepciones.\n\n"
        "Fuera\n\ndentro\n\ndespués\n\nPrecios\n\nPor zona\n"
        "Zona | Precio\nZona: Norte; Precio: 4 €\n\nSede: Jaén\nAño: 1975\n\n"
        "3. abrir\n4. cerrar\nbien\n\n  a\n    b\n\nAviso legal"
    )
    assert headings_of(document, "Zona: Norte") == ("Tarifas", "Precios")


@pytest.mark.parametrize("charset", ["cp1252", "utf-8", "iso-8859-15"])
def test_html_follows_its_declared_encoding(tmp_path: Path, charset: str) -> None:
    page = f'<html><head><meta charset="{charset}"></head><p>Señal: 5 €</p>'
    assert written(tmp_path / "a.html", page.encode(charset)).text == "Señal: 5 €"


def test_html_spans_fill_the_rows_they_cover(tmp_path: Path) -> None:
    table = (
        "<table><tr><th>Mes<th>Zona<th>Litros<tr><td rowspan=2>Mayo<td>Norte<td>4"
        "<tr><td>Sur<td>5</table>"
    )
    lines = written(tmp_path / "a.html", f"<html><body>{table}").text.split("\n")
    assert lines[1:] == ["Mes: Mayo; Zona: Norte; Litros: 4", "Mes: Mayo; Zona: Sur; Litros: 5"]


@pytest.mark.parametrize(
    "hostile",
    ["<div>" * 5_000 + "hola", "<table><tr><td colspan=999999999>hola<td>x</table>"],
    ids=["depth", "colspan"],
)
def test_hostile_html_ends_with_its_text(tmp_path: Path, hostile: str) -> None:
    assert "hola" in written(tmp_path / "a.html", f"<html><body>{hostile}").text


def test_the_main_part_of_a_page_leaves_its_frame_out(tmp_path: Path) -> None:
    page = "<html><body><div>Acceder</div><main><p>El contenido de la página.</main></body>"
    assert written(tmp_path / "a.html", page).text == "El contenido de la página."


FOOT = "<footer><address>Calle Mayor, 3<br>Tel. 949 222 333</address></footer>"


def test_the_edges_of_a_page_are_read(tmp_path: Path) -> None:
    around = f"<header>Horario: 9 a 14</header><main><h2>Avisos</h2><p>{'Uno. ' * 99}</main>"
    document = page(tmp_path, f"{around}<aside>Cierra en agosto.</aside>{FOOT}")
    for words in ("Horario: 9 a 14", "Cierra en agosto.", "Calle Mayor, 3\nTel. 949 222 333"):
        assert words in document.text
    assert headings_of(document, "Calle") == ()  # the foot is under no heading of the page


def test_a_foot_that_all_pages_of_a_folder_share_is_read_once(tmp_path: Path) -> None:
    found = {}
    for name in ("index", "norte", "sur"):
        body = f"<p>Página {name}.</p>{FOOT}<aside>Solo {name}.</aside>"
        found[name] = written(tmp_path / f"{name}.html", f"<html><body>{body}")
    assert "949 222 333" in found["index"].text
    for name in ("norte", "sur"):
        assert found[name].text == f"Página {name}.\n\nSolo {name}."
        [note] = found[name].notes
        assert (note.kind, note.where) == (NoteKind.REPEATED, "edge of the page")
        assert "949 222 333" in note.text


def test_menus_are_left_out_and_noted_but_no_table_of_contents(tmp_path: Path) -> None:
    menu = '<nav><a href="/">Inicio</a><nav><a href="/b">Blog</a></nav></nav>'
    contents = '<nav><a href="#a">1 Objeto</a><a href="#b">2 Plazo</a></nav>'
    document = page(tmp_path, menu + contents)
    assert "Inicio" not in document.text
    assert "1 Objeto" in document.text
    assert [(note.kind, note.text) for note in document.notes] == [
        (NoteKind.REPEATED, "InicioBlog")
    ]


def test_forms_are_read_with_their_values(tmp_path: Path) -> None:
    document = page(
        tmp_path,
        """<form><label>Nombre <input value="Ana Peña"></label>
        <label for="z">Zona:</label><select id="z"><option>Norte<option selected>Sur</select>
        <label><input type="checkbox" checked> Acepto</label>
        <label><input type="radio"> Otro</label>
        <label>Notas</label><textarea>Llamar antes</textarea>
        <input type="hidden" value="x9"><input type="submit" value="Enviar"></form>""",
    )
    assert blocks(document, DocumentBlockKind.FIELD) == [
        "Nombre: Ana Peña", "Zona: Sur", "☒ Acepto", "☐ Otro", "Notas: Llamar antes",
    ]  # fmt: skip
    assert "x9" not in document.text
    assert "Norte" not in document.text


def test_terms_stand_before_their_definitions(tmp_path: Path) -> None:
    document = page(
        tmp_path,
        "<dl><dt>Plazo:<dd>Quince días.<dt>IVA<dt>Impuesto<dd><p>Veintiuno.</p><p>Fijo.</p>"
        "<dt>Nada</dl>",
    )
    assert document.text.split("\n\n")[1].split("\n") == [
        "Plazo: Quince días.", "IVA / Impuesto: Veintiuno.", "Fijo.", "Nada",
    ]  # fmt: skip


def test_details_figures_and_captions_are_read(tmp_path: Path) -> None:
    document = page(
        tmp_path,
        "<details><summary>Requisitos</summary><p>DNI.</p></details>"
        "<figure><img src=x><figcaption>Plano de 1920</figcaption></figure>"
        "<table><caption>Tarifas</caption><tr><th>Zona<th>Euros<tr><td>Sur<td>4</table>",
    )
    assert "Requisitos\n\nDNI." in document.text
    assert blocks(document, DocumentBlockKind.CAPTION) == ["Plano de 1920"]
    assert blocks(document, DocumentBlockKind.TABLE_TITLE) == ["Tarifas"]


@pytest.mark.parametrize(
    ("style", "marks"),
    [("1", "1. 2."), ("a", "a. b."), ("A", "A. B."), ("i", "i. ii."), ("I", "I. II.")],
)
def test_list_items_are_numbered_as_the_page_shows_them(
    tmp_path: Path, style: str, marks: str
) -> None:
    document = page(tmp_path, f"<ol type={style}><li>uno<ul><li>x</ul><li>dos</ol>")
    first, second = marks.split()
    items = [block for block in document.blocks if block.kind is DocumentBlockKind.LIST_ITEM]
    assert [(document.text[b.start : b.end], b.level) for b in items] == [
        (f"{first} uno", 1), ("x", 2), (f"{second} dos", 1),
    ]  # fmt: skip


def test_names_of_two_levels_in_a_table(tmp_path: Path) -> None:
    document = page(
        tmp_path,
        "<table><thead><tr><th rowspan=2>Zona<th colspan=2>2024<tr><th>Litros<th>Euros</thead>"
        "<tr><td rowspan=2>Norte<td>5<td>40<tr><td>6<td>48</table>",
    )
    assert document.text.split("\n")[2:] == [
        "Zona | 2024",
        "Litros | Euros",
        "Zona: Norte; 2024 – Litros: 5; 2024 – Euros: 40",
        "Zona: Norte; 2024 – Litros: 6; 2024 – Euros: 48",
    ]


def test_every_text_of_a_page_is_read_or_noted(tmp_path: Path) -> None:
    from lxml import html

    body = HTML.replace("<nav>", "<nav><b>Menú</b> ") + FOOT + "<h3>Otro</h3>texto suelto"
    document = written(tmp_path / "a.html", body)
    output = "".join([document.text, *(note.text for note in document.notes)])
    tree = html.fromstring(body)
    for element in tree.xpath("//script | //style | //template | //head"):
        element.drop_tree()
    texts = [" ".join(text.split()) for text in tree.itertext()]
    missing = [text for text in texts if text.rstrip(":") not in " ".join(output.split())]
    assert missing == []


HIDDEN = """<p style="display:none">X</p>
<p hidden>X</p>
<p style="visibility:hidden">X</p>
<p style="font-size:0">X</p>
<p style="font-size:1px">X</p>
<p style="color:#fff">X</p>
<p style="color:white;background:#ffffff">X</p>
<p style="color:rgb(255, 255, 255)">X</p>
<p style="color:#fefefe">X</p>
<p style="color:ghostwhite">X</p>
<p style="color:hsl(0, 0%, 100%)">X</p>
<div style="background-color:#000"><p style="color:black">X</p></div>
<font color="#FFFFFF">X</font>
<table bgcolor=white><tr><td><font color=white>X</font></table>
<p style="color:rgba(0,0,0,0)">X</p>
<p style="color:transparent">X</p>
<p style="opacity:0">X</p>
<div style="height:0;overflow:hidden">X</div>
<div style="max-height:0px;overflow:hidden"><p>X</p></div>
<div style="position:absolute;left:-9999px">X</div>
<div style="text-indent:-9999px">X</div>
<span style="position:absolute;clip:rect(0,0,0,0)">X</span>
<div style="clip-path:inset(100%)">X</div>
<div style="DISPLAY : NONE ;">X</div>
<div style="transform:scale(0)">X</div>
<style>.x{display:none}</style><p class=x>X</p>
<style>.x{color:#fefefe}</style><p><i class=x>X</i></p>
<style>#a p{font-size:0px!important}</style><div id=a><p>X</p></div>
<style>.x{position:absolute;left:-200em}</style><b class=x>X</b>
<div style="display:none"><table><tr><td>X</td></tr></table></div>
<ul style="visibility:hidden"><li>X</li></ul>
<h2 style="font-size:0pt">X</h2>""".splitlines()

SHOWN = """<p style="display:block">X</p>
<div style="background:#000"><p style="color:#fff">X</p></div>
<div style="background:url(x.png)"><p style="color:#fff">X</p></div>
<div style="color:#fff"><p style="color:#000">X</p></div>
<div style="font-size:0"><p style="font-size:12px">X</p></div>
<div style="visibility:hidden"><p style="visibility:visible">X</p></div>
<style>.x{display:none}.x.on{display:block}</style><p class="x on">X</p>
<style>@media print{p{display:none}}</style><p>X</p>
<p style="opacity:0.5">X</p>
<p style="font-size:0.8em">X</p>
<p style="font-size:small;overflow:hidden">X</p>
<p style="color:var(--c)">X</p>
<table bgcolor="#000080"><tr><td><font color=white>X</font></table>
<style>body{background:#222;color:#eee}</style><p>X</p>
<link rel=stylesheet href=x.css><div class=hero><p style="color:#fff">X</p></div>
<p style="margin-left:-10px">X</p>
<p style="height:0">X</p>
<p aria-hidden="true">X</p>""".splitlines()


@pytest.mark.parametrize("body", HIDDEN)
def test_hidden_text_is_kept_apart_and_noted(tmp_path: Path, body: str) -> None:
    document = page(tmp_path, body.replace(">X<", ">Un secreto.<"))
    assert "secreto" not in document.text
    assert [(note.kind, note.text) for note in document.notes] == [
        (NoteKind.HIDDEN_TEXT, "Un secreto.")
    ]


@pytest.mark.parametrize("body", SHOWN)
def test_text_that_is_seen_is_read(tmp_path: Path, body: str) -> None:
    document = page(tmp_path, body.replace(">X<", ">A la vista.<"))
    assert "A la vista." in document.text
    assert document.notes == ()


def test_styles_of_hostile_pages_cost_neither_the_process_nor_the_text(tmp_path: Path) -> None:
    deep = "<style>p{color:red}</style>" + "<div>" * 3_000 + "<p>hola"
    assert "hola" in page(tmp_path, deep).text
    many = "".join(f"div:not(.a{number}) p{{color:red}}" for number in range(3_000))
    assert "hola" in page(tmp_path, f"<style>{many}</style>" + "<p>hola</p>" * 20_000).text


def test_a_second_definition_repeats_its_term(tmp_path: Path) -> None:
    document = page(tmp_path, "<dl><dt>Horario<dd>9 a 14<dd>16 a 18<dt>Guarda<dd>Juan</dl>")
    assert document.text.split("\n")[2:] == ["Horario: 9 a 14", "Horario: 16 a 18", "Guarda: Juan"]


def test_controls_beside_each_other_keep_their_own_labels(tmp_path: Path) -> None:
    document = page(
        tmp_path,
        "<form>Nombre <input value=Ana> Apellido <input value=Ruiz> <label><input type=checkbox "
        "checked> Acepto</label><select><option>A<option selected>B</select>"
        "<textarea>Nada</textarea></form>",
    )
    assert document.text.split("\n\n")[1:] == [
        "Nombre: Ana", "Apellido: Ruiz", "☒ Acepto", "B", "Nada"
    ]  # fmt: skip


def test_a_table_in_a_table_keeps_its_columns(tmp_path: Path) -> None:
    inner = "<table><tr><th>Zona<th>Litros<tr><td>Norte<td>40</table>"
    document = page(tmp_path, f"<table><tr><td>{inner}<td>Al lado</table>")
    assert document.text == "Hola.\n\nZona | Litros\nZona: Norte; Litros: 40\n\nAl lado"


def test_what_is_written_in_a_drawing_is_read(tmp_path: Path) -> None:
    drawing = "<svg><title>no</title><text x=1>Balsa</text><g><text>12 m</text></g></svg>"
    document = page(tmp_path, f"<p>Plano.</p>{drawing}")
    assert document.text == "Hola.\n\nPlano.\n\nBalsa 12 m"


def test_a_heading_cell_over_all_columns_is_a_group_and_no_second_name(tmp_path: Path) -> None:
    rows = (
        "<tr><th>Fármaco</th><th>Dosis</th><th>Horas</th></tr>"
        "<tr><th colspan=3>Inhalados</th></tr><tr><td>Formoterol</td><td>9</td><td>12</td></tr>"
        "<tr><th colspan=3>Orales</th></tr><tr><td>Teofilina</td><td>300</td><td>8</td></tr>"
    )
    lines = page(tmp_path, f"<table>{rows}</table>").text.split("\n")
    assert "Inhalados – Fármaco: Formoterol; Dosis: 9; Horas: 12" in lines
    assert "Orales – Fármaco: Teofilina; Dosis: 300; Horas: 8" in lines


def test_boxes_in_a_line_are_parted_from_what_is_around(tmp_path: Path) -> None:
    body = "<p><textarea>Nota libre</textarea><progress>70 %</progress><output>42</output>fin</p>"
    assert page(tmp_path, body).text.endswith("Nota libre 70 % 42 fin")


@pytest.mark.parametrize("tag", ["del", "s", "strike"])
def test_what_is_struck_out_is_noted(tmp_path: Path, tag: str) -> None:
    document = page(tmp_path, f"<p>La cuota es de <{tag}>650</{tag}> <ins>720</ins> euros.</p>")
    assert document.text.endswith("La cuota es de 720 euros.")
    assert [(n.kind, n.text) for n in document.notes] == [(NoteKind.DELETED_TEXT, "650")]


def test_the_text_of_a_picture_is_a_caption_where_it_tells_something(tmp_path: Path) -> None:
    body = '<p>Uno <img alt="logo">dos.</p><img alt="Plano de la planta baja"><img src="x.png">'
    document = page(tmp_path, body)
    assert blocks(document, DocumentBlockKind.CAPTION) == ["Plano de la planta baja"]
    assert "logo" not in document.text
