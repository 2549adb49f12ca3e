from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.clock import Clock
from chassis.ids import Ids
from gateway.domain.confirming.confirmation import Confirmation, ConfirmationProof, Status
from gateway.domain.confirming.errors import ConfirmationNotFound, DeviceKeyRefused
from gateway.domain.confirming.events import PaymentIntentConfirmedV1
from gateway.domain.errors import UpstreamUnavailable
from gateway.domain.evidence.record import Evidence
from gateway.domain.machines.client import KeyState
from gateway.domain.people.account import Account, DeviceKey
from gateway.domain.people.errors import CodeRefused
from gateway.ports.confirming import Payments
from gateway.ports.people import DeviceProofs, OneTimeCodes
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.people.spend_code import spend_code


@dataclass(frozen=True, slots=True)
class GivenProof:
    """`jws` is detached and signs the intent bytes; the one-time code is a factor of its own."""

    jws: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvingTools:
    codes: OneTimeCodes
    proofs: DeviceProofs
    payments: Payments
    clock: Clock
    ids: Ids


@dataclass(frozen=True, slots=True)
class Confirmed:
    """`payment` is None while the payment service is out of reach; the event will reach it."""

    confirmation: Confirmation
    payment: Mapping[str, Any] | None


async def prove_confirmation(
    confirmation_id: UUID, given: GivenProof, *, user_id: UUID, uow: UnitOfWork, tools: ProvingTools
) -> Confirmed:
    """Take a payer's agreement: proof, evidence and announcement in one transaction.

    The same proof given again is answered the same and has no further effect.
    """
    async with uow:
        confirmation = await uow.confirmations.get_for_update(confirmation_id)
        if confirmation.user_id != user_id:
            raise ConfirmationNotFound
        account = await uow.accounts.get_for_update(user_id)
        if _is_repeat(given, confirmation, account, tools.codes):
            confirmed: Confirmation | None = confirmation
        else:
            confirmed = await _confirm(given, confirmation, account=account, uow=uow, tools=tools)
    if confirmed is None:
        raise CodeRefused
    try:
        return Confirmed(confirmed, await tools.payments.confirm(confirmed))
    except UpstreamUnavailable:
        # Committed already: payment_intent.confirmed.v1 tells the payment service instead.
        return Confirmed(confirmed, None)


async def _confirm(
    given: GivenProof,
    confirmation: Confirmation,
    *,
    account: Account,
    uow: UnitOfWork,
    tools: ProvingTools,
) -> Confirmation | None:
    """None for a wrong code, whose counting must be committed. All else that is wrong raises."""
    now = tools.clock.now()
    confirmation.require_open(now)
    account.require_unlocked(now)
    device = await _find_device(given.jws, account, uow=uow, proofs=tools.proofs)
    tools.proofs.check_detached(given.jws, confirmation.intent_bytes, device.public_jwk)
    step = await spend_code(account, given.code, uow=uow, codes=tools.codes, now=now)
    if step is None:
        return None
    proof = ConfirmationProof(
        jws=given.jws,
        device_key_id=device.id,
        device_jwk=device.public_jwk,
        totp_step=step,
        evidence_id=tools.ids.new(),
        confirmed_at=now,
    )
    confirmed = confirmation.confirm(proof)
    await uow.evidence.add(Evidence.of_confirmation(confirmed, proof, id=proof.evidence_id))
    await uow.confirmations.confirm(confirmed)
    await uow.outbox.add(
        PaymentIntentConfirmedV1.of(confirmed, proof), subject=str(confirmed.payment_intent_id)
    )
    return confirmed


async def _find_device(
    jws: str, account: Account, *, uow: UnitOfWork, proofs: DeviceProofs
) -> DeviceKey:
    device = await uow.device_keys.find(proofs.key_id(jws))
    if device is None or device.user_id != account.id or device.state is not KeyState.ACTIVE:
        raise DeviceKeyRefused
    return device


def _is_repeat(
    given: GivenProof, confirmation: Confirmation, account: Account, codes: OneTimeCodes
) -> bool:
    proof = confirmation.proof
    return (
        confirmation.status is Status.CONFIRMED
        and proof is not None
        and given.jws == proof.jws
        and codes.is_code_of(account.totp_sealed, given.code, proof.totp_step)
    )
