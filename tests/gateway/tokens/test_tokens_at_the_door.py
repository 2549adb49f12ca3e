"""What an access token opens, and all that it does not."""

from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from ipaddress import ip_network
from typing import Any
from urllib.parse import quote

import httpx
import jwt
import pytest
from httpx import ASGITransport
from sqlalchemy import update

from chassis.ids import SystemIds
from chassis.keys import load_public_key, thumbprint
from gateway.main import create_app
from gateway.storage.machines.tables import CLIENT
from gateway.use_cases.machines.key_changes import KeyChange
from gateway.use_cases.machines.revoke_client_key import revoke_client_key
from tests.gateway.registrars import certificate_of, new_key
from tests.gateway.tokens.portal import CERTIFICATE_HEADER, Portal, client_key, encoded
from tests.gateway.world import ORIGIN, World


async def assert_refused(answer: httpx.Response, code: str, *, status: int = 401) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("DPoP ")


async def test_a_token_with_its_proof_opens_a_look_instead_of_a_signature(world: World) -> None:
    portal = Portal(world)
    await portal.sign_on()

    answer = await portal.read("/v1/dossiers?limit=1")
    own = await portal.read("/v1/payment-intents/0199a000-0000-7000-8000-000000000001")

    assert (answer.status_code, own.status_code) == (200, 200), answer.text
    assert [call.target for call in world.upstream.requests] == [
        "/v1/dossiers?limit=1",
        "/v1/payment-intents/0199a000-0000-7000-8000-000000000001",
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"htm": "POST"}, "invalid_dpop_proof"),
        ({"htu": ORIGIN + "/v1/receipts"}, "invalid_dpop_proof"),
        ({"htu": "http://evil.example/v1/dossiers"}, "invalid_dpop_proof"),
        ({"ath": None}, "invalid_dpop_proof"),
        ({"ath": encoded(sha256(b"another token").digest())}, "invalid_dpop_proof"),
        ({"nonce": None}, "use_dpop_nonce"),
        ({"nonce": "x" * 32}, "use_dpop_nonce"),
    ],
    ids=str,
)
async def test_a_proof_for_something_else_opens_nothing(
    quick_world: World, changes: dict[str, Any], code: str
) -> None:
    portal = Portal(quick_world)
    await portal.sign_on()

    answer = await portal.read(proof=portal.read_proof(**changes))

    await assert_refused(answer, code)
    assert quick_world.upstream.requests == []


async def test_a_proof_by_another_key_opens_nothing(quick_world: World) -> None:
    portal = Portal(quick_world)
    await portal.sign_on()
    thief = Portal(quick_world, nonce=portal.nonce, token=portal.token)

    await assert_refused(await thief.read(), "invalid_dpop_proof")


async def test_a_proof_is_taken_once(world: World) -> None:
    portal = Portal(world)
    await portal.sign_on()
    proof = portal.read_proof()
    assert (await portal.read(proof=proof)).status_code == 200

    await assert_refused(await portal.read(proof=proof), "invalid_dpop_proof")
    assert len(world.upstream.requests) == 1


async def test_a_token_that_is_bound_to_a_key_is_no_bearer_token(quick_world: World) -> None:
    portal = Portal(quick_world)
    await portal.sign_on()
    target = "/v1/dossiers"

    bearer = {"authorization": f"Bearer {portal.token}"}
    alone = await quick_world.http.get(target, headers=bearer)
    with_proof = await quick_world.http.get(target, headers={**bearer, "dpop": portal.read_proof()})
    without = await quick_world.http.get(target, headers={"authorization": f"DPoP {portal.token}"})

    for answer in (alone, with_proof, without):
        await assert_refused(answer, "invalid_dpop_proof")


async def test_a_token_lives_five_minutes(quick_world: World) -> None:
    portal = Portal(quick_world)
    await portal.sign_on()
    quick_world.clock.advance(timedelta(minutes=5))

    await assert_refused(await portal.read(), "invalid_token")


@pytest.mark.parametrize("forgery", ["none", "own key", "changed", "internal", "text"])
async def test_only_tokens_of_our_own_are_taken(quick_world: World, forgery: str) -> None:
    portal = Portal(quick_world)
    await portal.sign_on()
    claims = jwt.decode(portal.token, options={"verify_signature": False})
    header = jwt.get_unverified_header(portal.token)
    kept = {name: value for name, value in header.items() if name != "alg"}
    forged = {
        "none": jwt.encode(claims, "", algorithm="none", headers=kept),
        "own key": jwt.encode(claims, new_key(), algorithm="ES256", headers=kept),
        "changed": portal.token[:-4] + "AAAA",
        "internal": jwt.encode(claims, portal.key, algorithm="ES256"),
        "text": "a.b.c",
    }[forgery]
    portal.token = forged

    await assert_refused(await portal.read(), "invalid_token")


async def test_a_token_opens_what_its_scopes_say(quick_world: World) -> None:
    portal = Portal(quick_world)
    await portal.sign_on(scope="receipt.read")

    allowed = await portal.read("/v1/receipts")
    refused = await portal.read("/v1/dossiers")

    assert allowed.status_code == 200
    await assert_refused(refused, "missing_scope", status=403)


async def test_revoking_the_key_ends_the_tokens_asked_with_it(world: World) -> None:
    portal = Portal(world)
    await portal.sign_on()
    change = KeyChange(actor="operator:test", clock=world.clock, ids=SystemIds())
    key_id = thumbprint(client_key(world).public_key())
    await revoke_client_key(key_id, change=change, uow=world.app.state.tools.new_uow())
    world.clock.advance(timedelta(seconds=5))

    await assert_refused(await portal.read(), "invalid_token")


async def test_a_token_never_stands_in_for_the_signature_of_a_write(quick_world: World) -> None:
    portal = Portal(quick_world)
    await portal.sign_on()
    ath = encoded(sha256(portal.token.encode()).digest())
    headers = {
        "authorization": f"DPoP {portal.token}",
        "dpop": portal.proof("POST", "/v1/dossiers", ath=ath),
        "lephi-client": "portal-demo",
        "content-type": "application/json",
        "idempotency-key": "order-0001",
    }

    answer = await quick_world.http.post("/v1/dossiers", content=b"{}", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature")
    assert quick_world.upstream.requests == []


async def test_a_token_that_goes_along_with_a_signature_is_the_same_clients(
    quick_world: World,
) -> None:
    portal = Portal(quick_world)
    await portal.sign_on()
    request = quick_world.notification()
    ath = encoded(sha256(portal.token.encode()).digest())
    proof = portal.proof("POST", request.target, ath=ath)
    mixed = request.with_header("authorization", f"DPoP {portal.token}").with_header("dpop", proof)

    answer = await quick_world.send(mixed)

    await assert_refused(answer, "invalid_token")
    assert quick_world.upstream.requests == []


async def test_a_sessions_token_is_still_no_access_token(quick_world: World) -> None:
    target = "/v1/payment-intents/0199a000-0000-7000-8000-000000000001"

    answer = await quick_world.http.get(target, headers={"authorization": "Bearer no-dots"})

    assert (answer.status_code, answer.json()["code"]) == (401, "session_refused")


@pytest.fixture
async def behind_terminator(world: World) -> AsyncIterator[World]:
    """The same database behind a gateway that takes certificates from 10.0.0.0/8 only."""
    settings = world.settings.model_copy(
        update={
            "client_certificate_header": CERTIFICATE_HEADER,
            "terminator_networks": (ip_network("10.0.0.0/8"),),
        }
    )
    app = create_app(settings, upstream=world.upstream, database=world.database, clock=world.clock)
    http = httpx.AsyncClient(transport=ASGITransport(app, client=("10.1.2.3", 1)), base_url=ORIGIN)
    yield replace(world, settings=settings, app=app, http=http)
    await http.aclose()


def certificate(world: World) -> tuple[str, str]:
    """As the terminator writes it (RFC 9440), and its x5t#S256."""
    der = certificate_of(new_key(), world.clock.now() + timedelta(days=1))
    return f":{b64encode(der).decode()}:", encoded(sha256(der).digest())


async def test_a_token_can_be_bound_to_a_client_certificate(behind_terminator: World) -> None:
    portal = Portal(behind_terminator)
    mine, x5t = certificate(behind_terminator)
    other, _ = certificate(behind_terminator)
    given = await portal.ask(proof="", headers={CERTIFICATE_HEADER: mine})
    token = given.json()["access_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    bearer = {"authorization": f"Bearer {token}"}

    answers = [
        await behind_terminator.http.get("/v1/dossiers", headers=bearer | more)
        for more in ({CERTIFICATE_HEADER: mine}, {CERTIFICATE_HEADER: other}, {})
    ]

    assert given.json()["token_type"] == "Bearer"
    assert claims["cnf"] == {"x5t#S256": x5t}
    assert [answer.status_code for answer in answers] == [200, 401, 401]


async def test_a_key_bound_to_a_certificate_counts_only_with_it(behind_terminator: World) -> None:
    world = behind_terminator
    mine, x5t = certificate(world)
    other, _ = certificate(world)
    await _change_portal_key(world, certificate_thumbprint=x5t)
    world.clock.advance(timedelta(seconds=5))

    sent = [
        await world.send(_with(world, mine)),
        await world.send(_with(world, quote(_pem(mine)))),
        await world.send(_with(world, other)),
        await world.send(_with(world, "rubbish")),
        await world.send(world.read("/v1/dossiers")),
    ]
    token = await Portal(world).ask()

    assert [answer.status_code for answer in sent] == [200, 200, 401, 401, 401]
    assert sent[-1].json()["code"] == "certificate_needed"
    assert token.json()["error"] == "invalid_client"


async def test_from_anybody_but_the_terminator_a_certificate_header_is_nothing(
    behind_terminator: World,
) -> None:
    world = behind_terminator
    mine, x5t = certificate(world)
    await _change_portal_key(world, certificate_thumbprint=x5t)
    world.clock.advance(timedelta(seconds=5))
    transport = ASGITransport(world.app, client=("192.0.2.7", 1))

    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as http:
        outsider = replace(world, http=http)
        signed = await outsider.send(_with(world, mine))
        token = await Portal(outsider).ask(proof="", headers={CERTIFICATE_HEADER: mine})

    assert (signed.status_code, signed.json()["code"]) == (401, "certificate_needed")
    assert token.json()["error"] == "invalid_client"


async def test_a_client_with_networks_calls_from_there_only(world: World) -> None:
    await _limit_networks(world, "192.0.2.0/24")
    world.clock.advance(timedelta(seconds=5))
    statuses = []
    for address in ("192.0.2.7", "198.51.100.7"):
        transport = ASGITransport(world.app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as http:
            answer = await replace(world, http=http).send(world.read("/v1/dossiers"))
            statuses.append(answer.status_code)

    assert statuses == [200, 403]


def _with(world: World, header: str) -> Any:
    return world.read("/v1/dossiers").with_header(CERTIFICATE_HEADER, header)


def _pem(rfc9440: str) -> str:
    body = rfc9440.strip(":")
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"


async def _change_portal_key(world: World, **changes: Any) -> None:
    path = world.settings.keys_dir / "clients" / "portal-demo.pub.pem"
    uow = world.app.state.tools.new_uow()
    async with uow:
        found = await uow.clients.find_key(thumbprint(load_public_key(path)))
        await uow.clients.save_key(replace(found.key, **changes))


async def _limit_networks(world: World, network: str) -> None:
    async with world.database.begin() as connection:
        await connection.execute(
            update(CLIENT).where(CLIENT.c.id == "portal-demo").values(networks=[network])
        )
