"""Submitting to a real database, for the tests of storage."""

from dataclasses import replace
from datetime import timedelta

from chassis.clock import Clock
from chassis.db import Database
from chassis.ids import Ids, SystemIds
from chassis.testing import FrozenClock
from services.dossier.domain.filing import Filing
from services.dossier.storage.unit_of_work import SqlUnitOfWork
from services.dossier.use_cases.submit_dossier import Desk, Submitted, submit_dossier
from tests.dossier.fakes import OpenSeal
from tests.dossier.samples import AGENCY, FILING, MORNING, PROCEDURE, SCHEDULE

CLOCK = FrozenClock(MORNING)


def unit_of_work(database: Database, *, clock: Clock = CLOCK) -> SqlUnitOfWork:
    return SqlUnitOfWork(database, clock=clock, ids=SystemIds(clock))


async def publish_catalog(database: Database) -> None:
    async with unit_of_work(database) as uow:
        await uow.catalog.keep_agency(AGENCY, published_at=MORNING)
        await uow.catalog.keep_agency(
            replace(AGENCY, agency_code="H19.26", name="Chi nhánh Long Khánh"), published_at=MORNING
        )
        await uow.catalog.keep_procedure(PROCEDURE, published_at=MORNING)
        await uow.catalog.keep_schedule(SCHEDULE, published_at=MORNING)


async def submit(
    database: Database,
    filing: Filing = FILING,
    *,
    clock: Clock = CLOCK,
    ids: Ids | None = None,
) -> Submitted:
    desk = Desk(
        clock=clock,
        ids=ids or SystemIds(clock),
        sealing=OpenSeal(),
        pay_within=timedelta(days=10),
    )
    return await submit_dossier(filing, uow=unit_of_work(database, clock=clock), desk=desk)


def filing(number: int) -> Filing:
    return replace(FILING, idempotency_key=f"filing-{number:04d}")
