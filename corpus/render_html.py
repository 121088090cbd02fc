"""Render a source as the web page of an intranet: semantic tags, plus navigation and a footer.

The navigation and the footer are there on purpose: a reader of real pages must tell them from the
article. It knows nothing about Markdown or the other formats.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from corpus.figures import figure_svg
from corpus.markup import (
    Block,
    Code,
    Figure,
    Heading,
    Inline,
    ItemList,
    PageBreak,
    Paragraph,
    Source,
    Table,
)

STYLE = """
body { font: 17px/1.6 Georgia, serif; color: #222; max-width: 46rem; margin: 0 auto; padding: 1rem }
nav, footer { font: 14px/1.5 system-ui, sans-serif; color: #555 }
nav a { margin-right: 1rem; color: #4a5d23 }
h1, h2, h3 { font-family: system-ui, sans-serif; line-height: 1.25; color: #37461a }
table { border-collapse: collapse; width: 100%; font-size: 15px }
th, td { border: 1px solid #c9cfb8; padding: .35rem .6rem; text-align: left }
th { background: #4a5d23; color: #fff }
.right { text-align: right }
figure { margin: 1.5rem 0 } figcaption { font-style: italic; font-size: 15px }
footer { border-top: 1px solid #ccc; margin-top: 3rem; padding-top: 1rem }
""".strip()

NAVIGATION = {
    "es": ("Inicio", "Guías", "Formación", "Contacto"),
    "en": ("Home", "Guides", "Training", "Contact"),
}
FOOTER = {
    "es": "Intranet de Almazara Digital S. Coop. · Contenido de uso interno",
    "en": "Almazara Digital S. Coop. intranet · Internal use only",
}


def render_html(source: Source, target: Path) -> None:
    """Write the source as a web page."""
    links = "".join(f'<a href="#">{escape(label)}</a>' for label in NAVIGATION[source.language])
    article = "\n".join(_draw(block, source) for block in source.blocks)
    target.write_text(
        f"""<!DOCTYPE html>
<html lang="{source.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(source.title)}</title>
<style>
{STYLE}
</style>
</head>
<body>
<nav>{links}</nav>
<main>
<article>
{article}
</article>
</main>
<footer><p>{escape(FOOTER[source.language])}</p></footer>
</body>
</html>
""",
        encoding="utf-8",
    )


def _draw(block: Block, source: Source) -> str:
    match block:
        case Heading(level, content):
            return f"<h{level}>{_inline(content)}</h{level}>"
        case Paragraph(content):
            return f"<p>{_inline(content)}</p>"
        case ItemList(ordered, items):
            tag = "ol" if ordered else "ul"
            lines = "\n".join(f"<li>{_inline(item)}</li>" for item in items)
            return f"<{tag}>\n{lines}\n</{tag}>"
        case Table():
            return _table(block)
        case Code(text):
            return f"<pre><code>{escape(text)}</code></pre>"
        case Figure(name, caption):
            drawn = figure_svg(source, name)
            return f"<figure>\n{drawn}\n<figcaption>{escape(caption)}</figcaption>\n</figure>"
        case PageBreak():
            return "<hr>"


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{_inline(cell)}</th>' for cell in table.header)
    rows = "\n".join(_row(row, table.right_aligned) for row in table.rows)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>"


def _row(row: tuple[Inline, ...], right_aligned: tuple[bool, ...]) -> str:
    cells = zip(row, right_aligned, strict=True)
    marked = ((cell, ' class="right"' if right else "") for cell, right in cells)
    return "<tr>" + "".join(f"<td{mark}>{_inline(cell)}</td>" for cell, mark in marked) + "</tr>"


def _inline(content: Inline) -> str:
    parts = []
    for span in content:
        text = escape(span.text, quote=False)
        for tag, wanted in (("code", span.code), ("em", span.italic), ("strong", span.bold)):
            text = f"<{tag}>{text}</{tag}>" if wanted else text
        parts.append(text)
    return "".join(parts)
