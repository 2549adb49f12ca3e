import asyncio
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from sqlalchemy import func, select

from chassis.db import Database
from chassis.ids import SystemIds
from chassis.testing import FrozenClock
from chassis.transport import Outgoing
from services.catalog.domain.errors import FeeAlreadyPublished, OverlappingPeriods
from services.catalog.main import load_file
from services.catalog.settings import CatalogSettings
from services.catalog.storage.tables import AGENCY, FEE_SCHEDULE, METADATA, OUTBOX
from services.catalog.storage.unit_of_work import SqlUnitOfWork
from services.catalog.use_cases.load_catalogue import LoadSummary, Tally, load_catalogue
from services.catalog.worker import create_worker
from tests.catalog.samples import CATALOGUE, FEES, fees, only_fees, priced
from tests.internal_keys import write_internal_keys

CLOCK = FrozenClock()
CONTRACTS = Path(__file__).parents[3] / "contracts" / "events"
TYPES = {
    "agency.published.v1",
    "procedure.published.v1",
    "fee_schedule.published.v1",
    "payment_methods.published.v1",
}


def uow(database: Database) -> SqlUnitOfWork:
    return SqlUnitOfWork(database, clock=CLOCK, ids=SystemIds())


async def outbox(database: Database) -> list[Any]:
    async with database.read() as connection:
        return list((await connection.execute(select(OUTBOX).order_by(OUTBOX.c.id))).all())


async def count(database: Database, table: str) -> int:
    async with database.read() as connection:
        rows = await connection.execute(select(func.count()).select_from(METADATA.tables[table]))
        return int(rows.scalar_one())


def validator(type: str) -> jsonschema_rs.Validator:
    schema = json.loads((CONTRACTS / f"{type}.json").read_bytes())
    return jsonschema_rs.validator_for(schema, validate_formats=True)


async def test_the_bytes_in_the_outbox_keep_the_contracts(
    database_url: str, database: Database
) -> None:
    await load_file(CatalogSettings(database_url=database_url), clock=CLOCK)

    rows = await outbox(database)
    assert {row.type for row in rows} == TYPES
    for row in rows:
        event = json.loads(row.body)
        validator(row.type).validate(event)
        assert event["type"] == row.type
        assert event["id"] == str(row.id)


@pytest.mark.parametrize("type", sorted(TYPES))
def test_every_contract_has_an_example_that_keeps_it(type: str) -> None:
    schema = json.loads((CONTRACTS / f"{type}.json").read_bytes())

    assert schema["examples"]
    for example in schema["examples"]:
        validator(type).validate(example)


def test_a_contract_refuses_a_price_that_is_not_whole_or_has_no_basis() -> None:
    schema = json.loads((CONTRACTS / "fee_schedule.published.v1.json").read_bytes())
    check = validator("fee_schedule.published.v1")
    for path, wrong in (("legal_basis", ""), ("kind", "tax"), ("tiers", []), ("currency", "USD")):
        event = json.loads(json.dumps(schema["examples"][0]))
        event["data"]["lines"][0][path] = wrong
        assert not check.is_valid(event)


async def test_loading_the_same_file_again_says_nothing(
    database_url: str, database: Database
) -> None:
    settings = CatalogSettings(database_url=database_url)
    first = await load_file(settings, clock=CLOCK)
    said = await outbox(database)

    again = await load_file(settings, clock=CLOCK)

    assert await outbox(database) == said
    assert first.agencies.new == again.agencies.unchanged == 6
    assert first.fee_schedules.new == again.fee_schedules.unchanged
    assert again == LoadSummary(
        agencies=Tally(unchanged=first.agencies.new),
        procedures=Tally(unchanged=first.procedures.new),
        fee_schedules=Tally(unchanged=first.fee_schedules.new),
        payment_methods=Tally(unchanged=11),
    )


async def test_a_refused_load_leaves_nothing_behind(database: Database) -> None:
    await load_catalogue(CATALOGUE, uow=uow(database), clock=CLOCK)
    said = await outbox(database)
    newcomer = replace(CATALOGUE.agencies[0], code="H19.26")
    half_wrong = replace(CATALOGUE, agencies=(newcomer,), fee_schedules=(fees(priced(90_000)),))

    with pytest.raises(FeeAlreadyPublished):
        await load_catalogue(half_wrong, uow=uow(database), clock=CLOCK)

    assert await count(database, AGENCY.name) == 1
    assert await outbox(database) == said


async def test_loads_at_once_cannot_publish_overlapping_fees(database: Database) -> None:
    await load_catalogue(replace(CATALOGUE, fee_schedules=()), uow=uow(database), clock=CLOCK)
    rivals = [fees(priced(day), since=date(2027, 1, day)) for day in range(1, 9)]

    answers = await asyncio.gather(
        *(load_catalogue(only_fees(one), uow=uow(database), clock=CLOCK) for one in rivals),
        return_exceptions=True,
    )

    assert sum(isinstance(answer, LoadSummary) for answer in answers) == 1
    assert sum(isinstance(answer, OverlappingPeriods) for answer in answers) == 7
    assert await count(database, FEE_SCHEDULE.name) == 1


async def test_first_loads_at_once_publish_everything_once(database: Database) -> None:
    answers = await asyncio.gather(
        *(load_catalogue(CATALOGUE, uow=uow(database), clock=CLOCK) for _ in range(8))
    )

    assert sum(answer.fee_schedules.new for answer in answers) == 1
    assert len(await outbox(database)) == len(TYPES)


class Recorder:
    """A transport that keeps what it is given."""

    def __init__(self) -> None:
        self.published: list[Outgoing] = []
        self.heard = asyncio.Event()

    async def publish(self, events: Any) -> None:
        self.published += events
        self.heard.set()

    async def subscribe(self, service: str, types: Any, handle: Any) -> None:
        raise AssertionError("the catalogue hears nothing")

    async def close(self) -> None:
        return None


async def test_the_worker_says_what_was_loaded(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    write_internal_keys(tmp_path)
    await load_catalogue(CATALOGUE, uow=uow(database), clock=CLOCK)
    transport = Recorder()
    stop = asyncio.Event()
    settings = CatalogSettings(database_url=database_url, keys_dir=tmp_path)
    worker = create_worker(settings, transport=transport, database=database)

    running = asyncio.create_task(worker.run(stop))
    await asyncio.wait_for(transport.heard.wait(), 10)
    stop.set()
    await running

    assert {event.type for event in transport.published} == TYPES
    assert len(transport.published) == len(TYPES)
    assert str(FEES.id) in transport.published[2].body.decode()
