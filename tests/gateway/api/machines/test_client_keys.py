"""A client's key from its registration to its end, through the door."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from jwt.algorithms import ECAlgorithm
from sqlalchemy import select

from chassis.keys import PrivateKey, load_public_key, public_jwk, thumbprint
from gateway.domain.people.roles import Role
from gateway.storage.audit.tables import AUDIT_PENDING
from tests.gateway.registrars import (
    REASON,
    certificate_of,
    make_officer,
    make_register,
    new_key,
    prove,
)
from tests.gateway.world import World

CLIENT = {"id": "portal-hue", "class": "portal", "contact_agency": "H57"}


def portal_kid(world: World) -> str:
    path = world.settings.keys_dir / "clients" / "portal-demo.pub.pem"
    return thumbprint(load_public_key(path))


async def actions(world: World) -> list[str]:
    async with world.database.read() as connection:
        records = (await connection.scalars(select(AUDIT_PENDING.c.record))).all()
    return [str(record) for record in records if b'"action":"client' in record]


async def test_a_key_is_registered_approved_retired_and_all_of_it_is_written_down(
    world: World,
) -> None:
    register = await make_register(world)
    registrar, approver = register.registrar, register.approver
    before = len(await actions(world))
    assert (await registrar.post("/v1/clients", CLIENT)).status_code == 201
    registered = await registrar.register("portal-hue", new_key())
    kid = registered.json()["kid"]
    approved = await approver.change(kid, "approval")
    retired = await registrar.change(kid, "retirement", {})
    revoked = await approver.change(kid, "revocation", {"reason": REASON})
    history = (await registrar.get(f"/v1/client-keys/{kid}/history")).json()["items"]

    states = [answer.json()["state"] for answer in (registered, approved, retired, revoked)]
    assert states == ["pending", "active", "retiring", "revoked"]
    assert [line["action"] for line in history] == ["registered", "approved", "retired", "revoked"]
    assert history[3]["reason"] == REASON
    assert history[0]["actor"] == f"user:{registrar.id}"
    assert history[1]["actor"] == f"user:{approver.id}"
    written = (await actions(world))[before:]
    assert len(written) == len(["client", "challenge", *history])
    assert not any(REASON in record for record in written)


async def test_a_key_counts_once_it_is_approved(world: World) -> None:
    register = await make_register(world)
    kid = await register.pending()
    shown = (await register.registrar.get("/v1/clients/portal-demo")).json()

    assert [key["state"] for key in shown["keys"] if key["kid"] == kid] == ["pending"]
    assert (shown["class"], shown["splits_target"], shown["networks"]) == ("portal", False, [])
    assert (await register.approver.change(kid, "approval")).json()["state"] == "active"


async def test_clients_come_in_pages_and_by_class(world: World) -> None:
    registrar = await make_officer(world, "registrar", Role.KEY_REGISTRAR)
    await registrar.post("/v1/clients", CLIENT)
    seen: list[str] = []
    page: dict[str, Any] = {}
    cursor = ""
    for _ in range(4):
        page = (await registrar.get(f"/v1/clients?limit=1{cursor}")).json()
        seen += [client["id"] for client in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    banks = (await registrar.get("/v1/clients?class=bank")).json()
    of_hue = (await registrar.get("/v1/clients?contact_agency=H57")).json()

    assert seen == ["bank-echeque", "bank-sandbox", "portal-demo", "portal-hue"]
    assert page["next_cursor"] is None
    assert [client["id"] for client in banks["items"]] == ["bank-echeque", "bank-sandbox"]
    assert [client["id"] for client in of_hue["items"]] == ["portal-hue"]


@pytest.mark.parametrize(
    "changes",
    [
        {"class": "bank"},
        {"provider": "somebank"},
        {"networks": ["10.0.0.0/33"]},
        {"networks": ["10.0.0.1/8"]},
        {"id": "UPPER"},
        {"more": 1},
    ],
    ids=str,
)
async def test_a_client_that_makes_no_sense_is_refused(
    quick_world: World, changes: dict[str, Any]
) -> None:
    registrar = await make_officer(quick_world, "registrar", Role.KEY_REGISTRAR)

    assert (await registrar.post("/v1/clients", CLIENT | changes)).status_code == 422


async def test_a_clients_name_is_taken_once(world: World) -> None:
    registrar = await make_officer(world, "registrar", Role.KEY_REGISTRAR)
    await registrar.post("/v1/clients", CLIENT)

    again = await registrar.post("/v1/clients", CLIENT)

    assert (again.status_code, again.json()["code"]) == (409, "client_taken")


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
        (new_key(), "ES256"),
        (rsa.generate_private_key(65537, 3072), "PS512"),
    ],
    ids=["Ed25519", "P-256", "RSA-3072"],
)
async def test_three_kinds_of_keys_are_accepted(
    quick_world: World, key: PrivateKey, algorithm: str
) -> None:
    registrar = await make_officer(quick_world, "registrar", Role.KEY_REGISTRAR)

    answer = await registrar.register("portal-demo", key, algorithm=algorithm)

    assert answer.status_code == 201, answer.text
    assert answer.json()["public_jwk"] == public_jwk(key.public_key())


async def test_private_members_never_come_in(quick_world: World) -> None:
    registrar = await make_officer(quick_world, "registrar", Role.KEY_REGISTRAR)
    key = new_key()
    private = ECAlgorithm.to_jwk(key, as_dict=True)

    answer = await registrar.register("portal-demo", key, jwk=private)

    assert (answer.status_code, answer.json()["code"]) == (422, "unusable_key")
    assert "private members" in answer.json()["detail_en"]


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (rsa.generate_private_key(65537, 2048), "PS512"),
        (rsa.generate_private_key(3, 3072), "PS512"),
        (ec.generate_private_key(ec.SECP384R1()), "ES384"),
    ],
    ids=["RSA-2048", "exponent 3", "P-384"],
)
async def test_weak_and_foreign_keys_are_refused(
    quick_world: World, key: PrivateKey, algorithm: str
) -> None:
    registrar = await make_officer(quick_world, "registrar", Role.KEY_REGISTRAR)

    answer = await registrar.register("portal-demo", key, algorithm=algorithm)

    assert (answer.status_code, answer.json()["code"]) == (422, "unusable_key")


async def test_a_key_is_shown_by_its_own_signature_over_this_very_challenge(
    quick_world: World,
) -> None:
    registrar = await make_officer(quick_world, "registrar", Role.KEY_REGISTRAR)
    key, other = new_key(), new_key()
    challenge = await registrar.challenge("portal-demo")
    rsa_key = rsa.generate_private_key(65537, 3072)
    wrong = {
        "by another key": prove(other, challenge),
        "over another text": prove(key, challenge + "x"),
        "with another kid": prove(key, challenge, kid=thumbprint(other.public_key())),
        "bringing its own key": prove(key, challenge, jwk=public_jwk(other.public_key())),
        "pointing elsewhere": prove(key, challenge, jku="https://evil.example/jwks"),
    }

    for name, proof in wrong.items():
        answer = await registrar.register("portal-demo", key, challenge=challenge, proof=proof)
        assert (answer.status_code, answer.json()["code"]) == (422, "key_proof_refused"), name
    padded = await registrar.register("portal-demo", rsa_key, algorithm="RS256")
    assert padded.json()["code"] == "key_proof_refused"


async def test_a_challenge_serves_one_client_once_and_for_ten_minutes(world: World) -> None:
    registrar = await make_officer(world, "registrar", Role.KEY_REGISTRAR)
    await registrar.post("/v1/clients", CLIENT)
    challenge = await registrar.challenge("portal-demo")
    key, second = new_key(), new_key()
    given = {"challenge": challenge, "proof": prove(key, challenge)}

    elsewhere = await registrar.register("portal-hue", key, **given)
    first = await registrar.register("portal-demo", key, **given)
    again = await registrar.register(
        "portal-demo", second, challenge=challenge, proof=prove(second, challenge)
    )
    late = await registrar.challenge("portal-demo")
    world.clock.advance(timedelta(minutes=10))
    too_late = await registrar.register(
        "portal-demo", second, challenge=late, proof=prove(second, late)
    )

    assert first.status_code == 201
    for refused in (elsewhere, again, too_late):
        assert (refused.status_code, refused.json()["code"]) == (409, "key_challenge_refused")


async def test_a_key_is_registered_once_for_one_client(world: World) -> None:
    registrar = await make_officer(world, "registrar", Role.KEY_REGISTRAR)
    await registrar.post("/v1/clients", CLIENT)
    key = new_key()
    assert (await registrar.register("portal-demo", key)).status_code == 201

    for client_id in ("portal-demo", "portal-hue"):
        again = await registrar.register(client_id, key)
        assert (again.status_code, again.json()["code"]) == (409, "key_taken")


async def test_a_certificates_key_ends_with_its_certificate(quick_world: World) -> None:
    register = await make_register(quick_world)
    key = new_key()
    ends = quick_world.clock.now() + timedelta(days=30)

    registered = await register.registrar.register(
        "portal-demo", key, jwk=None, certificate=pem_of(certificate_of(key, ends))
    )
    garbled = await register.registrar.register(
        "portal-demo", new_key(), jwk=None, certificate="-----BEGIN CERTIFICATE-----"
    )
    late = new_key()
    over = pem_of(certificate_of(late, quick_world.clock.now() - timedelta(days=1)))
    expired = await register.registrar.register("portal-demo", late, jwk=None, certificate=over)

    assert datetime.fromisoformat(registered.json()["until"]) == ends
    assert garbled.json()["code"] == "unusable_key"
    assert expired.json()["code"] == "key_expired"


async def test_nobody_approves_what_they_registered_even_with_both_duties(world: World) -> None:
    both = await make_officer(world, "both", Role.KEY_REGISTRAR, Role.KEY_APPROVER)
    kid = (await both.register("portal-demo", new_key())).json()["kid"]

    alone = await both.change(kid, "approval")
    other = await make_officer(world, "approver", Role.KEY_APPROVER)

    assert (alone.status_code, alone.json()["code"]) == (403, "same_person")
    assert (await other.change(kid, "approval")).status_code == 200


async def test_every_step_asks_for_its_duty_and_for_no_single_agency(quick_world: World) -> None:
    register = await make_register(quick_world)
    kid = await register.pending()
    auditor = await make_officer(quick_world, "auditor", Role.AUDITOR)
    local = await make_officer(quick_world, "local", Role.KEY_REGISTRAR, agency="H57")
    citizen = await make_officer(quick_world, "citizen")

    for person in (auditor, citizen, local, register.approver):
        assert (await person.post("/v1/clients", CLIENT)).status_code == 403
        assert (await person.post("/v1/clients/portal-demo/key-challenges")).status_code == 403
        assert (await person.change(kid, "retirement", {})).status_code == 403
    for person in (auditor, citizen, local, register.registrar):
        assert (await person.change(kid, "approval")).status_code == 403
    for person in (auditor, citizen, local):
        revocation = await person.change(kid, "revocation", {"reason": REASON})
        assert revocation.status_code == 403
    for target in ("/v1/clients", "/v1/clients/portal-demo", f"/v1/client-keys/{kid}/history"):
        assert (await auditor.get(target)).status_code == 200
        assert (await citizen.get(target)).status_code == 403
        assert (await local.get(target)).status_code == 403


async def test_a_client_has_two_usable_keys_at_most(world: World) -> None:
    register = await make_register(world)
    second = await register.active()
    third = await register.pending()

    full = await register.approver.change(third, "approval")
    await register.registrar.change(second, "revocation", {"reason": REASON})
    room = await register.approver.change(third, "approval")

    assert (full.status_code, full.json()["code"]) == (409, "too_many_keys")
    assert room.status_code == 200


async def test_a_retiring_key_is_accepted_until_its_overlap_is_over(world: World) -> None:
    register = await make_register(world)
    now = world.clock.now()
    soon = (now + timedelta(days=6, hours=23)).isoformat()
    hasty = await register.registrar.change(portal_kid(world), "retirement", {"retires_at": soon})
    retired = await register.registrar.change(portal_kid(world), "retirement", {})
    assert (hasty.status_code, hasty.json()["code"]) == (422, "overlap_too_short")
    assert retired.json()["state"] == "retiring"

    world.clock.advance(timedelta(days=7, seconds=-2))
    before = await world.send(world.read("/v1/dossiers"))
    # The record is held at this moment; the clock alone ends it.
    world.clock.advance(timedelta(seconds=2))
    after = await world.send(world.read("/v1/dossiers"))

    assert (before.status_code, after.status_code) == (200, 401)


async def test_a_key_ends_a_year_after_its_registration(world: World) -> None:
    world.clock.advance(timedelta(days=365, seconds=-1))
    assert (await world.send(world.read("/v1/dossiers"))).status_code == 200

    world.clock.advance(timedelta(seconds=1))

    assert (await world.send(world.read("/v1/dossiers"))).status_code == 401


async def test_what_is_over_stays_over(quick_world: World) -> None:
    register = await make_register(quick_world)
    kid = await register.pending()
    revoked = await register.registrar.change(kid, "revocation", {"reason": REASON})
    assert revoked.json()["state"] == "revoked"

    for act, person in (("approval", register.approver), ("retirement", register.registrar)):
        again = await person.change(kid, act, {})
        assert (again.status_code, again.json()["code"]) == (409, "illegal_transition")
    unknown = await register.approver.change("x" * 43, "approval")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "key_not_found")


def pem_of(der: bytes) -> str:
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM).decode()
