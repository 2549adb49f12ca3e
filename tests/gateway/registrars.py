"""People who tend the register of clients, and partners who come with a key."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from jwt.api_jws import PyJWS

from chassis.ids import SystemIds
from chassis.keys import PrivateKey, public_jwk
from gateway.domain.people.roles import EVERY_AGENCY, Grant, Role, RoleGrant
from tests.gateway.payer import Payer
from tests.gateway.world import World

REASON = "the partner lost a laptop"


@dataclass
class Officer(Payer):
    """A person with duties, signed in with a second factor."""

    async def get(self, target: str) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}"}
        return await self.world.http.get(target, headers=headers)

    async def challenge(self, client_id: str) -> str:
        answer = await self.post(f"/v1/clients/{client_id}/key-challenges")
        assert answer.status_code == 201, answer.text
        return str(answer.json()["challenge"])

    async def register(
        self, client_id: str, key: PrivateKey, *, algorithm: str = "ES256", **changes: Any
    ) -> httpx.Response:
        """A right registration, but for the changes; a change to None leaves a member out."""
        challenge = await self.challenge(client_id)
        body = {
            "jwk": public_jwk(key.public_key()),
            "challenge": challenge,
            "proof": prove(key, challenge, algorithm=algorithm),
            **changes,
        }
        kept = {name: value for name, value in body.items() if value is not None}
        return await self.post(f"/v1/clients/{client_id}/keys", kept)

    async def change(self, key_id: str, act: str, body: Any = None) -> httpx.Response:
        return await self.post(f"/v1/client-keys/{key_id}/{act}", body)


@dataclass
class Register:
    """The two people it takes."""

    registrar: Officer
    approver: Officer

    async def pending(self, client_id: str = "portal-demo") -> str:
        answer = await self.registrar.register(client_id, new_key())
        assert answer.status_code == 201, answer.text
        return str(answer.json()["kid"])

    async def active(self, client_id: str = "portal-demo") -> str:
        kid = await self.pending(client_id)
        answer = await self.approver.change(kid, "approval")
        assert answer.status_code == 200, answer.text
        return kid


async def make_officer(
    world: World, username: str, *roles: Role, agency: str = EVERY_AGENCY
) -> Officer:
    officer = Officer(world, username)
    await officer.open_account()
    assert (await officer.sign_in()).status_code == 201
    uow = world.app.state.tools.new_uow()
    async with uow:
        for role in roles:
            made = RoleGrant(
                id=SystemIds().new(),
                user_id=UUID(officer.id),
                grant=Grant(role=role, agency=agency),
                granted_by="operator:test",
                granted_at=world.clock.now(),
            )
            await uow.grants.add(made)
    return officer


async def make_register(world: World) -> Register:
    return Register(
        await make_officer(world, "registrar", Role.KEY_REGISTRAR),
        await make_officer(world, "approver", Role.KEY_APPROVER),
    )


def new_key() -> EllipticCurvePrivateKey:
    return generate_private_key(SECP256R1())


def prove(key: PrivateKey, challenge: str, *, algorithm: str = "ES256", **header: Any) -> str:
    return PyJWS().encode(challenge.encode(), key, algorithm, headers=header)


def certificate_of(key: EllipticCurvePrivateKey, ends: datetime) -> bytes:
    """DER, self-signed."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ngân hàng")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(Encoding.DER)
