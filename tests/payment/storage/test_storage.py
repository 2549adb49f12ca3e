from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.db import Database
from chassis.duties import Reach
from chassis.money import Money
from services.payment.domain.discrepancies.discrepancy import Reason
from services.payment.domain.errors import UnknownPaymentIntent
from services.payment.domain.intents.payment_intent import PaymentIntent, Status
from services.payment.domain.ledger.transaction import LedgerTransaction
from services.payment.ports.discrepancies import CaseFilter, Sight
from services.payment.ports.intents import IntentFilter
from services.payment.storage.intents.tables import PAYMENT_ATTEMPT, PAYMENT_INTENT
from services.payment.storage.ledger.ledger import SqlLedger
from services.payment.storage.notices.tables import PROVIDER_NOTIFICATION
from services.payment.storage.unit_of_work import SqlReading, SqlUnitOfWork
from services.payment.use_cases.discrepancies.list_discrepancies import list_discrepancies
from services.payment.use_cases.intents.expire_unconfirmed_payments import (
    expire_unconfirmed_payments,
)
from services.payment.use_cases.intents.list_payment_intents import list_payment_intents
from services.payment.use_cases.notices.enquire_waiting_payments import enquire_waiting_payments
from tests.payment.contracts import said, said_types
from tests.payment.samples import NOON, a_confirmation, new_id, notice_bytes, notice_facts
from tests.payment.world import SqlWorld

PORTAL = Reach.of_client("portal-demo")


async def test_an_intent_is_read_back_as_it_was_stored(database: Database) -> None:
    world = SqlWorld(database)
    intent = await world.opened(expires_at=NOON + timedelta(hours=1))

    assert await world.get(intent.id) == intent


async def test_an_unknown_intent_is_not_found(database: Database) -> None:
    with pytest.raises(UnknownPaymentIntent):
        await SqlWorld(database).get(new_id())


async def test_the_way_of_a_payment_is_said_as_the_contracts_promise(database: Database) -> None:
    world = SqlWorld(database)
    intent = await world.opened()
    confirmation = a_confirmation()
    opened = await world.confirm(intent.id, confirmation)
    facts = notice_facts(opened.bill_reference)

    await world.notify(facts)
    await world.notify(notice_facts(opened.bill_reference))

    paid = await world.get(intent.id)
    assert (paid.status, paid.confirmation) == (Status.SUCCEEDED, confirmation)
    assert paid.payment is not None
    assert paid.payment.provider_reference == facts["provider_reference"]
    events = await said(database)
    assert [event["type"] for event in events] == [
        "payment.opened.v1",
        "payment.succeeded.v1",
        "payment.discrepancy_found.v1",
    ]
    assert events[1]["data"]["lines"] == [
        {
            "line_code": line.line_code,
            "name": line.name,
            "kind": line.kind,
            "quantity": line.quantity,
            "amount_minor_units": line.amount.minor_units,
            "legal_basis": line.legal_basis,
            "agency_code": None,
            "agency_name": None,
        }
        for line in intent.lines
    ]
    assert await world.balances() == {
        "provider:sandbox:clearing VND": 300_000,
        "agency:H19.25:phi VND": -100_000,
        "agency:H19.25:le_phi VND": -50_000,
        "suspense:discrepancy VND": -150_000,
    }


async def test_every_reason_is_stored_said_and_listed(database: Database) -> None:
    world = SqlWorld(database)
    first, more, second, late, cancelled, waiting = [
        *[await world.confirmed() for _ in range(5)],
        await world.opened(),
    ]
    paid = notice_facts(second.bill_reference)
    await world.notify(paid)
    await _force(database, late, Status.EXPIRED)
    await _force(database, cancelled, Status.CANCELLED)
    expected = {
        Reason.UNDERPAID: notice_facts(first.bill_reference, amount=1),
        Reason.OVERPAID: notice_facts(more.bill_reference, amount=150_001),
        Reason.WRONG_CURRENCY: notice_facts(first.bill_reference, currency="USD"),
        Reason.WRONG_PAYEE: notice_facts(first.bill_reference, account_number="1"),
        Reason.SECOND_PAYMENT: notice_facts(second.bill_reference),
        Reason.LATE_PAYMENT: notice_facts(late.bill_reference),
        Reason.PAYMENT_AFTER_CANCELLATION: notice_facts(cancelled.bill_reference),
        Reason.UNKNOWN_REFERENCE: notice_facts("LP0000000000"),
        Reason.UNCONFIRMED_PAYMENT: notice_facts(None, purpose=waiting.dossier_code),
        Reason.CONTRADICTORY_NOTICE: notice_facts(
            second.bill_reference,
            provider_reference=paid["provider_reference"],
            outcome="failed",
        ),
    }
    # What cannot be read has a test of its own.
    assert set(expected) == set(Reason) - {Reason.UNREADABLE_NOTICE}

    answers = {reason: await world.notify(facts) for reason, facts in expected.items()}
    again = {reason: await world.notify(facts) for reason, facts in expected.items()}

    assert answers == again
    assert {reason: one.discrepancy for reason, one in answers.items()} == {
        reason: reason for reason in expected
    }
    events = [one["data"] for one in await said(database) if "discrepancy" in one["type"]]
    assert [event["reason"] for event in events] == list(expected)
    everything = CaseFilter(sight=Sight(reach=Reach.everything()), limit=10)
    all_found = await list_discrepancies(everything, reading=SqlReading(database))
    assert [found.reason for found in all_found] == list(reversed(expected))
    portals = CaseFilter(sight=Sight(reach=PORTAL), before=all_found[1].id, limit=3)
    mine = await list_discrepancies(portals, reading=SqlReading(database))
    assert [found.reason for found in mine] == [
        Reason.PAYMENT_AFTER_CANCELLATION,
        Reason.LATE_PAYMENT,
        Reason.SECOND_PAYMENT,
    ]
    by_reason = {found.reason: found for found in all_found}
    assert by_reason[Reason.UNDERPAID].expected == Money(150_000)
    assert by_reason[Reason.WRONG_CURRENCY].received == Money(150_000, "USD")
    balances = await world.balances()
    for currency in ("VND", "USD"):
        assert sum(sum_ for name, sum_ in balances.items() if name.endswith(currency)) == 0


async def test_the_raw_notice_is_kept_byte_by_byte(database: Database) -> None:
    world = SqlWorld(database)
    facts = notice_facts((await world.confirmed()).bill_reference)

    await world.notify(facts)

    async with database.read() as connection:
        (kept,) = (await connection.execute(select(PROVIDER_NOTIFICATION))).all()
    assert (kept.raw, kept.evidence_level, kept.verdict) == (notice_bytes(facts), "P1", "settled")


async def test_overdue_intents_expire_and_say_so(database: Database) -> None:
    world = SqlWorld(database)
    unconfirmed, confirmed = await world.opened(), await world.confirmed()
    world.clock.advance(timedelta(hours=24))

    assert await expire_unconfirmed_payments(uow=world.uow(), clock=world.clock) == 1
    await enquire_waiting_payments(
        providers=world.providers, uow=world.uow(), clock=world.clock, ids=world.ids
    )

    assert await world.status(unconfirmed.id) is Status.EXPIRED
    assert await world.status(confirmed.id) is Status.EXPIRED
    assert await said_types(database) == ["payment.opened.v1"] + ["payment.expired.v1"] * 2


async def test_intents_are_listed_the_latest_first_and_in_pages(database: Database) -> None:
    world = SqlWorld(database)
    intents = sorted([await world.opened() for _ in range(5)], key=lambda intent: intent.id)
    await world.opened(client_id="another")
    await world.confirm(intents[2].id)

    async def listed(limit: int = 50, before: UUID | None = None, **wanted: Any) -> list[Any]:
        reading = SqlReading(database)
        found = await list_payment_intents(
            IntentFilter(**wanted), before=before, limit=limit, reading=reading
        )
        return [intent.id for intent in found]

    mine = [intent.id for intent in reversed(intents)]
    assert await listed(reach=PORTAL, limit=3) == mine[:3]
    assert await listed(reach=PORTAL, limit=3, before=mine[2]) == mine[3:]
    assert await listed(reach=Reach.everything(), status=Status.CONFIRMED) == [intents[2].id]
    assert await listed(reach=Reach.everything(), dossier_id=intents[4].dossier_id) == [
        intents[4].id
    ]
    assert await listed(reach=Reach.of_client("nobody")) == []


async def test_a_dossier_with_two_fees_does_not_name_one_of_them(database: Database) -> None:
    world = SqlWorld(database)
    one = await world.confirmed()
    await world.confirmed(dossier_code=one.dossier_code, dossier_id=one.dossier_id)

    answer = await world.notify(notice_facts(None, purpose=one.dossier_code))

    assert answer.discrepancy is Reason.UNKNOWN_REFERENCE


async def test_the_database_lets_nobody_collect_without_the_payers_word(
    database: Database,
) -> None:
    intent = await SqlWorld(database).opened()
    settle = (
        update(PAYMENT_INTENT)
        .where(PAYMENT_INTENT.c.id == intent.id)
        .values(status="succeeded", provider_reference="FT1")
    )

    with pytest.raises(IntegrityError, match="confirmation"):
        async with database.begin() as connection:
            await connection.execute(settle)


async def test_an_intent_has_one_live_attempt_for_a_method(database: Database) -> None:
    world = SqlWorld(database)
    await world.confirmed()
    async with database.read() as connection:
        (attempt,) = (await connection.execute(select(PAYMENT_ATTEMPT))).all()
    second = dict(attempt._mapping) | {"id": new_id()}

    with pytest.raises(IntegrityError):
        async with database.begin() as connection:
            await connection.execute(insert(PAYMENT_ATTEMPT), second)
    async with database.begin() as connection:
        await connection.execute(insert(PAYMENT_ATTEMPT), second | {"status": "expired"})


class DyingLedger(SqlLedger):
    async def post(self, transaction: LedgerTransaction) -> None:
        raise RuntimeError("the process dies here")


class DyingUnitOfWork(SqlUnitOfWork):
    def bind(self, connection: AsyncConnection) -> None:
        super().bind(connection)
        self.ledger = DyingLedger(connection)


async def test_dying_between_two_writes_leaves_nothing_and_the_next_telling_settles(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = SqlWorld(database)
    intent = await world.confirmed()
    facts = notice_facts(intent.bill_reference)
    dying = DyingUnitOfWork(database, clock=world.clock, ids=world.ids)

    with monkeypatch.context() as patched, pytest.raises(RuntimeError):
        patched.setattr(world, "uow", lambda: dying)
        await world.notify(facts)

    assert await world.status(intent.id) is Status.CONFIRMED
    assert await said_types(database) == ["payment.opened.v1"]
    async with database.read() as connection:
        assert (await connection.execute(select(PROVIDER_NOTIFICATION))).all() == []
    assert (await world.notify(facts)).status == "settled"


async def _force(database: Database, intent: PaymentIntent, status: Status) -> None:
    move = update(PAYMENT_INTENT).where(PAYMENT_INTENT.c.id == intent.id).values(status=status)
    async with database.begin() as connection:
        await connection.execute(move)
