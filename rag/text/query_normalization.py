"""A question without its manners: «Hola, me puedes decir qué es un token? Gracias» asks «¿Qué es un
token?».

No document says «explícame»: as a search term it would be the rarest of all and weigh the most
(`eval/LOG.md`, «Manners»). Pure.
"""

from __future__ import annotations

import re

_I = re.IGNORECASE
_SAY = (
    r"(?:dec[ií]r?|expl[ií]ca?r?|ind[ií]ca?r?|cont[aá]r?|acl[aá]ra?r?|record[aá]r?|ense[ñn]a?r?|"
    r"ayudar)(?:me|nos)?(?: a (?:saber|entender))?"
)
_ASK = r"(?=qu[eé]|cu[aá]|c[oó]mo|qui[eé]n|d[oó]nde|por qu[eé]|si\b|a qu[eé]|en qu[eé]|de qu[eé])"
_OPENING = re.compile(
    r"[\s¿¡?!.,;:—-]*(?:"
    r"(?:hola|buen[oa]s(?: d[ií]as| tardes| noches)?|oye|perdona|disculpa|hi|hello|hey|"
    r"good (?:morning|afternoon|evening)|por favor|porfa|please)\b|"
    rf"(?:si )?(?:me |nos )?(?:puedes?|podr[ií]as?|pod[eé]is)(?: usted)? {_SAY}\b|"
    rf"(?:me |nos )?sab(?:es|r[ií]as?|e usted) {_ASK}|"
    r"(?:quiero|quisiera|querr[ií]a|necesito|me gustar[ií]a|nos gustar[ií]a) "
    r"(?:saber|conocer|entender|que me (?:dig|dijer|expli[qc])\w+)\b|"
    r"(?:d[ií]|d[ií]ga|expl[ií]ca|expl[ií]que|ind[ií]ca|ind[ií]que|cu[eé]nta|acl[aá]ra|recu[eé]rda)"
    r"(?:me|nos)\b|(?<!¿)expl[ií]ca\b|"
    r"(?:can|could|would|will) you (?:please )?(?:tell|explain|show|remind|help)(?: to)?"
    r"(?: me| us)?(?: understand)?\b|"
    r"(?:tell|show|remind)(?: me| us)\b|explain(?: to)?(?: me| us)?\b|"
    r"do you (?:happen to )?know\b|"
    r"(?:i|we)(?: would|['’]d)? (?:want|need|like) to (?:know|understand|find out)\b"
    r")[\s,.:;!?¿¡—-]*",
    _I,
)
_CLOSING = re.compile(
    r"(?:(?<=[?!.,;:])\s*"
    r"(?:(?:muchas )?gracias|un saludo|thanks(?: a lot)?|thank you(?: very much)?)|"
    r"[\s,.;:]+(?:por favor|porfa|please))[\s.!?]*$",
    _I,
)
_LONGEST = 80  # characters of thanks: a long run of spaces is not searched again from each of them
_LOOSE = " \t\n,;:—-"
_ASKS = re.compile(
    r"(?:(?:por|para|con|a|en|de|desde|hasta) )?(?P<es>qu[eé]|cu[aá]\w+|c[oó]mo|qui[eé]n\w*|"
    r"d[oó]nde)\b|(?:what|which|why|how|when|who|whom|whose|where)\b",
    _I,
)


def normalize_query(question: str) -> str:
    """What is asked, without greeting, request and thanks; as it is where nothing else is left.

    «que es un token» and «dime cuánto costó» get the marks of a question: models know those best.
    """
    left = question
    while (opening := _OPENING.match(left)) is not None and opening.end() < len(left):
        left = left[opening.end() :]
    while (closing := _CLOSING.search(left, max(1, len(left) - _LONGEST))) is not None:
        left = left[: closing.start()].rstrip(_LOOSE)
    return _as_question(left if any(char.isalnum() for char in left) else question)


def _as_question(text: str) -> str:
    """With its marks and its capital; what begins with no word that asks as it is."""
    bare = text.strip("¿?. \n")
    asks = _ASKS.match(bare)
    if asks is None:
        return text
    return f"{'¿' if asks['es'] else ''}{bare[:1].upper()}{bare[1:]}?"
