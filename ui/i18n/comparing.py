"""Words of the page that asks several documents the same, in both languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ComparingWords:
    """Documents and questions as a table, and what documents say otherwise."""

    title: str
    help: str
    where: str
    where_empty: str
    questions: str
    questions_hint: str
    ask: str
    many: str
    going: str
    stop: str
    stopped: str
    none: str
    document: str
    nothing: str
    unasked: str
    alt: str
    differ: str
    against: str
    same: str
    change: str
    missing: str
    otherwise: str
    only_one: str
    download: str
    hint: str


ES = ComparingWords(
    title="Comparar documentos",
    help="Las mismas preguntas a varios documentos: una fila por documento, una columna por "
    "pregunta, y en cada casilla la cita que lo demuestra.",
    where="Documentos o carpetas",
    where_empty="Todos; escribe para elegir",
    questions="Preguntas, una por línea",
    questions_hint="¿Cuál es el plazo de preaviso?",
    ask="Preguntar a cada uno",
    many="Son {count} respuestas; elige menos documentos o preguntas, hasta {most}.",
    going="{done} de {total} respuestas",
    stop="Parar aquí",
    stopped="Parado: {done} de {total} respuestas.",
    none="Escribe al menos una pregunta.",
    document="Documento",
    nothing="No lo dice",
    unasked="Sin preguntar",
    alt="Tabla de documentos y preguntas",
    differ="Qué cambia",
    against="{other}, frente a {first}",
    same="Dicen lo mismo.",
    change="«{before}» pasa a «{after}»",
    missing="nada",
    otherwise="Lo dicen con otras palabras:",
    only_one="Solo lo dice uno de los dos:",
    download="Descargar CSV",
    hint="Toca un número para ver la frase en su página.",
)

EN = ComparingWords(
    title="Compare documents",
    help="The same questions to several documents: a row for each document, a column for each "
    "question, and in every cell the citation that proves it.",
    where="Documents or folders",
    where_empty="All; type to choose",
    questions="Questions, one a line",
    questions_hint="What is the notice period?",
    ask="Ask each of them",
    many="That is {count} answers; choose fewer documents or questions, up to {most}.",
    going="{done} of {total} answers",
    stop="Stop here",
    stopped="Stopped: {done} of {total} answers.",
    none="Type at least one question.",
    document="Document",
    nothing="Does not say",
    unasked="Not asked",
    alt="Table of documents and questions",
    differ="What differs",
    against="{other}, against {first}",
    same="They say the same.",
    change="“{before}” becomes “{after}”",
    missing="nothing",
    otherwise="They say it in other words:",
    only_one="Only one of them says it:",
    download="Download CSV",
    hint="Tap a number to see the sentence on its page.",
)
