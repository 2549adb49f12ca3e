"""How a connection ends whose request was answered before it was read to its end."""

import asyncio
from collections.abc import Callable
from typing import Any


class LingeringTransport:
    """Says that nothing more will be said, and lets what still comes run dry for a while.

    A socket closed over unread bytes is reset, and a reset can overtake the refusal: whoever sent
    too large a file would see a broken connection in place of the reason (RFC 9112, 9.6).
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        *,
        seconds_max: float,
        is_unread: Callable[[], bool],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._transport = transport
        self._seconds_max = seconds_max
        self._is_unread = is_unread
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def is_closing(self) -> bool:
        return self._timer is not None or self._transport.is_closing()

    def close(self) -> None:
        if self.is_closing():
            return
        if not self._is_unread():
            self._transport.close()
            return
        self._timer = self._loop.call_later(self._seconds_max, self._transport.abort)
        self._transport.write_eof()
        # What was too much has stopped the reading; the rest is read and forgotten.
        self._transport.resume_reading()

    def has_ended(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
