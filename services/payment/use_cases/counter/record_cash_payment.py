from dataclasses import dataclass
from typing import NoReturn
from uuid import UUID

from chassis.duties import OnDuty, require_role
from chassis.idempotency import KeyReused
from chassis.money import Money
from services.payment.domain.counter.cash_drawer import CashDrawer, DrawerStatus
from services.payment.domain.counter.errors import (
    AlreadyPaid,
    DrawerNotOpen,
    NotPayableAtCounter,
    NotYourDrawer,
    TenderedTooLittle,
)
from services.payment.domain.counter.payments import (
    CASH_PROVIDER,
    OFFICER_EVIDENCE,
    CashPayment,
    Request,
    evidence,
)
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_intent import PaymentIntent, Status
from services.payment.domain.ledger.counter import drawer_account
from services.payment.domain.methods.published import Place
from services.payment.domain.notices.provider_notification import (
    Outcome,
    ProviderNotice,
    ProviderNotification,
    Source,
)
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.counter.open_drawer import OFFICER
from services.payment.use_cases.counter.require_confirmed import require_confirmed
from services.payment.use_cases.counter.tools import CounterTools
from services.payment.use_cases.methods.require_offered import require_offered
from services.payment.use_cases.notices.take_notification import take_notification


@dataclass(frozen=True, slots=True, kw_only=True)
class Tendered:
    payment_intent_id: UUID
    drawer_id: UUID
    amount: Money


async def record_cash_payment(
    tendered: Tendered,
    request: Request,
    *,
    caller: OnDuty,
    uow: UnitOfWork,
    tools: CounterTools,
) -> CashPayment:
    """Take cash for a fee: drawer, ledger and fee move in one transaction, or the officer is told
    why not and takes no money. The answer says what change to give."""
    async with uow:
        intent = await uow.intents.get(tendered.payment_intent_id)
        require_role(caller, OFFICER, agency=intent.agency_code)
        drawer = await uow.drawers.get(tendered.drawer_id)
        if tendered.amount < intent.amount:
            raise TenderedTooLittle(intent.amount, tendered.amount)
        payment = CashPayment(
            id=tools.ids.new(),
            request=request,
            payment_intent_id=intent.id,
            drawer_id=drawer.id,
            agency_code=intent.agency_code,
            amount=intent.amount,
            tendered=tendered.amount,
            paid_at=tools.clock.now(),
        )
        if not await uow.counter_payments.add_cash_once(payment):
            return await _recorded_before(payment, uow)
        evidence_id = await _require_takeable(intent, uow=uow, tools=tools)
        await _put_in(payment, drawer, caller, uow=uow)
        notification = _notification(payment, intent, drawer, evidence_id=evidence_id, tools=tools)
        verdict = await take_notification(notification, uow=uow, clock=tools.clock, ids=tools.ids)
        if verdict.status != "settled":
            # Another payment was quicker. Nothing of this is kept: no money has changed hands.
            await _refuse(await uow.intents.get(intent.id), uow)
    return payment


async def _recorded_before(payment: CashPayment, uow: UnitOfWork) -> CashPayment:
    known = await uow.counter_payments.find_cash(payment.request)
    if known is None:
        await _refuse(await uow.intents.get(payment.payment_intent_id), uow)
    if known.request.fingerprint != payment.request.fingerprint:
        raise KeyReused
    return known


async def _require_takeable(intent: PaymentIntent, *, uow: UnitOfWork, tools: CounterTools) -> str:
    """The evidence of the officer's confirmation. Raises what keeps this money from being taken."""
    if intent.status is Status.SUCCEEDED:
        await _refuse(intent, uow)
    evidence_id = await require_confirmed(intent, Method.CASH, uow=uow)
    if intent.status is not Status.CONFIRMED:
        raise NotPayableAtCounter(intent.status)
    await require_offered(
        Method.CASH, intent.amount, methods=uow.methods, clock=tools.clock, place=Place.COUNTER
    )
    return evidence_id


async def _refuse(intent: PaymentIntent, uow: UnitOfWork) -> NoReturn:
    """Who has paid it, and when, so that the officer can explain it to whoever stands there."""
    if intent.payment is None:
        raise NotPayableAtCounter(intent.status)
    facts = {
        "paid_through": intent.payment.provider,
        "provider_reference": intent.payment.provider_reference,
        "paid_at": intent.payment.paid_at.isoformat(),
    }
    if intent.payment.provider == CASH_PROVIDER:
        taken = await uow.counter_payments.find_cash_of(intent.id)
        facts |= {"taken_by": taken.request.officer} if taken else {}
    raise AlreadyPaid(facts)


async def _put_in(
    payment: CashPayment, drawer: CashDrawer, caller: OnDuty, *, uow: UnitOfWork
) -> None:
    if (drawer.officer, drawer.agency_code) != (caller.subject, payment.agency_code):
        raise NotYourDrawer
    if not await uow.drawers.take(drawer.id, payment.amount, officer=caller.subject):
        now = await uow.drawers.get(drawer.id)
        raise DrawerNotOpen(now.status if now.status is not DrawerStatus.OPEN else "busy")


def _notification(
    payment: CashPayment,
    intent: PaymentIntent,
    drawer: CashDrawer,
    *,
    evidence_id: str,
    tools: CounterTools,
) -> ProviderNotification:
    """The officer's word, in the form in which every provider's word is judged."""
    facts = {
        "kind": "cash",
        "payment_intent_id": str(intent.id),
        "bill_reference": intent.bill_reference,
        "amount_minor_units": payment.amount.minor_units,
        "tendered_minor_units": payment.tendered.minor_units,
        "currency": payment.amount.currency,
        "officer": payment.request.officer,
        "agency_code": drawer.agency_code,
        "desk": drawer.desk,
        "drawer": drawer.drawer,
        "drawer_id": str(drawer.id),
        "paid_at": payment.paid_at.isoformat(),
    }
    return ProviderNotification(
        id=tools.ids.new(),
        provider=CASH_PROVIDER,
        source=Source.COUNTER,
        notice=ProviderNotice(
            provider_reference=payment.provider_reference,
            amount=payment.amount,
            outcome=Outcome.SUCCEEDED,
            paid_at=payment.paid_at,
            notice_id=str(payment.id),
            bill_number=intent.bill_reference,
        ),
        raw=evidence(facts),
        proof={"officer": payment.request.officer, "drawer": drawer.drawer, "desk": drawer.desk},
        evidence_id=evidence_id,
        evidence_level=OFFICER_EVIDENCE,
        received_at=payment.paid_at,
        account=drawer_account(drawer),
        method=Method.CASH,
    )
