"""Words of the pages' list and of kept conversations, in both languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConversationWords:
    """The side panel, and what can be done with a conversation."""

    pages: str
    asking: str
    search: str
    none: str
    none_found: str
    untitled: str
    today: str
    yesterday: str
    week: str
    month: str
    months: tuple[str, ...]
    more: str
    menu: str
    rename: str
    save: str
    export: str
    as_markdown: str
    as_json: str
    as_pdf: str
    as_zip: str
    export_pages: str
    pages_left: str
    letters_left: str
    delete: str
    delete_ask: str
    delete_yes: str
    deleted: str
    gone: str
    earlier: str
    erased: str
    unkept: str
    you: str
    answered: str
    searched_in: str
    sources: str
    exported: str


ES = ConversationWords(
    pages="Páginas",
    asking="Preguntar",
    search="Buscar en las conversaciones",
    none="Aquí quedarán tus conversaciones.",
    none_found="Ninguna conversación tiene esas palabras.",
    untitled="Conversación",
    today="Hoy",
    yesterday="Ayer",
    week="Los últimos siete días",
    month="{month} de {year}",
    months=(
        *("Enero", "Febrero", "Marzo", "Abril", "Mayo", "Junio", "Julio"),
        *("Agosto", "Septiembre", "Octubre", "Noviembre", "Diciembre"),
    ),
    more="Ver más ({count})",
    menu="Esta conversación",
    rename="Título",
    save="Cambiar el título",
    export="Exportar con citas y fuentes",
    as_markdown="Markdown",
    as_json="JSON",
    as_pdf="PDF",
    as_zip="Markdown y páginas",
    export_pages="El PDF y el ZIP llevan la imagen de cada página citada.",
    pages_left="Páginas que no caben en este archivo y siguen en la aplicación: {count}.",
    letters_left="Letras que este PDF no puede mostrar y que el Markdown sí lleva: {count}.",
    delete="Borrar la conversación",
    delete_ask="Se borran las preguntas, las respuestas y tus valoraciones. No queda copia.",
    delete_yes="Borrar del todo",
    deleted="Conversación borrada.",
    gone="Esa conversación ya no está. Aquí empieza una nueva.",
    earlier="Ver preguntas anteriores ({count})",
    erased="La respuesta citaba un documento que se quitó de la biblioteca, y se borró con él. "
    "Vuelve a preguntar para buscar en los que hay.",
    unkept="Esta biblioteca no se puede escribir: la conversación se pierde al cerrar la pestaña.",
    you="Pregunta",
    answered="Respuesta",
    searched_in="Buscado en: {scope}",
    sources="Fuentes",
    exported="Exportado de Fuente el {day}",
)

EN = ConversationWords(
    pages="Pages",
    asking="Ask",
    search="Search the conversations",
    none="Your conversations will be kept here.",
    none_found="No conversation has these words.",
    untitled="Conversation",
    today="Today",
    yesterday="Yesterday",
    week="The last seven days",
    month="{month} {year}",
    months=(
        *("January", "February", "March", "April", "May", "June", "July"),
        *("August", "September", "October", "November", "December"),
    ),
    more="Show more ({count})",
    menu="This conversation",
    rename="Title",
    save="Change the title",
    export="Export with citations and sources",
    as_markdown="Markdown",
    as_json="JSON",
    as_pdf="PDF",
    as_zip="Markdown and pages",
    export_pages="The PDF and the ZIP carry the image of each cited page.",
    pages_left="Pages that do not fit in this file and are still in the app: {count}.",
    letters_left="Letters that this PDF cannot show and the Markdown has: {count}.",
    delete="Delete the conversation",
    delete_ask="Questions, answers and your ratings are deleted. No copy is left.",
    delete_yes="Delete for good",
    deleted="The conversation is deleted.",
    gone="That conversation is no longer there. A new one begins here.",
    earlier="Show earlier questions ({count})",
    erased="The answer quoted a document that was removed from the library, and was deleted with "
    "it. Ask again to search in those that are there.",
    unkept="This library cannot be written: the conversation is lost when the tab is closed.",
    you="Question",
    answered="Answer",
    searched_in="Searched in: {scope}",
    sources="Sources",
    exported="Exported from Fuente on {day}",
)
