"""Beside the API: says what the outbox holds, hears fee requests, asks providers what is paid."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import httpx
import structlog
from prometheus_client import Gauge

from chassis.clock import Clock, SystemClock
from chassis.db import Database
from chassis.ids import Ids, SystemIds
from chassis.sealing import Sealer
from chassis.transport import Transport
from chassis.worker import Schedule, Worker
from services.payment.consumers import CONSUMERS
from services.payment.consumers.tools import Tools
from services.payment.domain.notices.provider_notification import Outcome
from services.payment.ports.providers import Provider
from services.payment.providers import ProviderTools, build_providers
from services.payment.settings import PaymentSettings
from services.payment.storage.tables import OUTBOX
from services.payment.storage.unit_of_work import SqlReading, SqlUnitOfWork
from services.payment.use_cases.bills.desk import BillDesk
from services.payment.use_cases.bills.work_on_batches import work_on_batches
from services.payment.use_cases.discrepancies.name_overdue_discrepancies import (
    name_overdue_discrepancies,
)
from services.payment.use_cases.intents.expire_unconfirmed_payments import (
    expire_unconfirmed_payments,
)
from services.payment.use_cases.ledger.close_ledger_days import close_ledger_days
from services.payment.use_cases.notices.check_weak_notifications import check_weak_notifications
from services.payment.use_cases.notices.count_unknown_attempts import count_unknown_attempts
from services.payment.use_cases.notices.enquire_waiting_payments import enquire_waiting_payments
from services.payment.use_cases.receipting.watch_receipts import watch_receipts
from services.payment.use_cases.refunds.enquire_refunds import (
    enquire_refunds,
    name_overdue_refunds,
)
from services.payment.use_cases.refunds.send_approved_refunds import (
    RefundTools,
    send_approved_refunds,
)

REFUNDS_OVERDUE: Final = Gauge(
    "payment_refunds_overdue", "Refunds sent more than a day ago whose end is not known"
)
ALARM_SECONDS: Final = 300.0
DISCREPANCIES_OVERDUE: Final = Gauge(
    "payment_discrepancies_overdue", "Discrepancies that nobody has resolved in time"
)
RECEIPT_GAPS: Final = Gauge(
    "payment_receipt_gaps",
    "Settled fees without their receipts, receipts without a settled fee, and receipts too many",
    ["reason"],
)
RECEIPTS_WATCHED_SECONDS: Final = 2.0
# What is about days need not be looked at every second.
BOOKS_SECONDS: Final = 60.0

log = structlog.get_logger()


def create_worker(
    settings: PaymentSettings,
    *,
    transport: Transport,
    database: Database | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
    client: httpx.AsyncClient | None = None,
) -> Worker[Tools]:
    """`client` reaches the providers: over the network when it is not given."""
    clock = clock or SystemClock()
    ids = ids or SystemIds(clock)
    opened = database or Database.open(settings.database_url, pool_size=settings.database_pool_size)

    def open_uow() -> SqlUnitOfWork:
        return SqlUnitOfWork(opened, clock=clock, ids=ids)

    own = httpx.AsyncClient(timeout=settings.provider_timeout_seconds, trust_env=False)
    provider_tools = ProviderTools(
        client=client or own,
        clock=clock,
        ids=ids,
        keys_dir=settings.keys_dir,
        sandbox_bank_url=settings.sandbox_bank_url,
        public_origin=settings.public_origin,
    )
    providers = build_providers(settings.providers, provider_tools)

    return Worker(
        service="payment",
        database=opened,
        outbox=OUTBOX,
        transport=transport,
        internal_keys=settings.keys_dir / "internal",
        consumers=CONSUMERS,
        tools=Tools(
            open_uow=open_uow,
            clock=clock,
            ids=ids,
            intent_lifetime=settings.intent_lifetime,
            vietqr_provider=settings.vietqr_provider,
        ),
        schedules=[
            *_schedules(
                _Watch(open_uow=open_uow, providers=providers, clock=clock, ids=ids),
                _bills(settings, opened, open_uow=open_uow, clock=clock, ids=ids),
                every_seconds=settings.schedule_seconds,
            ),
            *_refund_schedules(
                settings,
                tools=RefundTools(
                    providers=providers,
                    seals=Sealer.from_directory(settings.keys_dir / "sealing"),
                ),
                open_uow=open_uow,
                clock=clock,
                ids=ids,
            ),
            *_book_schedules(open_uow=open_uow, clock=clock, ids=ids),
        ],
        closing=[own.aclose],
    )


def _book_schedules(
    *, open_uow: Callable[[], SqlUnitOfWork], clock: Clock, ids: Ids
) -> list[Schedule]:
    async def close_days() -> None:
        for day in await close_ledger_days(uow=open_uow(), clock=clock):
            log.info("ledger day closed", day=day.isoformat())

    async def name_overdue() -> None:
        named, count = await name_overdue_discrepancies(uow=open_uow(), clock=clock, ids=ids)
        DISCREPANCIES_OVERDUE.set(count)
        for case in named:
            log.error(
                "a discrepancy is overdue",
                discrepancy_id=str(case.id),
                reason=case.reason,
                owner_role=case.owner_role,
                agency_code=case.agency_code,
            )

    async def watch() -> None:
        look = await watch_receipts(uow=open_uow(), clock=clock, ids=ids)
        for reason, count in look.open_by_reason.items():
            RECEIPT_GAPS.labels(reason=reason.value).set(count)
        for gap in look.found:
            log.error(
                "money and receipts do not agree",
                reason=gap.reason,
                payment_intent_id=str(gap.payment_intent_id),
                expected=gap.expected,
                heard=gap.heard,
            )

    return [
        Schedule(name="watch receipts", every_seconds=RECEIPTS_WATCHED_SECONDS, run=watch),
        Schedule(name="close days", every_seconds=BOOKS_SECONDS, run=close_days),
        Schedule(name="overdue discrepancies", every_seconds=BOOKS_SECONDS, run=name_overdue),
    ]


def _refund_schedules(
    settings: PaymentSettings,
    *,
    tools: RefundTools,
    open_uow: Callable[[], SqlUnitOfWork],
    clock: Clock,
    ids: Ids,
) -> list[Schedule]:
    async def send() -> None:
        uow = open_uow()
        while await send_approved_refunds(tools=tools, uow=uow, clock=clock, ids=ids):
            continue

    async def follow() -> None:
        await enquire_refunds(providers=tools.providers, uow=open_uow(), clock=clock, ids=ids)
        named, count = await name_overdue_refunds(uow=open_uow(), clock=clock)
        REFUNDS_OVERDUE.set(count)
        for refund in named:
            log.error(
                "nobody knows what became of a refund",
                refund_id=str(refund.id),
                provider=refund.source.provider,
                status=refund.status,
            )

    seconds = settings.schedule_seconds
    return [
        Schedule(name="send refunds", every_seconds=seconds, run=send),
        Schedule(name="follow refunds", every_seconds=seconds, run=follow),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watch:
    """What runs again and again: each turn takes what is due, and leaves the rest to the next."""

    open_uow: Callable[[], SqlUnitOfWork]
    providers: Mapping[str, Provider]
    clock: Clock
    ids: Ids

    async def expire(self) -> None:
        # Whatever was expired may have been a full batch, with more behind it.
        while await expire_unconfirmed_payments(uow=self.open_uow(), clock=self.clock):
            continue

    async def enquire(self) -> None:
        heard = await enquire_waiting_payments(
            providers=self.providers, uow=self.open_uow(), clock=self.clock, ids=self.ids
        )
        if heard[Outcome.UNKNOWN]:
            log.warning("a provider gives no usable answer", enquiries=heard[Outcome.UNKNOWN])

    async def check(self) -> None:
        heard = await check_weak_notifications(
            providers=self.providers, uow=self.open_uow(), clock=self.clock, ids=self.ids
        )
        if heard[Outcome.UNKNOWN]:
            log.warning("a notice could not be checked", notices=heard[Outcome.UNKNOWN])

    async def alarm(self) -> None:
        unknown = await count_unknown_attempts(uow=self.open_uow(), clock=self.clock)
        if unknown:
            log.error("payments unknown for more than a day", attempts=unknown)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bills:
    open_uow: Callable[[], SqlUnitOfWork]
    open_reading: Callable[[], SqlReading]
    desk: BillDesk

    async def work(self) -> None:
        while await work_on_batches(
            uow=self.open_uow(), open_reading=self.open_reading, desk=self.desk
        ):
            continue


def _bills(
    settings: PaymentSettings,
    database: Database,
    *,
    open_uow: Callable[[], SqlUnitOfWork],
    clock: Clock,
    ids: Ids,
) -> _Bills:
    desk = BillDesk(
        seals=Sealer.from_directory(settings.sealing_keys),
        clock=clock,
        ids=ids,
        provider=settings.vietqr_provider,
    )
    return _Bills(open_uow=open_uow, open_reading=lambda: SqlReading(database), desk=desk)


def _schedules(watch: _Watch, bills: _Bills, *, every_seconds: float) -> list[Schedule]:
    return [
        Schedule(name="bills", every_seconds=every_seconds, run=bills.work),
        Schedule(name="expire", every_seconds=every_seconds, run=watch.expire),
        Schedule(name="enquire", every_seconds=every_seconds, run=watch.enquire),
        Schedule(name="check", every_seconds=every_seconds, run=watch.check),
        Schedule(name="alarm", every_seconds=ALARM_SECONDS, run=watch.alarm),
    ]
