from datetime import datetime
from typing import Literal
from uuid import UUID

from chassis.events import Envelope, EventData
from chassis.money import Money
from services.dossier.consumers.tools import Tools
from services.dossier.domain.refund import Refund, RefundStatus
from services.dossier.use_cases.record_refund import record_refund


class RefundNews(EventData):
    """What we read of every refund event. Money that names no fee is nothing to a dossier."""

    refund_id: UUID
    payment_intent_id: UUID | None
    amount_minor_units: int
    currency: str
    requested_at: datetime

    def ended(self) -> tuple[RefundStatus, datetime | None]:
        return RefundStatus.REQUESTED, None


class RefundRequested(RefundNews):
    """refund.requested.v1"""


class RefundSucceeded(RefundNews):
    """refund.succeeded.v1"""

    refunded_at: datetime

    def ended(self) -> tuple[RefundStatus, datetime | None]:
        return RefundStatus.SUCCEEDED, self.refunded_at


class RefundFailed(RefundNews):
    """refund.failed.v1"""

    status: Literal["failed", "rejected", "withdrawn"]
    failed_at: datetime

    def ended(self) -> tuple[RefundStatus, datetime | None]:
        return RefundStatus(self.status), self.failed_at


async def on_refund_requested(event: Envelope[RefundRequested], tools: Tools) -> None:
    await _record(event.id, event.data, tools)


async def on_refund_succeeded(event: Envelope[RefundSucceeded], tools: Tools) -> None:
    await _record(event.id, event.data, tools)


async def on_refund_failed(event: Envelope[RefundFailed], tools: Tools) -> None:
    await _record(event.id, event.data, tools)


async def _record(event_id: UUID, said: RefundNews, tools: Tools) -> None:
    if said.payment_intent_id is None:
        return
    status, ended_at = said.ended()
    refund = Refund(
        refund_id=said.refund_id,
        fee_request_id=said.payment_intent_id,
        amount=Money(said.amount_minor_units, said.currency),
        status=status,
        requested_at=said.requested_at,
        ended_at=ended_at,
    )
    await record_refund(refund, caused_by=event_id, uow=tools.uow())
