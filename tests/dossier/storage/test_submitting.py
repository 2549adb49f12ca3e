"""What only a database can show: numbers without gaps, and one dossier for one key."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from chassis.db import Database
from chassis.idempotency import KeyReused
from chassis.testing import FrozenClock
from services.dossier.domain.errors import UnknownCase
from services.dossier.storage.tables import DOSSIER, DOSSIER_COUNTER, FEE_REQUEST, OUTBOX
from tests.dossier.samples import FILING, MORNING, QUESTION
from tests.dossier.storage.submitting import filing, publish_catalog, submit

MANY = 50


async def codes(database: Database) -> list[str]:
    async with database.read() as connection:
        rows = await connection.execute(select(DOSSIER.c.code).order_by(DOSSIER.c.code))
        return list(rows.scalars())


async def count(database: Database, table: object) -> int:
    async with database.read() as connection:
        found = await connection.execute(
            select(func.count()).select_from(table)  # type: ignore[arg-type]  # Any table.
        )
        number: int = found.scalar_one()
        return number


async def test_fifty_submissions_at_once_get_fifty_numbers_without_a_gap(
    database: Database,
) -> None:
    await publish_catalog(database)

    await asyncio.gather(*(submit(database, filing(number)) for number in range(MANY)))

    assert await codes(database) == [f"H19.25-261123-{n:04d}" for n in range(1, MANY + 1)]
    assert await count(database, FEE_REQUEST) == MANY
    assert await count(database, OUTBOX) == 3 * MANY


async def test_submissions_that_fail_among_others_leave_no_gap(database: Database) -> None:
    await publish_catalog(database)
    wrong = replace(QUESTION, case_code="khong-co")
    filings = [
        replace(filing(number), question=wrong) if number % 3 == 0 else filing(number)
        for number in range(24)
    ]

    answers = await asyncio.gather(
        *(submit(database, one) for one in filings), return_exceptions=True
    )

    refused = [answer for answer in answers if isinstance(answer, UnknownCase)]
    assert len(refused) == 8
    assert await codes(database) == [f"H19.25-261123-{n:04d}" for n in range(1, 17)]


async def test_a_crash_after_the_number_was_drawn_gives_it_back(database: Database) -> None:
    await publish_catalog(database)

    class BrokenSeal:
        def seal(self, value: object, *, purpose: str) -> str:
            raise RuntimeError("the sealing key is gone")

        def unseal(self, text: str, *, purpose: str) -> dict[str, object]:
            raise AssertionError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.dossier.storage.submitting.OpenSeal", BrokenSeal)
        with pytest.raises(RuntimeError):
            await submit(database)
    await submit(database)

    assert await codes(database) == ["H19.25-261123-0001"]


async def test_the_same_key_twice_at_once_is_one_dossier(database: Database) -> None:
    await publish_catalog(database)

    answers = await asyncio.gather(*(submit(database) for _ in range(8)))

    assert len({answer.dossier.id for answer in answers}) == 1
    assert len({answer.fee_request_id for answer in answers}) == 1
    assert await codes(database) == ["H19.25-261123-0001"]
    assert await count(database, OUTBOX) == 3


async def test_the_same_key_for_another_body_is_refused(database: Database) -> None:
    await publish_catalog(database)
    await submit(database)

    with pytest.raises(KeyReused):
        await submit(database, replace(FILING, request_fingerprint="0" * 64))


async def test_every_unit_and_every_day_counts_for_itself(database: Database) -> None:
    await publish_catalog(database)
    tomorrow = FrozenClock(MORNING + timedelta(days=1))

    await submit(database, filing(1))
    await submit(database, filing(2))
    await submit(database, replace(filing(3), agency_code="H19.26"))
    await submit(database, filing(4), clock=tomorrow)

    assert await codes(database) == [
        "H19.25-261123-0001",
        "H19.25-261123-0002",
        "H19.25-261124-0001",
        "H19.26-261123-0001",
    ]


async def test_the_ten_thousandth_of_a_day_gets_a_fifth_digit(database: Database) -> None:
    await publish_catalog(database)
    await submit(database, filing(1))
    async with database.begin() as connection:
        await connection.execute(DOSSIER_COUNTER.update().values(last_number=9_998))

    await submit(database, filing(2))
    await submit(database, filing(3))

    assert (await codes(database))[1:] == ["H19.25-261123-10000", "H19.25-261123-9999"]
