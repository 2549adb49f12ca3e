from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.domain.machines.client import KEY_AGE_MAX, ClientKey, KeyState
from gateway.domain.machines.errors import (
    ClientNotFound,
    KeyChallengeRefused,
    KeyExpired,
    KeyProofRefused,
    KeyTaken,
)
from gateway.domain.machines.key_registration import KeyAction, OfferedKey
from gateway.ports.machines import KeyProofs
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.machines.key_changes import KeyChange


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyOffer:
    """A key as a JWK or as a PEM certificate, one of the two; `proof` is over `challenge`."""

    client_id: str
    jwk: Mapping[str, Any] | None = None
    certificate: str | None = None
    challenge: str
    proof: str
    certificate_thumbprint: str | None = None


async def register_client_key(
    offer: KeyOffer, *, change: KeyChange, uow: UnitOfWork, proofs: KeyProofs
) -> ClientKey:
    """Take a key in as pending: its holder has shown to have it, nobody has approved it yet."""
    offered = _read(offer, proofs)
    if proofs.open_compact(offer.proof, offered) != offer.challenge.encode():
        raise KeyProofRefused("it is over another text than the challenge")
    now = change.clock.now()
    ends = now + KEY_AGE_MAX
    key = ClientKey(
        id=offered.id,
        client_id=offer.client_id,
        algorithm=offered.algorithm,
        public_jwk=offered.public_jwk,
        state=KeyState.PENDING,
        registered_at=now,
        registered_by=change.actor,
        expires_at=min(ends, offered.not_after or ends),
        certificate_thumbprint=offer.certificate_thumbprint,
    )
    if key.until <= now:
        raise KeyExpired
    async with uow:
        if await uow.clients.find(offer.client_id, for_update=True) is None:
            raise ClientNotFound
        if not await uow.key_challenges.use(offer.challenge, client_id=offer.client_id, now=now):
            raise KeyChallengeRefused
        if await uow.clients.find_key(key.id) is not None:
            raise KeyTaken
        await uow.clients.add_key_once(key)
        await change.write_down(key, KeyAction.REGISTERED, uow=uow)
    return key


def _read(offer: KeyOffer, proofs: KeyProofs) -> OfferedKey:
    if offer.jwk is not None:
        return proofs.read_jwk(offer.jwk)
    if offer.certificate is not None:
        return proofs.read_certificate(offer.certificate)
    raise KeyProofRefused("there is no key")
