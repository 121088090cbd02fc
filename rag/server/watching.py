"""What watches the server: health, status, and counts and seconds for a monitoring system.

Neither a word nor a name is in the figures.

Served by prometheus-client, on a registry of one server's own.
"""

from __future__ import annotations

import time
from collections.abc import Collection

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag import json_output
from rag.library import Library
from rag.monitoring import Measure
from rag.server import problems
from rag.server.callers import Calling, needs
from rag.server.forms import Json
from rag.server.tokens import Scope as Right

KIND = CONTENT_TYPE_PLAIN_1_0_0
_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)  # an answer may be written
_OTHER = "other"  # what was refused before a route was found: addresses of strangers are no labels


class Metrics:
    """The figures of one server."""

    def __init__(self, library: Library) -> None:
        self._library, self._registry = library, CollectorRegistry()
        self.seconds = Histogram(
            "fuente_request_seconds",
            "Seconds from a request to the end of its answer.",
            ("method", "route", "status"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self.in_hand = Gauge("fuente_requests_in_hand", "Requests now.", registry=self._registry)
        self._counts = {
            name: Gauge(f"fuente_{name}", text, registry=self._registry)
            for name, text in (
                ("documents", "Documents of the library."),
                ("passages", "Passages of the library."),
                ("consistent", "1 where all parts of the library agree."),
            )
        }

        self._notices = Gauge(
            "fuente_notice",
            "1 where a measure is beyond the threshold of the settings.",
            ("measure",),
            registry=self._registry,
        )

    def show(self, notices: Collection[Measure]) -> None:
        """Takes over what is beyond its threshold now."""
        for measure in Measure:
            self._notices.labels(measure).set(measure in notices)

    def page(self) -> bytes:
        """Returns all figures in the text form of Prometheus."""
        state = self._library.status()
        values = (state.documents, state.chunks, state.consistent)
        for gauge, value in zip(self._counts.values(), values, strict=True):
            gauge.set(value)
        return generate_latest(self._registry)


def install(app: FastAPI, library: Library, metrics: Metrics) -> None:
    """Adds the routes of watching to `app`."""

    @app.get("/healthz", tags=["watching"])
    def health() -> dict[str, str]:
        """Says that the server is up."""
        return {"status": "ok"}

    @app.get("/readyz", tags=["watching"])
    def ready() -> Response:
        """Says whether the library can be asked: 503 where it is empty or its parts disagree."""
        state = library.status()
        if not state.chunks or not state.consistent:
            return problems.problem(503, "the library cannot be asked", "rag status")
        return Json({"status": "ready"})

    @app.get("/metrics", tags=["watching"], dependencies=[needs(Right.READ)])
    def figures() -> Response:
        """Gives counts and seconds as Prometheus reads them, to who may read all."""
        return Response(metrics.page(), media_type=KIND)

    @app.get("/api/status", tags=["watching"])
    def status(caller: Calling) -> json_output.Json:
        """Gives counts, and whether all parts of the library agree: as `rag status --json`.

        Who may read a part of the library gets the counts of that part, and nothing else.
        """
        if caller.readable is None:
            return json_output.of_status(library.status())
        infos = caller.documents(library)
        return {"documents": len(infos), "chunks": sum(info.chunks for info in infos)}


class Metered:
    """Measures every request, those too that are refused."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on, and notes the status and the seconds."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, started = "none", time.perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        with self._metrics.in_hand.track_inprogress():
            try:
                await self._app(scope, receive, noted)
            finally:
                route = getattr(scope.get("route"), "path", _OTHER)
                spent = time.perf_counter() - started
                self._metrics.seconds.labels(scope["method"], route, status).observe(spent)
