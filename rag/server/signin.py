"""People sign in at a provider of identities (OpenID Connect) and get a token of this server.

In a browser at `/auth/login`; a program that has an ID token of the provider, as the web app does,
exchanges it at `/auth/token`. The token ends after hours; what its holder may read say the rules,
by the user and by the groups that the provider names. Sign-in is by authlib.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Annotated, Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from authlib.oidc.core import CodeIDToken
from fastapi import FastAPI, HTTPException
from joserfc.errors import JoseError
from pydantic import BaseModel, StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import Response

from rag import config, json_output
from rag.config import Settings
from rag.errors import UsageError
from rag.server.audit import Audit
from rag.server.callers import Calling
from rag.server.forms import Json
from rag.server.tokens import Tokens

_SECONDS = 600  # that a person has to sign in at the provider
_HOUR = 3600.0
_SCOPES = "openid email profile"


class IdToken(BaseModel):
    """What a provider of identities has signed for a person."""

    id_token: Annotated[str, StringConstraints(min_length=1, max_length=50_000)]


class SignIn:
    """Makes sessions for whom the provider of the settings vouches."""

    def __init__(self, settings: Settings, tokens: Tokens, audit: Audit | None) -> None:
        """Raises UsageError where the client's name or secret is not set."""
        if not settings.oidc_client:
            raise UsageError("oidc_client is not set", "export RAG_OIDC_CLIENT=NAME")
        if not config.oidc_secret():
            said = f"{config.OIDC_VARIABLE} is not set"
            raise UsageError(said, f"export {config.OIDC_VARIABLE}=SECRET")
        self._settings, self._tokens, self._audit = settings, tokens, audit
        issuer = settings.oidc_issuer.rstrip("/")
        self.client: Any = OAuth().register(
            "fuente",
            client_id=settings.oidc_client,
            client_secret=config.oidc_secret(),
            server_metadata_url=f"{issuer}/.well-known/openid-configuration",
            client_kwargs={"scope": _SCOPES, "code_challenge_method": "S256"},
        )

    async def returned(self, request: Request) -> json_output.Json:
        """Returns the session of a person whom the provider has sent back."""
        with_token = await self.client.authorize_access_token(request)
        return await self._begin(with_token["userinfo"])

    async def exchanged(self, id_token: str) -> json_output.Json:
        """Returns the session of the person for whom the provider has signed a token."""
        given = {"id_token": id_token}
        return await self._begin(
            await self.client.parse_id_token(given, nonce=None, claims_cls=CodeIDToken)
        )

    async def _begin(self, claims: Mapping[str, Any]) -> json_output.Json:
        user, named = claims.get(self._settings.oidc_user), claims.get(self._settings.oidc_groups)
        if not isinstance(user, str) or not user:
            raise HTTPException(403, f"the provider gives no «{self._settings.oidc_user}»")
        if self._settings.oidc_user == "email" and claims.get("email_verified") is False:
            raise HTTPException(403, f"the provider has not verified that {user} is theirs")
        groups = tuple(map(str, named)) if isinstance(named, list) else ()
        seconds = self._settings.session_hours * _HOUR
        if self._audit is not None:
            await run_in_threadpool(self._audit.note, user, "sign in")
        value, kept = await run_in_threadpool(self._tokens.begin_session, user, groups, seconds)
        return {"token": value, "user": user, "expires": kept.expires}


def install(app: FastAPI, sign_in: SignIn, tokens: Tokens, encrypted: bool) -> None:
    """Adds the routes of signing in and out. `encrypted`: browsers reach it by https alone."""
    app.add_middleware(
        SessionMiddleware,  # of the minutes at the provider: it holds `state` and `nonce`
        secret_key=secrets.token_urlsafe(32),
        session_cookie="fuente-sign-in",
        path="/auth",
        max_age=_SECONDS,
        same_site="lax",
        https_only=encrypted,
    )

    @app.get("/auth/login", tags=["access"])
    async def login(request: Request) -> Response:
        """Sends a browser to the provider of identities, which sends it back."""
        try:
            back = str(request.url_for("signed_in"))
            sent: Response = await sign_in.client.authorize_redirect(request, back)
            return sent
        except httpx2.HTTPError as error:
            raise _unreachable(error) from error

    @app.get("/auth/callback", tags=["access"], name="signed_in")
    async def callback(request: Request) -> Response:
        """Gives the token of a person who has signed in, for `Authorization: Bearer TOKEN`."""
        return await _answered(sign_in.returned(request))

    @app.post("/auth/token", tags=["access"])
    async def exchange(form: IdToken) -> Response:
        """Gives a token of this server for an ID token of the provider."""
        return await _answered(sign_in.exchanged(form.id_token))

    @app.post("/auth/logout", tags=["access"])
    def logout(caller: Calling) -> json_output.Json:
        """Ends the session whose token is sent; a lasting token stays."""
        if caller.session:
            tokens.revoke(caller.session)
        return {"signed_out": bool(caller.session)}


async def _answered(pending: Any) -> Response:
    try:
        return Json(await pending, headers={"cache-control": "no-store"})
    except (AuthlibBaseError, JoseError, ValueError, KeyError) as error:
        raise HTTPException(401, f"the provider does not vouch for this: {error}") from error
    except httpx2.HTTPError as error:
        raise _unreachable(error) from error


def _unreachable(error: httpx2.HTTPError) -> HTTPException:
    return HTTPException(502, f"the provider of identities does not answer: {error}")
