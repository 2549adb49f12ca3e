from uuid import UUID

from services.payment.domain.discrepancies.discrepancy import HOLDS_NO_MONEY, Discrepancy, Reason
from services.payment.domain.discrepancies.errors import (
    IntentWasNotPayable,
    MoneyUsed,
    NotApplicable,
)
from services.payment.domain.errors import UnknownPaymentIntent
from services.payment.domain.events import PaymentSucceededV1
from services.payment.domain.intents.payment_intent import Payment, PaymentIntent, Status
from services.payment.domain.ledger.decided import application
from services.payment.ports.discrepancies import Sight, Use
from services.payment.ports.intents import PaidAttempt
from services.payment.use_cases.discrepancies.work_on_case import Workshop

# Money in an account that is not this fee's pays no fee, whatever its amount.
NEVER = frozenset({Reason.WRONG_PAYEE, Reason.WRONG_CURRENCY, *HOLDS_NO_MONEY})


async def apply_to_intent(
    case: Discrepancy, intent_id: UUID, *, sight: Sight, shop: Workshop
) -> None:
    """Inside a running transaction: late or misaddressed exact money pays a fee after all.

    The case's money and the intent's state are each one conditional step: whatever else wants
    this money, or pays this fee, at the same time, one of them wins.
    """
    intent = await _payable(case, intent_id, sight, shop)
    if not await shop.uow.discrepancies.use(case.id, Use.APPLIED, intent_id=intent.id):
        raise MoneyUsed(case.id)
    now = shop.clock.now()
    if intent.status is Status.EXPIRED:
        # As when a payer comes back late, it is revived; and then it is paid, in this very step.
        intent = intent.revive(expires_at=now)
        if not await shop.uow.intents.save_revived(intent):
            raise IntentWasNotPayable(intent.id)
    paid = intent.succeed(await _payment(case, intent, shop))
    if not await shop.uow.intents.save_succeeded(paid, at=now):
        raise IntentWasNotPayable(intent.id)
    await shop.uow.ledger.post(application(case, paid, id=shop.ids.new(), posted_at=now))
    await shop.uow.attempts.end_paid(paid.id, paid=PaidAttempt(None, case.provider), at=now)
    await shop.uow.outbox.add(PaymentSucceededV1.of(paid), subject=str(paid.id))


async def _payable(
    case: Discrepancy, intent_id: UUID, sight: Sight, shop: Workshop
) -> PaymentIntent:
    intent = await shop.uow.intents.get_for_update(intent_id)
    if not sight.reach.covers(client_id=intent.client_id, agency_code=intent.agency_code):
        raise UnknownPaymentIntent(intent_id)
    if case.reason in NEVER:
        raise NotApplicable(f"it is kept as {case.reason}")
    if intent.amount != case.held:
        raise NotApplicable(f"{intent.amount} is asked, and {case.held} is held")
    if intent.confirmation is None or intent.status not in (Status.CONFIRMED, Status.EXPIRED):
        raise NotApplicable(f"it is {intent.status}, or nobody confirmed it")
    return intent


async def _payment(case: Discrepancy, intent: PaymentIntent, shop: Workshop) -> Payment:
    word = await shop.uow.discrepancies.get_evidence(case.id)
    assert intent.confirmation is not None
    return Payment(
        method=intent.confirmation.method,
        provider=case.provider,
        provider_reference=case.provider_reference,
        evidence_level=word.evidence_level,
        paid_at=word.paid_at,
    )
