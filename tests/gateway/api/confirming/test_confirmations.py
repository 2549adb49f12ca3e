import asyncio
import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from sqlalchemy import func, select

from gateway.storage.confirming.tables import CONFIRMATION
from gateway.storage.evidence.tables import EVIDENCE
from gateway.storage.tables import OUTBOX
from tests.gateway.payer import (
    CONFIRMATIONS,
    decode,
    encode,
    make_payer,
    play_payment,
    sign_detached,
)
from tests.gateway.world import PAYMENT_INTENT_ID, World, canonical, json_answer, payment_body

CONFIRM = ("POST", f"/v1/payment-intents/{PAYMENT_INTENT_ID}/confirmation")


async def effects(world: World) -> tuple[int, int]:
    """How many confirmations left evidence, and how many were announced."""
    async with world.database.read() as connection:
        kept = await connection.scalar(select(func.count()).select_from(EVIDENCE))
        said = await connection.scalar(select(func.count()).select_from(OUTBOX))
    return int(kept or 0), int(said or 0)


def told(world: World) -> list[dict[str, Any]]:
    return [
        json.loads(sent.body)
        for sent in world.upstream.requests
        if (sent.method, sent.target) == CONFIRM
    ]


async def test_a_confirmed_fee_is_evidence_an_event_and_known_to_payment(world: World) -> None:
    play_payment(world)
    payer = await make_payer(world)
    opened = await payer.open_confirmation()

    answer = await payer.prove(opened)

    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "confirmed"
    assert answer.json()["payment"]["qr_payload"]
    assert await effects(world) == (1, 1)
    (said,) = told(world)
    assert said["amount"] == {"amount": 150_000, "currency": "VND"}
    assert said["confirmation_id"] == opened["confirmation_id"]


async def test_the_intent_is_made_from_what_payment_says_and_shown_as_it_is(
    quick_world: World,
) -> None:
    play_payment(quick_world)
    payer = await make_payer(quick_world)

    opened = await payer.open_confirmation()

    intent = opened["intent"]
    assert decode(opened["intent_bytes"]) == canonical(intent)
    assert (intent["typ"], intent["txn"]) == ("lephi-fee-intent/1", PAYMENT_INTENT_ID)
    assert (intent["amount"], intent["currency"]) == ("150000", "VND")
    assert intent["items"][0]["amount"] == "150000"
    assert intent["aud"] == quick_world.settings.public_origin
    assert payer.id not in intent["payer"]
    for shown in ("150.000 VND", "H19.25-261123-0001", "Sở Tư pháp tỉnh Đồng Nai", "0123456789"):
        assert shown in opened["shown_text"]
    assert "{" not in opened["shown_text"]


async def test_evidence_is_kept_before_payment_hears(world: World) -> None:
    play_payment(world)
    payer = await make_payer(world)
    opened = await payer.open_confirmation()
    found: list[tuple[int, int]] = []

    async def look_first(_request: object) -> Any:
        found.append(await effects(world))
        return json_answer({"status": "confirmed"})

    world.upstream.answers[CONFIRM] = look_first
    await payer.prove(opened)

    assert found == [(1, 1)]


async def test_the_bytes_in_the_outbox_keep_the_published_contract(world: World) -> None:
    play_payment(world)
    payer = await make_payer(world)
    await payer.prove(await payer.open_confirmation())

    async with world.database.read() as connection:
        body = (await connection.execute(select(OUTBOX.c.body))).scalar_one()

    event = json.loads(body)
    schema = json.loads(_contract())
    jsonschema_rs.validate(schema, event)
    assert event["data"]["amount_minor_units"] == 150_000
    for example in schema["examples"]:
        jsonschema_rs.validate(schema, example)
        assert example["data"].keys() == event["data"].keys()


async def test_the_same_proof_again_is_answered_the_same_and_does_nothing(world: World) -> None:
    play_payment(world)
    payer = await make_payer(world)
    opened = await payer.open_confirmation()
    jws, code = payer.sign(decode(opened["intent_bytes"])), payer.code()

    answers = await asyncio.gather(*(payer.prove(opened, jws=jws, code=code) for _ in range(3)))

    assert [one.status_code for one in answers] == [200, 200, 200]
    assert len({one.content for one in answers}) == 1
    assert await effects(world) == (1, 1)


async def test_a_lost_call_to_payment_is_healed_by_the_event_or_by_asking_again(
    world: World,
) -> None:
    play_payment(world)
    payer = await make_payer(world)
    opened = await payer.open_confirmation()
    jws, code = payer.sign(decode(opened["intent_bytes"])), payer.code()

    world.upstream.down = True
    lost = await payer.prove(opened, jws=jws, code=code)
    world.upstream.down = False
    again = await payer.prove(opened, jws=jws, code=code)

    assert (lost.status_code, lost.json()["payment"]) == (200, None)
    assert again.json()["payment"]["qr_payload"]
    assert await effects(world) == (1, 1)


async def test_a_code_confirms_once(world: World) -> None:
    play_payment(world)
    payer = await make_payer(world)
    opened = await payer.open_confirmation()
    spent = payer.code_now()

    answer = await payer.prove(opened, code=spent)

    assert (answer.status_code, answer.json()["code"]) == (403, "totp_refused")
    assert await effects(world) == (0, 0)


async def test_one_code_given_for_two_fees_at_once_confirms_one(world: World) -> None:
    other = "0199a000-0000-7000-8000-0000000000ff"
    play_payment(world)
    world.upstream.answers["GET", f"/v1/payment-intents/{other}"] = json_answer(
        {**_payment(), "id": other}
    )
    payer = await make_payer(world)
    first = await payer.open_confirmation()
    second = (
        await payer.post(f"/v1/payment-intents/{other}/confirmations", {"method": "vietqr"})
    ).json()
    code = payer.code()

    answers = await asyncio.gather(payer.prove(first, code=code), payer.prove(second, code=code))

    assert sorted(one.status_code for one in answers) == [200, 403]
    assert await effects(world) == (1, 1)


async def test_wrong_codes_lock_and_nothing_is_confirmed(world: World) -> None:
    play_payment(world)
    payer = await make_payer(world)
    opened = await payer.open_confirmation()

    codes = [(await payer.prove(opened, code=payer.wrong_code())).json()["code"] for _ in range(6)]

    assert codes == ["totp_refused"] * 5 + ["account_locked"]
    assert await effects(world) == (0, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "1"},
        {"amount": "150001"},
        {"currency": "USD"},
        {"dossier": "H19.25-261123-0002"},
        {"payer": "somebody"},
        {"method": "cash"},
        {"exp": "2027-01-01T00:00:00+00:00"},
        {"nonce": "another"},
        {"items": []},
        {"payee": {"account_number": "666"}},
        {"aud": "https://elsewhere.example"},
        {"txn": "0199a000-0000-7000-8000-0000000000ff"},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_a_signature_over_any_other_fee_confirms_nothing(
    quick_world: World, change: dict[str, Any]
) -> None:
    play_payment(quick_world)
    payer = await make_payer(quick_world)
    opened = await payer.open_confirmation()

    answer = await payer.prove(opened, jws=payer.sign(canonical({**opened["intent"], **change})))

    assert (answer.status_code, answer.json()["code"]) == (403, "proof_refused")
    assert await effects(quick_world) == (0, 0)
    assert told(quick_world) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "ES384"},
        {"b64": True},
        {"crit": ["b64", "exp"]},
        {"crit": None},
        {"typ": "JWT"},
        {"kid": None},
        {"jwk": {"kty": "EC"}},
        {"jku": "https://elsewhere.example/keys"},
        {"x5u": "https://elsewhere.example/cert"},
    ],
    ids=str,
)
async def test_a_signature_of_another_shape_is_refused(
    quick_world: World, changes: dict[str, Any]
) -> None:
    play_payment(quick_world)
    payer = await make_payer(quick_world)
    opened = await payer.open_confirmation()

    answer = await payer.prove(opened, jws=payer.sign(decode(opened["intent_bytes"]), **changes))

    assert (answer.status_code, answer.json()["code"]) == (400, "proof_malformed")
    assert await effects(quick_world) == (0, 0)


async def test_a_signature_that_brings_its_own_payload_is_refused(quick_world: World) -> None:
    play_payment(quick_world)
    payer = await make_payer(quick_world)
    opened = await payer.open_confirmation()
    detached = payer.sign(decode(opened["intent_bytes"]))

    attached = detached.replace("..", f".{opened['intent_bytes']}.")
    answer = await payer.prove(opened, jws=attached)

    assert (answer.status_code, answer.json()["code"]) == (400, "proof_malformed")


async def test_the_key_of_another_payer_confirms_nothing(quick_world: World) -> None:
    play_payment(quick_world)
    payer = await make_payer(quick_world)
    other = await make_payer(quick_world, "binh.tran")
    opened = await payer.open_confirmation()
    payload = decode(opened["intent_bytes"])

    theirs = await payer.prove(opened, jws=other.sign(payload))
    forged = await payer.prove(opened, jws=other.sign(payload, kid=payer.kid))
    unknown = await payer.prove(opened, jws=payer.sign(payload, kid="nobody"))

    assert [one.json()["code"] for one in (theirs, forged, unknown)] == [
        "device_key_refused",
        "proof_refused",
        "device_key_refused",
    ]
    assert await effects(quick_world) == (0, 0)


async def test_another_payer_cannot_give_my_confirmation(quick_world: World) -> None:
    play_payment(quick_world)
    payer = await make_payer(quick_world)
    other = await make_payer(quick_world, "binh.tran")

    answer = await other.prove(await payer.open_confirmation())

    assert (answer.status_code, answer.json()["code"]) == (404, "confirmation_not_found")


async def test_after_five_minutes_a_confirmation_is_too_late(quick_world: World) -> None:
    play_payment(quick_world)
    payer = await make_payer(quick_world)
    opened = await payer.open_confirmation()
    quick_world.clock.advance(timedelta(minutes=4, seconds=30))

    answer = await payer.prove(opened)

    assert (answer.status_code, answer.json()["code"]) == (409, "confirmation_expired")
    assert await effects(quick_world) == (0, 0)


async def test_a_newer_confirmation_replaces_the_open_one(world: World) -> None:
    play_payment(world)
    payer = await make_payer(world)
    older, newer = await payer.open_confirmation(), await payer.open_confirmation()

    old = await payer.prove(older)
    new = await payer.prove(newer)

    assert (old.status_code, old.json()["code"]) == (409, "confirmation_superseded")
    assert new.status_code == 200


async def test_a_confirmation_is_given_once_and_a_fee_confirmed_once(world: World) -> None:
    play_payment(world)
    payer = await make_payer(world)
    other = await make_payer(world, "binh.tran")
    mine, theirs = await payer.open_confirmation(), await other.open_confirmation()
    await payer.prove(mine)

    another_proof = await payer.prove(mine)
    another_payer = await other.prove(theirs)
    another_opening = await payer.post(CONFIRMATIONS, {"method": "vietqr"})

    assert another_proof.json()["code"] == "confirmation_used"
    assert another_payer.json()["code"] == "already_confirmed"
    assert another_opening.json()["code"] == "already_confirmed"
    assert await effects(world) == (1, 1)


@pytest.mark.parametrize("status", ["succeeded", "expired", "cancelled"])
async def test_only_a_fee_that_waits_can_be_confirmed(quick_world: World, status: str) -> None:
    play_payment(quick_world, status=status)
    payer = await make_payer(quick_world)

    answer = await payer.post(CONFIRMATIONS, {"method": "vietqr"})

    assert (answer.status_code, answer.json()["code"]) == (409, "payment_not_confirmable")


async def test_payments_own_refusal_is_passed_on(quick_world: World) -> None:
    play_payment(quick_world)
    refusal = {"code": "amount_mismatch", "detail": "Sai số tiền.", "detail_en": "Wrong amount."}
    quick_world.upstream.answers[CONFIRM] = json_answer(refusal, 409)
    payer = await make_payer(quick_world)

    answer = await payer.prove(await payer.open_confirmation())

    assert (answer.status_code, answer.json()["code"]) == (409, "payment_refused")
    assert "amount_mismatch" in answer.json()["detail_en"]


async def test_what_was_shown_is_kept_with_its_digest(quick_world: World) -> None:
    play_payment(quick_world)
    payer = await make_payer(quick_world)
    opened = await payer.open_confirmation()
    await payer.prove(opened)

    async with quick_world.database.read() as connection:
        kept = (await connection.execute(select(EVIDENCE))).one()
        stored = (await connection.execute(select(CONFIRMATION))).one()

    assert kept.shown_text == opened["shown_text"] == stored.shown_text
    assert kept.record["shown_sha256"] == hashlib.sha256(kept.shown_text.encode()).hexdigest()
    assert kept.body == decode(opened["intent_bytes"])


async def test_a_header_with_a_member_twice_is_refused(quick_world: World) -> None:
    play_payment(quick_world)
    payer = await make_payer(quick_world)
    opened = await payer.open_confirmation()
    text = '{"alg":"none","alg":"ES256","b64":false,"crit":["b64"],"typ":"lephi-fee-intent+jws",'
    header = encode(f'{text}"kid":"{payer.kid}"}}'.encode())

    jws = sign_detached(payer.key, header, decode(opened["intent_bytes"]))
    answer = await payer.prove(opened, jws=jws)

    assert (answer.status_code, answer.json()["code"]) == (400, "proof_malformed")


def _payment() -> dict[str, Any]:
    return dict(payment_body())


def _contract() -> bytes:
    folder = Path(__file__).parents[4] / "contracts" / "events"
    return (folder / "payment_intent.confirmed.v1.json").read_bytes()
