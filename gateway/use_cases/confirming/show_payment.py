"""What somebody who was handed a payment may see of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from gateway.domain.confirming.shown_payment import ShownPayment, ShownReceipt
from gateway.domain.people.account import Session
from gateway.domain.people.assurance import Acr
from gateway.ports.showing import ShownPayments
from gateway.ports.unit_of_work import UnitOfWork


class Stage(StrEnum):
    """How far a payment has come, as its page tells it."""

    CONFIRMABLE = "confirmable"
    # Confirmed, and the payment service has not heard of it or has drawn no code yet.
    PREPARING = "preparing"
    PAYABLE = "payable"
    PAID = "paid"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


STAGES: Final[Mapping[str, Stage]] = {
    "created": Stage.CONFIRMABLE,
    "confirmed": Stage.PAYABLE,
    "succeeded": Stage.PAID,
    "expired": Stage.EXPIRED,
    "cancelled": Stage.CANCELLED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentView:
    """`receipts` are shown to whoever confirmed; they name the applicant."""

    id: UUID
    payment: ShownPayment
    stage: Stage
    is_own: bool
    receipts: tuple[ShownReceipt, ...] = ()


async def show_payment(
    payment_intent_id: UUID, *, session: Session, payments: ShownPayments, uow: UnitOfWork
) -> PaymentView:
    session.require(Acr.MFA)
    payment = await payments.get(payment_intent_id, user_id=session.user_id)
    async with uow:
        confirmers = await uow.confirmations.confirmers_of(payment_intent_id)
    is_own = session.user_id in confirmers
    stage = _stage(payment, is_confirmed=bool(confirmers))
    receipts: tuple[ShownReceipt, ...] = ()
    if stage is Stage.PAID and is_own:
        receipts = tuple(await payments.list_receipts(payment_intent_id))
    return PaymentView(
        id=payment_intent_id, payment=payment, stage=stage, is_own=is_own, receipts=receipts
    )


def _stage(payment: ShownPayment, *, is_confirmed: bool) -> Stage:
    stage = STAGES.get(payment.status, Stage.PREPARING)
    if stage is Stage.CONFIRMABLE and is_confirmed:
        return Stage.PREPARING
    if stage is Stage.PAYABLE and payment.qr_payload is None:
        return Stage.PREPARING
    return stage
