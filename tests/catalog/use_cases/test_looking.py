from dataclasses import replace
from datetime import date

import pytest

from chassis.testing import FrozenClock
from services.catalog.domain.errors import AgencyNotFound, NoFeesOnThatDay, ProcedureNotFound
from services.catalog.domain.period import Period
from services.catalog.use_cases.get_agency import get_agency
from services.catalog.use_cases.get_fees import get_fees
from services.catalog.use_cases.get_procedure import get_procedure
from services.catalog.use_cases.list_agencies import list_agencies
from services.catalog.use_cases.list_payment_methods import list_payment_methods
from services.catalog.use_cases.list_procedures import list_procedures
from services.catalog.use_cases.load_catalogue import load_catalogue
from tests.catalog.fakes import FakeUnitOfWork
from tests.catalog.samples import CATALOGUE, FEES, LAND_OFFICE, SINCE, SPLIT, VIETQR

TODAY = date(2026, 11, 23)


@pytest.fixture
async def reading() -> FakeUnitOfWork:
    uow = FakeUnitOfWork()
    await load_catalogue(CATALOGUE, uow=uow, clock=FrozenClock())
    return uow


async def found(reading: FakeUnitOfWork, q: str, *, on: date = TODAY) -> list[str]:
    procedures = await list_procedures(
        q=q, agency_code=None, on=on, after="", limit=10, reading=reading
    )
    return [procedure.code for procedure in procedures]


@pytest.mark.parametrize(
    "q", ["", "tách thửa", "tach thua", "TÁCH THỬA", "thửa tách", "hợp", "1.012784", "012784 dat"]
)
async def test_a_search_finds_with_and_without_accents(reading: FakeUnitOfWork, q: str) -> None:
    assert await found(reading, q) == ["1.012784"]


@pytest.mark.parametrize("q", ["khai sinh", "tách khai", "%", "_"])
async def test_a_search_finds_nothing_else(reading: FakeUnitOfWork, q: str) -> None:
    assert await found(reading, q) == []


async def test_lists_show_what_is_in_force(reading: FakeUnitOfWork) -> None:
    await reading.procedures.save(replace(SPLIT, period=Period(SINCE, TODAY)))
    await reading.agencies.save(replace(LAND_OFFICE, period=Period(SINCE, TODAY)))
    tomorrow = date(2026, 11, 24)

    assert await found(reading, "") == ["1.012784"]
    assert await found(reading, "", on=tomorrow) == []
    assert len(await list_agencies(on=TODAY, after="", limit=10, reading=reading)) == 1
    assert await list_agencies(on=tomorrow, after="", limit=10, reading=reading) == []


async def test_one_of_each_is_found_or_refused(reading: FakeUnitOfWork) -> None:
    assert await get_procedure("1.012784", reading=reading) == SPLIT
    assert await get_agency("H19.25", reading=reading) == LAND_OFFICE
    assert await list_payment_methods(reading=reading) == [VIETQR]
    with pytest.raises(ProcedureNotFound):
        await get_procedure("1.000000", reading=reading)
    with pytest.raises(AgencyNotFound):
        await get_agency("H19.99", reading=reading)


async def test_fees_are_those_of_the_day(reading: FakeUnitOfWork) -> None:
    assert await get_fees("1.012784", on=TODAY, reading=reading) == FEES
    with pytest.raises(NoFeesOnThatDay):
        await get_fees("1.012784", on=date(2025, 6, 30), reading=reading)
    with pytest.raises(ProcedureNotFound):
        await get_fees("1.000000", on=TODAY, reading=reading)
