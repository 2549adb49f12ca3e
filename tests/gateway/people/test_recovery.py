from base64 import b32decode

import httpx
import pyotp
import pytest
from sqlalchemy import text

from tests.gateway.payer import PASSWORD, Payer
from tests.gateway.people.holder import actions, make_signed_in, new_passkey, register, sign_in
from tests.gateway.world import World


async def codes_of(payer: Payer) -> list[str]:
    answer = await payer.post("/v1/recovery-codes", {"totp": payer.code()})
    assert answer.status_code == 201, answer.text
    codes: list[str] = answer.json()["codes"]
    return codes


async def recover(world: World, payer: Payer, code: str) -> httpx.Response:
    said = {"username": payer.username, "password": PASSWORD, "recovery_code": code}
    return await world.http.post("/v1/sessions", json=said)


async def test_ten_codes_of_eighty_bits_are_shown_once_and_kept_as_digests(world: World) -> None:
    payer = await make_signed_in(world)

    codes = await codes_of(payer)

    assert len(set(codes)) == 10
    assert {len(b32decode(code.replace("-", ""))) * 8 for code in codes} == {80}
    async with world.database.engine.connect() as connection:
        kept = list(await connection.scalars(text("SELECT digest FROM recovery_code")))
    assert all(code not in kept and code.replace("-", "") not in kept for code in codes)
    assert "recovery_codes.replaced" in await actions(world)


async def test_making_codes_needs_a_code_of_the_generator(quick_world: World) -> None:
    payer = await make_signed_in(quick_world)

    answer = await payer.post("/v1/recovery-codes", {"totp": payer.wrong_code()})

    assert (answer.status_code, answer.json()["code"]) == (403, "totp_refused")


async def test_new_codes_replace_the_old(quick_world: World) -> None:
    payer = await make_signed_in(quick_world)
    old = await codes_of(payer)
    new = await codes_of(payer)

    answers = [(await recover(quick_world, payer, one)).status_code for one in (old[0], new[0])]

    assert answers == [401, 201]


async def test_a_code_signs_in_once_however_it_is_typed(world: World) -> None:
    payer = await make_signed_in(world)
    code = (await codes_of(payer))[0]

    first = await recover(world, payer, code.lower().replace("-", " "))
    again = await recover(world, payer, code)

    assert (first.status_code, first.json()["acr"]) == (201, "urn:lephi:acr:recovery")
    assert again.status_code == 401


async def test_a_code_of_somebody_else_does_not_sign_in(quick_world: World) -> None:
    an = await make_signed_in(quick_world)
    binh = await make_signed_in(quick_world, "binh.tran")
    codes = await codes_of(binh)

    assert (await recover(quick_world, an, codes[0])).status_code == 401


async def test_a_code_without_the_password_does_nothing(quick_world: World) -> None:
    payer = await make_signed_in(quick_world)
    code = (await codes_of(payer))[0]
    said = {"username": payer.username, "password": "wrong guess", "recovery_code": code}

    refused = await quick_world.http.post("/v1/sessions", json=said)

    assert refused.status_code == 401
    assert (await recover(quick_world, payer, code)).status_code == 201


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/device-key-challenges"),
        ("POST", "/v1/device-keys"),
        ("POST", "/v1/recovery-codes"),
        ("GET", "/v1/passkeys"),
        ("GET", "/v1/sessions"),
        ("DELETE", "/v1/sessions"),
        ("POST", "/v1/sessions/current/rotation"),
        ("GET", "/v1/payment-intents/0199a000-0000-7000-8000-000000000001"),
        ("POST", "/v1/payment-intents/0199a000-0000-7000-8000-000000000001/confirmations"),
    ],
)
async def test_after_recovery_everything_but_repair_is_shut(
    quick_world: World, method: str, path: str
) -> None:
    payer = await make_signed_in(quick_world)
    code = (await codes_of(payer))[0]
    token = (await recover(quick_world, payer, code)).json()["token"]

    answer = await quick_world.http.request(
        method, path, headers={"authorization": f"Bearer {token}"}
    )

    assert (answer.status_code, answer.json()["code"]) == (403, "recovery_only")


async def test_after_recovery_a_new_code_generator_is_set_up(world: World) -> None:
    payer = await make_signed_in(world)
    elsewhere = payer.token
    code = (await codes_of(payer))[0]
    payer.token = (await recover(world, payer, code)).json()["token"]

    offered = await payer.post("/v1/accounts/current/totp")
    old_secret, payer.secret = payer.secret, pyotp.parse_uri(offered.json()["totp_uri"]).secret
    done = await payer.post("/v1/accounts/current/totp-activations", {"code": payer.code()})

    assert (offered.status_code, done.status_code) == (201, 204)
    payer.token = elsewhere
    assert (await payer.post("/v1/device-key-challenges")).status_code == 401
    payer.token = ""
    assert (await payer.sign_in()).status_code == 201
    payer.secret, payer.token = old_secret, ""
    assert (await payer.sign_in()).status_code == 401
    assert "code_generator.replaced" in await actions(world)


async def test_a_new_generator_counts_only_when_it_was_shown_to_work(quick_world: World) -> None:
    payer = await make_signed_in(quick_world)

    early = await payer.post("/v1/accounts/current/totp-activations", {"code": payer.code()})
    await payer.post("/v1/accounts/current/totp")
    wrong = await payer.post("/v1/accounts/current/totp-activations", {"code": payer.code()})

    assert (early.json()["code"], wrong.json()["code"]) == ("no_new_totp", "totp_refused")
    assert (await payer.sign_in()).status_code == 201


async def test_after_recovery_a_passkey_is_registered(quick_world: World) -> None:
    payer, passkey = await make_signed_in(quick_world), new_passkey()
    code = (await codes_of(payer))[0]
    payer.token = (await recover(quick_world, payer, code)).json()["token"]

    assert (await register(payer, passkey)).status_code == 201
    assert (await sign_in(quick_world, passkey)).status_code == 201


async def test_five_wrong_recovery_codes_lock_the_codes(quick_world: World) -> None:
    payer = await make_signed_in(quick_world)
    code = (await codes_of(payer))[0]

    for _ in range(5):
        assert (await recover(quick_world, payer, "AAAA-AAAA-AAAA-AAAA")).status_code == 401

    assert (await recover(quick_world, payer, code)).status_code == 429


@pytest.mark.parametrize("more", [{}, {"totp": "000000", "recovery_code": "AAAA-AAAA-AAAA-AAAA"}])
async def test_a_sign_in_has_exactly_one_code(quick_world: World, more: dict[str, str]) -> None:
    said = {"username": "an.nguyen", "password": PASSWORD, **more}

    assert (await quick_world.http.post("/v1/sessions", json=said)).status_code == 422
