"""Words of the pages of feedback and monitoring, in both languages."""

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


FEEDBACK_ES = FeedbackWords(
    title="Valoraciones",
    none="Aún no hay ninguna. Bajo cada respuesta hay dos pulgares; lo que digas se queda aquí.",
    counts="Buenas: {good} · malas: {bad}",
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
    counts="Good: {good} · bad: {bad}",
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
    index="Biblioteca en disco",
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
    failed_notice="Archivos sin leer: {count}. Documentos dice qué hacer con cada uno.",
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
    processor="Computer's processor",
    index="Library on the disk",
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
    failed_notice="Files that could not be read: {count}. Documents says what to do with each.",
    feedback_notice="{share}% of the judgements are bad. See them in Feedback.",
)
