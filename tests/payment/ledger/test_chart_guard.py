"""The chart of accounts as the database itself keeps it: the same as the domain's."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError

from chassis.db import Database
from services.payment.domain.errors import AccountOutsideChart
from services.payment.domain.ledger.accounts import account
from services.payment.domain.ledger.day import booking_day
from services.payment.storage.ledger.tables import LEDGER_ENTRY
from tests.payment.domain.test_accounts import NAMED, OUTSIDE
from tests.payment.samples import NOON, new_id

# Parts of which names are made, so that many are nearly right.
PARTS = st.sampled_from(
    [
        *("provider", "bank", "cash", "cash-difference", "agency", "treasury", "suspense"),
        *("refunds-payable", "clearing", "fees", "phi", "le_phi", "gia_dich_vu", "unclaimed"),
        *(
            "discrepancy",
            "H19.25",
            "000.00.25.H19",
            "970436",
            "0011",
            "-x",
            ".",
            "a" * 40,
            "a" * 41,
            "a" * 50,
        ),
        *("a" * 51, "", "é", "A b", "1_2-3", "PHI", "*", "[a]"),
    ]
)
NAMES = st.lists(PARTS, min_size=1, max_size=4).map(":".join)


async def is_taken(database: Database, name: str, agency_code: str | None) -> bool:
    """Whether the database takes an entry of this account; it is not kept."""
    row = {
        "ledger_transaction_id": new_id(),
        "line": 1,
        "account": name,
        "agency_code": agency_code,
        "booked_on": booking_day(NOON),
        "direction": "debit",
        "amount_minor_units": 1,
        "currency": "VND",
    }
    async with database.engine.connect() as connection:
        outer = await connection.begin()
        try:
            await connection.execute(insert(LEDGER_ENTRY), row)
        except DBAPIError:
            return False
        finally:
            await outer.rollback()
    return True


async def test_the_database_takes_every_name_of_the_chart(database: Database) -> None:
    for name in NAMED:
        assert await is_taken(database, name, account(name).agency_code), name


async def test_the_database_itself_refuses_a_name_outside_the_chart(database: Database) -> None:
    for name in OUTSIDE:
        for agency in (None, "H19.25"):
            assert not await is_taken(database, name, agency), name


@given(names=st.lists(NAMES, min_size=40, max_size=40))
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_database_and_domain_agree_on_any_name(database: Database, names: list[str]) -> None:
    for name in names:
        try:
            known, agency = True, account(name).agency_code
        except AccountOutsideChart:
            known, agency = False, None
        assert await is_taken(database, name, agency) == known, name


@pytest.mark.parametrize("agency", [None, "H01", "H19.2"])
async def test_an_entry_cannot_be_put_under_another_agency(
    database: Database, agency: str | None
) -> None:
    assert not await is_taken(database, "agency:H19.25:phi", agency)
    assert not await is_taken(database, "suspense:discrepancy", "H19.25")
