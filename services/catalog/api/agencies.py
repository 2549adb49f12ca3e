from typing import Annotated

from fastapi import APIRouter, Path, Query

from chassis.schemas import Page, PageSize
from services.catalog.api.cursors import cut_page, read_cursor
from services.catalog.api.dependencies import ReadingDep, TodayDep
from services.catalog.api.schemas import AgencyBody
from services.catalog.domain.agency import AGENCY_CODE
from services.catalog.use_cases.get_agency import get_agency
from services.catalog.use_cases.list_agencies import list_agencies

router = APIRouter(prefix="/v1/agencies", tags=["agencies"])


@router.get("")
async def get_agency_page(
    reading: ReadingDep,
    today: TodayDep,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    limit: PageSize = 50,
) -> Page[AgencyBody]:
    """The agencies in force today, by code."""
    after = read_cursor(cursor, pattern=AGENCY_CODE)
    found = await list_agencies(on=today, after=after, limit=limit + 1, reading=reading)
    page, next_cursor = cut_page(found, limit=limit, code_of=lambda agency: agency.code)
    return Page(items=[AgencyBody.of(agency) for agency in page], next_cursor=next_cursor)


@router.get("/{code}")
async def get_one_agency(
    code: Annotated[str, Path(pattern=AGENCY_CODE)], reading: ReadingDep
) -> AgencyBody:
    return AgencyBody.of(await get_agency(code, reading=reading))
