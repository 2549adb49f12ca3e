"""A program that listens as ours do, with small limits; it says what each request was to it."""

import asyncio
import sys
from typing import ClassVar

from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.bodies import BodyBounds, UploadRoutes
from chassis.clock import SystemClock
from chassis.ids import SystemIds
from chassis.logging import configure_logging
from chassis.middleware import Bounds, Front
from deploy.commands.serving import GuardedProtocol, run_app

LARGE = 8_000_000
FILE = 500_000
# How long a file is worked on, so that another comes meanwhile.
FILE_SECONDS = 0.5


class Quick(GuardedProtocol):
    connections_max: ClassVar[int] = 5
    head_seconds_max: ClassVar[float] = 0.5
    unread_seconds_max: ClassVar[float] = 0.5
    linger_seconds_max: ClassVar[float] = 2.0


async def echo(scope: Scope, _receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        return
    if scope["path"] == "/files":
        await asyncio.sleep(FILE_SECONDS)
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
        bounds=Bounds(
            body=BodyBounds(
                bytes_max=65_536,
                seconds_max=0.5,
                upload_bytes_max=UploadRoutes({("POST", "/files"): FILE}),
                uploads_at_once_max=1,
                upload_bytes_per_second_min=200_000,
            )
        ),
    )


if __name__ == "__main__":
    configure_logging("WARNING")
    run_app(fronted(echo), host="127.0.0.1", port=int(sys.argv[1]), protocol=Quick)
