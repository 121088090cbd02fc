"""Names and abbreviations that are said otherwise, in the same language or the other one.

No word of «Segunda Guerra Mundial» is a translation of «World War II», and «RGPD» is no word at
all. These are the commonest; what a library explains itself is not here.
"""

from __future__ import annotations

import re
from functools import cache

# (in Spanish, in English), the forms of each parted by «|»
_FAMILIES = (
    ("RGPD|Reglamento General de Protección de Datos", "GDPR|General Data Protection Regulation"),
    ("IA|inteligencia artificial", "AI|artificial intelligence"),
    ("UE|Unión Europea", "EU|European Union"),
    ("ONU|Naciones Unidas", "UN|United Nations"),
    ("OTAN", "NATO"),
    ("OMS|Organización Mundial de la Salud", "WHO|World Health Organization"),
    ("FMI|Fondo Monetario Internacional", "IMF|International Monetary Fund"),
    ("EE. UU.|EEUU|Estados Unidos", "USA|US|United States"),
    ("Reino Unido", "UK|United Kingdom"),
    ("Países Bajos|Holanda", "Netherlands|Holland"),
    ("Gran Bretaña", "Great Britain"),
    ("Nueva York", "New York"),
    ("energía nuclear", "nuclear power|nuclear energy"),
    ("URSS|Unión Soviética", "USSR|Soviet Union"),
    ("Primera Guerra Mundial|I Guerra Mundial", "World War I|First World War|WWI"),
    ("Segunda Guerra Mundial|II Guerra Mundial", "World War II|Second World War|WWII"),
    ("IVA|impuesto sobre el valor añadido", "VAT|value added tax"),
    ("PIB|producto interior bruto", "GDP|gross domestic product"),
    ("ONG", "NGO"),
    ("ADN", "DNA"),
    ("ARN", "RNA"),
    ("VIH", "HIV"),
    ("SIDA", "AIDS"),
    ("EIPD|evaluación de impacto relativa a la protección de datos", "DPIA|data protection "
     "impact assessment"),
    ("delegado de protección de datos|delegada de protección de datos", "data protection officer"),
    ("copia de seguridad", "backup"),
    ("máquina de vapor", "steam engine"),
    ("efecto invernadero", "greenhouse effect"),
    ("seguridad social", "social security"),
    ("recursos naturales", "natural resources"),
    ("tipo de interés", "interest rate"),
    ("fecha límite|plazo", "deadline"),
    ("inyección de instrucciones", "prompt injection"),
    ("correo electrónico|e-mail|email", "e-mail|email"),
    ("recursos humanos|RR. HH.|RRHH", "human resources|HR"),
    ("página web|sitio web", "website|web site"),
    ("Edad Media", "Middle Ages"),
    ("Iglesia católica", "Catholic Church"),
    ("aprendizaje automático", "machine learning"),
    ("modelo de lenguaje|LLM", "language model|LLM"),
)  # fmt: skip


def same_names(text: str, language: str) -> list[tuple[str, str]]:
    """Returns (text, language) for every other form of the name that a text holds, if any."""
    found = []
    for forms in _families():
        held = [name for code, name in forms if code == language and _in(name, text)]
        if not held:
            continue
        longest = max(held, key=len)
        found += [
            (_pattern(longest).sub(lambda _, name=name: name, text), code)  # type: ignore[misc]
            for code, name in forms
            if (code, name) != (language, longest)
        ]
    return found


@cache
def _families() -> list[list[tuple[str, str]]]:
    return [
        [("es", name) for name in spanish.split("|")]
        + [("en", name) for name in english.split("|")]
        for spanish, english in _FAMILIES
    ]


def _in(name: str, text: str) -> bool:
    return _pattern(name).search(text) is not None


def _pattern(name: str) -> re.Pattern[str]:
    """Returns what finds a name as a whole; an abbreviation of capitals («US») as it is written."""
    flags = re.NOFLAG if name.isupper() else re.IGNORECASE
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", flags)
