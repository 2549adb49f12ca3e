"""Bundles that somebody with the evidence key made to say something else: each check, by name."""

import json
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import rfc8785
from jwt.api_jws import PyJWS

from chassis.keys import load_private_key, public_jwk, thumbprint
from gateway.authentication.evidence.bundle_signer import JwsBundleSigner
from gateway.domain.callbacks.registration import EvidenceLevel
from gateway.domain.evidence.bundle import pack
from tests.gateway.evidence.rig import EvidenceRig, token_of, unpack
from tests.gateway.schemes.test_jws import sign
from tests.verifier.evidence.judging import failures, item_of, resigned
from tests.verifier.evidence.test_second_form import PAYMENT, SUBMISSION, paid_at_level

STAMP = "timestamps/files.tst"
CHECKPOINT = "audit/checkpoint.json"
PLACE = f"audit/{SUBMISSION}.json"


def restated(rig: EvidenceRig, bundle: bytes, **changes: Any) -> bytes:
    """The manifest says something else, and is signed for it."""
    files = unpack(bundle)
    manifest = rfc8785.dumps({**json.loads(files["manifest.json"]), **changes})
    key = rig.world.settings.keys_dir / "gateway" / "evidence.key.pem"
    jws = JwsBundleSigner.from_file(key).sign(manifest).encode()
    return pack({**files, "manifest.json": manifest, "manifest.jws": jws})


def changed(rig: EvidenceRig, bundle: bytes, path: str, /, **changes: Any) -> bytes:
    """Members of a JSON file of the bundle are others, and the manifest agrees."""
    said = rfc8785.dumps({**json.loads(unpack(bundle)[path]), **changes})
    return resigned(rig, bundle, **{path: said})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"more": 1}, "other members than agreed"),
        ({"format": "lephi-evidence/1"}, "other members than agreed"),
        ({"format": "lephi-evidence/3"}, "not of the form"),
        ({"missing": []}, "names other parts as missing"),
        ({"audit": "pending"}, "audit log's part is another"),
        ({"audit": "perhaps"}, "says nothing of the audit log"),
        ({"time_stamp": "none"}, "time stamp is another"),
        ({"time_stamp": "checkpoint"}, "time stamp is another"),
        ({"time_stamp": "later"}, "says nothing of a time stamp"),
    ],
)
async def test_the_manifest_is_held_to_what_it_says(
    rig: EvidenceRig, changes: dict[str, Any], said: str
) -> None:
    rig.have_stamped()
    await rig.travel()

    failed = failures(restated(rig, await rig.export(), **changes), rig.anchors())

    assert said in failed["manifest"]


async def test_parts_must_have_what_they_lean_on(rig: EvidenceRig) -> None:
    await rig.submit()
    pending = await rig.export()
    alone: dict[str, Any] = {"certificates/0.cer": b"x"}
    stamped: dict[str, Any] = {"timestamps/checkpoint.tst": b"x"}

    said = failures(resigned(rig, pending, **alone), rig.anchors())
    assert said == {"manifest": "certificates without a confirmation"}
    over = restated(rig, resigned(rig, pending, **stamped), time_stamp="checkpoint")
    assert "checkpoint that is not there" in failures(over, rig.anchors())["manifest"]


def of_portal(rig: EvidenceRig) -> str:
    key = load_private_key(rig.world.settings.keys_dir / "clients" / "portal-demo.key.pem")
    return f"keys/{thumbprint(key.public_key())}.json"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"more": 1}, "other members"),
        ({"client_id": "bank-sandbox"}, "another client's"),
        ({"key_id": "x"}, "filed under another name"),
        ({"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}}, "name is another's"),
        ({"revoked_at": "2026-11-22T00:00:00+00:00"}, "revoked before"),
        ({"until": "2026-11-22T00:00:00+00:00"}, "time was over"),
        ({"from": "2026-11-24T00:00:00+00:00"}, "did not count yet"),
    ],
)
async def test_what_the_gateway_says_of_a_key_must_fit(
    rig: EvidenceRig, changes: dict[str, Any], said: str
) -> None:
    await rig.submit()
    path = of_portal(rig)

    failed = failures(changed(rig, await rig.export(), path, **changes), rig.anchors())

    assert said in failed[path]


async def test_there_is_a_file_for_each_key_that_signed_and_for_no_other(rig: EvidenceRig) -> None:
    await rig.submit()
    bundle, path = await rig.export(), of_portal(rig)
    other = f"keys/{'x' * 43}.json"
    gone: dict[str, Any] = {path: None}
    more: dict[str, Any] = {other: unpack(bundle)[path]}

    assert failures(resigned(rig, bundle, **gone), rig.anchors()).keys() == {"keys"}
    assert failures(resigned(rig, bundle, **more), rig.anchors()).keys() == {"keys", other}


def without_path(place: dict[str, Any]) -> dict[str, Any]:
    return {"path": place["path"][1:]}


def next_index(place: dict[str, Any]) -> dict[str, Any]:
    return {"index": place["index"] + 1}


def another_leaf(place: dict[str, Any]) -> dict[str, Any]:
    leaf = {**json.loads(place["leaf"]), "at": "2026-11-23T02:00:01+00:00"}
    return {"leaf": rfc8785.dumps(leaf).decode()}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without_path, "path"),
        (next_index, "not in the log|too short|outside|too long"),
        (another_leaf, "not in the log"),
        (lambda _: {"path": "abc"}, "cannot be read"),
        (lambda _: {"path": [1]}, "cannot be read"),
        (lambda _: {"index": "1"}, "no number"),
        (lambda _: {"index": -1}, "outside"),
        (lambda _: {"more": 1}, "other members"),
        (lambda _: {"recorded_at": "2026-11-23T01:00:00+00:00"}, "at another time"),
        (lambda _: {"evidence_id": "0199"}, "another digest"),
    ],
)
async def test_a_place_in_the_log_must_be_right(
    rig: EvidenceRig, change: Callable[[dict[str, Any]], dict[str, Any]], said: str
) -> None:
    await rig.travel()
    bundle = await rig.export()
    place = json.loads(unpack(bundle)[PLACE])

    failed = failures(changed(rig, bundle, PLACE, **change(place)), rig.anchors())

    assert any(one in failed[PLACE] for one in said.split("|")), failed


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"size": 3}, "another size"),
        ({"more": 1}, "other members"),
        ({"cosignatures": {}}, "cannot be read"),
        ({"cosignatures": [1]}, "no text witness"),
        ({"cosignatures": [{"witness": "treasury", "jws": "a.b.c"}]}, "cosignature"),
    ],
)
async def test_the_checkpoint_and_its_witnesses_must_be_right(
    rig: EvidenceRig, changes: dict[str, Any], said: str
) -> None:
    await rig.travel()
    ((_, jwk),) = rig.anchors()["answer_keys"].items()
    anchors = {**rig.anchors(), "witness_keys": {"treasury": jwk}}

    failed = failures(changed(rig, await rig.export(), CHECKPOINT, **changes), anchors)

    assert said in failed[CHECKPOINT]


async def test_a_witness_that_is_known_is_named(rig: EvidenceRig) -> None:
    await rig.travel()
    bundle = await rig.export()
    key = load_private_key(rig.world.settings.keys_dir / "gateway" / "answers.key.pem")
    jws = json.loads(unpack(bundle)[CHECKPOINT])["checkpoint"]
    seen = json.loads(PyJWS().decode_complete(jws, options={"verify_signature": False})["payload"])
    said = rfc8785.dumps({"checkpoint": seen, "witness": "treasury", "at": seen["at"]})
    headers = {"kid": thumbprint(key.public_key()), "typ": "lephi-cosignature+jws"}
    cosigned = {"witness": "treasury", "jws": PyJWS().encode(said, key, "ES256", headers=headers)}
    anchors = {**rig.anchors(), "witness_keys": {"treasury": public_jwk(key.public_key())}}

    named = changed(rig, bundle, CHECKPOINT, cosignatures=[cosigned])

    assert failures(named, anchors) == {}
    assert "co-signed by treasury" in item_of(named, anchors, CHECKPOINT).detail
    assert "not co-signed" in item_of(named, rig.anchors(), CHECKPOINT).detail


@pytest.mark.parametrize("off", [timedelta(minutes=6), -timedelta(minutes=6)])
async def test_a_stamp_lies_between_what_it_is_over_and_the_bundle(
    rig: EvidenceRig, off: timedelta
) -> None:
    rig.have_stamped()
    await rig.travel()
    bundle = await rig.export()
    content = rig.stamps.stamped[-1]
    rig.world.clock.advance(off)
    token = token_of(rig.stamps.stamper, content, clock=rig.world.clock)
    stamp: dict[str, Any] = {STAMP: token}

    failed = failures(resigned(rig, bundle, **stamp), rig.anchors())

    assert "after the bundle" in failed[STAMP] if off > timedelta() else "before" in failed[STAMP]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ({"typ": "JWT"}, "not of type"),
        ({"kid": "x"}, "names another key"),
        ({"iat": 1}, "not fresh"),
        ({"iat": "now"}, "does not say when"),
        ({"iat": 10**18}, "no time there is"),
        ({"alg": "none"}, "another body|algorithm"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
async def test_a_providers_jws_of_another_shape_is_refused(
    rig: EvidenceRig, header: dict[str, Any], said: str
) -> None:
    bundle = await paid_at_level(rig, EvidenceLevel.P2)
    folder = f"requests/{PAYMENT}"
    body = unpack(bundle)[f"{folder}/body.bin"]
    key = load_private_key(rig.world.settings.keys_dir / "clients" / "bank-sandbox.key.pem")
    whole = {"iat": int(rig.world.clock.now().timestamp()), **header}
    jws = sign(body, key=key, **{"alg": "ES256", **whole})
    protected = jws.partition(".")[0].encode()
    record = {
        **json.loads(unpack(bundle)[f"{folder}/record.json"]),
        "signature": b64encode(jws.encode()).decode(),
    }
    forged: dict[str, Any] = {
        f"{folder}/record.json": rfc8785.dumps(record),
        f"{folder}/signature-base.txt": protected + b"." + body,
    }

    failed = failures(resigned(rig, bundle, **forged), rig.anchors())

    assert any(one in failed[folder] for one in said.split("|")), failed


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"evidence_level": "P4"}, "no level"),
        ({"evidence_level": "P3"}, "other members"),
        ({"key_id": "x"}, "another key than it shows"),
        ({"client_id": "portal-demo"}, "not known to have signed"),
        ({"algorithm": "ed25519"}, "not the one of the key"),
        ({"signature": b64encode(b"a.b").decode()}, "not a JWS"),
    ],
)
async def test_a_providers_record_must_fit_its_jws(
    rig: EvidenceRig, changes: dict[str, Any], said: str
) -> None:
    bundle = await paid_at_level(rig, EvidenceLevel.P2)
    folder = f"requests/{PAYMENT}"

    failed = failures(changed(rig, bundle, f"{folder}/record.json", **changes), rig.anchors())

    assert said in failed[folder]
