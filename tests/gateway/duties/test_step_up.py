"""Where trust or money moves, a weak or an old sign-in is sent back to sign in again (RFC 9470)."""

import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import update

from gateway.domain.people.assurance import Acr
from gateway.domain.people.roles import Role
from gateway.routes.route import Demand, Route
from gateway.routes.step_up import FRESH_WITHIN
from gateway.routes.table import ROUTES
from gateway.storage.people.tables import SESSION
from tests.gateway.payer import CONFIRMATIONS, Payer, make_payer, play_payment
from tests.gateway.registrars import make_officer
from tests.gateway.world import PAYMENT_INTENT_ID, World

SOME_ID = "0199a000-0000-7000-8000-000000000009"
SOLEMN = [route for route in ROUTES if route.acr is not None]
MINUTE = timedelta(minutes=1)


async def signed_in_by(world: World, acr: Acr) -> None:
    async with world.database.begin() as connection:
        await connection.execute(update(SESSION).values(acr=acr.value))


async def ask(who: Payer, route: Route) -> httpx.Response:
    path = re.sub(r"\{[a-z_]+\}", SOME_ID, route.path)
    headers = {"authorization": f"Bearer {who.token}"}
    return await who.world.http.request(route.method, path, headers=headers)


def test_what_moves_trust_or_money_asks_for_a_second_factor_and_some_for_a_recent_one() -> None:
    asked = {(route.method, route.path): route.fresh_within for route in SOLEMN}

    assert FRESH_WITHIN == 15 * MINUTE
    for solemn, fresh in {
        ("POST", "/v1/payment-intents/{id}/confirmations"): None,
        ("POST", "/v1/confirmations/{id}/proof"): None,
        ("GET", "/v1/payment-intents/{id}/evidence"): None,
        ("POST", "/v1/grants"): FRESH_WITHIN,
        ("DELETE", "/v1/grants/{id}"): FRESH_WITHIN,
        ("POST", "/v1/client-keys/{key_id}/approval"): FRESH_WITHIN,
        ("POST", "/v1/client-keys/{key_id}/revocation"): FRESH_WITHIN,
    }.items():
        assert asked[solemn] == fresh, solemn
    assert {route.acr for route in SOLEMN} == {Acr.MFA}


@pytest.mark.parametrize("acr", [Acr.PASSWORD, Acr.FEDERATED])
@pytest.mark.parametrize("route", SOLEMN, ids=lambda one: f"{one.method} {one.path}")
async def test_a_sign_in_without_a_second_factor_only_looks(
    quick_world: World, route: Route, acr: Acr
) -> None:
    play_payment(quick_world)
    who = await make_officer(quick_world, "officer", *route.roles)
    await signed_in_by(quick_world, acr)

    answer = await ask(who, route)
    looking = await ask(
        who,
        Route(
            method="GET",
            path=f"/v1/payment-intents/{PAYMENT_INTENT_ID}",
            service="payment",
            demand=Demand.SESSION,
        ),
    )

    assert (answer.status_code, answer.json()["code"]) == (401, "insufficient_user_authentication")
    assert looking.status_code == 200


@pytest.mark.parametrize("acr", [Acr.MFA, Acr.PASSKEY])
@pytest.mark.parametrize("route", SOLEMN, ids=lambda one: f"{one.method} {one.path}")
async def test_a_second_factor_or_a_passkey_is_let_in(
    quick_world: World, route: Route, acr: Acr
) -> None:
    who = await make_officer(quick_world, "officer", *route.roles)
    await signed_in_by(quick_world, acr)

    assert (await ask(who, route)).status_code not in (401, 403)


async def test_the_refusal_says_which_sign_in_would_do(world: World) -> None:
    who = await make_officer(world, "granter", Role.GRANTER)
    await signed_in_by(world, Acr.FEDERATED)

    answer = await who.post("/v1/grants", {})

    assert answer.headers["www-authenticate"] == (
        'Bearer error="insufficient_user_authentication", '
        'error_description="Sign in again: this needs a stronger or a more recent sign-in.", '
        'acr_values="urn:lephi:acr:mfa", max_age="900"'
    )
    body = answer.json()
    assert (body["acr_values"], body["max_age"]) == ("urn:lephi:acr:mfa", "900")
    assert body["detail"].startswith("Hãy đăng nhập lại")


async def test_a_sign_in_of_a_quarter_of_an_hour_ago_moves_no_trust_any_more(world: World) -> None:
    who = await make_officer(world, "granter", Role.GRANTER)
    world.clock.advance(FRESH_WITHIN - MINUTE)
    fresh = await who.post("/v1/grants", {})
    world.clock.advance(2 * MINUTE)
    stale = await who.post("/v1/grants", {})
    looking = await who.get("/v1/grants")
    assert (await who.sign_in()).status_code == 201
    again = await who.post("/v1/grants", {})

    assert (fresh.status_code, stale.status_code) == (422, 401)
    assert (looking.status_code, again.status_code) == (200, 422)


async def test_a_fee_is_not_confirmed_by_a_weak_sign_in(world: World) -> None:
    play_payment(world)
    payer = await make_payer(world)
    opened = await payer.open_confirmation()
    await signed_in_by(world, Acr.FEDERATED)

    proved = await payer.prove(opened)
    opening = await payer.post(CONFIRMATIONS, {"method": "vietqr"})
    await signed_in_by(world, Acr.MFA)

    assert (proved.status_code, opening.status_code) == (401, 401)
    assert (await payer.prove(opened)).status_code == 200


def test_only_people_have_duties_and_sign_in() -> None:
    with pytest.raises(ValueError, match="only people"):
        Route(method="GET", path="/x", service="own", demand=Demand.PUBLIC, acr=Acr.MFA)
    with pytest.raises(ValueError, match="only people"):
        Route(
            method="GET",
            path="/x",
            service="own",
            demand=Demand.PUBLIC,
            roles=frozenset({Role.AUDITOR}),
        )
