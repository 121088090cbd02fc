"""Postal addresses in a text: a street with its number, in Spanish and English.

What follows it on its line (floor, door, postal code and town) belongs to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_NAME = r"[A-ZÀ-ÖØ-Þ][\w'’.-]*"
_SMALL = r"(?:de[ ]la|de[ ]las|de[ ]los|del|de|la|las|los|el|y|e)"
_SPANISH = re.compile(
    rf"""(?<!\w)(?:la[ ])?(?:calle|c/|avenida|avda\.?|av\.|plaza|pza\.|paseo|camino|carretera|ctra\.
    |ronda|travesía|callejón|cuesta|glorieta|urbanización|polígono(?:[ ]industrial)?)
    [ ](?:{_SMALL}[ ])?(?-i:{_NAME})(?:[ ](?:{_SMALL}[ ])?(?-i:{_NAME})){{0,4}}
    ,?[ ](?:(?:n\.?[ ]?º|n[úu]m\.?|número|parcela|nave|km)[ ])?
    (?:\d{{1,4}}(?:\b|(?=[A-Za-z]\b))|s/n)
    (?:[ ,-]+(?:\d{{1,2}}\.?[ºª](?:[ ](?:planta|izq\.|dcha\.|(?-i:[A-H]\b)))?
        |bajo|piso|planta|puerta|izq\.|dcha\.|izquierda|derecha|local|(?-i:[A-H])\b))*
    (?:[ ,-]+\d{{5}}  # postal code and town
        (?:[ ](?:{_SMALL}[ ])?(?-i:{_NAME})(?:[ ](?:{_SMALL}[ ])?(?-i:{_NAME})){{0,3}})?)?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_ENGLISH = re.compile(
    rf"""(?<![\w,.-])(?:(?:Flat|Apartment|Apt\.?|Unit|Suite)[ ]\w+,[ ])?
    (?:\d{{1,5}}[A-Z]?[ ](?:{_NAME}[ ]){{1,3}}(?:Street|St|Road|Rd|Lane|Ln|Avenue|Ave|Drive|Dr|Close
        |Court|Ct|Way|Place|Square|Terrace|Gardens|Crescent|Boulevard|Blvd|Row|Hill|Grove)\b\.?
        (?:[ ](?:NW|NE|SW|SE|N|S|E|W)\b)?
      |(?<=,[ ])(?:{_NAME}[ ]){{1,3}}(?:Estate|Park|House)\b)
    (?:,[ ]{_NAME}(?:[ ]{_NAME})*?)*
    (?:,?[ ](?:[A-Z]{{1,2}}\d[\dA-Z]?[ ]?\d[A-Z]{{2}}|[A-Z]{{2}}[ ]\d{{5}})\b)?
    """,
    re.VERBOSE,
)


def find(text: str) -> Iterator[tuple[int, int]]:
    """Gives where addresses stand, as (start, end)."""
    for pattern in (_SPANISH, _ENGLISH):
        for found in pattern.finditer(text):
            yield found.start(), found.start() + len(found[0].rstrip(" ,."))
