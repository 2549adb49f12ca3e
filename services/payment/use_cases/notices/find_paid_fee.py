from dataclasses import dataclass

from services.payment.domain.intents.payment_attempt import PaymentAttempt
from services.payment.domain.intents.payment_intent import PaymentIntent
from services.payment.domain.notices.provider_notification import ProviderNotice
from services.payment.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class PaidFee:
    """What a notice is about: a fee, and the try to pay it, as far as either can be told."""

    intent: PaymentIntent | None
    attempt: PaymentAttempt | None = None


async def find_paid_fee(notice: ProviderNotice, *, provider: str, uow: UnitOfWork) -> PaidFee:
    """Inside a running transaction. The surest name goes first: the order that we gave this
    provider, an account made for one fee, the bill number, a code in the memo."""
    attempt: PaymentAttempt | None = None
    if notice.order_reference is not None:
        attempt = await uow.attempts.find_by_order(provider, notice.order_reference)
    if attempt is None and notice.alias_account is not None:
        attempt = await uow.attempts.find_by_alias(provider, notice.alias_account)
    if attempt is not None:
        return PaidFee(await uow.intents.get(attempt.payment_intent_id), attempt)
    return PaidFee(await uow.intents.find_named(notice.references))
