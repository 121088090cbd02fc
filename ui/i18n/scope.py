"""Words of what a question is limited to, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ScopeWords:
    """The scope at the question box, and the dialog that changes it."""

    all: str
    limited: str
    title: str
    where: str
    where_empty: str
    folder: str
    language: str
    languages: Mapping[str, str]
    since: str
    until: str
    dates_help: str
    since_day: str
    until_day: str
    several: str
    apply: str
    clear: str
    nothing: str


ES = ScopeWords(
    all="En todos los documentos",
    limited="Solo en: {scope}",
    title="Dónde buscar",
    where="Carpetas y documentos",
    where_empty="Todos; escribe para elegir",
    folder="Carpeta {path}",
    language="Idioma del documento",
    languages={"es": "español", "en": "inglés"},
    since="Cambiado desde",
    until="Cambiado hasta",
    dates_help="Según la fecha del archivo",
    since_day="desde {day}",
    until_day="hasta {day}",
    several="{first} y {count} más",
    apply="Buscar ahí",
    clear="Quitar el límite",
    nothing="Ningún documento cumple todo eso a la vez.",
)

EN = ScopeWords(
    all="In all documents",
    limited="Only in: {scope}",
    title="Where to search",
    where="Folders and documents",
    where_empty="All; type to choose",
    folder="Folder {path}",
    language="Language of the document",
    languages={"es": "Spanish", "en": "English"},
    since="Changed since",
    until="Changed until",
    dates_help="By the date of the file",
    since_day="since {day}",
    until_day="until {day}",
    several="{first} and {count} more",
    apply="Search there",
    clear="Remove the limit",
    nothing="No document fits all of that at once.",
)
