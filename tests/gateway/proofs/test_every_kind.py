import asyncio
import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from gateway.domain.confirming.proof import PROOF_RULES, ProofKind
from gateway.storage.evidence.tables import EVIDENCE
from gateway.use_cases.confirming.kinds import KINDS
from tests.gateway.payer import decode
from tests.gateway.proofs.conftest import Trusted
from tests.gateway.proofs.provers import COUNTER, PROVERS, Effects, effects
from tests.gateway.world import PAYMENT_INTENT_ID, canonical

CONFIRM = ("POST", f"/v1/payment-intents/{PAYMENT_INTENT_ID}/confirmation")
NOTHING, ONCE = Effects(0, 0, 0), Effects(1, 1, 1)
every_kind = pytest.mark.parametrize("kind", list(PROVERS))
CHANGES: list[dict[str, Any]] = [
    {"amount": "150001"},
    {"currency": "USD"},
    {"payee": {"code": "H19.25", "name": "Sở Tư pháp tỉnh Đồng Nai", "account_number": "666"}},
    {"dossier": "H19.25-261123-0002"},
    {"items": []},
    {"method": "cash"},
    {"payer": "somebody"},
    {"exp": "2027-01-01T00:00:00+00:00"},
    {"nonce": "another"},
    {"aud": "https://elsewhere.example"},
    {"tpl": "confirm-vi/9"},
]


def told(trusted: Trusted) -> list[dict[str, Any]]:
    return [
        json.loads(sent.body)
        for sent in trusted.world.upstream.requests
        if (sent.method, sent.target) == CONFIRM
    ]


def test_every_kind_stands_in_every_table() -> None:
    assert set(PROVERS) == {one.value for one in ProofKind}
    assert set(KINDS) == set(PROOF_RULES) == set(ProofKind)
    assert all(kind is proof.kind for kind, proof in KINDS.items())


@every_kind
async def test_each_kind_confirms_and_leaves_evidence(trusted: Trusted, kind: str) -> None:
    prover = await PROVERS[kind](trusted)
    opened = await prover.open()

    answer = await prover.prove(opened)

    rule = PROOF_RULES[ProofKind(kind)]
    assert answer.status_code == 200, answer.text
    assert answer.json()["assurance"] == rule.assurance
    assert await effects(trusted.world) == ONCE
    (said,) = told(trusted)
    assert said["assurance"] == rule.assurance
    async with trusted.world.database.read() as connection:
        kept = (await connection.execute(select(EVIDENCE))).one()
    assert kept.body == decode(opened["intent_bytes"])
    record = kept.record
    assert (record["kind"], record["display"]) == (kind, rule.display)
    assert record["template"] == opened["intent"]["tpl"]
    assert record["shown_sha256"] == hashlib.sha256(opened["shown_text"].encode()).hexdigest()
    assert record["factors"][0]["name"] == "session"
    assert all(one["at"] and one["authenticator"] for one in record["factors"])


@every_kind
async def test_the_same_proof_again_is_answered_the_same(trusted: Trusted, kind: str) -> None:
    prover = await PROVERS[kind](trusted)
    opened = await prover.open()
    body = await prover.proof(opened, decode(opened["intent_bytes"]))

    first, again = await prover.send(opened, body), await prover.send(opened, body)

    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert await effects(trusted.world) == ONCE


@every_kind
async def test_another_proof_for_a_given_confirmation_is_refused(
    quick_trusted: Trusted, kind: str
) -> None:
    prover = await PROVERS[kind](quick_trusted)
    opened = await prover.open()
    await prover.prove(opened)

    answer = await prover.prove(opened)

    assert (answer.status_code, answer.json()["code"]) == (409, "confirmation_used")
    assert await effects(quick_trusted.world) == ONCE


@every_kind
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
async def test_a_proof_over_any_other_fee_confirms_nothing(
    quick_trusted: Trusted, kind: str, change: dict[str, Any]
) -> None:
    prover = await PROVERS[kind](quick_trusted)
    opened = await prover.open()

    answer = await prover.prove(opened, canonical({**opened["intent"], **change}))

    assert answer.status_code == 403, answer.text
    assert answer.json()["code"] in ("proof_refused", "passkey_refused")
    assert await effects(quick_trusted.world) == NOTHING
    assert told(quick_trusted) == []


@every_kind
async def test_a_proof_of_one_confirmation_gives_no_other(
    quick_trusted: Trusted, kind: str
) -> None:
    prover = await PROVERS[kind](quick_trusted)
    older, newer = await prover.open(), await prover.open()
    body = await prover.proof(older, decode(older["intent_bytes"]))

    codes = [(await prover.send(one, body)).json()["code"] for one in (older, newer)]

    assert codes[0] == "confirmation_superseded"
    assert codes[1] in ("proof_refused", "passkey_refused")
    assert await effects(quick_trusted.world) == NOTHING


@every_kind
async def test_after_five_minutes_each_kind_is_too_late(quick_trusted: Trusted, kind: str) -> None:
    prover = await PROVERS[kind](quick_trusted)
    opened = await prover.open()
    quick_trusted.world.clock.advance(timedelta(minutes=5))

    answer = await prover.prove(opened)

    assert (answer.status_code, answer.json()["code"]) == (409, "confirmation_expired")
    assert await effects(quick_trusted.world) == NOTHING


@every_kind
async def test_fifty_proofs_at_once_have_one_effect(trusted: Trusted, kind: str) -> None:
    prover = await PROVERS[kind](trusted)
    opened = await prover.open()
    payload = decode(opened["intent_bytes"])
    same = await prover.proof(opened, payload)
    # A one-time code of its own for each would outlive the first one's half minute.
    others = [] if kind == "device-key" else [await prover.proof(opened, payload)] * 20
    bodies = [same] * (50 - len(others)) + others

    answers = await asyncio.gather(*(prover.send(opened, body) for body in bodies))

    assert {one.status_code for one in answers} <= {200, 409}
    assert len({one.text for one in answers if one.status_code == 200}) == 1
    assert await effects(trusted.world) == ONCE


@every_kind
async def test_nobody_gives_a_confirmation_that_another_opened(
    quick_trusted: Trusted, kind: str
) -> None:
    prover = await PROVERS[kind](quick_trusted)
    other = "device-key" if kind != "device-key" else "officer-token"
    opened = await prover.open()
    if kind != "officer-token" and other == "device-key":
        prover.payer.username = "binh.tran"
        await prover.payer.open_account()
        await prover.payer.sign_in()
        answer = await prover.prove(opened)
    else:
        stranger = await PROVERS[other](quick_trusted)
        answer = await stranger.prove(opened)

    assert (answer.status_code, answer.json()["code"]) == (404, "confirmation_not_found")


async def test_a_counters_confirmation_takes_no_payers_proof(quick_trusted: Trusted) -> None:
    officer = await PROVERS["officer-token"](quick_trusted)
    opened = await officer.open()
    jws = officer.payer.sign(decode(opened["intent_bytes"]))

    answer = await officer.send(opened, {"jws": jws, "totp": officer.payer.code()})

    assert (answer.status_code, answer.json()["code"]) == (403, "proof_kind_unfit")
    assert await effects(quick_trusted.world) == NOTHING


async def test_a_payers_confirmation_takes_no_officers_proof(quick_trusted: Trusted) -> None:
    officer = await PROVERS["officer-token"](quick_trusted)
    officer.opening = {"method": COUNTER["method"]}

    answer = await officer.prove(await officer.open())

    assert (answer.status_code, answer.json()["code"]) == (403, "proof_kind_unfit")
    assert await effects(quick_trusted.world) == NOTHING


async def test_password_and_code_alone_confirm_nothing(quick_trusted: Trusted) -> None:
    prover = await PROVERS["device-key"](quick_trusted)
    opened = await prover.open()

    for body in ({"totp": prover.payer.code()}, {"kind": "totp", "totp": prover.payer.code()}):
        answer = await prover.send(opened, body)
        assert answer.status_code in (400, 422), answer.text
    assert await effects(quick_trusted.world) == NOTHING
