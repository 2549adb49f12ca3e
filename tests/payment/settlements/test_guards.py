"""Whatever the code believes, the database takes no second one; tried on both databases."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from services.payment.domain.errors import SettlementFileBusy
from services.payment.storage.settlements.tables import REMITTANCE, SETTLEMENT_DAY, SETTLEMENT_ROW
from tests.payment.samples import NOON, new_id
from tests.payment.settlements.desk import DAY, Desk, csv_of, row_of


async def test_at_most_one_row_of_money_is_matched_to_a_payment(desk: Desk) -> None:
    references = await desk.have_paid(2)
    await desk.load_rows([row_of(one) for one in references])
    await desk.reconcile()
    async with desk.world.database.read() as connection:
        taken = (await connection.execute(select(SETTLEMENT_ROW.c.matched_id))).scalars().first()

    with pytest.raises(IntegrityError):
        async with desk.world.database.begin() as connection:
            await connection.execute(update(SETTLEMENT_ROW).values(matched_id=taken))


async def test_a_day_is_closed_once(desk: Desk) -> None:
    day: dict[str, Any] = {
        "provider": "sandbox",
        "closed_on": DAY,
        "begins_at": NOON,
        "ends_at": NOON,
        "currency": "VND",
        "payments": 0,
        "payments_minor_units": 0,
        "refunds": 0,
        "refunds_minor_units": 0,
        "fees_minor_units": 0,
        "differences_signed_off": 0,
        "closed_by": "mai",
        "closed_at": NOON,
    }
    async with desk.world.database.begin() as connection:
        await connection.execute(SETTLEMENT_DAY.insert(), {**day, "id": new_id()})

    with pytest.raises(IntegrityError):
        async with desk.world.database.begin() as connection:
            await connection.execute(SETTLEMENT_DAY.insert(), {**day, "id": new_id()})


@pytest.mark.parametrize(
    "facts",
    [
        {"approved_by": "mai", "status": "approved"},
        {"status": "sent"},
        {"amount_minor_units": 0},
    ],
    ids=["the same person", "nobody approved", "nothing"],
)
async def test_no_remittance_is_without_an_amount_and_two_persons(
    desk: Desk, facts: dict[str, Any]
) -> None:
    order = {
        "id": new_id(),
        "agency_code": "H19.25",
        "fee_kind": "phi",
        "number": 1,
        "amount_minor_units": 1,
        "currency": "VND",
        "status": "drafted",
        "drafted_by": "mai",
        "drafted_at": NOON,
    }
    with pytest.raises(IntegrityError):
        async with desk.world.database.begin() as connection:
            await connection.execute(REMITTANCE.insert(), {**order, **facts})


async def test_of_those_who_load_a_file_at_once_none_doubles_a_line(desk: Desk) -> None:
    raw = csv_of([row_of(f"FT{number}") for number in range(9_000)])

    done = await asyncio.gather(*(desk.load(raw) for _ in range(3)), return_exceptions=True)

    assert {type(one) for one in done if isinstance(one, Exception)} <= {SettlementFileBusy}
    loaded = await desk.load(raw)
    assert (loaded.file.rows, loaded.file.state) == (9_000, "loaded")
    assert await desk.row_states() == {"new": 9_000}
