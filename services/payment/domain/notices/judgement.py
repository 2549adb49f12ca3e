"""What a provider's notice does to an intent: the one place where that is decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.payment.domain.discrepancies.discrepancy import HANDLING, Discrepancy, Reason
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_intent import Payee, Payment, PaymentIntent, Status
from services.payment.domain.notices.provider_notification import (
    Outcome,
    ProviderNotice,
    ProviderNotification,
    Reception,
)


class Effect(StrEnum):
    SETTLE = "settle"
    REPEAT = "repeat"
    KEEP = "keep"
    DISCREPANCY = "discrepancy"


@dataclass(frozen=True, slots=True)
class Judgement:
    effect: Effect
    reason: Reason | None = None


NOT_PAYABLE: Final[Mapping[Status, Reason]] = {
    Status.CREATED: Reason.UNCONFIRMED_PAYMENT,
    Status.EXPIRED: Reason.LATE_PAYMENT,
    Status.CANCELLED: Reason.PAYMENT_AFTER_CANCELLATION,
    Status.SUCCEEDED: Reason.SECOND_PAYMENT,
}


def judge(notice: ProviderNotice, *, provider: str, intent: PaymentIntent | None) -> Judgement:
    """Facts are weighed before states, so that the order of arrival changes as little as it can."""
    if notice.outcome is not Outcome.SUCCEEDED:
        return Judgement(Effect.KEEP)
    reason = _wrong_fact(notice, intent)
    if reason is not None or intent is None:
        return Judgement(Effect.DISCREPANCY, reason)
    if intent.status is Status.CONFIRMED:
        return Judgement(Effect.SETTLE)
    if _paid_by(intent.payment, provider, notice):
        return Judgement(Effect.REPEAT)
    return Judgement(Effect.DISCREPANCY, NOT_PAYABLE[intent.status])


def receive(notice: ProviderNotice, intent: PaymentIntent | None) -> Reception:
    """For providers that want to hear more than that we heard: in the order of their checks."""
    if intent is None:
        return Reception.UNKNOWN_REFERENCE
    if notice.amount != intent.amount:
        return Reception.WRONG_AMOUNT
    return Reception.ALREADY_FINAL if intent.status is Status.SUCCEEDED else Reception.RECORDED


def discrepancy_of(
    notification: ProviderNotification,
    reason: Reason,
    *,
    id: UUID,
    intent: PaymentIntent | None,
    found_at: datetime,
) -> Discrepancy:
    handling = HANDLING[reason]
    received = notification.notice.amount
    return Discrepancy(
        id=id,
        notification_id=notification.id,
        payment_intent_id=intent.id if intent else None,
        client_id=intent.client_id if intent else None,
        agency_code=intent.agency_code if intent else None,
        reason=reason,
        expected=intent.amount if intent else None,
        received=received,
        provider=notification.provider,
        provider_reference=notification.notice.provider_reference,
        found_at=found_at,
        due_at=found_at + handling.within,
        owner_role=handling.owner_role,
        proposed_refund=received if handling.refund else None,
    )


def payment_of(notification: ProviderNotification, *, method: Method) -> Payment:
    return Payment(
        method=method,
        provider=notification.provider,
        provider_reference=notification.notice.provider_reference,
        evidence_level=notification.evidence_level,
        paid_at=notification.notice.paid_at,
    )


def _wrong_fact(notice: ProviderNotice, intent: PaymentIntent | None) -> Reason | None:
    if intent is None:
        return Reason.UNKNOWN_REFERENCE
    if notice.amount.currency != intent.amount.currency:
        return Reason.WRONG_CURRENCY
    if not _is_for_payee(notice, intent.payee):
        return Reason.WRONG_PAYEE
    if notice.amount != intent.amount:
        return Reason.UNDERPAID if notice.amount < intent.amount else Reason.OVERPAID
    return None


def _paid_by(payment: Payment | None, provider: str, notice: ProviderNotice) -> bool:
    if payment is None:
        return False
    return (payment.provider, payment.provider_reference) == (provider, notice.provider_reference)


def _is_for_payee(notice: ProviderNotice, payee: Payee) -> bool:
    """What the notice does not say cannot be wrong: a wallet names a merchant and no account."""
    return (
        notice.is_for_us
        and notice.bank_bin in (None, payee.bank_bin)
        and notice.account_number in (None, payee.account_number)
    )
