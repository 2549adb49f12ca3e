import asyncio
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from tests.gateway.payer import PASSWORD, Payer
from tests.gateway.people.holder import actions, make_signed_in
from tests.gateway.world import ORIGIN, World

COOKIE = "__Host-lephi"


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def look(world: World, token: str) -> int:
    return (await world.http.get("/v1/sessions/current", headers=bearer(token))).status_code


async def rotate(world: World, token: str) -> httpx.Response:
    return await world.http.post("/v1/sessions/current/rotation", headers=bearer(token))


async def test_a_session_in_use_lives_an_hour_and_no_longer(world: World) -> None:
    payer = await make_signed_in(world)

    for _ in range(5):
        world.clock.advance(timedelta(minutes=11))
        assert await look(world, payer.token) == 200
    world.clock.advance(timedelta(minutes=5))

    assert await look(world, payer.token) == 401


async def test_an_unused_session_ends_after_a_quarter_of_an_hour(quick_world: World) -> None:
    payer = await make_signed_in(quick_world)
    quick_world.clock.advance(timedelta(minutes=14))
    assert await look(quick_world, payer.token) == 200

    quick_world.clock.advance(timedelta(minutes=15))

    assert await look(quick_world, payer.token) == 401


async def test_use_is_written_down_once_a_minute(quick_world: World) -> None:
    payer = await make_signed_in(quick_world)

    async def seen_at() -> object:
        async with quick_world.database.engine.connect() as connection:
            return await connection.scalar(text("SELECT seen_at FROM session"))

    opened = await seen_at()
    quick_world.clock.advance(timedelta(seconds=59))
    await look(quick_world, payer.token)
    soon = await seen_at()
    quick_world.clock.advance(timedelta(seconds=1))
    await look(quick_world, payer.token)

    assert soon == opened
    assert await seen_at() != opened


async def test_rotation_gives_a_new_token_and_a_grace_to_what_is_under_way(world: World) -> None:
    payer = await make_signed_in(world)

    rotated = await rotate(world, payer.token)

    new = rotated.json()["token"]
    assert (rotated.status_code, new != payer.token) == (201, True)
    assert await look(world, payer.token) == 200
    world.clock.advance(timedelta(seconds=10))
    assert [await look(world, payer.token), await look(world, new)] == [200, 200]
    assert "session.rotated" in await actions(world)


async def test_a_token_that_comes_back_after_its_grace_ends_the_whole_sign_in(
    world: World,
) -> None:
    payer = await make_signed_in(world)
    second = (await rotate(world, payer.token)).json()["token"]
    third = (await rotate(world, second)).json()["token"]
    world.clock.advance(timedelta(seconds=11))

    answers = [await look(world, token) for token in (payer.token, third, second, payer.token)]

    assert answers == [401, 401, 401, 401]
    assert (await actions(world)).count("session.token_reused") == 1


async def test_of_rotations_at_once_one_wins(world: World) -> None:
    payer = await make_signed_in(world)

    answers = await asyncio.gather(*(rotate(world, payer.token) for _ in range(4)))

    assert sorted(one.status_code for one in answers) == [201, 409, 409, 409]


async def test_rotation_does_not_make_a_session_live_longer(quick_world: World) -> None:
    payer = await make_signed_in(quick_world)
    token = payer.token

    for _ in range(4):
        quick_world.clock.advance(timedelta(minutes=12))
        token = (await rotate(quick_world, token)).json()["token"]
    quick_world.clock.advance(timedelta(minutes=12))

    assert await look(quick_world, token) == 401


async def test_signing_out_ends_the_rotated_token_as_well(quick_world: World) -> None:
    payer = await make_signed_in(quick_world)
    new = (await rotate(quick_world, payer.token)).json()["token"]

    await quick_world.http.delete("/v1/sessions/current", headers=bearer(payer.token))

    assert [await look(quick_world, one) for one in (payer.token, new)] == [401, 401]


async def test_sessions_are_listed_without_tokens_and_ended_one_by_one(world: World) -> None:
    payer = await make_signed_in(world)
    first = payer.token
    await payer.sign_in()

    listed = (await world.http.get("/v1/sessions", headers=bearer(payer.token))).json()
    other = next(one["id"] for one in listed if not one["current"])
    ended = await world.http.delete(f"/v1/sessions/{other}", headers=bearer(payer.token))

    assert len(listed) == 2
    assert all("token" not in one for one in listed)
    assert ended.status_code == 204
    assert [await look(world, first), await look(world, payer.token)] == [401, 200]


async def test_all_other_sessions_are_ended_at_once(world: World) -> None:
    payer = await make_signed_in(world)
    tokens = [payer.token]
    for _ in range(2):
        await payer.sign_in()
        tokens.append(payer.token)

    await world.http.delete("/v1/sessions", headers=bearer(tokens[-1]))

    assert [await look(world, one) for one in tokens] == [401, 401, 200]


async def test_nobody_ends_the_session_of_somebody_else(quick_world: World) -> None:
    an = await make_signed_in(quick_world)
    binh = await make_signed_in(quick_world, "binh.tran")
    listed = (await quick_world.http.get("/v1/sessions", headers=bearer(an.token))).json()

    answer = await quick_world.http.delete(
        f"/v1/sessions/{listed[0]['id']}", headers=bearer(binh.token)
    )

    assert (answer.status_code, answer.json()["code"]) == (404, "session_not_found")
    assert await look(quick_world, an.token) == 200


async def page_of(world: World, payer: Payer) -> tuple[str, str]:
    """A page's cookie, and the token its scripts are told."""
    answer = await world.http.post(
        "/v1/sessions?cookie=true",
        json={"username": payer.username, "password": PASSWORD, "totp": payer.code()},
    )
    assert answer.status_code == 201, answer.text
    world.http.cookies.clear()
    said = answer.headers["set-cookie"]
    assert answer.json()["token"] is None
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(said.split("; "))
    return said.split(";")[0].removeprefix(f"{COOKIE}="), answer.json()["csrf_token"]


async def test_a_page_acts_with_its_cookie_and_its_own_token(world: World) -> None:
    payer = Payer(world, "an.nguyen")
    await payer.open_account()
    cookie, csrf = await page_of(world, payer)
    headers = {"cookie": f"{COOKIE}={cookie}", "origin": ORIGIN, "x-csrf-token": csrf}

    seen = await world.http.get("/v1/sessions/current", headers={"cookie": headers["cookie"]})
    done = await world.http.post("/v1/device-key-challenges", headers=headers)
    rotated = await world.http.post("/v1/sessions/current/rotation", headers=headers)

    assert (seen.status_code, seen.json()["csrf_token"]) == (200, csrf)
    assert (done.status_code, rotated.status_code) == (201, 201)
    assert rotated.json()["token"] is None
    assert COOKIE in rotated.headers["set-cookie"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"x-csrf-token": None},
        {"x-csrf-token": "made-up"},
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": None},
    ],
    ids=str,
)
async def test_another_page_cannot_act_with_the_cookie(
    quick_world: World, wrong: dict[str, str | None]
) -> None:
    payer = Payer(quick_world, "an.nguyen")
    await payer.open_account()
    cookie, csrf = await page_of(quick_world, payer)
    said = {"cookie": f"{COOKIE}={cookie}", "origin": ORIGIN, "x-csrf-token": csrf, **wrong}

    answer = await quick_world.http.post(
        "/v1/device-key-challenges", headers={key: value for key, value in said.items() if value}
    )

    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_refused")


async def test_two_sessions_at_once_are_refused(quick_world: World) -> None:
    payer = Payer(quick_world, "an.nguyen")
    await payer.open_account()
    cookie, _csrf = await page_of(quick_world, payer)
    await payer.sign_in()
    twice = {"cookie": f"{COOKIE}={cookie}; {COOKIE}={cookie}"}

    both = await quick_world.http.get(
        "/v1/sessions/current",
        headers={"cookie": f"{COOKIE}={cookie}", **bearer(payer.token)},
    )
    two = await quick_world.http.get("/v1/sessions/current", headers=twice)

    assert [(one.status_code, one.json()["code"]) for one in (both, two)] == [
        (400, "two_sessions_given"),
        (400, "two_sessions_given"),
    ]


async def test_a_cookie_planted_before_the_sign_in_is_worth_nothing_after_it(
    quick_world: World,
) -> None:
    payer = Payer(quick_world, "an.nguyen")
    await payer.open_account()
    planted = "planted-by-somebody-else"

    answer = await quick_world.http.post(
        "/v1/sessions?cookie=true",
        json={"username": payer.username, "password": PASSWORD, "totp": payer.code()},
        headers={"cookie": f"{COOKIE}={planted}"},
    )
    quick_world.http.cookies.clear()

    assert planted not in answer.headers["set-cookie"]
    assert await look(quick_world, planted) == 401


async def test_whoever_guesses_passwords_does_not_use_up_the_codes(world: World) -> None:
    payer = await make_signed_in(world)
    guess = {"username": payer.username, "password": "a wrong guess", "totp": "000000"}

    for _ in range(5):
        assert (await world.http.post("/v1/sessions", json=guess)).status_code == 401
    locked = await world.http.post("/v1/sessions", json=guess)
    enrolled = await payer.enrol()

    assert (locked.status_code, enrolled.status_code) == (429, 201)
