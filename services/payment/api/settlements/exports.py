from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from chassis.auth import CallerDep, require
from chassis.duties import EVERY_AGENCY, DutyNeeded, Reach, agencies_of
from chassis.tables.table import Cell
from services.payment.api.dependencies import ToolsDep
from services.payment.api.settlements.access import SCOPE
from services.payment.api.settlements.schemas import ProviderName
from services.payment.ports.settlements import DifferenceFilter
from services.payment.use_cases.settlements.export_settlements import (
    COLUMNS,
    Export,
    OpenReading,
    export_days,
    export_differences,
    export_remittances,
    export_rows,
)

router = APIRouter(prefix="/v1/settlement-exports", tags=["settlements"])
# What a provider says of a whole day is for those who answer for all agencies.
OF_ALL = frozenset({Export.ROWS, Export.DAYS})
FileName = Literal[
    "rows.csv",
    "rows.xlsx",
    "differences.csv",
    "differences.xlsx",
    "days.csv",
    "days.xlsx",
    "remittances.csv",
    "remittances.xlsx",
]


@router.get("/{name}", response_class=StreamingResponse)
async def get_export(
    name: FileName,
    caller: CallerDep,
    tools: ToolsDep,
    provider: ProviderName,
    on: date,
) -> StreamingResponse:
    """A table for a spreadsheet: a day's rows, its differences, closed days or remittances."""
    require(caller, SCOPE)
    what, ending = name.split(".")
    export = Export(what)
    if export in OF_ALL and EVERY_AGENCY not in agencies_of(caller):
        raise DutyNeeded
    writer = tools.settlements.writers[ending]
    rows = _rows(export, provider, on, Reach.of_officer(caller), tools.open_reading)
    return StreamingResponse(
        writer.write(COLUMNS[export], rows),
        media_type=writer.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )


def _rows(
    export: Export, provider: str, on: date, reach: Reach, open_reading: OpenReading
) -> AsyncIterator[Sequence[Cell]]:
    match export:
        case Export.ROWS:
            return export_rows(provider, on, open_reading=open_reading)
        case Export.DIFFERENCES:
            wanted = DifferenceFilter(agencies=reach.agencies, provider=provider, on=on)
            return export_differences(wanted, open_reading=open_reading)
        case Export.DAYS:
            return export_days(provider, open_reading=open_reading)
        case Export.REMITTANCES:
            return export_remittances(reach.agencies, open_reading=open_reading)
