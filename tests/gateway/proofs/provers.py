"""One person for each kind of proof, ready to prove whatever they are shown."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import func, select

from chassis.ids import SystemIds
from gateway.domain.confirming.proof import intent_digest
from gateway.domain.people.passkey import Passkey
from gateway.domain.people.roles import Grant, Role, RoleGrant
from gateway.storage.confirming.tables import CONFIRMATION
from gateway.storage.evidence.tables import EVIDENCE
from gateway.storage.tables import OUTBOX
from gateway.storage.unit_of_work import SqlUnitOfWork
from tests.gateway.payer import CONFIRMATIONS, Payer, decode, encode, make_payer
from tests.gateway.proofs.conftest import Trusted
from tests.gateway.proofs.pki import Signer
from tests.gateway.soft_passkey import SoftPasskey
from tests.gateway.world import World

AGENCY = "H19.25"
Opened = dict[str, Any]
Body = dict[str, Any]
Make = Callable[[Opened, bytes], Awaitable[Body]]


@dataclass
class Prover:
    """`proof` makes the body that this person would send for these bytes."""

    payer: Payer
    proof: Make
    opening: Mapping[str, Any] = field(default_factory=lambda: {"method": "vietqr"})

    async def open(self) -> Opened:
        answer = await self.payer.post(CONFIRMATIONS, dict(self.opening))
        assert answer.status_code == 201, answer.text
        opened: Opened = answer.json()
        return opened

    async def send(self, opened: Opened, body: Body) -> httpx.Response:
        return await self.payer.post(f"/v1/confirmations/{opened['confirmation_id']}/proof", body)

    async def prove(self, opened: Opened, payload: bytes | None = None) -> httpx.Response:
        signed = payload or decode(opened["intent_bytes"])
        return await self.send(opened, await self.proof(opened, signed))


def uow_of(world: World) -> SqlUnitOfWork:
    return SqlUnitOfWork(world.database, clock=world.clock, ids=SystemIds())


async def by_device_key(trusted: Trusted) -> Prover:
    payer = await make_payer(trusted.world)

    async def proof(_opened: Opened, payload: bytes) -> Body:
        return {"jws": payer.sign(payload), "totp": payer.code()}

    return Prover(payer, proof)


async def add_passkey(world: World, payer: Payer, *, payment: bool = True) -> SoftPasskey:
    party = world.app.state.tools.passkeys.party
    soft = SoftPasskey(origin=party.origin, rp_id=party.id, counts=True)
    kept = Passkey(
        id=soft.id,
        user_id=UUID(payer.id),
        public_key=soft.cose_key(),
        sign_count=0,
        transports=("internal",),
        aaguid="00000000-0000-0000-0000-000000000000",
        backup_eligible=False,
        backed_up=False,
        payment=payment,
        name="laptop",
        created_at=world.clock.now(),
    )
    uow = uow_of(world)
    async with uow:
        await uow.passkeys.add(kept)
    return soft


def challenge_of(payload: bytes) -> Mapping[str, str]:
    return {"challenge": encode(intent_digest(payload))}


async def by_passkey(trusted: Trusted) -> Prover:
    payer = await make_payer(trusted.world)
    soft = await add_passkey(trusted.world, payer)

    async def proof(_opened: Opened, payload: bytes) -> Body:
        return {"kind": "passkey", "credential": soft.get(challenge_of(payload))}

    return Prover(payer, proof)


def shown_payment(soft: SoftPasskey, intent: Mapping[str, Any]) -> dict[str, Any]:
    """What a browser puts into the client data when it shows this fee."""
    return {
        "rpId": soft.rp_id,
        "topOrigin": soft.origin,
        "payeeName": intent["payee"].get("name"),
        "total": {"currency": intent["currency"], "value": intent["amount"]},
        "instrument": {"displayName": "VietQR", "icon": "data:,"},
    }


async def by_secure_payment(trusted: Trusted) -> Prover:
    payer = await make_payer(trusted.world)
    soft = await add_passkey(trusted.world, payer)

    async def proof(_opened: Opened, payload: bytes) -> Body:
        soft.client_data = {"payment": shown_payment(soft, json.loads(payload))}
        given = soft.get(challenge_of(payload), kind="payment.get")
        return {"kind": "secure-payment-confirmation", "credential": given}

    return Prover(payer, proof)


async def bind(payer: Payer, signer: Signer, *, authority: str = "person") -> httpx.Response:
    challenge = (await payer.post("/v1/certificate-challenges")).json()["challenge"]
    return await payer.post(
        "/v1/certificates",
        {
            "authority": authority,
            "challenge": challenge,
            "signature": {"form": "jws", "value": signer.jws(challenge.encode())},
        },
    )


async def by_remote_signature(trusted: Trusted) -> Prover:
    payer = await make_payer(trusted.world)
    signer = trusted.person.issue()
    bound = await bind(payer, signer)
    assert bound.status_code == 201, bound.text

    async def proof(_opened: Opened, payload: bytes) -> Body:
        signature = {"form": "cms", "value": signer.cms(payload)}
        return {"kind": "remote-signature", "signature": signature}

    return Prover(payer, proof)


async def make_officer(trusted: Trusted, *, agency: str = AGENCY) -> Payer:
    payer = await make_payer(trusted.world, "can.bo")
    uow = uow_of(trusted.world)
    async with uow:
        await uow.grants.add(
            RoleGrant(
                id=SystemIds().new(),
                user_id=UUID(payer.id),
                grant=Grant(role=Role.COUNTER_OFFICER, agency=agency),
                granted_by="operator:test",
                granted_at=trusted.world.clock.now(),
            )
        )
    return payer


COUNTER = {"method": "vietqr", "counter": {"desk": "Quầy 3", "drawer": "K-01"}}


async def by_officer_token(trusted: Trusted) -> Prover:
    officer = await make_officer(trusted)
    signer = trusted.officer.issue("CAN BO MOT CUA")
    bound = await bind(officer, signer, authority="officer")
    assert bound.status_code == 201, bound.text

    async def proof(_opened: Opened, payload: bytes) -> Body:
        return {"kind": "officer-token", "jws": signer.jws(payload)}

    return Prover(officer, proof, COUNTER)


PROVERS: Mapping[str, Callable[[Trusted], Awaitable[Prover]]] = {
    "device-key": by_device_key,
    "passkey": by_passkey,
    "secure-payment-confirmation": by_secure_payment,
    "remote-signature": by_remote_signature,
    "officer-token": by_officer_token,
}


@dataclass(frozen=True)
class Effects:
    given: int
    kept: int
    said: int


async def effects(world: World) -> Effects:
    """How many confirmations were given, left evidence, and were announced."""
    async with world.database.read() as connection:
        confirmed = CONFIRMATION.c.status == "confirmed"
        given = await connection.scalar(
            select(func.count()).select_from(CONFIRMATION).where(confirmed)
        )
        kept = await connection.scalar(select(func.count()).select_from(EVIDENCE))
        said = await connection.scalar(select(func.count()).select_from(OUTBOX))
    return Effects(int(given or 0), int(kept or 0), int(said or 0))
