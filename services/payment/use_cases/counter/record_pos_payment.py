from dataclasses import dataclass, replace
from uuid import UUID

from chassis.duties import OnDuty, require_role
from chassis.idempotency import KeyReused
from chassis.money import Money
from services.payment.domain.counter.errors import SlipAlreadyUsed
from services.payment.domain.counter.payments import (
    OFFICER_EVIDENCE,
    POS_PROVIDER,
    PosPayment,
    PosSlip,
    Request,
    evidence,
)
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_intent import PaymentIntent
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
from services.payment.use_cases.notices.take_notification import take_notification


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """A card was charged at a terminal; `amount` is what its slip says."""

    payment_intent_id: UUID
    slip: PosSlip
    amount: Money


async def record_pos_payment(
    charged: Charged,
    request: Request,
    *,
    caller: OnDuty,
    uow: UnitOfWork,
    tools: CounterTools,
) -> PosPayment:
    """Enter a terminal's slip. Its money has moved already, so what does not fit is kept as a
    discrepancy like any provider's word; only what was never confirmed here is refused."""
    async with uow:
        intent = await uow.intents.get(charged.payment_intent_id)
        require_role(caller, OFFICER, agency=intent.agency_code)
        payment = PosPayment(
            id=tools.ids.new(),
            request=request,
            payment_intent_id=intent.id,
            agency_code=intent.agency_code,
            slip=charged.slip,
            amount=charged.amount,
            paid_at=tools.clock.now(),
        )
        if not await uow.counter_payments.add_pos_once(payment):
            return await _recorded_before(request, uow)
        evidence_id = await require_confirmed(intent, Method.POS, uow=uow)
        notification = _notification(payment, intent, evidence_id=evidence_id, tools=tools)
        verdict = await take_notification(notification, uow=uow, clock=tools.clock, ids=tools.ids)
        if verdict.discrepancy is not None:
            payment = replace(payment, discrepancy=verdict.discrepancy)
            await uow.counter_payments.save_pos_discrepancy(payment)
    return payment


async def _recorded_before(request: Request, uow: UnitOfWork) -> PosPayment:
    known = await uow.counter_payments.find_pos(request)
    if known is None:
        raise SlipAlreadyUsed
    if known.request.fingerprint != request.fingerprint:
        raise KeyReused
    return known


def _notification(
    payment: PosPayment, intent: PaymentIntent, *, evidence_id: str, tools: CounterTools
) -> ProviderNotification:
    """The officer's word for the slip, in the form in which every provider's word is judged."""
    slip = payment.slip
    facts = {
        "kind": "pos",
        "payment_intent_id": str(intent.id),
        "bill_reference": intent.bill_reference,
        "amount_minor_units": payment.amount.minor_units,
        "currency": payment.amount.currency,
        "officer": payment.request.officer,
        "agency_code": payment.agency_code,
        "terminal_id": slip.terminal_id,
        "batch_no": slip.batch_no,
        "approval_code": slip.approval_code,
        "card_scheme": slip.card_scheme,
        "reference": slip.reference,
        "entered_at": payment.paid_at.isoformat(),
    }
    return ProviderNotification(
        id=tools.ids.new(),
        provider=POS_PROVIDER,
        source=Source.COUNTER,
        notice=ProviderNotice(
            provider_reference=slip.provider_reference,
            amount=payment.amount,
            outcome=Outcome.SUCCEEDED,
            paid_at=payment.paid_at,
            notice_id=str(payment.id),
            bill_number=intent.bill_reference,
        ),
        raw=evidence(facts),
        proof={"officer": payment.request.officer, "approval_code": slip.approval_code},
        evidence_id=evidence_id,
        evidence_level=OFFICER_EVIDENCE,
        received_at=payment.paid_at,
        method=Method.POS,
    )
