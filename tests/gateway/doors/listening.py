"""A program that listens as ours do, with small limits; it says what each request was to it."""

import sys
from typing import ClassVar

from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.clock import SystemClock
from chassis.ids import SystemIds
from chassis.logging import configure_logging
from chassis.middleware import Bounds, Front
from deploy.commands.serving import GuardedProtocol, run_app

LARGE = 8_000_000


class Quick(GuardedProtocol):
    connections_max: ClassVar[int] = 5
    head_seconds_max: ClassVar[float] = 0.5
    unread_seconds_max: ClassVar[float] = 0.5


async def echo(scope: Scope, _receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        return
    said = f"[{scope['method']} {scope['path']} {scope['raw_body'].decode('latin-1')}]".encode()
    body = b"x" * LARGE if scope["path"] == "/large" else said
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def fronted(app: ASGIApp) -> ASGIApp:
    return Front(
        app,
        service="echo",
        clock=SystemClock(),
        ids=SystemIds(),
        bounds=Bounds(body_bytes_max=65_536, body_seconds_max=0.5),
    )


if __name__ == "__main__":
    configure_logging("WARNING")
    run_app(fronted(echo), host="127.0.0.1", port=int(sys.argv[1]), protocol=Quick)
