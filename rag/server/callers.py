"""Who calls: the user behind a token, how far it goes, and what that user may read."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request

from rag.library import Library
from rag.schema import Document, DocumentInfo, Filters
from rag.server.access import Access
from rag.server.tokens import Scope, Tokens


@dataclass(frozen=True, slots=True)
class Caller:
    """One who asks. `readable`: files and folders that they may read; None: all."""

    user: str  # "": the library's owner, by the token of the run or over stdio
    scope: Scope
    readable: tuple[str, ...] | None = None
    session: str = ""  # the name of the token, where it is of a person who has signed in
    until: float = 0.0  # when that ends, in seconds since 1970

    def filters(self, filters: Filters | None = None) -> Filters:
        """Returns what a search is limited to, with what this caller may read."""
        return replace(filters or Filters(), readable=self.readable)

    def documents(self, library: Library) -> list[DocumentInfo]:
        """Returns the documents that they may read, by path."""
        return library.documents(self.filters())

    def document(self, library: Library, document_id: int) -> Document | None:
        """Returns a document that they may read; None for another and for one that is gone."""
        if self.readable is None:
            return library.document(document_id)
        known = any(info.id == document_id for info in self.documents(library))
        return library.document(document_id) if known else None


OWNER = Caller("", Scope.ADMIN)
"""Who runs the process."""


class Callers:
    """Finds callers by their tokens. `made`: the token of this run, or ""."""

    def __init__(self, library: Path, made: str = "") -> None:
        self._tokens, self._access, self._made = Tokens(library), Access(library), made

    def find(self, value: str) -> Caller | None:
        """Returns who has a token; None for an unknown or revoked one."""
        if self._made and secrets.compare_digest(value.encode(), self._made.encode()):
            return OWNER
        token = self._tokens.find(value)
        if token is None:
            return None
        rules = self._access.rules()
        scope = rules.scope(token.holder, token.groups) if token.signed_in else token.scope
        readable = rules.readable(token.holder, token.groups, token.signed_in)
        return Caller(
            token.holder,
            scope,
            None if scope is Scope.ADMIN else readable,
            token.name if token.signed_in else "",
            token.expires,
        )


def of_request(request: Request) -> Caller:
    """Returns who sent a request that the guard has let in."""
    caller = request.scope["state"]["caller"]
    assert isinstance(caller, Caller)  # noqa: S101 - the guard put it there
    return caller


Calling = Annotated[Caller, Depends(of_request)]


def needs(scope: Scope) -> Any:
    """Returns what a route depends on that changes the library: a scope, and to read all of it."""

    def check(caller: Calling) -> None:
        if not caller.scope.includes(scope):
            raise HTTPException(403, f"this needs a token with the scope {scope}")
        if caller.readable is not None:
            raise HTTPException(403, "this is for who may read the whole library")

    return Depends(check)
