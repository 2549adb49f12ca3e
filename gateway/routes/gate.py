"""The outermost layer: says how many may come from where, and dresses every answer alike.

It works before a body is read, and on what the layers within refuse by themselves.
"""

import json
from collections.abc import Mapping, Sequence
from ipaddress import IPv6Address, ip_address
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.ids import Ids
from chassis.middleware import Lanes, given_id
from chassis.problems import describe, language_of
from gateway.domain.traffic.errors import TooManyRequests
from gateway.domain.traffic.limits import Traffic
from gateway.routes.buckets import Buckets
from gateway.routes.sources import Networks, source_of

CALLBACKS: Final = "callbacks"
GENERAL: Final = "general"
PUBLIC_FILES: Final = "public_files"
CALLBACK_PATH: Final = "/v1/provider-notifications/"
# A household or an office has a network of this size: one address of it is as good as another.
IPV6_PREFIX_BITS: Final = 64
TRAFFIC_OF: Final[Mapping[str, Traffic]] = {
    CALLBACKS: Traffic.CALLBACK_ADDRESS,
    GENERAL: Traffic.ADDRESS,
    PUBLIC_FILES: Traffic.ADDRESS,
}
# Anybody may bring a file there: they hold it, and wait for its judgement, in a room of their own.
PUBLIC_FILE_PATHS: Final = frozenset({"/v1/receipt-checks", "/tra-cuu-bien-lai/tep"})
PUBLIC_FILES_AT_ONCE_MAX: Final = 16
COUNTED: Final = "counted_by_address"

Headers = Sequence[tuple[bytes, bytes]]


def lane_of(scope: Scope) -> str:
    if scope["path"] in PUBLIC_FILE_PATHS:
        return PUBLIC_FILES
    return CALLBACKS if scope["path"].startswith(CALLBACK_PATH) else GENERAL


def lanes(*, at_once_max: int, callbacks_at_once_max: int) -> Lanes:
    """Rooms apart: whatever fills one leaves the other as empty as it was."""
    room = {
        GENERAL: at_once_max,
        CALLBACKS: callbacks_at_once_max,
        PUBLIC_FILES: PUBLIC_FILES_AT_ONCE_MAX,
    }
    return Lanes(room=room, lane_of=lane_of)


class Gate:
    def __init__(
        self,
        app: ASGIApp,
        *,
        buckets: Buckets,
        terminators: Networks,
        security: Headers,
        ids: Ids,
    ) -> None:
        self._app = app
        self._buckets = buckets
        self._terminators = terminators
        self._security = security
        self._ids = ids

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["request_id"] = given_id(scope) or self._ids.token(12)
        dressed = self._dress(send)
        source = bucket_name(source_of(scope, self._terminators))
        if source is not None:
            traffic = TRAFFIC_OF[lane_of(scope)]
            try:
                self._buckets.take(traffic, source)
            except TooManyRequests as refused:
                await _refuse(scope, dressed, refused)
                return
            scope[COUNTED] = (traffic, source)
        await self._app(scope, receive, dressed)

    def _dress(self, send: Send) -> Send:
        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", []))
                names = {name for name, _value in given}
                given += [header for header in self._security if header[0] not in names]
                message = {**message, "headers": given}
            await send(message)

        return dressed


def give_back(scope: Scope, buckets: Buckets) -> None:
    """The client has proved itself and is counted by its name: its address pays nothing."""
    counted = scope.get(COUNTED)
    if counted is not None:
        buckets.give_back(*counted)


def bucket_name(source: str | None) -> str | None:
    """What one source is. None for this machine: its own tools, or a terminator not named."""
    if source is None:
        return None
    try:
        address = ip_address(source)
    except ValueError:
        # What our terminator passed on and no address is: all of these share one bucket.
        return "unreadable"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            if address.is_loopback:
                return None
            return f"{int(address) >> (128 - IPV6_PREFIX_BITS):x}"
        address = address.ipv4_mapped
    return None if address.is_loopback else str(address)


def account_named(body: bytes) -> str | None:
    """The account that a sign-in asks for; unreadable bodies are refused further in."""
    try:
        value: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    name = value.get("username") if isinstance(value, dict) else None
    return name.strip().casefold()[:100] if isinstance(name, str) else None


async def _refuse(scope: Scope, send: Send, refused: TooManyRequests) -> None:
    accepted = dict(scope["headers"]).get(b"accept-language", b"")
    body, headers = describe(
        refused,
        request_id=scope["request_id"],
        language=language_of(accepted.decode("latin-1")),
    )
    raw = json.dumps(body, ensure_ascii=False).encode()
    spoken = {**headers, **dict(refused.headers), "x-request-id": scope["request_id"]}
    spoken |= {"content-type": "application/problem+json", "content-length": str(len(raw))}
    start = [(name.lower().encode(), value.encode()) for name, value in spoken.items()]
    await send({"type": "http.response.start", "status": body["status"], "headers": start})
    await send({"type": "http.response.body", "body": raw})
