from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import select

from gateway.ports.people import GrantFilter
from gateway.storage.confirming.tables import CONFIRMATION
from gateway.storage.evidence.tables import EVIDENCE
from tests.gateway.payer import CONFIRMATIONS, decode, make_payer
from tests.gateway.proofs.conftest import Trusted
from tests.gateway.proofs.provers import (
    COUNTER,
    Effects,
    bind,
    by_officer_token,
    effects,
    make_officer,
    uow_of,
)
from tests.gateway.world import canonical

NOTHING, ONCE = Effects(0, 0, 0), Effects(1, 1, 1)


async def test_the_intent_says_counter_officer_desk_and_drawer(quick_trusted: Trusted) -> None:
    prover = await by_officer_token(quick_trusted)

    opened = await prover.open()

    intent = opened["intent"]
    assert (intent["role"], intent["desk"], intent["drawer"]) == ("counter", "Quầy 3", "K-01")
    assert len(intent["officer"]) == 43
    assert "payer" not in intent
    assert intent["tpl"] == "confirm-counter-vi/1"
    assert "Quầy: Quầy 3, két: K-01" in opened["shown_text"]
    async with quick_trusted.world.database.read() as connection:
        stored = (await connection.execute(select(CONFIRMATION))).one()
    assert stored.role == "counter"


@pytest.mark.parametrize("change", ["role", "officer", "desk", "drawer"])
async def test_another_counter_is_another_intent(quick_trusted: Trusted, change: str) -> None:
    prover = await by_officer_token(quick_trusted)
    opened = await prover.open()

    answer = await prover.prove(opened, canonical({**opened["intent"], change: "other"}))

    assert (answer.status_code, answer.json()["code"]) == (403, "proof_refused")
    assert await effects(quick_trusted.world) == NOTHING


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
async def test_a_two_thousand_bit_token_confirms_and_its_class_is_kept(
    quick_trusted: Trusted, algorithm: str
) -> None:
    officer = await make_officer(quick_trusted)
    signer = quick_trusted.officer.issue(key=rsa.generate_private_key(65537, 2048))
    challenge = (await officer.post("/v1/certificate-challenges")).json()["challenge"]
    signature = {"form": "jws", "value": signer.jws(challenge.encode(), algorithm=algorithm)}
    await officer.post(
        "/v1/certificates",
        {"authority": "officer", "challenge": challenge, "signature": signature},
    )
    opened = (await officer.post(CONFIRMATIONS, COUNTER)).json()

    jws = signer.jws(decode(opened["intent_bytes"]), algorithm=algorithm)
    answer = await officer.post(
        f"/v1/confirmations/{opened['confirmation_id']}/proof",
        {"kind": "officer-token", "jws": jws},
    )

    assert answer.status_code == 200, answer.text
    async with quick_trusted.world.database.read() as connection:
        record = (await connection.execute(select(EVIDENCE))).one().record
    assert (record["key_class"], record["algorithm"]) == ("rsa-2048", algorithm)


async def test_only_an_officer_of_the_payees_agency_opens_a_counter(
    quick_trusted: Trusted,
) -> None:
    citizen = await make_payer(quick_trusted.world)
    elsewhere = await make_officer(quick_trusted, agency="H19.26")

    answers = [await one.post(CONFIRMATIONS, COUNTER) for one in (citizen, elsewhere)]

    assert {(one.status_code, one.json()["code"]) for one in answers} == {(403, "outside_counter")}


async def test_an_officer_whose_duty_was_withdrawn_confirms_nothing(
    quick_trusted: Trusted,
) -> None:
    prover = await by_officer_token(quick_trusted)
    opened = await prover.open()
    uow = uow_of(quick_trusted.world)
    async with uow:
        wanted = GrantFilter(user_id=UUID(prover.payer.id))
        (made,) = await uow.grants.list_page(wanted, limit=5)
        await uow.grants.withdraw(made.id, by="operator:test", at=quick_trusted.world.clock.now())

    answer = await prover.prove(opened)

    assert (answer.status_code, answer.json()["code"]) == (403, "outside_counter")
    assert await effects(quick_trusted.world) == NOTHING


async def test_a_persons_certificate_is_no_officers_token(quick_trusted: Trusted) -> None:
    prover = await by_officer_token(quick_trusted)
    signer = quick_trusted.person.issue()
    assert (await bind(prover.payer, signer)).status_code == 201
    opened = await prover.open()

    jws = signer.jws(decode(opened["intent_bytes"]))
    answer = await prover.send(opened, {"kind": "officer-token", "jws": jws})

    assert (answer.status_code, answer.json()["code"]) == (403, "certificate_refused")
    assert await effects(quick_trusted.world) == NOTHING


async def test_the_token_of_another_officer_confirms_nothing(quick_trusted: Trusted) -> None:
    prover = await by_officer_token(quick_trusted)
    opened = await prover.open()

    jws = quick_trusted.officer.issue("CAN BO KHAC").jws(decode(opened["intent_bytes"]))
    answer = await prover.send(opened, {"kind": "officer-token", "jws": jws})

    assert (answer.status_code, answer.json()["code"]) == (403, "certificate_not_bound")
