"""The worker as it is put together: hears the catalog, says what waits in the outbox."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from chassis.canonical import canonical_json
from chassis.db import Database
from chassis.in_process import InProcessTransport
from chassis.transport import Delivery, Outgoing
from services.dossier.settings import DossierSettings
from services.dossier.storage.tables import OUTBOX
from services.dossier.storage.unit_of_work import SqlReading
from services.dossier.worker import create_worker
from tests.dossier.samples import PROCEDURE
from tests.dossier.storage.submitting import publish_catalog, submit
from tests.internal_keys import signed, write_internal_keys

CONTRACTS = Path(__file__).parents[2] / "contracts" / "events"
SECONDS_MAX = 10


def example(type: str) -> Outgoing:
    schema = json.loads((CONTRACTS / f"{type}.json").read_text("utf-8"))
    envelope: Mapping[str, Any] = schema["examples"][0]
    return Outgoing(id=UUID(envelope["id"]), type=type, body=canonical_json(dict(envelope)))


async def outbox_is_empty(database: Database) -> None:
    while True:
        async with database.read() as connection:
            waiting = await connection.execute(select(func.count()).select_from(OUTBOX))
            if waiting.scalar_one() == 0:
                return
        await asyncio.sleep(0.01)


async def test_it_hears_the_catalog_and_says_what_was_submitted(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    write_internal_keys(tmp_path)
    transport = InProcessTransport()
    said: list[str] = []

    async def listen(delivery: Delivery) -> None:
        said.append(delivery.type)

    await transport.subscribe(
        "listener", ["dossier.submitted.v1", "dossier.fee_requested.v1"], listen
    )
    stop = asyncio.Event()
    worker = create_worker(
        DossierSettings(database_url=database_url, keys_dir=tmp_path),
        transport=transport,
        database=database,
    )
    running = asyncio.create_task(worker.run(stop))
    await asyncio.sleep(0)

    news = signed(example("agency.published.v1"), tmp_path)
    await transport.publish([news, news])
    await publish_catalog(database)
    await submit(database)
    await asyncio.wait_for(outbox_is_empty(database), SECONDS_MAX)
    stop.set()
    await running

    heard = json.loads(news.body)["data"]
    day = datetime(2026, 11, 23, tzinfo=UTC).date()
    async with SqlReading(database) as reading:
        agency = await reading.catalog.find_agency(heard["agency_code"], on=day)
        procedure = await reading.catalog.find_procedure(PROCEDURE.procedure_code, on=day)
    assert agency is not None
    assert procedure == PROCEDURE
    assert sorted(said) == ["dossier.fee_requested.v1", "dossier.submitted.v1"]


def test_settings_come_from_variables_with_the_prefix(monkeypatch: Any) -> None:
    monkeypatch.setenv("DOSSIER_DATABASE_URL", "sqlite+aiosqlite:///x")
    monkeypatch.setenv("DOSSIER_PAY_WITHIN", "P3D")
    monkeypatch.setenv("DOSSIER_PUBLIC_ORIGIN", "https://dvc.example.vn")

    settings = DossierSettings()

    assert settings.pay_within.days == 3
    assert settings.slip_lookup_url == "https://dvc.example.vn"
