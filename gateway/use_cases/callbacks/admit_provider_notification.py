from dataclasses import dataclass
from uuid import UUID

from chassis.canonical import sha256_hex
from chassis.ids import Ids
from gateway.domain.callbacks.evidence import REPEAT_KNOWN_FOR, evidence_of, number_of
from gateway.domain.callbacks.notice import ProvedNotice
from gateway.domain.callbacks.registration import ProviderRegistration
from gateway.domain.machines.errors import NonceReused
from gateway.domain.machines.signed_request import Arrival
from gateway.ports.callbacks import CallbackChecks
from gateway.ports.machines import NonceUse
from gateway.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Admitted:
    notice: ProvedNotice
    evidence_id: UUID


async def admit_provider_notification(
    arrival: Arrival,
    registration: ProviderRegistration,
    *,
    callbacks: CallbackChecks,
    uow: UnitOfWork,
    ids: Ids,
) -> Admitted:
    """Check a provider's notice by its own scheme and keep its evidence before any effect.

    The identical notice again is the evidence it first made: the payment service answers a
    repeat as it answered the first time.
    """
    notice = await callbacks.verify(arrival, registration)
    evidence_id = ids.new()
    mine = NonceUse(sha256_hex(notice.proof.base), evidence_id)
    async with uow:
        first = await uow.nonces.claim_number(
            key_id=f"{notice.scheme}:{notice.provider}",
            number=number_of(notice, arrival),
            expires_at=arrival.received_at + REPEAT_KNOWN_FOR,
            use=mine,
        )
        if first is None:
            await uow.evidence.add(evidence_of(notice, arrival, id=evidence_id))
            return Admitted(notice, evidence_id)
    if first.base_hash != mine.base_hash or first.evidence_id is None:
        raise NonceReused
    return Admitted(notice, first.evidence_id)
