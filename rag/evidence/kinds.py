"""What kind of thing a question asks for, and whether a sentence holds one. Pure."""

from __future__ import annotations

import re

_KINDS = (
    (
        re.compile(
            r"\b(cu[aá]ndo|(?:qué|que) (?:año|fecha|día|mes|siglo|década)|when|"
            r"(?:what|which) (?:year|date|day|month|century|decade))\b",
            re.IGNORECASE,
        ),
        re.compile(r"\d|\b(?:siglo|century)\b", re.IGNORECASE),
    ),
    (
        re.compile(
            r"\b(cu[aá]nt[oa]s?|qué (?:porcentaje|cantidad|número|proporción)|"
            r"how (?:many|much|long|old|far|tall|large|big|high|often|fast)|"
            r"what (?:percentage|percent|number|amount|share|proportion))\b",
            re.IGNORECASE,
        ),
        re.compile(
            r"\d|\b(?:un[oa]?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|cien|mil|millones|"
            r"one|two|three|four|five|six|seven|eight|nine|ten|hundred|thousand|million|twice|half|"
            r"mitad|doble)\b",
            re.IGNORECASE,
        ),
    ),
    (
        re.compile(r"\b(qui[eé]n(?:es)?|who|whom|whose)\b", re.IGNORECASE),
        re.compile(r"(?<=\W)[A-ZÁÉÍÓÚÑ]\w+"),
    ),
)


_OTHER_KIND = re.compile(
    r"\b(?:qué (?!año|fecha|día|mes|siglo|década|porcentaje|cantidad|número|proporción)|cómo|"
    r"por qué|cuál(?:es)?|dónde|what (?!year|date|day|month|century|decade|percent|number|amount|"
    r"share|proportion)|how (?!many|much|long|old|far|tall|large|big|high|often|fast)|why|where|"
    r"which (?!year|date|day|month|century|decade))",
    re.IGNORECASE,
)


def holds_kind(question: str, sentence: str) -> bool:
    """Whether the sentence holds the kind of thing the question asks for; True if it names none.

    The first word that asks decides: in «What happens when…» the «when» asks for no date.
    """
    asked = [(match.start(), holds) for asks, holds in _KINDS if (match := asks.search(question))]
    other = _OTHER_KIND.search(question)
    if not asked or (other and other.start() < min(place for place, _ in asked)):
        return True
    return min(asked, key=lambda pair: pair[0])[1].search(sentence) is not None


_ASKS_DEFINITION = re.compile(
    r"^[¿\s]*(?:qué|que) (?:es|son|significa)n? (?:(?:un[ao]?s?|el|la|los|las) )?(?P<es>[^?]+)"
    r"|^\s*what (?:is|are|does) (?:(?:an?|the) )?(?P<en>[^?]+?)(?: mean)?\s*\??$",
    re.IGNORECASE,
)
_DEFINES = (
    r"\b{topic}\w{{0,3}}\b[^.;]{{0,60}}?\b(?:es|son|significan?|consisten?|se (?:define|llama)n?|"
    r"is|are|means?|refers?|consists?)\b"
)
_TOPIC_WORDS = 5  # a longer topic asks about something more particular than a definition


def defines(question: str, sentence: str) -> bool:
    """Whether the question asks what something is and the sentence says so near its beginning."""
    asked = _ASKS_DEFINITION.match(question)
    topic = (asked.group("es") or asked.group("en") or "").strip() if asked else ""
    if not topic or len(topic.split()) > _TOPIC_WORDS:
        return False
    pattern = _DEFINES.format(topic=re.escape(topic))
    return re.search(pattern, sentence[:200], re.IGNORECASE) is not None
