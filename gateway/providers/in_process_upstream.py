"""Services in our own process: the same requests, handed to their ASGI apps."""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp, Message

from gateway.domain.errors import UpstreamUnavailable
from gateway.ports.upstream import UpstreamAnswer, UpstreamRequest


class InProcessUpstream:
    def __init__(self, apps: Mapping[str, ASGIApp], *, timeout_seconds: float = 10.0) -> None:
        self._apps = apps
        self._timeout_seconds = timeout_seconds

    async def send(self, request: UpstreamRequest) -> UpstreamAnswer:
        app = self._apps.get(request.service)
        if app is None:
            raise UpstreamUnavailable(request.service)
        call = _Call(request.body)
        # A task of its own, with its own context: a service's log fields stay its own, and
        # what breaks in it does not break us.
        task = asyncio.ensure_future(app(_scope(request), call.receive, call.send))
        try:
            done, _running = await asyncio.wait({task}, timeout=self._timeout_seconds)
        finally:
            task.cancel()
        if not done or not call.complete:
            raise UpstreamUnavailable(request.service) from (task.exception() if done else None)
        # Read, so that nobody warns of it: the service has logged it and answered 500.
        task.exception()
        return call.answer()

    async def close(self) -> None:
        """The apps belong to whoever made them."""


class _Call:
    def __init__(self, body: bytes) -> None:
        self._body = body
        self._handed_out = False
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._chunks: list[bytes] = []
        self.complete = False

    async def receive(self) -> Message:
        if self._handed_out:
            await asyncio.Future()
        self._handed_out = True
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = list(message.get("headers", []))
        elif message["type"] == "http.response.body":
            self._chunks.append(message.get("body", b""))
            self.complete = not message.get("more_body", False)

    def answer(self) -> UpstreamAnswer:
        return UpstreamAnswer(
            status=self._status,
            headers=tuple(
                (name.decode("latin-1").lower(), value.decode("latin-1"))
                for name, value in self._headers
            ),
            body=b"".join(self._chunks),
        )


def _scope(request: UpstreamRequest) -> dict[str, Any]:
    path, _, query = request.target.partition("?")
    headers = [(name.encode(), value.encode("latin-1")) for name, value in request.headers]
    if request.body:
        headers.append((b"content-length", str(len(request.body)).encode()))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode("ascii"),
        "query_string": query.encode("ascii"),
        "root_path": "",
        "headers": [(b"host", request.service.encode()), *headers],
        "client": None,
        "server": None,
        "state": {},
    }
