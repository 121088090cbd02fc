"""Opens the packages of Word and PowerPoint: their parts, and what one part names in another.

Strict Open XML says the same under other namespaces; its parts come out under the usual ones. A
part that is missing or damaged costs itself: it is noted, and the rest is read.
"""

from __future__ import annotations

import posixpath
import re
from typing import Any, Self
from urllib.parse import unquote

from rag.errors import FileProblem
from rag.parsing.archive import open_archive, parse_xml
from rag.parsing.builder import unreadable
from rag.parsing.file import Beat, File, InnerFile
from rag.schema import Document

_SCHEMAS = "http://schemas.openxmlformats.org"
W = f"{{{_SCHEMAS}/wordprocessingml/2006/main}}"
P = f"{{{_SCHEMAS}/presentationml/2006/main}}"
A = f"{{{_SCHEMAS}/drawingml/2006/main}}"
C = f"{{{_SCHEMAS}/drawingml/2006/chart}}"
DGM = f"{{{_SCHEMAS}/drawingml/2006/diagram}}"
M = f"{{{_SCHEMAS}/officeDocument/2006/math}}"
R = f"{{{_SCHEMAS}/officeDocument/2006/relationships}}"
MC = f"{{{_SCHEMAS}/markup-compatibility/2006}}"
MAX_DEPTH = 3
"""Documents inside documents that are opened."""

_DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
_WHOLE = re.compile(r"-?\d{1,9}")
_USUAL = rb"http://schemas.openxmlformats.org/\1/2006/"


class Package:
    """An Office file that is open. `unreadable_parts` fills with the names of damaged parts."""

    def __init__(self, file: File) -> None:
        """Raises FileProblem: bomb, encrypted or unreadable."""
        self._file = file
        self._archive = open_archive(file)
        self._names = {name.lower(): name for name in self._archive.namelist()}
        self._relations: dict[str, dict[str, tuple[str, str]]] = {}
        self.unreadable_parts: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def main(self) -> tuple[str, Any]:
        """Returns the name and the root of the part that holds the document.

        Raises FileProblem(UNREADABLE) where there is none.
        """
        for part in self.related("", "officeDocument"):
            root = self.xml(part)
            if root is not None:
                return part, root
        raise unreadable(self._file, "it is no complete Office document")

    def xml(self, part: str) -> Any:
        """Returns the root element of a part; None where it is missing or damaged.

        Raises FileProblem(BOMB) for one that declares entities.
        """
        from lxml import etree

        try:
            data = self.bytes(part)
            return parse_xml(self._file, _STRICT.sub(_USUAL, data))
        except (KeyError, OSError, ValueError, etree.XMLSyntaxError):
            if part not in self.unreadable_parts:
                self.unreadable_parts.append(part)
            return None

    def title(self) -> str:
        """Returns the title that the file's properties hold, or ""."""
        root = self.one("", "core-properties")
        return "" if root is None else root.findtext(_DC_TITLE) or ""

    def damages(self) -> list[str]:
        """Returns what cannot be read, in words."""
        return [f"{part or 'a part'} is damaged or missing" for part in self.unreadable_parts]

    def bytes(self, part: str) -> bytes:
        """Returns the content of a part. Raises KeyError where there is none."""
        return self._archive.read(self._names[part.lower()])

    def document(self, part: str, beat: Beat) -> Document | None:
        """Returns a part that is a document of its own, of any format; None where it is damaged."""
        from rag.parsing import parse

        depth = self._file.depth if isinstance(self._file, InnerFile) else 0
        try:
            if depth >= MAX_DEPTH:
                raise unreadable(self._file, "its parts lie too deep in each other")
            inner = InnerFile(posixpath.basename(part), self.bytes(part), depth + 1)
            return parse(inner, lambda page, pages: beat(), beat.left, beat.hidden_sheets).document
        except (KeyError, FileProblem):
            self.unreadable_parts.append(part)
            return None

    def related(self, part: str, kind: str) -> list[str]:
        """Returns the parts to which `part` has a relation whose type ends with `kind`."""
        relations = self._relations_of(part).values()
        return [target for target, type_ in relations if type_.rsplit("/", 1)[-1] == kind]

    def one(self, part: str, kind: str) -> Any:
        """Returns the root of the first part related in this way; None where there is none."""
        parts = self.related(part, kind)
        return self.xml(parts[0]) if parts else None

    def target(self, part: str, relation: str | None) -> str:
        """Returns the part that `part` names by the id of a relation; "" where there is none."""
        return self._relations_of(part).get(relation or "", ("", ""))[0]

    def _relations_of(self, part: str) -> dict[str, tuple[str, str]]:
        if part not in self._relations:
            folder, name = posixpath.split(part)
            rels = posixpath.join(folder, "_rels", f"{name}.rels")
            root = self.xml(rels) if rels.lower() in self._names else ()
            self._relations[part] = {
                relation.get("Id", ""): (self._resolve(folder, relation), relation.get("Type", ""))
                for relation in (() if root is None else root)
                if relation.get("TargetMode") != "External"
            }
        return self._relations[part]

    def _resolve(self, folder: str, relation: Any) -> str:
        target = relation.get("Target", "").replace("\\", "/").split("#")[0]
        path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        return path if path.lower() in self._names else unquote(path)


def number(element: Any, attribute: str, default: int = 0) -> int:
    """Returns a whole number that an attribute holds; `default` where it holds none.

    Of a measure with a unit («12pt») it is the number before the unit.
    """
    if element is None:
        return default
    match = _WHOLE.match(element.get(attribute, ""))
    return int(match[0]) if match else default


def is_on(switch: Any) -> bool:
    """Tells whether a property of Word that is on or off is on; False where it is absent."""
    return switch is not None and switch.get(f"{W}val", "true") not in ("0", "false", "off")
