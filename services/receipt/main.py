from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx
from fastapi import FastAPI
from starlette.datastructures import State

from chassis.auth import TokenVerifier
from chassis.bodies import UploadRoutes
from chassis.clock import Clock, SystemClock
from chassis.db import Database
from chassis.http import create_api
from chassis.ids import Ids, SystemIds
from chassis.sealing import Sealer
from chassis.tables.csv_table import CsvTable
from chassis.tables.xlsx_table import XlsxTable
from services.receipt.api.amendments import routes as amendments
from services.receipt.api.amendments.tools import AmendRouteTools
from services.receipt.api.checks import routes as checks
from services.receipt.api.dependencies import Tools
from services.receipt.api.keeping import routes as keeping
from services.receipt.api.keeping.tools import KeepingTools
from services.receipt.api.outside import routes as outside
from services.receipt.api.receipts import lookups, routes
from services.receipt.api.reports import books, downloads, register, summaries
from services.receipt.api.reports.tools import ReportTools
from services.receipt.api.series import delegations, registrations, series
from services.receipt.api.series.tools import SeriesRouteTools
from services.receipt.callers import CALLERS
from services.receipt.ports.checks import DocumentChecker
from services.receipt.ports.proving import Proofs
from services.receipt.ports.signing import Signers
from services.receipt.providers.outside import read_issuers
from services.receipt.providers.proofs import proofs_of
from services.receipt.providers.signers.configured_signers import ConfiguredSigners
from services.receipt.providers.signers.registered import SignersCertificates
from services.receipt.renderers.notice_xml import notice_xml
from services.receipt.renderers.receipt_pdf import PdfReceiptSigner
from services.receipt.renderers.receipt_print import PrintBinder
from services.receipt.renderers.receipt_zip import ZipPacker
from services.receipt.renderers.registration_xml import registration_xml
from services.receipt.renderers.report_pdf import ReportPdf
from services.receipt.renderers.report_xml import ReportXml, XmlTable
from services.receipt.renderers.signature_holders import XmlSignatureHolders
from services.receipt.renderers.signed_book import JwsBookSigner, XmlOriginals
from services.receipt.settings import ReceiptSettings
from services.receipt.storage.checks.checks import SqlChecks
from services.receipt.storage.keeping.keeping import SqlKeeping, SqlKeepingReading
from services.receipt.storage.readiness import is_ready
from services.receipt.storage.receipts.receipts import SqlArchive
from services.receipt.storage.reports.reporting import SqlReporting, SqlReportReading
from services.receipt.storage.unit_of_work import SqlUnitOfWork
from services.receipt.use_cases.amendments.tools import AmendTools
from services.receipt.use_cases.outside.fetch_page import PagesOfAll
from services.receipt.use_cases.reports.downloads import PackTools
from services.receipt.use_cases.reports.draw_up_books import BookTools
from services.receipt.use_cases.series.tools import SeriesTools

ROUTERS: Final = (
    routes.router,
    lookups.router,
    checks.router,
    outside.router,
    register.router,
    downloads.router,
    books.router,
    summaries.router,
    series.router,
    registrations.router,
    delegations.router,
    amendments.router,
    keeping.router,
)


def create_app(
    settings: ReceiptSettings,
    *,
    database: Database | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
    checker: DocumentChecker | None = None,
) -> FastAPI:
    """The API. It closes its database only when it opened it itself. No checker, no judgement."""
    now_by = clock or SystemClock()
    drawn_by = ids or SystemIds()
    opened = database or Database.open(settings.database_url, pool_size=settings.database_pool_size)
    outgoing = _outgoing(settings)
    issuers, by_agency = read_issuers(
        settings.keys_dir, sandbox_url=settings.issuer_sandbox_url, client=outgoing
    )
    signers = ConfiguredSigners(settings.keys_dir / "receipt", client=outgoing, clock=now_by)
    proofs = proofs_of(settings, client=outgoing, clock=now_by, ids=drawn_by)

    def new_uow() -> SqlUnitOfWork:
        return SqlUnitOfWork(
            opened,
            clock=now_by,
            ids=drawn_by,
            issuers=by_agency,
            series_must_be_planned=settings.series_must_be_registered,
        )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await signers.close()
        await outgoing.aclose()
        if database is None:
            await opened.close()

    async def ready() -> bool:
        return await is_ready(opened)

    app = create_api(
        title="Receipt",
        service="receipt",
        verifier=TokenVerifier.from_directory(
            "receipt", settings.keys_dir / "internal", callers=CALLERS, clock=now_by
        ),
        clock=now_by,
        ids=drawn_by,
        lifespan=lifespan,
        ready=ready,
        upload_bytes_max=UploadRoutes(checks.FILES),
    )
    app.state.tools = Tools(
        archive=SqlArchive(opened),
        new_uow=new_uow,
        signer=PagesOfAll(
            _pages(settings, signers, now_by, proofs), issuers=issuers, open_uow=new_uow
        ),
        clock=now_by,
        seals=Sealer.from_directory(settings.keys_dir / "sealing"),
        checks=SqlChecks(opened),
        holders=XmlSignatureHolders(),
        checker=checker,
    )
    app.state.report_tools = _report_tools(opened, signers, app.state.tools, drawn_by)
    app.state.series_tools = _series_tools(settings, signers, app.state, drawn_by)
    app.state.amend_tools = _amend_tools(app.state.tools, drawn_by)
    app.state.keeping_tools = _keeping_tools(opened, app.state.tools, drawn_by)
    for router in ROUTERS:
        app.include_router(router)
    return app


def _outgoing(settings: ReceiptSettings) -> httpx.AsyncClient:
    """Pages are fetched seldom, so no connection is kept for the next."""
    return httpx.AsyncClient(
        timeout=settings.issuer_timeout_seconds,
        trust_env=False,
        limits=httpx.Limits(max_keepalive_connections=0),
    )


def _pages(
    settings: ReceiptSettings, signers: Signers, clock: Clock, proofs: Proofs | None
) -> PdfReceiptSigner:
    return PdfReceiptSigner(
        signers,
        lookup_page=settings.lookup_address,
        clock=clock,
        proofs=proofs,
        paper=settings.paper,
    )


def _report_tools(database: Database, signers: Signers, tools: Tools, ids: Ids) -> ReportTools:
    return ReportTools(
        books=BookTools(
            open_reporting=lambda: SqlReporting(database),
            signer=JwsBookSigner(signers),
            originals=XmlOriginals(),
            clock=tools.clock,
        ),
        packing=PackTools(
            open_reporting=lambda: SqlReporting(database),
            open_uow=tools.new_uow,
            archive=tools.archive,
            pages=tools.signer,
            seals=tools.seals,
            clock=tools.clock,
        ),
        packer=ZipPacker(),
        binder=PrintBinder(),
        ids=ids,
        open_reading=lambda: SqlReportReading(database),
        writers={"csv": CsvTable(), "xlsx": XlsxTable(), "xml": XmlTable()},
        xml=ReportXml(),
        pages=ReportPdf(),
        seals=tools.seals,
    )


def _series_tools(
    settings: ReceiptSettings, signers: Signers, state: State, ids: Ids
) -> SeriesRouteTools:
    tools: Tools = state.tools
    return SeriesRouteTools(
        series=SeriesTools(
            open_uow=tools.new_uow,
            clock=tools.clock,
            ids=ids,
            must_be_registered=settings.series_must_be_registered,
        ),
        certificates=SignersCertificates(signers),
        form=registration_xml,
        writers=state.report_tools.writers,
    )


def _keeping_tools(database: Database, tools: Tools, ids: Ids) -> KeepingTools:
    return KeepingTools(
        open_keeping=lambda: SqlKeeping(database),
        open_reading=lambda: SqlKeepingReading(database),
        archive=tools.archive,
        clock=tools.clock,
        ids=ids,
    )


def _amend_tools(tools: Tools, ids: Ids) -> AmendRouteTools:
    return AmendRouteTools(
        amending=AmendTools(open_uow=tools.new_uow, clock=tools.clock, ids=ids, seals=tools.seals),
        notice=notice_xml,
    )
