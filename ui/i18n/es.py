"""The interface in Spanish."""

from __future__ import annotations

from rag.schema import DocumentBlockKind, Fallback, NoteKind, Outcome
from ui.i18n import (
    answers,
    collections,
    comparing,
    conversations,
    documents,
    keeping,
    scope,
    settings,
    signing_in,
    why,
)
from ui.i18n.labels import Words

ES = Words(
    decimal=",",
    title="Fuente",
    sentence="Pregunta a tus documentos y ve la frase que lo demuestra.",
    language="Idioma",
    new_chat="Nueva conversación",
    ask="Pregunta algo sobre tus documentos",
    loading="Cargando el modelo…",
    searching="Buscando y leyendo…",
    writing="Escribiendo…",
    searched="Busqué: {question}",
    took="{seconds} s · todo en tu equipo",
    verbatim="En tus documentos, palabra por palabra",
    written="Escrito por {model}",
    fallbacks={
        Fallback.STOPPED: "Parado antes de que el modelo de lenguaje escribiera una frase con "
        "apoyo; arriba está lo que dicen tus documentos.",
        Fallback.NO_ROOM: "Ningún pasaje cabe en lo que el modelo de lenguaje puede leer de una "
        "vez; arriba está lo que dicen tus documentos.",
        Fallback.SILENT: "El modelo de lenguaje no encontró la respuesta en los pasajes; arriba "
        "está lo que dicen tus documentos.",
        Fallback.UNPROVED: "Lo que escribió el modelo de lenguaje no se apoya en lo citado arriba "
        "y no se muestra.",
    },
    used="{model} leyó {used} de {count} pasajes",
    partly="en parte",
    partly_tip="La fuente dice una parte, o lo dice de otra manera: míralo.",
    unfound="no consta en tus documentos",
    unfound_tip="Nada en los pasajes encontrados dice esto.",
    conflict="Las fuentes no coinciden: [{number}] dice «{said}»; {place} dice «{other}»:",
    idle_writer="«{model}» no ha escrito: los documentos responden mejor a esta pregunta.",
    struck="Frases del modelo que se han quitado, con cifras o nombres de ningún pasaje o "
    "contrarias a lo que dice uno: {count}.",
    flagged="Un pasaje traía texto oculto u órdenes de chat. Se ha tratado como simple texto.",
    hidden="Con texto que nadie ve al mirarlo, que se ha dejado fuera: {paths}.",
    sources="Fuentes ({count})",
    sources_title="La prueba",
    quote="«{quote}»",
    citation="Cita {number} de {count}",
    near_passage="Pasaje {number} de {count}",
    page="pág. {page}",
    headings="Apartado: {headings}",
    not_found="No lo encuentro en tus documentos.",
    nearest="Lo más parecido que hay en ellos, que no es una respuesta:",
    nearest_title="Lo más parecido",
    nearest_none="Tampoco hay nada parecido.",
    interrupted="Interrumpida antes de responder.",
    pane_hint="Pulsa el número de una frase y aquí verás de dónde sale.",
    previous="Anterior",
    following="Siguiente",
    close="Cerrar",
    source_name="{file} · {page}",
    page_image="Página {page} de {file} con la frase señalada",
    not_marked="La frase está en esta página, pero no he podido señalarla en la imagen.",
    drawing="Dibujando la página…",
    undrawn={
        Outcome.REMOVED: "En {file} se han hecho ilegibles datos personales: sus páginas no se "
        "enseñan. Este es el texto:",
        Outcome.TIMEOUT: "La página {page} de {file} no se ha podido dibujar a tiempo: lo que "
        "contiene es desmesurado, o el equipo está muy ocupado. Abre el archivo en su propio "
        "programa, o vuelve dentro de unos minutos. Este es el texto que se leyó de ella:",
        Outcome.MEMORY: "Dibujar la página {page} de {file} necesita demasiada memoria. Abre el "
        "archivo en su propio programa. Este es el texto que se leyó de ella:",
        Outcome.TOO_LARGE: "La página {page} de {file} da una imagen demasiado grande. Abre el "
        "archivo en su propio programa. Este es el texto que se leyó de ella:",
        Outcome.BOMB: "La página {page} de {file} tiene demasiados píxeles para dibujarla. Guarda "
        "el archivo más pequeño, o ábrelo en su propio programa. Este es el texto que se leyó de "
        "ella:",
        Outcome.CRASHED: "La página {page} de {file} ha roto el proceso que la dibujaba; lo demás "
        "sigue en marcha. Abre el archivo en su propio programa, o prueba otra vez. Este es el "
        "texto que se leyó de ella:",
    },
    no_page_image="La página {page} de {file} no se puede dibujar. Comprueba que el archivo sigue "
    "en su sitio y se abre en su propio programa. Este es el texto que se leyó de ella:",
    gone="Este documento ya no está en la biblioteca.",
    documents="Documentos",
    upload="Añadir archivos",
    upload_button="Elegir archivos",
    year_hint="aaaa",
    upload_hint="o arrástralos aquí: PDF, Office, libros, correos, webs, tablas, texto, ZIP",
    folder="Añadir una carpeta de este equipo",
    folder_help="Ruta de la carpeta",
    folder_inside="Carpetas que hay en «{path}»",
    folder_pick="Elige una para entrar",
    folder_up="↑ La carpeta de arriba",
    folder_add="Añadir carpeta",
    folder_missing="«{path}» no existe en este equipo, o no es una carpeta ni un archivo. "
    "Comprueba la ruta.",
    folder_outside="«{path}» está fuera de tu carpeta personal, y desde aquí solo se añade lo que "
    'está dentro. Para añadir otras carpetas, pon folder_roots = "/una/carpeta" en '
    "~/.config/fuente/rag.toml y vuelve a arrancar «rag chat»; o usa «rag ingest» en el terminal.",
    no_match="Ninguno coincide.",
    read_all="No consta que se dejara nada fuera.",
    read_notes="Se dejó fuera, o se leyó con dudas:",
    left_out="Fuera: {kinds}",
    notes={
        NoteKind.HIDDEN_TEXT: "texto que nadie ve",
        NoteKind.HIDDEN_SHEET: "hoja oculta",
        NoteKind.HIDDEN_ROWS: "filas ocultas",
        NoteKind.HIDDEN_COLUMNS: "columnas ocultas",
        NoteKind.DELETED_TEXT: "texto marcado como borrado",
        NoteKind.RUNNING_HEADS: "cabeceras y pies que se repiten",
        NoteKind.REPEATED: "lo que comparten todas las páginas del sitio",
        NoteKind.NOT_COMPUTED: "fórmula sin resultado guardado",
        NoteKind.PICTURE: "imagen sin texto",
        NoteKind.EMBEDDED_FILE: "archivo incrustado",
        NoteKind.UNREADABLE_PART: "parte que no se pudo leer",
        NoteKind.CUT: "más de lo que cabe en un documento",
        NoteKind.REDACTED: "datos personales hechos ilegibles",
    },
    block_kinds={
        DocumentBlockKind.PARAGRAPH: "texto",
        DocumentBlockKind.HEADING: "título",
        DocumentBlockKind.LIST_ITEM: "lista",
        DocumentBlockKind.TABLE_TITLE: "título de tabla",
        DocumentBlockKind.HEADER_ROW: "columnas",
        DocumentBlockKind.ROW: "fila",
        DocumentBlockKind.NOTE: "nota",
        DocumentBlockKind.CAPTION: "pie",
        DocumentBlockKind.FIELD: "campo",
        DocumentBlockKind.CODE: "código",
    },
    remove_yes="Quitar",
    purge_read=(
        "El texto anterior sigue en el disco, porque {who} lo está leyendo. "
        "Se borrará con el próximo cambio de la biblioteca, o al abrir de nuevo la aplicación."
    ),
    purge_pending=(
        "El texto anterior sigue en el disco. "
        "Se borrará con el próximo cambio de la biblioteca, o al abrir de nuevo la aplicación."
    ),
    stop_writing="Dejar de escribir",
    stop_reading="Dejar de leer",
    read_through="Leyendo: {read} de {total} pasajes…",
    written_until_stopped="Parado: esto es lo que estaba escrito",
    stop="Parar",
    stopping="Parando: lo que está a medias se acaba y se guarda…",
    clear="Ocultar",
    progress="{done} de {total} archivos",
    starting="Preparando la lectura…",
    waiting="En espera de lo anterior",
    job_done="Listos: {count}",
    job_stopped="Parado: lo ya leído se conserva",
    job_failed="No se pudieron leer: {count}",
    job_left="Sin leer: {count}",
    job_retry="Reintentar",
    job_restore="Volver a añadir lo que quitaste ({count})",
    pace="{rate} pasajes por segundo",
    minutes_left="quedan unos {count} min",
    seconds_left="queda menos de un minuto",
    stages={
        "queued": "en cola",
        "reading": "leyendo",
        "embedding": "indexando",
        "ready": "listo",
        "failed": "no se pudo leer",
    },
    steps={"reading": "página {step} de {steps}", "embedding": "pasaje {step} de {steps}"},
    outcomes={
        Outcome.OK: "listo",
        Outcome.PARTIAL: "listo, salvo alguna página que no se pudo leer",
        Outcome.UNCHANGED: "ya estaba",
        Outcome.RENAMED: "ya estaba con otro nombre",
        Outcome.DUPLICATE: "ya estaba: es copia de otro archivo",
        Outcome.REMOVED: "quitado: el archivo ya no existe",
        Outcome.STAYS_REMOVED: "lo quitaste: se queda fuera",
        Outcome.ENCRYPTED: "tiene contraseña: guarda una copia sin ella",
        Outcome.NO_TEXT: "no contiene texto; puede ser un escaneo",
        Outcome.UNSUPPORTED: "formato que aún no sé leer",
        Outcome.TOO_LARGE: "demasiado grande",
        Outcome.BOMB: "su contenido comprimido es desmesurado: no lo abro",
        Outcome.TIMEOUT: "tardaba demasiado en leerse",
        Outcome.MEMORY: "necesitaba demasiada memoria",
        Outcome.CRASHED: "está dañado de un modo que rompe el lector",
        Outcome.UNREADABLE: "está dañado o no se puede abrir",
        Outcome.OUTSIDE: "es un enlace que lleva fuera de la carpeta",
    },
    empty_title="Todavía no hay documentos",
    empty_sentence="Añade los tuyos y pregunta: cada respuesta lleva la frase y la página que la "
    "demuestran. Nada sale de tu equipo.",
    empty_or="O añade los tuyos:",
    sample="Probar con los documentos de ejemplo",
    reading="Leyendo los documentos…",
    ready="Tus documentos están listos",
    ready_sentence="Escribe tu pregunta abajo. Cada respuesta lleva la frase y la página que la "
    "demuestran; si no está en los documentos, te lo diré.",
    starters_title="Para empezar",
    errors={
        "LibraryBusy": "La biblioteca se está actualizando. Espera a que termine, o párala, y "
        "vuelve a intentarlo.",
        "LibraryDamaged": "La biblioteca está dañada. Restaura una copia de su carpeta, o añade "
        "los documentos a una biblioteca nueva.",
        "ModelMismatch": "La biblioteca se creó con otro modelo, o con una versión anterior de "
        "este. Para «rag chat», ejecuta «rag reindex» en el terminal y vuelve a arrancarlo: no se "
        "lee de nuevo ningún archivo. O elige el modelo con el que se creó.",
        "ModelMissing": "Falta el modelo en este equipo. Instálalo o elige otro en los ajustes.",
        "ModelRefused": "Ese modelo no se puede incorporar: hay algo en él que podría hacer daño.",
        "GeneratorBusy": "Hay demasiadas preguntas esperando al modelo de lenguaje. Prueba "
        "dentro de un momento.",
        "GeneratorFailed": "El modelo de lenguaje no ha respondido. Revisa su servidor o los "
        "ajustes y prueba otra vez.",
        "EmbedderFailed": "El servidor que calcula los vectores no responde. Revisa que esté en "
        "marcha y prueba otra vez.",
        "ServerRefused": "El servidor no responde, o no permite eso. Prueba otra vez; si sigue, "
        "avisa a quien lo lleva.",
        "SignedOut": "La sesión ha terminado. Vuelve a entrar.",
        "EmptyLibrary": "Todavía no hay documentos a los que preguntar. Añade alguno en la "
        "página Documentos.",
        "FileProblem": "El archivo no se puede leer.",
        "UsageError": "Eso no se puede hacer así.",
    },
    error_unknown="Algo ha fallado. Inténtalo de nuevo; el detalle está en la ventana desde la que "
    "arrancaste Fuente.",
    detail="Detalle: {message}",
    locked="Esta aplicación solo se abre con la dirección completa que escribió «rag chat» en su "
    "ventana, con todo lo que va detrás de «?token=». Cópiala entera aquí arriba; si ya no la "
    "tienes, para «rag chat» y vuelve a arrancarlo.",
    opening="Abrir Fuente",
    conversations=conversations.ES,
    comparing=comparing.ES,
    scope=scope.ES,
    answers=answers.ES,
    documents_page=documents.ES,
    collections=collections.ES,
    why=why.ES,
    feedback=keeping.FEEDBACK_ES,
    monitoring=keeping.MONITORING_ES,
    settings=settings.SETTINGS_ES,
    signing_in=signing_in.ES,
    skips="Saltos",
    skip_to_question="Ir a la pregunta",
    skip_to_content="Ir al contenido",
    offline="Fuente se ha parado. Vuelve a la ventana del terminal y ejecuta «rag chat»; esta "
    "página seguirá sola. Lo que preguntaste está guardado.",
)
