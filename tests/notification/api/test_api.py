from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from chassis.auth import Caller, Kind, TokenMinter
from chassis.db import Database
from chassis.testing import FakeIds, FrozenClock
from services.notification.domain.webhook_delivery import WebhookDelivery, WebhookState
from services.notification.main import create_app
from services.notification.settings import NotificationSettings
from services.notification.storage.unit_of_work import SqlUnitOfWork
from tests.notification.samples import CLIENT, NOON, endpoint, heard_event

CLOCK = FrozenClock(NOON)
HOOK = {"url": "https://portal.example.vn/hooks", "event_types": ["receipt.issued.v1"]}
ENDPOINTS = "/v1/webhook-endpoints"
DELIVERIES = "/v1/webhook-deliveries"


class Portal:
    """A client as the gateway presents it: every request carries a token minted for it."""

    def __init__(self, http: httpx.AsyncClient, minter: TokenMinter, client_id: str | None) -> None:
        self._http = http
        self._minter = minter
        self._client_id = client_id
        self.kind: Kind = "client"
        self.scopes = frozenset({"webhook.manage"})

    async def ask(
        self, method: str, path: str, *, key: str | None = None, json: Any = None, **query: Any
    ) -> httpx.Response:
        target = f"{path}?{urlencode(query)}" if query else path
        request = self._http.build_request(method, target, json=json)
        token = self._minter.mint(
            audience="notification",
            method=method,
            target=target,
            body=request.content,
            caller=Caller(
                subject="test", kind=self.kind, client_id=self._client_id, scopes=self.scopes
            ),
        )
        request.headers["authorization"] = f"Bearer {token}"
        if key is not None:
            request.headers["idempotency-key"] = key
        return await self._http.send(request)


@pytest.fixture
async def http(database: Database, keys_dir: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = NotificationSettings(database_url="unused", keys_dir=keys_dir)
    app = create_app(settings, database=database, clock=CLOCK, ids=FakeIds())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://notification") as opened:
        yield opened


@pytest.fixture
def minter(keys_dir: Path) -> TokenMinter:
    return TokenMinter.from_directory("gateway", keys_dir / "internal", clock=CLOCK, ids=FakeIds())


@pytest.fixture
def portal(http: httpx.AsyncClient, minter: TokenMinter) -> Portal:
    return Portal(http, minter, CLIENT)


@pytest.fixture
def stranger(http: httpx.AsyncClient, minter: TokenMinter) -> Portal:
    return Portal(http, minter, "other-portal")


async def store_deliveries(database: Database, count: int, state: WebhookState) -> list[str]:
    deliveries = []
    for number in range(1, count + 1):
        pending = WebhookDelivery.of(
            heard_event(number), endpoint(), id=heard_event(number).id, at=NOON
        )
        deliveries.append(
            pending
            if state is WebhookState.PENDING
            else pending.move_to(state, at=NOON, reason="http_500")
        )
    async with SqlUnitOfWork(database, clock=CLOCK, ids=FakeIds()) as uow:
        await uow.endpoints.add_once(endpoint())
        await uow.webhook_deliveries.add_once(deliveries)
    return [str(one.id) for one in deliveries]


async def test_without_a_token_every_door_is_locked(http: httpx.AsyncClient) -> None:
    assert (await http.get(ENDPOINTS)).status_code == 401
    assert (await http.get("/health/ready")).status_code == 200


async def test_registering_answers_with_the_key_to_verify_with(portal: Portal) -> None:
    answer = await portal.ask("POST", ENDPOINTS, key="request-1", json=HOOK)

    body = answer.json()
    assert answer.status_code == 201
    assert body["public_key"].startswith("whpk_")
    assert body["event_types"] == ["receipt.issued.v1"]


async def test_the_same_request_again_gets_the_same_bytes(portal: Portal) -> None:
    first = await portal.ask("POST", ENDPOINTS, key="request-1", json=HOOK)
    again = await portal.ask("POST", ENDPOINTS, key="request-1", json=HOOK)

    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert len((await portal.ask("GET", ENDPOINTS)).json()["items"]) == 1


async def test_the_same_key_for_another_request_is_a_conflict(portal: Portal) -> None:
    await portal.ask("POST", ENDPOINTS, key="request-1", json=HOOK)

    answer = await portal.ask(
        "POST", ENDPOINTS, key="request-1", json=HOOK | {"url": "https://b.example.vn/"}
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")


async def test_two_clients_may_choose_the_same_key(portal: Portal, stranger: Portal) -> None:
    first = await portal.ask("POST", ENDPOINTS, key="request-1", json=HOOK)
    other = await stranger.ask("POST", ENDPOINTS, key="request-1", json=HOOK)

    assert first.json()["id"] != other.json()["id"]


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "http://127.0.0.1/hooks"},
        {"url": "http://169.254.169.254/"},
        {"url": "https://user:word@portal.example.vn/"},
        {"url": "ftp://portal.example.vn/"},
        {"event_types": []},
        {"event_types": ["dossier.submitted.v1"]},
        {"secret": "x"},
    ],
)
async def test_an_endpoint_that_breaks_a_rule_is_refused(
    portal: Portal, changes: dict[str, Any]
) -> None:
    answer = await portal.ask("POST", ENDPOINTS, key="request-1", json=HOOK | changes)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_key_is_required(portal: Portal) -> None:
    assert (await portal.ask("POST", ENDPOINTS, json=HOOK)).status_code == 422


async def test_a_user_has_no_webhooks(portal: Portal) -> None:
    portal.kind = "user"

    answer = await portal.ask("GET", ENDPOINTS)

    assert (answer.status_code, answer.json()["code"]) == (403, "caller_not_allowed")


async def test_a_client_without_the_scope_is_refused(portal: Portal) -> None:
    portal.scopes = frozenset()

    answer = await portal.ask("GET", DELIVERIES)

    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")


async def test_an_endpoint_is_its_owners_alone(portal: Portal, stranger: Portal) -> None:
    created = await portal.ask("POST", ENDPOINTS, key="request-1", json=HOOK)
    path = f"{ENDPOINTS}/{created.json()['id']}"

    assert (await stranger.ask("GET", path)).status_code == 404
    assert (await stranger.ask("DELETE", path)).status_code == 404
    assert (await stranger.ask("GET", ENDPOINTS)).json()["items"] == []
    assert (await portal.ask("GET", path)).json()["state"] == "active"


async def test_a_removed_endpoint_is_gone(portal: Portal) -> None:
    created = await portal.ask("POST", ENDPOINTS, key="request-1", json=HOOK)
    path = f"{ENDPOINTS}/{created.json()['id']}"

    assert (await portal.ask("DELETE", path)).status_code == 204
    assert (await portal.ask("GET", path)).status_code == 404
    assert (await portal.ask("DELETE", path)).status_code == 404


async def test_deliveries_are_paged_to_the_end(portal: Portal, database: Database) -> None:
    stored = await store_deliveries(database, 5, WebhookState.PENDING)

    seen: list[str] = []
    cursor: str | None = None
    while True:
        query: dict[str, Any] = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await portal.ask("GET", DELIVERIES, **query)).json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert seen == stored[::-1]


async def test_deliveries_are_filtered_and_ones_own(
    portal: Portal, stranger: Portal, database: Database
) -> None:
    await store_deliveries(database, 2, WebhookState.FAILED)

    failed = await portal.ask("GET", DELIVERIES, state="failed", event_type="receipt.issued.v1")
    pending = await portal.ask("GET", DELIVERIES, state="pending")
    elsewhere = await portal.ask("GET", DELIVERIES, endpoint_id=str(heard_event().id))

    assert len(failed.json()["items"]) == 2
    assert failed.json()["items"][0]["webhook_id"] == f"evt_{heard_event(2).id}"
    assert pending.json()["items"] == elsewhere.json()["items"] == []
    assert (await stranger.ask("GET", DELIVERIES)).json()["items"] == []


@pytest.mark.parametrize("query", [{"limit": 0}, {"cursor": "x"}, {"state": "x"}, {"other": 1}])
async def test_a_query_that_makes_no_sense_is_refused(
    portal: Portal, query: dict[str, Any]
) -> None:
    assert (await portal.ask("GET", DELIVERIES, **query)).status_code == 422


async def test_a_failed_delivery_is_retried_once_however_often_it_is_asked(
    portal: Portal, stranger: Portal, database: Database
) -> None:
    (stored,) = await store_deliveries(database, 1, WebhookState.FAILED)
    path = f"{DELIVERIES}/{stored}/retry"

    assert (await stranger.ask("POST", path, key="retry-001")).status_code == 404
    first = await portal.ask("POST", path, key="retry-001")
    again = await portal.ask("POST", path, key="retry-001")
    other = await portal.ask("POST", path, key="retry-002")

    assert (first.status_code, first.content) == (202, again.content)
    assert (other.status_code, other.json()["code"]) == (409, "illegal_transition")
    listed = (await portal.ask("GET", DELIVERIES)).json()["items"][0]
    assert (listed["state"], listed["attempts"]) == ("pending", 0)
