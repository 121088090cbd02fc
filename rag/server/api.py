"""The application: its routes, the guard before them, and what starts and ends with it.

Each route reads a form, calls the library in a thread, and gives the JSON of `rag`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.routing import Route

from rag.errors import needing
from rag.library import Library
from rag.server import (
    agents,
    asking,
    calls,
    chats,
    documents,
    embeddings,
    openai_chat,
    problems,
    tracing,
    uploading,
    watching,
)
from rag.server.audit import Audit
from rag.server.guard import FindCaller, Guard
from rag.server.jobs import ServerJobs
from rag.server.tokens import Tokens
from rag.server.upkeep import Upkeep

_DESCRIPTION = """Answers from a library of documents, each with the sentences that prove it.

Every request but `/healthz` and `/readyz` carries `Authorization: Bearer TOKEN` (`rag tokens`, or
the one that `/auth/login` gives where people sign in). What a user may read (`rag access`) is all
that there is for them: the rest is neither found nor listed nor counted. Agents find the same
library at `/mcp` (Model Context Protocol)."""


def create_app(
    library: Library,
    find_caller: FindCaller,
    hosts: frozenset[str] = frozenset(),
    audit: Audit | None = None,
    encrypted: bool = False,
) -> FastAPI:
    """Returns the application for one library. `encrypted`: browsers reach it by https alone."""
    jobs, metrics = ServerJobs(library), watching.Metrics(library)
    traces_url = library.settings.traces_url
    upkeep = Upkeep(library, audit, metrics)
    traces = tracing.Traces(traces_url) if traces_url else None
    mcp = agents.create_agents_server(library, over_http=True).streamable_http_app(
        stateless_http=True, json_response=True, transport_security=agents.GUARDED
    )

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        jobs.resume()
        upkeep.start()
        async with mcp.router.lifespan_context(mcp):
            yield
        upkeep.close()
        jobs.close()
        if traces:
            traces.close()

    most_upload = uploading.MOST_FILES * library.settings.max_file_mb * 1_000_000
    app = FastAPI(
        title="Fuente",
        description=_DESCRIPTION,
        version="1",
        docs_url=None,
        redoc_url=None,
        lifespan=running,
        middleware=[
            Middleware(watching.Metered, metrics=metrics),
            Middleware(
                Guard, find_caller=find_caller, hosts=hosts, most_upload=most_upload, audit=audit
            ),
        ],
    )
    if traces:
        app.add_middleware(tracing.Traced, traces=traces)
    problems.install(app)
    for routes in (asking, documents, chats, calls, openai_chat, embeddings):
        routes.install(app, library)
    watching.install(app, library, metrics)
    uploading.install(app, jobs)
    if library.settings.oidc_issuer:
        _signing_in(app, library, audit, encrypted)
    # without sessions nothing comes over a stream that a client opens and keeps a turn with
    app.router.routes.extend(
        Route(route.path, route.endpoint, methods=["POST"])
        for route in mcp.routes
        if isinstance(route, Route)
    )
    return app


def _signing_in(app: FastAPI, library: Library, audit: Audit | None, encrypted: bool) -> None:
    with needing("oidc", "signing in (oidc_issuer)"):
        from rag.server import signin
    tokens = Tokens(library.settings.library)
    sign_in = signin.SignIn(library.settings, tokens, audit)
    signin.install(app, sign_in, tokens, encrypted)
