"""How summaries are asked for and what is said beside them, as data by language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryData:
    """The words of one language for summaries. Patterns are matched on folded text."""

    length: str
    """One group: how many sentences are wanted, as a figure or a word."""
    short: str
    long: str
    sums_up: str
    """Headings of sections that sum up their document."""
    about: str
    """Asks what a document is about: fewer sentences do."""
    folder: str
    """Says that a folder is meant."""
    section: str
    """Says that a part of a document is meant."""
    everything: str
    """Asks about all documents."""
    idle: str
    """Words of a question that name no document or section."""
    sections: str
    """How many sections are held: `{shown}` of `{all}`."""
    documents: str


SUMMARISING: Mapping[str, SummaryData] = {
    "es": SummaryData(
        length=r"\ben (?:unas |solo |s[oó]lo )?(\w+) (?:frases?|oraciones|l[ií]neas|puntos)",
        short=r"\b(?:breve\w*|cort[oa]|en pocas (?:palabras|l[ií]neas)|r[aá]pid\w*)\b",
        long=r"\b(?:detallad\w+|largo|extenso|a fondo|completo|con detalle)\b",
        sums_up=r"resumen.*|sinopsis|conclusion(?:es)?|en breve|lo esencial|introduccion",
        about=r"\bde que (?:trata|va|habla)n?\b|\bsobre que (?:trata|va|es|son)\b",
        folder=r"\b(?:carpeta|directorio)\b",
        section=r"\b(?:seccion|apartado|capitulo|parte) (?:sobre|acerca|que|de|del|dedicad)",
        everything=r"\b(?:mis|los|todos los|estos|nuestros) (?:documentos|archivos|ficheros)\b|"
        r"\b(?:la|esta|mi) (?:biblioteca|carpeta)\b",
        idle="""resume resumir resumen resumeme hazme haz dame breve corto corta frases frase lineas
        puntos documento documentos archivo seccion apartado capitulo parte carpeta directorio
        biblioteca trata tratan va van habla hablan mis todos contenido principales principal
        ideas clave
        encontro encontraron dice dicen esencial sobre quiero necesito tres dos cuatro cinco
        seis una un detallado largo vision general""",
        sections="Recoge {shown} de {all} secciones.",
        documents="Recoge {shown} de {all} documentos.",
    ),
    "en": SummaryData(
        length=r"\bin (?:just |only |about )?(\w+) (?:sentences?|lines?|points?|bullets?)",
        short=r"\b(?:brief\w*|short\w*|quick\w*|in a few (?:words|lines)|in a nutshell)\b",
        long=r"\b(?:detailed|long|in detail|thorough|complete|full)\b",
        sums_up=r"(?:executive )?summary|abstract|conclusions?|in brief|introduction|overview",
        about=r"\bwhat (?:is|are|does|do) .*\b(?:about|deal with|cover)\b",
        folder=r"\b(?:folder|directory)\b",
        section=r"\b(?:section|part|chapter) (?:on|about|that|of|called|titled|dealing)\b",
        everything=r"\b(?:my|all (?:the |my )?|these|our) (?:documents|files)\b|"
        r"\b(?:the|this|my) (?:library|folder)\b",
        idle="""summarise summarize summary sum give me brief short sentences sentence lines points
        document documents file section chapter part folder directory library
        my all about deal cover
        content main key ideas says found want need three two four five six one detailed long
        overview what""",
        sections="Covers {shown} of {all} sections.",
        documents="Covers {shown} of {all} documents.",
    ),
}
