from datetime import date

from chassis.events import Envelope, EventData
from services.dossier.consumers.tools import Tools
from services.dossier.domain.catalog import DayKind, Procedure
from services.dossier.use_cases.keep_procedure import keep_procedure


class ProcedurePublished(EventData):
    """What we read of procedure.published.v1."""

    procedure_code: str
    name: str
    agency_codes: tuple[str, ...]
    processing_days: int | None
    processing_day_kind: DayKind
    valid_from: date
    valid_to: date | None


async def on_procedure_published(event: Envelope[ProcedurePublished], tools: Tools) -> None:
    data = event.data
    procedure = Procedure(
        procedure_code=data.procedure_code,
        name=data.name,
        agency_codes=data.agency_codes,
        processing_days=data.processing_days,
        processing_day_kind=data.processing_day_kind,
        valid_from=data.valid_from,
        valid_to=data.valid_to,
    )
    await keep_procedure(procedure, published_at=event.time, caused_by=event.id, uow=tools.uow())
