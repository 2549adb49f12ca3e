from datetime import datetime
from uuid import UUID

from chassis.events import Envelope, EventData
from services.dossier.consumers.tools import Tools
from services.dossier.use_cases.record_payment_expired import record_payment_expired


class PaymentExpired(EventData):
    """What we read of payment.expired.v1."""

    payment_intent_id: UUID
    expired_at: datetime


async def on_payment_expired(event: Envelope[PaymentExpired], tools: Tools) -> None:
    await record_payment_expired(
        event.data.payment_intent_id,
        at=event.data.expired_at,
        caused_by=event.id,
        uow=tools.uow(),
    )
