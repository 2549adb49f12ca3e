"""Challenge, register, approve, retire, expire: what each writes, and what it refuses."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chassis.testing import FakeIds, FrozenClock
from gateway.domain.machines.client import Algorithm, KeyState
from gateway.domain.machines.errors import (
    ClientNotFound,
    KeyChallengeRefused,
    KeyExpired,
    KeyProofRefused,
    OverlapTooShort,
    TooManyChallenges,
    TooManyKeys,
)
from gateway.domain.machines.key_registration import CHALLENGES_OPEN_MAX, OfferedKey
from gateway.domain.people.errors import SamePerson
from gateway.use_cases.machines.approve_client_key import approve_client_key
from gateway.use_cases.machines.challenge_client_key import challenge_client_key
from gateway.use_cases.machines.expire_client_keys import expire_client_keys
from gateway.use_cases.machines.key_changes import KeyChange
from gateway.use_cases.machines.register_client_key import KeyOffer, register_client_key
from gateway.use_cases.machines.retire_client_key import retire_client_key
from tests.gateway.fakes import FakeUnitOfWork
from tests.gateway.samples import NOW, PORTAL

REGISTRAR, APPROVER = "user:a", "user:b"
WEEK = timedelta(days=7)


class FakeKeyProofs:
    """A proof reads `<key id>|<payload>`; a JWK is its kid, a certificate its own name."""

    def read_jwk(self, jwk: Mapping[str, Any]) -> OfferedKey:
        return OfferedKey(id=str(jwk["kid"]), algorithm=Algorithm.ED25519, public_jwk=jwk)

    def read_certificate(self, pem: str) -> OfferedKey:
        return OfferedKey(
            id=pem, algorithm=Algorithm.ED25519, public_jwk={"kid": pem}, not_after=NOW + WEEK
        )

    def open_compact(self, jws: str, key: OfferedKey) -> bytes:
        if jws.partition("|")[0] != key.id:
            raise KeyProofRefused("another key")
        return jws.partition("|")[2].encode()


class Desk:
    """One register, its clock, and shorthand for what two people do at it."""

    def __init__(self) -> None:
        self.uow = FakeUnitOfWork()
        self.uow.clients.clients[PORTAL.id] = PORTAL
        self.clock = FrozenClock(NOW)
        self.ids = FakeIds()

    def change(self, actor: str) -> KeyChange:
        return KeyChange(actor=actor, clock=self.clock, ids=self.ids)

    async def challenge(self, client_id: str = PORTAL.id) -> str:
        made = await challenge_client_key(
            client_id, actor=REGISTRAR, uow=self.uow, clock=self.clock, ids=self.ids
        )
        return made.text

    async def offer(self, kid: str, **changes: Any) -> KeyOffer:
        text = await self.challenge()
        offer = KeyOffer(
            client_id=PORTAL.id, jwk={"kid": kid}, challenge=text, proof=f"{kid}|{text}"
        )
        return replace(offer, **changes)

    async def register(self, offer: KeyOffer) -> str:
        key = await register_client_key(
            offer, change=self.change(REGISTRAR), uow=self.uow, proofs=FakeKeyProofs()
        )
        return key.id

    async def approve(self, kid: str, actor: str = APPROVER) -> KeyState:
        key = await approve_client_key(kid, change=self.change(actor), uow=self.uow)
        return key.state


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_registration_makes_a_pending_key_and_uses_the_challenge_up(desk: Desk) -> None:
    offer = await desk.offer("k1")
    kid = await desk.register(offer)

    assert desk.uow.clients.keys[kid].state is KeyState.PENDING
    assert desk.uow.clients.keys[kid].registered_by == REGISTRAR
    assert [entry.action for entry in desk.uow.audit.entries] == [
        "client_key.challenged",
        "client_key.registered",
    ]
    with pytest.raises(KeyChallengeRefused):
        await desk.register(offer)


async def test_a_proof_over_something_else_is_refused_before_anything_is_used(desk: Desk) -> None:
    offer = await desk.offer("k1")

    with pytest.raises(KeyProofRefused):
        await desk.register(replace(offer, proof="k1|another text"))
    with pytest.raises(KeyProofRefused):
        await desk.register(replace(offer, proof=f"k2|{offer.challenge}"))
    with pytest.raises(KeyProofRefused):
        await desk.register(replace(offer, jwk=None))
    assert await desk.register(offer) == "k1"


async def test_nobody_has_challenges_without_end(desk: Desk) -> None:
    for _ in range(CHALLENGES_OPEN_MAX):
        await desk.challenge()

    with pytest.raises(TooManyChallenges):
        await desk.challenge()
    with pytest.raises(ClientNotFound):
        await desk.challenge("portal-unknown")


async def test_approval_is_another_persons(desk: Desk) -> None:
    kid = await desk.register(await desk.offer("k1"))

    with pytest.raises(SamePerson):
        await desk.approve(kid, REGISTRAR)
    assert await desk.approve(kid) is KeyState.ACTIVE
    assert desk.uow.clients.keys[kid].approved_by == APPROVER


async def test_a_third_usable_key_is_refused(desk: Desk) -> None:
    for kid in ("k1", "k2"):
        await desk.approve(await desk.register(await desk.offer(kid)))
    third = await desk.register(await desk.offer("k3"))

    with pytest.raises(TooManyKeys):
        await desk.approve(third)


async def test_a_key_that_ended_while_it_waited_is_not_approved(desk: Desk) -> None:
    kid = await desk.register(await desk.offer("c1", jwk=None, certificate="c1"))
    desk.clock.advance(WEEK)

    with pytest.raises(KeyExpired):
        await desk.approve(kid)


async def test_retiring_takes_the_overlap_at_least(desk: Desk) -> None:
    kid = await desk.register(await desk.offer("k1"))
    await desk.approve(kid)
    change = desk.change(REGISTRAR)

    with pytest.raises(OverlapTooShort):
        await retire_client_key(
            kid,
            retires_at=NOW + WEEK - timedelta(seconds=1),
            overlap_min=WEEK,
            change=change,
            uow=desk.uow,
        )
    retired = await retire_client_key(kid, overlap_min=WEEK, change=change, uow=desk.uow)

    assert (retired.state, retired.until) == (KeyState.RETIRING, NOW + WEEK)


async def test_the_clock_ends_keys_and_says_so(desk: Desk) -> None:
    kid = await desk.register(await desk.offer("k1"))
    await desk.approve(kid)
    await retire_client_key(kid, overlap_min=WEEK, change=desk.change(REGISTRAR), uow=desk.uow)

    too_early = await expire_client_keys(uow=desk.uow, clock=desk.clock, ids=desk.ids)
    desk.clock.advance(WEEK)
    ended = await expire_client_keys(uow=desk.uow, clock=desk.clock, ids=desk.ids)
    again = await expire_client_keys(uow=desk.uow, clock=desk.clock, ids=desk.ids)

    assert (too_early, ended, again) == (0, 1, 0)
    assert desk.uow.clients.keys[kid].state is KeyState.EXPIRED
    assert desk.uow.audit.entries[-1].actor == "system:clock"
