"""Words of signing in, in both languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SigningInWords:
    """What stands before the app, and in its side panel, where people sign in."""

    needed: str
    enter: str
    who: str
    leave: str


ES = SigningInWords(
    needed="Entra con tu cuenta para preguntar a los documentos que puedes leer.",
    enter="Entrar",
    who="Has entrado como {user}",
    leave="Salir",
)

EN = SigningInWords(
    needed="Sign in with your account to ask the documents that you may read.",
    enter="Sign in",
    who="Signed in as {user}",
    leave="Sign out",
)
