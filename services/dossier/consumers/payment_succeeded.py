from datetime import datetime
from uuid import UUID

from chassis.events import Envelope, EventData
from services.dossier.consumers.tools import Tools
from services.dossier.use_cases.record_payment_succeeded import record_payment_succeeded


class PaymentSucceeded(EventData):
    """What we read of payment.succeeded.v1."""

    payment_intent_id: UUID
    paid_at: datetime


async def on_payment_succeeded(event: Envelope[PaymentSucceeded], tools: Tools) -> None:
    await record_payment_succeeded(
        event.data.payment_intent_id,
        paid_at=event.data.paid_at,
        caused_by=event.id,
        uow=tools.uow(),
        clock=tools.clock,
    )
