from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time

import pytest

from chassis.clock import SystemClock
from chassis.db import Database
from chassis.ids import SystemIds
from services.catalog.domain.agency import Agency
from services.catalog.domain.errors import AgencyNotFound, ProcedureNotFound
from services.catalog.domain.fee_line import Channel, Exemption, FeeKind, PayerType, Tier, Unit
from services.catalog.domain.payment_method import Brand, Opening, Place
from services.catalog.domain.period import Period
from services.catalog.domain.procedure import DayKind, Level, Procedure
from services.catalog.ports import ProcedureSearch, Reading, UnitOfWork
from services.catalog.storage.readiness import is_ready
from services.catalog.storage.unit_of_work import SqlReading, SqlUnitOfWork
from tests.catalog.samples import (
    FEES,
    LAND_OFFICE,
    LINE,
    SINCE,
    SPLIT,
    VIETQR,
    fees,
    procedures,
)

TODAY = date(2026, 11, 23)
WARD = replace(LAND_OFFICE, code="H19.101", name="UBND phường", phone="02513822501")
BIRTH = Procedure(
    code="1.001193",
    name="Đăng ký khai sinh",
    agency_codes=("H19.101", "H19.25"),
    level=Level.FULL,
    processing_days=None,
    processing_day_kind=DayKind.CALENDAR,
    illustrative=True,
    period=Period(SINCE, TODAY),
)


def unit_of_work(database: Database) -> UnitOfWork:
    return SqlUnitOfWork(database, clock=SystemClock(), ids=SystemIds())


def reading(database: Database) -> Reading:
    return SqlReading(database)


async def store(
    database: Database,
    *,
    agencies: Sequence[Agency] = (LAND_OFFICE, WARD),
    of: Sequence[Procedure] = (SPLIT, BIRTH),
) -> None:
    async with unit_of_work(database) as uow:
        for agency in agencies:
            await uow.agencies.add(agency)
        for procedure in of:
            await uow.procedures.add(procedure)


def search(
    *words: str, agency: str | None = None, on: date = TODAY, after: str = "", limit: int = 10
) -> ProcedureSearch:
    return ProcedureSearch(on=on, words=words, agency_code=agency, after=after, limit=limit)


async def test_agencies_and_procedures_come_back_as_they_were(database: Database) -> None:
    await store(database)

    async with reading(database) as stored:
        assert await stored.agencies.get("H19.25") == LAND_OFFICE
        assert await stored.agencies.get("H19.101") == WARD
        assert await stored.procedures.get("1.012784") == SPLIT
        assert await stored.procedures.get("1.001193") == BIRTH
        with pytest.raises(AgencyNotFound):
            await stored.agencies.get("H19.99")
        with pytest.raises(ProcedureNotFound):
            await stored.procedures.get("1.000000")
        assert await stored.procedures.list_by_codes([]) == []


async def test_changes_replace_the_whole_entry(database: Database) -> None:
    await store(database)
    moved = replace(LAND_OFFICE, name="Tên mới", period=Period(SINCE, TODAY))
    renamed = replace(BIRTH, name="Khai sinh lưu động", agency_codes=("H19.25",))

    async with unit_of_work(database) as uow:
        await uow.agencies.save(moved)
        await uow.procedures.save(renamed)

    async with reading(database) as stored:
        assert await stored.agencies.get("H19.25") == moved
        assert await stored.agencies.get("H19.101") == WARD
        assert await stored.procedures.get("1.001193") == renamed
        assert await stored.procedures.list_found(search("luu", "dong")) == [renamed]


async def test_a_schedule_comes_back_with_every_detail_of_its_lines(database: Database) -> None:
    detailed = replace(
        LINE,
        kind=FeeKind.PHI,
        case_code="new",
        case_name="Cấp mới",
        payer_type=PayerType.ORGANISATION,
        channel=Channel.ONLINE,
        unit=Unit.PAGE,
        tiers=(
            Tier(up_to=2, unit_amount_minor_units=2_000),
            Tier(up_to=None, unit_amount_minor_units=10**15),
        ),
        cap_minor_units=200_000,
        exemptions=(Exemption(group_code="veteran", name="Thương binh", percent=100),),
        illustrative=True,
    )
    schedule = replace(
        FEES,
        lines=(detailed, replace(LINE, line_code="second")),
        explanation_vi="Tính theo trang.",
        explanation_en="By the page.",
    )
    await store(database)

    async with unit_of_work(database) as uow:
        await uow.fee_schedules.add(schedule)

    async with reading(database) as stored:
        assert await stored.fee_schedules.list_by_procedures(["1.012784"]) == [schedule]


async def test_fees_are_found_by_their_day(database: Database) -> None:
    old = fees(until=date(2025, 12, 31))
    new = fees(since=date(2026, 1, 1))
    await store(database)
    async with unit_of_work(database) as uow:
        await uow.fee_schedules.add(old)
        await uow.fee_schedules.add(new)

    async with reading(database) as stored:
        find = stored.fee_schedules.find_on
        assert await find("1.012784", date(2025, 6, 30)) is None
        assert await find("1.012784", SINCE) == old
        assert await find("1.012784", date(2025, 12, 31)) == old
        assert await find("1.012784", date(2026, 1, 1)) == new
        assert await find("1.001193", TODAY) is None


async def test_only_the_end_and_the_explanation_of_a_schedule_can_be_saved(
    database: Database,
) -> None:
    await store(database)
    ended = replace(
        FEES, period=Period(SINCE, TODAY), explanation_vi="Hết hạn.", explanation_en="Ended."
    )
    async with unit_of_work(database) as uow:
        await uow.fee_schedules.add(FEES)
        await uow.fee_schedules.save_end_and_explanation(
            replace(ended, lines=(replace(LINE, name="Tên khác"),))
        )

    async with reading(database) as stored:
        assert await stored.fee_schedules.find_on("1.012784", TODAY) == ended


async def test_payment_methods_keep_their_order(database: Database) -> None:
    card = replace(
        VIETQR,
        code="a_card",
        limit_minor_units=499_999_999,
        minimum_minor_units=10_000,
        openings=(Opening(days=(1, 5), opens=time(7, 30), closes=time(17)),),
        places=(Place.COUNTER,),
        brands=(Brand(code="VCB", name="Vietcombank", bin="970436"), Brand(code="JCB", name="JCB")),
        illustrative=True,
    )
    async with unit_of_work(database) as uow:
        await uow.payment_methods.replace_all([card])
        await uow.payment_methods.replace_all([VIETQR, card])

    async with reading(database) as stored:
        assert await stored.payment_methods.list_all() == [VIETQR, card]


async def test_a_search_combines_words_agency_and_day(database: Database) -> None:
    await store(database)

    async with reading(database) as stored:
        find = stored.procedures.list_found
        assert await find(search()) == [BIRTH, SPLIT]
        assert await find(search("dat", "tach")) == [SPLIT]
        assert await find(search("khai", "tach")) == []
        assert await find(search("1.0127")) == [SPLIT]
        assert await find(search(agency="H19.101")) == [BIRTH]
        assert await find(search("thua", agency="H19.101")) == []
        assert await find(search(on=date(2026, 11, 24))) == [SPLIT]
        assert await find(search(on=date(2025, 6, 30))) == []


@pytest.mark.parametrize("word", ["%", "_", "\\", "'", "--"])
async def test_a_search_takes_every_sign_literally(database: Database, word: str) -> None:
    await store(database)

    async with reading(database) as stored:
        assert await stored.procedures.list_found(search(word)) == []


async def test_pages_follow_one_another_without_loss_or_repeat(database: Database) -> None:
    await store(database, agencies=(LAND_OFFICE,), of=procedures(25))
    seen: list[str] = []

    async with reading(database) as stored:
        while page := await stored.procedures.list_found(
            search(after=seen[-1] if seen else "", limit=7)
        ):
            assert len(page) <= 7
            seen += [procedure.code for procedure in page]

    assert seen == [procedure.code for procedure in procedures(25)]


async def test_agencies_are_listed_by_code_in_force(database: Database) -> None:
    gone = replace(LAND_OFFICE, code="H10.1", period=Period(SINCE, SINCE))
    await store(database, agencies=(LAND_OFFICE, WARD, gone), of=())

    async with reading(database) as stored:
        codes = [
            agency.code
            for agency in await stored.agencies.list_in_force(on=TODAY, after="", limit=10)
        ]
        assert codes == sorted(["H19.101", "H19.25"])
        rest = await stored.agencies.list_in_force(on=TODAY, after=codes[0], limit=10)
        assert [agency.code for agency in rest] == codes[1:]
        assert len(await stored.agencies.list_in_force(on=TODAY, after="", limit=1)) == 1


async def test_readiness_is_an_answer_of_the_database(database: Database, tmp_path: object) -> None:
    assert await is_ready(database)

    empty = Database.open(f"sqlite+aiosqlite:///{tmp_path}/empty.sqlite")
    assert not await is_ready(empty)
    await empty.close()
