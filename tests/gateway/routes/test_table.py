import re

import pytest
from fastapi.routing import iter_route_contexts

from gateway.domain.evidence.record import EvidenceKind
from gateway.domain.people.assurance import Acr
from gateway.routes.route import OWN, Demand, RouteTable
from gateway.routes.table import ROUTES
from tests.gateway.world import World

SOME_ID = "0199a000-0000-7000-8000-000000000009"


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/v1",
        "/v1/nothing",
        "/v1/ledger/balances",
        "/metrics",
        "/v1/agencies/",
        "//v1/agencies",
        "/v1/agencies/..",
        "/v1/agencies/%2e%2e",
        "/v1/agencies/a%2Fb",
        "/v1/payment-intents/1/confirmation",
        "/docs/assets/../docs.html",
    ],
)
async def test_what_is_not_in_the_table_does_not_exist(quick_world: World, target: str) -> None:
    answer = await quick_world.http.get(target)

    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_route")
    assert quick_world.upstream.requests == []


async def test_another_method_is_answered_with_those_that_there_are(quick_world: World) -> None:
    answer = await quick_world.http.post("/v1/agencies")

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"


def test_every_route_of_our_own_is_in_the_table_and_every_own_line_is_a_route(
    quick_world: World,
) -> None:
    table = RouteTable(ROUTES)
    served = {
        (method, route.path)
        for route in iter_route_contexts(quick_world.app.routes)
        for method in route.methods or ()
        if route.path != "/metrics"
    }

    listed = {(route.method, route.path) for route in table.routes if route.service == OWN}

    assert listed == served


# They change nothing: what is asked comes in a body, for it is a secret or a file.
ASK = {("POST", "/v1/receipt-lookups"), ("POST", "/v1/receipt-checks")}


def test_whatever_changes_something_behind_us_demands_proof_and_leaves_evidence() -> None:
    writes = [
        route
        for route in ROUTES
        if route.method != "GET" and route.service != OWN and (route.method, route.path) not in ASK
    ]

    assert writes
    assert all(route.demand is not Demand.PUBLIC and route.evidence for route in writes)
    # A session signs nothing, so whoever writes in one has shown two factors.
    in_session = (Demand.SESSION, Demand.SIGNED_OR_SESSION)
    assert all(route.acr is Acr.MFA for route in writes if route.demand in in_session)
    kinds = {route.path: route.evidence for route in writes}
    assert kinds["/v1/dossiers"] is EvidenceKind.DOSSIER_SUBMISSION


async def test_a_route_that_demands_anything_refuses_a_bare_request(quick_world: World) -> None:
    demanding = [route for route in ROUTES if route.demand is not Demand.PUBLIC]

    for route in demanding:
        path = re.sub(r"\{\w+\}", SOME_ID, route.path.replace("{provider}", "sandbox"))
        answer = await quick_world.http.request(route.method, path)
        assert answer.status_code == 401, route
        assert answer.headers["www-authenticate"]
    assert quick_world.upstream.requests == []


async def test_too_many_headers_and_too_long_a_body_are_refused(quick_world: World) -> None:
    wide = await quick_world.http.get("/v1/agencies", headers={"x-much": "x" * 20_000})
    long = await quick_world.http.post("/v1/accounts", content=b"x" * 70_000)

    assert (wide.status_code, wide.json()["code"]) == (400, "headers_too_large")
    assert long.status_code == 413
