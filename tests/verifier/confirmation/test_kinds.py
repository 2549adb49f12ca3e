import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import rfc8785
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from deploy.verifier.anchors import Anchors
from deploy.verifier.confirmation import KINDS, check_confirmation
from deploy.verifier.verdict import Broken
from gateway.storage.evidence.tables import EVIDENCE
from tests.gateway.proofs.conftest import Trusted
from tests.gateway.proofs.pki import Authority, Signer
from tests.gateway.proofs.provers import PROVERS

BINARY = ("client_data", "authenticator_data", "signature", "cose_key")
every_kind = pytest.mark.parametrize("kind", list(PROVERS))


@dataclass
class Kept:
    """What a confirmation left behind in the gateway's evidence."""

    intent: bytes
    record: dict[str, Any]
    anchors: Mapping[str, Any]

    def check(
        self,
        intent: bytes | None = None,
        *,
        anchors: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> str:
        record = rfc8785.dumps({**self.record, **changes})
        trusted = Anchors.of(anchors if anchors is not None else self.anchors)
        return check_confirmation(intent or self.intent, record, trusted)[1]

    def refuse(self, intent: bytes | None = None, **changes: Any) -> str:
        with pytest.raises(Broken) as refused:
            self.check(intent, **changes)
        return str(refused.value)


async def prove(trusted: Trusted, kind: str) -> Kept:
    prover = await PROVERS[kind](trusted)
    answer = await prover.prove(await prover.open())
    assert answer.status_code == 200, answer.text
    async with trusted.world.database.read() as connection:
        kept = (await connection.execute(select(EVIDENCE))).one()
    return Kept(kept.body, dict(kept.record), anchors_of(trusted.person, trusted.officer))


def anchors_of(person: Authority, officer: Authority) -> Mapping[str, Any]:
    return {
        "person_ca": [person.certificate.public_bytes(Encoding.PEM).decode()],
        "officer_ca": [officer.certificate.public_bytes(Encoding.PEM).decode()],
    }


def flipped(raw: bytes, place: int) -> bytes:
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]


def test_the_verifier_knows_every_kind_of_the_gateway() -> None:
    assert set(KINDS) == set(PROVERS)


@every_kind
async def test_what_the_gateway_kept_can_be_checked_without_it(
    quick_trusted: Trusted, kind: str
) -> None:
    kept = await prove(quick_trusted, kind)

    words = {
        "device-key": "device ",
        "passkey": "passkey ",
        "secure-payment-confirmation": "shown by the browser",
        "remote-signature": "certificate of NGUYEN VAN AN",
        "officer-token": "officer CAN BO MOT CUA at Quầy 3",
    }
    assert words[kind] in kept.check()


@every_kind
async def test_every_changed_byte_of_the_intent_is_found(quick_trusted: Trusted, kind: str) -> None:
    kept = await prove(quick_trusted, kind)

    for place in range(len(kept.intent)):
        kept.refuse(flipped(kept.intent, place))


@every_kind
async def test_changed_bytes_of_what_was_signed_with_are_found(
    quick_trusted: Trusted, kind: str
) -> None:
    kept = await prove(quick_trusted, kind)
    for name in BINARY:
        text = kept.record.get(name)
        if text is None or "." in text:
            continue
        raw = b64decode(text)
        # A certificate inside a CMS that is not the signer's signs nothing; every third byte is.
        for place in range(0, len(raw), 1 if len(raw) < 400 else 29):
            changed = b64encode(flipped(raw, place)).decode()
            one: dict[str, Any] = {name: changed}
            kept.refuse(**one)
    for name in ("jws", "signature"):
        text = kept.record.get(name, "")
        if "." in text:
            for place in range(0, len(text), 7):
                letter = "A" if text[place] != "A" else "B"
                changes: dict[str, Any] = {name: text[:place] + letter + text[place + 1 :]}
                kept.refuse(**changes)


@every_kind
@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "totp"},
        {"kind": None},
        {"assurance": "something stronger"},
        {"confirmed_at": "2026-11-23T03:00:00+00:00"},
        {"confirmed_at": "2026-11-23T01:00:00+00:00"},
        {"template": "confirm-vi/9"},
    ],
    ids=str,
)
async def test_a_record_that_says_otherwise_is_found(
    quick_trusted: Trusted, kind: str, changes: dict[str, Any]
) -> None:
    kept = await prove(quick_trusted, kind)

    kept.refuse(**changes)


@every_kind
async def test_one_kind_does_not_pass_for_another(quick_trusted: Trusted, kind: str) -> None:
    kept = await prove(quick_trusted, kind)

    for other, (assurance, _) in KINDS.items():
        if other != kind:
            kept.refuse(kind=other, assurance=assurance)


@pytest.mark.parametrize("kind", ["remote-signature", "officer-token"])
async def test_a_path_to_nobody_we_trust_is_found(quick_trusted: Trusted, kind: str) -> None:
    kept = await prove(quick_trusted, kind)
    strangers = anchors_of(Authority("Test Person CA"), Authority("Test Officer CA"))
    exchanged = anchors_of(quick_trusted.officer, quick_trusted.person)

    for anchors in ({}, strangers, exchanged):
        assert "no authority that we trust" in kept.refuse(anchors=anchors)


@pytest.mark.parametrize("kind", ["remote-signature", "officer-token"])
async def test_a_word_on_revocation_that_does_not_hold_is_found(
    quick_trusted: Trusted, kind: str
) -> None:
    kept = await prove(quick_trusted, kind)
    root = quick_trusted.person if kind == "remote-signature" else quick_trusted.officer
    (answer,) = kept.record["revocation"]

    def lists(raw: bytes) -> list[dict[str, Any]]:
        return [{**answer, "der": b64encode(raw).decode()}]

    old = root.revocation_list(at=root.at - timedelta(hours=25))
    run_out = root.revocation_list(at=root.at - timedelta(hours=2), lasting=timedelta(hours=1))
    forged = Authority(root.name).revocation_list()
    assert "was not fresh" in kept.refuse(revocation=lists(old))
    assert "had run out" in kept.refuse(revocation=lists(run_out))
    assert "not signed by its authority" in kept.refuse(revocation=lists(forged))
    assert "not kept" in kept.refuse(revocation=[])
    assert "another certificate" in kept.refuse(
        revocation=[{**answer, "certificate_sha256": "0" * 64}]
    )
    raw = b64decode(answer["der"])
    for place in range(len(raw)):
        kept.refuse(revocation=lists(flipped(raw, place)))


async def test_a_revoked_certificate_is_found(quick_trusted: Trusted) -> None:
    kept = await prove(quick_trusted, "remote-signature")
    leaf = x509.load_der_x509_certificate(b64decode(kept.record["chain"][0]))
    root = quick_trusted.person
    revoked = root.revocation_list(Signer(leaf, root.key))
    (answer,) = kept.record["revocation"]

    said = kept.refuse(revocation=[{**answer, "der": b64encode(revoked).decode()}])

    assert "was revoked" in said


async def test_a_payment_that_the_browser_showed_otherwise_is_found(
    quick_trusted: Trusted,
) -> None:
    kept = await prove(quick_trusted, "secure-payment-confirmation")
    client_data = json.loads(b64decode(kept.record["client_data"]))
    client_data["payment"]["total"]["value"] = "1"

    changed = b64encode(json.dumps(client_data).encode()).decode()

    kept.refuse(client_data=changed)
