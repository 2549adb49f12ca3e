"""However a set of words about one fee arrives, and however often: one end."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from chassis.db import Database
from chassis.testing import FakeIds, FrozenClock
from services.payment.domain.intents.bill_reference import new_bill_reference
from services.payment.domain.intents.payment_intent import Status
from services.payment.use_cases.notices.record_notification import Arrival, record_notification
from tests.payment.fakes import FakeProvider, FakeUnitOfWork
from tests.payment.notices.sums import sums
from tests.payment.samples import (
    NOON,
    a_confirmation,
    an_intent,
    new_id,
    notice_bytes,
    notice_facts,
)
from tests.payment.world import SqlWorld

BILL = new_bill_reference("a fee that many words are about")
Facts = dict[str, Any]
IDS = FakeIds()
# Words about two movements of money, and what a bank may say of them besides.
EXACT: Facts = {"provider_reference": "FT-A"}
SECOND: Facts = {"provider_reference": "FT-B"}
WORDS: dict[str, Facts] = {
    "exact": EXACT,
    "exact again, under another notice id": {**EXACT, "notice_id": "another"},
    "less of the same": {**EXACT, "amount": 149_000},
    "denied": {**EXACT, "outcome": "failed"},
    "second": SECOND,
    "second, wrong": {**SECOND, "amount": 1},
    "pending": {"provider_reference": "FT-C", "outcome": "pending"},
}
SETS: tuple[tuple[str, ...], ...] = (
    ("exact", "exact again, under another notice id", "second", "pending"),
    ("exact", "less of the same", "denied", "second"),
    ("exact", "second", "second, wrong", "denied"),
    ("less of the same", "denied", "second, wrong", "pending"),
    ("exact", "less of the same", "second", "second, wrong", "denied"),
)


def said(name: str) -> Facts:
    return notice_facts(BILL, **WORDS[name])


def with_duplicates(order: Sequence[str]) -> list[str]:
    """Each word again after all of them, the last first."""
    return [*order, *reversed(order)]


async def end_of(order: Sequence[str], facts: dict[str, Facts]) -> object:
    """What is left in the end, but for which of equal movements was the first."""
    intent = replace(
        an_intent(),
        status=Status.CONFIRMED,
        bill_reference=BILL,
        confirmation=a_confirmation(),
    )
    uow = FakeUnitOfWork(intent)
    for name in order:
        arrival = Arrival(
            provider="sandbox",
            raw=notice_bytes(facts[name]),
            client_id="bank-sandbox",
            evidence_id=str(new_id()),
            evidence_level="P1",
        )
        await record_notification(
            arrival,
            providers={"sandbox": FakeProvider()},
            uow=uow,
            clock=FrozenClock(NOON),
            ids=IDS,
        )
    cases = sorted((one.reason, one.received.minor_units) for one in uow.fake_discrepancies.rows)
    balances = sums(uow)
    settled = [one for one in uow.fake_ledger.rows if one.cause.startswith("payment_intent:")]
    return (uow.fake_intents.rows[intent.id].status, cases, balances, len(settled))


@pytest.mark.parametrize("names", SETS, ids=" + ".join)
async def test_every_order_and_every_repeat_ends_alike(names: tuple[str, ...]) -> None:
    facts = {name: said(name) for name in names}

    plain = [await end_of(order, facts) for order in permutations(names)]
    repeated = [await end_of(with_duplicates(order), facts) for order in permutations(names)]

    assert len({str(end) for end in (*plain, *repeated)}) == 1, {str(end) for end in plain}


async def test_the_books_hold_each_movement_once() -> None:
    facts = {name: said(name) for name in WORDS}

    ends = {str(await end_of(order, facts)) for order in list(permutations(WORDS))[::97]}

    (end,) = ends
    assert "succeeded" in end
    # Two movements of 150,000 came: one is the agency's, one waits to be paid back.
    assert "'provider:sandbox:clearing VND': 300000" in end
    assert "'suspense:discrepancy VND': -150000" in end


@pytest.mark.parametrize("order", [("less of the same", "exact"), ("exact", "less of the same")])
async def test_on_a_real_database_the_exact_word_wins_whenever_it_comes(
    database: Database, order: tuple[str, str]
) -> None:
    world = SqlWorld(database)
    intent = await world.confirmed()
    facts = {name: notice_facts(intent.bill_reference, **WORDS[name]) for name in order}

    for name in order:
        await world.notify(facts[name])

    assert await world.status(intent.id) is Status.SUCCEEDED
    balances = await world.balances()
    assert balances["provider:sandbox:clearing VND"] == 150_000
    assert balances.get("suspense:discrepancy VND", 0) == 0
    assert sum(balances.values()) == 0
