"""Names of people in a text, in Spanish and English.

A run of capitalised words is a name where a title, a label or a greeting stands before it, or
where it holds a given name and a further word. Given names and surnames are the lists that the
package faker carries for some twenty languages and countries. A given name alone, without such a
cue, is not looked for: many are words too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module

from rag.errors import needing

_LOCALES = "es_ES es_AR es_CL es_CO es_MX en_GB en_US fr_FR it_IT de_DE pt_PT".split()
_WIDER = "en en_IN en_NG en_KE ar_AA pl_PL ro_RO".split()
"""Lists that hold many a word too: their given names count before a surname alone."""

_AMBIGUOUS = frozenset(
    """abril art clay consuelo dean earl florence georgia grace israel jordan lincoln london ley
    madrid margarita mark may milan paris queen real rome rosa rose san santa santo violeta virginia
    washington will york""".split()
)
"""Given names that open what is no person, or begin a sentence: alone they prove nothing."""

_CAPITAL = "A-ZÀ-ÖØ-ÞŁŠŽ"
_INITIAL = rf"[{_CAPITAL}]\."
# possessive throughout: a text made to have it try all ways to part initials costs no more
_WORD = (
    rf"(?:{_INITIAL}(?:[ ]?{_INITIAL}){{0,3}}+|M[.ª]ª?|"
    rf"(?:O['’]|Mc|Al-|El-)?[{_CAPITAL}][^\W\d_]++(?:[-’'][{_CAPITAL}][^\W\d_]++){{0,3}}+)"
)
_PARTICLE = (
    "(?:(?:de la|de las|de los|del|de|la|da|do|dos|van der|van den|van|von|ben|bin|al|el)[ ])"
)
_RUN = re.compile(rf"(?<![\w@./-]){_WORD}(?:[ ]{_PARTICLE}?{_WORD}){{0,9}}(?![\w@])")
_JOINED = re.compile(rf"[ ][yi][ ]{_WORD}(?![\w@])")  # «Puig i Ferrer»; not «… y Ana»
_INVERTED = re.compile(
    rf"(?<![\w@./-])({_WORD}(?:[ ]{_PARTICLE}?{_WORD}){{0,2}}), "
    rf"({_WORD}(?:[ ]{_PARTICLE}?{_WORD})?)(?![\w@])"
)
_TITLE = r"""(?:don|doña|dña|señora?|señorita|mr|mrs|ms|miss|sir|dra?|sra?|srta|prof|professor
    |profesora?|doctora?|constable|d|dª)"""
_TITLED = re.compile(  # a greeting's capital makes it a part of the run
    rf"(?:{_TITLE})\.?ª?|hola|querid[oa]|estimad[oa]|dear|hi|hello|gracias|thanks",
    re.IGNORECASE | re.VERBOSE,
)
_RELATIVE = r"""sobrin[oa]|hij[oa]|herman[oa]|espos[oa]|niece|nephew|son|daughter|wife|husband
    |sister|brother"""
_BEFORE = re.compile(rf"\b(?:{_TITLE}\.?ª?|{_RELATIVE})[ ]+$", re.IGNORECASE | re.VERBOSE)
_LABEL = re.compile(
    r"""\b(?:(?:nombre(?:[ ]y[ ]apellidos)?|apellidos(?:[ ]y[ ]nombre)?|trabajadora?|paciente
    |remitente|destinatari[oa]|solicitante|contacto|titular|firmado|fdo\.?|médic[oa]|tutora?
    |alumn[oa]|representante|arrendatari[oa]|inquilin[oa]|autor(?:a|es)?|asistentes?|asisten
    |name(?:[ ]on[ ]card)?|employee|manager|patient|tenant|contact|attn|signed(?:[ ]by)?|witness
    |authors?|attendees?|recipient|deliver[ ]to)[ ]*:|a[ ]nombre[ ]de)[ ]*$""",
    re.IGNORECASE | re.VERBOSE,
)
_GREETING = re.compile(
    r"""\b(?:hola|querid[oa]|estimad[oa]|buen[oa]s[ ](?:días|tardes|noches)|gracias|dear|hi|hello
    |thanks|best|regards),?[ ]+$""",
    re.IGNORECASE | re.VERBOSE,
)
_THING = re.compile(  # what bears the name of a person and is none
    r"""(?:\b(?:calle|plaza|plazuela|avenida|avda\.?|paseo|ronda|camino|colegio|instituto|ley|parque
    |universidad|hospital|banco|premio|bomba|motor|talleres|cooperativa|asociación|fundación|iglesia
    |parroquia|ermita|virgen|cafetería|bar|hotel|residencia|caldera|santa|santo|san|st|saint|barrio
    |sierra|río|puerto|centro|model|mount|port|lake|fort|university|college|school|street|bank)
    (?:[ ](?:de[ ]la|de[ ]los|de[ ]las|del|de|of))?|c/)[ ]+$""",
    re.IGNORECASE | re.VERBOSE,
)
_BODY = re.compile(  # of what is no person
    r"""\b(?:S\.?[ ]?A|S\.?[ ]?L|Ltd|Inc|LLC|AG|GmbH|Coop|University|Universidad|Press|Hospital
    |Street|Road|Lane|Avenue|Square|Bank|Monument|Agreement|Department|Estate|Museum|Museo|Library
    |Society|Academy|Academia|Institute|Instituto|College|Cent(?:er|re)|Islands?|Sea|Council|Code
    |Act|Treaty|Team|Reglamento|Ley|Tribunal|Records?|Dynamics|Aviation|Sachs)\b""",
    re.VERBOSE,
)
_OPENS = re.compile(r"(?:^|[.:;!?¡¿»)])\s*$")
_SEEN = 40  # characters before a name in which its cue stands


def find(text: str) -> Iterator[tuple[int, int]]:
    """Gives where names stand, as (start, end). Raises ModelMissing without the extra."""
    given, rare, _ = _lexicon()
    inverted = [found.span() for found in _INVERTED.finditer(text) if _is_inverted(found)]
    yield from inverted
    at = 0
    for run in _RUN.finditer(text):
        if run.start() < at or any(a < run.end() and run.start() < b for a, b in inverted):
            continue
        end = run.end()
        while joined := _JOINED.match(text, end):
            word = joined[0].split()[1]
            key = word.casefold()
            if key in given or key in rare or re.match(_INITIAL, word):
                break
            end = joined.end()
        if found := _within(text, run.start(), end):
            yield found
        at = end


def _within(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Returns the name in a run of capitalised words; None where it holds none."""
    given, rare, surnames = _lexicon()
    line = max(text.rfind("\n", 0, start) + 1, start - _SEEN)
    words = [(start + word.start(), word[0]) for word in re.finditer(r"\S+", text[start:end])]
    before = text[line:start]
    titled = bool(_BEFORE.search(before))
    titles = [number for number, (_, word) in enumerate(words) if _TITLED.fullmatch(word)]
    if titles:  # «Hola Doña Ana»
        titled, words = True, words[titles[-1] + 1 :]
    if not words or _BODY.search(text[words[0][0] : end + 1]):
        return None
    if titled or _LABEL.search(before) or _GREETING.search(before):
        return words[0][0], end
    if _THING.search(before):
        return None
    for number, (at, word) in enumerate(words):
        further = [key.casefold() for _, key in words[number + 1 :] if key[0].isupper()]
        if not further:
            return None
        key = word.casefold()
        if key in rare and at == start and further[0] in given and _OPENS.search(before):
            continue  # «Firman Ana Ruiz y …»: a sentence begins
        opens = key in given or key in rare or word == "Mª" or re.match(_INITIAL, word)
        sure = key in given and key not in _AMBIGUOUS
        if sure or (opens and any(name in surnames for name in further)):
            bears = number and _THING.search(text[max(words[0][0], at - _SEEN) : at])
            return None if bears else (at, end)
    return None


def _is_inverted(found: re.Match[str]) -> bool:
    """Tells whether surnames stand before a given name: «GARCÍA LÓPEZ, María»."""
    given, _, surnames = _lexicon()
    left, right = found[1].casefold().split(), found[2].casefold().split()
    all_known = all(word in surnames for word in left if len(word) > 3)  # «de la»
    return all_known and left[0] not in given and right[0] in given - _AMBIGUOUS


@cache
def _lexicon() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Returns given names, rarer given names and surnames, in small letters."""
    rarer, surnames = _listed(_WIDER, "first_names"), _listed(_LOCALES + _WIDER, "last_names")
    given = _listed(_LOCALES, "first_names")
    return given, rarer - given, surnames


def _listed(locales: list[str], kind: str) -> frozenset[str]:
    """Returns the words of more than a letter in the lists of these locales."""
    with needing("privacy", "finding names"):
        providers = [import_module(f"faker.providers.person.{name}").Provider for name in locales]
    lists = (
        getattr(provider, attribute)
        for provider in providers
        for attribute in dir(provider)
        if attribute.startswith(kind)
    )
    names = (name for listed in lists if not isinstance(listed, property) for name in listed)
    return frozenset(word for name in names for word in name.casefold().split() if len(word) > 1)
