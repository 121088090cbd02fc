"""What a monitoring system reads at `/metrics`: counts and seconds, no word and no name.

Served by prometheus-client, on a registry of one server's own.
"""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.library import Library

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

    def page(self) -> bytes:
        """Returns all figures in the text form of Prometheus."""
        state = self._library.status()
        values = (state.documents, state.chunks, state.consistent)
        for gauge, value in zip(self._counts.values(), values, strict=True):
            gauge.set(value)
        return generate_latest(self._registry)


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
