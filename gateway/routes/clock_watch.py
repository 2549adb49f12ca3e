"""Whether our clock can be trusted with deadlines: the database's is the second opinion.

Signatures, nonces, one-time codes and the times that evidence states all rest on this clock. When
it disagrees, whatever moves a fee waits; look-ups go on.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

import structlog
from prometheus_client import Gauge
from sqlalchemy.exc import SQLAlchemyError

from chassis.clock import Clock
from gateway.domain.traffic.errors import ClockOff
from gateway.routes.route import Demand, Route

EVERY_SECONDS: Final = 10.0
DIFFERENCE: Final = Gauge(
    "gateway_clock_difference_seconds", "How far the database's clock is from ours, at least"
)
OFF: Final = Gauge("gateway_clock_off", "1 while fees are refused because of the clock")
log = structlog.get_logger()


class ClockWatch:
    def __init__(
        self,
        read_other: Callable[[], Awaitable[datetime]],
        *,
        clock: Clock,
        difference_seconds_max: float,
    ) -> None:
        self._read_other = read_other
        self._clock = clock
        self._difference_seconds_max = difference_seconds_max
        self._is_off = False

    def require_right(self, route: Route) -> None:
        if self._is_off and moves_fees(route):
            raise ClockOff

    async def look(self) -> None:
        began = self._clock.now()
        other = await self._read_other()
        ended = self._clock.now()
        # The other clock was read at some moment in between; a slow answer is no wrong clock.
        least = max((began - other).total_seconds(), (other - ended).total_seconds(), 0.0)
        was_off, self._is_off = self._is_off, least > self._difference_seconds_max
        DIFFERENCE.set(least)
        OFF.set(self._is_off)
        if self._is_off != was_off:
            log.error("clock disagrees" if self._is_off else "clock agrees again", seconds=least)

    async def keep_looking(self, stop: asyncio.Event) -> None:
        """Until told to stop. A database that does not answer says nothing about the time."""
        while not stop.is_set():
            try:
                await self.look()
            except (SQLAlchemyError, OSError) as error:
                log.warning("clock not compared", error=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), EVERY_SECONDS)


def moves_fees(route: Route) -> bool:
    """Every notice of a payment, and whatever a client or a person does rather than looks at."""
    if route.demand is Demand.CALLBACK:
        return True
    return route.demand is not Demand.PUBLIC and route.method != "GET"
