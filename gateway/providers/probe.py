"""Asks every part whether it is ready, seldom and not for long."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from chassis.clock import Clock
from gateway.domain.errors import UpstreamUnavailable
from gateway.ports.upstream import Upstream, UpstreamRequest

SECONDS_MAX: Final = 2.0
# However many ask us how we are, the services are asked this often at most.
HELD_FOR: Final = timedelta(seconds=5)


class HeldProbe:
    def __init__(
        self,
        upstream: Upstream,
        services: Sequence[str],
        is_store_ready: Callable[[], Awaitable[bool]],
        *,
        clock: Clock,
    ) -> None:
        self._upstream = upstream
        self._services = tuple(services)
        self._is_store_ready = is_store_ready
        self._clock = clock
        self._asking = asyncio.Lock()
        self._up = False
        self._asked_at: datetime | None = None

    async def is_everything_up(self) -> bool:
        async with self._asking:
            now = self._clock.now()
            if self._asked_at is None or not timedelta(0) <= now - self._asked_at < HELD_FOR:
                self._up = await self._ask()
                self._asked_at = now
            return self._up

    async def _ask(self) -> bool:
        asked = [self._is_store_ready(), *(self._is_ready(name) for name in self._services)]
        try:
            async with asyncio.timeout(SECONDS_MAX):
                return all(await asyncio.gather(*asked))
        except TimeoutError:
            return False

    async def _is_ready(self, service: str) -> bool:
        request = UpstreamRequest(service=service, method="GET", target="/health/ready", headers=())
        try:
            return (await self._upstream.send(request)).status == 200
        except UpstreamUnavailable:
            return False
