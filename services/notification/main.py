from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from chassis.auth import TokenVerifier
from chassis.clock import Clock, SystemClock
from chassis.db import Database
from chassis.http import create_api
from chassis.ids import Ids, SystemIds
from services.notification.api import undelivered_receipts, webhook_deliveries, webhook_endpoints
from services.notification.api.dependencies import Tools
from services.notification.callers import CALLERS
from services.notification.channels.webhook import load_webhook_key, public_key_text
from services.notification.settings import NotificationSettings
from services.notification.storage.letter_records import SqlLetterRecords
from services.notification.storage.records import SqlWebhookRecords
from services.notification.storage.unit_of_work import SqlUnitOfWork


def create_app(
    settings: NotificationSettings,
    *,
    database: Database | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
) -> FastAPI:
    """The API. It closes its database only when it opened it itself."""
    clock = clock or SystemClock()
    ids = ids or SystemIds(clock)
    opened = database or Database.open(settings.database_url, pool_size=settings.database_pool_size)
    records = SqlWebhookRecords(opened)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        if database is None:
            await opened.close()

    app = create_api(
        title="Notification",
        service="notification",
        verifier=TokenVerifier.from_directory(
            "notification", settings.keys_dir / "internal", callers=CALLERS, clock=clock
        ),
        clock=clock,
        ids=ids,
        lifespan=lifespan,
        ready=records.is_ready,
    )
    app.state.tools = Tools(
        open_uow=lambda: SqlUnitOfWork(opened, clock=clock, ids=ids),
        records=records,
        letters=SqlLetterRecords(opened),
        clock=clock,
        ids=ids,
        public_key=public_key_text(load_webhook_key(settings.keys_dir).public_key()),
        allow_private_webhooks=settings.allow_private_webhooks,
    )
    for router in (
        webhook_endpoints.router,
        webhook_deliveries.router,
        undelivered_receipts.router,
    ):
        app.include_router(router)
    return app
