"""What stands behind a signature by certificate: the path, its purpose, its holder, revocation."""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from sqlalchemy import select

from gateway.domain.confirming.certificate import Authority as Kind
from gateway.domain.confirming.certificate import BoundCertificate
from gateway.storage.evidence.tables import EVIDENCE
from tests.gateway.payer import decode, make_payer
from tests.gateway.proofs.conftest import Trusted
from tests.gateway.proofs.pki import NOW, Authority, Signer
from tests.gateway.proofs.provers import (
    Effects,
    Prover,
    bind,
    by_remote_signature,
    effects,
    uow_of,
)

NOTHING = Effects(0, 0, 0)


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


async def signing_with(
    trusted: Trusted, signer: Signer, *, form: str = "jws", algorithm: str = "ES256"
) -> Prover:
    """A payer whose certificate is in the books whatever it is."""
    payer = await make_payer(trusted.world)
    await _file(trusted, signer, payer.id)

    async def proof(_opened: dict[str, Any], payload: bytes) -> dict[str, Any]:
        value = signer.cms(payload) if form == "cms" else signer.jws(payload, algorithm=algorithm)
        return {"kind": "remote-signature", "signature": {"form": form, "value": value}}

    return Prover(payer, proof)


async def _file(trusted: Trusted, signer: Signer, user_id: str, authority: str = "person") -> None:
    uow = uow_of(trusted.world)
    async with uow:
        await uow.certificates.bind(
            BoundCertificate(
                id=signer.id,
                user_id=UUID(user_id),
                authority=Kind(authority),
                der=signer.certificate.public_bytes(Encoding.DER),
                subject="somebody",
                not_after=NOW + timedelta(days=1),
                bound_at=NOW,
            )
        )


@pytest.mark.parametrize(
    ("form", "algorithm", "make"),
    [
        ("jws", "ES256", lambda root: root.issue()),
        ("jws", "RS256", lambda root: root.issue(key=rsa_key())),
        ("jws", "PS256", lambda root: root.issue(key=rsa_key())),
        ("cms", "", lambda root: root.issue()),
        ("cms", "", lambda root: root.issue(key=rsa_key())),
        ("jws", "ES256", lambda root: root.issue(uses=("digital_signature",))),
        ("jws", "ES256", lambda root: root.issue(uses=("content_commitment",))),
        ("jws", "ES256", lambda root: root.issue(purposes=[ExtendedKeyUsageOID.CLIENT_AUTH])),
    ],
)
async def test_signatures_of_every_accepted_shape_confirm(
    quick_trusted: Trusted, form: str, algorithm: str, make: Callable[[Authority], Signer]
) -> None:
    signer = make(quick_trusted.person)
    prover = await signing_with(quick_trusted, signer, form=form, algorithm=algorithm)

    answer = await prover.prove(await prover.open())

    assert answer.status_code == 200, answer.text
    async with quick_trusted.world.database.read() as connection:
        record = (await connection.execute(select(EVIDENCE))).one().record
    assert record["certificate_sha256"] == signer.id
    assert [hashlib.sha256(b64decode(one)).hexdigest() for one in record["chain"]] == [
        signer.id,
        hashlib.sha256(quick_trusted.person.certificate.public_bytes(Encoding.DER)).hexdigest(),
    ]
    (revocation,) = record["revocation"]
    assert revocation["certificate_sha256"] == signer.id
    assert x509.load_der_x509_crl(b64decode(revocation["der"])).is_signature_valid(
        quick_trusted.person.certificate.public_key()  # type: ignore[arg-type]
    )
    assert record["key_class"] in ("rsa-2048", "ec-secp256r1")


async def test_a_path_over_an_authority_between_is_followed_and_asked_about(
    quick_trusted: Trusted,
) -> None:
    between = Authority("Test Person CA G2", above=quick_trusted.person)
    prover = await signing_with(quick_trusted, between.issue())
    opened = await prover.open()

    unknown = await prover.prove(opened)
    folder = quick_trusted.folder("person")
    (folder / "between.crl").write_bytes(between.revocation_list())
    known = await prover.prove(opened)

    assert (unknown.status_code, unknown.json()["code"]) == (503, "revocation_unknown")
    assert known.status_code == 200, known.text


@pytest.mark.parametrize(
    "make",
    [
        lambda _root: Authority("Test Person CA").issue(),
        lambda _root: Authority("Nobody").issue(),
        lambda root: root.issue(valid=(timedelta(days=-9), timedelta(seconds=-1))),
        lambda root: root.issue(valid=(timedelta(hours=1), timedelta(days=9))),
        lambda root: root.issue(uses=("key_encipherment",)),
        lambda root: root.issue(uses=()),
        lambda root: root.issue(purposes=[ExtendedKeyUsageOID.SERVER_AUTH]),
        lambda root: root.issue(purposes=[ExtendedKeyUsageOID.TIME_STAMPING]),
        lambda root: root.issue(key=ec.generate_private_key(ec.SECP256K1())),
        lambda root: Signer(root.certificate, root.key),
    ],
    ids=[
        "forged authority",
        "unknown authority",
        "expired",
        "not yet valid",
        "not for signing",
        "says no use",
        "for servers",
        "for time stamps",
        "another curve",
        "the root itself",
    ],
)
async def test_a_certificate_that_nobody_vouches_for_confirms_nothing(
    quick_trusted: Trusted, make: Callable[[Authority], Signer]
) -> None:
    prover = await signing_with(quick_trusted, make(quick_trusted.person))

    answer = await prover.prove(await prover.open())

    assert (answer.status_code, answer.json()["code"]) == (403, "certificate_refused")
    assert await effects(quick_trusted.world) == NOTHING


async def test_a_short_rsa_key_is_refused(quick_trusted: Trusted) -> None:
    signer = quick_trusted.person.issue(key=rsa_key(1024))
    prover = await signing_with(quick_trusted, signer, algorithm="RS256")

    answer = await prover.prove(await prover.open())

    assert (answer.status_code, answer.json()["code"]) == (403, "certificate_refused")


@pytest.mark.parametrize("algorithm", ["RS1", "none", "HS256", "EdDSA", "ES384"])
async def test_a_weak_or_unfit_algorithm_is_refused(quick_trusted: Trusted, algorithm: str) -> None:
    signer = quick_trusted.person.issue(key=rsa_key())
    prover = await signing_with(quick_trusted, signer, algorithm=algorithm)

    answer = await prover.prove(await prover.open())

    assert (answer.status_code, answer.json()["code"]) == (400, "proof_malformed")
    assert await effects(quick_trusted.world) == NOTHING


@pytest.mark.parametrize(
    "changes",
    [
        {"b64": True},
        {"crit": None},
        {"typ": "JWT"},
        {"kid": "another"},
        {"jku": "https://elsewhere.example/keys"},
        {"x5u": "https://elsewhere.example/cert"},
        {"jwk": {"kty": "EC"}},
        {"x5c": []},
        {"x5c": ["not base64"]},
        {"x5c": None},
    ],
    ids=str,
)
async def test_a_signature_of_another_shape_is_refused(
    quick_trusted: Trusted, changes: dict[str, Any]
) -> None:
    signer = quick_trusted.person.issue()
    prover = await signing_with(quick_trusted, signer)
    opened = await prover.open()

    jws = signer.jws(decode(opened["intent_bytes"]), **changes)
    answer = await prover.send(
        opened, {"kind": "remote-signature", "signature": {"form": "jws", "value": jws}}
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "proof_malformed")


def _signed(encoded: str) -> tuple[cms.ContentInfo, Any]:
    info = cms.ContentInfo.load(b64decode(encoded))
    return info, info["content"]


def _with_content(signer: Signer, payload: bytes) -> str:
    return signer.cms(payload, attached=True)


def _two_signers(signer: Signer, payload: bytes) -> str:
    info, data = _signed(signer.cms(payload))
    data["signer_infos"].append(data["signer_infos"][0].copy())
    return b64encode(info.dump(force=True)).decode()


def _no_attributes(signer: Signer, payload: bytes) -> str:
    info, data = _signed(signer.cms(payload))
    del data["signer_infos"][0]["signed_attrs"]
    return b64encode(info.dump(force=True)).decode()


def _no_certificates(signer: Signer, payload: bytes) -> str:
    info, data = _signed(signer.cms(payload))
    del data["certificates"]
    return b64encode(info.dump(force=True)).decode()


def _no_cms(_signer: Signer, _payload: bytes) -> str:
    return b64encode(b"no CMS at all, only bytes").decode()


def _longer(signer: Signer, payload: bytes) -> str:
    return b64encode(b64decode(signer.cms(payload)) + b"\x00").decode()


@pytest.mark.parametrize(
    "make", [_with_content, _two_signers, _no_attributes, _no_certificates, _no_cms, _longer]
)
async def test_a_cms_of_another_shape_is_refused(
    quick_trusted: Trusted, make: Callable[[Signer, bytes], str]
) -> None:
    signer = quick_trusted.person.issue()
    prover = await signing_with(quick_trusted, signer)
    opened = await prover.open()

    value = make(signer, decode(opened["intent_bytes"]))
    answer = await prover.send(
        opened, {"kind": "remote-signature", "signature": {"form": "cms", "value": value}}
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "proof_malformed"), answer.text
    assert await effects(quick_trusted.world) == NOTHING


async def test_every_changed_byte_of_a_cms_is_refused(quick_trusted: Trusted) -> None:
    """Every 23rd byte: a certificate, the attributes, the signature."""
    signer = quick_trusted.person.issue()
    prover = await signing_with(quick_trusted, signer)
    opened = await prover.open()
    raw = b64decode(signer.cms(decode(opened["intent_bytes"])))
    quick_trusted.world.clock.advance(timedelta(seconds=1))

    for place in range(0, len(raw), 23):
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        value = b64encode(changed).decode()
        answer = await prover.send(
            opened, {"kind": "remote-signature", "signature": {"form": "cms", "value": value}}
        )
        assert answer.status_code in (400, 403), (place, answer.text)
    assert await effects(quick_trusted.world) == NOTHING


async def test_a_certificate_that_is_not_mine_confirms_nothing(quick_trusted: Trusted) -> None:
    signer = quick_trusted.person.issue()
    payer = await make_payer(quick_trusted.world)
    other = await make_payer(quick_trusted.world, "binh.tran")

    async def proof(_opened: dict[str, Any], payload: bytes) -> dict[str, Any]:
        signature = {"form": "jws", "value": signer.jws(payload)}
        return {"kind": "remote-signature", "signature": signature}

    prover = Prover(payer, proof)
    opened = await prover.open()

    unbound = await prover.prove(opened)
    await _file(quick_trusted, signer, other.id)
    anothers = await prover.prove(opened)

    assert unbound.json()["code"] == anothers.json()["code"] == "certificate_not_bound"
    assert await effects(quick_trusted.world) == NOTHING


async def test_a_removed_certificate_confirms_nothing(quick_trusted: Trusted) -> None:
    prover = await by_remote_signature(quick_trusted)
    headers = {"authorization": f"Bearer {prover.payer.token}"}
    http = quick_trusted.world.http
    (held,) = (await http.get("/v1/certificates", headers=headers)).json()["items"]

    removed = await http.delete(f"/v1/certificates/{held['id']}", headers=headers)
    again = await http.delete(f"/v1/certificates/{held['id']}", headers=headers)
    answer = await prover.prove(await prover.open())

    assert (removed.status_code, again.status_code) == (204, 404)
    assert (await http.get("/v1/certificates", headers=headers)).json() == {"items": []}
    assert answer.json()["code"] == "certificate_not_bound"


async def test_a_revoked_certificate_confirms_nothing(quick_trusted: Trusted) -> None:
    signer = quick_trusted.person.issue()
    prover = await signing_with(quick_trusted, signer)
    quick_trusted.publish("person", quick_trusted.person.revocation_list(signer))

    answer = await prover.prove(await prover.open())

    assert (answer.status_code, answer.json()["code"]) == (403, "certificate_revoked")
    assert await effects(quick_trusted.world) == NOTHING


@pytest.mark.parametrize(
    "make",
    [
        lambda root: root.revocation_list(at=NOW - timedelta(hours=25)),
        lambda root: root.revocation_list(at=NOW - timedelta(hours=2), lasting=timedelta(hours=1)),
        lambda root: root.revocation_list(at=NOW + timedelta(hours=2)),
        lambda _root: Authority("Test Person CA").revocation_list(),
        lambda _root: Authority("Nobody").revocation_list(),
        lambda _root: b"no list at all",
    ],
    ids=["a day old", "run out", "of tomorrow", "forged", "of another authority", "unreadable"],
)
async def test_without_a_fresh_word_on_revocation_nothing_is_confirmed(
    quick_trusted: Trusted, make: Callable[[Authority], bytes]
) -> None:
    prover = await signing_with(quick_trusted, quick_trusted.person.issue())
    quick_trusted.publish("person", make(quick_trusted.person))

    answer = await prover.prove(await prover.open())

    assert (answer.status_code, answer.json()["code"]) == (503, "revocation_unknown")
    assert await effects(quick_trusted.world) == NOTHING


async def test_binding_takes_a_signature_over_a_challenge_of_mine_once(
    quick_trusted: Trusted,
) -> None:
    payer = await make_payer(quick_trusted.world)
    other = await make_payer(quick_trusted.world, "binh.tran")
    signer = quick_trusted.person.issue()
    challenge = (await payer.post("/v1/certificate-challenges")).json()["challenge"]

    def body(text: str, signed: str) -> dict[str, Any]:
        signature = {"form": "jws", "value": signer.jws(signed.encode())}
        return {"challenge": text, "signature": signature}

    elsewhere = await payer.post("/v1/certificates", body(challenge, "another text"))
    foreign = await other.post("/v1/certificates", body(challenge, challenge))
    first = await payer.post("/v1/certificates", body(challenge, challenge))
    again = await payer.post("/v1/certificates", body(challenge, challenge))
    taken = await bind(other, signer)

    assert elsewhere.json()["code"] == "proof_refused"
    assert foreign.json()["code"] == "challenge_refused"
    assert first.status_code == 201, first.text
    assert first.json()["id"] == signer.id
    assert again.json()["code"] == "challenge_refused"
    assert taken.json()["code"] == "certificate_taken"


async def test_a_device_keys_challenge_binds_no_certificate(quick_trusted: Trusted) -> None:
    payer = await make_payer(quick_trusted.world)
    signer = quick_trusted.person.issue()
    challenge = (await payer.post("/v1/device-key-challenges")).json()["challenge"]

    signature = {"form": "jws", "value": signer.jws(challenge.encode())}
    answer = await payer.post("/v1/certificates", {"challenge": challenge, "signature": signature})

    assert answer.json()["code"] == "challenge_refused"


async def test_who_is_no_officer_binds_no_officers_certificate(quick_trusted: Trusted) -> None:
    payer = await make_payer(quick_trusted.world)

    answer = await bind(payer, quick_trusted.officer.issue(), authority="officer")

    assert (answer.status_code, answer.json()["code"]) == (403, "role_needed")


async def test_a_certificate_of_the_other_authority_does_not_bind(quick_trusted: Trusted) -> None:
    payer = await make_payer(quick_trusted.world)

    answer = await bind(payer, quick_trusted.officer.issue())

    assert (answer.status_code, answer.json()["code"]) == (403, "certificate_refused")


async def test_an_account_binds_ten_certificates_and_no_more(quick_trusted: Trusted) -> None:
    payer = await make_payer(quick_trusted.world)

    answers = [await bind(payer, quick_trusted.person.issue()) for _ in range(11)]

    assert [one.status_code for one in answers] == [201] * 10 + [409]
    assert answers[-1].json()["code"] == "too_many_certificates"
