from typing import Any

import pytest

from tests.gateway.payer import decode, make_payer
from tests.gateway.proofs.conftest import Trusted
from tests.gateway.proofs.pki import NOW
from tests.gateway.proofs.provers import (
    Effects,
    Prover,
    add_passkey,
    by_officer_token,
    by_passkey,
    challenge_of,
    effects,
    shown_payment,
    uow_of,
)
from tests.gateway.soft_passkey import USER_PRESENT, USER_VERIFIED, SoftPasskey

NOTHING, ONCE = Effects(0, 0, 0), Effects(1, 1, 1)


async def options(prover: Prover, opened: dict[str, Any]) -> dict[str, Any]:
    answer = await prover.payer.post(
        f"/v1/confirmations/{opened['confirmation_id']}/passkey-options"
    )
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def soft_prover(trusted: Trusted, *, payment: bool = True) -> tuple[Prover, SoftPasskey]:
    payer = await make_payer(trusted.world)
    soft = await add_passkey(trusted.world, payer, payment=payment)

    async def proof(_opened: dict[str, Any], payload: bytes) -> dict[str, Any]:
        return {"kind": "passkey", "credential": soft.get(challenge_of(payload))}

    return Prover(payer, proof), soft


async def test_the_options_ask_for_this_intent_and_this_payers_passkeys(
    quick_trusted: Trusted,
) -> None:
    prover, soft = await soft_prover(quick_trusted)
    opened = await prover.open()

    said = await options(prover, opened)

    digest = challenge_of(decode(opened["intent_bytes"]))["challenge"]
    assert said["public_key"]["challenge"] == digest
    assert said["public_key"]["userVerification"] == "required"
    assert [one["id"] for one in said["public_key"]["allowCredentials"]] == [soft.id]
    (method,) = said["payment"]["methods"]
    assert method["supportedMethods"] == "secure-payment-confirmation"
    assert method["data"]["challenge"] == digest
    assert method["data"]["credentialIds"] == [soft.id]
    assert method["data"]["payeeName"] == opened["intent"]["payee"]["name"]
    assert said["payment"]["details"]["total"]["amount"] == {"currency": "VND", "value": "150000"}


async def test_what_the_options_ask_is_what_confirms(quick_trusted: Trusted) -> None:
    prover, soft = await soft_prover(quick_trusted)
    opened = await prover.open()
    said = await options(prover, opened)

    body = {"kind": "passkey", "credential": soft.get(said["public_key"])}

    assert (await prover.send(opened, body)).status_code == 200
    assert await effects(quick_trusted.world) == ONCE


async def test_a_passkey_not_made_for_payments_is_offered_no_payment(
    quick_trusted: Trusted,
) -> None:
    prover, soft = await soft_prover(quick_trusted, payment=False)
    opened = await prover.open()
    soft.client_data = {"payment": shown_payment(soft, opened["intent"])}
    given = soft.get(challenge_of(decode(opened["intent_bytes"])), kind="payment.get")

    said = await options(prover, opened)
    answer = await prover.send(opened, {"kind": "secure-payment-confirmation", "credential": given})

    assert said["payment"] is None
    assert (answer.status_code, answer.json()["code"]) == (403, "passkey_refused")


async def test_without_a_passkey_or_at_a_counter_there_are_no_options(
    quick_trusted: Trusted,
) -> None:
    payer = await make_payer(quick_trusted.world)
    opened = await payer.open_confirmation()
    path = f"/v1/confirmations/{opened['confirmation_id']}/passkey-options"
    officer = await by_officer_token(quick_trusted)
    counter = await officer.open()
    other = f"/v1/confirmations/{counter['confirmation_id']}/passkey-options"

    none, foreign = await payer.post(path), await officer.payer.post(path)
    at_counter = await officer.payer.post(other)

    assert none.json()["code"] == "no_passkey"
    assert foreign.json()["code"] == "confirmation_not_found"
    assert at_counter.json()["code"] == "proof_kind_unfit"


@pytest.mark.parametrize(
    "changes",
    [
        {"flags": USER_PRESENT},
        {"flags": USER_VERIFIED},
        {"origin": "https://elsewhere.example"},
        {"rp_id": "elsewhere.example"},
        {"client_data": {"type": "webauthn.create"}},
        {"client_data": {"type": "payment.get"}},
        {"client_data": {"crossOrigin": True}},
        {"client_data": {"challenge": "AAAA"}},
    ],
    ids=str,
)
async def test_an_assertion_that_is_not_as_it_must_be_confirms_nothing(
    quick_trusted: Trusted, changes: dict[str, Any]
) -> None:
    prover, soft = await soft_prover(quick_trusted)
    opened = await prover.open()
    for name, value in changes.items():
        setattr(soft, name, value)

    answer = await prover.prove(opened)

    assert (answer.status_code, answer.json()["code"]) == (403, "passkey_refused")
    assert await effects(quick_trusted.world) == NOTHING


async def test_the_passkey_of_another_payer_confirms_nothing(quick_trusted: Trusted) -> None:
    prover, _ = await soft_prover(quick_trusted)
    other = await make_payer(quick_trusted.world, "binh.tran")
    theirs = await add_passkey(quick_trusted.world, other)
    opened = await prover.open()

    given = theirs.get(challenge_of(decode(opened["intent_bytes"])))
    answer = await prover.send(opened, {"kind": "passkey", "credential": given})

    assert (answer.status_code, answer.json()["code"]) == (403, "passkey_refused")
    assert await effects(quick_trusted.world) == NOTHING


async def test_a_count_that_does_not_go_up_confirms_nothing(quick_trusted: Trusted) -> None:
    prover, soft = await soft_prover(quick_trusted)
    uow = uow_of(quick_trusted.world)
    async with uow:
        assert await uow.passkeys.use(soft.id, 7, backed_up=False, at=NOW)
    opened = await prover.open()
    soft.sign_count = 6

    copied = await prover.prove(opened)
    nothing = await effects(quick_trusted.world)
    true = await prover.prove(opened)

    assert (copied.status_code, copied.json()["code"]) == (403, "passkey_refused")
    assert nothing == NOTHING
    assert true.status_code == 200, true.text
    async with uow:
        kept = await uow.passkeys.find(soft.id)
    assert kept is not None
    assert kept.sign_count == 8


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("total", {"currency": "VND", "value": "1"}),
        ("total", {"currency": "USD", "value": "150000"}),
        ("total", {"currency": "VND", "value": "150000.00"}),
        ("payeeName", "Somebody else"),
        ("payeeOrigin", "https://elsewhere.example"),
        ("rpId", "elsewhere.example"),
        ("topOrigin", "https://elsewhere.example"),
        ("instrument", {"displayName": "Another card", "icon": "data:,"}),
        ("instrument", None),
    ],
    ids=str,
)
async def test_a_browser_that_showed_another_payment_confirms_nothing(
    quick_trusted: Trusted, name: str, value: Any
) -> None:
    prover, soft = await soft_prover(quick_trusted)
    opened = await prover.open()
    soft.client_data = {"payment": {**shown_payment(soft, opened["intent"]), name: value}}
    given = soft.get(challenge_of(decode(opened["intent_bytes"])), kind="payment.get")

    answer = await prover.send(opened, {"kind": "secure-payment-confirmation", "credential": given})

    assert (answer.status_code, answer.json()["code"]) == (403, "payment_data_refused")
    assert answer.json()["detail_en"].endswith(f"{name}.")
    assert await effects(quick_trusted.world) == NOTHING


async def test_a_browser_that_showed_no_payment_confirms_nothing(quick_trusted: Trusted) -> None:
    prover, soft = await soft_prover(quick_trusted)
    opened = await prover.open()
    given = soft.get(challenge_of(decode(opened["intent_bytes"])), kind="payment.get")

    answer = await prover.send(opened, {"kind": "secure-payment-confirmation", "credential": given})

    assert (answer.status_code, answer.json()["code"]) == (403, "payment_data_refused")


async def test_a_plain_assertion_is_no_payment_and_a_payment_no_plain_assertion(
    quick_trusted: Trusted,
) -> None:
    plain = await by_passkey(quick_trusted)
    opened = await plain.open()
    body = await plain.proof(opened, decode(opened["intent_bytes"]))

    answer = await plain.send(opened, {**body, "kind": "secure-payment-confirmation"})

    assert (answer.status_code, answer.json()["code"]) == (403, "passkey_refused")
