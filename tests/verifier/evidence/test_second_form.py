"""What a bundle of the second form proves line by line, and what it says that it does not."""

import json
from base64 import b64encode
from typing import Any

import pytest

from chassis.ids import SystemIds
from chassis.keys import load_private_key, public_jwk, thumbprint
from gateway.authentication.schemes.jws import verify as verify_jws
from gateway.domain.callbacks.evidence import evidence_of
from gateway.domain.callbacks.notice import Material, Parts, Proof, ProvedNotice
from gateway.domain.callbacks.registration import EvidenceLevel
from gateway.domain.evidence.record import EvidenceLink
from gateway.domain.machines.signed_request import Arrival
from tests.gateway.evidence.rig import NOTICE, EvidenceRig, unpack
from tests.gateway.evidence.stamping import stamp_newest
from tests.gateway.payer import intent_id
from tests.gateway.proofs.provers import PROVERS
from tests.gateway.schemes.test_jws import sign
from tests.verifier.evidence.judging import failures, item_of, judge, notes, resigned

SUBMISSION = "1-dossier-submission"
PAYMENT = "2-provider-notification"


async def test_each_part_has_its_line(rig: EvidenceRig) -> None:
    rig.have_stamped()
    await rig.travel()

    verdict = judge(await rig.export(), rig.anchors())

    assert [item for item in verdict.items if not item.valid] == []
    names = [item.name for item in verdict.items]
    keys = [name for name in names if name.startswith("keys/")]
    assert len(keys) == 2
    assert [name for name in names if name not in keys] == [
        "archive",
        "manifest",
        f"requests/{SUBMISSION}",
        f"requests/{PAYMENT}",
        "keys",
        "confirmation",
        "audit/checkpoint.json",
        f"audit/{SUBMISSION}.json",
        f"audit/{PAYMENT}.json",
        "audit/confirmation.json",
        "timestamps/files.tst",
        "amounts",
        "missing",
        "evidence level",
    ]
    assert "P1" in verdict.items[-1].detail


@pytest.mark.parametrize("kind", list(PROVERS))
async def test_every_kind_of_confirmation_is_proved_from_the_bundle(
    rig: EvidenceRig, kind: str
) -> None:
    await rig.travel(kind)
    bundle = await rig.export()

    assert failures(bundle, rig.anchors()) == {}
    certified = kind in ("remote-signature", "officer-token")
    found = {name for name in unpack(bundle) if name.startswith("certificates/")}
    expected = {"certificates/0.cer", "certificates/1.cer", "certificates/0.crl"}
    assert found == (expected if certified else set())
    if certified:
        for name in found:
            changed: Any = {name: unpack(bundle)[name] + b"\0"}
            assert "certificates" in failures(resigned(rig, bundle, **changed), rig.anchors())


async def test_a_checkpoint_that_was_stamped_is_proved_by_its_stamp(rig: EvidenceRig) -> None:
    await rig.travel()
    assert await stamp_newest(rig) is not None
    bundle = await rig.export()

    assert failures(bundle, rig.anchors()) == {}
    stamp = item_of(bundle, rig.anchors(), "timestamps/checkpoint.tst")
    assert rig.world.clock.now().isoformat() in stamp.detail
    anchors = {**rig.anchors(), "tsa_ca": rig.anchors()["receipt_ca"]}
    assert failures(bundle, anchors) == {
        "timestamps/checkpoint.tst": "nobody we trust vouches for the time stamp"
    }


async def test_what_is_pending_or_missing_is_named_and_never_pretended(rig: EvidenceRig) -> None:
    await rig.submit()
    bundle = await rig.export()

    assert failures(bundle, rig.anchors()) == {}
    said = notes(bundle, rig.anchors())
    assert said.keys() == {"audit", "time stamp", "missing"}
    assert said["missing"] == "not there (yet): confirmation, provider-notification, receipts"
    manifest = json.loads(unpack(bundle)["manifest.json"])
    assert (manifest["audit"], manifest["time_stamp"]) == ("pending", "none")


async def test_a_log_signed_by_another_key_proves_nothing(rig: EvidenceRig) -> None:
    await rig.travel()
    bundle = await rig.export()

    anchors = {**rig.anchors(), "checkpoint_keys": rig.anchors()["evidence_keys"]}

    assert failures(bundle, anchors) == {
        "audit/checkpoint.json": "the JWS is signed by a key we do not know"
    }


async def test_a_place_in_the_log_is_of_its_own_record_only(rig: EvidenceRig) -> None:
    await rig.travel()
    bundle = await rig.export()
    one, other = f"audit/{SUBMISSION}.json", f"audit/{PAYMENT}.json"
    files = unpack(bundle)

    swapped = resigned(rig, bundle, **{one: files[other], other: files[one]})

    assert failures(swapped, rig.anchors()).keys() == {one, other}


def notice_of(rig: EvidenceRig, level: EvidenceLevel) -> tuple[ProvedNotice, Arrival]:
    now = rig.world.clock.now()
    body = json.dumps({**NOTICE, "paid_at": now.isoformat()}).encode()
    arrival = Arrival(
        method="POST",
        target="/v1/provider-notifications/sandbox",
        headers=(),
        body=body,
        received_at=now,
        source="203.0.113.7",
    )
    key = load_private_key(rig.world.settings.keys_dir / "clients" / "bank-sandbox.key.pem")
    more: dict[str, Any] = {}
    proof = Proof(base=b"A|B", signature="ab" * 32)
    if level is EvidenceLevel.P2:
        jws = sign(body, key=key, alg="ES256", iat=int(now.timestamp()))
        parts = Parts(headers=(("lephi-jws", jws),), body=body, received_at=now)
        jwk = public_jwk(key.public_key())
        proof = verify_jws(parts, Material(public_jwk=jwk))
        more = {"algorithm": "ecdsa-p256-sha256", "public_jwk": jwk}
    notice = ProvedNotice(
        provider="sandbox",
        scheme="jws" if more else "national",
        level=level,
        client_id="bank-sandbox",
        proof=proof,
        key_id=thumbprint(key.public_key()) if more else "0123456789abcdef",
        target_uri="http://127.0.0.1:8400/v1/provider-notifications/sandbox",
        **more,
    )
    return notice, arrival


async def paid_at_level(rig: EvidenceRig, level: EvidenceLevel) -> bytes:
    await rig.submit()
    await rig.agree()
    notice, arrival = notice_of(rig, level)
    evidence = evidence_of(notice, arrival, id=SystemIds().new())
    uow = rig.log.uow()
    async with uow:
        await uow.evidence.add(evidence)
        await uow.evidence.link(
            EvidenceLink(
                evidence_id=evidence.id,
                payment_intent_id=intent_id(),
                dossier_id=None,
                linked_at=arrival.received_at,
            )
        )
    await rig.keep_log()
    return await rig.export()


async def test_a_providers_jws_is_checked_to_the_last_letter(rig: EvidenceRig) -> None:
    bundle = await paid_at_level(rig, EvidenceLevel.P2)
    path = f"requests/{PAYMENT}/record.json"

    assert failures(bundle, rig.anchors()) == {}
    assert "P2" in notes(bundle, rig.anchors())["evidence level"]
    record = json.loads(unpack(bundle)[path])
    jws = str(record["signature"])
    record["signature"] = jws[:-12] + b64encode(b"AAAAAAAA").decode()
    forged = resigned(rig, bundle, **{path: json.dumps(record, sort_keys=True).encode()})
    assert f"requests/{PAYMENT}" in failures(forged, rig.anchors())
    body = {f"requests/{PAYMENT}/body.bin": b"{}"}
    assert f"requests/{PAYMENT}" in failures(resigned(rig, bundle, **body), rig.anchors())


async def test_a_shared_secret_is_named_and_never_counted_as_proof(rig: EvidenceRig) -> None:
    bundle = await paid_at_level(rig, EvidenceLevel.P3)

    assert failures(bundle, rig.anchors()) == {}
    line = item_of(bundle, rig.anchors(), f"requests/{PAYMENT}").detail
    assert "shared secret: cannot be proved to an outsider" in line
    assert "answer to the enquiry" in notes(bundle, rig.anchors())["evidence level"]
    amounts = item_of(bundle, rig.anchors(), "amounts").detail
    assert "paid" not in amounts.replace("payment", "")
