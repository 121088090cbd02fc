"""Every failure as problem details (RFC 9457): what, why, and the next step; no traceback."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from rag.errors import (
    EmptyLibrary,
    FileProblem,
    GeneratorBusy,
    GeneratorFailed,
    LibraryBusy,
    RagError,
    UsageError,
)

KIND = "application/problem+json"
_RETRY_SECONDS = "5"
_STATUS: dict[type[RagError], HTTPStatus] = {
    UsageError: HTTPStatus.UNPROCESSABLE_ENTITY,
    FileProblem: HTTPStatus.UNPROCESSABLE_ENTITY,
    EmptyLibrary: HTTPStatus.CONFLICT,
    LibraryBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    GeneratorBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    GeneratorFailed: HTTPStatus.BAD_GATEWAY,
}
_log = logging.getLogger(__name__)


def problem(
    status: int, detail: str, next_step: str = "", kind: str = "", **more: Any
) -> JSONResponse:
    """Returns a failure as a response. `kind`: the class of a stated one."""
    status = HTTPStatus(status)
    body = {
        "type": f"urn:fuente:{kind}" if kind else "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        **({"next": next_step} if next_step else {}),
        **more,
    }
    waiting = status == HTTPStatus.SERVICE_UNAVAILABLE
    headers = {"retry-after": _RETRY_SECONDS} if waiting else None
    return JSONResponse(body, status, headers, media_type=KIND)


def of_error(error: RagError) -> JSONResponse:
    """Returns a stated failure as a response."""
    status = _STATUS.get(type(error), HTTPStatus.SERVICE_UNAVAILABLE)
    more = {"outcome": error.outcome} if isinstance(error, FileProblem) else {}
    return problem(status, error.message, error.next_command, type(error).__name__, **more)


def details(error: RagError) -> dict[str, Any]:
    """Returns a stated failure as a value, for a stream that has begun."""
    return dict(json.loads(bytes(of_error(error).body)))


def install(app: FastAPI) -> None:
    """Makes `app` answer with problem details whatever fails."""
    app.add_exception_handler(RagError, _stated)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unforeseen)


async def _stated(_: Request, error: Exception) -> Response:
    assert isinstance(error, RagError)  # noqa: S101 - as it is registered
    return of_error(error)


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    answer = problem(error.status_code, str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    places = [
        {"where": ".".join(map(str, item["loc"])), "why": item["msg"]} for item in error.errors()
    ]
    detail = "the request has another form than the API"
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, "see /docs", errors=places)


async def _unforeseen(_: Request, error: Exception) -> Response:
    _log.error("a request failed", exc_info=error)
    detail = "the server failed at this request; its log says why"
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail, "rag doctor")
