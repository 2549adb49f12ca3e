import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from fastapi import FastAPI

from chassis.auth import TokenVerifier
from chassis.clock import Clock, SystemClock
from chassis.db import Database
from chassis.http import create_api
from chassis.ids import Ids, SystemIds
from services.catalog.api import agencies, payment_methods, procedures
from services.catalog.api.dependencies import Tools
from services.catalog.callers import CALLERS
from services.catalog.settings import CatalogSettings
from services.catalog.storage.catalogue_file import read_catalogue
from services.catalog.storage.readiness import is_ready
from services.catalog.storage.unit_of_work import SqlReading, SqlUnitOfWork
from services.catalog.use_cases.load_catalogue import LoadSummary, load_catalogue

SAMPLE: Final = Path(__file__).parent / "data" / "catalogue.json"


def create_app(
    settings: CatalogSettings,
    *,
    database: Database | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
) -> FastAPI:
    """The API. It closes its database only when it opened it itself."""
    clock = clock or SystemClock()
    opened = database or Database.open(settings.database_url, pool_size=settings.database_pool_size)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        if database is None:
            await opened.close()

    async def ready() -> bool:
        return await is_ready(opened)

    app = create_api(
        title="Catalog",
        service="catalog",
        verifier=TokenVerifier.from_directory(
            "catalog", settings.keys_dir / "internal", callers=CALLERS, clock=clock
        ),
        clock=clock,
        ids=ids,
        lifespan=lifespan,
        ready=ready,
    )
    app.state.tools = Tools(reading=lambda: SqlReading(opened), clock=clock)
    for router in (agencies.router, procedures.router, payment_methods.router):
        app.include_router(router)
    return app


async def load_file(
    settings: CatalogSettings,
    path: Path = SAMPLE,
    *,
    database: Database | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
) -> LoadSummary:
    """Publish a catalogue file: all of it, or nothing and the reason."""
    clock = clock or SystemClock()
    catalogue = await asyncio.to_thread(read_catalogue, path)
    opened = database or Database.open(settings.database_url, pool_size=1)
    try:
        uow = SqlUnitOfWork(opened, clock=clock, ids=ids or SystemIds())
        return await load_catalogue(catalogue, uow=uow, clock=clock)
    finally:
        if database is None:
            await opened.close()
