from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.clock import Clock
from chassis.ids import Ids
from gateway.domain.confirming.confirmation import CONFIRMATION_LIFETIME, Confirmation
from gateway.domain.confirming.errors import AlreadyConfirmed, NotConfirmable
from gateway.domain.confirming.fee_intent import (
    IntentTerms,
    PayableFee,
    describe_intent,
    intent_bytes,
)
from gateway.ports.confirming import Payments, ShownTexts
from gateway.ports.unit_of_work import UnitOfWork

CONFIRMABLE = "created"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningTools:
    payments: Payments
    texts: ShownTexts
    audience: str
    clock: Clock
    ids: Ids


@dataclass(frozen=True, slots=True)
class OpenedConfirmation:
    confirmation: Confirmation
    intent: dict[str, Any]


async def open_confirmation(
    payment_intent_id: UUID, *, user_id: UUID, method: str, uow: UnitOfWork, tools: OpeningTools
) -> OpenedConfirmation:
    """State the fee as the payment service knows it, for this payer to read and sign.

    A newer confirmation of the same payer replaces the one that was open.
    """
    fee = await tools.payments.get_fee(payment_intent_id)
    if fee.status != CONFIRMABLE:
        raise NotConfirmable(fee.status)
    async with uow:
        # The row is held so that two openings of one payer cannot both stay open.
        account = await uow.accounts.get_for_update(user_id)
        if await uow.confirmations.is_confirmed(payment_intent_id):
            raise AlreadyConfirmed
        payer = account.pairwise_id(fee.payee.code)
        opened = _state(fee, payer=payer, user_id=user_id, method=method, tools=tools)
        await uow.confirmations.supersede_open(payment_intent_id, user_id=user_id)
        await uow.confirmations.add(opened.confirmation)
    return opened


def _state(
    fee: PayableFee, *, payer: str, user_id: UUID, method: str, tools: OpeningTools
) -> OpenedConfirmation:
    now = tools.clock.now()
    expires_at = min(now + CONFIRMATION_LIFETIME, fee.expires_at)
    terms = IntentTerms(
        audience=tools.audience,
        payer=payer,
        method=method,
        issued_at=now,
        expires_at=expires_at,
        nonce=tools.ids.token(16),
    )
    intent = describe_intent(fee, terms)
    confirmation = Confirmation(
        id=tools.ids.new(),
        payment_intent_id=fee.payment_intent_id,
        user_id=user_id,
        amount=fee.amount,
        method=method,
        intent_bytes=intent_bytes(intent),
        shown_text=tools.texts.render(intent),
        opened_at=now,
        expires_at=expires_at,
    )
    return OpenedConfirmation(confirmation, intent)
