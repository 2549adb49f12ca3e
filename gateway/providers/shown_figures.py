"""The worker's own figures, for it has no door: on loopback, for the operators' collector."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from prometheus_client import start_http_server

ADDRESS: Final = "127.0.0.1"


def show_figures(port: int | None) -> Sequence[Callable[[], Awaitable[None]]]:
    """Listen from now on, if a port is given; says what to close at the end."""
    if port is None:
        return ()
    server, thread = start_http_server(port, addr=ADDRESS)

    async def close() -> None:
        await asyncio.to_thread(server.shutdown)
        server.server_close()
        await asyncio.to_thread(thread.join)

    return (close,)
