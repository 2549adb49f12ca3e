"""Cases on a real database, and the people who work on them."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import update

from chassis.auth import Caller
from chassis.duties import Reach
from chassis.ids import SystemIds
from chassis.money import Money
from services.payment.domain.discrepancies.discrepancy import Discrepancy
from services.payment.domain.discrepancies.worklist import Decision, Resolution
from services.payment.domain.intents.payment_intent import PaymentIntent, Status
from services.payment.ports.discrepancies import CaseFilter, Sight
from services.payment.storage.intents.tables import PAYMENT_INTENT
from services.payment.storage.unit_of_work import SqlReading
from services.payment.use_cases.discrepancies.list_discrepancies import list_discrepancies
from services.payment.use_cases.discrepancies.resolve_discrepancy import resolve_discrepancy
from services.payment.use_cases.discrepancies.work_on_case import Deed
from tests.payment.refunds.world import RefundWorld
from tests.payment.samples import notice_facts


def officer(name: str, role: str, *agencies: str) -> Caller:
    return Caller(
        subject=name,
        kind="user",
        scopes=frozenset({"payment.read", "payment.handle"}),
        roles=frozenset({role}),
        agencies=frozenset(agencies or {"H19.25"}),
    )


ACCOUNTANT = officer("binh", "accountant")
OTHER_ACCOUNTANT = officer("dung", "accountant")
CASHIER = officer("hoa", "counter-officer")
THERE = officer("lan", "accountant", "H01")
AUDITOR = officer("mai", "auditor", "*")
CITIZEN = replace(CASHIER, roles=frozenset(), agencies=frozenset())
NO_LIMIT = Money(10**12)
EVERY_SUM = Money.zero()


class CaseWorld(RefundWorld):
    async def late(self, **changes: Any) -> tuple[PaymentIntent, Discrepancy]:
        """A fee that expired, and exact money that came after."""
        intent = await self.confirmed(**changes)
        expire = update(PAYMENT_INTENT).where(PAYMENT_INTENT.c.id == intent.id)
        async with self.database.begin() as connection:
            await connection.execute(expire.values(status=Status.EXPIRED))
        facts = notice_facts(intent.bill_reference, amount=intent.amount.minor_units)
        return intent, await self.case(facts)

    async def case(self, facts: dict[str, Any]) -> Discrepancy:
        """What becomes of a notice that does not fit."""
        verdict = await self.notify(facts)
        assert verdict.discrepancy is not None
        return (await self.cases())[0]

    async def cases(self, **wanted: Any) -> list[Discrepancy]:
        sight = Sight(reach=Reach.everything())
        facts: dict[str, Any] = {"sight": sight, "limit": 100}
        filtered = CaseFilter(**facts | wanted)
        return list(await list_discrepancies(filtered, reading=SqlReading(self.database)))

    async def resolve(
        self,
        case: Discrepancy,
        resolution: Resolution,
        *,
        by: Caller = ACCOUNTANT,
        alone_up_to: Money = NO_LIMIT,
        intent_id: UUID | None = None,
        agency_code: str | None = None,
    ) -> Discrepancy:
        key = str(SystemIds(self.clock).new())
        deed = Deed(
            discrepancy_id=case.id,
            by=by,
            sight=Sight(reach=Reach.of_officer(by), accounts_of=by.agencies, rest=True),
            note="đã đối chiếu với ngân hàng",
            key=key,
            fingerprint=key,
        )
        return await resolve_discrepancy(
            deed,
            Decision(resolution=resolution, payment_intent_id=intent_id, agency_code=agency_code),
            alone_up_to=alone_up_to,
            uow=self.uow(),
            clock=self.clock,
            ids=self.ids,
        )

    async def apply(self, case: Discrepancy, intent: PaymentIntent, **more: Any) -> Discrepancy:
        return await self.resolve(case, Resolution.APPLIED, intent_id=intent.id, **more)
