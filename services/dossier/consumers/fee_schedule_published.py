from datetime import date
from uuid import UUID

from chassis.events import Envelope, EventData
from services.dossier.consumers.tools import Tools
from services.dossier.domain.catalog import FeeLine, FeeSchedule
from services.dossier.use_cases.keep_fee_schedule import keep_fee_schedule


class FeeSchedulePublished(EventData):
    """What we read of fee_schedule.published.v1."""

    schedule_id: UUID
    procedure_code: str
    valid_from: date
    valid_to: date | None
    lines: tuple[FeeLine, ...]


async def on_fee_schedule_published(event: Envelope[FeeSchedulePublished], tools: Tools) -> None:
    data = event.data
    schedule = FeeSchedule(
        schedule_id=data.schedule_id,
        procedure_code=data.procedure_code,
        valid_from=data.valid_from,
        valid_to=data.valid_to,
        lines=data.lines,
    )
    await keep_fee_schedule(schedule, published_at=event.time, caused_by=event.id, uow=tools.uow())
