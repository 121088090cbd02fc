"""Words of why an answer is as it is, and why something was not found, in both languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WhyWords:
    """The explanation under an answer."""

    title: str
    searched: str
    everywhere: str
    passages: str
    passage_row: str
    by_words: str
    by_meaning: str
    by_model: str
    sentence: str
    sure: str
    literal: str
    refused: str
    ask_title: str
    ask: str
    ask_hint: str
    look: str
    unknown: str
    nearest: str
    unread: str
    outside: str
    unranked: str
    too_low: str
    read: str
    cited: str


ES = WhyWords(
    title="Por qué esta respuesta",
    searched="Se buscó «{question}» {where}.",
    everywhere="en todos los documentos",
    passages="Pasajes que se leyeron, del más al menos prometedor:",
    passage_row="{source}: {reasons}",
    by_words="tiene «{words}»",
    by_meaning="se parece en el sentido ({share} %)",
    by_model="el lector cree que responde ({share} %)",
    sentence="La frase que responde:",
    sure="Seguridad: {share} %. Por debajo del {least} % se dice que no se encuentra.",
    literal="Seguridad: {share} %, menos del {least} % que hace falta; pero el documento lo dice "
    "con esas palabras, en una lista, una tabla o un apartado.",
    refused="No se respondió: lo mejor que había llegó al {share} % de seguridad y hacía falta "
    "el {least} %. Una respuesta dudosa es peor que ninguna.",
    ask_title="¿Por qué no se encontró algo?",
    ask="Nombra un documento o pega una frase que debería haber salido",
    ask_hint="acta de marzo, o «El plazo es de treinta días»",
    look="Mirar",
    unknown="Ningún documento se llama así, y ninguna frase de ellos dice eso.",
    nearest="Lo más parecido está en {source}: «{text}»",
    unread="{file} no está en la biblioteca: {outcome}. {step}",
    outside="{source} está fuera de donde se buscó ({scope}).",
    unranked="{source} no está entre los {depth} pasajes que más se parecen a la pregunta: tiene "
    "otras palabras. Pregunta con las del documento, o limita la pregunta a él.",
    too_low="{source} quedó en el puesto {rank}, y solo se leen los {read} primeros. Limita la "
    "pregunta a ese documento, o sube los pasajes en Ajustes.",
    read="{source} se leyó (puesto {rank}), pero lo que dice no bastó: seguridad {share} %, y "
    "hacía falta el {least} %.",
    cited="{source} sí está en la respuesta (puesto {rank}).",
)

EN = WhyWords(
    title="Why this answer",
    searched="“{question}” was searched for {where}.",
    everywhere="in all documents",
    passages="Passages that were read, the most promising first:",
    passage_row="{source}: {reasons}",
    by_words="has “{words}”",
    by_meaning="is alike in meaning ({share}%)",
    by_model="the reader believes that it answers ({share}%)",
    sentence="The sentence that answers:",
    sure="Confidence: {share}%. Below {least}% the answer is that it was not found.",
    literal="Confidence: {share}%, less than the {least}% that are needed; but the document says "
    "it in these words, in a list, a table or a clause.",
    refused="Not answered: the best there was came to a confidence of {share}%, and {least}% were "
    "needed. A doubtful answer is worse than none.",
    ask_title="Why was something not found?",
    ask="Name a document, or paste a sentence that should have come",
    ask_hint="minutes of March, or “The deadline is thirty days”",
    look="Look",
    unknown="No document has that name, and no sentence of them says that.",
    nearest="The nearest thing is in {source}: “{text}”",
    unread="{file} is not in the library: {outcome}. {step}",
    outside="{source} is outside of where was searched ({scope}).",
    unranked="{source} is not among the {depth} passages that are most like the question: it has "
    "other words. Ask with those of the document, or limit the question to it.",
    too_low="{source} came in place {rank}, and only the first {read} are read. Limit the "
    "question to that document, or raise the passages in Settings.",
    read="{source} was read (place {rank}), but what it says was not enough: confidence "
    "{share}%, and {least}% were needed.",
    cited="{source} is in the answer (place {rank}).",
)
