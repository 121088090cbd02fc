"""What is said in a conversation besides questions about the documents, as data by language.

All are patterns matched without regard to capitals. Accents are optional, as people leave them out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationData:
    """The small talk of one language and how questions about the library are put."""

    small_talk: tuple[tuple[str, str], ...]
    """(what is said, what to reply): the first that matches is the one."""
    documents: str
    """Words for the documents of a library."""
    asks_for_documents: str
    """How documents are asked for, where `{documents}` stands for the words above."""
    topic: str
    """What stands before a topic, and one group: the topic."""
    counts: str
    languages: Mapping[str, str]
    """Code of a language -> its name in a question."""
    suffixes: Mapping[str, str]
    """Endings of files, parted by spaces -> how they are named."""
    pages: str
    number_of_documents: tuple[str, str]
    """For one, and for `{count}`."""
    in_languages: Mapping[str, str]
    """Code of a language -> «9 in Spanish», with `{count}`."""
    number_of_pages: str
    no_documents: str
    about: str
    """What goes before a topic in a reply, with `{topic}`."""
    since: Mapping[int, str]
    """Days before today -> how documents that came since then are asked for."""
    newest: str
    oldest: str
    longest: str
    shortest: str
    further: str
    """For documents that are left out of a list, with `{count}`."""


_SPANISH = ConversationData(
    small_talk=(
        (
            r"seguro\b|de veras|\bverdad\?|"
            r"\b(?:te|est[aá]s|has) (?:l[oa]s? )?(?:est[aá]s |has )?invent\w+|"
            r"fi(?:o|ar)me|es as[ií]\b|te equivocas|"
            r"puedo (?:creer|confiar)",
            "Cada frase de mis respuestas está copiada de tus documentos, con su página: abre la "
            "cita y compruébalo. Si dudas, vuelve a preguntarlo con otras palabras.",
        ),
        (
            r"qui[eé]n eres|c[oó]mo te llamas|eres (?:una?|chatgpt|humano|real|alguien)|"
            r"te ha creado|te hizo|qu[eé] eres",
            "Soy Fuente, un asistente que responde con las frases exactas de tus documentos y "
            "enseña en qué página están. No soy una persona.",
        ),
        (
            r"qu[eé] puedes hacer|qu[eé] sabes hacer|me (?:puedes|puede|podr[ií]as) ayudar|"
            r"me ayudas|c[oó]mo funcionas|para qu[eé] sirves|qu[eé] te puedo preguntar",
            "Respondo preguntas sobre tus documentos y enseño la frase y la página que lo dicen. "
            "Pregunta con tus palabras: un dato, una lista, los pasos o el porqué.",
        ),
        (
            r"(?:est[aá]|eso es|eso est[aá]) (?:mal|incorrecto)|no me has entendido|"
            r"no es (?:eso|as[ií])|me he equivocado|perd[oó]n|lo siento|disculpa|"
            r"(?:eres|vas) (?:muy |un poco )?(?:lent|tont|in[uú]til|mal)|no (?:sirves|vale)",
            "No pasa nada. Dímelo con otras palabras, o nombra el documento, y lo busco otra vez.",
        ),
        (
            r"chistes?\b|poemas?\b|canci[oó]n|adivinanza|te gusta|qu[eé] opinas|me aburro",
            "De eso no sé nada: solo leo tus documentos. Pregúntame algo que esté en ellos.",
        ),
        (r"gracias|muy amable|te lo agradezco", "¡De nada! Aquí estoy si tienes otra pregunta."),
        (
            r"adi[oó]s|hasta (?:luego|mañana|pronto|la vista)|chao|nos vemos|buenas noches",
            "¡Hasta pronto!",
        ),
        (
            r"c[oó]mo (?:est[aá]s|te va|va)|qu[eé] tal",
            "¡Todo bien, gracias! ¿Qué quieres saber de tus documentos?",
        ),
        (
            r"\bhola|buen[oa]s?\b|hay alguien|encantad[oa]|saludos|feliz",
            "¡Hola! Pregúntame lo que quieras sobre tus documentos.",
        ),
        (
            r"\bvale\b|perfecto|genial|estupendo|de acuerdo|muy bien|bravo|entendido|\bmaj[oa]\b|"
            r"\bbien\b|claro",
            "¡Bien! Pregúntame lo que quieras sobre tus documentos.",
        ),
    ),
    documents=r"documentos?|archivos?|ficheros?|pdfs?|textos?|hojas de c[aá]lculo|presentaciones|"
    r"papeles|informes|facturas?|p[aá]ginas",
    asks_for_documents=r"cu[aá]nt[oa]s (?:{documents})(?: en \w+)?(?:$|\W*$| (?:hay|tienes|tenemos|"
    r"tiene|est[aá]n|hablan|tratan|mencionan|contiene))|"
    r"(?:qu[eé]|cu[aá]les|en qu[eé]) (?:son los )?(?:{documents}) "
    r"(?:(?:que )?(?:hay|teng[oa]|tienes|tenemos|he (?:a[nñ]adido|subido))(?! que)\b|"
    r"a[nñ]ad[ií]\b|sub[ií]\b|est[aá]n|hablan?|tratan?|mencionan?|"
    r"contienen?|aparece)|"
    r"(?:hay|tengo|tienes|tenemos|existe) "
    r"(?:(?:algo|alguna cosa) |(?:alg[uú]n[oa]?s? )?(?:{documents}) )"
    r"(?:sobre|acerca|de|que)|"
    r"(?:lista|t[ií]tulos|relaci[oó]n) de (?:todos )?(?:los )?(?:{documents})|"
    r"qu[eé] (?:contiene|hay en) (?:esta|la|tu) biblioteca|sobre qu[eé] temas|"
    r"en qu[eé] idiomas? est[aá]n|"
    r"(?:de|sobre) qu[eé] (?:temas )?(?:hablan|tratan|van) (?:mis|los|tus) "
    r"(?:{documents})\W*$|"
    r"(?:cu[aá]l|qu[eé])\w* (?:es|son|de|fue)?\W*(?:el |los |mi |mis |[uú]ltim)?.*(?:{documents}) "
    r"(?:es (?:el )?)?(?:m[aá]s|menos|con (?:m[aá]s|menos))|"
    r"(?:se (?:ha|han)? ?|he |hemos )?(?:a[nñ]adi\w*|subi\w*|agreg\w*|incorpor\w*|entr\w+) .*"
    r"(?:semana|mes|hoy|ayer|d[ií]as|recient)",
    topic=r"(?:sobre(?! qu[eé])|acerca de|hablan? (?:de|sobre)|tratan? (?:de|sobre)|mencionan? ?a?|"
    r"aparece|(?:documentos?|facturas?|informes?) de(?: los documentos)?) "
    r"(?:(?:la|el|los|las|al|l) )?([^?.]{2,60})",
    counts=r"cu[aá]nt[oa]s",
    languages={"es": r"español|castellano", "en": r"ingl[eé]s"},
    suffixes={
        ".pdf": r"pdfs?",
        ".xlsx .csv .ods .xls": r"hojas? de c[aá]lculo|excel",
        ".docx .doc .odt": r"word",
        ".pptx": r"presentaci[oó]n|presentaciones|powerpoint",
    },
    pages=r"p[aá]ginas",
    number_of_documents=("Hay un documento", "Hay {count} documentos"),
    in_languages={"es": "{count} en español", "en": "{count} en inglés"},
    number_of_pages="{count} páginas en los formatos que las tienen",
    no_documents="No hay ningún documento así en la biblioteca",
    about=" sobre «{topic}»",
    since={
        0: r"\bhoy\b",
        1: r"\bayer\b",
        7: r"(?:esta|[uú]ltima) semana|semana pasada|[uú]ltimos (?:siete|7|d[ií]as)",
        31: r"(?:este|[uú]ltimo) mes|mes pasado",
    },
    newest=r"m[aá]s (?:reciente|nuevo|actual)s?|[uú]ltimos? (?:documento|archivo|fichero)\w*"
    r"(?! d[ií]as)",
    oldest=r"m[aá]s (?:antiguo|viejo)s?|primer (?:documento|archivo|fichero)",
    longest=r"m[aá]s (?:largo|extenso|grande)s?|m[aá]s p[aá]ginas",
    shortest=r"m[aá]s (?:corto|breve|pequeño)s?|menos p[aá]ginas",
    further="y {count} más",
)

_ENGLISH = ConversationData(
    small_talk=(
        (
            r"\bsure\b|really\b|mak(?:e|ing) (?:this|that|it) up|trust|is that so|certain\b",
            "Every sentence of my answers is copied from your documents, with its page: open the "
            "citation and check it. If in doubt, ask again in other words.",
        ),
        (
            r"who are you|your name|are you (?:an?|chatgpt|human|real)|(?:made|built|created) you|"
            r"what are you",
            "I am Fuente, an assistant that answers with the exact sentences of your documents and "
            "shows the page they are on. I am not a person.",
        ),
        (
            r"what can you (?:do|help|tell me about\W*$)|what can i ask|can you help|help me\b|"
            r"how do you work",
            "I answer questions about your documents and show the sentence and the page that say "
            "so. Ask in your own words: a fact, a list, the steps or the reason.",
        ),
        (
            r"that(?:['’]?s| is| was) (?:wrong|not right|incorrect)|understand me|mistake|sorry|"
            r"you(?: are|['’]re) (?:so |too |very )?(?:slow|stupid|useless|bad)",
            "No problem. Say it in other words, or name the document, and I will look again.",
        ),
        (
            r"\bjokes?\b|poems?\b|\bsong\b|riddle|do you like|your opinion|i am bored|i['’]m bored",
            "I know nothing of that: I only read your documents. Ask me something that is in them.",
        ),
        (r"thank\w*|cheers|kind of you", "You are welcome! Ask me whenever you have a question."),
        (r"\b(?:good ?)?bye\b|see you|good night|so long", "See you soon!"),
        (
            r"how are you|how is it going|how['’]s it going|what['’]s up",
            "All well, thank you! What would you like to know from your documents?",
        ),
        (
            r"good morning",
            "Good morning! Ask me anything about your documents.",
        ),
        (
            r"\bhello|\bhi\b|\bhey\b|good (?:afternoon|evening)|anybody there|nice to meet|merry|"
            r"happy",
            "Hello! Ask me anything about your documents.",
        ),
        (
            r"\bok\b|okay|great|perfect|all right|well done|very well|so kind|got it|nice\b",
            "Good! Ask me anything about your documents.",
        ),
    ),
    documents=r"documents?|files?|pdfs?|texts?|spreadsheets?|presentations?|papers|reports|"
    r"invoices?|pages",
    asks_for_documents=r"how many (?:(?:word|excel|powerpoint) )?(?:{documents})(?: in \w+)?"
    r"(?:\W*$| (?:are there|do (?:you|we) "
    r"have|does the library|are (?:in|on|about)|talk|mention|deal))|"
    r"(?:which|what|in which|in what) (?:are the )?(?:{documents}) (?:are (?:in|on|about|there)|"
    r"do (?:you|we|i) have|did i (?:add|upload)|talks?|deals?|mentions?|contains?|does .* appear)|"
    r"(?:is|are) there (?:(?:any|some)thing|(?:(?:any|some|a) )?(?:{documents})) "
    r"(?:on|about|in|that)|"
    r"(?:do (?:you|we|i)) have (?:any|some)(?:thing| (?:{documents})) (?:on|about|from|in)|"
    r"(?:list|titles)(?: of)?(?: all)?(?: of)?(?: the| my)? (?:{documents})|"
    r"what does (?:this|the) library contain|"
    r"what topics|what languages? are|what are (?:my|the|your) (?:{documents}) about|"
    r"(?:which|what) (?:is|are|was)?.*(?:newest|oldest|latest|most recent|longest|shortest|"
    r"largest|smallest|biggest) (?:{documents})|(?:which|what) (?:{documents}) "
    r"(?:is|has|have|are) (?:the )?(?:newest|oldest|latest|most|longest|shortest|largest|"
    r"smallest|biggest|fewest)|"
    r"(?:added|uploaded|came in|new) .*(?:week|month|today|yesterday|days|recently)",
    topic=r"(?:\babout|\bon|mentions?|deals? with|does(?=.* appear)|(?:invoices?|reports?) from) "
    r"(?:the )?([^?.]{2,60}?)(?: appear)?\W*$",
    counts=r"how many",
    languages={"es": r"spanish", "en": r"english"},
    suffixes={
        ".pdf": r"pdfs?",
        ".xlsx .csv .ods .xls": r"spreadsheets?|excel",
        ".docx .doc .odt": r"word",
        ".pptx": r"presentations?|powerpoint|slides",
    },
    pages=r"pages",
    number_of_documents=("There is one document", "There are {count} documents"),
    in_languages={"es": "{count} in Spanish", "en": "{count} in English"},
    number_of_pages="{count} pages in the formats that have them",
    no_documents="No document of the library is like that",
    about=" on “{topic}”",
    since={
        0: r"\btoday\b",
        1: r"\byesterday\b",
        7: r"(?:this|last|past) week|(?:last|past) (?:seven|7) days|recently",
        31: r"(?:this|last|past) month",
    },
    newest=r"newest|most recent|latest|last (?:document|file)|add(?:ed)? last",
    oldest=r"oldest|first (?:document|file)",
    longest=r"longest|largest|biggest|most pages",
    shortest=r"shortest|smallest|fewest pages",
    further="and {count} more",
)

CONVERSATION = {"es": _SPANISH, "en": _ENGLISH}
