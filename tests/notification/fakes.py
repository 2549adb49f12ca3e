"""In-memory stand-ins that fit the ports; mypy proves that they still do."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import TracebackType
from typing import Self
from uuid import UUID

from chassis.testing import RecordingOutbox, SetInbox
from services.notification.domain.delivery import Delivery
from services.notification.domain.errors import (
    DocumentsUnavailable,
    UnknownDelivery,
    UnknownEndpoint,
)
from services.notification.domain.message import Message, MessageState
from services.notification.domain.sending import Lease, Outcome
from services.notification.domain.webhook_delivery import (
    WebhookDelivery,
    WebhookRetry,
    WebhookState,
)
from services.notification.domain.webhook_endpoint import EndpointState, WebhookEndpoint
from services.notification.ports import Documents, Letter, UnitOfWork, WebhookCall


class FakeMessages:
    def __init__(self) -> None:
        self.rows: dict[UUID, Message] = {}
        self.leases: dict[UUID, Lease] = {}

    async def add_once(self, message: Message) -> bool:
        if any(one.subject_key == message.subject_key for one in self.rows.values()):
            return False
        self.rows[message.id] = message
        return True

    async def claim_due(self, lease: Lease, *, limit: int) -> Sequence[Message]:
        due = [
            one
            for one in self.rows.values()
            if one.state is MessageState.QUEUED
            and one.due_at <= lease.taken_at
            and not _held(self.leases.get(one.id), lease.taken_at)
        ]
        claimed = [replace(one, attempts=one.attempts + 1) for one in due[:limit]]
        for one in claimed:
            self.rows[one.id] = one
            self.leases[one.id] = lease
        return claimed

    async def settle(self, message: Message, lease: Lease) -> bool:
        if self.leases.get(message.id) != lease:
            return False
        del self.leases[message.id]
        self.rows[message.id] = message
        return True


class FakeDeliveries:
    def __init__(self) -> None:
        self.rows: list[Delivery] = []

    async def add(self, delivery: Delivery) -> None:
        self.rows.append(delivery)


class FakeWebhookEndpoints:
    def __init__(self) -> None:
        self.rows: dict[UUID, WebhookEndpoint] = {}

    async def add_once(self, endpoint: WebhookEndpoint) -> WebhookEndpoint:
        for one in self.rows.values():
            if (one.client_id, one.request.key) == (endpoint.client_id, endpoint.request.key):
                return one
        self.rows[endpoint.id] = endpoint
        return endpoint

    async def get_for_update(self, endpoint_id: UUID) -> WebhookEndpoint:
        if endpoint_id not in self.rows:
            raise UnknownEndpoint(endpoint_id)
        return self.rows[endpoint_id]

    async def count_kept(self, client_id: str) -> int:
        return len(self._kept(client_id))

    async def list_hearing(self, client_id: str, event_type: str) -> Sequence[WebhookEndpoint]:
        return [one for one in self._kept(client_id) if event_type in one.event_types]

    async def list_by_id(self, ids: Collection[UUID]) -> Mapping[UUID, WebhookEndpoint]:
        return {id: self.rows[id] for id in ids}

    async def save(self, endpoint: WebhookEndpoint) -> None:
        self.rows[endpoint.id] = endpoint

    def _kept(self, client_id: str) -> list[WebhookEndpoint]:
        return [
            one
            for one in self.rows.values()
            if one.client_id == client_id and one.state is not EndpointState.REMOVED
        ]


class FakeWebhookDeliveries:
    def __init__(self) -> None:
        self.rows: dict[UUID, WebhookDelivery] = {}
        self.leases: dict[UUID, Lease] = {}

    @property
    def only(self) -> WebhookDelivery:
        (one,) = self.rows.values()
        return one

    async def add_once(self, deliveries: Sequence[WebhookDelivery]) -> None:
        there = {(one.endpoint_id, one.event_id) for one in self.rows.values()}
        for one in deliveries:
            if (one.endpoint_id, one.event_id) not in there:
                self.rows[one.id] = one

    async def claim_due(self, lease: Lease, *, limit: int) -> Sequence[WebhookDelivery]:
        due = [
            one
            for one in self.rows.values()
            if one.state is WebhookState.PENDING
            and one.due_at <= lease.taken_at
            and not _held(self.leases.get(one.id), lease.taken_at)
        ]
        claimed = [replace(one, attempts=one.attempts + 1) for one in due[:limit]]
        for one in claimed:
            self.rows[one.id] = one
            self.leases[one.id] = lease
        return claimed

    async def settle(self, delivery: WebhookDelivery, lease: Lease) -> bool:
        if self.leases.get(delivery.id) != lease:
            return False
        del self.leases[delivery.id]
        self.rows[delivery.id] = delivery
        return True

    async def get_for_update(self, delivery_id: UUID, *, client_id: str) -> WebhookDelivery:
        found = self.rows.get(delivery_id)
        if found is None or found.client_id != client_id:
            raise UnknownDelivery(delivery_id)
        return found

    async def save(self, delivery: WebhookDelivery) -> None:
        self.rows[delivery.id] = delivery


class FakeWebhookRetries:
    def __init__(self) -> None:
        self.rows: list[WebhookRetry] = []

    async def find(self, client_id: str, key: str) -> WebhookRetry | None:
        for one in self.rows:
            if (one.request.client_id, one.request.key) == (client_id, key):
                return one
        return None

    async def add_once(self, retry: WebhookRetry) -> WebhookRetry:
        there = await self.find(retry.request.client_id, retry.request.key)
        if there is None:
            self.rows.append(retry)
        return there or retry


class FakeUnitOfWork:
    """Remembers across uses, and counts how many transactions are open."""

    def __init__(self) -> None:
        self.inbox = SetInbox()
        self.outbox = RecordingOutbox()
        self.messages = FakeMessages()
        self.deliveries = FakeDeliveries()
        self.endpoints = FakeWebhookEndpoints()
        self.webhook_deliveries = FakeWebhookDeliveries()
        self.retries = FakeWebhookRetries()
        self.open = 0

    async def __aenter__(self) -> Self:
        self.open += 1
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.open -= 1

    def again(self) -> UnitOfWork:
        return self


class FakeWaitingWork:
    async def message_due(self, now: datetime) -> bool:
        return True

    async def webhook_due(self, now: datetime) -> bool:
        return True


@dataclass
class FakeEmail:
    """Answers with the given outcomes in turn, the last one for ever."""

    outcomes: list[Outcome] = field(default_factory=lambda: [Outcome.done()])
    sent: list[Letter] = field(default_factory=list)

    async def send(self, letter: Letter) -> Outcome:
        self.sent.append(letter)
        return self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]


@dataclass
class FakeWebhook:
    outcomes: list[Outcome] = field(default_factory=lambda: [Outcome.done(status_code=204)])
    calls: list[WebhookCall] = field(default_factory=list)

    async def post(self, call: WebhookCall) -> Outcome:
        self.calls.append(call)
        return self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]


@dataclass
class FakeDocuments:
    missing: bool = False

    async def fetch(self, receipt_id: UUID) -> Documents:
        if self.missing:
            raise DocumentsUnavailable(receipt_id)
        return Documents(pdf=b"%PDF-1.7 fake", xml="<BienLai>Lệ phí</BienLai>".encode())


def _held(lease: Lease | None, now: datetime) -> bool:
    return lease is not None and lease.until >= now
