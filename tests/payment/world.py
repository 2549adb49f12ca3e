"""The use cases on a real database, for tests that need its locks and constraints."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from chassis.db import Database
from chassis.duties import Reach
from chassis.testing import FakeIds, FrozenClock
from services.payment.domain.intents.payment_intent import Confirmation, PaymentIntent, Status
from services.payment.domain.notices.provider_notification import Verdict
from services.payment.ports.providers import Provider
from services.payment.storage.discrepancies.tables import DISCREPANCY
from services.payment.storage.ledger.tables import LEDGER_TRANSACTION
from services.payment.storage.unit_of_work import SqlReading, SqlUnitOfWork
from services.payment.use_cases.intents.confirm_payment import confirm_payment
from services.payment.use_cases.intents.get_payment_intent import get_payment_intent
from services.payment.use_cases.intents.open_payment import open_payment
from services.payment.use_cases.ledger.list_balances import list_balances
from services.payment.use_cases.notices.record_notification import Arrival, record_notification
from tests.payment.fakes import FakeProvider
from tests.payment.samples import NOON, a_confirmation, an_intent, new_id, notice_bytes


class SqlWorld:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = FrozenClock(NOON)
        # Ids in the order of their making, so that lists and events have one order too.
        self.ids = FakeIds()
        self.providers: Mapping[str, Provider] = {"sandbox": FakeProvider()}

    def uow(self) -> SqlUnitOfWork:
        return SqlUnitOfWork(self.database, clock=self.clock, ids=self.ids)

    async def opened(self, **changes: Any) -> PaymentIntent:
        intent = an_intent(**changes)
        await open_payment(
            intent,
            lifetime=timedelta(hours=24),
            caused_by=new_id(),
            uow=self.uow(),
            clock=self.clock,
        )
        return intent

    async def confirm(
        self, intent_id: UUID, confirmation: Confirmation | None = None
    ) -> PaymentIntent:
        return await confirm_payment(
            intent_id,
            confirmation or a_confirmation(),
            provider="sandbox",
            uow=self.uow(),
            clock=self.clock,
            ids=self.ids,
        )

    async def confirmed(self, **changes: Any) -> PaymentIntent:
        return await self.confirm((await self.opened(**changes)).id)

    async def notify(self, facts: Mapping[str, Any]) -> Verdict:
        arrival = Arrival(
            provider="sandbox",
            raw=notice_bytes(facts),
            client_id="bank-sandbox",
            evidence_id=str(new_id()),
            evidence_level="P1",
        )
        return await record_notification(
            arrival, providers=self.providers, uow=self.uow(), clock=self.clock, ids=self.ids
        )

    async def get(self, intent_id: UUID) -> PaymentIntent:
        reading = SqlReading(self.database)
        return await get_payment_intent(intent_id, reach=Reach.everything(), reading=reading)

    async def status(self, intent_id: UUID) -> Status:
        return (await self.get(intent_id)).status

    async def balances(self) -> dict[str, int]:
        found = await list_balances(reading=SqlReading(self.database))
        return {f"{one.book.account} {one.book.currency}": one.balance for one in found}

    async def counts(self) -> tuple[int, int]:
        """How many ledger transactions and discrepancies there are."""
        async with self.database.read() as connection:
            posted = await connection.scalar(select(func.count()).select_from(LEDGER_TRANSACTION))
            found = await connection.scalar(select(func.count()).select_from(DISCREPANCY))
        return posted or 0, found or 0
