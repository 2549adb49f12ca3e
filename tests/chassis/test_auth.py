from datetime import timedelta

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chassis.auth import (
    BadToken,
    Caller,
    CallerDep,
    CallerNotAllowed,
    Callers,
    TokenMinter,
    TokenVerifier,
)
from chassis.http import create_api
from chassis.ids import SystemIds
from chassis.testing import FrozenClock

CALLERS: Callers = {
    "gateway": {"client": frozenset({"a", "b"}), "user": frozenset({"a"}), "service": frozenset()}
}
KEY = ec.generate_private_key(ec.SECP256R1())
CALLER = Caller(
    subject="portal-demo", kind="client", client_id="portal-demo", scopes=frozenset({"a", "b"})
)
REQUEST = {"method": "POST", "target": "/v1/things?x=1", "body": b'{"a":1}'}


def minter(clock: FrozenClock, issuer: str = "gateway") -> TokenMinter:
    return TokenMinter(issuer, KEY, clock=clock, ids=SystemIds(clock))


def verifier(clock: FrozenClock, audience: str = "payment") -> TokenVerifier:
    return TokenVerifier(audience, {"gateway": KEY.public_key()}, callers=CALLERS, clock=clock)


def mint(clock: FrozenClock, **more: object) -> str:
    return minter(clock).mint(audience="payment", caller=CALLER, **(REQUEST | more))  # type: ignore[arg-type]


def test_a_fresh_token_says_who_calls() -> None:
    clock = FrozenClock()

    assert verifier(clock).verify(mint(clock), **REQUEST) == CALLER  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "other", [{"method": "GET"}, {"target": "/v1/things?x=2"}, {"body": b'{"a":2}'}]
)
def test_a_token_fits_one_request_only(other: dict[str, object]) -> None:
    clock = FrozenClock()

    with pytest.raises(BadToken):
        verifier(clock).verify(mint(clock), **(REQUEST | other))  # type: ignore[arg-type]


def test_a_token_for_another_audience_or_from_another_issuer_is_refused() -> None:
    clock = FrozenClock()

    with pytest.raises(BadToken):
        verifier(clock, "receipt").verify(mint(clock), **REQUEST)  # type: ignore[arg-type]
    stranger = minter(clock, "stranger").mint(audience="payment", caller=CALLER, **REQUEST)  # type: ignore[arg-type]
    with pytest.raises(BadToken):
        verifier(clock).verify(stranger, **REQUEST)  # type: ignore[arg-type]


@pytest.mark.parametrize("seconds", [31, -11])
def test_a_token_lives_half_a_minute(seconds: int) -> None:
    clock = FrozenClock()
    token = mint(clock)
    clock.advance(timedelta(seconds=seconds))

    with pytest.raises(BadToken):
        verifier(clock).verify(token, **REQUEST)  # type: ignore[arg-type]


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_the_message_does_not_choose_the_algorithm(algorithm: str) -> None:
    clock = FrozenClock()
    claims = jwt.decode(mint(clock), options={"verify_signature": False})
    key = "k" * 32 if algorithm == "HS256" else ""
    forged = jwt.encode(claims, key, algorithm=algorithm, headers={"typ": "lephi-internal+jwt"})

    with pytest.raises(BadToken):
        verifier(clock).verify(forged, **REQUEST)  # type: ignore[arg-type]


def test_a_token_opens_once() -> None:
    clock = FrozenClock()
    door, token = verifier(clock), mint(clock)
    door.verify(token, **REQUEST)  # type: ignore[arg-type]

    with pytest.raises(BadToken, match="used before"):
        door.verify(token, **REQUEST)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "claimed",
    [
        Caller(subject="x", kind="public"),
        Caller(subject="x", kind="client", client_id="x", scopes=frozenset({"a", "c"})),
        Caller(subject="x", kind="user", scopes=frozenset({"b"})),
        Caller(subject="payment", kind="service"),
        Caller(subject="x", kind="client", client_id="x", roles=frozenset({"auditor"})),
        Caller(subject="x", kind="client", client_id="x", agencies=frozenset({"*"})),
        Caller(subject="x", kind="user", client_id="x"),
    ],
    ids=["kind", "scope", "scope of another kind", "service", "roles", "agencies", "client id"],
)
def test_an_issuer_hands_on_no_more_than_the_table_lets_it(claimed: Caller) -> None:
    clock = FrozenClock()
    token = minter(clock).mint(audience="payment", caller=claimed, **REQUEST)  # type: ignore[arg-type]

    with pytest.raises(CallerNotAllowed):
        verifier(clock).verify(token, **REQUEST)  # type: ignore[arg-type]


@pytest.mark.parametrize("extra", [{"kid": "gateway"}, {"jku": "https://x.test"}, {"crit": ["b"]}])
def test_a_header_that_says_more_than_it_should_is_refused(extra: dict[str, object]) -> None:
    clock = FrozenClock()
    claims = jwt.decode(mint(clock), options={"verify_signature": False})
    headers = {"typ": "lephi-internal+jwt", **extra}
    token = jwt.encode(claims, KEY, algorithm="ES256", headers=headers)

    with pytest.raises(BadToken):
        verifier(clock).verify(token, **REQUEST)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong", [{"roles": 1}, {"kind": ["client"]}, {"iat": "x"}, {"exp": []}, {"nbf": {}}]
)
def test_claims_of_another_type_are_refused_and_break_nothing(wrong: dict[str, object]) -> None:
    clock = FrozenClock()
    claims = jwt.decode(mint(clock), options={"verify_signature": False}) | wrong
    token = jwt.encode(claims, KEY, algorithm="ES256", headers={"typ": "lephi-internal+jwt"})

    with pytest.raises(BadToken):
        verifier(clock).verify(token, **REQUEST)  # type: ignore[arg-type]


async def test_every_route_is_locked_but_health() -> None:
    clock = FrozenClock()
    app = create_api(title="t", service="payment", verifier=verifier(clock), clock=clock)

    @app.post("/v1/things")
    async def things(caller: CallerDep) -> dict[str, str]:
        return {"subject": caller.subject}

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://payment") as client:
        bearer = {"authorization": f"Bearer {mint(clock)}"}
        allowed = await client.post("/v1/things?x=1", content=b'{"a":1}', headers=bearer)
        other_body = await client.post("/v1/things?x=1", content=b'{"a":2}', headers=bearer)
        nobody = await client.get("/v1/unknown")
        health = await client.get("/health/live")

    assert allowed.json() == {"subject": "portal-demo"}
    assert [other_body.status_code, nobody.status_code, health.status_code] == [401, 401, 200]
    assert other_body.headers["content-type"] == "application/problem+json"
    assert other_body.json()["code"] == "bad_internal_token"
