"""Pure ASGI around every API: request id, bounds, access log, metrics."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import structlog
from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.bodies import Bodies, BodyBounds, BodyTooLarge, BodyTooSlow, TooManyUploads
from chassis.clock import Clock
from chassis.ids import Ids
from chassis.problems import RETRY_AFTER_SECONDS, language_of, problem
from chassis.tracing import span

IN_FLIGHT_MAX: Final = 256
# Where a caller wants every answer to be a 200, the status that the answer means stands here.
STANDS_FOR: Final = "answer_stands_for"
REQUESTS = Counter("http_requests_total", "Answers", ["service", "method", "route", "status"])
SECONDS = Histogram(
    "http_request_seconds",
    "Time to the end of the answer",
    ["service", "method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
_REQUEST_ID: Final = re.compile(rb"^[A-Za-z0-9._-]{8,64}$")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """How many requests may be worked on at once, in rooms apart."""

    room: Mapping[str, int]
    lane_of: Callable[[Scope], str]


ONE_LANE: Final = Lanes(room={"all": IN_FLIGHT_MAX}, lane_of=lambda _scope: "all")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    body: BodyBounds
    lanes: Lanes = ONE_LANE


class Front:
    """Numbers the request, bounds it in size, time and company, notes how it went.

    The body is read before the request counts as one in flight: who sends it slowly takes up a
    connection and no more.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        service: str,
        clock: Clock,
        ids: Ids,
        bounds: Bounds,
    ) -> None:
        self._app = app
        self._service = service
        self._clock = clock
        self._ids = ids
        self._bounds = bounds
        self._bodies = Bodies(bounds.body, room_of=bounds.lanes.lane_of)
        self._in_flight = dict.fromkeys(bounds.lanes.room, 0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = scope.get("request_id") or given_id(scope) or self._ids.token(12)
        scope["request_id"] = request_id
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self._serve(scope, receive, send, request_id)
        finally:
            structlog.contextvars.unbind_contextvars("request_id")

    async def _serve(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        began = self._clock.now()
        status = 500

        async def numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message.setdefault("headers", [])
                message["headers"].append((b"x-request-id", request_id.encode()))
            await send(message)

        try:
            body = await self._bodies.read(scope, receive)
        except BodyTooLarge:
            await refuse(scope, numbered, 413, "body_too_large", "The body is too large.")
        except TooManyUploads:
            await refuse(scope, numbered, 503, "too_busy", "Too many files are coming in.")
        except BodyTooSlow:
            await refuse(scope, numbered, 408, "body_too_slow", "The body took too long.")
        else:
            with span(f"{self._service} {scope['method']}", _carrier(scope)):
                await self._work(scope, replay(body, receive), numbered)
        finally:
            self._bodies.release(scope)
            self._note(scope, status, (self._clock.now() - began).total_seconds())

    async def _work(self, scope: Scope, receive: Receive, send: Send) -> None:
        lanes = self._bounds.lanes
        lane = lanes.lane_of(scope)
        if self._in_flight[lane] >= lanes.room[lane]:
            await refuse(scope, send, 503, "too_busy", "Too many requests are in flight.")
            return
        self._in_flight[lane] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._in_flight[lane] -= 1

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        status = scope.get(STANDS_FOR, status)
        route = route_of(scope)
        REQUESTS.labels(self._service, scope["method"], route, status).inc()
        SECONDS.labels(self._service, scope["method"], route).observe(seconds)
        log.info(
            "answered",
            service=self._service,
            method=scope["method"],
            route=route,
            status=status,
            milliseconds=round(seconds * 1000, 1),
        )


class LastResort:
    """A bug is answered within the front: numbered, noted and dressed as every other answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:
            if begun or scope["type"] != "http":
                raise
            log.error("unhandled", route=route_of(scope), exc_info=error)
            await refuse(scope, send, 500, "internal", "Something went wrong on our side.")


def replay(body: bytes, receive: Receive) -> Receive:
    """Hand out a body that was read already; afterwards, news of the connection as it comes."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def refuse(scope: Scope, send: Send, status: int, code: str, detail: str) -> None:
    """Answer problem+json from below the framework."""
    headers = dict(scope["headers"])
    language = language_of(headers.get(b"accept-language", b"").decode("latin-1"))
    body = json.dumps(
        problem(status, code, detail, request_id=scope.get("request_id", ""), language=language),
        ensure_ascii=False,
    ).encode()
    answer = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
    ]
    if status == 503:
        answer.append((b"retry-after", RETRY_AFTER_SECONDS.encode()))
    if "raw_body" not in scope:
        # What is left of the body is not worth reading.
        answer.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": answer})
    await send({"type": "http.response.body", "body": body})


def route_of(scope: Scope) -> str:
    """As it is logged: never the path itself, whose parts may be codes that open something."""
    return getattr(scope.get("route"), "path", "none")


def _carrier(scope: Scope) -> dict[str, str] | None:
    for name, value in scope["headers"]:
        if name == b"traceparent":
            return {"traceparent": value.decode("latin-1")}
    return None


def given_id(scope: Scope) -> str | None:
    """The number the caller gave its request, if it looks like one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.match(value):
            return str(value.decode())
    return None
