from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query

from chassis.schemas import Page, PageSize
from services.catalog.api.cursors import cut_page, read_cursor
from services.catalog.api.dependencies import ReadingDep, TodayDep
from services.catalog.api.schemas import FeesBody, ProcedureBody
from services.catalog.domain.agency import AGENCY_CODE
from services.catalog.domain.procedure import PROCEDURE_CODE
from services.catalog.use_cases.get_fees import get_fees
from services.catalog.use_cases.get_procedure import get_procedure
from services.catalog.use_cases.list_procedures import list_procedures

router = APIRouter(prefix="/v1/procedures", tags=["procedures"])

ProcedureCode = Annotated[str, Path(pattern=PROCEDURE_CODE, examples=["1.012784"])]


@router.get("")
async def get_procedure_page(
    reading: ReadingDep,
    today: TodayDep,
    q: Annotated[str, Query(max_length=100, examples=["tach thua"])] = "",
    agency_code: Annotated[str | None, Query(pattern=AGENCY_CODE)] = None,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    limit: PageSize = 50,
) -> Page[ProcedureBody]:
    """The procedures in force today, by code. `q` is looked for with and without accents."""
    found = await list_procedures(
        q=q,
        agency_code=agency_code,
        on=today,
        after=read_cursor(cursor, pattern=PROCEDURE_CODE),
        limit=limit + 1,
        reading=reading,
    )
    page, next_cursor = cut_page(found, limit=limit, code_of=lambda procedure: procedure.code)
    return Page(items=[ProcedureBody.of(one) for one in page], next_cursor=next_cursor)


@router.get("/{code}")
async def get_one_procedure(code: ProcedureCode, reading: ReadingDep) -> ProcedureBody:
    return ProcedureBody.of(await get_procedure(code, reading=reading))


@router.get("/{code}/fees")
async def get_fees_on_day(
    code: ProcedureCode, reading: ReadingDep, today: TodayDep, on: date | None = None
) -> FeesBody:
    """What the procedure costs on a day, in Vietnam's calendar; today when none is given."""
    day = on or today
    return FeesBody.of(await get_fees(code, on=day, reading=reading), on=day)
