"""A counter as tests work at it: people on duty, confirmed fees, drawers."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from chassis.auth import Caller
from chassis.money import Money
from services.payment.domain.counter.cash_drawer import CashDrawer
from services.payment.domain.counter.payments import (
    CardScheme,
    CashPayment,
    PosPayment,
    PosSlip,
    Request,
)
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_intent import PaymentIntent
from services.payment.use_cases.counter.close_drawer import Counted, close_drawer
from services.payment.use_cases.counter.open_drawer import Opening, open_drawer
from services.payment.use_cases.counter.record_cash_payment import Tendered, record_cash_payment
from services.payment.use_cases.counter.record_pos_payment import Charged, record_pos_payment
from services.payment.use_cases.counter.sign_off_drawer import sign_off_drawer
from services.payment.use_cases.counter.tools import CounterTools
from tests.payment.samples import FEE, a_confirmation, new_id
from tests.payment.world import SqlWorld

HERE = "H19.25"
OFFICER = Caller(
    subject="officer-an",
    kind="user",
    scopes=frozenset({"payment.counter"}),
    roles=frozenset({"counter-officer"}),
    agencies=frozenset({HERE}),
)
COLLEAGUE = replace(OFFICER, subject="officer-binh")
ACCOUNTANT = replace(OFFICER, subject="accountant-chi", roles=frozenset({"accountant"}))
ELSEWHERE = replace(OFFICER, subject="officer-dung", agencies=frozenset({"H01"}))


def a_request(caller: Caller = OFFICER, **changes: Any) -> Request:
    facts: dict[str, Any] = {
        "officer": caller.subject,
        "idempotency_key": new_id().hex,
        "fingerprint": "0" * 64,
    }
    return Request(**facts | changes)


def a_slip(**changes: Any) -> PosSlip:
    facts: dict[str, Any] = {
        "terminal_id": "TID00001",
        "batch_no": "000123",
        "approval_code": "A1B2C3",
        "card_scheme": CardScheme.NAPAS,
        "reference": f"{new_id().int % 10**12:012d}",
    }
    return PosSlip(**facts | changes)


class Desk:
    def __init__(self, world: SqlWorld) -> None:
        self.world = world
        self.tools = CounterTools(world.clock, world.ids)

    async def open(
        self, caller: Caller = OFFICER, *, drawer: str = "Q1", given: int = 500_000, **changes: Any
    ) -> CashDrawer:
        return await open_drawer(
            Opening(agency_code=HERE, desk="Quầy 1", drawer=drawer, float_given=Money(given)),
            a_request(caller, **changes),
            caller=caller,
            uow=self.world.uow(),
            tools=self.tools,
        )

    async def fee(self, method: Method = Method.CASH, **changes: Any) -> PaymentIntent:
        """A fee that an officer has confirmed for this way of paying."""
        intent = await self.world.opened(**changes)
        confirmation = a_confirmation(
            method=method, assurance="officer-token", amount=intent.amount
        )
        return await self.world.confirm(intent.id, confirmation)

    async def cash(
        self,
        intent: PaymentIntent,
        drawer: CashDrawer,
        tendered: int = FEE.minor_units,
        *,
        caller: Caller = OFFICER,
        request: Request | None = None,
    ) -> CashPayment:
        return await record_cash_payment(
            Tendered(payment_intent_id=intent.id, drawer_id=drawer.id, amount=Money(tendered)),
            request or a_request(caller),
            caller=caller,
            uow=self.world.uow(),
            tools=self.tools,
        )

    async def pos(
        self,
        intent: PaymentIntent,
        slip: PosSlip | None = None,
        amount: int = FEE.minor_units,
        *,
        caller: Caller = OFFICER,
        request: Request | None = None,
    ) -> PosPayment:
        return await record_pos_payment(
            Charged(payment_intent_id=intent.id, slip=slip or a_slip(), amount=Money(amount)),
            request or a_request(caller),
            caller=caller,
            uow=self.world.uow(),
            tools=self.tools,
        )

    async def close(
        self,
        drawer_id: UUID,
        counted: int,
        reason: str | None = None,
        *,
        caller: Caller = OFFICER,
        request: Request | None = None,
    ) -> CashDrawer:
        return await close_drawer(
            Counted(drawer_id=drawer_id, amount=Money(counted), reason=reason),
            request or a_request(caller),
            caller=caller,
            uow=self.world.uow(),
            tools=self.tools,
        )

    async def sign(
        self, drawer_id: UUID, received: int, *, caller: Caller = ACCOUNTANT
    ) -> CashDrawer:
        return await sign_off_drawer(
            drawer_id, Money(received), caller=caller, uow=self.world.uow(), tools=self.tools
        )

    async def drawer(self, drawer_id: UUID) -> CashDrawer:
        async with self.world.uow() as uow:
            return await uow.drawers.get(drawer_id)
