"""Words of the page of the documents, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DocumentWords:
    """The list of documents, one document opened, and the files that gave none."""

    add: str
    filter: str
    shown: str
    title: str
    file: str
    language: str
    pages: str
    changed: str
    notes: str
    list_alt: str
    select: str
    selected_one: str
    selected_many: str
    open: str
    ask_these: str
    remove: str
    remove_title: str
    remove_many: str
    remove_uploads: str
    remove_stay: str
    remove_conversations: str
    removed: str
    back: str
    download: str
    original_gone: str
    page_image: str
    page_of: str
    part_of: str
    view: str
    side_by_side: str
    page_alone: str
    read_alone: str
    failed: str
    failed_alt: str
    outcome: str
    read_again: str
    forget: str
    forgotten: str
    unread: str
    unread_help: str
    read_them: str
    delete_them: str
    deleted: str
    resume: str
    stopped: str
    stopped_help: str
    discard: str
    discarded: str
    pictures: str
    pictures_all: str
    pictures_some: str
    pictures_command: str
    pictures_button: str
    pictures_button_hint: str
    zoom: str
    pages_short: str
    next_steps: Mapping[str, str]


ES = DocumentWords(
    add="Añadir documentos",
    filter="Filtrar por título o archivo",
    shown="{shown} de {count} documentos",
    title="Título",
    file="Archivo",
    language="Idioma",
    pages="Páginas",
    changed="Cambiado",
    notes="Quedó fuera",
    list_alt="Lista de los documentos de la biblioteca",
    select="Marca filas para abrirlas, preguntar solo a ellas o quitarlas. Los títulos de las "
    "columnas ordenan.",
    selected_one="1 marcado",
    selected_many="{count} marcados",
    open="Abrir",
    ask_these="Preguntar solo ahí",
    remove="Quitar…",
    remove_title="Quitar de la biblioteca",
    remove_many="Dejarán de aparecer en las respuestas: {count}.",
    remove_uploads="Copias que subiste y se borrarán: {count}.",
    remove_stay="Archivos que se quedan donde están, en tu equipo: {count}.",
    remove_conversations="Las respuestas guardadas que los citan también se borran.",
    removed="Quitados: {count}.",
    back="Todos los documentos",
    download="Descargar el original",
    original_gone="El archivo ya no está en «{path}»; esto es lo que se leyó de él.",
    page_image="Página {page} de {file}",
    page_of="Página (de {count})",
    part_of="Parte (de {count})",
    view="Vista",
    side_by_side="Página y texto",
    page_alone="Página",
    read_alone="Lo que se leyó",
    failed="No se pudieron leer ({count})",
    failed_alt="Archivos que no se pudieron leer",
    outcome="Qué pasó y qué hacer",
    read_again="Leerlos de nuevo",
    forget="Quitarlos de la lista",
    forgotten="Quitados de la lista.",
    unread="Subidos y sin leer ({count})",
    unread_help="La lectura se paró antes de llegar a ellos. Mientras estén aquí ocupan sitio y "
    "no aparecen en las respuestas.",
    read_them="Leerlos",
    delete_them="Borrar las copias",
    deleted="Copias borradas: {count}.",
    resume="Seguir leyendo",
    stopped="Lecturas que se pararon ({count})",
    stopped_help="Lo que se leyó hasta entonces está en la biblioteca; el resto no aparece en las "
    "respuestas.",
    discard="Descartar",
    discarded="Descartado. Lo leído se queda.",
    pictures="Escaneos e imágenes sin leer ({count})",
    pictures_all="todo son imágenes",
    pictures_some="leído, salvo las páginas que son imágenes",
    pictures_command="Para leer imágenes instala el lector: pip install 'fuente[ocr]'. Después "
    "abre Fuente otra vez y añádelos de nuevo.",
    pictures_button="Leer las imágenes",
    pictures_button_hint="Pulsa «Leer las imágenes» en Documentos.",
    zoom="Ampliar",
    pages_short="págs. {pages}",
    next_steps={
        "no_text": "Guarda una copia que contenga texto y añádela.",
        "encrypted": "Guarda una copia sin contraseña y añádela.",
        "unsupported": "Ábrelo en su programa y guárdalo como PDF, DOCX o texto.",
        "too_large": "Divídelo, o sube max_file_mb en los ajustes.",
        "bomb": "Descomprímelo tú y añade lo que te interese.",
        "timeout": "Léelo de nuevo con el equipo menos ocupado, o divídelo.",
        "memory": "Divídelo, o sube reader_memory_mb en los ajustes.",
        "crashed": "Ábrelo en su programa y guarda una copia nueva.",
        "unreadable": "Comprueba que se abre en su programa y guarda una copia nueva.",
        "outside": "Añade el archivo desde donde está de verdad.",
    },
)

EN = DocumentWords(
    add="Add documents",
    filter="Filter by title or file",
    shown="{shown} of {count} documents",
    title="Title",
    file="File",
    language="Language",
    pages="Pages",
    changed="Changed",
    notes="Left out",
    list_alt="List of the documents of the library",
    select="Tick rows to open them, to ask them alone, or to remove them. The names of the "
    "columns sort.",
    selected_one="1 ticked",
    selected_many="{count} ticked",
    open="Open",
    ask_these="Ask these alone",
    remove="Remove…",
    remove_title="Remove from the library",
    remove_many="They will no longer appear in answers: {count}.",
    remove_uploads="Copies that you uploaded, which are deleted: {count}.",
    remove_stay="Files that stay where they are, on your computer: {count}.",
    remove_conversations="Kept answers that quote them are deleted as well.",
    removed="Removed: {count}.",
    back="All documents",
    download="Download the original",
    original_gone="The file is no longer at “{path}”; this is what was read from it.",
    page_image="Page {page} of {file}",
    page_of="Page (of {count})",
    part_of="Part (of {count})",
    view="View",
    side_by_side="Page and text",
    page_alone="Page",
    read_alone="What was read",
    failed="Could not be read ({count})",
    failed_alt="Files that could not be read",
    outcome="What happened, and what to do",
    read_again="Read them again",
    forget="Take them off the list",
    forgotten="Taken off the list.",
    unread="Uploaded and not read ({count})",
    unread_help="The reading was stopped before it came to them. While they are here they take "
    "room and do not appear in answers.",
    read_them="Read them",
    delete_them="Delete the copies",
    deleted="Copies deleted: {count}.",
    resume="Go on reading",
    stopped="Readings that were stopped ({count})",
    stopped_help="What was read until then is in the library; the rest does not appear in answers.",
    discard="Discard",
    discarded="Discarded. What was read stays.",
    pictures="Scans and pictures that were not read ({count})",
    pictures_all="all of it is pictures",
    pictures_some="read, except for pages that are pictures",
    pictures_command="To read pictures install their reader: pip install 'fuente[ocr]'. Then open "
    "Fuente again and add them once more.",
    pictures_button="Read the pictures",
    pictures_button_hint="Press “Read the pictures” under Documents.",
    zoom="Zoom",
    pages_short="pp. {pages}",
    next_steps={
        "no_text": "Save a copy that holds text and add that.",
        "encrypted": "Save a copy without the password and add that.",
        "unsupported": "Open it in its own program and save it as PDF, DOCX or text.",
        "too_large": "Split it, or raise max_file_mb in the settings.",
        "bomb": "Unpack it yourself and add what you want of it.",
        "timeout": "Read it again while the computer is less busy, or split it.",
        "memory": "Split it, or raise reader_memory_mb in the settings.",
        "crashed": "Open it in its own program and save a new copy.",
        "unreadable": "Check that it opens in its own program and save a new copy.",
        "outside": "Add the file from where it really is.",
    },
)
