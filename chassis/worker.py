"""The process beside a service's API: says what waits in the outbox, hears, and keeps schedules."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import structlog
from sqlalchemy import Table
from sqlalchemy.exc import SQLAlchemyError

from chassis.consuming import Consumers
from chassis.db import Database
from chassis.outbox import CHANNEL, RELAY_BATCH_MAX, relay_batch
from chassis.signed_events import EventSigner, EventVerifier
from chassis.transport import Delivery, Transport

# The relay is woken by commits, here or in another process; this is for a call that got lost.
RELAY_PAUSE_SECONDS: Final = 1.0
FAILURE_PAUSE_SECONDS: Final = 1.0
STOP_SECONDS_MAX: Final = 5.0

Tools = TypeVar("Tools")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Something done again and again; a failure is logged, and the next turn comes as planned."""

    name: str
    every_seconds: float
    run: Callable[[], Awaitable[None]]


class Worker(Generic[Tools]):
    def __init__(
        self,
        *,
        service: str,
        database: Database,
        outbox: Table,
        transport: Transport,
        internal_keys: Path,
        consumers: Consumers[Tools] | None = None,
        tools: Tools | None = None,
        schedules: Sequence[Schedule] = (),
        closing: Sequence[Callable[[], Awaitable[None]]] = (),
    ) -> None:
        """`internal_keys` is the directory with this house's own key and those of whom it hears.

        `closing` is called at the end, for connections that were opened for this worker.
        """
        self._service = service
        self._database = database
        self._outbox = outbox
        self._transport = transport
        self._consumers = consumers
        self._tools = tools
        self._schedules = schedules
        self._closing = closing
        self._signer = EventSigner.from_directory(service, internal_keys)
        producers = set() if consumers is None else set(consumers.producers.values())
        self._verifier = EventVerifier.from_directory(
            service, internal_keys, producers=sorted(producers)
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop. Nothing is lost by ending it at any point, even by force."""
        if self._consumers is not None:
            await self._transport.subscribe(self._service, self._consumers.types, self._take)
        tasks = [asyncio.create_task(self._relay(stop), name=f"{self._service}.relay")]
        tasks += [
            asyncio.create_task(self._keep(schedule, stop), name=f"{self._service}.{schedule.name}")
            for schedule in self._schedules
        ]
        log.info("worker started", service=self._service)
        await stop.wait()
        self._database.committed.ring()
        # Each ends its turn; what takes too long is ended for it.
        _done, late = await asyncio.wait(tasks, timeout=STOP_SECONDS_MAX)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=STOP_SECONDS_MAX)
        for close in self._closing:
            await close()

    async def _take(self, delivery: Delivery) -> None:
        assert self._consumers is not None
        tools: Any = self._tools
        await self._consumers.hear(delivery, tools, verifier=self._verifier)

    async def _relay(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await self._database.listen(CHANNEL)
                said = await relay_batch(
                    self._database, self._outbox, self._transport, signer=self._signer
                )
            except Exception as error:
                # The events stay where they are and are said when the broker is back.
                log.warning("relay failed", service=self._service, error=repr(error))
                await _pause(FAILURE_PAUSE_SECONDS, stop)
                continue
            if said < RELAY_BATCH_MAX:
                await self._database.committed.wait(RELAY_PAUSE_SECONDS)

    async def _keep(self, schedule: Schedule, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await schedule.run()
            except SQLAlchemyError as error:
                log.warning("schedule failed", schedule=schedule.name, error=repr(error))
            except Exception as error:
                log.error("schedule failed", schedule=schedule.name, exc_info=error)
            await _pause(schedule.every_seconds, stop)


async def _pause(seconds: float, stop: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
