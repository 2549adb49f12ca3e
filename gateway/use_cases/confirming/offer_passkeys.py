from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from gateway.domain.confirming.errors import ConfirmationNotFound, NoPasskey, ProofKindUnfit
from gateway.domain.confirming.fee_intent import read_intent
from gateway.domain.confirming.payment_data import payment_request
from gateway.domain.confirming.proof import PROOF_RULES, ProofKind, intent_digest
from gateway.domain.people.account import Session
from gateway.domain.people.passkey import request_options
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.confirming.proving import ProvingTools


@dataclass(frozen=True, slots=True)
class PasskeyOffer:
    """`payment` is None without a passkey that was registered for payments."""

    public_key: Mapping[str, Any]
    payment: Mapping[str, Any] | None


async def offer_passkeys(
    confirmation_id: UUID, *, session: Session, uow: UnitOfWork, tools: ProvingTools
) -> PasskeyOffer:
    """What the browser is asked, so that a passkey of this payer signs this intent and no other."""
    rule = PROOF_RULES[ProofKind.PASSKEY]
    session.require(rule.least_acr)
    async with uow:
        confirmation = await uow.confirmations.get(confirmation_id)
        known = await uow.passkeys.list_of(session.user_id)
    if confirmation.user_id != session.user_id:
        raise ConfirmationNotFound
    confirmation.require_open(tools.clock.now())
    if confirmation.role is not rule.role:
        raise ProofKindUnfit(confirmation.role)
    if not known:
        raise NoPasskey
    digest = intent_digest(confirmation.intent_bytes)
    party, challenge = tools.passkeys.party, urlsafe_b64encode(digest).rstrip(b"=").decode()
    paying = [one for one in known if one.payment]
    intent = read_intent(confirmation.intent_bytes)
    return PasskeyOffer(
        request_options(party, challenge, known=known),
        payment_request(party, intent, digest, known=paying) if paying else None,
    )
