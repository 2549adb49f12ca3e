"""Every way in which a notice can be wrong, at every moment: one rule outcome, or one open case."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any, Final

import pytest

from chassis.db import Database
from chassis.testing import FakeIds, FrozenClock
from services.payment.domain.discrepancies.discrepancy import Reason
from services.payment.domain.errors import UnreadableNotice
from services.payment.domain.intents.bill_reference import new_bill_reference
from services.payment.domain.intents.payment_intent import PaymentIntent, Status
from services.payment.domain.notices.provider_notification import Verdict
from services.payment.providers.bank import read_notice
from services.payment.use_cases.notices.record_notification import Arrival, record_notification
from tests.payment.fakes import FakeProvider, FakeUnitOfWork
from tests.payment.notices.sums import sums
from tests.payment.samples import (
    FEE,
    NOON,
    a_confirmation,
    an_intent,
    new_id,
    notice_bytes,
    notice_facts,
)
from tests.payment.world import SqlWorld

MINE: Final = new_bill_reference("the fee that is paid")
NOBODYS: Final = new_bill_reference("no fee at all")
FIRST: Final = {"provider_reference": "FT-FIRST"}
AMOUNTS: Final[dict[str, Any]] = {
    "exact": FEE.minor_units,
    "one less": FEE.minor_units - 1,
    "one more": FEE.minor_units + 1,
    "ten times": FEE.minor_units * 10,
    "a hundred times": FEE.minor_units * 100,
    "nothing": 0,
    "negative": -FEE.minor_units,
    "a fraction": FEE.minor_units + 0.5,
    "text": str(FEE.minor_units),
}
CURRENCIES: Final[dict[str, Any]] = {"VND": "VND", "USD": "USD", "lower": "vnd", "missing": None}
TARGETS: Final[dict[str, dict[str, Any]]] = {
    "the fee": {},
    "another payee": {"account_number": "999999"},
    "another bank": {"bank_bin": "970400"},
    "no fee": {"bill_number": NOBODYS, "purpose": NOBODYS},
    "two fees": {"purpose": f"{MINE} {NOBODYS}"},
}
MOMENTS: Final = (
    "before",
    "at the deadline",
    "after expiry",
    "after cancellation",
    "unconfirmed",
    "after payment",
    "after revival",
    "again",
)
CASES: Final = list(product(AMOUNTS, CURRENCIES, TARGETS, MOMENTS))
UNREADABLE_AMOUNTS: Final = {"nothing", "negative", "a fraction", "text"}
UNREADABLE_CURRENCIES: Final = {"lower", "missing"}


def the_intent(moment: str) -> PaymentIntent:
    confirmed = replace(
        an_intent(), status=Status.CONFIRMED, bill_reference=MINE, confirmation=a_confirmation()
    )
    match moment:
        case "after expiry":
            return replace(confirmed, status=Status.EXPIRED)
        case "after cancellation":
            return replace(confirmed, status=Status.CANCELLED)
        case "unconfirmed":
            return replace(confirmed, status=Status.CREATED, confirmation=None)
        case "after revival":
            return replace(confirmed, status=Status.EXPIRED).revive(
                expires_at=NOON + timedelta(days=1)
            )
        case _:
            return confirmed


def facts_of(amount: str, currency: str, target: str) -> dict[str, Any]:
    facts = notice_facts(MINE, amount=AMOUNTS[amount]) | TARGETS[target]
    if CURRENCIES[currency] is None:
        del facts["currency"]
    else:
        facts["currency"] = CURRENCIES[currency]
    return facts


async def tell(uow: FakeUnitOfWork, facts: dict[str, Any]) -> Verdict:
    arrival = Arrival(
        provider="sandbox",
        raw=notice_bytes(facts),
        client_id="bank-sandbox",
        evidence_id=str(new_id()),
        evidence_level="P1",
    )
    provider = FakeProvider()
    provider.parse_notification = lambda raw: read_notice("sandbox", raw)  # type: ignore[method-assign]
    return await record_notification(
        arrival, providers={"sandbox": provider}, uow=uow, clock=FrozenClock(NOON), ids=IDS
    )


IDS: Final = FakeIds()


def expected_reason(currency: str, target: str, amount: str, moment: str) -> Reason | None:
    """The rule, written down a second time: facts before states. None: the notice settles."""
    if target == "no fee":
        return Reason.UNKNOWN_REFERENCE
    if currency != "VND":
        return Reason.WRONG_CURRENCY
    if target in ("another payee", "another bank"):
        return Reason.WRONG_PAYEE
    if amount != "exact":
        return Reason.UNDERPAID if amount == "one less" else Reason.OVERPAID
    return {
        "after expiry": Reason.LATE_PAYMENT,
        "after cancellation": Reason.PAYMENT_AFTER_CANCELLATION,
        "unconfirmed": Reason.UNCONFIRMED_PAYMENT,
        "after payment": Reason.SECOND_PAYMENT,
    }.get(moment)


async def test_each_of_all_ends_in_one_rule_or_one_open_case() -> None:
    assert len(CASES) == 1440
    ends: Counter[str] = Counter()

    for amount, currency, target, moment in CASES:
        uow = FakeUnitOfWork(the_intent(moment))
        if moment == "after payment":
            await tell(uow, notice_facts(MINE, **FIRST))
        before = len(uow.fake_ledger.rows)
        facts = facts_of(amount, currency, target)
        case = (amount, currency, target, moment)
        if amount in UNREADABLE_AMOUNTS or currency in UNREADABLE_CURRENCIES:
            for _ in range(2):
                with pytest.raises(UnreadableNotice):
                    await tell(uow, facts)
            assert len(uow.fake_ledger.rows) == before, case
            found = [one.reason for one in uow.fake_discrepancies.rows]
            assert found == [Reason.UNREADABLE_NOTICE], case
            ends[Reason.UNREADABLE_NOTICE] += 1
            continue

        verdict = await tell(uow, facts)
        if moment == "again":
            assert await tell(uow, facts) == verdict, case

        reason = expected_reason(currency, target, amount, moment)
        found = [one.reason for one in uow.fake_discrepancies.rows]
        assert found == ([] if reason is None else [reason]), case
        assert (verdict.status, verdict.discrepancy) == (
            "settled" if reason is None else "kept",
            reason,
        ), case
        # Either way the money is in the books, once, and they balance.
        assert len(uow.fake_ledger.rows) == before + 1, case
        assert sum(sums(uow).values()) == 0, case
        ends[reason or "settled"] += 1

    print(dict(ends))
    assert ends["settled"] == 8
    assert sum(ends.values()) == 1440


async def test_a_sample_of_them_on_real_databases(database: Database) -> None:
    world = SqlWorld(database)
    asked = [case for case in CASES[::31] if case[0] not in UNREADABLE_AMOUNTS]
    asked = [case for case in asked if case[1] not in UNREADABLE_CURRENCIES]

    for amount, currency, target, _moment in asked:
        intent = await world.confirmed()
        facts = facts_of(amount, currency, target)
        if target not in ("no fee", "two fees"):
            facts |= {"bill_number": intent.bill_reference, "purpose": intent.bill_reference}
        elif target == "two fees":
            facts |= {"bill_number": intent.bill_reference, "purpose": NOBODYS}
        verdict = await world.notify(facts)
        reason = expected_reason(currency, target, amount, "before")
        assert verdict.discrepancy is reason, (amount, currency, target)

    assert len(asked) >= 10
    posted, _found = await world.counts()
    assert posted == len(asked)
    assert sum((await world.balances()).values()) == 0


async def test_what_cannot_be_read_is_one_case_however_often_it_is_said(
    database: Database,
) -> None:
    world = SqlWorld(database)
    intent = await world.confirmed()
    facts = notice_facts(intent.bill_reference, outcome="perhaps")
    provider = FakeProvider()
    provider.parse_notification = lambda raw: read_notice("sandbox", raw)  # type: ignore[method-assign]
    world.providers = {"sandbox": provider}

    for _ in range(3):
        with pytest.raises(UnreadableNotice):
            await world.notify(facts)

    assert await world.counts() == (0, 1)
    async with world.uow() as uow:
        assert await uow.notifications.claim_unchecked(now=world.clock.now(), limit=9) == []
