"""Words of what can be done with an answer, and of why it is as it is, in both languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AnswerWords:
    """Under an answer: copying, asking again, judging it."""

    copy: str
    copy_sources: str
    copied: str
    again: str
    edit: str
    edit_label: str
    edit_ask: str
    cancel: str
    rate: str
    reason: str
    reason_hint: str
    right_answer: str
    right_hint: str
    send: str
    thanks: str
    following: str


ES = AnswerWords(
    copy="Copiar",
    copy_sources="Copiar con fuentes",
    copied="Copiado",
    again="Repetir",
    edit="Editar la pregunta",
    edit_label="Pregunta",
    edit_ask="Preguntar",
    cancel="Dejarlo",
    rate="¿Te sirve esta respuesta?",
    reason="¿Por qué?",
    reason_hint="Le falta un dato, es de otro documento…",
    right_answer="La respuesta correcta, si la sabes",
    right_hint="Con ella se comprobará el buscador",
    send="Guardar",
    thanks="Guardado en tu equipo.",
    following="También lo responden tus documentos",
)

EN = AnswerWords(
    copy="Copy",
    copy_sources="Copy with sources",
    copied="Copied",
    again="Ask again",
    edit="Edit the question",
    edit_label="Question",
    edit_ask="Ask",
    cancel="Leave it",
    rate="Does this answer help you?",
    reason="Why?",
    reason_hint="It lacks a figure, it is from another document…",
    right_answer="The right answer, if you know it",
    right_hint="The search will be checked with it",
    send="Keep",
    thanks="Kept on your computer.",
    following="Your documents answer these too",
)
