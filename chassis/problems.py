"""Refusals as RFC 9457 problem+json, in the caller's language. HTTP numbers live here alone."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from chassis.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    Refused,
    TooMany,
    Unauthenticated,
    Unavailable,
)

STATUS_OF: Final[Mapping[type[Refused], int]] = {
    Malformed: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Invalid: 422,
    TooMany: 429,
    Unavailable: 503,
}
RETRY_AFTER_SECONDS: Final = "2"
_VI: Final = {
    400: "Yêu cầu không đọc được.",
    401: "Chưa xác thực.",
    403: "Không được phép.",
    404: "Không tìm thấy.",
    405: "Phương thức không được hỗ trợ.",
    408: "Yêu cầu gửi quá chậm.",
    409: "Xung đột với trạng thái hiện tại.",
    413: "Nội dung quá lớn.",
    422: "Dữ liệu không hợp lệ.",
    429: "Quá nhiều yêu cầu.",
    500: "Lỗi hệ thống. Vui lòng thử lại sau.",
    503: "Tạm thời không phục vụ được. Vui lòng thử lại sau.",
}
log = structlog.get_logger()


def status_of(refused: Refused) -> int:
    return next(status for kind, status in STATUS_OF.items() if isinstance(refused, kind))


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    detail_vi: str = "",
    request_id: str = "",
    language: str = "vi",
    errors: Sequence[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """The body of a refusal. `detail` speaks the caller's language, `detail_en` always English."""
    vietnamese = detail_vi or _VI.get(status, "")
    body: dict[str, Any] = {
        "type": f"urn:lephi:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail if language == "en" or not vietnamese else vietnamese,
        "detail_en": detail,
        "request_id": request_id,
    }
    if errors:
        body["errors"] = list(errors)
    return body


def describe(
    refused: Refused, *, request_id: str, language: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """The body of a refusal, and the headers that go with it."""
    status = status_of(refused)
    body = problem(
        status,
        refused.code,
        refused.message,
        detail_vi=refused.message_vi,
        request_id=request_id,
        language=language,
        errors=[{"field": refused.field, "detail": refused.message}] if refused.field else (),
    )
    headers = {"Content-Language": "en" if body["detail"] == refused.message else "vi"}
    if refused.retry_after_seconds is not None:
        headers["Retry-After"] = str(refused.retry_after_seconds)
    elif status in (429, 503):
        headers["Retry-After"] = RETRY_AFTER_SECONDS
    return {**refused.members, **body}, headers


def problem_response(request: Request, status: int, code: str, detail: str, **more: Any) -> Any:
    body = problem(
        status,
        code,
        detail,
        request_id=request.scope.get("request_id", ""),
        language=language_of(request.headers.get("accept-language", "")),
        **more,
    )
    headers = {"Content-Language": "en" if body["detail"] == detail else "vi"}
    if status in (429, 503):
        headers["Retry-After"] = RETRY_AFTER_SECONDS
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def language_of(accept_language: str) -> str:
    """Vietnamese unless English is asked for first."""
    return "en" if accept_language.strip().lower().startswith("en") else "vi"


def install(app: FastAPI) -> None:
    app.add_exception_handler(Refused, _on_refused)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(SQLAlchemyError, _on_database)
    app.add_exception_handler(Exception, _on_bug)


async def _on_refused(request: Request, error: Exception) -> Any:
    assert isinstance(error, Refused)
    body, headers = describe(
        error,
        request_id=request.scope.get("request_id", ""),
        language=language_of(request.headers.get("accept-language", "")),
    )
    return JSONResponse(body, body["status"], headers, media_type="application/problem+json")


async def _on_validation(request: Request, error: Exception) -> Any:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    # Never echo the input: it may hold personal data.
    errors = [
        {"field": ".".join(map(str, one["loc"])), "code": one["type"], "detail": one["msg"]}
        for one in found[:20]
    ]
    if any(one["type"] == "json_invalid" for one in found):
        return problem_response(request, 400, "unreadable_json", "The body is not valid JSON.")
    return problem_response(
        request, 422, "invalid", "Some fields are not acceptable.", errors=errors
    )


async def _on_http(request: Request, error: Exception) -> Any:
    assert isinstance(error, HTTPException)
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
    return problem_response(request, error.status_code, code, str(error.detail))


async def _on_database(request: Request, error: Exception) -> Any:
    """A database that is away, or had no connection free in time, is 503; a wrong query a bug."""
    away = isinstance(error, OperationalError | InterfaceError | PoolTimeout) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    )
    if not away:
        return await _on_bug(request, error)
    log.warning("database unavailable", route=_route_of(request), error=type(error).__name__)
    return problem_response(request, 503, "store_unavailable", "The store is not available now.")


async def _on_bug(request: Request, error: Exception) -> Any:
    log.error("unhandled", route=_route_of(request), exc_info=error)
    return problem_response(request, 500, "internal", "Something went wrong on our side.")


def _route_of(request: Request) -> str:
    """Never the path itself, whose parts may be codes that open something."""
    return getattr(request.scope.get("route"), "path", "none")
