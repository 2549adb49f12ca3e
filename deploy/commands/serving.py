"""How every program of ours listens: one process, no access log of uvicorn's, a graceful end.

Who is slow or sends too much is cut off at the connection, before any application sees a request:
uvicorn by itself waits for a request's head without end.
"""

import asyncio
from typing import Any, ClassVar, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from deploy.commands.lingering import LingeringTransport

GRACE_SECONDS = 20
KEEP_ALIVE_SECONDS = 75


class GuardedProtocol(HttpToolsProtocol):
    """Limits of one connection. What an application reads and says has limits of its own."""

    # Connections of this process; whoever comes later is hung up on.
    connections_max: ClassVar[int] = 1_000
    # From the first chance to speak to the end of the head.
    head_seconds_max: ClassVar[float] = 10.0
    head_bytes_max: ClassVar[int] = 32_768
    # How long the other side may leave what we say unread.
    unread_seconds_max: ClassVar[float] = 30.0
    # How long the rest of a refused request may still come, so that the refusal is read.
    linger_seconds_max: ClassVar[float] = 5.0

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._head_timer: asyncio.TimerHandle | None = None
        self._unread_timer: asyncio.TimerHandle | None = None
        self._in_head = True
        self._head_bytes = 0
        self._is_refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._lingering = LingeringTransport(
            transport,
            seconds_max=self.linger_seconds_max,
            is_unread=self._is_unread,
            loop=self.loop,
        )
        super().connection_made(cast(asyncio.Transport, self._lingering))
        if len(self.connections) > self.connections_max:
            transport.close()
            return
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._lingering.has_ended()
        if self._unread_timer is not None:
            self._unread_timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_head and self._head_bytes > self.head_bytes_max:
            self._refuse_head()
        elif self._is_idle():
            # Bytes that begin no request have stopped uvicorn's own clock for idle connections.
            self._await_head()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._await_head()

    def on_headers_complete(self) -> None:
        self._stop_waiting()
        self._in_head = False
        self._head_bytes = 0
        super().on_headers_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread_timer = self.loop.call_later(self.unread_seconds_max, self.transport.abort)

    def resume_writing(self) -> None:
        if self._unread_timer is not None:
            self._unread_timer.cancel()
            self._unread_timer = None
        super().resume_writing()

    def _is_unread(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        body_is_unread = cycle is not None and cycle.response_complete and cycle.more_body
        return self._is_refused or body_is_unread

    def _is_idle(self) -> bool:
        # uvicorn has it None before the first request, whatever its annotation says.
        cycle: RequestResponseCycle | None = self.cycle
        working = cycle is not None and not cycle.response_complete
        return not working and self.timeout_keep_alive_task is None

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self.head_seconds_max, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def send_400_response(self, msg: str) -> None:
        self._is_refused = True
        super().send_400_response(msg)

    def _refuse_head(self) -> None:
        self._is_refused = True
        self.transport.write(
            b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
            b"content-length: 0\r\nconnection: close\r\n\r\n"
        )
        self.transport.close()


def run_app(
    app: Any, *, host: str, port: int, protocol: type[GuardedProtocol] = GuardedProtocol
) -> None:
    uvicorn.run(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http=protocol,
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
