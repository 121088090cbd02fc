"""OpenDocument texts: numbers, notes, controls, heads and feet, hidden text; sheets and slides."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.parsing import parse
from rag.schema import Document, DocumentBlockKind, NoteKind, Outcome
from tests.parsing.packages import OPEN_DOCUMENT, open_document


def read(
    tmp_path: Path,
    body: str,
    styles: str = "",
    members: dict[str, str] | None = None,
    kind: str = "text",
) -> Document:
    suffix = {"text": "odt", "spreadsheet": "ods", "presentation": "odp"}[kind]
    path = open_document(tmp_path / f"a.{suffix}", kind, body, styles, members)
    found = parse(path)
    assert found.outcome is Outcome.OK, found.reason
    return found.document


def noted(document: Document, kind: NoteKind) -> list[tuple[str, int, str]]:
    return [(note.where, note.count, note.text) for note in document.notes if note.kind is kind]


def p(words: str, style: str = "") -> str:
    name = f' text:style-name="{style}"' if style else ""
    return f"<text:p{name}>{words}</text:p>"


def items(*inside: str, attributes: str = 'text:style-name="L"') -> str:
    """A list; an item is its paragraph, or its paragraph and the list under it."""
    nodes = (
        i if i.startswith("<text:list-") else f"<text:list-item>{i}</text:list-item>"
        for i in inside
    )
    return f"<text:list {attributes}>{''.join(nodes)}</text:list>"


def number(level: int, form: str, more: str = "") -> str:
    return f'<text:list-level-style-number text:level="{level}" style:num-format="{form}" {more}/>'


def list_style(*levels: str, name: str = "L") -> str:
    return f'<text:list-style style:name="{name}">{"".join(levels)}</text:list-style>'


def style(name: str, properties: str = "", more: str = "", family: str = "paragraph") -> str:
    return (
        f'<style:style style:name="{name}" style:family="{family}" {more}>{properties}'
        "</style:style>"
    )


@pytest.mark.parametrize(
    ("levels", "shown"),
    [
        (
            (number(1, "1", 'style:num-suffix="."'), number(2, "1", 'text:display-levels="2"')),
            ["1. a", "1.1 b", "1.2 c", "2. d", "2.1 e"],
        ),
        (
            (
                number(1, "I", 'style:num-prefix="Título " style:num-suffix=":"'),
                number(2, "a", 'style:num-suffix=")" text:start-value="3"'),
            ),
            ["Título I: a", "c) b", "d) c", "Título II: d", "c) e"],
        ),
        (
            (
                '<text:list-level-style-bullet text:level="1" text:bullet-char="–"/>',
                '<text:list-level-style-bullet text:level="2" text:bullet-char="&#xF0B7;"/>',
            ),
            ["a", "b", "c", "d", "e"],
        ),
        (
            (
                number(1, "1st"),
                number(2, "1", 'loext:num-list-format="%1%/%2%)" style:num-suffix=")"'),
            ),
            ["1º a", "1º/1) b", "1º/2) c", "2º d", "2º/1) e"],
        ),
        ((number(1, ""), number(2, "A")), ["a", "A b", "B c", "d", "A e"]),
    ],
    ids="decimal roman bullets ordinal none".split(),
)
def test_formats_and_levels(tmp_path: Path, levels: tuple[str, ...], shown: list[str]) -> None:
    spanish = '<style:default-style><style:text-properties fo:language="es"/></style:default-style>'
    body = items(
        p("a") + items(p("b"), p("c"), attributes=""), p("d") + items(p("e"), attributes="")
    )
    document = read(tmp_path, body, spanish + list_style(*levels))
    assert document.text.split() == " ".join(shown).split()
    numbered = [b.level for b in document.blocks if b.kind is DocumentBlockKind.LIST_ITEM]
    assert numbered[-1] == 2


def test_lists_start_again_go_on_and_obey_their_items(tmp_path: Path) -> None:
    first = 'text:style-name="L" xml:id="uno"'
    five = f'<text:list-item text:start-value="5">{p("b")}</text:list-item>'
    body = (
        items(p("a"), five, attributes=first)
        + p("entre")
        + items(p("c"))
        + items(p("d"), attributes='text:style-name="L" text:continue-numbering="true"')
        + items(p("e"), attributes='text:style-name="L" text:continue-list="uno"')
        + items(f"<text:list-header>{p('sin')}</text:list-header>", p("f") + p("sigue"))
    )  # fmt: skip
    document = read(tmp_path, body, list_style(number(1, "1", 'style:num-suffix="."')))
    lines = document.text.replace("\n\n", "\n").split("\n")
    assert lines == [
        "1. a", "5. b", "entre", "1. c", "2. d", "6. e", "sin", "1. f", "sigue"
    ]  # fmt: skip


def test_a_list_under_an_item_without_words_counts_itself_only(tmp_path: Path) -> None:
    inner = items(p("b"), attributes="")
    body = items(p("a"), inner, p("c"))
    levels = number(1, "1"), number(2, "1", 'text:display-levels="2"')
    assert read(tmp_path, body, list_style(*levels)).text == "1 a\n1.1 b\n2 c"


def test_headings_have_the_numbers_of_the_outline(tmp_path: Path) -> None:
    outline = "".join(
        f'<text:outline-level-style text:level="{at}" style:num-format="1" '
        f'text:display-levels="{at}" style:num-suffix="."/>'
        for at in (1, 2)
    )
    outline = f"<text:outline-style>{outline}</text:outline-style>"
    styles = f"<office:styles {OPEN_DOCUMENT}>{outline}</office:styles>"
    body = "".join(
        f'<text:h text:outline-level="{at}" {more}>{words}</text:h>'
        for at, words, more in [
            (1, "Objeto", ""), (2, "Partes", ""), (2, "Lugar", ""),
            (1, "Anexo", 'text:style-name="Libre"'), (1, "Plazo", ""),
            (2, "Días", 'text:restart-numbering="true" text:start-value="4"'),
        ]
    )  # fmt: skip
    unnumbered = style("Libre", more='style:list-style-name=""')
    document = read(tmp_path, body, unnumbered, {"styles.xml": styles})
    assert document.text.split("\n\n") == [
        "1. Objeto", "1.1. Partes", "1.2. Lugar", "Anexo", "2. Plazo", "2.4. Días"
    ]  # fmt: skip


def master(name: str, inside: str) -> str:
    return f'<style:master-page style:name="{name}">{inside}</style:master-page>'


def test_heads_and_feet_of_the_pages_in_use_are_read_once(tmp_path: Path) -> None:
    head = f"<style:header>{p('Aguas del Tajuña')}</style:header>"
    first = f'<style:header-first style:display="true">{p("Portada")}</style:header-first>'
    off = f'<style:header-left style:display="false">{p("Apagada")}</style:header-left>'
    page = p("Página <text:page-number>3</text:page-number>")
    foot = f"<style:footer>{p('Tel. 949 000 111')}{page}</style:footer>"
    masters = master("Standard", head + first + off + foot) + master("Otra", head + foot)
    unused = master("Nunca", f"<style:header>{p('Sin usar')}</style:header>")
    masters = f"<office:master-styles>{masters}{unused}</office:master-styles>"
    styles = f"<office:document-styles {OPEN_DOCUMENT}>{masters}</office:document-styles>"
    uses = style("P1", more='style:master-page-name="Otra"')
    document = read(tmp_path, p("texto", "P1"), uses, {"styles.xml": styles})
    assert document.text.split("\n\n") == [
        "Aguas del Tajuña", "Portada", "texto", "Tel. 949 000 111"
    ]  # fmt: skip
    assert noted(document, NoteKind.RUNNING_HEADS) == [("", 1, "Página 3")]


def test_notes_comments_boxes_and_deletions(tmp_path: Path) -> None:
    note = (
        '<text:note text:note-class="{}"><text:note-citation>1</text:note-citation>'
        "<text:note-body><text:p>{}</text:p></text:note-body></text:note>"
    )
    comment = (
        "<office:annotation><dc:creator>Ana Peña</dc:creator><dc:date>2024-05-03T10:00:00</dc:date>"
        "<text:p>Falta el IVA.</text:p></office:annotation>"
    )
    box = "<draw:frame><draw:text-box><text:p>En la caja</text:p></draw:text-box></draw:frame>"
    deleted = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>650 euros</text:p>"
        "</text:deletion></text:changed-region></text:tracked-changes>"
    )
    body = deleted + p(f"Renta{note.format('footnote', 'Al pie.')}{comment}{box} alta.")
    body += p(f"Fin{note.format('endnote', 'Al final.')}")
    document = read(tmp_path, body)
    assert document.text.split("\n\n") == [
        "Renta alta.", "Al pie.", "Ana Peña (2024-05-03): Falta el IVA.", "En la caja", "Fin",
        "Al final.",
    ]  # fmt: skip
    assert noted(document, NoteKind.DELETED_TEXT) == [("", 1, "650 euros")]


CONTROLS = """<office:forms><form:form>
<form:checkbox form:id="c1" form:label="Tarde" form:current-state="checked"/>
<form:checkbox form:id="c2" form:label="Mañana" form:state="unchecked"/>
<form:radio form:id="r1" form:label="Sí" form:selected="true"/>
<form:text form:id="t1" form:current-value="Brihuega"/>
<form:listbox form:id="l1"><form:option form:label="alta"/>
<form:option form:label="baja" form:current-selected="true"/></form:listbox></form:form>
</office:forms>"""


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        ('<draw:control draw:control="c1"/>', "☒ Tarde"),
        ('<draw:control draw:control="c2"/>', "☐ Mañana"),
        ('<draw:control draw:control="r1"/>', "☒ Sí"),
        ('<draw:control draw:control="t1"/>', "Brihuega"),
        ('<draw:control draw:control="l1"/>', "baja"),
        ('<text:drop-down><text:label text:value="a"/>tarde</text:drop-down>', "tarde"),
        ("<text:text-input>Brihuega</text:text-input>", "Brihuega"),
        ('<loext:content-control loext:checkbox="true">☒</loext:content-control>', "☒"),
    ],
)
def test_controls_show_their_state(tmp_path: Path, field: str, shown: str) -> None:
    document = read(tmp_path, CONTROLS + p(f"Turno: {field}"))
    assert document.text == f"Turno: {shown}"
    assert [block.kind for block in document.blocks] == [DocumentBlockKind.FIELD]


WHITE = '<style:text-properties fo:color="#ffffff"/>'


@pytest.mark.parametrize(
    "hidden",
    [
        '<text:span text:style-name="Nada">IGNORA</text:span>',
        '<text:span text:style-name="Blanco">IGNORA</text:span>',
        '<text:span text:style-name="Mota">IGNORA</text:span>',
        '<text:hidden-text text:is-hidden="true">IGNORA</text:hidden-text>',
    ],
)
def test_text_that_nobody_sees_is_kept_apart_and_said(tmp_path: Path, hidden: str) -> None:
    styles = (
        style("Nada", '<style:text-properties text:display="none"/>', family="text")
        + style("Blanco", WHITE, family="text")
        + style("Mota", '<style:text-properties fo:font-size="1pt"/>', family="text")
    )
    document = read(tmp_path, p(f"A la vista{hidden}."), styles)
    assert document.text == "A la vista."
    assert noted(document, NoteKind.HIDDEN_TEXT) == [("", 1, "IGNORA")]


@pytest.mark.parametrize("painted", ["cell", "paragraph", "box"])
def test_light_text_on_something_dark_is_seen(tmp_path: Path, painted: str) -> None:
    dark = 'fo:background-color="#1f3864"'
    styles = style("Blanco", WHITE)
    styles += style("Celda", f"<style:table-cell-properties {dark}/>", family="table-cell")
    styles += style("Banda", f"<style:paragraph-properties {dark}/>{WHITE}")
    body = {
        "cell": '<table:table><table:table-row><table:table-cell table:style-name="Celda">'
        f"{p('visible', 'Blanco')}</table:table-cell></table:table-row></table:table>",
        "paragraph": p("visible", "Banda"),
        "box": f"<draw:custom-shape>{p('visible', 'Blanco')}</draw:custom-shape>",
    }[painted]
    document = read(tmp_path, body, styles)
    assert document.text == "visible"
    assert not document.notes


def cell(words: str, attributes: str = "") -> str:
    return f"<table:table-cell {attributes}>{p(words)}</table:table-cell>"


COVERED = "<table:covered-table-cell/>"
ROWS = [
    cell("Zona", 'table:number-rows-spanned="2"')
    + cell("2023", 'table:number-columns-spanned="2"')
    + COVERED
    + cell("2024", 'table:number-columns-spanned="2"')
    + COVERED,
    COVERED + cell("Litros") + cell("Euros") + cell("Litros") + cell("Euros"),
    cell("Norte", 'table:number-rows-spanned="2"') + cell("10") + cell("") + cell("12") + cell("7"),
    COVERED + cell("11") + cell("6") + cell("") + cell("8"),
]


def table(*rows: str, heads: int = 0, more: str = "") -> str:
    made = [f"<table:table-row>{cells}</table:table-row>" for cells in rows]
    head = "".join(made[:heads])
    head = f"<table:table-header-rows>{head}</table:table-header-rows>" if heads else ""
    return f"<table:table {more}>{head}{''.join(made[heads:])}</table:table>"


@pytest.mark.parametrize("heads", [0, 2])
def test_two_levels_of_names_merges_and_blank_cells(tmp_path: Path, heads: int) -> None:
    document = read(tmp_path, table(*ROWS, heads=heads))
    rows = [block for block in document.blocks if block.kind is DocumentBlockKind.ROW]
    cells = [
        [
            " ".join(document.text[s:e] for s, e in (*found.headers, (found.start, found.end)))
            for found in block.cells
        ]
        for block in rows
    ]  # fmt: skip
    assert cells == [
        ["Zona Norte", "2023 Litros 10", "2024 Litros 12", "2024 Euros 7"],
        ["Zona Norte", "2023 Litros 11", "2023 Euros 6", "2024 Euros 8"],
    ]  # fmt: skip


CHART = f"""<office:document-content {OPEN_DOCUMENT}><office:body><office:chart><chart:chart>
<chart:title><text:p>Consumo</text:p></chart:title><table:table>
<table:table-header-rows><table:table-row>{cell("Mes")}{cell("Agua")}</table:table-row>
</table:table-header-rows><table:table-rows><table:table-row>{cell("Enero")}{cell("31")}
</table:table-row></table:table-rows></table:table></chart:chart></office:chart></office:body>
</office:document-content>"""


def test_pictures_by_their_texts_charts_and_formulas(tmp_path: Path) -> None:
    formula = (
        '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>x</mi><mo>+</mo><mn>1</mn>'
        "<annotation>x+1</annotation></math>"
    )
    frames = (
        '<draw:frame><draw:image xlink:href="a.png"/><svg:desc>Mapa del acuífero</svg:desc>'
        "</draw:frame>",
        '<draw:frame><draw:image xlink:href="b.png"/></draw:frame>',
        '<draw:frame><draw:object xlink:href="./Object 1"/><draw:image/></draw:frame>',
        '<draw:frame><draw:object xlink:href="./Object 2"/></draw:frame>',
        '<draw:frame><draw:object-ole xlink:href="./Object 3"/></draw:frame>',
    )
    members = {"Object 1/content.xml": CHART, "Object 2/content.xml": formula}
    document = read(tmp_path, "".join(map(p, frames)), members=members)
    assert (
        document.text == "Mapa del acuífero\n\nConsumo\n\nMes | Agua\nMes: Enero; Agua: 31\n\nx+1"
    )
    assert noted(document, NoteKind.PICTURE) == [("", 1, "")]
    assert noted(document, NoteKind.EMBEDDED_FILE) == [("", 1, "./Object 3")]


def test_a_damaged_object_costs_itself(tmp_path: Path) -> None:
    frame = '<draw:frame><draw:object xlink:href="./Object 1"/></draw:frame>'
    path = open_document(
        tmp_path / "a.odt", "text", p(f"hola{frame}"), members={"Object 1/content.xml": "<x"}
    )
    found = parse(path)
    assert found.document.text == "hola"
    assert found.outcome is Outcome.PARTIAL
    assert "Object 1/content.xml is damaged" in found.reason


def test_indexes_and_hidden_sections(tmp_path: Path) -> None:
    index = (
        "<text:table-of-content><text:table-of-content-source><text:index-title-template>Plantilla"
        "</text:index-title-template></text:table-of-content-source><text:index-body>"
        f"{p('Objeto 3')}</text:index-body></text:table-of-content>"
    )
    hidden = f'<text:section text:display="none">{p("oculta")}</text:section>'
    document = read(tmp_path, index + hidden + f"<text:section>{p('abierta')}</text:section>")
    assert document.text == "Objeto 3\n\nabierta"
    assert noted(document, NoteKind.HIDDEN_TEXT) == [("", 1, "oculta")]


def test_hidden_sheets_rows_and_columns_are_left_out_and_said(tmp_path: Path) -> None:
    hides = '<style:table-properties table:display="false"/>'
    styles = style("ta2", hides, family="table")
    shown = "<table:table-column/>"
    columns = f'{shown}<table:table-column table:visibility="collapse"/>{shown}'
    rows = [("Zona", "Clave", "Litros"), ("Norte", "x9", "40"), ("Sur", "x8", "50")]
    made = [f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows]
    made[2] = made[2].replace("<table:table-row", '<table:table-row table:visibility="filter"')
    body = f'<table:table table:name="Gastos">{columns}{"".join(made)}</table:table>'
    body += table(cell("secreto"), more='table:name="Oculta" table:style-name="ta2"')
    document = read(tmp_path, body, styles, kind="spreadsheet")
    assert document.text == "Gastos\n\nZona | Litros\nZona: Norte; Litros: 40"
    assert noted(document, NoteKind.HIDDEN_SHEET) == [("Oculta", 1, "secreto")]
    assert noted(document, NoteKind.HIDDEN_ROWS) == [("Gastos", 3, "Clave … x9 … Sur x8 50")]


def test_comments_on_cells_follow_their_sheet(tmp_path: Path) -> None:
    comment = (
        "<office:annotation><dc:creator>Ana</dc:creator><dc:date>2024-05-03</dc:date>"
        "<text:p>Ojo</text:p></office:annotation>"
    )
    body = table(
        cell("a") + cell("b"), f"<table:table-cell>{comment}{p('1')}</table:table-cell>" + cell("2")
    )
    document = read(tmp_path, body, kind="spreadsheet")
    assert document.text.split("\n\n")[-1] == "Ana (2024-05-03): Ojo"
    assert "Ojo" not in document.text.split("\n\n")[0]


def test_slides_have_notes_lists_and_comments(tmp_path: Path) -> None:
    body = f"""<draw:page><draw:frame presentation:class="title"><draw:text-box>{p("Plan")}
    </draw:text-box></draw:frame><draw:frame><draw:text-box>{items(p("uno"), p("dos"))}
    </draw:text-box></draw:frame><office:annotation><dc:creator>Ana</dc:creator>
    <dc:date>2024-05-03</dc:date>{p("Ojo")}</office:annotation><presentation:notes>
    <draw:frame><draw:text-box>{p("Decir esto.")}</draw:text-box></draw:frame>
    </presentation:notes></draw:page>"""
    bullet = '<text:list-level-style-bullet text:level="1" text:bullet-char="•"/>'
    document = read(tmp_path, body, list_style(bullet), kind="presentation")
    assert document.text == "Plan\n\nuno\ndos\n\nAna (2024-05-03): Ojo\n\nDecir esto."
    kinds = [block.kind for block in document.blocks]
    item, note = DocumentBlockKind.LIST_ITEM, DocumentBlockKind.NOTE
    assert kinds == [DocumentBlockKind.HEADING, item, item, note, note]


def test_what_a_master_and_running_lines_show_on_slides_is_read_once(tmp_path: Path) -> None:
    box = "<draw:frame {}><draw:text-box>{}</draw:text-box></draw:frame>".format
    prompt = box('presentation:class="title"', p("Pulse para escribir"))
    line = '<presentation:footer-decl presentation:name="{}">{}</presentation:footer-decl>'.format
    masters = "".join(
        f'<style:master-page style:name="{name}">{box("", p(words))}{prompt}</style:master-page>'
        for name, words in (("Base", "Confidencial"), ("Otra", "Sin usar"))
    )  # fmt: skip
    members = {
        "styles.xml": f"<office:document-styles {OPEN_DOCUMENT}><office:master-styles>{masters}"
        "</office:master-styles></office:document-styles>"
    }
    uses = 'draw:master-page-name="Base" presentation:use-footer-name="f1"'
    body = (
        line("f1", "Aguas del Tajuña") + line("f2", "Sin usar")
        + "".join(f"<draw:page {uses}>{box('', p(words))}</draw:page>" for words in ("uno", "dos"))
    )  # fmt: skip
    document = read(tmp_path, body, members=members, kind="presentation")
    assert document.text.split("\n\n") == ["uno", "Confidencial", "Aguas del Tajuña", "dos"]


def test_a_hidden_sheet_is_read_and_marked_where_that_is_wanted(tmp_path: Path) -> None:
    styles = style("ta2", '<style:table-properties table:display="false"/>', family="table")
    body = table(cell("secreto"), more='table:name="Oculta" table:style-name="ta2"')
    seen = table(cell("a la vista"), more='table:name="Gastos"')
    read(tmp_path, seen + body, styles, kind="spreadsheet")
    document = parse(next(tmp_path.iterdir()), hidden_sheets=True).document
    assert document.headings_at(document.text.index("secreto")) == ("Oculta (hidden sheet)",)
    assert document.notes == ()


def test_a_bullet_that_is_a_check_box_is_shown(tmp_path: Path) -> None:
    level = '<text:list-level-style-bullet text:level="1" text:bullet-char="{}"/>'
    styles = "".join(
        f'<text:list-style style:name="{name}">{level.format(bullet)}</text:list-style>'
        for name, bullet in (("L", "☑"), ("M", "•"))
    )
    lists = [items(p("Plan")), items(p("Obra"), attributes='text:style-name="M"')]
    assert read(tmp_path, "".join(lists), styles).text.split() == ["☑", "Plan", "Obra"]
