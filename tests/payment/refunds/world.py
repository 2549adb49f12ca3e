"""Refunds on a real database, with a bank that books what it was told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from chassis.auth import Caller
from chassis.db import Database
from chassis.duties import Reach
from chassis.ids import SystemIds
from chassis.money import Money
from chassis.sealing import Sealer
from services.payment.domain.intents.payment_intent import PaymentIntent
from services.payment.domain.refunds.refund import Refund, RefundStatus, Requester
from services.payment.domain.refunds.source import SourceKind
from services.payment.ports.providers import (
    Capability,
    Provider,
    RefundAnswer,
    RefundOrder,
    RefundOutcome,
)
from services.payment.use_cases.refunds.decide_refund import (
    Decider,
    approve_refund,
    reject_refund,
    withdraw_refund,
)
from services.payment.use_cases.refunds.enquire_refunds import enquire_refunds
from services.payment.use_cases.refunds.request_refund import RefundWish, request_refund
from services.payment.use_cases.refunds.send_approved_refunds import (
    RefundTools,
    send_approved_refunds,
)
from tests.payment.fakes import FakeProvider
from tests.payment.samples import FEE, notice_facts
from tests.payment.world import SqlWorld

EVERY_REFUND_IS_DECIDED = Money.zero()
SEALER = Sealer({"2026": bytes(32)}, "2026")
ALL = frozenset(Capability)


def officer(name: str, role: str, *agencies: str) -> Caller:
    return Caller(
        subject=name,
        kind="user",
        scopes=frozenset({"payment.read", "payment.refund"}),
        roles=frozenset({role}),
        agencies=frozenset(agencies or {"H19.25"}),
    )


REQUESTER = officer("hoa", "refund-requester")
APPROVER = officer("lan", "refund-approver")
OTHER_APPROVER = officer("mai", "refund-approver")
ACCOUNTANT = officer("binh", "accountant")
OTHER_ACCOUNTANT = officer("dung", "accountant")


@dataclass
class BookingBank(FakeProvider):
    """Pays each reference back once, however often it is told; loses answers when told to."""

    booked: dict[str, int] = field(default_factory=dict)
    answers: list[RefundAnswer] = field(default_factory=list)
    loses_answers: bool = False
    calls: int = 0

    async def refund(self, order: RefundOrder) -> RefundAnswer:
        self.calls += 1
        self._outside_of_transactions()
        if self.answers:
            return self.answers.pop(0)
        self.booked[order.refund_reference] = order.amount.minor_units
        if self.loses_answers:
            return RefundAnswer(outcome=RefundOutcome.UNKNOWN)
        return self._done(order)

    async def enquire_refund(self, order: RefundOrder) -> RefundAnswer:
        self.asked.append(order.refund_reference)
        if order.refund_reference in self.booked:
            return self._done(order)
        return RefundAnswer(outcome=RefundOutcome.FAILED, failure="no such refund")

    def _done(self, order: RefundOrder) -> RefundAnswer:
        return RefundAnswer(
            outcome=RefundOutcome.SUCCEEDED,
            provider_reference=f"RF{order.refund_reference[-8:]}",
            raw=b'{"said":"yes"}',
            proof={"signature": "x"},
            evidence_level="P1",
        )


class RefundWorld(SqlWorld):
    def __init__(self, database: Database) -> None:
        super().__init__(database)
        # Many at once draw ids here, from several connections.
        self.bank = BookingBank()
        self.providers: Mapping[str, Provider] = {"sandbox": self.bank}
        self.keys = SystemIds(self.clock)

    async def paid(self, **changes: Any) -> PaymentIntent:
        intent = await self.confirmed(**changes)
        verdict = await self.notify(notice_facts(intent.bill_reference))
        assert verdict.status == "settled"
        return await self.get(intent.id)

    async def ask(
        self, source_id: UUID, amount: int, seen: int = FEE.minor_units, **changes: Any
    ) -> Refund:
        facts: dict[str, Any] = {
            "kind": SourceKind.PAYMENT,
            "source_id": source_id,
            "reach": Reach.everything(),
            "amount": Money(amount),
            "seen": Money(seen),
            "reason": "nộp hai lần",
            "lines": {},
            "requester": Requester(
                kind="user", subject="hoa", idempotency_key=str(self.keys.new())
            ),
            "fingerprint": "f",
        }
        up_to = changes.pop("automatic_up_to", EVERY_REFUND_IS_DECIDED)
        return await request_refund(
            RefundWish(**facts | changes),
            automatic_up_to=up_to,
            uow=self.uow(),
            clock=self.clock,
            ids=self.ids,
        )

    async def approve(self, refund: Refund, by: Caller = APPROVER) -> Refund:
        return await approve_refund(
            refund.id, decider(by), uow=self.uow(), clock=self.clock, ids=self.ids
        )

    async def reject(self, refund: Refund, by: Caller = APPROVER) -> Refund:
        return await reject_refund(
            refund.id, decider(by), uow=self.uow(), clock=self.clock, ids=self.ids
        )

    async def withdraw(self, refund: Refund) -> Refund:
        return await withdraw_refund(
            refund.id,
            by="hoa",
            reach=Reach.everything(),
            uow=self.uow(),
            clock=self.clock,
            ids=self.ids,
        )

    async def send(self) -> int:
        tools = RefundTools(providers=self.providers, seals=SEALER)
        return await send_approved_refunds(
            tools=tools, uow=self.uow(), clock=self.clock, ids=self.ids
        )

    async def enquire(self) -> list[RefundStatus]:
        return list(
            await enquire_refunds(
                providers=self.providers, uow=self.uow(), clock=self.clock, ids=self.ids
            )
        )

    async def find(self, refund: Refund) -> Refund:
        async with self.uow() as uow:
            return await uow.refunds.get(refund.id)

    async def left(self, source_id: UUID, kind: SourceKind = SourceKind.PAYMENT) -> int:
        async with self.uow() as uow:
            source = await uow.refunds.find_source(kind, source_id)
        assert source is not None
        return source.available.minor_units


def decider(caller: Caller) -> Decider:
    return Decider(caller=caller, reach=Reach.of_officer(caller))
