from uuid import UUID

from pydantic import AwareDatetime

from chassis.events import Envelope, EventData
from services.payment.consumers.tools import Tools
from services.payment.domain.intents.pause import Pause
from services.payment.use_cases.intents.hold_deadlines import hold_deadlines
from services.payment.use_cases.intents.release_deadlines import release_deadlines


class MaintenanceStarted(EventData):
    """What we read of maintenance.started.v1."""

    window_id: UUID
    started_at: AwareDatetime


class MaintenanceEnded(EventData):
    """What we read of maintenance.ended.v1."""

    window_id: UUID
    started_at: AwareDatetime
    ended_at: AwareDatetime


async def on_maintenance_started(event: Envelope[MaintenanceStarted], tools: Tools) -> None:
    """Nobody loses a fee's deadline to our own stop."""
    said = event.data
    pause = Pause(window_id=said.window_id, started_at=said.started_at)
    await hold_deadlines(pause, uow=tools.open_uow())


async def on_maintenance_ended(event: Envelope[MaintenanceEnded], tools: Tools) -> None:
    said = event.data
    pause = Pause(window_id=said.window_id, started_at=said.started_at, ended_at=said.ended_at)
    await release_deadlines(pause, uow=tools.open_uow())
