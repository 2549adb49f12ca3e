from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx
from fastapi import FastAPI

from chassis.auth import TokenVerifier
from chassis.bodies import UploadRoutes
from chassis.clock import Clock, SystemClock
from chassis.db import Database
from chassis.http import create_api
from chassis.ids import Ids, SystemIds
from chassis.money import Money
from chassis.sealing import Sealer
from chassis.tables.csv_table import CsvTable
from chassis.tables.xlsx_table import XlsxTable
from services.payment.api.bills import batches, bills
from services.payment.api.counter import cash_drawers, counter_payments
from services.payment.api.dependencies import Tools
from services.payment.api.discrepancies import discrepancies, handling
from services.payment.api.intents import attempts, export, payment_intents
from services.payment.api.ledger import balances, statements, trial_balance
from services.payment.api.methods import methods
from services.payment.api.notices import provider_notifications
from services.payment.api.receipting import receipt_gaps
from services.payment.api.refunds import decisions, refunds
from services.payment.api.settlements import (
    exports,
    remittances,
    settlement_days,
    settlement_differences,
    settlement_files,
)
from services.payment.api.settlements.settlement_files import SETTLEMENT_FILE_BYTES_MAX
from services.payment.api.settlements.tools import SettlementTools
from services.payment.callers import CALLERS
from services.payment.domain.bills.batch import FILE_BYTES_MAX
from services.payment.domain.intents.routing import ROUTES, Availability
from services.payment.providers import ProviderTools, build_providers
from services.payment.providers.settlement_files import FileReaders
from services.payment.providers.settlement_files.terms import TermsFolder
from services.payment.settings import PaymentSettings
from services.payment.storage.readiness import is_ready
from services.payment.storage.unit_of_work import SqlReading, SqlUnitOfWork
from services.payment.use_cases.bills.desk import BillDesk

FILES: Final = {
    ("POST", "/v1/bill-batches"): FILE_BYTES_MAX,
    ("POST", "/v1/settlement-files"): SETTLEMENT_FILE_BYTES_MAX,
}
MODULES: Final = (
    bills,
    batches,
    export,
    payment_intents,
    attempts,
    methods,
    provider_notifications,
    discrepancies,
    handling,
    refunds,
    decisions,
    balances,
    trial_balance,
    statements,
    cash_drawers,
    counter_payments,
    settlement_files,
    settlement_differences,
    settlement_days,
    remittances,
    exports,
    receipt_gaps,
)


def create_app(
    settings: PaymentSettings,
    *,
    database: Database | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
) -> FastAPI:
    """The API. It closes its database only when it opened it itself."""
    clock = clock or SystemClock()
    ids = ids or SystemIds(clock)
    opened = database or Database.open(settings.database_url, pool_size=settings.database_pool_size)
    client = httpx.AsyncClient(timeout=settings.provider_timeout_seconds, trust_env=False)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await client.aclose()
        if database is None:
            await opened.close()

    async def ready() -> bool:
        return await is_ready(opened)

    app = create_api(
        title="Payment",
        service="payment",
        verifier=TokenVerifier.from_directory(
            "payment", settings.keys_dir / "internal", callers=CALLERS, clock=clock
        ),
        clock=clock,
        ids=ids,
        lifespan=lifespan,
        ready=ready,
        upload_bytes_max=UploadRoutes(FILES),
    )
    seals = Sealer.from_directory(settings.sealing_keys)
    provider_tools = ProviderTools(
        client=client,
        clock=clock,
        ids=ids,
        keys_dir=settings.keys_dir,
        sandbox_bank_url=settings.sandbox_bank_url,
        public_origin=settings.public_origin,
    )
    app.state.tools = Tools(
        open_uow=lambda: SqlUnitOfWork(opened, clock=clock, ids=ids),
        open_reading=lambda: SqlReading(opened),
        providers=build_providers(settings.providers, provider_tools),
        vietqr_provider=settings.vietqr_provider,
        seals=seals,
        refund_approval_above=Money(settings.refund_approval_above_minor_units),
        bill_desk=BillDesk(
            seals=seals,
            clock=clock,
            ids=ids,
            provider=settings.vietqr_provider,
        ),
        discrepancy_approval_above=Money(settings.discrepancy_approval_above_minor_units),
        unplaced_money_agency=settings.unplaced_money_agency,
        routes={**ROUTES, **settings.routes},
        availability=Availability(),
        public_origin=settings.public_origin.rstrip("/"),
        intent_lifetime=settings.intent_lifetime,
        settlements=_settlement_tools(settings),
        clock=clock,
        ids=ids,
    )
    for module in MODULES:
        app.include_router(module.router)
    return app


def _settlement_tools(settings: PaymentSettings) -> SettlementTools:
    return SettlementTools(
        readers=FileReaders(),
        agreements=TermsFolder(settings.keys_dir),
        writers={"csv": CsvTable(), "xlsx": XlsxTable()},
        grace=settings.settlement_grace,
    )
