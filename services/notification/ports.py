"""What the use cases need, as they see it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self
from uuid import UUID

from chassis.ports import Inbox, Outbox
from services.notification.domain.delivery import Delivery
from services.notification.domain.message import Message, ReceiptFacts
from services.notification.domain.sending import Lease, Outcome
from services.notification.domain.webhook_delivery import (
    WebhookDelivery,
    WebhookRetry,
    WebhookState,
)
from services.notification.domain.webhook_endpoint import WebhookEndpoint


class Messages(Protocol):
    async def add_once(self, message: Message) -> bool:
        """False when a message about the same thing is already there."""

    async def claim_due(self, lease: Lease, *, limit: int) -> Sequence[Message]:
        """Take the longest due for this lease, one attempt counted; others' are skipped."""

    async def settle(self, message: Message, lease: Lease) -> bool:
        """Record what a try came to and end the lease; False when the lease was lost."""


class Deliveries(Protocol):
    async def add(self, delivery: Delivery) -> None: ...


class WebhookEndpoints(Protocol):
    async def add_once(self, endpoint: WebhookEndpoint) -> WebhookEndpoint:
        """Store it unless its request key already made one; answer with the stored one."""

    async def get_for_update(self, endpoint_id: UUID) -> WebhookEndpoint: ...

    async def count_kept(self, client_id: str) -> int: ...

    async def list_hearing(self, client_id: str, event_type: str) -> Sequence[WebhookEndpoint]:
        """Those that asked for this type and were not removed, disabled ones among them."""

    async def list_by_id(self, ids: Collection[UUID]) -> Mapping[UUID, WebhookEndpoint]: ...

    async def save(self, endpoint: WebhookEndpoint) -> None: ...


class WebhookDeliveries(Protocol):
    async def add_once(self, deliveries: Sequence[WebhookDelivery]) -> None:
        """Leave out those whose endpoint already has the event."""

    async def claim_due(self, lease: Lease, *, limit: int) -> Sequence[WebhookDelivery]: ...

    async def settle(self, delivery: WebhookDelivery, lease: Lease) -> bool: ...

    async def get_for_update(self, delivery_id: UUID, *, client_id: str) -> WebhookDelivery: ...

    async def save(self, delivery: WebhookDelivery) -> None: ...


class WebhookRetries(Protocol):
    async def find(self, client_id: str, key: str) -> WebhookRetry | None: ...

    async def add_once(self, retry: WebhookRetry) -> WebhookRetry: ...


class UnitOfWork(Protocol):
    @property
    def inbox(self) -> Inbox: ...

    @property
    def outbox(self) -> Outbox: ...

    @property
    def messages(self) -> Messages: ...

    @property
    def deliveries(self) -> Deliveries: ...

    @property
    def endpoints(self) -> WebhookEndpoints: ...

    @property
    def webhook_deliveries(self) -> WebhookDeliveries: ...

    @property
    def retries(self) -> WebhookRetries: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


OpenUnitOfWork = Callable[[], UnitOfWork]


class WaitingWork(Protocol):
    """A look without a lock, so that an idle worker disturbs nobody."""

    async def message_due(self, now: datetime) -> bool: ...

    async def webhook_due(self, now: datetime) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    endpoint_id: UUID | None = None
    event_type: str | None = None
    state: WebhookState | None = None
    # The last id of the page before; newest come first.
    before: UUID | None = None
    limit: int = 50


class WebhookRecords(Protocol):
    """What a client may look up: its own only."""

    async def get_endpoint(self, endpoint_id: UUID, *, client_id: str) -> WebhookEndpoint: ...

    async def list_endpoints(self, client_id: str) -> Sequence[WebhookEndpoint]: ...

    async def list_deliveries(
        self, client_id: str, wanted: DeliveryFilter
    ) -> Sequence[WebhookDelivery]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Undelivered:
    """Letters that failed for good, and letters that should have gone by now."""

    failed: int
    late: int


class LetterRecords(Protocol):
    """What an operator looks after: receipts whose letter did not arrive."""

    async def count_undelivered(self, *, late_before: datetime) -> Undelivered:
        """Late are those that wait since before this moment."""

    async def list_undelivered(
        self, *, late_before: datetime, before: UUID | None, limit: int
    ) -> Sequence[Message]:
        """The latest first; `before` is the id of the last one seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """A receipt as its payer keeps it."""

    pdf: bytes
    xml: bytes


class ReceiptDocuments(Protocol):
    async def fetch(self, receipt_id: UUID) -> Documents:
        """The bytes as issued; raises DocumentsUnavailable when they cannot be had now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Everything an e-mail needs, in memory only: address and name are never written or logged."""

    message_id: UUID
    to_address: str
    to_name: str
    facts: ReceiptFacts
    documents: Documents


class EmailChannel(Protocol):
    async def send(self, letter: Letter) -> Outcome:
        """Hand the letter to a mail server. Raises nothing that a network can cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookCall:
    url: str
    webhook_id: str
    body: bytes


class WebhookChannel(Protocol):
    async def post(self, call: WebhookCall) -> Outcome:
        """Sign and post the bytes once. Raises nothing that a network can cause."""
