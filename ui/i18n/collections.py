"""Words of the collections, in both languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CollectionWords:
    """Collections: made, filled, renamed, deleted, searched."""

    title: str
    column: str
    button: str
    help: str
    in_these: str
    none: str
    new: str
    new_hint: str
    save: str
    saved: str
    manage: str
    documents: str
    name: str
    rename: str
    renamed: str
    delete: str
    delete_help: str
    deleted: str
    taken: str
    too_long: str
    ask: str
    where: str
    where_empty: str
    described: str


ES = CollectionWords(
    title="Colecciones",
    column="Colecciones",
    button="Colecciones…",
    help="Una colección es un nombre para varios documentos, como una etiqueta; un documento puede "
    "estar en varias. Los archivos no se mueven.",
    in_these="Están en",
    none="Aún en ninguna",
    new="Una nueva",
    new_hint="Contratos 2026",
    save="Guardar",
    saved="Colecciones guardadas.",
    manage="Colecciones ({count})",
    documents="documentos: {count}",
    name="Nombre",
    rename="Cambiar el nombre",
    renamed="Nombre cambiado.",
    delete="Borrar la colección",
    delete_help="Los documentos se quedan en la biblioteca.",
    deleted="Colección borrada; sus documentos siguen aquí.",
    taken="Ya hay una colección con ese nombre: elige otro.",
    too_long="Escribe un nombre de hasta {count} letras.",
    ask="Preguntar solo ahí",
    where="Colecciones",
    where_empty="Todas; escribe para elegir",
    described="colección {name}",
)

EN = CollectionWords(
    title="Collections",
    column="Collections",
    button="Collections…",
    help="A collection is a name for several documents, like a tag; a document may be in several. "
    "The files are not moved.",
    in_these="They are in",
    none="In none yet",
    new="A new one",
    new_hint="Contracts 2026",
    save="Save",
    saved="Collections saved.",
    manage="Collections ({count})",
    documents="documents: {count}",
    name="Name",
    rename="Rename",
    renamed="Renamed.",
    delete="Delete the collection",
    delete_help="Its documents stay in the library.",
    deleted="Collection deleted; its documents are still here.",
    taken="There is a collection of that name: choose another one.",
    too_long="Type a name of up to {count} letters.",
    ask="Ask only there",
    where="Collections",
    where_empty="All; type to choose",
    described="collection {name}",
)
