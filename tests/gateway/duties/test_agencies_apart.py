"""Two agencies, every duty, every route officers may call, through the real services: never a row
of the other agency, whether asked for in a list or by its very id (BOLA)."""

from collections.abc import AsyncIterator, Callable, Mapping

import httpx
import pytest

from deploy.embedded import create_embedded
from gateway.domain.people.duties import EVERYWHERE
from gateway.domain.people.roles import EVERY_AGENCY, Role
from gateway.routes.route import OWN, Demand
from gateway.routes.table import ROUTES
from tests.gateway.duties.two_agencies import ORIGIN, POLICE, WARD, Rows, TwoAgencies, duty

OTHER = {WARD: POLICE, POLICE: WARD}
# Every route that a duty opens into an agency's papers, asked for one agency's things.
ASKED: Mapping[str, Callable[[Rows], str]] = {
    "/v1/dossiers": lambda rows: "/v1/dossiers",
    "/v1/dossiers/{id}": lambda rows: f"/v1/dossiers/{rows.dossier}",
    "/v1/dossiers/{id}/slip.pdf": lambda rows: f"/v1/dossiers/{rows.dossier}/slip.pdf",
    "/v1/payment-intents": lambda rows: f"/v1/payment-intents?dossier_id={rows.dossier}",
    "/v1/payment-intents.csv": lambda rows: "/v1/payment-intents.csv",
    "/v1/discrepancies": lambda rows: "/v1/discrepancies",
    "/v1/refunds": lambda rows: "/v1/refunds",
    "/v1/refunds/{id}": lambda rows: f"/v1/refunds/{rows.refund}",
    "/v1/cash-drawers": lambda rows: "/v1/cash-drawers",
    "/v1/cash-drawers/{id}": lambda rows: f"/v1/cash-drawers/{rows.drawer}",
    "/v1/cash-drawers/{id}/payments": lambda rows: f"/v1/cash-drawers/{rows.drawer}/payments",
    "/v1/receipts": lambda rows: f"/v1/receipts?payment_intent_id={rows.payment}",
    "/v1/receipts/{id}": lambda rows: f"/v1/receipts/{rows.receipt}",
    "/v1/receipts/{id}/xml": lambda rows: f"/v1/receipts/{rows.receipt}/xml",
    "/v1/receipts/{id}/pdf": lambda rows: f"/v1/receipts/{rows.receipt}/pdf",
    "/v1/payment-intents/{id}/evidence": lambda rows: (
        f"/v1/payment-intents/{rows.payment}/evidence"
    ),
    "/v1/discrepancies/{id}": lambda rows: f"/v1/discrepancies/{rows.discrepancy}",
    "/v1/ledger/statements/{agency}": lambda rows: f"/v1/ledger/statements/{rows.agency}",
    "/v1/ledger/statements/{agency}/csv": lambda rows: f"/v1/ledger/statements/{rows.agency}/csv",
    "/v1/ledger/entries": lambda rows: f"/v1/ledger/entries?account=agency:{rows.agency}:phi",
    "/v1/ledger/trial-balance": lambda rows: "/v1/ledger/trial-balance",
}
# The audit log is everybody's, and so are letters that did not arrive, which name nobody; the
# others are tried by the tests of their own.
TRIED_ELSEWHERE = (
    "/v1/audit/",
    "/v1/undelivered-receipts",
    # tests/payment/counter, tests/payment/settlements, tests/payment/receipting
    "/v1/pos-batches",
    "/v1/settlement-",
    "/v1/remittances",
    "/v1/receipt-gaps",
    # tests/receipt/api/test_outside.py
    "/v1/outside-",
    # tests/receipt/reports
    "/v1/number-book",
    "/v1/receipt-downloads",
    "/v1/receipt-register",
    "/v1/receipt-summar",
    "/v1/receipt-usage",
    # tests/receipt/series
    "/v1/receipt-series",
    "/v1/series-registrations",
    "/v1/issue-delegations",
    # tests/receipt/amendments
    "/v1/receipt-amendments",
    # tests/receipt/keeping
    "/v1/keeping-findings",
    "/v1/legal-holds",
    "/v1/expired-receipts",
)
LISTS = (
    "/v1/dossiers",
    "/v1/payment-intents",
    "/v1/discrepancies",
    "/v1/refunds",
    "/v1/cash-drawers",
    "/v1/receipts",
)
# Asked without naming an agency: what comes is about one's own.
FILES = ("/v1/payment-intents.csv",)
OWN_ALONE = ("/v1/ledger/trial-balance",)
OPENED = {
    route.path: route.roles
    for route in ROUTES
    if route.path in ASKED and route.method == "GET" and route.roles
}


@pytest.fixture(scope="module")
async def houses(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TwoAgencies]:
    made = create_embedded(var_dir=tmp_path_factory.mktemp("var"), public_origin=ORIGIN)
    async with made.running():
        transport = httpx.ASGITransport(app=made.gateway)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as http:
            houses = TwoAgencies(made, http)
            for agency in (WARD, POLICE):
                await houses.collect_fee(agency)
            yield houses


def test_no_route_that_a_duty_opens_into_a_service_is_left_out_here() -> None:
    opened = {
        route.path
        for route in ROUTES
        if route.method == "GET"
        and route.roles
        and (route.service != OWN or route.demand is Demand.SIGNED_OR_SESSION)
    }

    elsewhere = {path for path in opened if path.startswith(TRIED_ELSEWHERE)}
    assert opened - elsewhere == set(ASKED)


def shown(answer: httpx.Response, houses: TwoAgencies) -> set[str]:
    """Which agencies' ids are anywhere in the answer."""
    return {
        agency for agency, rows in houses.rows.items() if any(id in answer.text for id in rows.all)
    }


@pytest.mark.parametrize("agency", [WARD, POLICE])
@pytest.mark.parametrize("role", list(Role))
async def test_an_officer_sees_every_thing_of_their_agency_and_nothing_of_the_other(
    houses: TwoAgencies, role: Role, agency: str
) -> None:
    token = await houses.officer(duty(role, agency))

    for path, target in ASKED.items():
        own = await houses.get(target(houses.rows[agency]), token)
        others = await houses.get(target(houses.rows[OTHER[agency]]), token)

        if role not in OPENED[path]:
            assert (own.status_code, others.status_code) == (403, 403), path
            continue
        assert own.status_code == 200, (path, own.text)
        if path in OWN_ALONE:
            assert {one["agency_code"] for one in own.json()["items"]} == {agency}
        elif path in FILES:
            assert shown(own, houses) == {agency}, path
        elif path in LISTS:
            assert len(own.json()["items"]) == 1, path
            assert shown(own, houses) == {agency}, path
            assert shown(others, houses) <= {agency}, path
        else:
            assert others.status_code == 404, path
            assert shown(others, houses) == set(), (path, others.text)


@pytest.mark.parametrize("role", sorted(EVERYWHERE & OPENED["/v1/dossiers"]))
async def test_who_answers_for_every_agency_sees_both(houses: TwoAgencies, role: Role) -> None:
    token = await houses.officer(duty(role, EVERY_AGENCY))

    for agency in (WARD, POLICE):
        for path, target in ASKED.items():
            seen = 200 if role in OPENED[path] else 403
            assert (await houses.get(target(houses.rows[agency]), token)).status_code == seen, path
    assert len((await houses.get("/v1/discrepancies", token)).json()["items"]) == 2


async def test_duties_at_two_agencies_do_not_mix(houses: TwoAgencies) -> None:
    """A counter officer here who is an accountant there opens no slip there."""
    token = await houses.officer(duty(Role.COUNTER_OFFICER, WARD), duty(Role.ACCOUNTANT, POLICE))
    slip = ASKED["/v1/dossiers/{id}/slip.pdf"]

    here = await houses.get(slip(houses.rows[WARD]), token)
    there = await houses.get(slip(houses.rows[POLICE]), token)
    listed = await houses.get("/v1/dossiers", token)

    assert (here.status_code, there.status_code) == (200, 404)
    assert shown(listed, houses) == {WARD, POLICE}


async def test_an_officer_elsewhere_pays_their_own_fee_as_any_citizen(houses: TwoAgencies) -> None:
    officer = await houses.officer(duty(Role.COUNTER_OFFICER, WARD))
    citizen = await houses.officer()
    target = f"/v1/payment-intents/{houses.rows[POLICE].payment}"

    answers = [await houses.get(target, token) for token in (officer, citizen)]

    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()


async def test_a_citizen_opens_no_officers_route(houses: TwoAgencies) -> None:
    citizen = await houses.officer()

    for path, target in ASKED.items():
        answer = await houses.get(target(houses.rows[WARD]), citizen)
        assert (answer.status_code, answer.json()["code"]) == (403, "role_needed"), path
