"""The worker as it runs: real events in, real mail and webhooks out."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import jsonschema_rs
import pytest
import structlog
from fastapi import FastAPI, Response
from sqlalchemy import select

from chassis.clock import SystemClock
from chassis.db import Database
from chassis.ids import SystemIds
from chassis.in_process import InProcessTransport
from chassis.transport import Delivery, Outgoing
from services.notification.channels.webhook import load_webhook_key, public_key_text
from services.notification.ports import DeliveryFilter
from services.notification.settings import NotificationSettings
from services.notification.storage.records import SqlWebhookRecords
from services.notification.storage.tables import DELIVERY, MESSAGE, METADATA
from services.notification.storage.unit_of_work import SqlUnitOfWork
from services.notification.worker import create_worker
from tests.internal_keys import signed
from tests.notification.consumers.test_consumers import STATE_CHANGED, arrival
from tests.notification.mail_server import MailServerDouble, free_port
from tests.notification.receiver import Receiver, verifies
from tests.notification.samples import (
    CLIENT,
    PAYER_ADDRESS,
    PAYER_ID,
    PAYER_NAME,
    endpoint,
    receipt_issued_data,
)

CONTRACTS = Path(__file__).parents[2] / "contracts" / "events"
SAID = ("message.failed.v1", "webhook.disabled.v1")
SECONDS_MAX = 10.0


@dataclass
class Platform:
    """The worker, what surrounds it, and what it said."""

    database: Database
    transport: InProcessTransport
    keys_dir: Path
    smtp_port: int
    said: list[Delivery] = field(default_factory=list)

    def settings(self, **changes: Any) -> NotificationSettings:
        given = {
            "database_url": "unused",
            "keys_dir": self.keys_dir,
            "smtp_port": self.smtp_port,
            "smtp_timeout_seconds": 2,
            "retry_seconds": (0.05, 0.1),
            "poll_seconds": 0.02,
            "allow_private_webhooks": True,
            "webhook_failures_max": 2,
            "public_origin": "https://lephi.example.vn",
        }
        return NotificationSettings.model_validate(given | changes)

    @asynccontextmanager
    async def running(self, **changes: Any) -> AsyncIterator[None]:
        async def take(delivery: Delivery) -> None:
            self.said.append(delivery)

        await self.transport.subscribe("test", SAID, take)
        documents = httpx.ASGITransport(documents_app())
        async with httpx.AsyncClient(transport=documents, base_url="http://receipt") as client:
            worker = create_worker(
                self.settings(**changes),
                transport=self.transport,
                receipt_documents_client=client,
                database=self.database,
            )
            stop = asyncio.Event()
            task = asyncio.create_task(worker.run(stop))
            await asyncio.sleep(0)
            try:
                yield
            finally:
                stop.set()
                await task

    async def hear(self, type: str, data: dict[str, Any], number: int = 1) -> None:
        event = arrival(type, data, number)
        id = UUID(f"0199e7e7-0000-7000-8000-{number:012d}")
        said = Outgoing(id=id, type=type, body=event.body)
        await self.transport.publish([signed(said, self.keys_dir)])

    async def listen_at(self, url: str) -> None:
        async with SqlUnitOfWork(self.database, clock=SystemClock(), ids=SystemIds()) as uow:
            await uow.endpoints.add_once(
                endpoint(url=url, event_types=("receipt.issued.v1", "dossier.state_changed.v1"))
            )

    async def message_states(self) -> list[str]:
        async with self.database.read() as connection:
            return [row.state for row in await connection.execute(select(MESSAGE.c.state))]

    async def tries(self) -> list[str]:
        async with self.database.read() as connection:
            wanted = select(DELIVERY.c.verdict).order_by(DELIVERY.c.attempt)
            return [row.verdict for row in await connection.execute(wanted)]

    async def webhook_states(self) -> list[str]:
        records = SqlWebhookRecords(self.database)
        return [one.state for one in await records.list_deliveries(CLIENT, DeliveryFilter())]

    async def everything_stored(self) -> str:
        async with self.database.read() as connection:
            tables = [
                repr((await connection.execute(select(table))).all())
                for table in METADATA.sorted_tables
            ]
        return "\n".join(tables)


def documents_app() -> FastAPI:
    app = FastAPI()

    @app.get("/v1/receipts/{receipt_id}/{kind}")
    async def document(receipt_id: str, kind: str) -> Response:
        return Response(f"{kind} of {receipt_id}")

    return app


async def eventually(check: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(SECONDS_MAX):
        # What is waited for happens in a database and rings no bell.
        while not await check():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@pytest.fixture
async def platform(database: Database, keys_dir: Path, mail_server: MailServerDouble) -> Platform:
    return Platform(database, InProcessTransport(), keys_dir, mail_server.port)


def assert_fits_its_contract(said: Delivery) -> dict[str, Any]:
    schema = json.loads((CONTRACTS / f"{said.type}.json").read_text())
    envelope: dict[str, Any] = json.loads(said.body)
    jsonschema_rs.validator_for(schema, validate_formats=True).validate(envelope)
    data: dict[str, Any] = envelope["data"]
    return data


async def test_an_issued_receipt_reaches_the_payer_and_the_client_once(
    platform: Platform, mail_server: MailServerDouble, receiver: Receiver
) -> None:
    await platform.listen_at(receiver.url)

    async with platform.running():
        for _ in range(3):
            await platform.hear("receipt.issued.v1", receipt_issued_data())
        await eventually(lambda: _all_are(platform.message_states, "sent"))
        await eventually(lambda: _all_are(platform.webhook_states, "delivered"))
        await asyncio.sleep(0.1)

    (message,) = mail_server.messages
    (webhook,) = receiver.arrivals
    assert message["To"].addresses[0].addr_spec == PAYER_ADDRESS
    assert [one.get_content_type() for one in message.iter_attachments()] == [
        "application/pdf",
        "application/xml",
    ]
    public_key = public_key_text(load_webhook_key(platform.keys_dir).public_key())
    assert verifies(public_key, webhook.headers, webhook.body)
    assert "payer_sealed" not in json.loads(webhook.body)["data"]


async def test_a_receiver_that_fails_twice_gets_the_same_webhook_a_third_time(
    platform: Platform, receiver: Receiver
) -> None:
    receiver.statuses = [500, 500, 200]
    await platform.listen_at(receiver.url)

    async with platform.running():
        await platform.hear("dossier.state_changed.v1", STATE_CHANGED)
        await eventually(lambda: _all_are(platform.webhook_states, "delivered"))

    assert len(receiver.arrivals) == 3
    assert len({one.headers["webhook-id"] for one in receiver.arrivals}) == 1
    assert len({one.body for one in receiver.arrivals}) == 1
    public_key = public_key_text(load_webhook_key(platform.keys_dir).public_key())
    assert all(verifies(public_key, one.headers, one.body) for one in receiver.arrivals)
    assert not platform.said


async def test_a_receiver_that_is_gone_is_given_up_and_that_is_said(platform: Platform) -> None:
    await platform.listen_at(f"http://127.0.0.1:{free_port()}/hooks")

    async with platform.running():
        await platform.hear("dossier.state_changed.v1", STATE_CHANGED, 1)
        await platform.hear("dossier.state_changed.v1", STATE_CHANGED, 2)
        await eventually(lambda: _said(platform))

    assert await platform.webhook_states() == ["failed", "failed"]
    (said,) = platform.said
    assert assert_fits_its_contract(said) == {
        "endpoint_id": str(endpoint().id),
        "client_id": CLIENT,
        "reason": "unreachable",
    }


async def test_a_mail_server_that_is_down_delays_the_letter_and_nothing_else(
    database: Database, keys_dir: Path, receiver: Receiver
) -> None:
    port = free_port()
    platform = Platform(database, InProcessTransport(), keys_dir, port)
    await platform.listen_at(receiver.url)

    async with platform.running(retry_seconds=(0.3,) * 20):
        await platform.hear("receipt.issued.v1", receipt_issued_data())
        await eventually(lambda: _all_are(platform.webhook_states, "delivered"))
        await eventually(lambda: _not_empty(platform.tries))
        assert await platform.message_states() == ["queued"]
        with MailServerDouble(port) as repaired:
            await eventually(lambda: _all_are(platform.message_states, "sent"))

    assert len(repaired.messages) == 1
    assert (await platform.tries())[-1] == "done"


async def test_a_refused_letter_is_given_up_and_said_without_saying_to_whom(
    platform: Platform, mail_server: MailServerDouble
) -> None:
    mail_server.recipient_answer = f"550 5.1.1 <{PAYER_ADDRESS}> unknown"

    async with platform.running():
        await platform.hear("receipt.issued.v1", receipt_issued_data())
        await eventually(lambda: _said(platform))

    (said,) = platform.said
    data = assert_fits_its_contract(said)
    assert (data["template"], data["reason"]) == ("receipt_issued", "recipient_refused")
    assert_nothing_personal(said.body.decode())


async def test_no_name_and_no_address_in_logs_or_database(
    platform: Platform,
    mail_server: MailServerDouble,
    receiver: Receiver,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(0)
    receiver.statuses = [500]
    mail_server.data_answer = f"452 {PAYER_ADDRESS} is over quota"
    await platform.listen_at(receiver.url)

    with structlog.testing.capture_logs() as logs:
        async with platform.running():
            await platform.hear("receipt.issued.v1", receipt_issued_data())
            await eventually(lambda: _not_empty(platform.tries))
            mail_server.data_answer = None
            await eventually(lambda: _all_are(platform.message_states, "sent"))
            await eventually(lambda: _all_are(platform.webhook_states, "delivered"))

    printed = capfd.readouterr()
    mail_libraries = ("mail.log", "mail.debug")  # The test's own mail server says whom it serves.
    foreign = [one.getMessage() for one in caplog.records if one.name not in mail_libraries]
    for text in (
        repr(logs),
        printed.out,
        printed.err,
        "\n".join(foreign),
        await platform.everything_stored(),
        receiver.arrivals[0].body.decode(),
    ):
        assert_nothing_personal(text)


def assert_nothing_personal(text: str) -> None:
    for personal in (PAYER_NAME, "Tuyết", PAYER_ADDRESS, "tuyet.nguyen", PAYER_ID):
        assert personal not in text
        assert json.dumps(personal).strip('"') not in text


async def _all_are(states: Callable[[], Awaitable[list[str]]], wanted: str) -> bool:
    found = await states()
    return bool(found) and set(found) == {wanted}


async def _not_empty(rows: Callable[[], Awaitable[list[str]]]) -> bool:
    return bool(await rows())


async def _said(platform: Platform) -> bool:
    return bool(platform.said)
