"""Beside the API: hears events, sends letters and webhooks, says what the outbox holds."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import httpx
import structlog
from prometheus_client import Gauge

from chassis.auth import TokenMinter
from chassis.clock import Clock, SystemClock
from chassis.db import Database
from chassis.ids import Ids, SystemIds
from chassis.sealing import Sealer
from chassis.transport import Transport
from chassis.worker import Schedule, Worker
from services.notification.channels.email import MailServer, Sender, SmtpEmail
from services.notification.channels.letters import LetterWriter
from services.notification.channels.receipt_documents import HttpReceiptDocuments
from services.notification.channels.webhook import (
    HttpWebhook,
    load_webhook_key,
    open_webhook_client,
)
from services.notification.consumers import CONSUMERS
from services.notification.consumers.tools import Tools
from services.notification.domain.sending import RetrySchedule
from services.notification.ports import LetterRecords, ReceiptDocuments
from services.notification.settings import NotificationSettings
from services.notification.storage.letter_records import SqlLetterRecords
from services.notification.storage.records import SqlWaitingWork
from services.notification.storage.tables import OUTBOX
from services.notification.storage.unit_of_work import SqlUnitOfWork
from services.notification.use_cases.list_undelivered import count_undelivered
from services.notification.use_cases.send_due_messages import MessageSending, send_due_messages
from services.notification.use_cases.send_due_webhooks import WebhookSending, send_due_webhooks

SERVICE = "notification"
DOCUMENTS_TIMEOUT_SECONDS = 20.0
COUNTED_SECONDS: Final = 15.0
UNDELIVERED: Final = Gauge(
    "notification_undelivered_receipts",
    "Letters with a receipt that failed for good, or wait for more than a minute",
    ["state"],
)
log = structlog.get_logger()

Sending = TypeVar("Sending")


def create_worker(
    settings: NotificationSettings,
    *,
    transport: Transport,
    receipt_documents_client: httpx.AsyncClient | None = None,
    database: Database | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
) -> Worker[Tools]:
    """`receipt_documents_client` reaches the receipt service: over HTTP when it is not given."""
    clock = clock or SystemClock()
    ids = ids or SystemIds(clock)
    opened = database or Database.open(settings.database_url, pool_size=settings.database_pool_size)

    def open_uow() -> SqlUnitOfWork:
        return SqlUnitOfWork(opened, clock=clock, ids=ids)

    tools = Tools(
        open_uow=open_uow,
        sealer=Sealer.from_directory(settings.keys_dir / "sealing"),
        clock=clock,
        ids=ids,
    )
    own = httpx.AsyncClient(
        base_url=settings.receipt_url, timeout=DOCUMENTS_TIMEOUT_SECONDS, trust_env=False
    )
    minter = TokenMinter.from_directory(
        SERVICE, settings.keys_dir / "internal", clock=clock, ids=ids
    )
    documents = HttpReceiptDocuments(receipt_documents_client or own, minter=minter)
    waiting = SqlWaitingWork(opened)
    messages = _message_sending(settings, tools, waiting=waiting, documents=documents)
    webhooks = _webhook_sending(settings, tools, waiting=waiting)
    return Worker(
        service=SERVICE,
        database=opened,
        outbox=OUTBOX,
        transport=transport,
        internal_keys=settings.keys_dir / "internal",
        consumers=CONSUMERS,
        tools=tools,
        schedules=[
            _often("send_messages", settings, send_due_messages, messages),
            _often("send_webhooks", settings, send_due_webhooks, webhooks),
            _counting(SqlLetterRecords(opened), clock),
        ],
        closing=[own.aclose],
    )


def _counting(letters: LetterRecords, clock: Clock) -> Schedule:
    """A receipt that did not reach its payer is somebody's work."""

    async def count() -> None:
        undelivered = await count_undelivered(letters=letters, clock=clock)
        UNDELIVERED.labels(state="failed").set(undelivered.failed)
        UNDELIVERED.labels(state="late").set(undelivered.late)
        if undelivered.late:
            log.error("receipts wait to be delivered", late=undelivered.late)

    return Schedule(name="count_undelivered", every_seconds=COUNTED_SECONDS, run=count)


def _message_sending(
    settings: NotificationSettings,
    tools: Tools,
    *,
    waiting: SqlWaitingWork,
    documents: ReceiptDocuments,
) -> MessageSending:
    password = settings.smtp_password
    server = MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        user=settings.smtp_user,
        password=None if password is None else password.get_secret_value(),
        timeout_seconds=settings.smtp_timeout_seconds,
        ca_file=None if settings.smtp_ca_file is None else str(settings.smtp_ca_file),
    )
    email = SmtpEmail(
        server,
        sender=Sender(name=settings.sender_name, address=settings.sender_address),
        writer=LetterWriter(lookup_url=settings.full_lookup_url, sender_name=settings.sender_name),
        clock=tools.clock,
    )
    return MessageSending(
        open_uow=tools.open_uow,
        waiting=waiting,
        email=email,
        documents=documents,
        sealer=tools.sealer,
        schedule=RetrySchedule.of_seconds(*settings.retry_seconds),
        clock=tools.clock,
        ids=tools.ids,
    )


def _webhook_sending(
    settings: NotificationSettings, tools: Tools, *, waiting: SqlWaitingWork
) -> WebhookSending:
    channel = HttpWebhook(
        open_webhook_client(),
        key=load_webhook_key(settings.keys_dir),
        allow_private=settings.allow_private_webhooks,
        clock=tools.clock,
    )
    return WebhookSending(
        open_uow=tools.open_uow,
        waiting=waiting,
        channel=channel,
        schedule=RetrySchedule.of_seconds(*settings.retry_seconds),
        failures_max=settings.webhook_failures_max,
        clock=tools.clock,
        ids=tools.ids,
    )


def _often(
    name: str,
    settings: NotificationSettings,
    send: Callable[[Sending], Awaitable[int]],
    sending: Sending,
) -> Schedule:
    async def run() -> None:
        # A full batch means that more may wait.
        while await send(sending):
            continue

    return Schedule(name=name, every_seconds=settings.poll_seconds, run=run)
