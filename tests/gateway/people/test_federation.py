import asyncio
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from sqlalchemy import text

from deploy.sandbox_identity.provider import LEVELS
from tests.gateway.people.federated import ISSUER, SECRET, Browser, cookie_of, federate
from tests.gateway.people.holder import actions, make_signed_in
from tests.gateway.world import World

SESSION = "__Host-lephi"


async def whose(world: World, answer: httpx.Response) -> str:
    cookie = cookie_of(answer, SESSION)
    seen = await world.http.get("/v1/sessions/current", headers={"cookie": f"{SESSION}={cookie}"})
    assert seen.status_code == 200, seen.text
    return str(seen.json()["user_id"])


async def test_a_citizen_signs_in_with_the_account_of_another_house(world: World) -> None:
    browser = federate(world)

    first = await browser.sign_in()
    again = await browser.sign_in()
    other = await browser.sign_in(citizen="binh")

    assert (first.status_code, first.json()["acr"]) == (200, "urn:lephi:acr:federated")
    assert first.json()["token"] is None
    mine = await whose(world, first)
    assert mine == await whose(world, again)
    assert mine != await whose(world, other)
    written = await actions(world)
    assert written.count("account.opened") == 2
    assert written.count("federated_identity.linked") == 2
    async with world.database.engine.connect() as connection:
        rows = (
            await connection.execute(text("SELECT full_name, password_hash FROM account"))
        ).all()
    assert sorted(tuple(row) for row in rows) == [("Nguyễn Văn An", None), ("Trần Thị Bình", None)]


async def test_the_higher_level_counts_as_a_second_factor(quick_world: World) -> None:
    answer = await federate(quick_world).sign_in(level=LEVELS[1])

    assert answer.json()["acr"] == "urn:lephi:acr:mfa"


async def test_a_level_nobody_mapped_counts_as_the_lowest(quick_world: World) -> None:
    browser = federate(quick_world)
    browser.change_claims(acr="urn:lephi:acr:passkey")

    assert (await browser.sign_in()).json()["acr"] == "urn:lephi:acr:federated"


async def test_the_browser_is_sent_with_all_that_binds_the_answer(quick_world: World) -> None:
    begun = await federate(quick_world).begin()

    asked = dict(parse_qsl(urlsplit(begun.headers["location"]).query))
    assert begun.status_code == 302
    assert asked["code_challenge_method"] == "S256"
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) == 43
    assert (asked["max_age"], set(asked["acr_values"].split())) == ("900", set(LEVELS))
    said = begun.headers["set-cookie"]
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(said.split("; "))
    assert asked["state"] not in said


@pytest.mark.parametrize("case", ["another browser", "no cookie", "another state", "used", "late"])
async def test_only_the_browser_that_began_comes_back_and_once(world: World, case: str) -> None:
    browser = federate(world)
    begun = await browser.begin()
    cookie = cookie_of(begun)
    given = await browser.choose(begun.headers["location"])
    if case == "another browser":
        cookie = cookie_of(await browser.begin())
    if case == "no cookie":
        cookie = ""
    if case == "another state":
        given["state"] = "A" * 43
    if case == "used":
        assert (await browser.come_back(given, cookie)).status_code == 200
    if case == "late":
        world.clock.advance(timedelta(minutes=10))

    answer = await browser.come_back(given, cookie)

    assert (answer.status_code, answer.json()["code"]) == (401, "federation_refused")
    assert "state" in answer.json()["detail_en"]


async def test_an_answer_of_another_issuer_is_refused(quick_world: World) -> None:
    browser = federate(quick_world)
    begun = await browser.begin()
    given = await browser.choose(begun.headers["location"])

    answer = await browser.come_back({**given, "iss": "https://other.test"}, cookie_of(begun))

    assert (answer.status_code, "iss" in answer.json()["detail_en"]) == (401, True)


async def test_a_code_of_another_login_is_of_no_use(quick_world: World) -> None:
    """PKCE and nonce: whoever slips somebody a stolen code gets nothing."""
    browser = federate(quick_world)
    theirs = await browser.begin()
    stolen = await browser.choose(theirs.headers["location"], citizen="binh")
    mine = await browser.begin()
    given = await browser.choose(mine.headers["location"])

    answer = await browser.come_back({**given, "code": stolen["code"]}, cookie_of(mine))

    assert (answer.status_code, answer.json()["code"]) == (503, "federation_unavailable")


def seconds(world: World, **ago: int) -> int:
    return int((world.clock.now() + timedelta(**ago)).timestamp())


WRONG_CLAIMS: Mapping[str, tuple[str, Any]] = {
    "another issuer": ("iss", {"iss": "https://other.test"}),
    "no issuer": ("iss", {"iss": None}),
    "another audience": ("aud", {"aud": "somebody-else"}),
    "several audiences without a party": ("azp", {"aud": ["lephi-gateway", "b"], "azp": None}),
    "another party": ("azp", {"azp": "somebody-else"}),
    "another nonce": ("nonce", {"nonce": "another"}),
    "no nonce": ("nonce", {"nonce": None}),
    "no subject": ("sub", {"sub": ""}),
    "no end": ("exp", {"exp": None}),
    "no sign-in time": ("auth_time", {"auth_time": None}),
    "an end in words": ("exp", {"exp": "tomorrow"}),
    "ended": ("exp", {"exp": -11}),
    "issued later": ("iat", {"iat": 11}),
    "issued long ago": ("iat", {"iat": -601}),
    "not yet": ("nbf", {"nbf": 11}),
    "signed in too long ago": ("auth_time", {"auth_time": -911}),
    "signed in later": ("auth_time", {"auth_time": 11}),
}


@pytest.mark.parametrize(("check", "changes"), WRONG_CLAIMS.values(), ids=WRONG_CLAIMS)
async def test_every_claim_is_checked(
    quick_world: World, check: str, changes: dict[str, Any]
) -> None:
    browser = federate(quick_world)
    now = seconds(quick_world)
    said = {
        name: now + value if isinstance(value, int) else value for name, value in changes.items()
    }
    browser.change_claims(**said)

    answer = await browser.sign_in()

    assert (answer.status_code, answer.json()["code"]) == (401, "federation_refused")
    assert answer.json()["detail_en"].endswith(f"refused: {check}.")


@pytest.mark.parametrize("off", [{"exp": -9}, {"iat": 9}, {"nbf": 9}, {"auth_time": 9}], ids=str)
async def test_clocks_may_differ_by_ten_seconds(quick_world: World, off: dict[str, int]) -> None:
    browser = federate(quick_world)
    browser.change_claims(**{name: seconds(quick_world, seconds=by) for name, by in off.items()})

    assert (await browser.sign_in()).status_code == 200


def unsigned(token: str) -> str:
    header = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"
    return f"{header}.{token.split('.')[1]}."


def _stranger() -> ECKey:
    return ECKey.generate_key("P-256", private=True)


@pytest.mark.parametrize("case", ["unsigned", "a stranger's key", "our secret", "changed", "none"])
async def test_a_token_without_the_providers_signature_is_refused(
    quick_world: World, case: str
) -> None:
    browser = federate(quick_world)
    kid = browser.provider.keys[0].kid

    def change(token: str) -> str:
        claims = dict(jwt.decode(token, browser.provider.keys[0], algorithms=["ES256"]).claims)
        if case == "unsigned":
            return unsigned(token)
        if case == "a stranger's key":
            return jwt.encode({"alg": "ES256", "kid": kid}, claims, _stranger())
        if case == "our secret":
            header = {"alg": "HS256", "kid": kid}
            return jwt.encode(header, claims, OctKey.import_key(SECRET), algorithms=["HS256"])
        if case == "changed":
            head, _body, signature = token.split(".")
            other = jwt.encode({"alg": "ES256"}, {**claims, "sub": "b"}, _stranger())
            return f"{head}.{other.split('.')[1]}.{signature}"
        return ""

    browser.change_token(change)

    answer = await browser.sign_in()

    assert (answer.status_code, answer.json()["code"]) == (401, "federation_refused")


async def test_a_new_key_of_the_provider_is_found_by_itself(quick_world: World) -> None:
    browser = federate(quick_world)
    assert (await browser.sign_in()).status_code == 200
    quick_world.clock.advance(timedelta(seconds=61))
    browser.provider.rotate_keys()

    assert (await browser.sign_in()).status_code == 200
    assert browser.wire.paths.count("/jwks") == 2


async def test_unknown_keys_make_us_ask_once_a_minute_at_most(quick_world: World) -> None:
    browser = federate(quick_world)
    assert (await browser.sign_in()).status_code == 200
    for _ in range(3):
        browser.provider.rotate_keys()
        assert (await browser.sign_in()).status_code == 401

    assert browser.wire.paths.count("/jwks") == 1
    assert browser.wire.paths.count("/.well-known/openid-configuration") == 1


BAD_ANSWERS: Mapping[str, httpx.Response] = {
    "an error": httpx.Response(500),
    "a redirect": httpx.Response(302, headers={"location": "https://other.test"}),
    "no JSON": httpx.Response(200, text="<html>"),
    "a list": httpx.Response(200, json=[]),
    "too long": httpx.Response(200, json={"issuer": ISSUER, "more": "x" * 65536}),
    "another issuer": httpx.Response(200, json={"issuer": "https://other.test"}),
    "no endpoints": httpx.Response(200, json={"issuer": ISSUER}),
    "endpoints in the open": httpx.Response(
        200,
        json={
            "issuer": ISSUER,
            "authorization_endpoint": "http://identity.test/authorize",
            "token_endpoint": "http://169.254.169.254/token",
            "jwks_uri": "http://127.0.0.1/jwks",
        },
    ),
}


@pytest.mark.parametrize("answer", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
async def test_a_provider_that_answers_badly_is_unavailable(
    quick_world: World, answer: httpx.Response
) -> None:
    browser = federate(quick_world)
    browser.wire.changes["/.well-known/openid-configuration"] = lambda _given: answer

    begun = await browser.begin()

    assert (begun.status_code, begun.json()["code"]) == (503, "federation_unavailable")


async def test_a_provider_that_hangs_is_given_up_on(
    quick_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = federate(quick_world)

    async def hang(_request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr("gateway.authentication.people.provider_documents.ANSWER_SECONDS_MAX", 0.05)
    monkeypatch.setattr(browser.wire, "handle_async_request", hang)

    assert (await browser.begin()).status_code == 503


async def test_a_client_may_sign_instead_of_telling_a_secret(
    quick_world: World, tmp_path: Path
) -> None:
    key = ECKey.generate_key("P-256", private=True)
    file = tmp_path / "federation.key.pem"
    file.write_bytes(key.as_pem(private=True))

    signed = federate(quick_world, key=key, key_file=str(file))
    assert (await signed.sign_in()).status_code == 200
    stranger = federate(quick_world, key=_stranger(), key_file=str(file))
    assert (await stranger.sign_in()).status_code == 503


async def linked(browser: Browser, token: str, citizen: str = "an") -> httpx.Response:
    begun = await browser.world.http.post(
        "/v1/federations/sandbox/links", headers={"authorization": f"Bearer {token}"}
    )
    browser.world.http.cookies.clear()
    assert begun.status_code == 201, begun.text
    given = await browser.choose(begun.json()["url"], citizen=citizen)
    return await browser.come_back(given, cookie_of(begun))


async def test_an_account_is_linked_only_by_whoever_is_signed_in_to_it(world: World) -> None:
    browser = federate(world)
    payer = await make_signed_in(world)

    anonymous = await world.http.post("/v1/federations/sandbox/links")
    done = await linked(browser, payer.token)
    after = await browser.sign_in()

    assert (anonymous.status_code, done.status_code, done.json()) == (401, 200, None)
    assert SESSION not in done.headers.get("set-cookie", "").replace(f"{SESSION}-login", "")
    assert await whose(world, after) == payer.id


async def test_an_identity_belongs_to_one_account(world: World) -> None:
    browser = federate(world)
    first = await whose(world, await browser.sign_in())
    payer = await make_signed_in(world)

    taken = await linked(browser, payer.token)

    assert (taken.status_code, taken.json()["code"]) == (409, "identity_taken")
    assert await whose(world, await browser.sign_in()) == first


@pytest.mark.parametrize(
    ("place", "status"),
    [("/pay/now", 302), ("//elsewhere.example", 422), ("https://elsewhere.example", 422)],
)
async def test_after_the_login_only_a_place_on_this_site_is_gone_to(
    quick_world: World, place: str, status: int
) -> None:
    browser = federate(quick_world)

    begun = await browser.begin(f"?return_to={place}")

    assert begun.status_code == status
    if status == 302:
        given = await browser.choose(begun.headers["location"])
        answer = await browser.come_back(given, cookie_of(begun))
        assert (answer.status_code, answer.headers["location"]) == (302, place)
        assert cookie_of(answer, SESSION)


async def test_what_the_browser_was_told_is_an_error_signs_nobody_in(quick_world: World) -> None:
    browser = federate(quick_world)
    begun = await browser.begin()

    answer = await browser.come_back({"error": "access_denied"}, cookie_of(begun))

    assert (answer.status_code, answer.json()["code"]) == (401, "federation_refused")


async def test_the_providers_are_listed_and_others_are_not_found(quick_world: World) -> None:
    federate(quick_world)

    listed = (await quick_world.http.get("/v1/federations")).json()
    unknown = await quick_world.http.get("/v1/federations/other/login")

    assert [one["name"] for one in listed] == ["sandbox"]
    assert "secret" not in str(listed)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "federation_not_found")
