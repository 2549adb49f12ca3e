import asyncio
from datetime import timedelta

import pytest

from tests.gateway.people.holder import (
    actions,
    make_holder,
    make_signed_in,
    new_passkey,
    register,
    sign_in,
)
from tests.gateway.soft_passkey import BACKED_UP, USER_PRESENT, USER_VERIFIED, SoftPasskey, encode
from tests.gateway.world import World

ELSEWHERE = "https://elsewhere.example"


async def test_a_passkey_signs_in_without_a_user_name(world: World) -> None:
    payer, passkey = await make_holder(world)

    opened = await sign_in(world, passkey)

    assert (opened.status_code, opened.json()["acr"]) == (201, "urn:lephi:acr:passkey")
    payer.token = opened.json()["token"]
    assert (await payer.post("/v1/device-key-challenges")).status_code == 201
    assert {"passkey.registered", "session.opened"} <= set(await actions(world))


async def test_the_options_ask_for_a_verified_person_and_say_no_account_number(
    quick_world: World,
) -> None:
    payer, passkey = await make_holder(quick_world)

    options = (await payer.post("/v1/passkey-registrations", {"payment": True})).json()

    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "preferred"
    assert options["extensions"]["payment"] == {"isPayment": True}
    assert [one["id"] for one in options["excludeCredentials"]] == [passkey.id]
    assert options["user"]["id"] != payer.id
    login = (await quick_world.http.post("/v1/passkey-logins")).json()
    assert (login["userVerification"], login["allowCredentials"]) == ("required", [])


WRONG_REGISTRATIONS = {
    "the person was not verified": {"flags": USER_PRESENT},
    "nobody was present": {"flags": USER_VERIFIED},
    "another origin": {"origin": ELSEWHERE},
    "another site": {"rp_id": "elsewhere.example"},
    "an algorithm that was not asked for": {"algorithm": -36},
    "made inside another page": {"client_data": {"crossOrigin": True}},
    "another ceremony": {"client_data": {"type": "webauthn.get"}},
    "flags that contradict one another": {"flags": USER_PRESENT | USER_VERIFIED | BACKED_UP},
}


@pytest.mark.parametrize("wrong", WRONG_REGISTRATIONS.values(), ids=WRONG_REGISTRATIONS)
async def test_a_wrong_registration_is_refused(
    quick_world: World, wrong: dict[str, object]
) -> None:
    payer = await make_signed_in(quick_world)

    answer = await register(payer, new_passkey(**wrong))

    assert (answer.status_code, answer.json()["code"]) == (403, "passkey_refused")


@pytest.mark.parametrize("case", ["used", "too late", "of another person", "of a login"])
async def test_a_registration_challenge_counts_once_for_its_person_within_five_minutes(
    quick_world: World, case: str
) -> None:
    payer = await make_signed_in(quick_world)
    other = await make_signed_in(quick_world, "binh.tran")
    offered = (await payer.post("/v1/passkey-registrations", {})).json()
    if case == "of a login":
        login = (await quick_world.http.post("/v1/passkey-logins")).json()
        offered["challenge"] = login["challenge"]
    said = {"name": "Máy tính", "credential": new_passkey().create(offered)}
    if case == "too late":
        quick_world.clock.advance(timedelta(minutes=5))
    if case == "used":
        assert (await payer.post("/v1/passkeys", said)).status_code == 201
    asked = other if case == "of another person" else payer

    answer = await asked.post("/v1/passkeys", said)

    assert (answer.status_code, answer.json()["code"]) == (409, "challenge_refused")


WRONG_LOGINS = {
    "the person was not verified": {"flags": USER_PRESENT},
    "nobody was present": {"flags": USER_VERIFIED},
    "another origin": {"origin": ELSEWHERE},
    "another site": {"rp_id": "elsewhere.example"},
    "another key": {"key": SoftPasskey(origin="", rp_id="").key},
    "another person's handle": {"user_handle": encode(b"somebody else")},
    "no handle": {"user_handle": ""},
    "made inside another page": {"client_data": {"crossOrigin": True}},
    "another ceremony": {"client_data": {"type": "payment.get"}},
    "unknown": {"credential_id": b"unknown"},
}


@pytest.mark.parametrize("wrong", WRONG_LOGINS.values(), ids=WRONG_LOGINS)
async def test_a_wrong_login_is_refused_and_says_nothing(
    quick_world: World, wrong: dict[str, object]
) -> None:
    _payer, passkey = await make_holder(quick_world)
    for name, value in wrong.items():
        setattr(passkey, name, value)

    answer = await sign_in(quick_world, passkey)

    assert (answer.status_code, answer.json()["code"]) == (401, "passkey_login_refused")


async def test_a_login_cannot_be_signed_with_the_credential_of_somebody_else(
    quick_world: World,
) -> None:
    _an, mine = await make_holder(quick_world)
    _binh, theirs = await make_holder(quick_world, "binh.tran")
    mine.credential_id = theirs.credential_id

    assert (await sign_in(quick_world, mine)).status_code == 401


@pytest.mark.parametrize("case", ["used", "too late", "made up"])
async def test_a_login_challenge_counts_once_within_five_minutes(world: World, case: str) -> None:
    _payer, passkey = await make_holder(world)
    options = (await world.http.post("/v1/passkey-logins")).json()
    if case == "made up":
        options["challenge"] = encode(bytes(32))
    said = {"credential": passkey.get(options)}
    if case == "too late":
        world.clock.advance(timedelta(minutes=5))
    if case == "used":
        assert (await world.http.post("/v1/passkey-sessions", json=said)).status_code == 201

    assert (await world.http.post("/v1/passkey-sessions", json=said)).status_code == 401


async def test_a_count_that_goes_back_is_refused_and_written_down(world: World) -> None:
    _payer, passkey = await make_holder(world, counts=True, sign_count=5)
    assert (await sign_in(world, passkey)).status_code == 201
    passkey.sign_count = 5

    again = await sign_in(world, passkey)

    assert again.status_code == 401
    assert "passkey.count_went_back" in await actions(world)


async def test_a_synced_passkey_counts_nothing_and_signs_in_again_and_again(
    quick_world: World,
) -> None:
    _payer, passkey = await make_holder(quick_world)

    answers = [(await sign_in(quick_world, passkey)).status_code for _ in range(3)]

    assert answers == [201, 201, 201]


async def test_of_two_logins_with_one_count_one_wins(world: World) -> None:
    _payer, passkey = await make_holder(world, sign_count=1)
    passkey.sign_count = 2
    options = [(await world.http.post("/v1/passkey-logins")).json() for _ in range(2)]

    answers = await asyncio.gather(
        *(
            world.http.post("/v1/passkey-sessions", json={"credential": passkey.get(one)})
            for one in options
        )
    )

    assert sorted(one.status_code for one in answers) == [201, 401]


async def test_a_passkey_is_listed_and_removed_and_then_signs_in_no_more(world: World) -> None:
    payer, passkey = await make_holder(world)
    elsewhere = (await sign_in(world, passkey)).json()["token"]
    headers = {"authorization": f"Bearer {payer.token}"}

    listed = (await world.http.get("/v1/passkeys", headers=headers)).json()
    removed = await world.http.delete(f"/v1/passkeys/{passkey.id}", headers=headers)
    again = await world.http.delete(f"/v1/passkeys/{passkey.id}", headers=headers)

    assert [(one["id"], one["name"]) for one in listed] == [(passkey.id, "Điện thoại")]
    assert (removed.status_code, again.status_code) == (204, 404)
    assert (await sign_in(world, passkey)).status_code == 401
    payer.token = elsewhere
    assert (await payer.post("/v1/device-key-challenges")).status_code == 401


async def test_nobody_removes_the_passkey_of_somebody_else(quick_world: World) -> None:
    _an, passkey = await make_holder(quick_world)
    other = await make_signed_in(quick_world, "binh.tran")

    answer = await quick_world.http.delete(
        f"/v1/passkeys/{passkey.id}", headers={"authorization": f"Bearer {other.token}"}
    )

    assert answer.status_code == 404
    assert (await sign_in(quick_world, passkey)).status_code == 201


async def test_removing_a_passkey_needs_a_fresh_sign_in(quick_world: World) -> None:
    payer, passkey = await make_holder(quick_world)
    headers = {"authorization": f"Bearer {payer.token}"}
    quick_world.clock.advance(timedelta(minutes=10))
    await quick_world.http.get("/v1/passkeys", headers=headers)
    quick_world.clock.advance(timedelta(minutes=10))

    answer = await quick_world.http.delete(f"/v1/passkeys/{passkey.id}", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "insufficient_user_authentication")


async def test_an_account_holds_ten_passkeys_and_one_only_once(quick_world: World) -> None:
    payer, passkey = await make_holder(quick_world)

    twice = await register(payer, passkey)
    for _ in range(9):
        assert (await register(payer, new_passkey())).status_code == 201
    eleventh = await payer.post("/v1/passkey-registrations", {})

    assert (twice.status_code, twice.json()["code"]) == (409, "passkey_taken")
    assert (eleventh.status_code, eleventh.json()["code"]) == (409, "too_many_passkeys")


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"id": 1, "response": []},
        {"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "%%"}},
        {"response": {"clientDataJSON": encode(b'{"challenge": 7}')}},
        {"response": {"clientDataJSON": encode(b"[]")}},
    ],
)
async def test_what_cannot_be_read_is_refused(
    quick_world: World, credential: dict[str, object]
) -> None:
    payer = await make_signed_in(quick_world)

    login = await quick_world.http.post("/v1/passkey-sessions", json={"credential": credential})
    kept = await payer.post("/v1/passkeys", {"name": "x", "credential": credential})

    assert (login.status_code, kept.status_code) == (401, 403)
