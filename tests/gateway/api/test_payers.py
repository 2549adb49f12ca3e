import asyncio
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.api_jws import PyJWS

from chassis.keys import public_jwk
from tests.gateway.payer import PASSWORD, Payer, make_payer
from tests.gateway.world import World


async def test_an_account_signs_in_with_password_and_code(world: World) -> None:
    payer = Payer(world, "Nguyen.Van.An")
    await payer.open_account()

    answer = await payer.sign_in()

    assert answer.status_code == 201
    assert (await payer.post("/v1/device-key-challenges")).status_code == 201


async def test_before_its_code_works_an_account_cannot_sign_in(quick_world: World) -> None:
    opened = await quick_world.http.post(
        "/v1/accounts", json={"username": "an.nguyen", "password": PASSWORD, "full_name": "An"}
    )
    payer = Payer(
        quick_world, "an.nguyen", secret=opened.json()["totp_uri"].split("secret=")[1][:32]
    )

    assert (await payer.sign_in()).status_code == 401


async def test_a_user_name_belongs_to_one_account(world: World) -> None:
    await Payer(world, "an.nguyen").open_account()

    again = await world.http.post(
        "/v1/accounts", json={"username": "AN.Nguyen", "password": PASSWORD, "full_name": "An"}
    )

    assert (again.status_code, again.json()["code"]) == (409, "username_taken")


async def test_wrong_name_password_and_code_are_answered_alike(quick_world: World) -> None:
    payer = Payer(quick_world, "an.nguyen")
    await payer.open_account()
    good = {"username": "an.nguyen", "password": PASSWORD, "totp": payer.code()}

    answers = [
        await payer.post("/v1/sessions", {**good, **wrong})
        for wrong in (
            {"username": "nobody"},
            {"password": "another password"},
            {"totp": payer.wrong_code()},
        )
    ]

    assert {(one.status_code, one.json()["code"]) for one in answers} == {(401, "login_refused")}


async def test_a_code_signs_in_once(world: World) -> None:
    payer = Payer(world, "an.nguyen")
    await payer.open_account()
    given = {"username": "an.nguyen", "password": PASSWORD, "totp": payer.code()}

    answers = await asyncio.gather(*(payer.post("/v1/sessions", given) for _ in range(4)))

    assert sorted(one.status_code for one in answers) == [201, 401, 401, 401]


async def test_five_wrong_codes_lock_the_account_for_a_quarter_of_an_hour(world: World) -> None:
    payer = Payer(world, "an.nguyen")
    await payer.open_account()
    wrong = {"username": "an.nguyen", "password": PASSWORD, "totp": payer.wrong_code()}

    for _ in range(5):
        assert (await payer.post("/v1/sessions", wrong)).status_code == 401
    locked = await payer.sign_in()
    world.clock.advance(timedelta(minutes=15))

    assert (locked.status_code, locked.json()["code"]) == (429, "account_locked")
    assert (await payer.sign_in()).status_code == 201


async def test_a_session_ends_by_itself_and_when_signed_out(quick_world: World) -> None:
    payer = Payer(quick_world, "an.nguyen")
    await payer.open_account()
    await payer.sign_in()
    headers = {"authorization": f"Bearer {payer.token}"}

    out = await quick_world.http.delete("/v1/sessions/current", headers=headers)
    after = await payer.post("/v1/device-key-challenges")
    await payer.sign_in()
    quick_world.clock.advance(timedelta(minutes=15))
    late = await payer.post("/v1/device-key-challenges")

    assert [out.status_code, after.status_code, late.status_code] == [204, 401, 401]


async def test_a_device_key_is_enrolled_by_whoever_holds_it_and_once(world: World) -> None:
    payer = Payer(world, "an.nguyen")
    await payer.open_account()
    await payer.sign_in()

    first = await payer.enrol()
    again = await payer.enrol()

    assert (first.status_code, first.json()["kid"]) == (201, payer.kid)
    assert (again.status_code, again.json()["code"]) == (409, "key_taken")


async def test_a_device_key_of_somebody_else_is_not_enrolled(quick_world: World) -> None:
    payer = await make_payer(quick_world)
    mine, theirs = payer.key, ec.generate_private_key(ec.SECP256R1())
    challenge = (await payer.post("/v1/device-key-challenges")).json()["challenge"]
    proof = PyJWS().encode(challenge.encode(), mine, "ES256")

    answer = await payer.post(
        "/v1/device-keys",
        {"jwk": public_jwk(theirs.public_key()), "proof": proof, "totp": payer.code()},
    )

    assert (answer.status_code, answer.json()["code"]) == (403, "proof_refused")


@pytest.mark.parametrize("case", ["made up", "of another payer", "too late", "used"])
async def test_a_challenge_counts_once_for_its_payer_within_five_minutes(
    quick_world: World, case: str
) -> None:
    payer = await make_payer(quick_world)
    other = await make_payer(quick_world, "binh.tran")
    asked = other if case == "of another payer" else payer
    challenge = (await asked.post("/v1/device-key-challenges")).json()["challenge"]
    if case == "made up":
        challenge = "lephi-device-enrolment.made-up"
    if case == "too late":
        quick_world.clock.advance(timedelta(minutes=5))

    answers = []
    for _ in range(2 if case == "used" else 1):
        key = ec.generate_private_key(ec.SECP256R1())
        body = {
            "jwk": public_jwk(key.public_key()),
            "proof": PyJWS().encode(challenge.encode(), key, "ES256"),
            "totp": payer.code(),
        }
        answers.append((await payer.post("/v1/device-keys", body)).status_code)

    assert answers == ([201, 409] if case == "used" else [409])


@pytest.mark.parametrize(
    "jwk",
    [
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {},
    ],
    ids=["a secret", "another curve", "not on the curve", "nothing"],
)
async def test_what_is_no_p256_public_key_is_refused(
    quick_world: World, jwk: dict[str, str]
) -> None:
    payer = await make_payer(quick_world)
    proof = PyJWS().encode(b"x", payer.key, "ES256")

    answer = await payer.post(
        "/v1/device-keys", {"jwk": jwk, "proof": proof, "totp": payer.code_now()}
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "unusable_key")
