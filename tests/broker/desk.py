"""What broker tests share: one consumer service, its events, and a handler that notes arrivals."""

import asyncio
from typing import Final

from chassis.ids import SystemIds
from chassis.transport import Delivery, Outgoing

SERVICE: Final = "reader"
PUBLISHED: Final = "book.published.v1"
UNHEARD: Final = "book.unheard_of.v1"
TYPES: Final = (PUBLISHED, UNHEARD)
# Short, so that a test of bounded retry takes no longer than it must.
DELAYS_MILLISECONDS: Final = (50, 150)
SECONDS_MAX: Final = 10


def event(body: bytes = b"{}", *, type: str = PUBLISHED) -> Outgoing:
    return Outgoing(id=SystemIds().new(), type=type, body=body)


class Desk:
    """A handler that notes each arrival and fails as often as it was told to."""

    def __init__(self, *, failures: int = 0, error: Exception | None = None) -> None:
        self.arrivals: list[Delivery] = []
        self.times: list[float] = []
        self._failures = failures
        self._error = error or RuntimeError("the printer is out of paper")
        self._news = asyncio.Condition()

    async def take(self, delivery: Delivery) -> None:
        async with self._news:
            self.arrivals.append(delivery)
            self.times.append(asyncio.get_running_loop().time())
            self._news.notify_all()
        if len(self.arrivals) <= self._failures:
            raise self._error

    @property
    def bodies(self) -> list[bytes]:
        return [delivery.body for delivery in self.arrivals]

    async def see(self, count: int) -> None:
        """Return once so many have arrived; fail when they do not."""
        async with asyncio.timeout(SECONDS_MAX), self._news:
            await self._news.wait_for(lambda: len(self.arrivals) >= count)
