from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from chassis.auth import TokenVerifier
from chassis.clock import Clock, SystemClock
from chassis.db import Database
from chassis.http import create_api
from chassis.ids import Ids, SystemIds
from chassis.sealing import Sealer
from services.dossier.api import dossiers, fee_quotes
from services.dossier.api.dependencies import Tools
from services.dossier.callers import CALLERS
from services.dossier.renderers.slip import TypstSlipRenderer
from services.dossier.settings import DossierSettings
from services.dossier.storage.readiness import is_ready
from services.dossier.storage.unit_of_work import SqlReading, SqlUnitOfWork
from services.dossier.use_cases.render_slip import Printer
from services.dossier.use_cases.submit_dossier import Desk


def create_app(
    settings: DossierSettings,
    *,
    database: Database | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
) -> FastAPI:
    """The API. It closes its database only when it opened it itself."""
    clock = clock or SystemClock()
    ids = ids or SystemIds(clock)
    opened = database or Database.open(settings.database_url, pool_size=settings.database_pool_size)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        if database is None:
            await opened.close()

    async def ready() -> bool:
        return await is_ready(opened)

    app = create_api(
        title="Dossier",
        service="dossier",
        verifier=TokenVerifier.from_directory(
            "dossier", settings.internal_keys, callers=CALLERS, clock=clock
        ),
        clock=clock,
        ids=ids,
        lifespan=lifespan,
        ready=ready,
    )
    app.state.tools = Tools(
        uow=lambda: SqlUnitOfWork(opened, clock=clock, ids=ids),
        reading=lambda: SqlReading(opened),
        desk=Desk(
            clock=clock,
            ids=ids,
            sealing=Sealer.from_directory(settings.sealing_keys),
            pay_within=settings.pay_within,
        ),
        printer=Printer(
            renderer=TypstSlipRenderer(), clock=clock, lookup_url=settings.slip_lookup_url
        ),
    )
    app.include_router(dossiers.router)
    app.include_router(fee_quotes.router)
    return app
