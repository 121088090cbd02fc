"""Builds office files from XML, part by part, for what no library writes."""

from __future__ import annotations

import zipfile
from pathlib import Path

_SCHEMAS = "http://schemas.openxmlformats.org"
_RELATIONS = f"{_SCHEMAS}/officeDocument/2006/relationships"
_OFFICE_NAMES = {
    "w": f"{_SCHEMAS}/wordprocessingml/2006/main",
    "p": f"{_SCHEMAS}/presentationml/2006/main",
    "a": f"{_SCHEMAS}/drawingml/2006/main",
    "c": f"{_SCHEMAS}/drawingml/2006/chart",
    "dgm": f"{_SCHEMAS}/drawingml/2006/diagram",
    "wp": f"{_SCHEMAS}/drawingml/2006/wordprocessingDrawing",
    "pic": f"{_SCHEMAS}/drawingml/2006/picture",
    "m": f"{_SCHEMAS}/officeDocument/2006/math",
    "r": _RELATIONS,
    "mc": f"{_SCHEMAS}/markup-compatibility/2006",
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "cx": "http://schemas.microsoft.com/office/drawing/2014/chartex",
    "p188": "http://schemas.microsoft.com/office/powerpoint/2018/8/main",
}
OFFICE = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in _OFFICE_NAMES.items())
_STRICT = "http://purl.oclc.org/ooxml"
OPEN_DOCUMENT = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {
        "office": "office", "text": "text", "table": "table", "draw": "drawing", "style": "style",
        "presentation": "presentation", "form": "form", "fo": "xsl-fo-compatible",
        "svg": "svg-compatible", "chart": "chart",
    }.items()
) + (
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xlink="http://www.w3.org/1999/xlink"'
    ' xmlns:loext="urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0"'
)  # fmt: skip

Parts = dict[str, tuple[str, str]]
"""Parts by their names: the kind of the relation from the main part, and the XML."""


def zipped(path: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def relations(targets: Parts) -> str:
    """A `.rels` part; the id of a relation is the name of its target without folder and suffix."""
    lines = (
        f'<Relationship Id="{name.split("/")[-1].split(".")[0]}" Target="/{name}" '
        f'Type="{_RELATIONS}/{kind}"/>'
        for name, (kind, _) in targets.items()
    )
    names = f"{_SCHEMAS}/package/2006/relationships"
    return f'<Relationships xmlns="{names}">{"".join(lines)}</Relationships>'


def docx(path: Path, body: str, parts: Parts | None = None, strict: bool = False) -> Path:
    """A Word document. The roots of `parts` need no namespaces: they are given them."""
    every: Parts = {
        "word/document.xml": (
            "officeDocument",
            f"<w:document><w:body>{body}</w:body></w:document>",
        ),
        **(parts or {}),
    }
    members = {name: named(xml) for name, (_, xml) in every.items()}
    members["_rels/.rels"] = relations({"word/document.xml": every["word/document.xml"]})
    members["word/_rels/document.xml.rels"] = relations(parts or {})
    if strict:
        members = {name: _strict(xml) for name, xml in members.items()}
    return zipped(path, members)


def named(xml: str) -> str:
    """XML whose root declares all prefixes of Office."""
    end = min(at for at in (xml.find(">"), xml.find("/>"), xml.find(" ")) if at > 0)
    return f"{xml[:end]} {OFFICE}{xml[end:]}"


def _strict(xml: str) -> str:
    for prefix in ("wordprocessingml", "drawingml", "officeDocument"):
        xml = xml.replace(f"{_SCHEMAS}/{prefix}/2006/", f"{_STRICT}/{prefix}/")
    return xml


def paragraph(words: str, properties: str = "", run: str = "") -> str:
    """A paragraph of Word with one run."""
    run = f"<w:rPr>{run}</w:rPr>" if run else ""
    properties = f"<w:pPr>{properties}</w:pPr>" if properties else ""
    return f'<w:p>{properties}<w:r>{run}<w:t xml:space="preserve">{words}</w:t></w:r></w:p>'


def table(*rows: str) -> str:
    """A table of Word; its rows as `row` gives them."""
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(rows)}</w:tbl>"


def row(*cells: str, properties: str = "") -> str:
    """A row of Word; a cell is its words, or its properties and its words parted by a bar."""
    made = []
    for cell in cells:
        merge, _, words = cell.rpartition("|")
        made.append(f"<w:tc><w:tcPr>{merge}</w:tcPr>{paragraph(words)}</w:tc>")
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(made)}</w:tr>"


def styles(*nodes: str, defaults: str = "") -> tuple[str, str]:
    """The part of styles."""
    head = f"<w:docDefaults><w:rPrDefault><w:rPr>{defaults}</w:rPr></w:rPrDefault></w:docDefaults>"
    return "styles", f"<w:styles>{head}{''.join(nodes)}</w:styles>"


def style(name: str, inside: str = "", based_on: str = "", kind: str = "paragraph") -> str:
    """A style whose id is its name without blanks."""
    basis = f'<w:basedOn w:val="{based_on}"/>' if based_on else ""
    return (
        f'<w:style w:type="{kind}" w:styleId="{name.replace(" ", "")}"><w:name w:val="{name}"/>'
        f"{basis}{inside}</w:style>"
    )


def open_document(
    path: Path, kind: str, body: str, styles: str = "", members: dict[str, str] | None = None
) -> Path:
    """An OpenDocument file; `styles` are its automatic styles."""
    content = (
        f"<office:document-content {OPEN_DOCUMENT}><office:automatic-styles>{styles}"
        f"</office:automatic-styles><office:body><office:{kind}>{body}</office:{kind}>"
        "</office:body></office:document-content>"
    )
    return zipped(
        path,
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": content,
            "META-INF/manifest.xml": "<manifest/>",
            **(members or {}),
        },
    )
