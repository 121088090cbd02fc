"""How everything on a subject is asked for and what is said of it, as data by language.

Patterns are matched without regard to capitals. A question is exhaustive only where it names
documents, passages or mentions: «List all the steps» asks for one list, not for every passage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rag.schema import AnswerType


@dataclass(frozen=True, slots=True, kw_only=True)
class EverythingData:
    """The words of one language. Each pattern names its groups.

    `topic` is what is asked for, `among` the word for the documents, `no` a negation, and `about`,
    `says` or `holds` the verb that was used.
    """

    asks: tuple[str, ...]
    counts: str
    """Begins a question for a number."""
    any_documents: str
    """Words for documents of any kind: other ones («contracts») name which."""
    before_topic: str
    """What is left out at the beginning of a topic."""
    scope: str
    """What is left out at its end: «in my documents»."""
    kinds: Mapping[AnswerType, str]
    """Kinds of things that can all be listed, and how they are called."""
    asks_kind: str
    """Where `{kinds}` stands for the words above; the group `kind` is that word."""
    number_of_documents: tuple[str, str]
    number_of_passages: tuple[str, str]
    lead: str
    """What was found: `{documents}`, `{passages}`, `{topic}`."""
    lead_negated: str
    none: str
    read: str
    """How much was read: `{read}` of `{total}`."""
    stopped: str
    complete: str
    """Nothing seems to be missing."""
    missing: str
    """`{count}` may be missing, `{most}` at most."""
    further: str


_DOCUMENTS_ES = r"documentos?|archivos?|ficheros?|pdfs?|textos?"
_KINDS_ES = (
    r"contratos?|acuerdos?|informes?|facturas?|actas?|art[ií]culos?|pol[ií]ticas?|manual(?:es)?|"
    r"gu[ií]as?|cartas?|correos?|estudios?|memorias?|fichas?|presupuestos?|ofertas?|normas?|"
    r"reglamentos?|convenios?|p[oó]lizas?|sentencias?|ley(?:es)?|recibos?|apuntes|notas?|"
    r"presentaci(?:ón|ones)|hojas?"
)
_VERB_ES = (
    r"(?:se )?(?:(?P<about>habla[n]? (?:de|del|sobre|acerca de)|tratan? (?:de|del|sobre)|"
    r"versan? sobre)|(?P<says>(?:dicen?|afirman?|indican?|señalan?|explican?|establecen?) que)|"
    r"(?P<holds>mencionan?|nombran?|citan?|contienen?|incluyen?|aparecen?|sale[n]?|recogen?|"
    r"hacen? referencia|se refieren?))"
)
_SPANISH = EverythingData(
    asks=(
        r"(?:en |de )?(?:qu[eé]|cu[aá]les|cu[aá]nt[oa]s|(?:\w+ )?(?:de )?tod[oa]s l[oa]s) "
        rf"(?P<among>{_DOCUMENTS_ES}|{_KINDS_ES})(?: (?:de|en) (?:la|mi|esta) biblioteca)?"
        r"(?: son)?(?: l[oa]s)?(?: (?:en l[oa]s )?(?:que|donde))? (?P<no>no )?"
        rf"{_VERB_ES}\s+(?P<topic>.+)",
        r"(?:\w+ )?tod[oa]s l[oa]s (?:menciones|pasajes|frases|p[aá]rrafos|apariciones|referencias|"
        r"fragmentos|citas|sitios|lugares|partes)(?: (?:en (?:l[oa]s )?)?(?:que|donde) "
        rf"{_VERB_ES})? (?P<topic>.+)",
        r"(?:\w+ )?todo lo que (?:(?:dicen|cuentan|ponen|explican) (?:los|mis|nuestros) "
        r"(?:documentos|archivos|textos)|(?:se dice|se cuenta|hay|pone|figura|aparece))"
        r"(?: en (?:los|mis|nuestros) (?:documentos|archivos))? (?P<about>sobre|de|del|acerca de) "
        r"(?P<topic>.+)",
        r"cu[aá]ntas veces (?:se )?(?P<holds>menciona|nombra|cita|aparece|sale)n? (?P<topic>.+)",
        r"(?:en qu[eé] (?:sitios|lugares|partes|pasajes) |d[oó]nde )se "
        r"(?P<holds>menciona|nombra|cita)n? (?P<topic>.+)",
    ),
    counts=r"\W*(?:en )?cu[aá]nt[oa]s",
    any_documents=_DOCUMENTS_ES,
    before_topic=r"(?:(?:al?|del?|sobre)\b\s*)?(?:(?:la palabra|el t[eé]rmino|el nombre|"
    r"la expresi[oó]n|el|la|los|las|l|un|una|unos|unas|alg[uú]n|alguna) )?",
    scope=r"\s+(?:en|de|entre) (?:(?:todos )?(?:los|mis|nuestros) (?:documentos|archivos|textos|"
    r"ficheros)|(?:la|mi|esta|toda la) biblioteca)$",
    kinds={
        AnswerType.PHONE: r"(?:n[uú]meros de )?tel[eé]fonos?",
        AnswerType.EMAIL: r"(?:direcciones de )?(?:correos?(?: electr[oó]nicos?)?|e-?mails?)",
        AnswerType.DATE: r"fechas",
        AnswerType.MONEY: r"importes|precios|cantidades de dinero|cifras de dinero",
        AnswerType.PERCENT: r"porcentajes",
    },
    asks_kind=r"(?:\w+ )?tod[oa]s l[oa]s (?P<kind>{kinds})"
    r"(?: (?:de|del|sobre|para) (?P<topic>.+?))?"
    r"(?: que)?(?: (?:hay|aparecen|salen|figuran))? (?:en|de) (?:(?:todos )?(?:los|mis|nuestros) "
    r"(?:documentos|archivos|textos)|(?:la|mi|esta|toda la) biblioteca)\W*",
    number_of_documents=("Un documento", "{count} documentos"),
    number_of_passages=("un pasaje", "{count} pasajes"),
    lead="{documents} y {passages} con «{topic}»:",
    lead_negated="{documents} sin «{topic}»:",
    none="No hay ningún pasaje con «{topic}».",
    read="Leídos {read} de {total} pasajes que podían decirlo.",
    stopped="Interrumpido: leídos {read} de {total} pasajes que podían decirlo.",
    complete="Por una muestra de los demás pasajes, no parece faltar ninguno.",
    missing="Por una muestra de los demás pasajes, podrían faltar hasta {most}, dichos con otras "
    "palabras (lo más probable: {count}).",
    further="y {count} más",
)

_DOCUMENTS_EN = r"documents?|files?|pdfs?|texts?"
_KINDS_EN = (
    r"contracts?|agreements?|reports?|invoices?|minutes|articles?|polic(?:y|ies)|manuals?|guides?|"
    r"letters?|e-?mails?|papers?|studies|memos?|records?|forms?|offers?|quotes?|regulations?|"
    r"laws?|filings?|slides|presentations?|notes|handouts?|sheets?"
)
_VERB_EN = (
    r"(?:(?P<about>(?:talk|speak)s? (?:about|of)|deals? with|discuss(?:es)?|are about)|"
    r"(?P<says>(?:says?|states?|claims?|explains?|indicates?) that)|"
    r"(?P<holds>mentions?|names?|cites?|contains?|includes?|refers? to|references?))"
)
_ENGLISH = EverythingData(
    asks=(
        r"(?:in )?(?:which|what|how many|(?:\w+ )?(?:me )?(?:all|every)(?: of)?(?: the| my| our)?) "
        rf"(?P<among>{_DOCUMENTS_EN}|{_KINDS_EN})(?: (?:in|of) (?:the|my|this) library)?"
        r"(?: (?:that|which|where))? (?P<no>(?:do|does) not |don['’]t |doesn['’]t )?"
        rf"{_VERB_EN}\s+(?P<topic>.+)",
        rf"(?:in )?(?:which|what|how many) (?P<among>{_DOCUMENTS_EN}|{_KINDS_EN}) "
        r"(?:does|do|is|are) (?P<topic>.+?) (?P<no>not )?"
        r"(?P<holds>appear|occur|mentioned|named|cited|discussed)\W*$",
        r"(?:\w+ )?(?:me )?(?:all|every|each)(?: of)?(?: the)? (?:mentions?|passages?|sentences?|"
        r"paragraphs?|occurrences?|references?|places?)(?: (?:that|which|where))? "
        rf"(?:{_VERB_EN}|of|to|about|on|with) (?P<topic>.+)",
        r"(?:\w+ )?(?:me )?(?:everything|all)(?: that)? (?:(?:the|my|our) (?:documents?|files?|"
        r"texts?|library) (?:says?|tells?(?: (?:me|us))?|holds?|contains?|have|has)|"
        r"(?:that )?is said)"
        r"(?: in (?:the|my|our) (?:documents|files|library))? (?P<about>about|on|of) (?P<topic>.+)",
        r"how many times (?:is|are|does|do) (?P<topic>.+?) "
        r"(?P<holds>appear|occur|mentioned|named|cited)\b.*",
        r"where (?:is|are) (?P<topic>.+?) (?P<holds>mentioned|named|cited)\b.*",
    ),
    counts=r"\W*(?:in )?how many",
    any_documents=_DOCUMENTS_EN,
    before_topic=r"(?:(?:the (?:word|term|name|phrase)|the|an?|any|some) )?",
    scope=r"\s+(?:in|of|from|across|among) (?:(?:all )?(?:of )?(?:the|my|our) (?:documents|files|"
    r"texts)|(?:the|my|this|our) (?:whole )?library)$",
    kinds={
        AnswerType.PHONE: r"(?:tele)?phone numbers?|telephones",
        AnswerType.EMAIL: r"e-?mails?(?: addresses)?",
        AnswerType.DATE: r"dates",
        AnswerType.MONEY: r"amounts(?: of money)?|prices|sums of money",
        AnswerType.PERCENT: r"percentages",
    },
    asks_kind=r"(?:\w+ )?(?:me )?(?:all|every|each)(?: of)?(?: the)? (?P<kind>{kinds})"
    r"(?: (?:of|for|about|on) (?P<topic>.+?))?(?: (?:that )?(?:appear|are|there are|given))? "
    r"(?:in|of|from|across) (?:(?:all )?(?:of )?(?:the|my|our) (?:documents|files|texts)|"
    r"(?:the|my|this|our) (?:whole )?library)\W*",
    number_of_documents=("One document", "{count} documents"),
    number_of_passages=("one passage", "{count} passages"),
    lead="{documents} and {passages} with “{topic}”:",
    lead_negated="{documents} without “{topic}”:",
    none="There is no passage with “{topic}”.",
    read="Read {read} of {total} passages that could say it.",
    stopped="Stopped: read {read} of {total} passages that could say it.",
    complete="By a sample of the other passages, none seems to be missing.",
    missing="By a sample of the other passages, up to {most} may be missing, said in other words "
    "(most likely: {count}).",
    further="and {count} more",
)

EVERYTHING: Mapping[str, EverythingData] = {"es": _SPANISH, "en": _ENGLISH}
