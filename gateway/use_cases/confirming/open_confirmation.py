from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from chassis.canonical import sha256_hex
from chassis.clock import Clock
from chassis.ids import Ids
from gateway.domain.audit.entry import AuditEntry
from gateway.domain.confirming.confirmation import CONFIRMATION_LIFETIME, Confirmation
from gateway.domain.confirming.errors import AlreadyConfirmed, NotConfirmable, OnlyAtCounter
from gateway.domain.confirming.fee_intent import (
    Counter,
    IntentTerms,
    PayableFee,
    describe_intent,
    intent_bytes,
)
from gateway.domain.confirming.proof import ProverRole
from gateway.domain.confirming.ways import AT_COUNTER
from gateway.domain.people.account import Account, Session
from gateway.domain.people.assurance import Acr
from gateway.ports.confirming import Payments, ShownTexts
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.confirming.counter import require_counter_officer

# A confirmed fee may be confirmed for another way to pay it.
CONFIRMABLE: Final = frozenset({"created", "confirmed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningTools:
    payments: Payments
    texts: ShownTexts
    audience: str
    clock: Clock
    ids: Ids


@dataclass(frozen=True, slots=True)
class Place:
    """Where in an agency: both as the agency names them."""

    desk: str
    drawer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`place` is given by an officer who takes the word of a payer at their counter."""

    method: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class OpenedConfirmation:
    confirmation: Confirmation
    intent: dict[str, Any]


async def open_confirmation(
    payment_intent_id: UUID,
    wanted: Wanted,
    *,
    session: Session,
    uow: UnitOfWork,
    tools: OpeningTools,
) -> OpenedConfirmation:
    """State the fee as the payment service knows it, for this person to read and sign.

    A newer confirmation of the same person replaces the one that was open.
    """
    session.require(Acr.MFA)
    if (wanted.method in AT_COUNTER) and wanted.place is None:
        raise OnlyAtCounter(wanted.method)
    fee = await tools.payments.get_fee(payment_intent_id)
    if fee.status not in CONFIRMABLE:
        raise NotConfirmable(fee.status)
    if wanted.place is not None:
        require_counter_officer(session.grants, agency=fee.payee.code)
    async with uow:
        # The row is held so that two openings of one payer cannot both stay open.
        account = await uow.accounts.get_for_update(session.user_id)
        if await uow.confirmations.is_confirmed(payment_intent_id, method=wanted.method):
            raise AlreadyConfirmed
        opened = _state(fee, wanted, account=account, tools=tools)
        await uow.confirmations.supersede_open(payment_intent_id, user_id=account.id)
        await uow.confirmations.add(opened.confirmation)
        await uow.audit.add(_entry(opened.confirmation))
    return opened


def _entry(opened: Confirmation) -> AuditEntry:
    return AuditEntry(
        action="confirmation.opened",
        actor=f"user:{opened.user_id}",
        subject=f"confirmation:{opened.id}",
        details={
            "payment_intent_id": str(opened.payment_intent_id),
            "role": opened.role.value,
            "intent_sha256": sha256_hex(opened.intent_bytes),
        },
    )


def _state(
    fee: PayableFee, wanted: Wanted, *, account: Account, tools: OpeningTools
) -> OpenedConfirmation:
    now = tools.clock.now()
    expires_at = min(now + CONFIRMATION_LIFETIME, fee.expires_at)
    name, place = account.pairwise_id(fee.payee.code), wanted.place
    counter = Counter(officer=name, desk=place.desk, drawer=place.drawer) if place else None
    terms = IntentTerms(
        audience=tools.audience,
        payer=None if counter else name,
        counter=counter,
        method=wanted.method,
        issued_at=now,
        expires_at=expires_at,
        nonce=tools.ids.token(16),
    )
    intent = describe_intent(fee, terms)
    confirmation = Confirmation(
        id=tools.ids.new(),
        payment_intent_id=fee.payment_intent_id,
        user_id=account.id,
        amount=fee.amount,
        method=wanted.method,
        intent_bytes=intent_bytes(intent),
        shown_text=tools.texts.render(intent),
        opened_at=now,
        expires_at=expires_at,
        role=ProverRole.COUNTER if counter else ProverRole.PAYER,
    )
    return OpenedConfirmation(confirmation, intent)
