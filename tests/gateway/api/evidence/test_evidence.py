"""The bundle, checked as a stranger would: from the archive and the keys alone."""

import base64
import hashlib
import io
import json
import zipfile
from datetime import timedelta

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jwt.api_jws import PyJWS

from chassis.keys import key_of_jwk, load_public_key, thumbprint
from gateway.ports.upstream import UpstreamAnswer
from tests.gateway.payer import Payer, make_payer, play_payment
from tests.gateway.world import (
    DOSSIER,
    DOSSIER_ID,
    PAYMENT_INTENT_ID,
    World,
    about_payment,
    json_answer,
)

EVIDENCE = f"/v1/payment-intents/{PAYMENT_INTENT_ID}/evidence"
RECEIPT = "0199a000-0000-7000-8000-000000000010"


async def whole_journey(world: World) -> Payer:
    """Submitted, confirmed, paid and receipted."""
    answers = world.upstream.answers
    submitted = {"id": DOSSIER_ID, "payment_intent_id": PAYMENT_INTENT_ID}
    answers["POST", "/v1/dossiers"] = json_answer(submitted, 201)
    answers["POST", "/v1/provider-notifications/sandbox"] = about_payment(
        json_answer({"status": "settled", "payment_intent_id": PAYMENT_INTENT_ID})
    )
    play_receipts(world)
    play_payment(world)
    payer = await make_payer(world)
    assert (await world.send(world.dossier())).status_code == 201
    assert (await payer.prove(await payer.open_confirmation())).status_code == 200
    world.clock.advance(timedelta(seconds=1))
    assert (await world.send(world.notification())).status_code == 200
    return payer


def play_receipts(world: World, *numbers: tuple[str, int]) -> None:
    listed = [
        {"id": RECEIPT, "symbol": symbol, "number": number, "status": "issued"}
        for symbol, number in (numbers or (("AA-26E", 7),))
    ]
    waiting = {"id": RECEIPT, "symbol": "AA-26E", "number": 99, "status": "numbered"}
    world.upstream.answers["GET", "/v1/receipts"] = json_answer({"items": [*listed, waiting]})
    for form, body in (("xml", b"<BienLai/>"), ("pdf", b"%PDF-1.7")):
        world.upstream.answers["GET", f"/v1/receipts/{RECEIPT}/{form}"] = UpstreamAnswer(
            status=200, headers=(), body=body
        )


async def fetch(world: World) -> zipfile.ZipFile:
    answer = await world.send(world.read(EVIDENCE))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(answer.content))


def key_id(world: World, client_id: str) -> str:
    return thumbprint(load_public_key(world.settings.keys_dir / "clients" / f"{client_id}.pub.pem"))


async def test_the_bundle_holds_every_proof_of_the_fee(world: World) -> None:
    await whole_journey(world)

    bundle = await fetch(world)

    assert bundle.namelist() == [
        "confirmation.json",
        "intent.json",
        *sorted(f"keys/{key_id(world, name)}.json" for name in ("bank-sandbox", "portal-demo")),
        "manifest.json",
        "manifest.jws",
        "receipts/7.pdf",
        "receipts/7.xml",
        "requests/1-dossier-submission/body.bin",
        "requests/1-dossier-submission/record.json",
        "requests/1-dossier-submission/signature-base.txt",
        "requests/2-provider-notification/body.bin",
        "requests/2-provider-notification/record.json",
        "requests/2-provider-notification/signature-base.txt",
        "shown.txt",
    ]
    assert bundle.read("requests/1-dossier-submission/body.bin") == DOSSIER
    assert all(one.date_time == (1980, 1, 1, 0, 0, 0) for one in bundle.infolist())
    assert all(not one.extra and one.compress_type == 0 for one in bundle.infolist())


async def test_the_manifest_names_every_file_and_is_signed_by_the_gateway(
    quick_world: World,
) -> None:
    await whole_journey(quick_world)
    bundle = await fetch(quick_world)
    manifest = bundle.read("manifest.json")
    key = load_public_key(quick_world.settings.keys_dir / "gateway" / "evidence.pub.pem")

    opened = PyJWS().decode_complete(bundle.read("manifest.jws"), key, algorithms=["ES256"])

    stated = json.loads(manifest)
    assert opened["payload"] == manifest
    assert opened["header"]["kid"] == thumbprint(key)
    assert (stated["format"], stated["payment_intent_id"]) == (
        "lephi-evidence/2",
        PAYMENT_INTENT_ID,
    )
    others = set(bundle.namelist()) - {"manifest.json", "manifest.jws"}
    assert stated["files"] == {
        name: hashlib.sha256(bundle.read(name)).hexdigest() for name in others
    }


async def test_each_signature_in_the_bundle_can_be_checked_without_us(quick_world: World) -> None:
    payer = await whole_journey(quick_world)
    bundle = await fetch(quick_world)

    record = json.loads(bundle.read("requests/1-dossier-submission/record.json"))
    base = bundle.read("requests/1-dossier-submission/signature-base.txt")
    portal = key_of_jwk(record["public_jwk"])
    assert isinstance(portal, Ed25519PublicKey)
    portal.verify(base64.b64decode(record["signature"]), base)
    digest = base64.b64encode(hashlib.sha256(DOSSIER).digest()).decode()
    assert f'"content-digest": sha-256=:{digest}:' in base.decode()

    confirmation = json.loads(bundle.read("confirmation.json"))
    device = key_of_jwk(confirmation["device_jwk"])
    PyJWS().decode_complete(
        confirmation["jws"],
        device,
        algorithms=["ES256"],
        detached_payload=bundle.read("intent.json"),
    )
    assert thumbprint(device) == payer.kid
    shown = hashlib.sha256(bundle.read("shown.txt")).hexdigest()
    assert confirmation["shown_sha256"] == shown
    assert confirmation.keys() == {
        "confirmation_id", "user_id", "device_jwk", "jws", "totp_step", "shown_sha256",
        "confirmed_at", "assurance", "kind", "factors", "display", "template",
    }  # fmt: skip


async def test_nobody_but_the_submitting_client_gets_the_bundle(world: World) -> None:
    answers = world.upstream.answers
    answers["POST", "/v1/provider-notifications/sandbox"] = about_payment(
        json_answer({"status": "settled", "payment_intent_id": PAYMENT_INTENT_ID})
    )
    await world.send(world.notification())

    answer = await world.send(world.read(EVIDENCE))

    assert (answer.status_code, answer.json()["code"]) == (404, "evidence_not_found")


async def test_a_bank_does_not_get_a_bundle(quick_world: World) -> None:
    await whole_journey(quick_world)

    answer = await quick_world.send(quick_world.sign("bank-sandbox", "GET", EVIDENCE, None))

    assert answer.status_code == 403


async def test_without_the_receipts_there_is_no_half_bundle(quick_world: World) -> None:
    await whole_journey(quick_world)
    quick_world.upstream.down = True

    assert (await quick_world.send(quick_world.read(EVIDENCE))).status_code == 503


async def test_two_series_that_reached_the_same_number_both_find_room(quick_world: World) -> None:
    await whole_journey(quick_world)
    play_receipts(quick_world, ("AA-26E", 7), ("BB-26E", 7))

    names = (await fetch(quick_world)).namelist()

    assert {"receipts/AA-26E-7.xml", "receipts/BB-26E-7.xml"} <= set(names)


async def test_receipts_are_asked_for_in_the_gateways_own_name(quick_world: World) -> None:
    await whole_journey(quick_world)
    await fetch(quick_world)

    asked = [one for one in quick_world.upstream.requests if one.service == "receipt"]
    tokens = [dict(one.headers)["authorization"][7:] for one in asked]
    claims = [jwt.decode(token, options={"verify_signature": False}) for token in tokens]
    assert {(one["kind"], one["scope"]) for one in claims} == {("service", "receipt.read")}
