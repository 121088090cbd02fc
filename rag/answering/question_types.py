"""What a question asks for: a date, an amount, a name, a definition, an explanation. Pure.

One table of the words that ask, for all who look at them: the features of sentences (`holds_kind`,
`defines`), the rules for short answers (`kind_of`), and how many sentences an answer takes
(`explains`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_I = re.IGNORECASE


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing: the words that ask for it, and what a sentence that may hold one shows."""

    name: str
    asks: re.Pattern[str]
    holds: re.Pattern[str] | None = None  # None: any sentence may


_DIGITS = re.compile(r"\d")
_AMOUNTS = re.compile(
    r"\d|\b(?:un[oa]?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|cien|mil|millones|"
    r"one|two|three|four|five|six|seven|eight|nine|ten|hundred|thousand|million|twice|half|"
    r"mitad|doble)\b",
    _I,
)
_NAMES = re.compile(r"(?<=\W)[A-ZÁÉÍÓÚÑ]\w+")

# The first that fits decides: money, time and size are amounts too, asked for by more words.
KINDS = (
    Kind(
        "date",
        re.compile(
            r"cu[aá]ndo\b|(?:qu[eé]|cu[aá]l(?: (?:es|fue|era) (?:el|la))?) "
            r"(?:año|fecha|día|mes|siglo|década)\b|when\b|"
            r"(?:what|which)(?: (?:is|was) the)? (?:year|date|day|month|century|decade)\b",
            _I,
        ),
        re.compile(r"\d|\b(?:siglo|century)\b", _I),
    ),
    Kind("percent", re.compile(r"qu[eé] porcentaje|(?:what|which) percent", _I), _AMOUNTS),
    Kind(
        "money",
        re.compile(
            r"(?:cu[aá]nto|qu[eé] (?:coste|precio|importe)|how much|"
            r"what (?:is|was) the (?:cost|price))"
            r"(?=.*\b(?:cuest|cost|vale|gast|preci|presup|pag|cobr|inv[ie]rt|spen|pric|budget|"
            r"pa[iy]))",
            _I,
        ),
        _AMOUNTS,
    ),
    Kind(
        "time",
        re.compile(
            r"cu[aá]nto(?: tiempo|(?=.*\b(?:dur|tard)))|cada cu[aá]nto|how (?:long|often)", _I
        ),
        _AMOUNTS,
    ),
    Kind(
        "size",
        re.compile(
            r"(?:cu[aá]nt[oa]|how (?:much|large|big)|qu[eé] (?:tamaño|cantidad de))\b"
            r"(?=.*\b(?:v?ram|memor|disc[oa]|disk|espacio en|storage|almacen|ocupa))",
            _I,
        ),
        _DIGITS,
    ),
    Kind(
        "amount",
        re.compile(
            r"cu[aá]nt[oa]s?\b|qu[eé] (?:cantidad|número|proporción)\b|"
            r"how (?:many|much|old|far|tall|large|big|high|fast)\b|"
            r"what (?:number|amount|share|proportion)\b",
            _I,
        ),
        _AMOUNTS,
    ),
    Kind("name", re.compile(r"qui[eé]n(?:es)?\b|who\b|whom\b|whose\b", _I), _NAMES),
    Kind("place", re.compile(r"d[oó]nde\b|where\b", _I)),
)

_ASKS = re.compile(
    r"\b(?:qué|cu[aá]l(?:es)?|c[oó]mo|cu[aá]ndo|(?:cada )?cu[aá]nt[oa]s?|qui[eé]n(?:es)?|"
    r"d[oó]nde|que (?=año|fecha|día|mes|siglo|década)|"
    r"what|which|why|how|when|who|whom|whose|where)\b",
    _I,
)


def asking(question: str) -> re.Match[str] | None:
    """The first word that asks: in «¿Qué pasa cuando…?» the second one does not.

    What stands before an opening mark only sets the scene.
    """
    return _ASKS.search(question, question.rfind("¿") + 1)


def kind_of(question: str) -> Kind | None:
    """The kind of thing asked for; None where the question names none."""
    first = asking(question)
    if first is None:
        return None
    return next((kind for kind in KINDS if kind.asks.match(question, first.start())), None)


def holds_kind(question: str, sentence: str) -> bool:
    """Whether the sentence holds the kind of thing the question asks for; True if it names none."""
    kind = kind_of(question)
    return kind is None or kind.holds is None or kind.holds.search(sentence) is not None


_ARTICLE = r"(?:(?:un[ao]?s?|el|la|los|las|an?|the) )?"
_ASKS_DEFINITION = re.compile(
    r"\b(?:qu[eé] (?:es|son|significan?|quieren? decir)|qu[eé] consisten?|qu[eé] se entiende por|"
    rf"def[ií]n\w+(?: de)?) {_ARTICLE}(?P<es>[^?,.;:]+)"
    rf"|\bwhat (?:is|are)(?: meant by)? {_ARTICLE}(?P<en>[^?,.;:]+)"
    rf"|\bwhat does {_ARTICLE}(?P<meant>[^?,.;:]+?) mean"
    rf"|(?:^|\b(?:explain|describe|tell me) )what {_ARTICLE}(?P<told>[^?,.;:]+?) "
    r"(?:is|are|means?)\b",
    _I,
)
_TOPIC_WORDS = 5  # a longer topic asks about something more particular than a definition
_SAYS = (
    r"(?:es|son|consisten?|significan?|se (?:define|entiende|llama|refiere)n?|"
    r"is|are|means?|refers?|consists?)\b"
)
# the topic opens the sentence, or it is what something is called
_DEFINES = (
    rf"\W*{_ARTICLE}{{topic}}\w{{{{0,3}}}}(?:,? ?\([^()]*\)|, [^,.;]{{{{1,60}}}},)? {_SAYS}"
    r"|.{{0,120}}?\b(?:se (?:llama|denomina|conoce como|entiende por)|llamamos|denominamos|"
    rf"called|known as) {_ARTICLE}[«“\"]?{{topic}}\b"
)
_MENTIONS = rf".{{{{0,200}}}}?\b{{topic}}\w{{{{0,3}}}}\b[^.;]{{{{0,60}}}}?\b{_SAYS}"


def defines(question: str, sentence: str) -> float:
    """Whether the question asks what something is, and the sentence says it: 1; perhaps: 0.5."""
    asked = _ASKS_DEFINITION.search(question)
    topic = next((each for each in asked.groups() if each), "").strip() if asked else ""
    if not topic or len(topic.split()) > _TOPIC_WORDS:
        return 0.0
    for worth, pattern in ((1.0, _DEFINES), (0.5, _MENTIONS)):
        if re.match(pattern.format(topic=re.escape(topic)), sentence, _I):
            return worth
    return 0.0


_MATTERS = (  # what cannot be said in a few words
    r"(?:ventajas?|desventajas?|inconvenientes?|diferencias?|similitud(?:es)?|relación|pasos|"
    r"riesgos|medidas|causas?|consecuencias|efectos|motivos?|razón|razones|características|"
    r"propósito|finalidad|objetivos|requisitos|"
    r"(?:dis)?advantages?|drawbacks?|benefits|differences?|similarit(?:y|ies)|relation(?:ship)?|"
    r"steps|risks|measures|causes?|consequences|effects|reasons?|characteristics|features|"
    r"purpose|objectives|requirements|pros)\b"
)
_EXPLAINS = re.compile(
    r"por qu[eé]\b|para qué (?:se|sirven?|es|son|vale|usa\w*|necesita\w*)\b|why\b|"
    r"(?:qué|cuál(?:es)?)(?: (?:es|son|fue|fueron|hay|tienen?|ofrecen?))?(?: (?:el|la|los|las))?"
    rf"(?: \w+)? {_MATTERS}|qué (?:se diferencian?|distinguen?|significan?|pas[aó]|ocurr\w+|"
    r"suced\w+|implican?|consisten?|se entiende)\b|"
    # how something is called is a name
    r"c[oó]mo (?!se (?:re)?(?:llam|conoc|denomin|titul|bautiz)|de \w+)|"
    rf"(?:what|which)(?: (?:is|are|was|were))?(?: the)?(?: \w+)? {_MATTERS}|"
    r"what (?:happen|goes|went|does .{1,60} mean\b)|"
    r"how (?:do|does|did|is|are|was|were|can|could|should|would|might|has|have|will|to|come)\b"
    r"(?!.{1,80} (?:called|known|named)\b)",
    _I,
)
_TELLS = re.compile(
    r"[¿¡\s]*(?:(?:hola|buen[oa]s(?: \w+)?|hi|hello|hey)\b[\s,.!¿¡]*)?(?:(?:por favor|please),? )?"
    r"(?:(?:me |nos )?(?:pued|podr)\w+ |(?:can|could|would|will) you (?:please )?)?"
    r"(?:expl[ií]\w+|descr[ií]\w+|compar\w+|resum\w+|enumer\w+|"
    r"detall\w+|háblame|cuéntame|(?:explain|describe|compare|summari[sz]e|outline|"
    rf"list|tell me about|contrast|discuss)\b|(?:the )?{_MATTERS})",
    _I,
)
_DEFINITION = re.compile(
    r"qu[eé] (?:es|son) (?!.{0,80}\b(?:que|en|quien)\b)(?P<es>[^?]+)"
    r"|what (?:is|are) (?:an? )?"
    r"(?!.{0,80}(?:\b(?:the|both|of|in|on|for|that|which|to|called|known|named)\b|['’]s ))"
    r"(?P<en>[^?]+)",
    _I,
)


def explains(question: str) -> bool:
    """Whether the question wants an explanation, which no few words give.

    «Qué es X» does, «what is the X of Y» asks for a fact; «cómo se llama» asks for a name.
    """
    if _TELLS.match(question):
        return True
    first = asking(question)
    if first is None:
        return False
    # «por», «para» stand before the word that asks
    before = question.rfind(" ", 0, max(0, first.start() - 1))
    start = max(before, question.rfind("¿", 0, first.start())) + 1
    if any(_EXPLAINS.match(question, place) for place in (start, first.start())):
        return True
    definition = _DEFINITION.match(question, first.start())
    topic = (definition["es"] or definition["en"]).split() if definition else []
    return 0 < len(topic) <= _TOPIC_WORDS
