"""Traces of requests by OpenTelemetry, to the address of the setting `traces_url` and nowhere else.

A request is a span: method, route, status, and how long it took. Neither a word that is asked or
answered nor who asks is in it.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.errors import needing

_OTHER = "other"  # what was refused before a route was found
_FAILED = 500


class Traces:
    """What sends the spans of one server, in a thread of its own."""

    def __init__(self, address: str) -> None:
        """`address`: where spans go, as OTLP over HTTP. Raises ModelMissing without the extra."""
        with needing("traces", "traces_url"):
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        # nothing of the machine is told: `Resource.create` would look for its name and processes
        self._provider = TracerProvider(resource=Resource({"service.name": "fuente"}))
        exporter = OTLPSpanExporter(endpoint=address)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self.tracer = self._provider.get_tracer("fuente.server")

    def close(self) -> None:
        """Sends what is left."""
        self._provider.shutdown()


class Traced:
    """Makes a span of every request, those too that are refused."""

    def __init__(self, app: ASGIApp, traces: Traces) -> None:
        self._app, self._tracer = app, traces.tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on, and notes route and status."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        from opentelemetry.trace import SpanKind, StatusCode

        with self._tracer.start_as_current_span(
            scope["method"], kind=SpanKind.SERVER, record_exception=False
        ) as span:

            async def noted(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= _FAILED:
                        span.set_status(StatusCode.ERROR)
                await send(message)

            try:
                await self._app(scope, receive, noted)
            finally:
                route = getattr(scope.get("route"), "path", _OTHER)
                span.update_name(f"{scope['method']} {route}")
                span.set_attribute("http.request.method", scope["method"])
                span.set_attribute("http.route", route)
