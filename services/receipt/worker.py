from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import httpx
from prometheus_client import Gauge

from chassis.clock import Clock, SystemClock
from chassis.db import Database, Wakeup
from chassis.gathering import Gathering
from chassis.ids import Ids, SystemIds
from chassis.sealing import Sealer
from chassis.transport import Transport
from chassis.worker import Schedule, Worker
from services.receipt.consumers import CONSUMERS
from services.receipt.consumers.tools import Tools
from services.receipt.domain.outside.finding import FindingReason
from services.receipt.domain.outside.issue import OrderState
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.ports.outside import Issuers, OutsideIssuer
from services.receipt.ports.proving import Proofs
from services.receipt.ports.signing import PdfSigner, Signers
from services.receipt.providers.outside import read_issuers
from services.receipt.providers.proofs import proofs_of
from services.receipt.providers.signers.configured_signers import ConfiguredSigners
from services.receipt.providers.vaults import open_vault
from services.receipt.renderers.receipt_pdf import PdfReceiptSigner
from services.receipt.renderers.receipt_xml import XmlReceiptSigner
from services.receipt.renderers.signed_book import JwsBookSigner, XmlOriginals
from services.receipt.schedules.keeping import KeepingWatch
from services.receipt.schedules.series import SeriesCalendar
from services.receipt.schedules.signing import SigningWatch
from services.receipt.settings import ReceiptSettings
from services.receipt.storage.keeping.keeping import SqlKeeping
from services.receipt.storage.receipts.receipts import SqlArchive
from services.receipt.storage.reports.reporting import SqlReporting
from services.receipt.storage.tables import OUTBOX
from services.receipt.storage.unit_of_work import SqlUnitOfWork
from services.receipt.use_cases.outside.ask_outside import BATCH_MAX as ASKED_MAX
from services.receipt.use_cases.outside.ask_outside import ask_outside
from services.receipt.use_cases.outside.check_outside import (
    BATCH_MAX as CHECKED_MAX,
)
from services.receipt.use_cases.outside.check_outside import (
    check_continuity,
    check_outside,
)
from services.receipt.use_cases.outside.fetch_page import PagesOfAll
from services.receipt.use_cases.outside.look_outside import look_at_issuer
from services.receipt.use_cases.outside.tools import AskTools
from services.receipt.use_cases.receipts.issue_receipts import BLOCK_MAX as ISSUED_MAX
from services.receipt.use_cases.receipts.issue_receipts import issue_receipts
from services.receipt.use_cases.receipts.number_receipts import Paid
from services.receipt.use_cases.receipts.render_waiting_pdfs import render_waiting_pdfs
from services.receipt.use_cases.reports.downloads import PackTools, prepare_downloads
from services.receipt.use_cases.reports.draw_up_books import BookTools, draw_up_books
from services.receipt.use_cases.reports.draw_up_summary import draw_up_summaries
from services.receipt.use_cases.series.tools import SeriesTools

RENDERING_EVERY_SECONDS: Final = 1.0
# Whoever numbers wakes the one who asks; this is for what is asked again, and for a lost call.
ASKING_WAITS_SECONDS: Final = 1.0
ASKING_EVERY_SECONDS: Final = 0.1
CHECKING_EVERY_SECONDS: Final = 15.0
BOOKS_EVERY_SECONDS: Final = 300.0
SUMMARIES_EVERY_SECONDS: Final = 3600.0
PACKING_EVERY_SECONDS: Final = 2.0

BOOKS_REFUSED: Final = Gauge(
    "receipt_number_books_refused",
    "Series whose numbers are not whole or not all signed, so that their book is not drawn up",
)

OUTSIDE_UNDONE: Final = Gauge(
    "receipt_outside_undone",
    "Receipts ordered from an outside issuer that are not there yet",
    ["issuer", "state"],
)
OUTSIDE_OLDEST: Final = Gauge(
    "receipt_outside_oldest_seconds", "How long the oldest of them has waited", ["issuer"]
)
OUTSIDE_FINDINGS: Final = Gauge(
    "receipt_outside_findings",
    "Open findings between our books and an outside issuer's",
    ["issuer", "reason"],
)


def create_worker(
    settings: ReceiptSettings,
    *,
    transport: Transport,
    database: Database | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
) -> Worker[Tools]:
    now_by = clock or SystemClock()
    drawn_by = ids or SystemIds()
    opened = database or Database.open(settings.database_url, pool_size=settings.database_pool_size)
    seals = Sealer.from_directory(settings.keys_dir / "sealing")
    outgoing = httpx.AsyncClient(timeout=settings.issuer_timeout_seconds, trust_env=False)
    signers = ConfiguredSigners(settings.keys_dir / "receipt", client=outgoing, clock=now_by)
    proofs = proofs_of(settings, client=outgoing, clock=now_by, ids=drawn_by)
    signer = XmlReceiptSigner(signers, proofs)
    issuers, by_agency = read_issuers(
        settings.keys_dir, sandbox_url=settings.issuer_sandbox_url, client=outgoing
    )

    def new_uow() -> SqlUnitOfWork:
        return SqlUnitOfWork(
            opened,
            clock=now_by,
            ids=drawn_by,
            issuers=by_agency,
            series_must_be_planned=settings.series_must_be_registered,
        )

    asking = AskTools(open_uow=new_uow, seals=seals, clock=now_by, ids=drawn_by)
    outside = _Outside(issuers=issuers, tools=asking, check_days=settings.outside_check_days)
    pages = PagesOfAll(
        _page_signer(settings, signers, now_by, proofs),
        issuers=issuers,
        open_uow=new_uow,
    )

    async def issue(paid: Sequence[Paid]) -> Sequence[Sequence[Receipt]]:
        numbered = await issue_receipts(
            paid, uow=new_uow(), signer=signer, seals=seals, clock=now_by, ids=drawn_by
        )
        outside.wake()
        return numbered

    schedules = [
        *SigningWatch(
            open_uow=new_uow, signers=signers, signer=signer, seals=seals, clock=now_by
        ).schedules(),
        *outside.schedules(),
        *SeriesCalendar(
            tools=SeriesTools(open_uow=new_uow, clock=now_by, ids=drawn_by)
        ).schedules(),
        *_keeping(settings, opened, outgoing, now_by, drawn_by).schedules(),
        *_report_schedules(opened, signers, pages, new_uow, seals, now_by),
        *_page_schedules(settings, opened, pages, new_uow, seals, now_by),
    ]
    return Worker(
        service="receipt",
        database=opened,
        outbox=OUTBOX,
        transport=transport,
        internal_keys=settings.keys_dir / "internal",
        consumers=CONSUMERS,
        tools=Tools(new_uow=new_uow, issuing=Gathering(issue, at_most=ISSUED_MAX)),
        schedules=schedules,
        closing=[signers.close, outgoing.aclose],
    )


def _page_schedules(
    settings: ReceiptSettings,
    database: Database,
    pages: PdfSigner,
    new_uow: Callable[[], SqlUnitOfWork],
    seals: Sealer,
    clock: Clock,
) -> Sequence[Schedule]:
    async def render() -> None:
        await render_waiting_pdfs(
            archive=SqlArchive(database), uow=new_uow(), signer=pages, seals=seals, clock=clock
        )

    if not settings.pdfs_ahead:
        return ()
    return (Schedule(name="render_pdfs", every_seconds=RENDERING_EVERY_SECONDS, run=render),)


def _page_signer(
    settings: ReceiptSettings, signers: Signers, clock: Clock, proofs: Proofs | None
) -> PdfReceiptSigner:
    return PdfReceiptSigner(
        signers,
        lookup_page=settings.lookup_address,
        clock=clock,
        proofs=proofs,
        paper=settings.paper,
    )


def _keeping(
    settings: ReceiptSettings,
    database: Database,
    client: httpx.AsyncClient,
    clock: Clock,
    ids: Ids,
) -> KeepingWatch:
    return KeepingWatch(
        open_keeping=lambda: SqlKeeping(database),
        vault=open_vault(settings, client=client),
        clock=clock,
        ids=ids,
        check_days=settings.keeping_check_days,
        deletes=settings.retention_deletes,
    )


def _report_schedules(
    database: Database,
    signers: Signers,
    pages: PdfSigner,
    new_uow: Callable[[], SqlUnitOfWork],
    seals: Sealer,
    clock: Clock,
) -> Sequence[Schedule]:
    tools = BookTools(
        open_reporting=lambda: SqlReporting(database),
        signer=JwsBookSigner(signers),
        originals=XmlOriginals(),
        clock=clock,
    )
    packing = PackTools(
        open_reporting=tools.open_reporting,
        open_uow=new_uow,
        archive=SqlArchive(database),
        pages=pages,
        seals=seals,
        clock=clock,
    )

    async def pack() -> None:
        await prepare_downloads(tools=packing)

    async def books() -> None:
        BOOKS_REFUSED.set(len(await draw_up_books(tools=tools)))

    async def summaries() -> None:
        await draw_up_summaries(open_reporting=tools.open_reporting, clock=tools.clock)

    return (
        Schedule(name="downloads", every_seconds=PACKING_EVERY_SECONDS, run=pack),
        Schedule(name="number_books", every_seconds=BOOKS_EVERY_SECONDS, run=books),
        Schedule(name="receipt_summaries", every_seconds=SUMMARIES_EVERY_SECONDS, run=summaries),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outside:
    """Each outside issuer is asked by itself, so that a silent one keeps nobody else waiting."""

    issuers: Issuers
    tools: AskTools
    check_days: int
    bells: dict[str, Wakeup] = field(default_factory=dict)

    def wake(self) -> None:
        for bell in self.bells.values():
            bell.ring()

    def schedules(self) -> list[Schedule]:
        return [
            schedule
            for name, issuer in self.issuers.items()
            for schedule in (
                Schedule(
                    name=f"ask {name}", every_seconds=ASKING_EVERY_SECONDS, run=self._ask(issuer)
                ),
                Schedule(
                    name=f"check {name}",
                    every_seconds=CHECKING_EVERY_SECONDS,
                    run=self._check(issuer),
                ),
            )
        ]

    def _ask(self, issuer: OutsideIssuer) -> Callable[[], Awaitable[None]]:
        bell = self.bells.setdefault(issuer.name, Wakeup())

        async def ask() -> None:
            while await ask_outside(issuer, tools=self.tools) == ASKED_MAX:
                continue
            await bell.wait(ASKING_WAITS_SECONDS)

        return ask

    def _check(self, issuer: OutsideIssuer) -> Callable[[], Awaitable[None]]:
        async def check() -> None:
            taken = CHECKED_MAX
            while taken == CHECKED_MAX:
                taken = await check_outside(issuer, days=self.check_days, tools=self.tools)
            await check_continuity(issuer, days=self.check_days, tools=self.tools)
            await self._measure(issuer.name)

        return check

    async def _measure(self, issuer: str) -> None:
        look = await look_at_issuer(issuer, uow=self.tools.open_uow())
        counts: Mapping[OrderState, int] = {one.state: one.count for one in look.backlog}
        for state in OrderState:
            OUTSIDE_UNDONE.labels(issuer, state.value).set(counts.get(state, 0))
        for reason in FindingReason:
            count = look.open_findings.get(reason, 0)
            OUTSIDE_FINDINGS.labels(issuer, reason.value).set(count)
        now = self.tools.clock.now()
        waits = [(now - one.oldest_at).total_seconds() for one in look.backlog]
        OUTSIDE_OLDEST.labels(issuer).set(max(waits, default=0.0))
